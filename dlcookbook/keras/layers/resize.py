"""Resize images as TensorFlow does or as torch does."""

import keras
import numpy as np
from keras import KerasTensor, ops

__all__ = ["resize"]

# Pixels that are read, from the one at or before the place.
REACH = {"nearest": (0, 1), "bilinear": (0, 2), "bicubic": (-1, 3)}


@keras.saving.register_keras_serializable(package="dlcookbook")
def resize(
    x: KerasTensor,
    size: tuple[int, int],
    *,
    method: str = "bilinear",
    convention: str = "tf",
) -> KerasTensor:
    r"""Read an image at $(i + \tfrac12) n / m - \tfrac12$, the middle of a new pixel.

    Without antialiasing. The same on every backend, unlike `keras.ops.image.resize`.

    Parameters
    ----------
    x : tensor, shape (N, H, W, C)
        Images of known size; integers for the nearest pixel alone.
    size : tuple of int
        New height and width.
    method : {"nearest", "bilinear", "bicubic"}
        The nearest pixel, or two or four along each axis.
    convention : {"tf", "torch"}
        Bilinear is the same. torch's nearest rounds $i n / m$ down; its bicubic has
        a = -0.75 instead of -0.5 and repeats the edge, which TensorFlow does not.

    Returns
    -------
    tensor, shape (N, *size, C)
        Resized images, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` has no four known sizes, would be rounded, or an option is none of these.

    Examples
    --------
    >>> y = resize(ops.reshape([1.0, 3.0], (1, 1, 2, 1)), (1, 4))
    >>> [round(float(v), 4) for v in ops.reshape(y, (-1,))]
    [1.0, 1.5, 2.5, 3.0]

    References
    ----------
    Keys, 1981, eq. 4. <https://doi.org/10.1109/TASSP.1981.1163711>
    """
    said = f"Received: x {tuple(x.shape)}, {size}, {method!r}, {convention!r}"
    if len(x.shape) != 4 or None in tuple(x.shape)[1:3]:
        raise ValueError(f"x must have four axes of known size. {said}")
    if method not in [*REACH] or convention not in ("tf", "torch"):
        raise ValueError(f"method is one of {[*REACH]}, convention tf or torch. {said}")
    if [hasattr(n, "__index__") and n > 0 for n in size] != [True, True]:
        raise ValueError(f"size must be two ints >= 1. {said}")
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind) and method != "nearest":
        raise ValueError(f"x must hold floats, or be read as nearest. {said} {kind}")
    y = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    for axis, new, shape in zip((1, 2), size, ((-1, 1, 1), (-1, 1)), strict=True):
        taps = [
            ops.take(y, i, axis=axis) * ops.cast(w.reshape(shape), y.dtype)
            for i, w in zip(*_taps(x.shape[axis], new, method, convention), strict=True)
        ]
        y = ops.sum(ops.stack(taps), axis=0)
    return ops.cast(y, x.dtype)


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
