"""Transposed convolution, cropped as TensorFlow's 'same' or as torch does."""

import keras
from keras import KerasTensor, ops

__all__ = ["same_conv_transpose", "symmetric_conv_transpose"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def same_conv_transpose(
    x: KerasTensor,
    kernel: KerasTensor,
    bias: KerasTensor | None = None,
    *,
    stride: int | tuple[int, ...] = 1,
) -> KerasTensor:
    r"""Transposed convolution in 1, 2 or 3-D of length $n s$.

    It is the gradient of the convolution with 'same' padding: of the
    $p = \max(k - s, 0)$ surplus places $\lfloor p/2 \rfloor$ are cut off before and the
    rest behind. Keras' own `padding="same"`; its twin gives the same numbers in torch.

    Parameters
    ----------
    x : tensor, shape (N, ..., C)
        Inputs.
    kernel : tensor, shape (..., K, C)
        Kernels, such as the `kernel` of a `Conv2DTranspose`.
    bias : tensor, shape (K,), optional
        Added to every place of a channel.
    stride : int or tuple of int
        Step between stamps.

    Returns
    -------
    tensor, shape (N, ..., K)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` and `kernel` have not as many axes as each other, `bias` is not one
        number per output channel, or `stride` is not one int >= 1 or one per axis.

    Examples
    --------
    >>> x = ops.reshape([1.0, 10.0], (1, 2, 1))
    >>> kernel = ops.reshape([1.0, 2.0, 3.0], (3, 1, 1))
    >>> y = same_conv_transpose(x, kernel, stride=2)
    >>> [round(float(v), 4) for v in ops.reshape(y, (-1,))]
    [1.0, 2.0, 13.0, 20.0]

    References
    ----------
    Zeiler et al., "Deconvolutional networks", 2010.
    <https://doi.org/10.1109/CVPR.2010.5539957>
    """
    _check(x, kernel, bias)
    steps = _each("stride", stride, len(kernel.shape) - 2)
    y = ops.conv_transpose(x, kernel, strides=steps, padding="same")
    return y if bias is None else y + bias


@keras.saving.register_keras_serializable(package="dlcookbook")
def symmetric_conv_transpose(
    x: KerasTensor,
    kernel: KerasTensor,
    bias: KerasTensor | None = None,
    *,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    output_padding: int | tuple[int, ...] = 0,
) -> KerasTensor:
    r"""Transposed convolution of length $(n - 1) s - 2p + k$ and `output_padding`.

    torch's crop, in 1, 2 or 3-D: as much before as behind, and less behind by
    `output_padding`.

    Parameters
    ----------
    x : tensor, shape (N, ..., C)
        Inputs.
    kernel : tensor, shape (..., K, C)
        Kernels, such as the `kernel` of a `Conv2DTranspose`.
    bias : tensor, shape (K,), optional
        Added to every place of a channel.
    stride : int or tuple of int
        Step between stamps.
    padding : int or tuple of int
        What is cut off on either side.
    output_padding : int or tuple of int
        What is not cut off at the end, less than the stride.

    Returns
    -------
    tensor, shape (N, ..., K)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` and `kernel` have not as many axes as each other, `bias` is not one
        number per output channel, an option is not one int or one per axis in its
        range, or nothing is left.

    Examples
    --------
    >>> x = ops.reshape([1.0, 10.0], (1, 2, 1))
    >>> kernel = ops.reshape([1.0, 2.0, 3.0], (3, 1, 1))
    >>> y = symmetric_conv_transpose(x, kernel, stride=2, padding=1, output_padding=1)
    >>> [round(float(v), 4) for v in ops.reshape(y, (-1,))]
    [2.0, 13.0, 20.0, 30.0]

    References
    ----------
    Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016.
    <https://arxiv.org/abs/1603.07285>
    """
    _check(x, kernel, bias)
    rank = len(kernel.shape) - 2
    steps, cuts = _each("stride", stride, rank), _each("padding", padding, rank, 0)
    more = _each("output_padding", output_padding, rank, 0)
    y = ops.conv_transpose(x, kernel, strides=steps, padding="valid")
    inner, edges = [], []
    sizes = zip(x.shape[1:-1], kernel.shape, steps, cuts, more, strict=False)
    for n, k, s, p, o in sizes:
        short = n is not None and (n - 1) * s - 2 * p + k + o < 1
        if o >= s or short:
            raise ValueError(
                "output_padding must be less than stride, and padding must leave "
                f"something. Received: {output_padding} and {padding}"
            )
        # what is there behind the last stamp, minus what is wanted there
        surplus = max(s - k, 0) + p - o
        inner.append(slice(p, -surplus if surplus > 0 else None))
        edges.append((0, max(-surplus, 0)))
    y = y[(slice(None), *inner)]
    if any(max(edge) > 0 for edge in edges):
        y = ops.pad(y, [(0, 0), *edges, (0, 0)])
    return y if bias is None else y + bias


def _each(
    name: str, option: int | tuple[int, ...], rank: int, least: int = 1
) -> tuple[int, ...]:
    given = tuple(option) if isinstance(option, list | tuple) else (option,) * rank
    fits = all(hasattr(n, "__index__") and n >= least for n in given)
    if len(given) != rank or not fits:
        raise ValueError(f"{name} must be {rank} ints >= {least}. Received: {option!r}")
    return given


def _check(x: KerasTensor, kernel: KerasTensor, bias: KerasTensor | None) -> None:
    sizes, (*window, outs, _) = tuple(x.shape), kernel.shape
    said = f"Received: x {sizes}, kernel {tuple(kernel.shape)}"
    if not 1 <= len(window) == len(sizes) - 2 <= 3 or 0 in (*sizes[1:], *kernel.shape):
        raise ValueError(f"x and kernel must have as many axes, none empty. {said}")
    if bias is not None and tuple(bias.shape) != (outs,):
        raise ValueError(f"bias must have shape ({outs},). Received: {bias.shape}")
