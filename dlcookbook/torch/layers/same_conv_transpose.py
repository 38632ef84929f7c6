"""Transposed convolution, cropped as TensorFlow's 'same' or as torch does."""

from torch import Tensor
from torch.nn import functional as F

__all__ = ["same_conv_transpose", "symmetric_conv_transpose"]


def same_conv_transpose(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int | tuple[int, ...] = 1,
) -> Tensor:
    r"""Transposed convolution in 1, 2 or 3-D of length $n s$.

    It is the gradient of the convolution with 'same' padding: of the
    $p = \max(k - s, 0)$ surplus places $\lfloor p/2 \rfloor$ are cut off before and the
    rest behind. A kernel of 3 at stride 2 loses one behind; torch's usual `padding=1,
    output_padding=1` loses one before, and everything is one pixel off.

    Parameters
    ----------
    x : Tensor, shape (N, C, ...)
        Inputs.
    weight : Tensor, shape (C, K, ...)
        Kernels, such as the `weight` of an `nn.ConvTranspose2d`.
    bias : Tensor, shape (K,), optional
        Added to every place of a channel.
    stride : int or tuple of int
        Step between stamps.

    Returns
    -------
    Tensor, shape (N, K, ...)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` and `weight` have not as many axes as each other, `bias` is not one
        number per output channel, or an option is not one int or as many as there are
        axes of places, in its range.

    Examples
    --------
    >>> import torch
    >>> x, weight = torch.tensor([[[1.0, 10.0]]]), torch.tensor([[[1.0, 2.0, 3.0]]])
    >>> same_conv_transpose(x, weight, stride=2)
    tensor([[[ 1.,  2., 13., 20.]]])

    References
    ----------
    Zeiler et al., "Deconvolutional networks", 2010.
    <https://doi.org/10.1109/CVPR.2010.5539957>
    """
    _check(x, weight)
    if bias is not None and bias.shape != weight.shape[1:2]:
        raise ValueError(
            f"bias must have shape ({weight.shape[1]},). Received: {tuple(bias.shape)}"
        )
    steps = _each("stride", stride, weight.ndim - 2)
    edges: list[int] = []
    for k, s in zip(weight.shape[2:], steps, strict=True):
        before = max(k - s, 0) // 2
        # a negative edge cuts, a positive one fills what no stamp reaches
        edges = [-before, s - k + before, *edges]
    transposed = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)
    y = F.pad(transposed[weight.ndim - 3](x, weight, None, steps), edges)
    return y if bias is None else y + bias.reshape(-1, *[1] * (y.ndim - 2))


def symmetric_conv_transpose(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    output_padding: int | tuple[int, ...] = 0,
) -> Tensor:
    r"""Transposed convolution of length $(n - 1) s - 2p + k$ and `output_padding`.

    torch's own, in 1, 2 or 3-D. Its twin gives the same numbers in Keras.

    Parameters
    ----------
    x : Tensor, shape (N, C, ...)
        Inputs.
    weight : Tensor, shape (C, K, ...)
        Kernels, such as the `weight` of an `nn.ConvTranspose2d`.
    bias : Tensor, shape (K,), optional
        Added to every place of a channel.
    stride : int or tuple of int
        Step between stamps.
    padding : int or tuple of int
        What is cut off on either side.
    output_padding : int or tuple of int
        What is not cut off at the end, less than the stride.

    Returns
    -------
    Tensor, shape (N, K, ...)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` and `weight` have not as many axes as each other, `bias` is not one
        number per output channel, or an option is not one int or as many as there are
        axes of places, in its range.

    Examples
    --------
    >>> import torch
    >>> x, weight = torch.tensor([[[1.0, 10.0]]]), torch.tensor([[[1.0, 2.0, 3.0]]])
    >>> symmetric_conv_transpose(x, weight, stride=2, padding=1, output_padding=1)
    tensor([[[ 2., 13., 20., 30.]]])

    References
    ----------
    Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016.
    <https://arxiv.org/abs/1603.07285>
    """
    _check(x, weight)
    transposed = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)
    rank = weight.ndim - 2
    steps, edges = _each("stride", stride, rank), _each("padding", padding, rank, 0)
    more = _each("output_padding", output_padding, rank, 0)
    return transposed[rank - 1](x, weight, bias, steps, edges, more)


def _each(
    name: str, option: int | tuple[int, ...], rank: int, least: int = 1
) -> tuple[int, ...]:
    given = tuple(option) if isinstance(option, list | tuple) else (option,) * rank
    fits = all(hasattr(n, "__index__") and n >= least for n in given)
    if len(given) != rank or not fits:
        raise ValueError(f"{name} must be {rank} ints >= {least}. Received: {option!r}")
    return given


def _check(x: Tensor, weight: Tensor) -> None:
    # torch takes an image without a batch: its axes would be counted wrongly
    if x.ndim != weight.ndim or not 3 <= x.ndim <= 5:
        raise ValueError(
            "x and weight must have as many axes as each other, three to five. "
            f"Received: x {tuple(x.shape)}, weight {tuple(weight.shape)}"
        )
