"""Resize images as TensorFlow does or as torch does."""

import numpy as np
import torch
from torch import Tensor

__all__ = ["resize"]

# Pixels that are read, from the one at or before the place.
REACH = {"nearest": (0, 1), "bilinear": (0, 2), "bicubic": (-1, 3)}


def resize(
    x: Tensor,
    size: tuple[int, int],
    *,
    method: str = "bilinear",
    convention: str = "tf",
) -> Tensor:
    r"""Read an image at $(i + \tfrac12) n / m - \tfrac12$, the middle of a new pixel.

    Without antialiasing: blur first what is made smaller.

    Parameters
    ----------
    x : Tensor, shape (N, C, H, W)
        Images.
    size : tuple of int
        New height and width.
    method : {"nearest", "bilinear", "bicubic"}
        The nearest pixel, or two or four along each axis.
    convention : {"tf", "torch"}
        Bilinear is the same. torch's nearest rounds $i n / m$ down; its bicubic has
        a = -0.75 instead of -0.5 and repeats the edge, which TensorFlow does not.

    Returns
    -------
    Tensor, shape (N, C, *size)
        Resized images, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` has not four axes or an option is none of the above.

    Examples
    --------
    >>> resize(torch.tensor([[[[1.0, 3.0]]]]), (1, 4))
    tensor([[[[1.0000, 1.5000, 2.5000, 3.0000]]]])

    References
    ----------
    Keys, 1981, eq. 4. <https://doi.org/10.1109/TASSP.1981.1163711>
    """
    if x.ndim != 4 or method not in REACH or convention not in ("tf", "torch"):
        raise ValueError(
            f"x needs four axes, method is one of {[*REACH]}, convention tf or torch. "
            f"Received: {tuple(x.shape)}, {method}, {convention}"
        )
    y = x.to(torch.promote_types(x.dtype, torch.float32))
    for axis, new in zip((2, 3), size, strict=True):
        index, weight = _taps(x.shape[axis], new, method, convention == "tf")
        shape = (-1, 1) if axis == 2 else (-1,)
        taps = [
            y.index_select(axis, torch.as_tensor(i, device=y.device))
            * torch.as_tensor(w, dtype=y.dtype, device=y.device).reshape(shape)
            for i, w in zip(index, weight, strict=True)
        ]
        y = torch.stack(taps).sum(0)
    return y.to(x.dtype)


def _taps(n: int, m: int, method: str, tf: bool) -> tuple[np.ndarray, np.ndarray]:
    # which of n pixels each of m reads, and how much of each, a row per tap
    i = np.arange(m)
    if method == "nearest":
        place = (2 * i + 1) * n // (2 * m) if tf else i * n // m
        return place[None], np.ones((1, m))
    at = (2 * i + 1) * n / (2 * m) - 0.5
    index = np.floor(at).astype(np.int64) + np.arange(*REACH[method])[:, None]
    d = np.abs(index - at)
    weight = 1 - d
    if method == "bicubic":
        a = -0.5 if tf else -0.75
        near = (a + 2) * d**3 - (a + 3) * d**2 + 1
        weight = np.where(d <= 1, near, a * (d**3 - 5 * d**2 + 8 * d - 4))
        weight = weight * ((index >= 0) & (index < n)) if tf else weight
    return index.clip(0, n - 1), weight / weight.sum(axis=0)
