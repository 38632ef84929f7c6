"""Time series: noise, size, speed and window of every series drawn anew."""

import math

import keras
from keras import KerasTensor, ops

__all__ = ["jitter", "magnitude_warp", "scale", "time_warp", "window_slice"]


def jitter(
    series: KerasTensor,
    seed: int | keras.random.SeedGenerator | None = None,
    *,
    sigma: float = 0.03,
) -> KerasTensor:
    r"""Add noise to every value.

    $y = x + \sigma \varepsilon$, $\varepsilon \sim N(0, 1)$; `sigma=0` changes nothing.

    Parameters
    ----------
    series : tensor, shape (N, T, C)
        A batch of any floating dtype: time, then channels.
    seed : int or keras.random.SeedGenerator, optional
        Where the draws come from. A whole number draws the same for every batch.
    sigma : float >= 0
        Size of the noise, in the unit of the series: of one with a deviation of 1 some
        hundredths.

    Returns
    -------
    tensor, shape (N, T, C)
        The series with noise, in the dtype of `series`.

    Raises
    ------
    ValueError
        If the series are no batch of floats or `sigma` is negative or not finite.

    Examples
    --------
    >>> x = ops.zeros((1, 3, 2))
    >>> bool(ops.all(jitter(x, sigma=0.0) == x))
    True

    References
    ----------
    Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease
    Monitoring", 2017. <https://arxiv.org/abs/1706.00527>
    """
    series = _checked(series, "sigma", 0 <= sigma < math.inf, sigma)
    noise = keras.random.normal(ops.shape(series), dtype="float32", seed=seed)
    return series + ops.cast(sigma * noise, series.dtype)


def scale(
    series: KerasTensor,
    seed: int | keras.random.SeedGenerator | None = None,
    *,
    sigma: float = 0.1,
) -> KerasTensor:
    r"""Multiply every channel of every series by a number of its own.

    $y = (1 + \sigma \varepsilon) x$, one $\varepsilon \sim N(0, 1)$ for a channel of a
    series; `sigma=0` changes nothing. Not where the size is the label.

    Parameters
    ----------
    series : tensor, shape (N, T, C)
        A batch of any floating dtype: time, then channels.
    seed : int or keras.random.SeedGenerator, optional
        Where the draws come from. A whole number draws the same for every batch.
    sigma : float >= 0
        Deviation of the factor from 1.

    Returns
    -------
    tensor, shape (N, T, C)
        The series, larger or smaller, in the dtype of `series`.

    Raises
    ------
    ValueError
        If the series are no batch of floats or `sigma` is negative or not finite.

    Examples
    --------
    >>> bool(ops.all(scale(ops.zeros((1, 3, 2))) == 0))
    True

    References
    ----------
    Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease
    Monitoring", 2017. <https://arxiv.org/abs/1706.00527>
    """
    series = _checked(series, "sigma", 0 <= sigma < math.inf, sigma)
    count, _, channels = ops.shape(series)
    noise = keras.random.normal((count, 1, channels), dtype="float32", seed=seed)
    return series * ops.cast(1 + sigma * noise, series.dtype)


def magnitude_warp(
    series: KerasTensor,
    seed: int | keras.random.SeedGenerator | None = None,
    *,
    sigma: float = 0.2,
    knots: int = 4,
) -> KerasTensor:
    r"""Multiply every series by a curve around 1.

    The curve is drawn at `knots` places, $1 + \sigma \varepsilon$, and straight in
    between. All channels of a series share it; `sigma=0` changes nothing.

    Parameters
    ----------
    series : tensor, shape (N, T, C)
        A batch of any floating dtype: time, then channels.
    seed : int or keras.random.SeedGenerator, optional
        Where the draws come from. A whole number draws the same for every batch.
    sigma : float >= 0
        Deviation of the curve from 1.
    knots : int >= 2
        At how many places it is drawn, both ends among them.

    Returns
    -------
    tensor, shape (N, T, C)
        The series, larger here and smaller there, in the dtype of `series`.

    Raises
    ------
    ValueError
        If the series are no batch of floats or an option is out of range.

    Examples
    --------
    >>> bool(ops.all(magnitude_warp(ops.zeros((1, 9, 2))) == 0))
    True

    References
    ----------
    Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease
    Monitoring", 2017. <https://arxiv.org/abs/1706.00527>
    """
    series = _checked(
        series, "sigma or knots", 0 <= sigma < math.inf and knots >= 2, (sigma, knots)
    )
    curve = 1 + sigma * _curve(series, knots, seed)
    return series * ops.cast(curve, series.dtype)[..., None]


def time_warp(
    series: KerasTensor,
    seed: int | keras.random.SeedGenerator | None = None,
    *,
    sigma: float = 0.2,
    knots: int = 4,
) -> KerasTensor:
    r"""Let the time of every series run faster here and slower there.

    The speed is $\exp(\sigma \varepsilon)$ at `knots` places and straight in between;
    its sum, brought to the old length, is the time that is read, in between by a
    straight line. Time never runs backwards, both ends stay; `sigma=0` changes nothing.
    All channels of a series share it.

    Parameters
    ----------
    series : tensor, shape (N, T, C)
        A batch of any floating dtype: time, then channels.
    seed : int or keras.random.SeedGenerator, optional
        Where the draws come from. A whole number draws the same for every batch.
    sigma : float >= 0
        Deviation of the logarithm of the speed.
    knots : int >= 2
        At how many places it is drawn, both ends among them.

    Returns
    -------
    tensor, shape (N, T, C)
        The series in another time, in the dtype of `series`.

    Raises
    ------
    ValueError
        If the series are no batch of floats or an option is out of range.

    Examples
    --------
    >>> line = ops.reshape(ops.arange(9.0), (1, 9, 1))
    >>> warped = time_warp(line)
    >>> bool(ops.all(ops.diff(warped, axis=1) >= 0))
    True

    References
    ----------
    Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease
    Monitoring", 2017. <https://arxiv.org/abs/1706.00527>
    """
    series = _checked(
        series, "sigma or knots", 0 <= sigma < math.inf and knots >= 2, (sigma, knots)
    )
    count, steps, channels = ops.shape(series)
    speed = sigma * _curve(series, knots, seed)
    # relative to the fastest, which cannot overflow
    speed = ops.exp(speed - ops.max(speed, axis=-1, keepdims=True))
    between = (speed[:, 1:] + speed[:, :-1]) / 2
    time = ops.pad(ops.cumsum(between, axis=-1), [[0, 0], [1, 0]])
    time = time * (ops.cast(steps - 1, time.dtype) / ops.maximum(time[:, -1:], 1e-9))
    last = ops.maximum(ops.cast(steps, "int32") - 2, 0)
    first = ops.clip(ops.cast(ops.floor(time), "int32"), 0, last)
    after = ops.minimum(first + 1, steps - 1)
    share = ops.clip(time - ops.cast(first, time.dtype), 0, 1)
    share = ops.cast(share, series.dtype)[..., None]
    flat = ops.reshape(series, (-1, channels))
    row = ops.cast(ops.arange(count), "int32")[:, None] * steps
    one, two = (ops.take(flat, row + at, axis=0) for at in (first, after))
    return one + share * (two - one)


def window_slice(
    series: KerasTensor,
    seed: int | keras.random.SeedGenerator | None = None,
    *,
    length: int,
) -> KerasTensor:
    r"""Take a window out of every series, at a place of its own.

    $y_t = x_{s + t}$ with a start $s$ drawn evenly; a window as long as the series is
    the series. For what the label holds for the whole series.

    Parameters
    ----------
    series : tensor, shape (N, T, C)
        A batch of any floating dtype: time, then channels.
    seed : int or keras.random.SeedGenerator, optional
        Where the draws come from. A whole number draws the same for every batch.
    length : int
        How many steps the window has; at most those of the series.

    Returns
    -------
    tensor, shape (N, length, C)
        The windows, in the dtype of `series`; NaN where the series of a graph turn out
        to be shorter, for it cannot raise.

    Raises
    ------
    ValueError
        If the series are no batch of floats or the window is longer than they are.

    Examples
    --------
    >>> tuple(window_slice(ops.zeros((2, 8, 1)), length=3).shape)
    (2, 3, 1)

    References
    ----------
    Le Guennec et al., "Data Augmentation for Time Series Classification using
    Convolutional Neural Networks", 2016. <https://shs.hal.science/halshs-01357973>
    """
    series = ops.convert_to_tensor(series)
    known = series.shape[1] if len(series.shape) == 3 else 0
    fits = length >= 1 and (known is None or length <= known)
    series = _checked(series, "length", fits, (length, known))
    count, steps, channels = ops.shape(series)
    start = keras.random.uniform((count, 1), dtype="float32", seed=seed)
    places = ops.cast(steps, "int32") - length + 1
    start = ops.cast(ops.floor(start * ops.cast(places, "float32")), "int32")
    at = ops.minimum(start, places - 1) + ops.arange(length, dtype="int32")
    row = ops.cast(ops.arange(count), "int32")[:, None] * steps
    windows = ops.take(ops.reshape(series, (-1, channels)), row + at, axis=0)
    return windows if known else ops.where(places > 0, windows, float("nan"))


def _checked(
    series: KerasTensor, name: str, is_right: bool, given: object
) -> KerasTensor:
    """Refuse what would be silently wrong."""
    series = ops.convert_to_tensor(series)
    kind = keras.backend.standardize_dtype(series.dtype)
    if len(series.shape) != 3 or "float" not in kind:
        raise ValueError(
            "series must be floats of shape (N, T, C). "
            f"Received: {kind}, shape {tuple(series.shape)}"
        )
    if not is_right:
        raise ValueError(f"{name} is out of range. Received: {given}")
    return series


def _curve(
    series: KerasTensor, knots: int, seed: int | keras.random.SeedGenerator | None
) -> KerasTensor:
    """Draw a line through normal numbers for every series."""
    count, steps = ops.shape(series)[:2]
    drawn = keras.random.normal((count, knots), dtype="float32", seed=seed)
    at = ops.cast(ops.arange(steps), "float32") * (knots - 1)
    at = at / ops.maximum(ops.cast(steps - 1, "float32"), 1)
    # how much of each knot is seen at each step
    places = ops.cast(ops.arange(knots), "float32")[:, None]
    return ops.matmul(drawn, ops.relu(1 - ops.abs(at - places)))
