"""Reduce on plateau: the rate falls when a metric has not become better for a while."""

import math

import numpy as np

__all__ = ["reduce_on_plateau"]


def reduce_on_plateau(
    metrics,
    *,
    lr,
    factor=0.1,
    patience=10,
    min_delta=1e-4,
    relative=False,
    mode="min",
    cooldown=0,
    min_lr=0.0,
):
    r"""$\eta \leftarrow \max(f \eta, \eta_0)$ after that many epochs without progress.

    With a patience of 1 every epoch that is no better than the best cuts the rate.

    Parameters
    ----------
    metrics : sequence of float
        What was measured after each epoch. What is not finite is no progress.
    lr : float >= 0
        First rate $\eta$.
    factor : float in (0, 1)
        $f$, what is left after a cut.
    patience : int >= 1
        The rate is cut at the end of that many epochs without progress, as Keras
        counts. torch waits for one more.
    min_delta : float >= 0
        What is less of an improvement than this is none.
    relative : bool
        Take `min_delta` as a share of the size of the best value.
    mode : {"min", "max"}
        Whether smaller or larger is better.
    cooldown : int >= 0
        Epochs after a cut that are not counted, as torch counts. Keras leaves out one
        fewer.
    min_lr : float >= 0
        $\eta_0$: lower than this is never gone.

    Returns
    -------
    ndarray, shape (epochs,)
        The rate after each epoch.

    Examples
    --------
    >>> rates = reduce_on_plateau([3, 2, 2, 2, 1, 1], lr=1.0, factor=0.5, patience=2)
    >>> print(rates)
    [1.  1.  1.  0.5 0.5 0.5]

    References
    ----------
    Keras, "ReduceLROnPlateau"; torch has it as `torch.optim.lr_scheduler`.
    <https://keras.io/api/callbacks/reduce_lr_on_plateau/>
    """
    sign = {"min": 1.0, "max": -1.0}[mode]
    best, waited, resting, rates = math.inf, 0, 0, []
    for metric in metrics:
        value = sign * metric
        delta = min_delta
        if relative and math.isfinite(best):
            delta = min_delta * abs(best)
        better = math.isfinite(value) and value < best - delta
        best = value if better else best
        waited = 0 if better or resting else waited + 1
        resting = max(resting - 1, 0)
        if waited >= patience:
            lr, waited, resting = max(lr * factor, min(lr, min_lr)), 0, cooldown
        rates.append(lr)
    return np.array(rates, np.float64)
