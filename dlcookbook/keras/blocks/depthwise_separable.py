"""Depthwise separable convolution: look at places and mix channels one by one."""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

__all__ = ["DepthwiseSeparable"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class DepthwiseSeparable(layers.Layer):
    r"""One kernel for each channel, then a 1 x 1 convolution over the channels.

    $y = \mathrm{ReLU}(\mathrm{BN}(W_p \, \mathrm{ReLU}(\mathrm{BN}(w_d * x))))$. A
    convolution of the same size needs $k^2 K / (k^2 + K)$ times as many
    multiplications for $K$ channels out: 8 to 9 times for a 3 x 3 kernel.

    Take it for a 3 x 3 convolution where size or battery counts. On a GPU the gain in
    time is smaller than in multiplications: the depthwise half waits for memory. Costs
    `kernel_size**2 * in_channels + 2 * in_channels + in_channels * out_channels
    + 2 * out_channels` parameters. Kernels start He normal by fan-out of a group.

    Parameters
    ----------
    out_channels : int
        Channels out.
    kernel_size : int
        Side of the kernels, odd.
    stride : int
        Step of the kernels: 2 halves the image, rounded up.
    norm_eps : float
        Added to the variance in BatchNorm.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `kernel_size` is even, as no padding would keep the image's size, or
        `norm_eps` is not above 0.

    Examples
    --------
    >>> block = DepthwiseSeparable(64, stride=2)
    >>> tuple(block(ops.zeros((2, 49, 64, 32))).shape)
    (2, 25, 32, 64)
    >>> sum(int(ops.size(w)) for w in block.trainable_weights)
    2528

    References
    ----------
    Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile
    Vision Applications", 2017, section 3.1. <https://arxiv.org/abs/1704.04861>
    """

    def __init__(
        self,
        out_channels: int,
        kernel_size: int = 3,
        *,
        stride: int = 1,
        norm_eps: float = 1e-5,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd. Received: {kernel_size}")
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        self.options: dict[str, Any] = {
            "out_channels": out_channels,
            "kernel_size": kernel_size,
            "stride": stride,
            "norm_eps": norm_eps,
        }
        # zeros on both sides: "same" would put more of them right and below
        self.pad = layers.ZeroPadding2D(kernel_size // 2, dtype=self.dtype_policy)
        same: dict[str, Any] = {"use_bias": False, "dtype": self.dtype_policy}
        # Keras' "he_normal" is cut off at two deviations
        start = {
            "scale": 2.0,
            "mode": "fan_out",
            "distribution": "untruncated_normal",
        }
        self.depthwise = layers.DepthwiseConv2D(
            kernel_size,
            strides=stride,
            depthwise_initializer=keras.initializers.VarianceScaling(**start),
            name="depthwise",
            **same,
        )
        self.pointwise = layers.Conv2D(
            out_channels,
            1,
            kernel_initializer=keras.initializers.VarianceScaling(**start),
            name="pointwise",
            **same,
        )
        self.bn1, self.bn2 = (
            layers.BatchNormalization(
                momentum=0.9, epsilon=norm_eps, name=name, dtype=self.dtype_policy
            )
            for name in ("bn1", "bn2")
        )

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the images or features.
        """
        for layer in (self.depthwise, self.bn1, self.pointwise):
            layer.build((None, None, None, x_shape[-1]))
        self.bn2.build((None, None, None, self.pointwise.filters))

    def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
        """Convolve.

        Parameters
        ----------
        x : tensor, shape (N, H, W, in_channels)
            Images or features.
        training : bool
            Whether the norms use the batch's own statistics.

        Returns
        -------
        tensor, shape (N, ceil(H / stride), ceil(W / stride), out_channels)
            Features, none below 0.
        """
        x = self.depthwise(self.pad(x))
        x = ops.relu(self.bn1(x, training=training))
        return ops.relu(self.bn2(self.pointwise(x), training=training))

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), **self.options}
