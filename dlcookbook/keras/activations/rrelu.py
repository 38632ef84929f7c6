"""RReLU: a leaky ReLU that draws its slopes anew in training."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["RReLU"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class RReLU(keras.layers.Layer):
    r"""RReLU: $x$ right of 0, else $a x$; a slope $a$ is drawn for every number.

    From `lower` to `upper`, evenly; in inference $a$ is their mean. Keras has none.

    Parameters
    ----------
    lower, upper : float
        Ends of the interval of slopes.
    seed : int, optional
        Start of a generator of its own. None leaves it to the framework.
    kwargs : Any
        What every layer takes, such as `name` and `dtype`.

    Raises
    ------
    ValueError
        If `lower` is above `upper`.

    Examples
    --------
    >>> layer = RReLU(0.1, 0.3, seed=0)
    >>> y = ops.convert_to_numpy(layer(-ops.ones((1000,)), training=True))
    >>> bool((y > -0.3).all() and (y < -0.1).all()), len(set(y.tolist())) > 900
    (True, True)
    >>> [round(float(y), 4) for y in layer(ops.array([-1.0, 2.0]))]
    [-0.2, 2.0]

    References
    ----------
    Xu et al., "Empirical Evaluation of Rectified Activations in Convolutional
    Network", 2015. <https://arxiv.org/abs/1505.00853>
    """

    def __init__(
        self,
        lower: float = 1 / 8,
        upper: float = 1 / 3,
        *,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not lower <= upper:
            raise ValueError(
                f"lower must be at most upper. Received: {lower} and {upper}"
            )
        self.lower, self.upper, self.seed = lower, upper, seed
        self.generator = keras.random.SeedGenerator(seed)
        self.built = True  # there is nothing to learn

    def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
        """Bend the left side.

        Parameters
        ----------
        x : tensor, shape (...)
            Any numbers, any floating dtype.
        training : bool
            Whether to draw the slopes.

        Returns
        -------
        tensor, shape (...)
            One value per element, in the dtype of `x`.

        Raises
        ------
        ValueError
            If `x` holds integers.
        """
        kind = keras.backend.standardize_dtype(x.dtype)
        if not keras.backend.is_float_dtype(kind):
            raise ValueError(f"x must hold floats. Received: {kind}")
        # half precision has too few numbers to draw from
        wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
        if training:
            draw = {"dtype": wide.dtype, "seed": self.generator}
            slope = keras.random.uniform(
                ops.shape(wide), minval=self.lower, maxval=self.upper, **draw
            )
        else:
            slope = (self.lower + self.upper) / 2
        return ops.cast(ops.where(wide < 0, slope * wide, wide), x.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the layer again."""
        own = {"lower": self.lower, "upper": self.upper, "seed": self.seed}
        return {**super().get_config(), **own}
