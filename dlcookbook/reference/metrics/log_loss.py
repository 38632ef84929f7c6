"""Log loss: minus the mean log of the probability given to the truth."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["log_loss"]


def log_loss(
    predictions: ArrayLike,
    targets: ArrayLike,
    *,
    from_logits: bool,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Log loss, one example after another.

    $-\frac1n \sum_i \log p_i(y_i)$ in nats; $\log C$ for C equal probabilities. Nothing
    is clipped: a true class of probability 0 costs infinity.

    Parameters
    ----------
    predictions : array-like, shape (N,) or (N, C)
        Of class 1, or of each class. Probabilities should sum to 1.
    targets : array-like, shape (N,)
        0 or 1, or classes from 0 to C - 1.
    from_logits : bool
        True for logits, False for probabilities. Nothing is guessed.
    sample_weight : array-like, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 0 to infinity.

    Examples
    --------
    >>> round(log_loss([0.25, 0.5, 1.0], [0, 1, 1], from_logits=False), 4)
    0.3269

    References
    ----------
    Good, "Rational Decisions", 1952.
    <https://doi.org/10.1111/j.2517-6161.1952.tb00104.x>
    """
    targets = np.asarray(targets)
    weights = (
        np.ones(len(targets)) if sample_weight is None else np.asarray(sample_weight)
    )
    total = size = 0.0
    for row, true, weight in zip(
        np.asarray(predictions, float), targets, weights, strict=True
    ):
        if from_logits:
            logits = row if row.ndim else np.array([0.0, row])
            log_p = logits[true] - np.logaddexp.reduce(logits)
        else:
            p = row[true] if row.ndim else (row if true else 1 - row)
            log_p = np.log(p) if p else -np.inf
        size += weight
        total -= weight * log_p if weight else 0
    return float(total / size)
