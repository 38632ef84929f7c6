"""Learning-rate range test: raise the rate step by step, see where the loss goes."""

import numpy as np

__all__ = ["smoothed", "suggested_rate", "sweep"]


def sweep(step, *, lr, end_lr, steps):
    r"""$\eta_0 (\eta_1 / \eta_0)^{t / (N - 1)}$: the rates of the test.

    Parameters
    ----------
    step : ndarray, shape (...)
        How many steps were taken before this one: 0 for the first.
    lr, end_lr : float > 0
        $\eta_0$ and $\eta_1$, the rates of the first and of the last step.
    steps : int >= 2
        $N$.

    Returns
    -------
    ndarray, shape (...)
        The rate at each step.

    Examples
    --------
    >>> print(sweep([0, 1, 2], lr=0.01, end_lr=1.0, steps=3))
    [0.01 0.1  1.  ]

    References
    ----------
    Smith, "Cyclical Learning Rates for Training Neural Networks", 2015, section 3.3.
    <https://arxiv.org/abs/1506.01186>
    """
    return lr * (end_lr / lr) ** (np.float64(step) / (steps - 1))


def smoothed(losses, *, smoothing=0.9):
    r"""$\sum_i \beta^{t - i} \ell_i / \sum_i \beta^{t - i}$: a mean of the latest.

    Parameters
    ----------
    losses : ndarray, shape (steps,)
        One loss for each step.
    smoothing : float in [0, 1)
        $\beta$, what an old loss counts less with each step.

    Returns
    -------
    ndarray, shape (steps,)
        The means.

    Examples
    --------
    >>> print(smoothed([3.0, 0.0, 0.0], smoothing=0.5).round(4))
    [3.     1.     0.4286]

    References
    ----------
    Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2014, section 3.
    <https://arxiv.org/abs/1412.6980>
    """
    losses = np.float64(losses)
    weights = [smoothing ** np.arange(t, -1, -1.0) for t in range(len(losses))]
    return np.array(
        [w @ losses[: t + 1] / w.sum() for t, w in enumerate(weights)], np.float64
    )


def suggested_rate(rates, smooth):
    r"""$\eta_i / 10$ for the lowest smoothed loss $i$: a tenth of the last good rate.

    None where the loss was lowest at the start: it never fell.

    Parameters
    ----------
    rates : ndarray, shape (steps,)
        The rates of the test.
    smooth : ndarray, shape (steps,)
        The smoothed losses.

    Returns
    -------
    float or None
        The rate to start with.

    Examples
    --------
    >>> suggested_rate([0.1, 1.0, 10.0], [2.0, 1.0, 9.0])
    0.1

    References
    ----------
    Howard and Gugger, "fastai: A Layered API for Deep Learning", 2020: the learning
    rate finder. <https://arxiv.org/abs/2002.04688>
    """
    lowest = int(np.argmin(np.where(np.isfinite(smooth), smooth, np.inf)))
    return float(rates[lowest]) / 10 if lowest else None
