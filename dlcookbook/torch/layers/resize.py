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
        Images. Integers and booleans for the nearest pixel alone.
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
        If `x` has not four axes, would be rounded, or an option is none of the above.

    Examples
    --------
    >>> resize(torch.tensor([[[[1.0, 3.0]]]]), (1, 4))
    tensor([[[[1.0000, 1.5000, 2.5000, 3.0000]]]])

    References
    ----------
    Keys, 1981, eq. 4. <https://doi.org/10.1109/TASSP.1981.1163711>
    """
    said = f"Received: x {tuple(x.shape)}, {size}, {method!r}, {convention!r}"
    if x.ndim != 4:
        raise ValueError(f"x must have four axes. {said}")
    if method not in [*REACH] or convention not in ("tf", "torch"):
        raise ValueError(f"method is one of {[*REACH]}, convention tf or torch. {said}")
    if [hasattr(n, "__index__") and n > 0 for n in size] != [True, True]:
        raise ValueError(f"size must be two ints >= 1. {said}")
    if not x.is_floating_point() and method != "nearest":
        raise ValueError(f"x must hold floats, or be read as nearest. {said} {x.dtype}")
    kind = torch.promote_types(x.dtype, torch.float32)
    y = x.to(kind) if x.is_floating_point() else x
    for axis, new, shape in zip((2, 3), size, ((-1, 1), (-1,)), strict=True):
        taps = [
            y.index_select(axis, torch.as_tensor(i, device=y.device))
            * torch.as_tensor(w, dtype=y.dtype, device=y.device).reshape(shape)
            for i, w in zip(*_taps(x.shape[axis], new, method, convention), strict=True)
        ]
        y = torch.stack(taps).sum(0, dtype=y.dtype)
    return y.to(x.dtype)


def _taps(n: int, m: int, method: str, convention: str) -> tuple:
    i, tf = np.arange(m), convention == "tf"
    if method == "nearest":
        return [(2 * i + 1) * n // (2 * m) if tf else i * n // m], [np.ones(m)]
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
