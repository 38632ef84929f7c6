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
        If the channels of `x` are not `groups` times those of the kernel, or a size is
        not known where a stride meets a dilation.

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
    _check(x, kernel, groups)
    rank = len(kernel.shape) - 2
    steps, holes = _each(stride, rank), _each(dilation, rank)
    if max(steps) == 1 or max(holes) == 1:
        y = ops.conv(x, kernel, strides=steps, padding="same", dilation_rate=holes)
        return y if bias is None else y + bias
    if None in tuple(x.shape)[1:-1]:
        raise ValueError(f"x must have known sizes. Received: shape {x.shape}")
    edges = [(0, 0)] * (rank + 2)
    for axis, (k, s, d) in enumerate(zip(kernel.shape, steps, holes, strict=False), 1):
        n = int(x.shape[axis])
        missing = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        edges[axis] = missing // 2, missing - missing // 2
    y = ops.conv(ops.pad(x, edges), kernel, dilation_rate=holes)
    return _thinned(y, steps) if bias is None else _thinned(y, steps) + bias


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
        If the channels of `x` are not `groups` times those of the kernel.

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
    _check(x, kernel, groups)
    rank = len(kernel.shape) - 2
    steps, holes = _each(stride, rank), _each(dilation, rank)
    x = ops.pad(x, [(0, 0), *[(p, p) for p in _each(padding, rank)], (0, 0)])
    if max(steps) == 1 or max(holes) == 1:
        y = ops.conv(x, kernel, strides=steps, dilation_rate=holes)
    else:
        y = _thinned(ops.conv(x, kernel, dilation_rate=holes), steps)
    return y if bias is None else y + bias


def _each(option: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    return (option,) * rank if isinstance(option, int) else option


def _check(x: KerasTensor, kernel: KerasTensor, groups: int) -> None:
    # Keras would guess the groups from the shapes
    if x.shape[-1] != groups * kernel.shape[-2]:
        raise ValueError(
            f"x must have groups * {kernel.shape[-2]} channels. Received: "
            f"{x.shape[-1]} with groups={groups}"
        )


def _thinned(y: KerasTensor, steps: tuple[int, ...]) -> KerasTensor:
    return y[(slice(None), *[slice(None, None, s) for s in steps])]
