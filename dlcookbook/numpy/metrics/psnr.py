"""PSNR: how far the noise of an image lies below its range, in decibels."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["PSNR", "psnr"]


class PSNR:
    r"""Peak signal-to-noise ratio, the mean of as many images as there are.

    $10 \log_{10}(R^2 / \mathrm{MSE})$ of each image, $R$ being its range. An error of
    $R / 10$ everywhere gives 20 dB, and none at all infinity, of the mean as well.

    Parameters
    ----------
    data_range : float
        Highest less lowest possible value: 255 for uint8, often 1 for floats.

    Raises
    ------
    ValueError
        If `data_range` is not above 0.

    Examples
    --------
    >>> metric = PSNR(data_range=1)
    >>> images = np.zeros((1, 12, 12, 1))
    >>> metric.update(images, images + 0.1)
    >>> round(float(metric.compute()), 4)
    20.0

    References
    ----------
    Huynh-Thu and Ghanbari, "Scope of Validity of PSNR", 2008.
    <https://doi.org/10.1049/el:20080522>
    """

    def __init__(self, *, data_range: float) -> None:
        if not data_range > 0:
            raise ValueError(f"data_range must be > 0. Received: {data_range}")
        self.data_range = data_range
        self.reset()

    def reset(self) -> None:
        """Forget every image."""
        self.total, self.images = 0.0, 0

    def update(self, y_true: ArrayLike, y_pred: ArrayLike) -> None:
        """Add a batch; what is refused changes nothing.

        Parameters
        ----------
        y_true : array-like, shape (N, ...)
            True images, any dtype.
        y_pred : array-like, shape (N, ...)
            Predicted images, same shape and range.

        Raises
        ------
        ValueError
            If the shapes differ, a value is not finite, or
            `y_true` spans more than `data_range`.
        """
        true, predicted = (np.asarray(x, np.float64) for x in (y_true, y_pred))
        shapes = tuple(true.shape), tuple(predicted.shape)
        if shapes[0] != shapes[1] or len(shapes[0]) < 2:
            raise ValueError(f"y_true and y_pred must be (N, ...). Received: {shapes}")
        for name, x in (("y_true", true), ("y_pred", predicted)):
            if not np.isfinite(x).all():
                raise ValueError(f"{name} must be finite. Received: {x.min()}")
        if true.size and np.ptp(true) > self.data_range:
            raise ValueError(
                f"y_true must span at most data_range = {self.data_range}. "
                f"Received: {np.ptp(true)}"
            )
        self.total = self.total + self._values(true, predicted).sum()
        self.images += len(true)

    def compute(self) -> np.ndarray:
        """Return the mean over the images so far.

        Returns
        -------
        ndarray of float64, shape ()
            In decibels.

        Raises
        ------
        ValueError
            If there was no image.
        """
        if not self.images:
            raise ValueError("update must have seen an image. Received: none")
        return np.asarray(self.total / self.images)

    def merge(self, other: Self) -> Self:
        """Add the images of another worker; `other` stays as it is.

        Parameters
        ----------
        other : PSNR
            With the same options.

        Returns
        -------
        PSNR
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        if (mine := self.data_range) != (theirs := other.data_range):
            raise ValueError(f"other must have data_range={mine}. Received: {theirs}")
        self.total = self.total + other.total
        self.images += other.images
        return self

    def _values(self, true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        error = ((true - predicted) ** 2).mean(tuple(range(1, true.ndim)))
        with np.errstate(divide="ignore"):
            return 10 * np.log10(self.data_range**2 / error)


def psnr(y_true: ArrayLike, y_pred: ArrayLike, *, data_range: float) -> np.ndarray:
    r"""Mean of $10 \log_{10}(R^2 / \mathrm{MSE})$ of each image, $R$ being its range.

    Parameters
    ----------
    y_true : array-like, shape (N, ...)
        True images, any dtype.
    y_pred : array-like, shape (N, ...)
        Predicted images, same shape and range.
    data_range : float
        Highest less lowest possible value: 255 for uint8, often 1 for floats.

    Returns
    -------
    ndarray of float64, shape ()
        In decibels.

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite,
        `y_true` spans more than `data_range`, or there is no image.

    Examples
    --------
    >>> images = np.zeros((1, 12, 12, 1))
    >>> round(float(psnr(images, images + 0.1, data_range=1)), 4)
    20.0

    References
    ----------
    Huynh-Thu and Ghanbari, "Scope of Validity of PSNR", 2008.
    <https://doi.org/10.1049/el:20080522>
    """
    metric = PSNR(data_range=data_range)
    metric.update(y_true, y_pred)
    return metric.compute()
