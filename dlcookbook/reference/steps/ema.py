"""EMA: a moving average of the weights, swapped in for evaluation and out again."""

import numpy as np

__all__ = ["ema", "swa"]


def ema(
    weights: np.ndarray,
    *,
    decay: float = 0.999,
    warmup: bool = False,
    debias: bool = False,
) -> np.ndarray:
    r"""$\sum_t (1 - d_t) \prod_{s > t} d_s \, w_t + \prod_s d_s \, w_0$, in one sum.

    Parameters
    ----------
    weights : ndarray, shape (steps + 1, ...)
        The start and then what stood there after each step.
    decay : float in [0, 1)
        Share that is kept.
    warmup : bool
        $d_t = \min(\mathrm{decay}, (1 + t) / (10 + t))$.
    debias : bool
        Weights of $\mathrm{decay}^{T - t}$, divided by their sum, the start left out.

    Returns
    -------
    ndarray, shape (...)
        The average after the last step.

    Raises
    ------
    ValueError
        If `decay` is out of its range.

    Examples
    --------
    >>> ema(np.array([0.0, 1.0, 1.0]), decay=0.75).item()
    0.4375

    References
    ----------
    Tarvainen and Valpola, "Mean teachers", 2017. <https://arxiv.org/abs/1703.01780>
    Kingma and Ba, "Adam", 2014, section 3: the correction.
    <https://arxiv.org/abs/1412.6980>
    """
    if not 0 <= decay < 1:
        raise ValueError(f"decay must be in [0, 1). Received: {decay}")
    steps = np.arange(1, len(weights))
    if debias:
        shares = decay ** (steps[-1] - steps)
        return np.tensordot(shares / shares.sum(), weights[1:], axes=1)
    kept = np.full(len(steps), decay)
    if warmup:
        kept = np.minimum(kept, (1 + steps) / (10 + steps))
    later = np.cumprod(np.append(kept, 1.0)[::-1])[::-1]
    shares = np.append(later[0], (1 - kept) * later[1:])
    return np.tensordot(shares, weights, axes=1)


def swa(weights: np.ndarray) -> np.ndarray:
    r"""$\frac{1}{T} \sum_t w_t$: every weight that was taken in counts the same.

    Parameters
    ----------
    weights : ndarray, shape (taken, ...)
        What stood there each time.

    Returns
    -------
    ndarray, shape (...)
        Their mean.

    Raises
    ------
    ValueError
        If nothing was taken in.

    Examples
    --------
    >>> swa(np.array([1.0, 2.0, 6.0]))
    np.float64(3.0)

    References
    ----------
    Izmailov et al., "Averaging Weights Leads to Wider Optima and Better
    Generalization", 2018, algorithm 1. <https://arxiv.org/abs/1803.05407>
    """
    if not len(weights):
        raise ValueError("weights must be some. Received: none")
    return np.sum(weights, axis=0) / len(weights)
