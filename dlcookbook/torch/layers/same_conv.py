"""Convolution with TensorFlow's 'same' padding or torch's symmetric one."""

from torch import Tensor
from torch.nn import functional as F

__all__ = ["same_conv", "symmetric_conv"]


def same_conv(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int | tuple[int, ...] = 1,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> Tensor:
    r"""Convolution in 1, 2 or 3-D whose output has length $\lceil n / s \rceil$.

    Of the $p = \max((\lceil n/s \rceil - 1) s + d(k-1) + 1 - n, 0)$ zeros,
    $\lfloor p/2 \rfloor$ stand before and the rest behind: on even sizes with a stride,
    one more behind. `padding="same"` of torch refuses a stride, and `padding=1` reads
    other pixels.

    Parameters
    ----------
    x : Tensor, shape (N, C, ...)
        Inputs.
    weight : Tensor, shape (K, C / groups, ...)
        Kernels, such as the `weight` of an `nn.Conv2d`.
    bias : Tensor, shape (K,), optional
        Added to every place of a channel.
    stride : int or tuple of int
        Step between windows.
    dilation : int or tuple of int
        Step inside a window.
    groups : int
        Number of groups of channels; as many as channels is a depthwise convolution.

    Returns
    -------
    Tensor, shape (N, K, ...)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` and `weight` have not as many axes as each other, or an option is not one
        int or as many as there are axes of places, in its range.

    Examples
    --------
    >>> import torch
    >>> x, weight = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]]), torch.ones(1, 1, 3)
    >>> same_conv(x, weight, stride=2)
    tensor([[[6., 7.]]])

    References
    ----------
    TensorFlow, "Notes on padding". <https://www.tensorflow.org/api_docs/python/tf/nn>
    """
    _check(x, weight)
    rank = weight.ndim - 2
    steps, holes = _each("stride", stride, rank), _each("dilation", dilation, rank)
    edges: list[int] = []
    for n, k, s, d in zip(x.shape[2:], weight.shape[2:], steps, holes, strict=True):
        missing = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        # F.pad counts axes from the last
        edges = [missing // 2, missing - missing // 2, *edges]
    conv = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    return conv(F.pad(x, edges), weight, bias, steps, 0, holes, groups)


def symmetric_conv(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> Tensor:
    r"""Convolution of length $\lfloor (n + 2p - d(k-1) - 1) / s \rfloor + 1$.

    torch's own, in 1, 2 or 3-D. Its twin gives the same numbers in Keras.

    Parameters
    ----------
    x : Tensor, shape (N, C, ...)
        Inputs.
    weight : Tensor, shape (K, C / groups, ...)
        Kernels, such as the `weight` of an `nn.Conv2d`.
    bias : Tensor, shape (K,), optional
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
    Tensor, shape (N, K, ...)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` and `weight` have not as many axes as each other, or an option is not one
        int or as many as there are axes of places, in its range.

    Examples
    --------
    >>> import torch
    >>> x, weight = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]]), torch.ones(1, 1, 3)
    >>> symmetric_conv(x, weight, stride=2, padding=1)
    tensor([[[3., 9.]]])

    References
    ----------
    Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016.
    <https://arxiv.org/abs/1603.07285>
    """
    _check(x, weight)
    rank = weight.ndim - 2
    conv = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    steps, holes = _each("stride", stride, rank), _each("dilation", dilation, rank)
    edges = _each("padding", padding, rank, 0)
    return conv(x, weight, bias, steps, edges, holes, groups)


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
