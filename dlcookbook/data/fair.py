"""A survey of 6,366 marriages: numbers, categories, gaps, and a rare yes to find."""

from typing import NamedTuple

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from statsmodels.datasets import fair

__all__ = ["load_fair_split"]

NUMBERS = ("rate_marriage", "age", "yrs_married", "children", "religious", "educ")
CATEGORIES = ("occupation", "occupation_husb")
COLUMNS = (*NUMBERS, *CATEGORIES)


class Part(NamedTuple):
    """Columns and what is to be told from them, in the same order."""

    numbers: np.ndarray
    categories: np.ndarray
    targets: np.ndarray


def load_fair_split(
    seed: int = 0, *, above: float = 2.0, missing: float = 0.05
) -> tuple[Part, Part, Part]:
    """Split the survey that statsmodels ships; make the yes rare, and leave gaps.

    Women told a magazine in 1974 about their marriage, and how much time they spend in
    affairs. The target is 1 if that measure is more than `above`: with 2, for one in
    ten. It stands here for what a company asks of a table: who leaves.

    The survey has no gaps: a share of the values, drawn anew for every seed, is taken
    out. 4,829 different rows of answers were given by 6,366 women: those of the same
    answers are in the same part, so that none can be looked up. Parts have three, one
    and one fifth of the rows.

    Parameters
    ----------
    seed : int in [0, 2**32)
        Decides which row goes where, and what is missing.
    above : float in [0, 4]
        The target is 1 where the measure is more; with 0, for a third of the rows.
    missing : float in [0, 0.5]
        Share of the values of every column that are taken out.

    Returns
    -------
    tuple of (numbers, categories, targets), three: training, validation, test
        `numbers`: ndarray, shape (N, 6), float32, not scaled, NaN where missing, in the
        order of `NUMBERS`; `categories`: ndarray, shape (N, 2), int64, 1 to 6, 0 where
        missing, in the order of `CATEGORIES`; `targets`: ndarray, shape (N,), int64, 0
        or 1.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> parts = load_fair_split(0)
    >>> [(len(part.targets), f"{part.targets.mean():.1%}") for part in parts]
    [(3820, '9.9%'), (1273, '9.9%'), (1273, '9.9%')]
    >>> parts[0].numbers[0].tolist(), parts[0].categories[0].tolist()
    ([3.0, 27.0, 13.0, nan, 1.0, nan], [3, 4])

    References
    ----------
    Fair, "A Theory of Extramarital Affairs", Journal of Political Economy 86, 1978.
    <https://doi.org/10.1086/260646>
    """
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be an integer in [0, 2**32). Received: {seed!r}")
    if not 0 <= above <= 4:
        raise ValueError(f"above must be in [0, 4]. Received: {above!r}")
    if not 0 <= missing <= 0.5:
        raise ValueError(f"missing must be in [0, 0.5]. Received: {missing!r}")
    table = fair.load().data
    inputs = table[[*COLUMNS]].to_numpy("float64")
    targets = (table["affairs"].to_numpy() > above).astype("int64")
    same = np.unique(inputs, axis=0, return_inverse=True)[1].ravel()
    gaps = np.random.default_rng(seed).random(inputs.shape) < missing
    numbers = np.where(gaps, np.nan, inputs)[:, : len(NUMBERS)].astype("float32")
    categories = np.where(gaps, 0, inputs)[:, len(NUMBERS) :].astype("int64")
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    held = [rows for _, rows in folds.split(inputs, targets, same)]
    order = np.concatenate(held[2:]), held[1], held[0]
    parts = [Part(numbers[at], categories[at], targets[at]) for at in order]
    return parts[0], parts[1], parts[2]
