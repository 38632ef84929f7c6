"""Early stopping: when to stop, and which weights to keep."""

import math

__all__ = ["early_stop"]


def early_stop(losses, *, patience, min_delta=0.0):
    r"""Stop after `patience` epochs in a row without a loss below best - `min_delta`.

    Parameters
    ----------
    losses : sequence of float
        The validation loss after every epoch.
    patience : int >= 1
        How many epochs may pass without a better one.
    min_delta : float >= 0
        How much better counts.

    Returns
    -------
    tuple of two int
        The epoch after which it stops, and the best one up to there; both from 0.

    Examples
    --------
    >>> early_stop([3.0, 2.0, 2.5, 2.25, 1.0], patience=2)
    (3, 1)
    >>> early_stop([3.0, 2.0, 2.5, 2.25, 1.0], patience=3)
    (4, 4)

    References
    ----------
    Prechelt, "Early Stopping: But When?", 1998, criterion UP.
    <https://doi.org/10.1007/3-540-49430-8_3>
    """
    best, at = math.inf, 0
    for epoch, loss in enumerate(losses):
        if loss < best - min_delta:
            best, at = loss, epoch
        elif epoch - at >= patience:
            return epoch, at
    return len(losses) - 1, at
