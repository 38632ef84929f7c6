"""SSIM: how alike images are in brightness, contrast and structure."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["SSIM", "ssim"]


class SSIM:
    r"""Structural similarity, the mean of as many images as there are.

    $\frac{(2 \mu_x \mu_y + c_1) (2 \sigma_{xy} + c_2)}
    {(\mu_x^2 + \mu_y^2 + c_1) (\sigma_x^2 + \sigma_y^2 + c_2)}$ in Gaussian windows
    (1.5, 11 x 11) inside the image, the mean of them and of the channels;
    $c_1 = (0.01 R)^2$, $c_2 = (0.03 R)^2$, $R$ being the range. Equal images give 1.

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
    >>> metric = SSIM(data_range=1)
    >>> images = np.zeros((1, 12, 12, 1))
    >>> metric.update(images, images + 0.1)
    >>> round(float(metric.compute()), 4)
    0.0099

    References
    ----------
    Wang et al., "Image Quality Assessment", 2004. <https://doi.org/10.1109/TIP.2003.819861>
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
        y_true : array-like, shape (N, H, W, C)
            True images, any dtype.
        y_pred : array-like, shape (N, H, W, C)
            Predicted images, same shape and range.

        Raises
        ------
        ValueError
            If the shapes differ or are below 11 x 11, a value is not finite, or
            `y_true` spans more than `data_range`.
        """
        true, predicted = (np.asarray(x, np.float64) for x in (y_true, y_pred))
        shapes = tuple(true.shape), tuple(predicted.shape)
        if shapes[0] != shapes[1] or len(shapes[0]) != 4:
            raise ValueError(
                f"y_true and y_pred must be (N, H, W, C). Received: {shapes}"
            )
        if min(shapes[0][1:3]) < 11:
            raise ValueError(f"y_true must be 11 x 11 or larger. Received: {shapes}")
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
            Up to 1.

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
        other : SSIM
            With the same options.

        Returns
        -------
        SSIM
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
        weight = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
        weight /= weight.sum()

        def blurred(x: np.ndarray) -> np.ndarray:
            for axis in (1, 2):
                lines = np.moveaxis(x, axis, 0)
                size = len(lines) - 10
                total = weight[0] * lines[:size]
                for i in range(1, 11):
                    total += weight[i] * lines[i : i + size]
                x = np.moveaxis(total, 0, axis)
            return x

        values = []
        for x, y in zip(true[:, None], predicted[:, None], strict=True):
            a, b = blurred(x), blurred(y)
            spread = blurred(x * x) - a * a + blurred(y * y) - b * b
            shared = blurred(x * y) - a * b
            one, two = (0.01 * self.data_range) ** 2, (0.03 * self.data_range) ** 2
            above = (2 * a * b + one) * (2 * shared + two)
            values.append((above / ((a * a + b * b + one) * (spread + two))).mean())
        return np.array(values, np.float64)


def ssim(y_true: ArrayLike, y_pred: ArrayLike, *, data_range: float) -> np.ndarray:
    r"""Mean structural similarity of images, in Gaussian windows (1.5, 11 x 11).

    Parameters
    ----------
    y_true : array-like, shape (N, H, W, C)
        True images, any dtype.
    y_pred : array-like, shape (N, H, W, C)
        Predicted images, same shape and range.
    data_range : float
        Highest less lowest possible value: 255 for uint8, often 1 for floats.

    Returns
    -------
    ndarray of float64, shape ()
        Up to 1.

    Raises
    ------
    ValueError
        If the shapes differ or are below 11 x 11, a value is not finite,
        `y_true` spans more than `data_range`, or there is no image.

    Examples
    --------
    >>> images = np.zeros((1, 12, 12, 1))
    >>> round(float(ssim(images, images + 0.1, data_range=1)), 4)
    0.0099

    References
    ----------
    Wang et al., "Image Quality Assessment", 2004. <https://doi.org/10.1109/TIP.2003.819861>
    """
    metric = SSIM(data_range=data_range)
    metric.update(y_true, y_pred)
    return metric.compute()
