"""Time series: noise, size, speed and window of every series drawn anew."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["jitter", "magnitude_warp", "scale", "time_warp", "window_slice"]


def jitter(
    series: Tensor,
    generator: torch.Generator | None = None,
    *,
    sigma: float = 0.03,
) -> Tensor:
    r"""Add noise to every value.

    $y = x + \sigma \varepsilon$, $\varepsilon \sim N(0, 1)$; `sigma=0` changes nothing.

    Parameters
    ----------
    series : Tensor, shape (N, C, T)
        A batch of any floating dtype: channels, then time.
    generator : torch.Generator, optional
        Where the draws come from. None takes PyTorch's own of the device.
    sigma : float >= 0
        Size of the noise, in the unit of the series: of one with a deviation of 1 some
        hundredths.

    Returns
    -------
    Tensor, shape (N, C, T)
        The series with noise, in the dtype of `series`.

    Raises
    ------
    ValueError
        If the series are no batch of floats or `sigma` is negative or not finite.

    Examples
    --------
    >>> x = torch.zeros(1, 2, 3)
    >>> bool(torch.all(jitter(x, sigma=0.0) == x))
    True

    References
    ----------
    Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease
    Monitoring", 2017. <https://arxiv.org/abs/1706.00527>
    """
    _check(series, "sigma", 0 <= sigma < math.inf, sigma)
    place = series.device if generator is None else generator.device
    noise = torch.randn(series.shape, generator=generator, device=place)
    return series + sigma * noise.to(series)


def scale(
    series: Tensor,
    generator: torch.Generator | None = None,
    *,
    sigma: float = 0.1,
) -> Tensor:
    r"""Multiply every channel of every series by a number of its own.

    $y = (1 + \sigma \varepsilon) x$, one $\varepsilon \sim N(0, 1)$ for a channel of a
    series; `sigma=0` changes nothing. Not where the size is the label.

    Parameters
    ----------
    series : Tensor, shape (N, C, T)
        A batch of any floating dtype: channels, then time.
    generator : torch.Generator, optional
        Where the draws come from. None takes PyTorch's own of the device.
    sigma : float >= 0
        Deviation of the factor from 1.

    Returns
    -------
    Tensor, shape (N, C, T)
        The series, larger or smaller, in the dtype of `series`.

    Raises
    ------
    ValueError
        If the series are no batch of floats or `sigma` is negative or not finite.

    Examples
    --------
    >>> bool(torch.all(scale(torch.zeros(1, 2, 3)) == 0))
    True

    References
    ----------
    Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease
    Monitoring", 2017. <https://arxiv.org/abs/1706.00527>
    """
    _check(series, "sigma", 0 <= sigma < math.inf, sigma)
    place = series.device if generator is None else generator.device
    noise = torch.randn(*series.shape[:2], 1, generator=generator, device=place)
    return series * (1 + sigma * noise.to(series))


def magnitude_warp(
    series: Tensor,
    generator: torch.Generator | None = None,
    *,
    sigma: float = 0.2,
    knots: int = 4,
) -> Tensor:
    r"""Multiply every series by a curve around 1.

    The curve is drawn at `knots` places, $1 + \sigma \varepsilon$, and straight in
    between. All channels of a series share it; `sigma=0` changes nothing.

    Parameters
    ----------
    series : Tensor, shape (N, C, T)
        A batch of any floating dtype: channels, then time.
    generator : torch.Generator, optional
        Where the draws come from. None takes PyTorch's own of the device.
    sigma : float >= 0
        Deviation of the curve from 1.
    knots : int >= 2
        At how many places it is drawn, both ends among them.

    Returns
    -------
    Tensor, shape (N, C, T)
        The series, larger here and smaller there, in the dtype of `series`.

    Raises
    ------
    ValueError
        If the series are no batch of floats or an option is out of range.

    Examples
    --------
    >>> bool(torch.all(magnitude_warp(torch.zeros(1, 2, 9)) == 0))
    True

    References
    ----------
    Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease
    Monitoring", 2017. <https://arxiv.org/abs/1706.00527>
    """
    _check(
        series, "sigma or knots", 0 <= sigma < math.inf and knots >= 2, (sigma, knots)
    )
    return series * (1 + sigma * _curve(series, knots, generator)).to(series)


def time_warp(
    series: Tensor,
    generator: torch.Generator | None = None,
    *,
    sigma: float = 0.2,
    knots: int = 4,
) -> Tensor:
    r"""Let the time of every series run faster here and slower there.

    The speed is $\exp(\sigma \varepsilon)$ at `knots` places and straight in between;
    its sum, brought to the old length, is the time that is read, in between by a
    straight line. Time never runs backwards, both ends stay; `sigma=0` changes nothing.
    All channels of a series share it.

    Parameters
    ----------
    series : Tensor, shape (N, C, T)
        A batch of any floating dtype: channels, then time.
    generator : torch.Generator, optional
        Where the draws come from. None takes PyTorch's own of the device.
    sigma : float >= 0
        Deviation of the logarithm of the speed.
    knots : int >= 2
        At how many places it is drawn, both ends among them.

    Returns
    -------
    Tensor, shape (N, C, T)
        The series in another time, in the dtype of `series`.

    Raises
    ------
    ValueError
        If the series are no batch of floats or an option is out of range.

    Examples
    --------
    >>> line = torch.arange(9.0).reshape(1, 1, 9)
    >>> warped = time_warp(line)
    >>> bool(torch.all(warped.diff() >= 0))
    True

    References
    ----------
    Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease
    Monitoring", 2017. <https://arxiv.org/abs/1706.00527>
    """
    _check(
        series, "sigma or knots", 0 <= sigma < math.inf and knots >= 2, (sigma, knots)
    )
    steps = series.shape[-1]
    speed = sigma * _curve(series, knots, generator)
    # relative to the fastest, which cannot overflow
    speed = (speed - speed.amax(dim=-1, keepdim=True)).exp()
    between = (speed[..., 1:] + speed[..., :-1]) / 2
    time = F.pad(between.cumsum(dim=-1), (1, 0))
    time = time * ((steps - 1) / time[..., -1:].clamp_min(1e-9))
    first = time.floor().clamp(0, max(steps - 2, 0)).long().expand(series.shape)
    after = (first + 1).clamp_max(steps - 1)
    share = (time - first).clamp(0, 1).to(series)
    return torch.lerp(series.gather(-1, first), series.gather(-1, after), share)


def window_slice(
    series: Tensor,
    generator: torch.Generator | None = None,
    *,
    length: int,
) -> Tensor:
    r"""Take a window out of every series, at a place of its own.

    $y_t = x_{s + t}$ with a start $s$ drawn evenly; a window as long as the series is
    the series. For what the label holds for the whole series.

    Parameters
    ----------
    series : Tensor, shape (N, C, T)
        A batch of any floating dtype: channels, then time.
    generator : torch.Generator, optional
        Where the draws come from. None takes PyTorch's own of the device.
    length : int
        How many steps the window has; at most those of the series.

    Returns
    -------
    Tensor, shape (N, C, length)
        The windows, in the dtype of `series`.

    Raises
    ------
    ValueError
        If the series are no batch of floats or the window is longer than they are.

    Examples
    --------
    >>> window_slice(torch.zeros(2, 1, 8), length=3).shape
    torch.Size([2, 1, 3])

    References
    ----------
    Le Guennec et al., "Data Augmentation for Time Series Classification using
    Convolutional Neural Networks", 2016. <https://shs.hal.science/halshs-01357973>
    """
    steps = series.shape[-1] if series.ndim else 0
    _check(series, "length", 1 <= length <= steps, (length, steps))
    place = series.device if generator is None else generator.device
    start = torch.rand(len(series), 1, 1, generator=generator, device=place)
    start = (start * (steps - length + 1)).long().clamp_max(steps - length)
    at = start.to(series.device) + torch.arange(length, device=series.device)
    return series.gather(-1, at.expand(*series.shape[:2], length))


def _check(series: Tensor, name: str, is_right: bool, given: object) -> None:
    """Refuse what would be silently wrong."""
    if series.ndim != 3 or not series.is_floating_point():
        raise ValueError(
            "series must be floats of shape (N, C, T). "
            f"Received: {series.dtype}, shape {tuple(series.shape)}"
        )
    if not is_right:
        raise ValueError(f"{name} is out of range. Received: {given}")


def _curve(series: Tensor, knots: int, generator: torch.Generator | None) -> Tensor:
    """Draw a line through normal numbers for every series."""
    place = series.device if generator is None else generator.device
    drawn = torch.randn(len(series), 1, knots, generator=generator, device=place)
    drawn = drawn.to(series.device)
    return F.interpolate(drawn, series.shape[-1], mode="linear", align_corners=True)
