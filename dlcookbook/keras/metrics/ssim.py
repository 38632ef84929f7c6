"""SSIM: how alike images are in brightness, contrast and structure."""

import math
from collections.abc import Iterable
from typing import Any, Self

import keras
import numpy as np
from keras import KerasTensor, ops

__all__ = ["SSIM", "ssim"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class SSIM(keras.metrics.Metric):
    r"""Structural similarity, the mean of as many images as there are.

    $\frac{(2 \mu_x \mu_y + c_1) (2 \sigma_{xy} + c_2)}
    {(\mu_x^2 + \mu_y^2 + c_1) (\sigma_x^2 + \sigma_y^2 + c_2)}$ in Gaussian windows
    (1.5, 11 x 11) inside the image, the mean of them and of the channels;
    $c_1 = (0.01 R)^2$, $c_2 = (0.03 R)^2$, $R$ being the range. Equal images give 1.

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
    >>> metric = SSIM(data_range=1)
    >>> images = ops.zeros((1, 12, 12, 1))
    >>> metric.update_state(images, images + 0.1)
    >>> round(float(metric.result()), 4)
    0.0099

    References
    ----------
    Wang et al., "Image Quality Assessment", 2004. <https://doi.org/10.1109/TIP.2003.819861>
    """

    def __init__(self, *, data_range: float, name: str = "ssim") -> None:
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
        y_true : tensor, shape (N, H, W, C)
            True images, any dtype.
        y_pred : tensor, shape (N, H, W, C)
            Predicted images, same shape and range.
        sample_weight : None
            Keras asks for it; a weight would not count.

        Raises
        ------
        ValueError
            If the shapes differ or are below 11 x 11, or there is a weight.
        """
        if sample_weight is not None:
            raise ValueError(f"sample_weight must be None. Received: {sample_weight}")
        true, predicted = (
            ops.cast(ops.convert_to_tensor(x), "float64") for x in (y_true, y_pred)
        )
        shapes = tuple(true.shape), tuple(predicted.shape)
        if (
            len(shapes[0]) != 4
            or len(shapes[0]) != len(shapes[1])
            or any(x != y and None not in (x, y) for x, y in zip(*shapes, strict=True))
        ):
            raise ValueError(
                f"y_true and y_pred must be (N, H, W, C). Received: {shapes}"
            )
        if any(x is not None and x < 11 for x in shapes[0][1:3]):
            raise ValueError(f"y_true must be 11 x 11 or larger. Received: {shapes}")
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
            Up to 1. NaN after values that are not finite, if
            `y_true` spanned more than `data_range`, and without an image.
        """
        return self.sums[0] / self.sums[1]

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add the images of other workers; they stay as they are.

        Parameters
        ----------
        metrics : iterable of SSIM
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
        weight = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
        weight /= weight.sum()

        def blurred(x: KerasTensor) -> KerasTensor:
            ends = [(i, i - 10 or None) for i in range(11)]
            x = sum(w * x[:, i:j] for w, (i, j) in zip(weight, ends, strict=True))
            return sum(w * x[:, :, i:j] for w, (i, j) in zip(weight, ends, strict=True))

        x, y, a, b = true, predicted, blurred(true), blurred(predicted)
        spread = blurred(x * x) - a * a + blurred(y * y) - b * b
        shared = blurred(x * y) - a * b
        one, two = (0.01 * self.data_range) ** 2, (0.03 * self.data_range) ** 2
        above = (2 * a * b + one) * (2 * shared + two)
        values = above / ((a * a + b * b + one) * (spread + two))
        # ops.mean would round float64 on some backends
        pixels = ops.sum(ops.ones_like(values), axis=(1, 2, 3))
        return ops.sum(values, axis=(1, 2, 3)) / pixels


def ssim(y_true: KerasTensor, y_pred: KerasTensor, *, data_range: float) -> KerasTensor:
    r"""Mean structural similarity of images, in Gaussian windows (1.5, 11 x 11).

    Parameters
    ----------
    y_true : tensor, shape (N, H, W, C)
        True images, any dtype.
    y_pred : tensor, shape (N, H, W, C)
        Predicted images, same shape and range.
    data_range : float
        Highest less lowest possible value: 255 for uint8, often 1 for floats.

    Returns
    -------
    tensor of float64, shape ()
        Up to 1. NaN after values that are not finite, if `y_true`
        spanned more than `data_range`, and without an image.

    Raises
    ------
    ValueError
        If the shapes differ or are below 11 x 11 or `data_range` is not above 0.

    Examples
    --------
    >>> images = ops.zeros((1, 12, 12, 1))
    >>> round(float(ssim(images, images + 0.1, data_range=1)), 4)
    0.0099

    References
    ----------
    Wang et al., "Image Quality Assessment", 2004. <https://doi.org/10.1109/TIP.2003.819861>
    """
    metric = SSIM(data_range=data_range)
    metric.update_state(y_true, y_pred)
    return metric.result()
