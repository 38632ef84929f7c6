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
        Images, any floating dtype, of known height and width.
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
        If `x` has not four axes of known size or an option is none of the above.

    Examples
    --------
    >>> y = resize(ops.reshape([1.0, 3.0], (1, 1, 2, 1)), (1, 4))
    >>> [round(float(v), 4) for v in ops.reshape(y, (-1,))]
    [1.0, 1.5, 2.5, 3.0]

    References
    ----------
    Keys, 1981, eq. 4. <https://doi.org/10.1109/TASSP.1981.1163711>
    """
    known = len(x.shape) == 4 and None not in tuple(x.shape)[1:3]
    if not known or method not in REACH or convention not in ("tf", "torch"):
        raise ValueError(
            f"x needs four axes, method is one of {[*REACH]}, convention tf or torch. "
            f"Received: {tuple(x.shape)}, {method}, {convention}"
        )
    half = keras.backend.standardize_dtype(x.dtype) in ("float16", "bfloat16")
    y = ops.cast(x, "float32") if half else x
    for axis, new in zip((1, 2), size, strict=True):
        index, weight = _taps(int(x.shape[axis]), new, method, convention == "tf")
        shape = (-1, 1, 1) if axis == 1 else (-1, 1)
        taps = [
            ops.take(y, i, axis=axis) * ops.cast(w.reshape(shape), y.dtype)
            for i, w in zip(index, weight, strict=True)
        ]
        y = ops.sum(ops.stack(taps), axis=0)
    return ops.cast(y, x.dtype)


def _taps(n: int, m: int, method: str, tf: bool) -> tuple[np.ndarray, np.ndarray]:
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
