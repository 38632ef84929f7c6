"""PReLU: a leaky ReLU that learns its slope."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["PReLU"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class PReLU(keras.layers.Layer):
    r"""PReLU: $x$ right of 0, else $a x$ with a learnt slope $a$.

    One slope for all numbers or one per channel, on the axis that holds them. The
    weight decay of an optimizer pulls the slopes to 0, which is ReLU: leave them out.

    Parameters
    ----------
    channels : int, optional
        Number of slopes, one per channel. None learns one for all.
    axis : int
        The axis of the channels.
    init : float
        Slope to start from.
    kwargs : Any
        What every layer takes, such as `name` and `dtype`.

    Raises
    ------
    ValueError
        If `channels` is less than 1.

    Examples
    --------
    >>> layer = PReLU(3)
    >>> [float(y) for y in layer(ops.array([[-4.0, 0.0, 4.0]]))[0]]
    [-1.0, 0.0, 4.0]
    >>> layer.count_params()
    3

    References
    ----------
    He et al., "Delving Deep into Rectifiers", 2015, sec. 2.1.
    <https://arxiv.org/abs/1502.01852>
    """

    def __init__(
        self,
        channels: int | None = None,
        axis: int = -1,
        *,
        init: float = 0.25,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if channels is not None and channels < 1:
            raise ValueError(f"channels must be >= 1. Received: {channels}")
        self.channels, self.axis, self.init = channels, axis, init
        self.weight = self.add_weight(
            shape=(channels or 1,),
            initializer=keras.initializers.Constant(init),
            name="weight",
        )
        self.built = True  # no input is needed to know the weights

    def call(self, x: KerasTensor) -> KerasTensor:
        """Bend the left side.

        Parameters
        ----------
        x : tensor, shape (N, ..., C)
            Any numbers, any floating dtype.

        Returns
        -------
        tensor, shape (N, ..., C)
            One value per element, in the dtype of `x`.

        Raises
        ------
        ValueError
            If the axis of the channels has another length or `x` holds integers.
        """
        kind = keras.backend.standardize_dtype(x.dtype)
        if not keras.backend.is_float_dtype(kind):
            raise ValueError(f"x must hold floats. Received: {kind}")
        weight = self.weight
        if self.channels is not None:
            has_axis = -len(x.shape) <= self.axis < len(x.shape)
            if not has_axis or x.shape[self.axis] != self.channels:
                raise ValueError(
                    f"x must have {self.channels} channels on axis {self.axis}. "
                    f"Received: {tuple(x.shape)}"
                )
            shape = [1] * len(x.shape)
            shape[self.axis] = self.channels
            weight = ops.reshape(weight, shape)
        # the slope of a weight is a long sum: not in half precision
        wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
        bent = ops.where(wide > 0, wide, ops.cast(weight, wide.dtype) * wide)
        return ops.cast(bent, x.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the layer again."""
        own = {"channels": self.channels, "axis": self.axis, "init": self.init}
        return {**super().get_config(), **own}
