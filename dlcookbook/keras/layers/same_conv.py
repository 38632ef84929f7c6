"""Convolution with TensorFlow's 'same' padding or torch's symmetric one."""

import keras
from keras import KerasTensor, ops

__all__ = ["same_conv", "symmetric_conv"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def same_conv(
    x: KerasTensor,
    kernel: KerasTensor,
    bias: KerasTensor | None = None,
    *,
    stride: int | tuple[int, ...] = 1,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> KerasTensor:
    r"""Convolution in 1, 2 or 3-D whose output has length $\lceil n / s \rceil$.

    Of the $p = \max((\lceil n/s \rceil - 1) s + d(k-1) + 1 - n, 0)$ zeros,
    $\lfloor p/2 \rfloor$ stand before and the rest behind: Keras' own `padding="same"`.
    A stride together with a dilation, which Keras refuses, is computed at stride 1 and
    thinned out.

    Parameters
    ----------
    x : tensor, shape (N, ..., C)
        Inputs.
    kernel : tensor, shape (..., C / groups, K)
        Kernels, such as the `kernel` of a `Conv2D`.
    bias : tensor, shape (K,), optional
        Added to every place of a channel.
    stride : int or tuple of int
        Step between windows.
    dilation : int or tuple of int
        Step inside a window.
    groups : int
        Number of groups of channels; as many as channels is a depthwise convolution.

    Returns
    -------
    tensor, shape (N, ..., K)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If axes, channels, `groups` or `bias` do not fit each other, an option is not
        one int or one per axis, or a size is unknown where a stride meets a dilation.

    Examples
    --------
    >>> x, kernel = ops.reshape([1.0, 2.0, 3.0, 4.0], (1, 4, 1)), ops.ones((3, 1, 1))
    >>> y = same_conv(x, kernel, stride=2)
    >>> [round(float(v), 4) for v in ops.reshape(y, (-1,))]
    [6.0, 7.0]

    References
    ----------
    TensorFlow, "Notes on padding". <https://www.tensorflow.org/api_docs/python/tf/nn>
    """
    steps, holes = _checked(x, kernel, bias, groups, stride, dilation)
    if max(steps) == 1 or max(holes) == 1:
        y = ops.conv(x, kernel, strides=steps, padding="same", dilation_rate=holes)
        return y if bias is None else y + bias
    if None in tuple(x.shape)[1:-1]:
        raise ValueError(f"x must have known sizes. Received: shape {x.shape}")
    edges = [(0, 0)]
    for n, k, s, d in zip(x.shape[1:-1], kernel.shape, steps, holes, strict=False):
        missing = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        edges.append((missing // 2, missing - missing // 2))
    options = {"stride": stride, "dilation": dilation, "groups": groups}
    return symmetric_conv(ops.pad(x, [*edges, (0, 0)]), kernel, bias, **options)


@keras.saving.register_keras_serializable(package="dlcookbook")
def symmetric_conv(
    x: KerasTensor,
    kernel: KerasTensor,
    bias: KerasTensor | None = None,
    *,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> KerasTensor:
    r"""Convolution of length $\lfloor (n + 2p - d(k-1) - 1) / s \rfloor + 1$.

    torch's padding, in 1, 2 or 3-D: as many zeros before as behind, which
    `padding="same"` does not have on even sizes with a stride.

    Parameters
    ----------
    x : tensor, shape (N, ..., C)
        Inputs.
    kernel : tensor, shape (..., C / groups, K)
        Kernels, such as the `kernel` of a `Conv2D`.
    bias : tensor, shape (K,), optional
        Added to every place of a channel.
    stride : int or tuple of int
        Step between windows.
    padding : int or tuple of int
        Zeros on either side, >= 0.
    dilation : int or tuple of int
        Step inside a window.
    groups : int
        Number of groups of channels; as many as channels is a depthwise convolution.

    Returns
    -------
    tensor, shape (N, ..., K)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If axes, channels, `groups`, `bias` or sizes do not fit each other, or an option
        is not one int or one per axis.

    Examples
    --------
    >>> x, kernel = ops.reshape([1.0, 2.0, 3.0, 4.0], (1, 4, 1)), ops.ones((3, 1, 1))
    >>> y = symmetric_conv(x, kernel, stride=2, padding=1)
    >>> [round(float(v), 4) for v in ops.reshape(y, (-1,))]
    [3.0, 9.0]

    References
    ----------
    Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016.
    <https://arxiv.org/abs/1603.07285>
    """
    steps, holes = _checked(x, kernel, bias, groups, stride, dilation)
    edges = _each("padding", padding, len(steps), 0)
    for n, k, p, d in zip(x.shape[1:-1], kernel.shape, edges, holes, strict=False):
        if n is not None and n + 2 * p <= d * (k - 1):
            raise ValueError(f"kernel must fit into x. Received: {kernel.shape}")
    x = ops.pad(x, [(0, 0), *[(p, p) for p in edges], (0, 0)])
    thin = max(steps) > 1 and max(holes) > 1
    y = ops.conv(x, kernel, strides=1 if thin else steps, dilation_rate=holes)
    y = y[(slice(None), *[slice(None, None, s) for s in steps])] if thin else y
    return y if bias is None else y + bias


def _each(name, option, rank, least=1) -> tuple[int, ...]:
    given = tuple(option) if isinstance(option, list | tuple) else (option,) * rank
    fits = all(hasattr(n, "__index__") and n >= least for n in given)
    if len(given) != rank or not fits:
        raise ValueError(f"{name} must be {rank} ints >= {least}. Received: {option!r}")
    return given


def _checked(x, kernel, bias, groups, stride, dilation) -> list[tuple[int, ...]]:
    sizes, (*window, ins, outs) = tuple(x.shape), kernel.shape
    said = f"Received: x {sizes}, kernel {tuple(kernel.shape)}, groups={groups}"
    if not 1 <= len(window) == len(sizes) - 2 <= 3 or 0 in (*sizes[1:], *kernel.shape):
        raise ValueError(f"x and kernel must have as many axes, none empty. {said}")
    if sizes[-1] != groups * ins or outs % groups:  # Keras would guess the groups
        raise ValueError(f"x must have {ins} channels for each of groups. {said}")
    if bias is not None and tuple(bias.shape) != (outs,):
        raise ValueError(f"bias must have shape ({outs},). Received: {bias.shape}")
    options = {"stride": stride, "dilation": dilation}
    return [_each(name, option, len(window)) for name, option in options.items()]
