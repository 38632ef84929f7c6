"""Pooling with TensorFlow's 'same' padding or torch's symmetric one."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = [
    "same_average_pool",
    "same_max_pool",
    "symmetric_average_pool",
    "symmetric_max_pool",
]


def same_max_pool(x: Tensor, size: int, *, stride: int | None = None) -> Tensor:
    r"""Largest values of $\lceil n / s \rceil$ windows, those that TensorFlow has.

    Where the windows do not fit, what is missing is half before and half behind, an
    odd one behind. `padding=1` of torch has it the other way round on even sizes.

    Parameters
    ----------
    x : Tensor, shape (N, C, ...)
        Inputs with one to three axes of places.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.

    Returns
    -------
    Tensor, shape (N, C, ...)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` has not three to five axes or holds integers, or `size` or `stride` is
        not an int >= 1.

    Examples
    --------
    >>> same_max_pool(torch.tensor([[[4.0, 1.0, 2.0, 3.0]]]), 3, stride=2)
    tensor([[[4., 3.]]])

    References
    ----------
    TensorFlow, "Notes on padding". <https://www.tensorflow.org/api_docs/python/tf/nn>
    """
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[_rank(x, size, stride) - 1]
    return pool(F.pad(x, _same(x, size, stride), value=-torch.inf), size, stride)


def same_average_pool(x: Tensor, size: int, *, stride: int | None = None) -> Tensor:
    r"""Means over $\lceil n / s \rceil$ windows of the values that are there.

    TensorFlow's windows, and its division: zeros outside do not count.

    Parameters
    ----------
    x : Tensor, shape (N, C, ...)
        Inputs with one to three axes of places.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.

    Returns
    -------
    Tensor, shape (N, C, ...)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` has not three to five axes or holds integers, or `size` or `stride` is
        not an int >= 1.

    Examples
    --------
    >>> same_average_pool(torch.tensor([[[4.0, 1.0, 1.0, 3.0]]]), 3, stride=2)
    tensor([[[2., 2.]]])

    References
    ----------
    TensorFlow, "Notes on padding". <https://www.tensorflow.org/api_docs/python/tf/nn>
    """
    pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[_rank(x, size, stride) - 1]
    edges, step = _same(x, size, stride), size if stride is None else stride
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    # the share of each window that is inside
    inside = pool(F.pad(torch.ones_like(wide[:1, :1]), edges), size, step)
    return (pool(F.pad(wide, edges), size, step) / inside).to(x.dtype)


def symmetric_max_pool(
    x: Tensor, size: int, *, stride: int | None = None, padding: int = 0
) -> Tensor:
    """Largest values of torch's windows: as much outside before as behind.

    torch's own, in 1, 2 or 3-D. Its twin gives the same numbers in Keras.

    Parameters
    ----------
    x : Tensor, shape (N, C, ...)
        Inputs with one to three axes of places.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.
    padding : int
        Places outside on either side, from 0 to half of `size`.

    Returns
    -------
    Tensor, shape (N, C, ...)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` has not three to five axes or holds integers, or `size` or `stride` is
        not an int >= 1.

    Examples
    --------
    >>> x = torch.tensor([[[4.0, 1.0, 2.0, 3.0]]])
    >>> symmetric_max_pool(x, 3, stride=2, padding=1)
    tensor([[[4., 3.]]])

    References
    ----------
    Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016.
    <https://arxiv.org/abs/1603.07285>
    """
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[_rank(x, size, stride) - 1]
    return pool(x, size, stride, padding)


def symmetric_average_pool(
    x: Tensor,
    size: int,
    *,
    stride: int | None = None,
    padding: int = 0,
    count_include_pad: bool = True,
) -> Tensor:
    """Means of torch's windows, over all of a window or over what is there.

    torch's own, in 1, 2 or 3-D. Its twin gives the same numbers in Keras.

    Parameters
    ----------
    x : Tensor, shape (N, C, ...)
        Inputs with one to three axes of places.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.
    padding : int
        Zeros on either side, from 0 to half of `size`.
    count_include_pad : bool
        Divide by the whole window, zeros outside included: torch's default, and not
        what TensorFlow does.

    Returns
    -------
    Tensor, shape (N, C, ...)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` has not three to five axes or holds integers, or `size` or `stride` is
        not an int >= 1.

    Examples
    --------
    >>> x = torch.tensor([[[6.0, 6.0, 6.0]]])
    >>> symmetric_average_pool(x, 3, stride=1, padding=1)
    tensor([[[4., 6., 4.]]])

    References
    ----------
    Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016.
    <https://arxiv.org/abs/1603.07285>
    """
    pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[_rank(x, size, stride) - 1]
    step = size if stride is None else stride
    return pool(x, size, step, padding, count_include_pad=count_include_pad)


def _rank(x: Tensor, size: int, stride: int | None) -> int:
    # torch takes an image without a batch: its axes would be counted wrongly
    if not 3 <= x.ndim <= 5:
        raise ValueError(
            "x must have a batch, channels and one to three axes of places. "
            f"Received: shape {tuple(x.shape)}"
        )
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats. Received: {x.dtype}")
    for name, n in (("size", size), ("stride", size if stride is None else stride)):
        if not hasattr(n, "__index__") or n < 1:
            raise ValueError(f"{name} must be an int >= 1. Received: {n!r}")
    return x.ndim - 2


def _same(x: Tensor, size: int, stride: int | None) -> list[int]:
    step = size if stride is None else stride
    edges: list[int] = []
    for n in x.shape[2:]:
        missing = max((-(-n // step) - 1) * step + size - n, 0)
        # F.pad counts axes from the last
        edges = [missing // 2, missing - missing // 2, *edges]
    return edges
