"""PSNR: how far the noise of an image lies below its range, in decibels."""

from typing import Self

import torch
from torch import Tensor

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
    >>> images = torch.zeros(1, 1, 12, 12)
    >>> metric.update(images + 0.1, images)
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
        self.total, self.images = torch.zeros((), dtype=torch.float64), 0

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Add a batch; what is refused changes nothing.

        Parameters
        ----------
        predictions : Tensor, shape (N, ...)
            Predicted images, same shape and range.
        targets : Tensor, shape (N, ...)
            True images, any dtype.

        Raises
        ------
        ValueError
            If the shapes differ. On the CPU also if a value is
            not finite or `targets` spans more than `data_range`. On a GPU that
            gives NaN: to look here would be to wait.
        """
        true, predicted = (x.detach().double() for x in (targets, predictions))
        shapes = tuple(true.shape), tuple(predicted.shape)
        if shapes[0] != shapes[1] or len(shapes[0]) < 2:
            raise ValueError(
                f"targets and predictions must be (N, ...). Received: {shapes}"
            )
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
            In decibels. NaN after values on a GPU that are not finite or span too much.

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
        self.total = self.total + other.total.to(self.total.device)
        self.images += other.images
        return self

    def _values(self, true: Tensor, predicted: Tensor) -> Tensor:
        error = (true - predicted).square().flatten(1).mean(1)
        return 10 * (self.data_range**2 / error).log10()


def psnr(predictions: Tensor, targets: Tensor, *, data_range: float) -> Tensor:
    r"""Mean of $10 \log_{10}(R^2 / \mathrm{MSE})$ of each image, $R$ being its range.

    Parameters
    ----------
    predictions : Tensor, shape (N, ...)
        Predicted images, same shape and range.
    targets : Tensor, shape (N, ...)
        True images, any dtype.
    data_range : float
        Highest less lowest possible value: 255 for uint8, often 1 for floats.

    Returns
    -------
    Tensor of float64, shape ()
        In decibels.

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite,
        `targets` spans more than `data_range`, or there is no image. On a GPU,
        values give NaN instead.

    Examples
    --------
    >>> images = torch.zeros(1, 1, 12, 12)
    >>> round(float(psnr(images + 0.1, images, data_range=1)), 4)
    20.0

    References
    ----------
    Huynh-Thu and Ghanbari, "Scope of Validity of PSNR", 2008.
    <https://doi.org/10.1049/el:20080522>
    """
    metric = PSNR(data_range=data_range)
    metric.update(predictions, targets)
    return metric.compute()
