"""Calibration: maps from scores to probabilities that hold, by three methods."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["fit_isotonic", "fit_platt", "fit_temperature"]


def fit_temperature(y_true: ArrayLike, y_logit: ArrayLike) -> float:
    r"""Temperature by which to divide logits for the least log loss.

    $T = \arg\min_T -\sum_i \log \mathrm{softmax}(z_i / T)_{y_i}$, on data that trained
    nothing else. $T > 1$ cools an overconfident model; no prediction changes.

    Parameters
    ----------
    y_true : array-like of int, shape (N,)
        0 or 1, or classes from 0 to C - 1.
    y_logit : array-like, shape (N,) or (N, C)
        Logit of class 1, or of each class. Not probabilities.

    Returns
    -------
    float
        The temperature, > 0.

    Raises
    ------
    ValueError
        If the shapes do not fit, a target is no class, a logit is NaN or infinite, or
        no temperature is best: every prediction is right, or the logits say less than
        chance.

    Examples
    --------
    >>> round(fit_temperature([1, 1, 1, 0], [4.0, 4.0, 4.0, 4.0]), 4)
    3.641

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", 2017.
    <https://arxiv.org/abs/1706.04599>
    """
    true, logit = np.asarray(y_true), np.asarray(y_logit).astype(float)
    if logit.ndim not in (1, 2) or true.shape != logit.shape[:1] or not true.size:
        raise ValueError(
            "y_true must have shape (N,), y_logit (N,) or (N, C), and not be empty. "
            f"Received: {true.shape}, {logit.shape}"
        )
    if not np.isfinite(logit).all():
        raise ValueError(f"y_logit must be finite. Received: {logit.min()}")
    if logit.ndim == 1:
        logit = np.stack([np.zeros_like(logit), logit], axis=1)
    if not np.isin(true, np.arange(logit.shape[1])).all():
        raise ValueError(
            f"y_true must be integers in [0, {logit.shape[1]}). "
            f"Received: {true.min()} to {true.max()}"
        )
    logit = logit - logit.max(axis=1, keepdims=True)
    own = logit[np.arange(len(true)), true.astype(int)].mean()
    # the slope of the loss in 1 / T grows from `mean - own` to `-own`
    if not logit.mean() < own < 0:
        raise ValueError(
            "y_logit must be better than chance, and sometimes wrong. "
            f"Received: mean own logit {own}, of all {logit.mean()}, of the highest 0"
        )
    low, high, inverse = 0.0, np.inf, 1.0
    for _ in range(200):
        prob = np.exp(logit * inverse)
        prob /= prob.sum(axis=1, keepdims=True)
        mean = (prob * logit).sum(axis=1)
        slope = mean.mean() - own
        low, high = (inverse, high) if slope < 0 else (low, inverse)
        curve = (prob * (logit - mean[:, None]) ** 2).sum(axis=1).mean()
        step = inverse - slope / curve if curve > 0 else np.inf
        if not low < step < high:  # Newton left the bracket
            step = (low + high) / 2 if high < np.inf else 2 * inverse
        if abs(step - inverse) <= 1e-15 * inverse:
            break
        inverse = step
    return float(1 / inverse)


def fit_platt(y_true: ArrayLike, y_score: ArrayLike) -> tuple[float, float]:
    r"""Slope and intercept of Platt's sigmoid.

    $p = \sigma(a s + b)$ of the least log loss against $(N_+ + 1) / (N_+ + 2)$ for
    positives and $1 / (N_- + 2)$ for negatives, which keep it finite.

    Parameters
    ----------
    y_true : array-like, shape (N,)
        1 (or True) for a positive, 0 for a negative.
    y_score : array-like, shape (N,)
        Higher for what looks positive, such as margins or logits.

    Returns
    -------
    tuple of float
        `a` and `b`.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 0 nor 1, or the scores are not finite
        or all the same.

    Examples
    --------
    >>> a, b = fit_platt([0, 0, 1, 1], [-2.0, 0.5, 0.0, 3.0])
    >>> round(a, 4), round(b, 4)
    (0.3811, -0.1378)

    References
    ----------
    Platt, "Probabilistic Outputs for Support Vector Machines", 1999.
    Lin, Lin and Weng, "A Note on Platt's Probabilistic Outputs for Support Vector
    Machines", 2007. <https://doi.org/10.1007/s10994-007-5018-6>
    """
    true, score = np.asarray(y_true), np.asarray(y_score).astype(float)
    if true.ndim != 1 or true.shape != score.shape:
        raise ValueError(
            "y_true and y_score must have one shape, (N,). "
            f"Received: {true.shape}, {score.shape}"
        )
    if not ((true == 0) | (true == 1)).all():
        raise ValueError(
            f"y_true must be 0 or 1. Received: {true.min()} to {true.max()}"
        )
    if not (score.size and np.isfinite(score).all() and score.min() < score.max()):
        raise ValueError(f"y_score must be finite and vary. Received: {score}")
    center, scale = score.mean(), score.std()
    rows = np.stack([(score - center) / scale, np.ones(len(score))])
    count = np.array([np.sum(true == 0), np.sum(true == 1)])
    target = np.where(true == 1, (count[1] + 1) / (count[1] + 2), 1 / (count[0] + 2))

    def loss(w):
        return (np.logaddexp(0, w @ rows) - target * (w @ rows)).sum()

    weight = np.array([0.0, np.log((count[1] + 1) / (count[0] + 1))])
    for _ in range(200):
        prob = 1 / (1 + np.exp(-np.clip(weight @ rows, -700, 700)))
        curve = (rows * (prob * (1 - prob) + 1e-300)) @ rows.T
        step, size = np.linalg.solve(curve, rows @ (target - prob)), 1.0
        while size > 1e-10 and loss(weight + size * step) > loss(weight) + 1e-12:
            size /= 2
        weight = weight + size * step
        if np.abs(step).max() < 1e-14:
            break
    slope = weight[0] / scale
    return float(slope), float(weight[1] - slope * center)


def fit_isotonic(
    y_true: ArrayLike, y_score: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> tuple[np.ndarray, np.ndarray]:
    r"""Probabilities that never fall as the score grows, by pooling violators.

    Least $\sum_i w_i (y_i - f(s_i))^2$ over all $f$ that do not fall: neighbours in the
    wrong order are pooled to their mean. Apply it by `np.interp(new, scores, values)`.

    Parameters
    ----------
    y_true : array-like, shape (N,)
        0 or 1, or any target.
    y_score : array-like, shape (N,)
        Scores; equal ones get one value.
    sample_weight : array-like, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tuple of ndarray, shape (K,)
        The distinct scores in order, and their values.

    Raises
    ------
    ValueError
        If the shapes differ, a target or score is NaN or infinite, a weight is
        negative or not finite, or nothing has weight.

    Examples
    --------
    >>> scores, values = fit_isotonic([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9])
    >>> print(scores, values)
    [0.1 0.4 0.6 0.9] [0.  0.5 0.5 1. ]

    References
    ----------
    Zadrozny and Elkan, "Transforming Classifier Scores into Accurate Multiclass
    Probability Estimates", 2002. <https://doi.org/10.1145/775047.775151>
    """
    true, score = (np.asarray(x).astype(float) for x in (y_true, y_score))
    weight = np.ones(true.shape) if sample_weight is None else np.asarray(sample_weight)
    if true.ndim != 1 or not true.shape == score.shape == weight.shape:
        raise ValueError(
            "y_true, y_score and sample_weight must have one shape, (N,). "
            f"Received: {true.shape}, {score.shape}, {weight.shape}"
        )
    if not (np.isfinite(true).all() and np.isfinite(score).all()):
        raise ValueError(f"y_true, y_score must be finite. Received: {true}, {score}")
    if not (((weight >= 0) & (weight < np.inf)).all() and weight.any()):
        raise ValueError(
            "sample_weight must be finite and >= 0, not all 0. "
            f"Received: {weight.min()} to {weight.max()}"
        )
    some = weight > 0
    distinct, group = np.unique(score[some], return_inverse=True)
    weights = np.bincount(group, weight[some])
    totals = np.bincount(group, weight[some] * true[some])
    # blocks of neighbours: total, weight, how many scores
    blocks: list[tuple[float, float, int]] = []
    for total, size in zip(totals.tolist(), weights.tolist(), strict=True):
        count = 1
        while blocks and blocks[-1][0] * size >= total * blocks[-1][1]:
            before = blocks.pop()
            total, size = total + before[0], size + before[1]
            count += before[2]
        blocks.append((total, size, count))
    means, _, counts = (np.array(x) for x in zip(*blocks, strict=True))
    means = means / np.array([size for _, size, _ in blocks])
    return distinct, np.repeat(means, counts)
