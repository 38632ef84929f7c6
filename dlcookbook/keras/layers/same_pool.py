"""Pooling with TensorFlow's 'same' padding or torch's symmetric one."""

import keras
from keras import KerasTensor, ops

__all__ = [
    "same_average_pool",
    "same_max_pool",
    "symmetric_average_pool",
    "symmetric_max_pool",
]


@keras.saving.register_keras_serializable(package="dlcookbook")
def same_max_pool(
    x: KerasTensor, size: int, *, stride: int | None = None
) -> KerasTensor:
    r"""Largest values of $\lceil n / s \rceil$ windows, those that TensorFlow has.

    Keras' own `padding="same"`; its twin gives the same numbers in torch. TensorFlow
    passes over a NaN, on a CPU.

    Parameters
    ----------
    x : tensor, shape (N, ..., C)
        Inputs with one to three axes of places.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.

    Returns
    -------
    tensor, shape (N, ..., C)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` has not three to five axes or holds integers, or `size` or `stride` is
        not an int >= 1.

    Examples
    --------
    >>> y = same_max_pool(ops.reshape([4.0, 1.0, 2.0, 3.0], (1, 4, 1)), 3, stride=2)
    >>> [round(float(v), 4) for v in ops.reshape(y, (-1,))]
    [4.0, 3.0]

    References
    ----------
    TensorFlow, "Notes on padding". <https://www.tensorflow.org/api_docs/python/tf/nn>
    """
    _check(x, size, stride)
    return ops.max_pool(x, size, strides=stride, padding="same")


@keras.saving.register_keras_serializable(package="dlcookbook")
def same_average_pool(
    x: KerasTensor, size: int, *, stride: int | None = None
) -> KerasTensor:
    r"""Means over $\lceil n / s \rceil$ windows of the values that are there.

    `AveragePooling2D(padding="same")` does so on TensorFlow. On torch it repeats the
    edge where there is more missing behind than before; this is right on both.

    Parameters
    ----------
    x : tensor, shape (N, ..., C)
        Inputs with one to three axes of places, of known sizes.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.

    Returns
    -------
    tensor, shape (N, ..., C)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` has not three to five axes, holds integers or is of unknown size, or
        `size` or `stride` is not an int >= 1.

    Examples
    --------
    >>> y = same_average_pool(ops.reshape([4.0, 1.0, 1.0, 3.0], (1, 4, 1)), 3, stride=2)
    >>> [round(float(v), 4) for v in ops.reshape(y, (-1,))]
    [2.0, 2.0]

    References
    ----------
    TensorFlow, "Notes on padding". <https://www.tensorflow.org/api_docs/python/tf/nn>
    """
    _check(x, size, stride)
    if None in tuple(x.shape)[1:-1]:
        raise ValueError(f"x must have known sizes. Received: shape {tuple(x.shape)}")
    wide, step, edges = _wide(x), size if stride is None else stride, [(0, 0)]
    for n in tuple(x.shape)[1:-1]:
        missing = max((-(-n // step) - 1) * step + size - n, 0)
        edges.append((missing // 2, missing - missing // 2))
    edges.append((0, 0))
    # the share of each window that is inside
    inside = ops.pad(ops.ones_like(wide[..., :1]), edges)
    inside = ops.average_pool(inside, size, strides=step)
    y = ops.average_pool(ops.pad(wide, edges), size, strides=step)
    return ops.cast(y / inside, x.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def symmetric_max_pool(
    x: KerasTensor, size: int, *, stride: int | None = None, padding: int = 0
) -> KerasTensor:
    """Largest values of torch's windows: as much outside before as behind.

    `padding="same"` of Keras has other windows on even sizes. TensorFlow passes over a
    NaN, on a CPU.

    Parameters
    ----------
    x : tensor, shape (N, ..., C)
        Inputs with one to three axes of places.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.
    padding : int
        Places outside on either side, from 0 to half of `size`.

    Returns
    -------
    tensor, shape (N, ..., C)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` has not three to five axes, holds integers or is shorter than a window,
        `size` or `stride` is not an int >= 1 or `padding` more than half of `size`.

    Examples
    --------
    >>> x = ops.reshape([4.0, 1.0, 2.0, 3.0], (1, 4, 1))
    >>> y = symmetric_max_pool(x, 3, stride=2, padding=1)
    >>> [round(float(v), 4) for v in ops.reshape(y, (-1,))]
    [4.0, 3.0]

    References
    ----------
    Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016.
    <https://arxiv.org/abs/1603.07285>
    """
    _check(x, size, stride)
    x = _padded(x, size, padding, -float("inf"))
    return ops.max_pool(x, size, strides=stride)


@keras.saving.register_keras_serializable(package="dlcookbook")
def symmetric_average_pool(
    x: KerasTensor,
    size: int,
    *,
    stride: int | None = None,
    padding: int = 0,
    count_include_pad: bool = True,
) -> KerasTensor:
    """Means of torch's windows, over all of a window or over what is there.

    `padding="same"` of Keras has other windows on even sizes, and never counts what is
    outside.

    Parameters
    ----------
    x : tensor, shape (N, ..., C)
        Inputs with one to three axes of places.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.
    padding : int
        Zeros on either side, from 0 to half of `size`.
    count_include_pad : bool
        Divide by the whole window, zeros outside included: torch's default, and not
        what TensorFlow does.

    Returns
    -------
    tensor, shape (N, ..., C)
        Outputs, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` has not three to five axes, holds integers or is shorter than a window,
        `size` or `stride` is not an int >= 1 or `padding` more than half of `size`.

    Examples
    --------
    >>> x = ops.reshape([6.0, 6.0, 6.0], (1, 3, 1))
    >>> y = symmetric_average_pool(x, 3, stride=1, padding=1)
    >>> [round(float(v), 4) for v in ops.reshape(y, (-1,))]
    [4.0, 6.0, 4.0]

    References
    ----------
    Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016.
    <https://arxiv.org/abs/1603.07285>
    """
    _check(x, size, stride)
    wide = _wide(x)
    y = ops.average_pool(_padded(wide, size, padding, 0.0), size, strides=stride)
    if not count_include_pad:
        ones = _padded(ops.ones_like(wide[..., :1]), size, padding, 0.0)
        y = y / ops.average_pool(ones, size, strides=stride)
    return ops.cast(y, x.dtype)


def _check(x: KerasTensor, size: int, stride: int | None) -> None:
    if not 3 <= len(x.shape) <= 5:
        raise ValueError(
            "x must have a batch, one to three axes of places and channels. "
            f"Received: shape {tuple(x.shape)}"
        )
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    for name, n in (("size", size), ("stride", size if stride is None else stride)):
        if not hasattr(n, "__index__") or n < 1:
            raise ValueError(f"{name} must be an int >= 1. Received: {n!r}")


def _wide(x: KerasTensor) -> KerasTensor:
    half = keras.backend.standardize_dtype(x.dtype) in ("float16", "bfloat16")
    return ops.cast(x, "float32") if half else x


def _padded(x: KerasTensor, size: int, padding: int, value: float) -> KerasTensor:
    if not hasattr(padding, "__index__") or not 0 <= padding <= size // 2:
        raise ValueError(
            f"padding must be from 0 to half of size {size}. Received: {padding!r}"
        )
    # Keras would return nothing at all
    if any(n is not None and n + 2 * padding < size for n in x.shape[1:-1]):
        raise ValueError(
            f"x must be {size} or longer, padding included. Received: {tuple(x.shape)}"
        )
    edges = [(0, 0), *[(padding, padding)] * (len(x.shape) - 2), (0, 0)]
    return ops.pad(x, edges, constant_values=value) if padding else x
