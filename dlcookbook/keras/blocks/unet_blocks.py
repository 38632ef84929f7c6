"""The steps of a U-Net: down, and up again beside what was seen on the way."""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

__all__ = ["UNetDown", "UNetUp"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class UNetDown(layers.Layer):
    r"""Two 3 x 3 convolutions, each with BatchNorm and ReLU, then the largest of 2 x 2.

    What stands before the pooling is handed out too: `UNetUp` wants it back. Unlike the
    paper's, the convolutions are padded. Of an odd size the last row or column is
    pooled alone: rounded down, all that is deeper would never see it.

    Take it for every step down of a U-Net, with twice the channels each time. Costs
    `9 * out_channels * (in_channels + out_channels) + 4 * out_channels` parameters.
    Kernels start He normal by fan-out.

    Parameters
    ----------
    out_channels : int
        Channels out, of both results.
    norm_eps : float
        Added to the variance in BatchNorm.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `norm_eps` is not above 0.

    Examples
    --------
    >>> block = UNetDown(8)
    >>> [tuple(result.shape) for result in block(ops.zeros((2, 49, 64, 3)))]
    [(2, 25, 32, 8), (2, 49, 64, 8)]
    >>> sum(int(ops.size(w)) for w in block.trainable_weights)
    824

    References
    ----------
    Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image
    Segmentation", 2015, figure 1. <https://arxiv.org/abs/1505.04597>
    """

    def __init__(
        self, out_channels: int, *, norm_eps: float = 1e-5, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        self.out_channels, self.norm_eps = out_channels, norm_eps

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the images or features.
        """
        kind = self.dtype_policy
        self.convs = _two_convs(x_shape[-1], self.out_channels, self.norm_eps, kind)
        self.pool = layers.MaxPooling2D(2, padding="same", dtype=kind)

    def call(
        self, x: KerasTensor, training: bool = False
    ) -> tuple[KerasTensor, KerasTensor]:
        """Go one step down.

        Parameters
        ----------
        x : tensor, shape (N, H, W, in_channels)
            Images or features.
        training : bool
            Whether the norms use the batch's own statistics.

        Returns
        -------
        smaller : tensor, shape (N, ceil(H / 2), ceil(W / 2), out_channels)
            For the next step down.
        skip : tensor, shape (N, H, W, out_channels)
            For the step up on the same level.
        """
        skip = _run(self.convs, x, training)
        return self.pool(skip), skip

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        mine = {"out_channels": self.out_channels, "norm_eps": self.norm_eps}
        return {**super().get_config(), **mine}


@keras.saving.register_keras_serializable(package="dlcookbook")
class UNetUp(layers.Layer):
    r"""Twice the size, joined with what the way down saw, two 3 x 3 convolutions.

    Where the way down rounded an odd size up, the last row or column is cut off: any
    size of image works, and no interpolation stretches it.

    Take it for every step up of a U-Net. "transposed" learns how to enlarge and can
    leave a checkerboard; "bilinear" mixes the channels first, then interpolates, with a
    quarter of those weights. Costs
    `in_channels * out_channels * (4 if upsample == "transposed" else 1)
    + 27 * out_channels**2 + 5 * out_channels` parameters. Kernels start He normal by
    fan-out, those that enlarge by the channels that a pixel is made of, biases at 0.

    Parameters
    ----------
    out_channels : int
        Channels of the skip connection, and out.
    upsample : {"transposed", "bilinear"}
        How the image is enlarged.
    norm_eps : float
        Added to the variance in BatchNorm.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `upsample` is none of the above or `norm_eps` not above 0.

    Examples
    --------
    >>> up = UNetUp(8)
    >>> tuple(up(ops.zeros((2, 25, 32, 16)), ops.zeros((2, 49, 64, 8))).shape)
    (2, 49, 64, 8)
    >>> sum(int(ops.size(w)) for w in up.trainable_weights)
    2280

    References
    ----------
    Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image
    Segmentation", 2015, figure 1. <https://arxiv.org/abs/1505.04597>
    """

    def __init__(
        self,
        out_channels: int,
        *,
        upsample: str = "transposed",
        norm_eps: float = 1e-5,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        if upsample not in ("transposed", "bilinear"):
            raise ValueError(
                f"upsample must be 'transposed' or 'bilinear'. Received: {upsample}"
            )
        self.out_channels, self.norm_eps = out_channels, norm_eps
        self.upsample = upsample

    def build(self, x_shape: tuple[Any, ...], skip_shape: tuple[Any, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the features from below.
        skip_shape : tuple of int
            Shape of what the way down saw.
        """
        out, kind = self.out_channels, self.dtype_policy
        # one place of the kernel makes a pixel: fan-in is that of a 1 x 1 kernel
        start = keras.initializers.RandomNormal(stddev=(2 / x_shape[-1]) ** 0.5)
        options: dict[str, Any] = {"kernel_initializer": start, "name": "up"}
        options["dtype"] = kind
        if self.upsample == "transposed":
            self.up = layers.Conv2DTranspose(out, 2, strides=2, **options)
        else:
            self.up = layers.Conv2D(out, 1, **options)
            self.enlarge = layers.UpSampling2D(2, interpolation="bilinear", dtype=kind)
        self.up.build(x_shape)
        self.convs = _two_convs(2 * out, out, self.norm_eps, kind)

    def call(
        self, x: KerasTensor, skip: KerasTensor, training: bool = False
    ) -> KerasTensor:
        """Go one step up.

        Parameters
        ----------
        x : tensor, shape (N, h, w, in_channels)
            Features from below.
        skip : tensor, shape (N, H, W, out_channels)
            What the way down saw, H being 2 h or 2 h - 1, W likewise.
        training : bool
            Whether the norms use the batch's own statistics.

        Returns
        -------
        tensor, shape (N, H, W, out_channels)
            Features, none below 0.

        Raises
        ------
        ValueError
            If `skip` is not of twice the size of `x`, or one less, or has other
            channels than `out_channels`.
        """
        sizes = zip(skip.shape[1:3], x.shape[1:3], strict=False)
        fits = len(x.shape) == len(skip.shape) == 4
        fits = fits and skip.shape[-1] == self.out_channels
        near = all(None in (a, b) or 2 * b - a in (0, 1) for a, b in sizes)
        if not (fits and near):
            raise ValueError(
                "skip must be twice as large as x, or one less, with out_channels "
                f"channels, here {self.out_channels}. Received: "
                f"x {tuple(x.shape)}, skip {tuple(skip.shape)}"
            )
        x = self.up(x)
        x = self.enlarge(x) if self.upsample == "bilinear" else x
        rows, columns = ops.shape(skip)[1:3]
        x = ops.concatenate([skip, x[:, :rows, :columns]], axis=-1)
        return _run(self.convs, x, training)

    def compute_output_shape(
        self, x_shape: tuple[Any, ...], skip_shape: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """Say what comes out: as large as the skip connection.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the features from below.
        skip_shape : tuple of int
            Shape of what the way down saw.

        Returns
        -------
        tuple of int
            Shape of the result.
        """
        return (*skip_shape[:-1], self.out_channels)

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        mine = {"out_channels": self.out_channels, "norm_eps": self.norm_eps}
        return {**super().get_config(), **mine, "upsample": self.upsample}


def _two_convs(
    in_channels: int, out_channels: int, eps: float, kind: keras.DTypePolicy
) -> list[layers.Layer]:
    made: list[layers.Layer] = []
    for i, channels in ((0, in_channels), (3, out_channels)):
        conv = layers.Conv2D(
            out_channels,
            3,
            padding="same",
            use_bias=False,
            # Keras' "he_normal" is cut off at two deviations
            kernel_initializer=keras.initializers.VarianceScaling(
                2.0, mode="fan_out", distribution="untruncated_normal"
            ),
            name=f"convs_{i}",
            dtype=kind,
        )
        norm = layers.BatchNormalization(
            momentum=0.9, epsilon=eps, name=f"convs_{i + 1}", dtype=kind
        )
        conv.build((None, None, None, channels))
        norm.build((None, None, None, out_channels))
        made += [conv, norm]
    return made


def _run(convs: list[layers.Layer], x: KerasTensor, training: bool) -> KerasTensor:
    for conv, norm in zip(convs[::2], convs[1::2], strict=True):
        x = ops.relu(norm(conv(x), training=training))
    return x
