"""Stochastic depth: leave a block out for some of the images, in training alone."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["DropPath"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class DropPath(keras.layers.Layer):
    r"""Set what a branch adds to 0 for a random share of the examples.

    $y_n = b_n x_n / (1 - p)$ with $b_n = 0$ in a share $p$ of the cases and 1 in the
    others: the expectation stays what it was. In inference, and for $p = 0$, $y = x$.

    Take it at the end of a residual branch, before the sum, in networks of tens of
    blocks; let the rate rise linearly from 0 in the first block to 0.1 or 0.2 in the
    last. Dropout makes a draw for every number, this one for every example. Costs `0`
    parameters.

    Parameters
    ----------
    rate : float in [0, 1)
        Share of the examples for which the branch is left out.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `rate` is outside [0, 1).

    Examples
    --------
    >>> drop, x = DropPath(0.5), ops.ones((1000, 2, 2, 3))
    >>> means = ops.mean(drop(x, training=True), axis=(1, 2, 3))
    >>> sorted(set(ops.convert_to_numpy(means).tolist()))
    [0.0, 2.0]
    >>> bool(ops.all(drop(x) == x))
    True

    References
    ----------
    Huang et al., "Deep Networks with Stochastic Depth", 2016, eq. 2; scaled in training
    as dropout is. <https://arxiv.org/abs/1603.09382>
    """

    def __init__(self, rate: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be in [0, 1). Received: {rate}")
        self.rate = rate
        self.seed = keras.random.SeedGenerator()
        self.supports_masking = True

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make no weights: there are none.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of what the branch gives.
        """

    def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
        """Drop the branch of some examples.

        Parameters
        ----------
        x : tensor, shape (N, ...)
            What the branch gave.
        training : bool
            Whether to drop.

        Returns
        -------
        tensor, shape (N, ...)
            For each example 0 or `x / (1 - rate)`; in inference `x` itself.
        """
        if not training or self.rate == 0:
            return x
        shape = (ops.shape(x)[0], *[1] * (len(x.shape) - 1))
        chance = keras.random.uniform(shape, dtype="float32", seed=self.seed)
        # not a product: a dropped infinity is 0, not NaN
        return ops.where(chance >= self.rate, x / (1 - self.rate), ops.zeros_like(x))

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), "rate": self.rate}
