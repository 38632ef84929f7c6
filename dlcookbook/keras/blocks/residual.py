"""Residual blocks: learn what to add to the input, and let the rest pass."""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

__all__ = ["BasicBlock", "Bottleneck"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class BasicBlock(layers.Layer):
    r"""Two 3 x 3 convolutions, and the input added before the last ReLU.

    $y = \mathrm{ReLU}(\mathrm{BN}(w_2 * \mathrm{ReLU}(\mathrm{BN}(w_1 * x))) + S x)$,
    where $S$ is the identity, or a 1 x 1 convolution with a norm of its own where the
    shape changes. With the scale of the last norm at 0 it is $\mathrm{ReLU}(S x)$.

    Take it for networks of up to about 34 layers. Costs
    `9 * channels * (in_channels + channels) + 4 * channels + (in_channels + 2)
    * channels * projects` parameters, where `projects` is 1 if the shape changes, else
    0. Kernels start He normal by fan-out.

    Parameters
    ----------
    channels : int
        Channels out.
    stride : int
        Step of the first convolution: 2 halves the image, rounded up.
    norm_eps : float
        Added to the variance in BatchNorm.
    zero_init : bool
        Start the scale of the last norm at 0: a deep stack then begins as if it were
        shallow.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `norm_eps` is not above 0.

    Examples
    --------
    >>> block = BasicBlock(16, stride=2)
    >>> tuple(block(ops.zeros((2, 9, 6, 8))).shape)
    (2, 5, 3, 16)
    >>> sum(int(ops.size(w)) for w in block.trainable_weights)
    3680

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, figure 5, left.
    <https://arxiv.org/abs/1512.03385>
    """

    def __init__(
        self,
        channels: int,
        *,
        stride: int = 1,
        norm_eps: float = 1e-5,
        zero_init: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        self.options: dict[str, Any] = {
            "channels": channels,
            "stride": stride,
            "norm_eps": norm_eps,
            "zero_init": zero_init,
        }
        kind = self.dtype_policy
        # zeros on both sides: "same" would put more of them right and below
        self.pad = layers.ZeroPadding2D(1, dtype=kind)
        self.conv1 = _conv(channels, 3, "conv1", kind, stride)
        self.bn1 = _norm(norm_eps, "bn1", kind)
        self.conv2 = _conv(channels, 3, "conv2", kind)
        self.bn2 = _norm(norm_eps, "bn2", kind, zero_init)

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the features.
        """
        self.conv1.build((None, None, None, x_shape[-1]))
        for layer in (self.bn1, self.conv2, self.bn2):
            layer.build((None, None, None, self.conv1.filters))
        self.shortcut = _shortcut(x_shape[-1], self.conv1.filters, self)

    def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
        """Add to the input what was learned.

        Parameters
        ----------
        x : tensor, shape (N, H, W, in_channels)
            Features.
        training : bool
            Whether the norms use the batch's own statistics.

        Returns
        -------
        tensor, shape (N, ceil(H / stride), ceil(W / stride), channels)
            Features, none below 0.
        """
        y = ops.relu(self.bn1(self.conv1(self.pad(x)), training=training))
        y = self.bn2(self.conv2(self.pad(y)), training=training)
        if self.shortcut:
            conv, norm = self.shortcut
            x = norm(conv(x), training=training)
        return ops.relu(x + y)

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), **self.options}


@keras.saving.register_keras_serializable(package="dlcookbook")
class Bottleneck(layers.Layer):
    r"""1 x 1 down, 3 x 3, 1 x 1 up, and the input added before the last ReLU.

    The costly 3 x 3 convolution sees `channels` channels, the sum `expansion` times as
    many. With the scale of the last norm at 0 it is $\mathrm{ReLU}(S x)$, $S$ as in
    `BasicBlock`. The stride is in the 3 x 3 convolution, which is called version 1.5:
    in the paper's 1 x 1 it would skip three pixels out of four.

    Take it for networks of 50 layers and more. Costs
    `channels * (in_channels + 9 * channels + expansion * channels + 4 + 2 * expansion)
    + (in_channels + 2) * expansion * channels * projects` parameters, where `projects`
    is 1 if the shape changes, else 0. Kernels start He normal by fan-out.

    Parameters
    ----------
    channels : int
        Channels in the middle.
    stride : int
        Step of the 3 x 3 convolution: 2 halves the image, rounded up.
    expansion : int
        How many times as many channels come out.
    norm_eps : float
        Added to the variance in BatchNorm.
    zero_init : bool
        Start the scale of the last norm at 0: a deep stack then begins as if it were
        shallow.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `norm_eps` is not above 0.

    Examples
    --------
    >>> block = Bottleneck(16)
    >>> tuple(block(ops.zeros((2, 9, 6, 64))).shape)
    (2, 9, 6, 64)
    >>> sum(int(ops.size(w)) for w in block.trainable_weights)
    4544

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, figure 5, right.
    <https://arxiv.org/abs/1512.03385>
    """

    def __init__(
        self,
        channels: int,
        *,
        stride: int = 1,
        expansion: int = 4,
        norm_eps: float = 1e-5,
        zero_init: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        self.options: dict[str, Any] = {
            "channels": channels,
            "stride": stride,
            "expansion": expansion,
            "norm_eps": norm_eps,
            "zero_init": zero_init,
        }
        kind = self.dtype_policy
        # zeros on both sides: "same" would put more of them right and below
        self.pad = layers.ZeroPadding2D(1, dtype=kind)
        self.conv1 = _conv(channels, 1, "conv1", kind)
        self.bn1 = _norm(norm_eps, "bn1", kind)
        self.conv2 = _conv(channels, 3, "conv2", kind, stride)
        self.bn2 = _norm(norm_eps, "bn2", kind)
        self.conv3 = _conv(channels * expansion, 1, "conv3", kind)
        self.bn3 = _norm(norm_eps, "bn3", kind, zero_init)

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the features.
        """
        self.conv1.build((None, None, None, x_shape[-1]))
        for layer in (self.bn1, self.conv2, self.bn2, self.conv3):
            layer.build((None, None, None, self.conv1.filters))
        self.bn3.build((None, None, None, self.conv3.filters))
        self.shortcut = _shortcut(x_shape[-1], self.conv3.filters, self)

    def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
        """Add to the input what was learned.

        Parameters
        ----------
        x : tensor, shape (N, H, W, in_channels)
            Features.
        training : bool
            Whether the norms use the batch's own statistics.

        Returns
        -------
        tensor, shape (N, ceil(H / stride), ceil(W / stride), expansion * channels)
            Features, none below 0.
        """
        y = ops.relu(self.bn1(self.conv1(x), training=training))
        y = ops.relu(self.bn2(self.conv2(self.pad(y)), training=training))
        y = self.bn3(self.conv3(y), training=training)
        if self.shortcut:
            conv, norm = self.shortcut
            x = norm(conv(x), training=training)
        return ops.relu(x + y)

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), **self.options}


def _conv(
    filters: int, size: int, name: str, kind: keras.DTypePolicy, stride: int = 1
) -> layers.Layer:
    # Keras' "he_normal" is cut off at two deviations
    start = keras.initializers.VarianceScaling(
        2.0, mode="fan_out", distribution="untruncated_normal"
    )
    return layers.Conv2D(
        filters,
        size,
        strides=stride,
        use_bias=False,
        kernel_initializer=start,
        name=name,
        dtype=kind,
    )


def _norm(
    eps: float, name: str, kind: keras.DTypePolicy, zero: bool = False
) -> layers.Layer:
    return layers.BatchNormalization(
        momentum=0.9,
        epsilon=eps,
        gamma_initializer="zeros" if zero else "ones",
        name=name,
        dtype=kind,
    )


def _shortcut(
    in_channels: int, out_channels: int, block: BasicBlock | Bottleneck
) -> list[layers.Layer]:
    options, kind = block.options, block.dtype_policy
    if options["stride"] == 1 and in_channels == out_channels:
        return []
    conv = _conv(out_channels, 1, "downsample_0", kind, options["stride"])
    norm = _norm(options["norm_eps"], "downsample_1", kind)
    conv.build((None, None, None, in_channels))
    norm.build((None, None, None, out_channels))
    return [conv, norm]
