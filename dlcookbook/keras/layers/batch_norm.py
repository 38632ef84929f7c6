"""Batch normalisation, with the running variance of either framework."""

import keras
from keras import KerasTensor, ops

__all__ = ["BatchNorm"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class BatchNorm(keras.layers.Layer):
    r"""Batch normalisation whose running variance follows either framework.

    $y = \gamma (x - \mu_c) / \sqrt{\sigma_c^2 + \epsilon} + \beta$. In training with
    the statistics of the batch, which move the running ones,
    $r \leftarrow (1 - m) r + m s$; in inference, and where the layer is not trainable,
    with the running ones. torch keeps the unbiased variance and Keras the biased one:
    n / (n - 1) apart, and no argument of either changes that.

    Parameters
    ----------
    num_features : int
        Number of channels, the last axis.
    eps : float
        Added to the variance: 1e-5 in torch, 1e-3 in Keras.
    momentum : float in [0, 1]
        Weight of the new batch, as in torch: Keras' 0.99 is 0.01 here.
    unbiased : bool
        Keep the variance divided by n - 1, as torch does, or by n, as Keras does.
    name : str, optional
        Name of the layer.
    kwargs : Any
        What every layer takes, such as `dtype`.

    Raises
    ------
    ValueError
        If `num_features` is less than 1, `eps` is negative or `momentum` is outside
        [0, 1].

    Examples
    --------
    >>> layer = BatchNorm(1, momentum=1.0, unbiased=False)
    >>> y = layer(ops.convert_to_tensor([[1.0], [3.0]]), training=True)
    >>> [round(float(v), 4) for v in ops.convert_to_numpy(y).flatten()]
    [-1.0, 1.0]
    >>> float(layer.running_var[0])
    1.0

    References
    ----------
    Ioffe, Szegedy, "Batch normalization", 2015. <https://arxiv.org/abs/1502.03167>
    """

    def __init__(
        self,
        num_features: int,
        *,
        eps: float = 1e-5,
        momentum: float = 0.1,
        unbiased: bool = True,
        name: str | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(name=name, **kwargs)
        if num_features < 1 or not eps >= 0:
            raise ValueError(
                "num_features must be >= 1 and eps >= 0. "
                f"Received: {num_features} and {eps}"
            )
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must be in [0, 1]. Received: {momentum}")
        self.num_features, self.eps = num_features, eps
        self.momentum, self.unbiased = momentum, unbiased
        shape = (num_features,)
        self.weight = self.add_weight(shape=shape, initializer="ones", name="weight")
        self.bias = self.add_weight(shape=shape, initializer="zeros", name="bias")
        fixed = {"shape": shape, "trainable": False, "autocast": False}
        self.running_mean = self.add_weight(
            initializer="zeros", name="running_mean", **fixed
        )
        self.running_var = self.add_weight(
            initializer="ones", name="running_var", **fixed
        )

    def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
        """Normalise each channel.

        Parameters
        ----------
        x : tensor, shape (N, ..., C)
            Inputs.
        training : bool
            Whether to use, and keep, the statistics of the batch.

        Returns
        -------
        tensor, shape (N, ..., C)
            Outputs, in the dtype of `x`. With one value per channel they are the bias,
            and the unbiased variance, which there is none of, does not move; nor does
            anything for an empty batch.

        Raises
        ------
        ValueError
            If `x` has other channels or holds integers.
        """
        kind = keras.backend.standardize_dtype(x.dtype)
        if len(x.shape) < 2 or x.shape[-1] != self.num_features:
            raise ValueError(
                f"x must have {self.num_features} channels on the last axis. "
                f"Received: shape {tuple(x.shape)}"
            )
        if not keras.backend.is_float_dtype(kind):
            raise ValueError(f"x must hold floats. Received: {kind}")
        wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
        if training and self.trainable:
            axes, count = list(range(len(x.shape) - 1)), 1
            for size in ops.shape(wide)[:-1]:
                count = count * size
            count = ops.cast(count, wide.dtype)
            mean = ops.sum(wide, axes) / count
            square = ops.sum((wide - mean) ** 2, axes)
            var, least = square / count, int(self.unbiased)
            found = square / ops.maximum(count - least, 1)
            pairs = (self.running_mean, mean, 0), (self.running_var, found, least)
            for kept, new, few in pairs:
                step = ops.where(count > few, ops.cast(new, kept.dtype) - kept, 0.0)
                kept.assign(kept + self.momentum * step)
        else:
            mean = ops.cast(self.running_mean, wide.dtype)
            var = ops.cast(self.running_var, wide.dtype)
        scale = ops.cast(self.weight, wide.dtype) * ops.rsqrt(var + self.eps)
        y = (wide - mean) * scale + ops.cast(self.bias, wide.dtype)
        return ops.cast(y, x.dtype)

    def get_config(self) -> dict:
        """Return what `from_config` needs."""
        return {
            **super().get_config(),
            "num_features": self.num_features,
            "eps": self.eps,
            "momentum": self.momentum,
            "unbiased": self.unbiased,
        }
