"""Convolution, normalisation, activation: the unit that networks are made of."""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

__all__ = ["ConvNormAct"]


ACTIVATIONS = {
    "relu": ops.relu,
    "silu": ops.silu,
    # tanh's approximation is the default of keras.ops, not of PyTorch
    "gelu": lambda x: ops.gelu(x, approximate=False),
    None: lambda x: x,
}


@keras.saving.register_keras_serializable(package="dlcookbook")
class ConvNormAct(layers.Layer):
    r"""A convolution without bias, a norm that has one, and an activation.

    $y = \mathrm{act}(\mathrm{norm}(w * x))$, padded so that stride 1 keeps the size,
    the same number of zeros on both sides.

    Take it wherever a convolution is not the last layer. The convolution has no bias:
    the norm would take it away again. BatchNorm needs 8 or more images at once; for
    fewer, as in detection and segmentation, say `norm_groups=32`. Costs
    `kernel_size**2 * in_channels * out_channels + 2 * out_channels` parameters. Kernels
    start He normal by fan-out.

    Parameters
    ----------
    out_channels : int
        Channels out.
    kernel_size : int
        Side of the kernels, odd.
    stride : int
        Step of the kernels: 2 halves the image, rounded up.
    dilation : int
        Step inside a kernel: 2 makes a 3 x 3 kernel span 5 x 5 pixels. Keras has it
        only for a stride of 1.
    norm_groups : int, optional
        Groups of channels of a GroupNorm; must divide `out_channels`. None takes
        BatchNorm.
    activation : {"relu", "silu", "gelu", None}
        What comes last. None leaves it out, as before a sum.
    norm_eps : float
        Added to the variance in the norm.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `kernel_size` is even, `activation` none of the above, `norm_groups` less
        than 1 or `norm_eps` not above 0.

    Examples
    --------
    >>> block = ConvNormAct(16, stride=2)
    >>> tuple(block(ops.zeros((2, 49, 64, 3))).shape)
    (2, 25, 32, 16)
    >>> sum(int(ops.size(w)) for w in block.trainable_weights)
    464

    References
    ----------
    Ioffe and Szegedy, "Batch Normalization", 2015, section 3.2.
    <https://arxiv.org/abs/1502.03167>
    """

    def __init__(
        self,
        out_channels: int,
        kernel_size: int = 3,
        *,
        stride: int = 1,
        dilation: int = 1,
        norm_groups: int | None = None,
        activation: str | None = "relu",
        norm_eps: float = 1e-5,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd. Received: {kernel_size}")
        if norm_groups is not None and norm_groups < 1:
            # Keras takes -1 for as many groups as channels
            raise ValueError(f"norm_groups must be >= 1. Received: {norm_groups}")
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"activation must be in {list(ACTIVATIONS)}. Received: {activation}"
            )
        self.options: dict[str, Any] = {
            "out_channels": out_channels,
            "kernel_size": kernel_size,
            "stride": stride,
            "dilation": dilation,
            "norm_groups": norm_groups,
            "activation": activation,
            "norm_eps": norm_eps,
        }
        kind = self.dtype_policy
        # zeros on both sides: "same" would put more of them right and below
        self.pad = layers.ZeroPadding2D(dilation * (kernel_size // 2), dtype=kind)
        self.conv = layers.Conv2D(
            out_channels,
            kernel_size,
            strides=stride,
            dilation_rate=dilation,
            use_bias=False,
            # Keras' "he_normal" is cut off at two deviations
            kernel_initializer=keras.initializers.VarianceScaling(
                2.0, mode="fan_out", distribution="untruncated_normal"
            ),
            name="conv",
            dtype=kind,
        )
        same: dict[str, Any] = {"epsilon": norm_eps, "name": "norm", "dtype": kind}
        self.norm: layers.Layer
        if norm_groups is None:
            self.norm = layers.BatchNormalization(momentum=0.9, **same)
        else:
            self.norm = layers.GroupNormalization(norm_groups, **same)

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the images or features.
        """
        self.conv.build((None, None, None, x_shape[-1]))
        self.norm.build((None, None, None, self.conv.filters))

    def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
        """Convolve, normalise, activate.

        Parameters
        ----------
        x : tensor, shape (N, H, W, in_channels)
            Images or features.
        training : bool
            Whether a BatchNorm uses the batch's own statistics.

        Returns
        -------
        tensor, shape (N, ceil(H / stride), ceil(W / stride), out_channels)
            Features.
        """
        x = self.conv(self.pad(x))
        batch = self.options["norm_groups"] is None
        x = self.norm(x, training=training) if batch else self.norm(x)
        return ACTIVATIONS[self.options["activation"]](x)

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), **self.options}
