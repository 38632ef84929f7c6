"""Spatial pyramid pooling: as many numbers from an image of any size."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["SpatialPyramidPooling"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class SpatialPyramidPooling(keras.layers.Layer):
    r"""Pool over 1 x 1, 2 x 2, 4 x 4 ... parts of the image and join the results.

    Part $i$ of $n$ covers the pixels from $\lfloor i H / n \rfloor$ to
    $\lceil (i + 1) H / n \rceil$, so that parts may share a pixel and none is empty.
    With the levels (1,) it is global pooling.

    Take it between convolutions and a linear layer where images come in several sizes
    and rough places matter; where they do not, global pooling is enough. Costs `0`
    parameters, but the next layer sees `sum(n**2 for n in levels)` times as many
    numbers as there are channels.

    Parameters
    ----------
    levels : sequence of int
        Parts along each side, one level each.
    average : bool
        Take the mean of each part. False takes the largest, as the paper does.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If there is no level, or one less than 1.

    Examples
    --------
    >>> pool = SpatialPyramidPooling((1, 2))
    >>> [tuple(pool(ops.zeros((2, *size, 3))).shape) for size in ((13, 8), (5, 5))]
    [(2, 15), (2, 15)]

    References
    ----------
    He et al., "Spatial Pyramid Pooling in Deep Convolutional Networks for Visual
    Recognition", 2014, section 2.2. <https://arxiv.org/abs/1406.4729>
    """

    def __init__(
        self,
        levels: Sequence[int] = (1, 2, 4),
        *,
        average: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not levels or min(levels) < 1:
            raise ValueError(f"levels must be one or more, >= 1. Received: {levels}")
        self.levels, self.average = tuple(levels), average

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make no weights: there are none.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the features.
        """

    def call(self, x: KerasTensor) -> KerasTensor:
        """Pool at every level.

        Parameters
        ----------
        x : tensor, shape (N, H, W, C)
            Features.

        Returns
        -------
        tensor, shape (N, C * sum of levels squared)
            Level after level; in each, channel after channel, row by row, as in
            PyTorch.

        Raises
        ------
        ValueError
            If `x` has not four axes.
        """
        if len(x.shape) != 4:
            raise ValueError(f"x must have four axes. Received: {tuple(x.shape)}")
        reduce = ops.mean if self.average else ops.max
        rows, columns = ops.shape(x)[1:3]
        seen = []
        for n in self.levels:
            # the mean or the largest of a rectangle: first down, then across
            down = [reduce(x[:, top:end], axis=1) for top, end in _parts(rows, n)]
            strip = ops.stack(down, axis=1)
            across = [
                reduce(strip[:, :, left:end], axis=2)
                for left, end in _parts(columns, n)
            ]
            level = ops.transpose(ops.stack(across, axis=2), (0, 3, 1, 2))
            seen.append(ops.reshape(level, (-1, x.shape[-1] * n * n)))
        return ops.concatenate(seen, axis=1)

    def compute_output_shape(self, x_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Say what comes out, whatever the size of the image.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the features.

        Returns
        -------
        tuple of int
            Shape of the result.
        """
        return x_shape[0], x_shape[-1] * sum(n * n for n in self.levels)

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        mine = {"levels": self.levels, "average": self.average}
        return {**super().get_config(), **mine}


def _parts(size: Any, n: int) -> list[tuple[Any, Any]]:
    return [(i * size // n, -(-(i + 1) * size // n)) for i in range(n)]
