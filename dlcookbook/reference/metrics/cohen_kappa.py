"""Cohen's kappa: agreement beyond chance, of classes or of ordered grades."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["cohen_kappa"]


def cohen_kappa(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    weights: str | None = None,
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.float64:
    r"""Cohen's kappa of one batch.

    $\kappa = 1 - \sum_{ij} w_{ij} O_{ij} / \sum_{ij} w_{ij} E_{ij}$ of the confusion
    matrix $O$ and what chance makes of its margins, $E_{ij} = O_{i \cdot} O_{\cdot j} /
    N$. 0 is chance, 1 perfect. NaN if both are one and the same class throughout: 0/0.

    Parameters
    ----------
    predictions : array-like of int, shape (...)
        Predicted classes, from 0 to `num_classes` - 1.
    targets : array-like of int, shape (...)
        True classes, in the same range, or `ignore_index`.
    num_classes : int
        Number of classes.
    weights : {"linear", "quadratic"}, optional
        What a confusion of grades $i$ and $j$ costs: $|i - j|$ or its square. None:
        every confusion 1, as for classes without an order.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float64
        At most 1; NaN if truth and prediction are one and the same class.

    Examples
    --------
    >>> round(float(cohen_kappa([0, 1, 1, 1], [0, 0, 1, 1], 2)), 4)
    0.5

    References
    ----------
    Cohen, "Weighted kappa: Nominal scale agreement with provision for scaled
    disagreement or partial credit", 1968. <https://doi.org/10.1037/h0026256>
    """
    predicted, true = np.ravel(predictions), np.ravel(targets)
    weight = np.ones(len(true)) if sample_weight is None else np.ravel(sample_weight)
    weight = np.where(true == ignore_index, 0.0, weight)
    distance = {
        None: lambda i, j: float(i != j),
        "linear": lambda i, j: abs(float(i) - float(j)),
        "quadratic": lambda i, j: (float(i) - float(j)) ** 2,
    }[weights]
    pairs = list(zip(true, predicted, weight, strict=True))
    seen = [pair for pair in pairs if pair[2]]
    observed = sum(w * distance(i, j) for i, j, w in seen) / weight.sum()
    chance = (
        sum(w * v * distance(i, j) for i, _, w in seen for _, j, v in seen)
        / weight.sum() ** 2
    )
    return np.float64(1 - observed / chance if chance else np.nan)
