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
        If `x` and `kernel` have not as many axes as each other.

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
    _check(x, kernel)
    steps = _each(stride, len(kernel.shape) - 2)
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
        If `x` and `kernel` have not as many axes as each other, `padding` is negative
        or `output_padding` is not from 0 to the stride - 1.

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
    _check(x, kernel)
    rank = len(kernel.shape) - 2
    steps, cuts, more = (_each(o, rank) for o in (stride, padding, output_padding))
    y = ops.conv_transpose(x, kernel, strides=steps, padding="valid")
    inner, edges = [], []
    for k, s, p, o in zip(kernel.shape[:-2], steps, cuts, more, strict=True):
        if p < 0 or not 0 <= o < s:
            raise ValueError(
                "padding must be >= 0 and output_padding from 0 to stride - 1. "
                f"Received: {padding} and {output_padding}"
            )
        # what is there behind the last stamp, minus what is wanted there
        surplus = max(s - k, 0) + p - o
        inner.append(slice(p, -surplus if surplus > 0 else None))
        edges.append((0, max(-surplus, 0)))
    y = y[(slice(None), *inner)]
    if any(max(edge) > 0 for edge in edges):
        y = ops.pad(y, [(0, 0), *edges, (0, 0)])
    return y if bias is None else y + bias


def _each(option: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    return (option,) * rank if isinstance(option, int) else option


def _check(x: KerasTensor, kernel: KerasTensor) -> None:
    if len(x.shape) != len(kernel.shape):
        raise ValueError(
            "x and kernel must have as many axes as each other. Received: "
            f"x {tuple(x.shape)}, kernel {tuple(kernel.shape)}"
        )
