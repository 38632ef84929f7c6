"""Colour jitter: brightness, contrast, saturation and hue of every image drawn."""

import colorsys

import numpy as np

__all__ = ["color_jitter"]


def color_jitter(
    image: np.ndarray,
    brightness: float = 1.0,
    contrast: float = 1.0,
    saturation: float = 1.0,
    hue: float = 0.0,
) -> np.ndarray:
    r"""Change one image by given amounts, cut off to [0, 1] after each.

    Brightness: $f x$. Contrast: $f x + (1 - f) \bar g$ with the mean grey of the image.
    Saturation: $f x + (1 - f) g$ with the grey of each pixel. Hue: a turn of the colour
    wheel. With nothing given, the image.

    Parameters
    ----------
    image : ndarray, shape (3, H, W)
        Red, green, blue in [0, 1].
    brightness, contrast, saturation : float >= 0
        Factors.
    hue : float
        Part of the colour wheel.

    Returns
    -------
    ndarray, shape (3, H, W)
        The changed image.

    Examples
    --------
    >>> red = np.array([1.0, 0.0, 0.0]).reshape(3, 1, 1)
    >>> color_jitter(red, hue=1 / 3).round(3).ravel().tolist()
    [0.0, 1.0, 0.0]

    References
    ----------
    Howard, "Some Improvements on Deep Convolutional Neural Network Based Image
    Classification", 2013, section 2. <https://arxiv.org/abs/1312.5402>
    """
    weights = np.array([0.299, 0.587, 0.114])
    x = np.clip(brightness * np.asarray(image, float), 0, 1)
    mean = np.tensordot(weights, x, 1).mean()
    x = np.clip(contrast * x + (1 - contrast) * mean, 0, 1)
    x = np.clip(saturation * x + (1 - saturation) * np.tensordot(weights, x, 1), 0, 1)
    for at in np.ndindex(x.shape[1:]):
        h, s, v = colorsys.rgb_to_hsv(*x[:, *at])
        x[:, *at] = colorsys.hsv_to_rgb((h + hue) % 1, s, v)
    return x
