"""The 569 tumours of scikit-learn: thirty measures of cell nuclei, malignant or not."""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

__all__ = ["load_breast_cancer_split"]


class Part(NamedTuple):
    """Columns and what is to be told from them, in the same order."""

    inputs: np.ndarray
    targets: np.ndarray


def load_breast_cancer_split(
    seed: int = 0,
    *,
    features: int = 30,
    validation: float = 0.2,
    test: float = 0.2,
) -> tuple[Part, Part, Part]:
    """Split the tumours into three parts with the same share of malignant ones.

    scikit-learn writes benign as 1; here malignant, which is what is looked for, is 1.
    No row is there twice. Columns are neither scaled nor centred: what is learnt from
    data is learnt from the training part, by whoever uses it.

    Parameters
    ----------
    seed : int in [0, 2**32)
        Decides which row goes where. Never choose it by the score that it gives.
    features : int in [1, 30]
        How many columns: those that alone part the classes best, by the area under the
        ROC curve in the training part; best first. With 30 the order is the published.
    validation, test : float in [0.05, 1)
        Shares of all rows; training gets the rest, also 0.05 or more.

    Returns
    -------
    tuple of (inputs, targets), three of them: training, validation, test
        `inputs`: ndarray, shape (N, features), float32, in units of the measures;
        `targets`: ndarray, shape (N,), int64, 1 for malignant.

    Raises
    ------
    ValueError
        If `seed`, `features` or a share is outside its range.

    Examples
    --------
    >>> parts = load_breast_cancer_split(seed=0)
    >>> [(part.inputs.shape, int(part.targets.sum())) for part in parts]
    [((341, 30), 127), ((114, 30), 43), ((114, 30), 42)]

    References
    ----------
    Wolberg, Mangasarian, Street & Street, "Breast Cancer Wisconsin (Diagnostic)", UCI
    Machine Learning Repository, 1995. <https://doi.org/10.24432/C5DW2B>
    """
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be an integer in [0, 2**32). Received: {seed!r}")
    if not isinstance(features, int) or not 1 <= features <= 30:
        raise ValueError(f"features must be in [1, 30]. Received: {features!r}")
    for name, share in (
        ("validation", validation),
        ("test", test),
        ("1 - validation - test", 1 - validation - test),
    ):
        if not share >= 0.05:
            raise ValueError(f"{name} must be 0.05 or more. Received: {share}")
    raw = load_breast_cancer()
    whole = Part(raw.data.astype("float32"), 1 - raw.target.astype("int64"))

    def cut(part: Part, size: int) -> tuple[Part, Part]:
        pieces = train_test_split(
            *part, test_size=size, stratify=part.targets, random_state=seed
        )
        return Part(*pieces[0::2]), Part(*pieces[1::2])

    rest, tested = cut(whole, round(test * len(whole.targets)))
    train, validated = cut(rest, round(validation * len(whole.targets)))
    columns = np.arange(30)
    if features < 30:
        areas = [roc_auc_score(train.targets, column) for column in train.inputs.T]
        # a column that falls where the other rises tells as much
        columns = np.argsort(-np.abs(np.subtract(areas, 0.5)), kind="stable")[:features]
    parts = (train, validated, tested)
    kept = [Part(part.inputs[:, columns], part.targets) for part in parts]
    return kept[0], kept[1], kept[2]
