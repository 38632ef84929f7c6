"""Linear and polynomial: down to the end on a straight line, or on a power of it."""

import numpy as np

__all__ = ["polynomial"]


def polynomial(step, *, lr, steps, power=1.0, end=0.0):
    r"""$\eta (e + (1 - e)(1 - t / N)^p)$, and $e \eta$ from step $N$ on.

    A power of 1 is linear decay; 0.9 is that of DeepLab, almost the same.

    Parameters
    ----------
    step : ndarray, shape (...)
        How many steps were taken before this one: 0 for the first.
    lr : float >= 0
        First rate $\eta$.
    steps : int
        $N$, when the rate has come down.
    power : float > 0
        $p$.
    end : float
        $e$, the share of $\eta$ that stays.

    Returns
    -------
    ndarray, shape (...)
        The rate at each step.

    Examples
    --------
    >>> print(polynomial([0, 1, 2, 4, 5], lr=1.0, steps=4, power=2.0))
    [1.     0.5625 0.25   0.     0.    ]

    References
    ----------
    Chen et al., "DeepLab: Semantic Image Segmentation with Deep Convolutional Nets,
    Atrous Convolution, and Fully Connected CRFs", 2016, section 4.1.
    <https://arxiv.org/abs/1606.00915>
    """
    left = np.clip(1 - np.float64(step) / steps, 0, 1) ** power
    return lr * (end + (1 - end) * left)
