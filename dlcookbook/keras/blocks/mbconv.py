"""MBConv and its fused form: widen, look around, weigh the channels, narrow again."""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

__all__ = ["FusedMBConv", "MBConv"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class MBConv(layers.Layer):
    r"""Mobile inverted bottleneck: 1 x 1 up, depthwise, squeeze-excite, 1 x 1 down.

    The input is added where the shape stays. Nothing comes after the last norm: a ReLU
    in the narrow part would lose what passes through it.

    Take it where multiplications count; it is the block of EfficientNet. Costs
    `in_channels * width * (expansion > 1) + 2 * width * (expansion > 1)
    + kernel_size**2 * width + 2 * width + (2 * width + 1) * squeezed
    + width * (squeezed > 0) + width * out_channels + 2 * out_channels` parameters with
    `width = in_channels * expansion` and `squeezed = int(in_channels * squeeze)`, at
    least 1 unless `squeeze` is 0. Kernels start He normal by fan-out of a group, biases
    at 0.

    Parameters
    ----------
    out_channels : int
        Channels out.
    expansion : int
        How many times wider the middle is. 1 leaves the first convolution out.
    kernel_size : int
        Side of the depthwise kernels, odd.
    stride : int
        Step of the depthwise convolution: 2 halves the image, rounded up.
    squeeze : float in [0, 1]
        Channels in the middle of squeeze-excite, as a share of those that come in. 0
        leaves it out.
    drop_path : float in [0, 1)
        Share of the examples for which the branch is left out in training.
    norm_eps : float
        Added to the variance in BatchNorm.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `kernel_size` is even, `drop_path` outside [0, 1), `expansion` less than 1,
        `squeeze` negative or `norm_eps` not above 0.

    Examples
    --------
    >>> block = MBConv(8)
    >>> tuple(block(ops.zeros((2, 9, 6, 8))).shape)
    (2, 9, 6, 8)
    >>> sum(int(ops.size(w)) for w in block.trainable_weights)
    1650

    References
    ----------
    Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018,
    section 3.4. <https://arxiv.org/abs/1801.04381> Tan and Le, "EfficientNet", 2019,
    section 4. <https://arxiv.org/abs/1905.11946>
    """

    def __init__(
        self,
        out_channels: int,
        *,
        expansion: int = 6,
        kernel_size: int = 3,
        stride: int = 1,
        squeeze: float = 0.25,
        drop_path: float = 0.0,
        norm_eps: float = 1e-5,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _check(kernel_size, expansion, squeeze, drop_path, norm_eps)
        self.options: dict[str, Any] = {
            "out_channels": out_channels,
            "expansion": expansion,
            "kernel_size": kernel_size,
            "stride": stride,
            "squeeze": squeeze,
            "drop_path": drop_path,
            "norm_eps": norm_eps,
        }

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the features.
        """
        channels, o, kind = x_shape[-1], self.options, self.dtype_policy
        out, eps = o["out_channels"], o["norm_eps"]
        self.adds = o["stride"] == 1 and channels == out
        width = channels * o["expansion"]
        self.expand = []
        if o["expansion"] > 1:
            self.expand = _unit(channels, width, 1, 1, eps, "expand", kind)
        self.depthwise = _unit(
            width, None, o["kernel_size"], o["stride"], eps, "depthwise", kind
        )
        squeezed = int(channels * o["squeeze"]) or int(o["squeeze"] > 0)
        self.se = SqueezeExcite(squeezed, name="se", dtype=kind) if squeezed else None
        if self.se:
            self.se.build((None, None, None, width))
        self.project = _conv(width, out, 1, 1, "project", kind)
        self.norm = _norm(out, eps, "norm", kind)
        self.drop = layers.Dropout(o["drop_path"], (None, 1, 1, 1), dtype=kind)

    def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
        """Add to the input what was learned, if the shape stays.

        Parameters
        ----------
        x : tensor, shape (N, H, W, in_channels)
            Features.
        training : bool
            Whether norms use the batch's own statistics and branches are dropped.

        Returns
        -------
        tensor, shape (N, ceil(H / stride), ceil(W / stride), out_channels)
            Features.
        """
        y = _run(self.depthwise, _run(self.expand, x, training), training)
        y = self.se(y) if self.se else y
        y = self.norm(self.project(y), training=training)
        return x + self.drop(y, training=training) if self.adds else y

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), **self.options}


@keras.saving.register_keras_serializable(package="dlcookbook")
class FusedMBConv(layers.Layer):
    r"""MBConv whose first two convolutions are one, over all channels at once.

    More multiplications than `MBConv`, yet faster on a GPU while there are few
    channels: a full convolution keeps it busy. With an expansion of 1 there is one
    convolution in all, followed by SiLU.

    Take it in the first stages, where images are large and channels few; it is the
    early block of EfficientNetV2. Costs
    `kernel_size**2 * in_channels * width + 2 * width + (2 * width + 1) * squeezed
    + width * (squeezed > 0) + (width + 2) * out_channels * (expansion > 1)` parameters
    with `width = in_channels * expansion if expansion > 1 else out_channels` and
    `squeezed = int(in_channels * squeeze)`, at least 1 unless `squeeze` is 0. Kernels
    start He normal by fan-out, biases at 0.

    Parameters
    ----------
    out_channels : int
        Channels out.
    expansion : int
        How many times wider the middle is. 1 leaves the last convolution out.
    kernel_size : int
        Side of the kernels, odd.
    stride : int
        Step of the first convolution: 2 halves the image, rounded up.
    squeeze : float in [0, 1]
        Channels in the middle of squeeze-excite, as a share of those that come in. 0
        leaves it out.
    drop_path : float in [0, 1)
        Share of the examples for which the branch is left out in training.
    norm_eps : float
        Added to the variance in BatchNorm.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `kernel_size` is even, `drop_path` outside [0, 1), `expansion` less than 1,
        `squeeze` negative or `norm_eps` not above 0.

    Examples
    --------
    >>> block = FusedMBConv(8)
    >>> tuple(block(ops.zeros((2, 9, 6, 8))).shape)
    (2, 9, 6, 8)
    >>> sum(int(ops.size(w)) for w in block.trainable_weights)
    2640

    References
    ----------
    Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, figure 2.
    <https://arxiv.org/abs/2104.00298>
    """

    def __init__(
        self,
        out_channels: int,
        *,
        expansion: int = 4,
        kernel_size: int = 3,
        stride: int = 1,
        squeeze: float = 0.0,
        drop_path: float = 0.0,
        norm_eps: float = 1e-5,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _check(kernel_size, expansion, squeeze, drop_path, norm_eps)
        self.options: dict[str, Any] = {
            "out_channels": out_channels,
            "expansion": expansion,
            "kernel_size": kernel_size,
            "stride": stride,
            "squeeze": squeeze,
            "drop_path": drop_path,
            "norm_eps": norm_eps,
        }

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the features.
        """
        channels, o, kind = x_shape[-1], self.options, self.dtype_policy
        out, eps = o["out_channels"], o["norm_eps"]
        self.adds = o["stride"] == 1 and channels == out
        width = channels * o["expansion"] if o["expansion"] > 1 else out
        self.expand = _unit(
            channels, width, o["kernel_size"], o["stride"], eps, "expand", kind
        )
        squeezed = int(channels * o["squeeze"]) or int(o["squeeze"] > 0)
        self.se = SqueezeExcite(squeezed, name="se", dtype=kind) if squeezed else None
        if self.se:
            self.se.build((None, None, None, width))
        self.project = []
        if o["expansion"] > 1:
            conv = _conv(width, out, 1, 1, "project", kind)
            self.project = [conv, _norm(out, eps, "norm", kind)]
        self.drop = layers.Dropout(o["drop_path"], (None, 1, 1, 1), dtype=kind)

    def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
        """Add to the input what was learned, if the shape stays.

        Parameters
        ----------
        x : tensor, shape (N, H, W, in_channels)
            Features.
        training : bool
            Whether norms use the batch's own statistics and branches are dropped.

        Returns
        -------
        tensor, shape (N, ceil(H / stride), ceil(W / stride), out_channels)
            Features.
        """
        y = _run(self.expand, x, training)
        y = self.se(y) if self.se else y
        if self.project:
            conv, norm = self.project
            y = norm(conv(y), training=training)
        return x + self.drop(y, training=training) if self.adds else y

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), **self.options}


class SqueezeExcite(layers.Layer):
    """Scale every channel by a gate that sees the mean of all channels."""

    def __init__(self, squeezed: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.squeezed = squeezed

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make the weights."""
        kind, channels = self.dtype_policy, x_shape[-1]
        self.reduce = _conv(channels, self.squeezed, 1, 1, "reduce", kind, True)
        self.expand = _conv(self.squeezed, channels, 1, 1, "expand", kind, True)

    def call(self, x: KerasTensor) -> KerasTensor:
        """Map (N, H, W, channels) to the same shape."""
        gate = ops.silu(self.reduce(ops.mean(x, axis=(1, 2), keepdims=True)))
        return x * ops.sigmoid(self.expand(gate))


def _check(
    kernel_size: int,
    expansion: int,
    squeeze: float,
    drop_path: float,
    norm_eps: float,
) -> None:
    if kernel_size % 2 == 0:
        raise ValueError(f"kernel_size must be odd. Received: {kernel_size}")
    if not 0 <= drop_path < 1:
        raise ValueError(f"drop_path must be in [0, 1). Received: {drop_path}")
    if expansion < 1:
        raise ValueError(f"expansion must be >= 1. Received: {expansion}")
    if not squeeze >= 0:
        raise ValueError(f"squeeze must be >= 0. Received: {squeeze}")
    if not norm_eps > 0:
        raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")


def _conv(
    in_channels: int,
    filters: int | None,
    size: int,
    stride: int,
    name: str,
    kind: keras.DTypePolicy,
    bias: bool = False,
) -> layers.Layer:
    """Convolution, depthwise if `filters` is None."""
    # Keras' "he_normal" is cut off at two deviations
    start = keras.initializers.VarianceScaling(
        2.0, mode="fan_out", distribution="untruncated_normal"
    )
    options: dict[str, Any] = {"strides": stride, "use_bias": bias}
    options |= {"name": name, "dtype": kind}
    conv: layers.Layer
    if filters is None:
        conv = layers.DepthwiseConv2D(size, depthwise_initializer=start, **options)
    else:
        conv = layers.Conv2D(filters, size, kernel_initializer=start, **options)
    conv.build((None, None, None, in_channels))
    return conv


def _norm(
    channels: int, eps: float, name: str, kind: keras.DTypePolicy
) -> layers.Layer:
    norm = layers.BatchNormalization(momentum=0.9, epsilon=eps, name=name, dtype=kind)
    norm.build((None, None, None, channels))
    return norm


def _unit(
    in_channels: int,
    filters: int | None,
    size: int,
    stride: int,
    eps: float,
    name: str,
    kind: keras.DTypePolicy,
) -> list[layers.Layer]:
    return [
        # zeros on both sides: "same" would put more of them right and below
        layers.ZeroPadding2D(size // 2, dtype=kind),
        _conv(in_channels, filters, size, stride, f"{name}_0", kind),
        _norm(filters or in_channels, eps, f"{name}_1", kind),
    ]


def _run(unit: list[layers.Layer], x: KerasTensor, training: bool) -> KerasTensor:
    if not unit:
        return x
    pad, conv, norm = unit
    return ops.silu(norm(conv(pad(x)), training=training))
