"""ResNet: blocks that add to their input, so that a hundred layers still train."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, layers

__all__ = ["resnet18", "resnet34", "resnet50"]


def _conv(
    x: KerasTensor, filters: int, size: int, stride: int, name: str, bias: bool
) -> KerasTensor:
    # "same" would pad a strided convolution on one side only
    if stride > 1 and size > 1:
        x = layers.ZeroPadding2D(size // 2, name=f"{name}_pad")(x)
    return layers.Conv2D(
        filters,
        size,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        use_bias=bias,
        kernel_initializer=keras.initializers.VarianceScaling(
            2.0, mode="fan_out", distribution="untruncated_normal"
        ),
        name=name,
    )(x)


def _norm(x: KerasTensor, eps: float, name: str) -> KerasTensor:
    return layers.BatchNormalization(momentum=0.9, epsilon=eps, name=name)(x)


def _relu(x: KerasTensor, name: str) -> KerasTensor:
    return layers.ReLU(name=name)(x)


def basic_block(
    x: KerasTensor, channels: int, stride: int, eps: float, name: str
) -> KerasTensor:
    """Two 3 x 3 convolutions; the input is added before the last ReLU."""
    y = _conv(x, channels, 3, stride, f"{name}_conv1", False)
    y = _relu(_norm(y, eps, f"{name}_bn1"), f"{name}_relu1")
    y = _norm(_conv(y, channels, 3, 1, f"{name}_conv2", False), eps, f"{name}_bn2")
    if stride > 1 or x.shape[-1] != channels:
        x = _conv(x, channels, 1, stride, f"{name}_downsample_0", False)
        x = _norm(x, eps, f"{name}_downsample_1")
    return _relu(layers.Add(name=f"{name}_add")([y, x]), f"{name}_relu")


def bottleneck_block(
    x: KerasTensor,
    channels: int,
    stride: int,
    eps: float,
    name: str,
    conv_bias: bool,
    stride_on_1x1: bool,
) -> KerasTensor:
    """1 x 1 down, 3 x 3, 1 x 1 up to four times the channels; then add the input."""
    first, second = (stride, 1) if stride_on_1x1 else (1, stride)
    y = _conv(x, channels, 1, first, f"{name}_conv1", conv_bias)
    y = _relu(_norm(y, eps, f"{name}_bn1"), f"{name}_relu1")
    y = _conv(y, channels, 3, second, f"{name}_conv2", conv_bias)
    y = _relu(_norm(y, eps, f"{name}_bn2"), f"{name}_relu2")
    y = _conv(y, 4 * channels, 1, 1, f"{name}_conv3", conv_bias)
    y = _norm(y, eps, f"{name}_bn3")
    if stride > 1 or x.shape[-1] != 4 * channels:
        x = _conv(x, 4 * channels, 1, stride, f"{name}_downsample_0", conv_bias)
        x = _norm(x, eps, f"{name}_downsample_1")
    return _relu(layers.Add(name=f"{name}_add")([y, x]), f"{name}_relu")


def resnet(
    name: str,
    depths: Sequence[int],
    num_classes: int,
    *,
    in_channels: int,
    small_images: bool,
    norm_eps: float,
    bottleneck: tuple[bool, bool] | None = None,
) -> keras.Model:
    """Stem, four stages of blocks, mean over the pixels, one linear layer."""
    if num_classes < 1 or not norm_eps > 0:
        raise ValueError(
            "num_classes must be >= 1, norm_eps > 0. "
            f"Received: {num_classes}, {norm_eps}"
        )
    inputs = keras.Input((None, None, in_channels))
    kernel, stride = (3, 1) if small_images else (7, 2)
    bias = bottleneck[0] if bottleneck else False
    x = _conv(inputs, 64, kernel, stride, "conv1", bias)
    x = _relu(_norm(x, norm_eps, "bn1"), "relu")
    if not small_images:
        # after a ReLU a border of zeros is never the largest
        x = layers.ZeroPadding2D(1, name="maxpool_pad")(x)
        x = layers.MaxPooling2D(3, strides=2, name="maxpool")(x)
    for i, depth in enumerate(depths):
        for j in range(depth):
            step = 2 if i > 0 and j == 0 else 1
            block = f"layer{i + 1}_{j}"
            if bottleneck:
                x = bottleneck_block(x, 64 * 2**i, step, norm_eps, block, *bottleneck)
            else:
                x = basic_block(x, 64 * 2**i, step, norm_eps, block)
    x = layers.GlobalAveragePooling2D(name="avgpool")(x)
    # the kernel is uniform in +-1 / sqrt(fan-in)
    start = keras.initializers.VarianceScaling(1 / 3, distribution="uniform")
    x = layers.Dense(num_classes, kernel_initializer=start, name="fc")(x)
    return keras.Model(inputs, x, name=name)


def resnet18(
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    small_images: bool = False,
    norm_eps: float = 1e-5,
) -> keras.Model:
    r"""ResNet-18: two basic blocks in each of four stages, $y = x + F(x)$.

    The gradient reaches the first layer through the sums, whatever $F$ does.
    Convolutions start He normal by fan-out, the last layer uniform in
    $\pm 1 / \sqrt{\text{fan-in}}$, every bias 0.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    small_images : bool
        True for images of about 32 pixels: the first convolution is 3 x 3 with stride
        1 and nothing is pooled. The usual stem would leave one pixel of them.
    norm_eps : float
        Added to the variance in BatchNorm.

    Returns
    -------
    keras.Model
        From float images (N, H, W, in_channels), normalised to mean 0 and deviation 1
        for each channel, of any size, to logits of shape (N, num_classes). Layers are
        named as the modules in PyTorch, with _ for a dot.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `norm_eps` not above 0.

    Examples
    --------
    >>> model = resnet18(10, small_images=True)
    >>> model.compute_output_shape((2, 32, 32, 3))
    (2, 10)
    >>> sizes = [keras.ops.size(w) for w in model.trainable_weights]
    >>> f"{sum(int(size) for size in sizes):,}"
    '11,173,962'

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, table 1.
    <https://arxiv.org/abs/1512.03385>
    """
    return resnet(
        "resnet18",
        (2, 2, 2, 2),
        num_classes,
        in_channels=in_channels,
        small_images=small_images,
        norm_eps=norm_eps,
    )


def resnet34(
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    small_images: bool = False,
    norm_eps: float = 1e-5,
) -> keras.Model:
    r"""ResNet-34: 3, 4, 6 and 3 basic blocks in its stages, $y = x + F(x)$.

    As wide as ResNet-18 and twice as deep. Initialised like it.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    small_images : bool
        True for images of about 32 pixels: the first convolution is 3 x 3 with stride
        1 and nothing is pooled. The usual stem would leave one pixel of them.
    norm_eps : float
        Added to the variance in BatchNorm.

    Returns
    -------
    keras.Model
        From float images (N, H, W, in_channels), normalised to mean 0 and deviation 1
        for each channel, of any size, to logits of shape (N, num_classes). Layers are
        named as the modules in PyTorch, with _ for a dot.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `norm_eps` not above 0.

    Examples
    --------
    >>> model = resnet34(10)
    >>> model.compute_output_shape((2, 65, 48, 3))
    (2, 10)

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, table 1.
    <https://arxiv.org/abs/1512.03385>
    """
    return resnet(
        "resnet34",
        (3, 4, 6, 3),
        num_classes,
        in_channels=in_channels,
        small_images=small_images,
        norm_eps=norm_eps,
    )


def resnet50(
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    small_images: bool = False,
    norm_eps: float = 1e-5,
    conv_bias: bool = False,
    stride_on_1x1: bool = False,
) -> keras.Model:
    r"""ResNet-50: 3, 4, 6 and 3 bottleneck blocks in its stages, $y = x + F(x)$.

    By default what is called v1.5: a block halves the image in its 3 x 3 convolution.
    Version 1 does it in the 1 x 1 before and drops three of four pixels unseen. The
    weights of `keras.applications.ResNet50` want `norm_eps=1.001e-5, conv_bias=True,
    stride_on_1x1=True`. Initialised like ResNet-18.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    small_images : bool
        True for images of about 32 pixels: the first convolution is 3 x 3 with stride
        1 and nothing is pooled. The usual stem would leave one pixel of them.
    norm_eps : float
        Added to the variance in BatchNorm.
    conv_bias : bool
        Convolutions have a bias, which the BatchNorm behind them takes off again.
    stride_on_1x1 : bool
        Version 1: the stride is in the first convolution of a block.

    Returns
    -------
    keras.Model
        From float images (N, H, W, in_channels), normalised to mean 0 and deviation 1
        for each channel, of any size, to logits of shape (N, num_classes). Layers are
        named as the modules in PyTorch, with _ for a dot.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `norm_eps` not above 0.

    Examples
    --------
    >>> model = resnet50(10)
    >>> model.compute_output_shape((2, 65, 48, 3))
    (2, 10)

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, table 1.
    <https://arxiv.org/abs/1512.03385>
    """
    return resnet(
        "resnet50",
        (3, 4, 6, 3),
        num_classes,
        in_channels=in_channels,
        small_images=small_images,
        norm_eps=norm_eps,
        bottleneck=(conv_bias, stride_on_1x1),
    )
