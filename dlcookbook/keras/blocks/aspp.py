"""Atrous spatial pyramid pooling: one look at every scale, side by side."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import KerasTensor, layers, ops

__all__ = ["ASPP"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class ASPP(layers.Layer):
    r"""Dilated convolutions side by side, the image's mean beside them, then 1 x 1.

    A 1 x 1 convolution, a 3 x 3 convolution for every rate and the mean of the image
    through a 1 x 1 convolution are joined and mixed by another one; each convolution is
    followed by BatchNorm and ReLU. A 3 x 3 kernel of rate $r$ spans $2r + 1$ pixels.

    Take it on top of a backbone for segmentation, on features of 1/16 or 1/8 of the
    image's size: where a rate is larger than the features, all but the middle of its
    kernel sees padding. In training give it two images or more: over one, the norm
    behind the mean sees a single number. PyTorch refuses that, and Keras silently gives
    the norm's bias. Costs `out_channels * in_channels * (2 + 9 * len(rates))
    + out_channels**2 * (2 + len(rates)) + 2 * out_channels * (3 + len(rates))`
    parameters. Kernels start He normal by fan-out.

    Parameters
    ----------
    out_channels : int
        Channels of every branch, and out.
    rates : sequence of int
        Dilation of each 3 x 3 convolution. Twice as large for features of 1/8.
    norm_eps : float
        Added to the variance in BatchNorm.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If a rate is less than 1 or `norm_eps` is not above 0.

    Examples
    --------
    >>> block = ASPP(16, rates=(2, 4))
    >>> tuple(block(ops.zeros((1, 13, 9, 32))).shape)
    (1, 13, 9, 16)
    >>> sum(int(ops.size(w)) for w in block.trainable_weights)
    11424

    References
    ----------
    Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation", 2017,
    section 3.3. <https://arxiv.org/abs/1706.05587>
    """

    def __init__(
        self,
        out_channels: int = 256,
        *,
        rates: Sequence[int] = (6, 12, 18),
        norm_eps: float = 1e-5,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if any(rate < 1 for rate in rates):
            raise ValueError(f"rates must be >= 1. Received: {rates}")
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        self.out_channels, self.norm_eps = out_channels, norm_eps
        self.rates = tuple(rates)

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the features.
        """
        channels, out = x_shape[-1], self.out_channels
        self.branches = [
            self._unit(channels, rate, f"branches_{i}")
            for i, rate in enumerate((None, *self.rates))
        ]
        self.pooled = self._unit(channels, None, "pooled")
        self.project = self._unit(out * (len(self.rates) + 2), None, "project")

    def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
        """Look at every scale.

        Parameters
        ----------
        x : tensor, shape (N, H, W, in_channels)
            Features.
        training : bool
            Whether the norms use the batch's own statistics.

        Returns
        -------
        tensor, shape (N, H, W, out_channels)
            Features, none below 0.
        """

        def run(unit, x):
            conv, norm = unit
            return ops.relu(norm(conv(x), training=training))

        mean = run(self.pooled, ops.mean(x, axis=(1, 2), keepdims=True))
        seen = [run(branch, x) for branch in self.branches]
        mean = ops.broadcast_to(mean, ops.shape(seen[0]))
        return run(self.project, ops.concatenate([*seen, mean], axis=-1))

    def _unit(self, in_channels: int, rate: int | None, name: str) -> list:
        """Build a convolution of 1 x 1, or of 3 x 3 with a rate, and its norm."""
        conv = layers.Conv2D(
            self.out_channels,
            1 if rate is None else 3,
            padding="same",
            dilation_rate=rate or 1,
            use_bias=False,
            # Keras' "he_normal" is cut off at two deviations
            kernel_initializer=keras.initializers.VarianceScaling(
                2.0, mode="fan_out", distribution="untruncated_normal"
            ),
            name=f"{name}_0",
            dtype=self.dtype_policy,
        )
        norm = layers.BatchNormalization(
            momentum=0.9,
            epsilon=self.norm_eps,
            name=f"{name}_1",
            dtype=self.dtype_policy,
        )
        conv.build((None, None, None, in_channels))
        norm.build((None, None, None, self.out_channels))
        return [conv, norm]

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        mine = {"out_channels": self.out_channels, "norm_eps": self.norm_eps}
        return {**super().get_config(), **mine, "rates": self.rates}
