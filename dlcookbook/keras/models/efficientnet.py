"""EfficientNet B0 to B7: one network, made deeper and wider by two factors."""

import math

import keras
from keras import KerasTensor, layers

__all__ = ["efficientnet"]

# Stages: expansion, kernel, stride, channels, blocks.
STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
# Factors of width and depth, pixels that it was trained on, dropout.
VARIANTS = {
    "b0": (1.0, 1.0, 224, 0.2),
    "b1": (1.0, 1.1, 240, 0.2),
    "b2": (1.1, 1.2, 260, 0.3),
    "b3": (1.2, 1.4, 300, 0.3),
    "b4": (1.4, 1.8, 380, 0.4),
    "b5": (1.6, 2.2, 456, 0.4),
    "b6": (1.8, 2.6, 528, 0.5),
    "b7": (2.0, 3.1, 600, 0.5),
}


def _wide(channels: int, factor: float) -> int:
    # to a multiple of 8, and never more than a tenth down
    rounded = max(8, int(channels * factor + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels * factor else rounded


def conv(
    x: KerasTensor,
    filters: int | None,
    name: str,
    *,
    size: int = 1,
    stride: int = 1,
    tf_padding: bool = False,
    bias: bool = False,
) -> KerasTensor:
    """Convolution, depthwise if `filters` is None."""
    # "same" is what TensorFlow pads; PyTorch pads a strided convolution on both sides
    same = stride == 1 or tf_padding
    if not same:
        x = layers.ZeroPadding2D(size // 2, name=f"{name}_pad")(x)
    start = keras.initializers.VarianceScaling(
        2.0, mode="fan_out", distribution="untruncated_normal"
    )
    padding = "same" if same else "valid"
    if filters is None:
        return layers.DepthwiseConv2D(
            size,
            strides=stride,
            padding=padding,
            use_bias=False,
            depthwise_initializer=start,
            name=name,
        )(x)
    return layers.Conv2D(
        filters,
        size,
        strides=stride,
        padding=padding,
        use_bias=bias,
        kernel_initializer=start,
        name=name,
    )(x)


def norm(x: KerasTensor, eps: float, name: str, *, silu: bool = True) -> KerasTensor:
    """BatchNorm and, as a rule, SiLU."""
    x = layers.BatchNormalization(momentum=0.9, epsilon=eps, name=name)(x)
    return layers.Activation("silu", name=f"{name}_silu")(x) if silu else x


def squeeze_excite(x: KerasTensor, squeezed: int, name: str) -> KerasTensor:
    """Scale every channel by a gate that sees the mean of all channels."""
    gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(x)
    gate = conv(gate, squeezed, f"{name}_conv_reduce", bias=True)
    gate = layers.Activation("silu", name=f"{name}_silu")(gate)
    gate = conv(gate, x.shape[-1], f"{name}_conv_expand", bias=True)
    gate = layers.Activation("sigmoid", name=f"{name}_gate")(gate)
    return layers.Multiply(name=f"{name}_scale")([x, gate])


def mbconv(
    x: KerasTensor,
    filters: int,
    name: str,
    *,
    expansion: int,
    size: int,
    stride: int,
    drop_path: float,
    norm_eps: float,
    tf_padding: bool,
) -> KerasTensor:
    """Expand, depthwise convolution, squeeze-excite, project; add the input if it fits.

    With an expansion of 1 the first step is left out.
    """
    channels, y = x.shape[-1], x
    norms = [f"{name}_bn{i}" for i in (1, 2, 3)]
    if expansion > 1:
        y = conv(y, channels * expansion, f"{name}_conv_pw")
        y = norm(y, norm_eps, norms.pop(0))
    y = conv(
        y,
        None,
        f"{name}_conv_dw",
        size=size,
        stride=stride,
        tf_padding=tf_padding,
    )
    y = norm(y, norm_eps, norms.pop(0))
    y = squeeze_excite(y, max(1, channels // 4), f"{name}_se")
    y = conv(y, filters, f"{name}_conv_pwl" if expansion > 1 else f"{name}_conv_pw")
    y = norm(y, norm_eps, norms.pop(0), silu=False)
    if stride > 1 or channels != filters:
        return y
    if drop_path > 0:
        # one decision for each image, not one for each number
        drop = layers.Dropout(
            drop_path, noise_shape=(None, 1, 1, 1), name=f"{name}_drop_path"
        )
        y = drop(y)
    return layers.Add(name=f"{name}_add")([x, y])


def efficientnet(
    variant: str = "b0",
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    dropout: float | None = None,
    drop_path: float = 0.2,
    norm_eps: float = 1e-5,
    tf_padding: bool = False,
) -> keras.Model:
    r"""EfficientNet, from B0 to B7.

    Every size is B0 with its channels times a factor of width (to a multiple of 8) and
    its blocks times a factor of depth (rounded up). The idea is to scale depth by
    $1.2^\phi$, width by $1.1^\phi$ and the image by $1.15^\phi$ together. For the
    weights of `keras.applications` say `norm_eps=1e-3, tf_padding=True`. Convolutions
    start He normal by fan-out of a group, the last layer uniform in
    $\pm 1 / \sqrt{\text{fan-in}}$, every bias 0.

    Parameters
    ----------
    variant : str
        "b0" to "b7". Trained on images of 224, 240, 260, 300, 380, 456, 528 and 600
        pixels.
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    dropout : float in [0, 1), optional
        Before the last layer. None takes that of the paper: 0.2 for B0 to 0.5 for B7.
    drop_path : float in [0, 1)
        How often the last block is skipped for an image in training; rises to it
        linearly from 0 in the first.
    norm_eps : float
        Added to the variance in BatchNorm.
    tf_padding : bool
        Pad strided convolutions as TensorFlow's "same" does: right and bottom first.

    Returns
    -------
    keras.Model
        From float images (N, H, W, in_channels), normalised to mean 0 and deviation 1
        for each channel, of any size, to logits of shape (N, num_classes). Layers are
        named as the modules in PyTorch, with _ for a dot.

    Raises
    ------
    ValueError
        If there is no such variant, or an option is out of its range.

    Examples
    --------
    >>> model = efficientnet("b0", 10)
    >>> model.compute_output_shape((2, 65, 48, 3))
    (2, 10)
    >>> sizes = [keras.ops.size(w) for w in model.trainable_weights]
    >>> f"{sum(int(size) for size in sizes):,}"
    '4,020,358'

    References
    ----------
    Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
    Networks", 2019, table 1, eq. 3. <https://arxiv.org/abs/1905.11946>
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant must be in {list(VARIANTS)}. Received: {variant}")
    width, depth, _, usual = VARIANTS[variant]
    dropout = usual if dropout is None else dropout
    if num_classes < 1 or not norm_eps > 0:
        raise ValueError(
            "num_classes must be >= 1, norm_eps > 0. "
            f"Received: {num_classes}, {norm_eps}"
        )
    if not (0 <= dropout < 1 and 0 <= drop_path < 1):
        raise ValueError(
            f"dropout and drop_path must be in [0, 1). Received: {dropout}, {drop_path}"
        )
    inputs = keras.Input((None, None, in_channels))
    x = conv(
        inputs,
        _wide(32, width),
        "conv_stem",
        size=3,
        stride=2,
        tf_padding=tf_padding,
    )
    x = norm(x, norm_eps, "bn1")
    total = sum(math.ceil(depth * n) for *_, n in STAGES)
    done = 0
    for s, (expansion, size, stride, out, n) in enumerate(STAGES):
        for i in range(math.ceil(depth * n)):
            x = mbconv(
                x,
                _wide(out, width),
                f"blocks_{s}_{i}",
                expansion=expansion,
                size=size,
                stride=stride if i == 0 else 1,
                drop_path=drop_path * done / total,
                norm_eps=norm_eps,
                tf_padding=tf_padding,
            )
            done += 1
    x = norm(conv(x, _wide(1280, width), "conv_head"), norm_eps, "bn2")
    x = layers.GlobalAveragePooling2D(name="avgpool")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    # the kernel is uniform in +-1 / sqrt(fan-in)
    start = keras.initializers.VarianceScaling(1 / 3, distribution="uniform")
    x = layers.Dense(num_classes, kernel_initializer=start, name="classifier")(x)
    return keras.Model(inputs, x, name=f"efficientnet_{variant}")
