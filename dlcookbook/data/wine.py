"""The 178 wines of scikit-learn in five folds: thirteen measures, three growers."""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import StratifiedKFold, train_test_split

__all__ = ["load_wine_folds"]


class Part(NamedTuple):
    """Columns and the grower, in the same order."""

    numbers: np.ndarray
    targets: np.ndarray


def load_wine_folds(
    seed: int = 0, *, folds: int = 5, validation: float = 0.25
) -> list[tuple[Part, Part, Part]]:
    """Split the wines several times, so that each is tested once.

    With so few rows one test part says little: of five folds, each is the test part
    once, and the others are split into training and validation. All parts have the same
    share of each grower. No wine is there twice. Columns are not scaled.

    Parameters
    ----------
    seed : int in [0, 2**32)
        Decides which row goes where. Never choose it by the score that it gives.
    folds : int in [2, 10]
        How many.
    validation : float in [0.1, 0.5]
        Share of what is not the test part.

    Returns
    -------
    list of (training, validation, test), one for each fold
        Each of the parts has `numbers`: ndarray, shape (N, 13), float32, in units of
        the measures; `targets`: ndarray, shape (N,), int64, 0 to 2.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> for train, validation, test in load_wine_folds(seed=0, folds=3):
    ...     print(train.numbers.shape, len(validation.targets), len(test.targets))
    (88, 13) 30 60
    (89, 13) 30 59
    (89, 13) 30 59

    References
    ----------
    Aeberhard & Forina, "Wine", UCI Machine Learning Repository, 1992.
    <https://doi.org/10.24432/C5PC7J>
    """
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be an integer in [0, 2**32). Received: {seed!r}")
    if not isinstance(folds, int) or not 2 <= folds <= 10:
        raise ValueError(f"folds must be in [2, 10]. Received: {folds!r}")
    if not 0.1 <= validation <= 0.5:
        raise ValueError(f"validation must be in [0.1, 0.5]. Received: {validation!r}")
    raw = load_wine()
    whole = Part(raw.data.astype("float32"), raw.target.astype("int64"))
    split, found = StratifiedKFold(folds, shuffle=True, random_state=seed), []
    for rest, test in split.split(*whole):
        kept, held = train_test_split(
            rest,
            test_size=validation,
            stratify=whole.targets[rest],
            random_state=seed,
        )
        train, validated, tested = (
            Part(*(column[rows] for column in whole)) for rows in (kept, held, test)
        )
        found.append((train, validated, tested))
    return found
