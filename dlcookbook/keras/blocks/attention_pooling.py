"""Attention pooling: a weighted average over time whose weights are learned."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["AttentionPooling"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class AttentionPooling(keras.layers.Layer):
    r"""Average a sequence, each step weighed by a score of its own.

    $\sum_t a_t x_t$ with $a = \mathrm{softmax}_t(w^\top \tanh(V x_t + b))$ over the
    steps that count. Equal scores give the mean of those steps; one step gives itself.

    Weights start Glorot uniform, the bias at 0.

    Parameters
    ----------
    dim : int
        Width of a step.
    hidden : int, optional
        Width of the small network that scores a step; `dim` by default.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `hidden` is less than 1.

    Examples
    --------
    >>> pool = AttentionPooling(4)
    >>> x = keras.random.normal((2, 5, 4))
    >>> tuple(pool(x).shape)
    (2, 4)
    >>> only_the_first = ops.array([[True, False, False, False, False]] * 2)
    >>> bool(ops.all(pool(x, keep=only_the_first) == x[:, 0]))
    True

    References
    ----------
    Ilse et al., "Attention-based Deep Multiple Instance Learning", 2018, eq. 8.
    <https://arxiv.org/abs/1802.04712>
    """

    def __init__(self, dim: int, hidden: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if hidden is not None and hidden < 1:
            raise ValueError(f"hidden must be >= 1. Received: {hidden}")
        self.dim, self.width = dim, hidden or dim
        # no bias on the score: a softmax would cancel it
        kind = self.dtype_policy
        self.hidden = keras.layers.Dense(self.width, name="hidden", dtype=kind)
        self.score = keras.layers.Dense(1, use_bias=False, name="score", dtype=kind)

    def build(self, x_shape: tuple[int | None, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the sequences.
        """
        self.hidden.build((None, None, self.dim))
        self.score.build((None, None, self.width))

    def shares(self, x: KerasTensor, *, keep: KerasTensor | None = None) -> KerasTensor:
        """Return what each step counts, to be looked at.

        Parameters
        ----------
        x : tensor, shape (N, T, dim)
            Sequences.
        keep : tensor of bool, shape (N, T), optional
            True for a real step, False for padding.

        Returns
        -------
        tensor, shape (N, T)
            Shares that sum to 1; all 0 where nothing is kept.

        Raises
        ------
        ValueError
            If `keep` is not boolean or has another shape, or `x` has not three axes.
        """
        if len(x.shape) != 3:
            raise ValueError(f"x must have three axes. Received: {tuple(x.shape)}")
        scores = self.score(ops.tanh(self.hidden(x)))[..., 0]
        if keep is None:
            return ops.softmax(scores, axis=1)
        keep = ops.convert_to_tensor(keep)
        kind = keras.backend.standardize_dtype(keep.dtype)
        if (
            kind != "bool"
            or len(keep.shape) != 2
            or any(
                a != b and None not in (a, b)
                for a, b in zip(keep.shape, scores.shape, strict=True)
            )
        ):
            raise ValueError(
                f"keep must be boolean of shape {tuple(scores.shape)}. "
                f"Received: {kind} of shape {tuple(keep.shape)}"
            )
        # a sequence of padding alone is averaged and then set to 0: not NaN
        seen = ops.any(keep, axis=1, keepdims=True)
        scores = ops.where(ops.logical_or(keep, ~seen), scores, -float("inf"))
        return ops.where(seen, ops.softmax(scores, axis=1), 0.0)

    def call(self, x: KerasTensor, keep: KerasTensor | None = None) -> KerasTensor:
        """Pool over time.

        Parameters
        ----------
        x : tensor, shape (N, T, dim)
            Sequences.
        keep : tensor of bool, shape (N, T), optional
            True for a real step, False for padding.

        Returns
        -------
        tensor, shape (N, dim)
            Averages; 0 where nothing is kept.
        """
        return ops.sum(self.shares(x, keep=keep)[..., None] * x, axis=1)

    def compute_output_shape(
        self, x_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """Say what comes out.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the sequences.

        Returns
        -------
        tuple of int
            Without the time.
        """
        return (x_shape[0], x_shape[2])

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), "dim": self.dim, "hidden": self.width}
