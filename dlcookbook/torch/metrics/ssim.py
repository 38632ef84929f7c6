"""SSIM: how alike images are in brightness, contrast and structure."""

from typing import Self

import torch
from torch import Tensor

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
    >>> images = torch.zeros(1, 1, 12, 12)
    >>> metric.update(images + 0.1, images)
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
        self.total, self.images = torch.zeros((), dtype=torch.float64), 0

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Add a batch; what is refused changes nothing.

        Parameters
        ----------
        predictions : Tensor, shape (N, C, H, W)
            Predicted images, same shape and range.
        targets : Tensor, shape (N, C, H, W)
            True images, any dtype.

        Raises
        ------
        ValueError
            If the shapes differ or are below 11 x 11. On the CPU also if a value is
            not finite or `targets` spans more than `data_range`. On a GPU that
            gives NaN: to look here would be to wait.
        """
        true, predicted = (x.detach().double() for x in (targets, predictions))
        shapes = tuple(true.shape), tuple(predicted.shape)
        if shapes[0] != shapes[1] or len(shapes[0]) != 4:
            raise ValueError(
                f"targets and predictions must be (N, C, H, W). Received: {shapes}"
            )
        if min(shapes[0][2:]) < 11:
            raise ValueError(f"targets must be 11 x 11 or larger. Received: {shapes}")
        valid = targets.new_ones((), dtype=torch.bool)
        if true.numel():
            span = true.amax() - true.amin()
            valid = (span <= self.data_range) & predicted.isfinite().all()
            if true.device.type == "cpu" and not valid:
                raise ValueError(
                    "targets and predictions must be finite, and targets span at most "
                    f"data_range = {self.data_range}. Received: {float(span)}, "
                    f"predictions {float(predicted.amin())}"
                )
        total = torch.where(valid, self._values(true, predicted).sum(), torch.nan)
        self.total = self.total.to(total.device) + total
        self.images += len(true)

    def compute(self) -> Tensor:
        """Return the mean over the images so far.

        Returns
        -------
        Tensor of float64, shape ()
            Up to 1. NaN after values on a GPU that are not finite or span too much.

        Raises
        ------
        ValueError
            If there was no image.
        """
        if not self.images:
            raise ValueError("update must have seen an image. Received: none")
        return self.total / self.images

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
        self.total = self.total + other.total.to(self.total.device)
        self.images += other.images
        return self

    def _values(self, true: Tensor, predicted: Tensor) -> Tensor:
        place = torch.arange(-5.0, 6, dtype=true.dtype, device=true.device)
        weight = (-0.5 * (place / 1.5) ** 2).exp()
        weight = weight / weight.sum()

        def blurred(x: Tensor) -> Tensor:
            x = torch.nn.functional.conv2d(x, weight.reshape(1, 1, -1, 1))
            return torch.nn.functional.conv2d(x, weight.reshape(1, 1, 1, -1))

        x, y = (part.flatten(0, 1)[:, None] for part in (true, predicted))
        a, b = blurred(x), blurred(y)
        spread = blurred(x * x) - a * a + blurred(y * y) - b * b
        shared = blurred(x * y) - a * b
        one, two = (0.01 * self.data_range) ** 2, (0.03 * self.data_range) ** 2
        above = (2 * a * b + one) * (2 * shared + two)
        values = above / ((a * a + b * b + one) * (spread + two))
        return values.mean((1, 2, 3)).reshape(true.shape[:2]).mean(1)


def ssim(predictions: Tensor, targets: Tensor, *, data_range: float) -> Tensor:
    r"""Mean structural similarity of images, in Gaussian windows (1.5, 11 x 11).

    Parameters
    ----------
    predictions : Tensor, shape (N, C, H, W)
        Predicted images, same shape and range.
    targets : Tensor, shape (N, C, H, W)
        True images, any dtype.
    data_range : float
        Highest less lowest possible value: 255 for uint8, often 1 for floats.

    Returns
    -------
    Tensor of float64, shape ()
        Up to 1.

    Raises
    ------
    ValueError
        If the shapes differ or are below 11 x 11, a value is not finite,
        `targets` spans more than `data_range`, or there is no image. On a GPU,
        values give NaN instead.

    Examples
    --------
    >>> images = torch.zeros(1, 1, 12, 12)
    >>> round(float(ssim(images + 0.1, images, data_range=1)), 4)
    0.0099

    References
    ----------
    Wang et al., "Image Quality Assessment", 2004. <https://doi.org/10.1109/TIP.2003.819861>
    """
    metric = SSIM(data_range=data_range)
    metric.update(predictions, targets)
    return metric.compute()
