"""PSNR: how far the noise of an image lies below its range, in decibels."""

import math
from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["PSNR", "psnr"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class PSNR(keras.metrics.Metric):
    r"""Peak signal-to-noise ratio, the mean of as many images as there are.

    $10 \log_{10}(R^2 / \mathrm{MSE})$ of each image, $R$ being its range. An error of
    $R / 10$ everywhere gives 20 dB, and none at all infinity, of the mean as well.

    Parameters
    ----------
    data_range : float
        Highest less lowest possible value: 255 for uint8, often 1 for floats.
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If `data_range` is not above 0.

    Examples
    --------
    >>> metric = PSNR(data_range=1)
    >>> images = ops.zeros((1, 12, 12, 1))
    >>> metric.update_state(images, images + 0.1)
    >>> round(float(metric.result()), 4)
    20.0

    References
    ----------
    Huynh-Thu and Ghanbari, "Scope of Validity of PSNR", 2008.
    <https://doi.org/10.1049/el:20080522>
    """

    def __init__(self, *, data_range: float, name: str = "psnr") -> None:
        super().__init__(name=name, dtype="float64")
        if not data_range > 0:
            raise ValueError(f"data_range must be > 0. Received: {data_range}")
        self.data_range = data_range
        # the sum over the images, and their number
        self.sums = self.add_variable((2,), initializer="zeros", dtype="float64")

    def update_state(
        self, y_true: KerasTensor, y_pred: KerasTensor, sample_weight: None = None
    ) -> None:
        """Add a batch.

        Parameters
        ----------
        y_true : tensor, shape (N, ...)
            True images, any dtype.
        y_pred : tensor, shape (N, ...)
            Predicted images, same shape and range.
        sample_weight : None
            Keras asks for it; a weight would not count.

        Raises
        ------
        ValueError
            If the shapes differ, or there is a weight.
        """
        if sample_weight is not None:
            raise ValueError(f"sample_weight must be None. Received: {sample_weight}")
        true, predicted = (
            ops.cast(ops.convert_to_tensor(x), "float64") for x in (y_true, y_pred)
        )
        shapes = tuple(true.shape), tuple(predicted.shape)
        if (
            len(shapes[0]) < 2
            or len(shapes[0]) != len(shapes[1])
            or any(x != y and None not in (x, y) for x, y in zip(*shapes, strict=True))
        ):
            raise ValueError(f"y_true and y_pred must be (N, ...). Received: {shapes}")
        total = ops.sum(self._values(true, predicted))
        # no image has a highest value; the mean of none is NaN
        low, high = ops.min(true, initial=math.inf), ops.max(true, initial=-math.inf)
        valid = high - low <= self.data_range
        valid = valid & ops.all(ops.isfinite(predicted))
        images = ops.cast(ops.shape(true)[0], "float64")
        self.sums.assign_add(ops.stack([ops.where(valid, total, float("nan")), images]))

    def result(self) -> KerasTensor:
        """Return the mean over the images so far.

        Returns
        -------
        tensor of float64, shape ()
            In decibels. NaN after values that are not finite, if
            `y_true` spanned more than `data_range`, and without an image.
        """
        return self.sums[0] / self.sums[1]

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add the images of other workers; they stay as they are.

        Parameters
        ----------
        metrics : iterable of PSNR
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            if (mine := self.data_range) != (theirs := other.data_range):
                raise ValueError(f"metrics need data_range={mine}. Received: {theirs}")
            self.sums.assign_add(other.sums)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {"data_range": self.data_range, "name": self.name}

    def _values(self, true: KerasTensor, predicted: KerasTensor) -> KerasTensor:
        error, axes = true - predicted, tuple(range(1, len(true.shape)))
        # ops.mean and ops.log10 would round float64 on some backends
        pixels = ops.sum(ops.ones_like(error), axis=axes)
        error = ops.sum(error * error, axis=axes) / pixels
        return 10 / math.log(10) * ops.log(self.data_range**2 / error)


def psnr(y_true: KerasTensor, y_pred: KerasTensor, *, data_range: float) -> KerasTensor:
    r"""Mean of $10 \log_{10}(R^2 / \mathrm{MSE})$ of each image, $R$ being its range.

    Parameters
    ----------
    y_true : tensor, shape (N, ...)
        True images, any dtype.
    y_pred : tensor, shape (N, ...)
        Predicted images, same shape and range.
    data_range : float
        Highest less lowest possible value: 255 for uint8, often 1 for floats.

    Returns
    -------
    tensor of float64, shape ()
        In decibels. NaN after values that are not finite, if `y_true`
        spanned more than `data_range`, and without an image.

    Raises
    ------
    ValueError
        If the shapes differ or `data_range` is not above 0.

    Examples
    --------
    >>> images = ops.zeros((1, 12, 12, 1))
    >>> round(float(psnr(images, images + 0.1, data_range=1)), 4)
    20.0

    References
    ----------
    Huynh-Thu and Ghanbari, "Scope of Validity of PSNR", 2008.
    <https://doi.org/10.1049/el:20080522>
    """
    metric = PSNR(data_range=data_range)
    metric.update_state(y_true, y_pred)
    return metric.result()
