"""Receptive field: which pixels a place of a map can see, and which it does see."""

from collections.abc import Iterable

import keras
from keras import KerasTensor, ops

__all__ = ["gradient_field", "receptive_field"]


def receptive_field(
    layers: Iterable[tuple[int, int, int, int]],
) -> list[tuple[int, int, int]]:
    r"""Field of every layer of a chain, along one axis.

    $r \leftarrow r + d (k - 1) j$, then $j \leftarrow j s$: a layer widens the field by
    its kernel, in steps as wide as all strides before it. Poolings are layers, too.

    Parameters
    ----------
    layers : iterable of (kernel, stride, dilation, padding)
        From the input on; padding is that before the first pixel.

    Returns
    -------
    list of (size, stride, start)
        For each layer: pixels that one place of its output sees; pixels between the
        fields of neighbours; first pixel that the first place sees, negative in the
        padding. Place i sees `start + i * stride` and the `size` - 1 pixels after it.

    Raises
    ------
    ValueError
        If a kernel, a stride or a dilation is less than 1.

    Examples
    --------
    >>> receptive_field([(3, 1, 1, 1), (3, 1, 1, 1), (2, 2, 1, 0), (3, 1, 1, 1)])
    [(3, 1, -1), (5, 1, -2), (6, 2, -2), (10, 2, -4)]

    References
    ----------
    Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks",
    2019. <https://doi.org/10.23915/distill.00021>
    """
    size, jump, start = 1, 1, 0
    found = []
    for kernel, stride, dilation, padding in layers:
        if min(kernel, stride, dilation) < 1:
            raise ValueError(
                "layers must have a kernel, a stride and a dilation >= 1. "
                f"Received: {(kernel, stride, dilation, padding)}"
            )
        size += dilation * (kernel - 1) * jump
        start -= padding * jump
        jump *= stride
        found.append((size, jump, start))
    return found


def gradient_field(model: keras.Model, inputs: KerasTensor) -> KerasTensor:
    r"""Field of the central place of a map, measured: the gradient of it by the pixels.

    Where the gradient is not 0 lies the receptive field, branches and all; where it is
    large lies the effective one, which is much smaller. Maximum pooling and ReLU pass
    a gradient to few pixels: give many random examples to see all.

    Parameters
    ----------
    model : keras.Model
        Up to the map, without what pools or flattens it. Asked in inference mode, in
        which examples do not influence each other, and left as it was.
    inputs : tensor, shape (N, ..., C)
        Examples larger than the field, or it is cut off.

    Returns
    -------
    tensor, shape (...)
        Root mean square of the gradient over examples and channels, one per pixel.

    Raises
    ------
    ValueError
        If there is no example, or `model` does not return a map.

    Examples
    --------
    >>> conv = keras.layers.Conv2D(4, 3, dilation_rate=2, padding="same")
    >>> model = keras.Sequential([keras.Input((7, 7, 1)), conv])
    >>> field = gradient_field(model, keras.random.uniform((1, 7, 7, 1), seed=0))
    >>> ops.convert_to_numpy(field[3] > 0).astype(int).tolist()
    [0, 1, 0, 1, 0, 1, 0]

    References
    ----------
    Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional
    Neural Networks", 2016. <https://arxiv.org/abs/1701.04128>
    """
    if not len(inputs):
        raise ValueError(f"inputs must not be empty. Received: {tuple(inputs.shape)}")
    offset, entry = _Offset(), keras.Input(batch_shape=tuple(inputs.shape))
    y = model(offset(entry), training=False)
    if len(y.shape) != len(inputs.shape):
        raise ValueError(
            f"model must return a map of {len(inputs.shape)} axes. "
            f"Received: {tuple(y.shape)}"
        )
    centre = y[(slice(None), *(n // 2 for n in y.shape[1:-1]))]
    # weights that differ, or opposite channels could cancel each other
    weights = ops.linspace(1.0, 2.0, y.shape[-1], dtype=y.dtype)
    probe = keras.Model(entry, ops.sum(centre * weights, axis=-1))
    # no backend has a gradient in common, all have a step of training: what the step
    # of length 1 takes from the offset is the gradient
    probe.compile(keras.optimizers.SGD(1.0), lambda _, y: ops.sum(y), run_eagerly=True)
    before = model.get_weights()
    probe.train_on_batch(inputs, ops.zeros(len(inputs)))
    model.set_weights(before)
    axes = (0, len(inputs.shape) - 1)
    return ops.sqrt(ops.mean(ops.square(offset.value), axis=axes))


class _Offset(keras.layers.Layer):
    def build(self, shape):
        self.value = self.add_weight(shape=shape, initializer="zeros")

    def call(self, x):
        return x + self.value
