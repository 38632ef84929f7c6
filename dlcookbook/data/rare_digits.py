"""Scikit-learn's digits as a rare class: one digit against nine others, 1 to 50."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

__all__ = ["load_rare_digits_split"]


class Part(NamedTuple):
    """Images, what each of them counts, and whether it is of the rare kind."""

    images: Any
    weights: np.ndarray
    labels: np.ndarray


def load_rare_digits_split(
    seed: int = 0, *, digit: int = 8, ratio: float = 50.0
) -> tuple[Part, Part, Part]:
    """Split the digits; in training thin one of them out until it is rare.

    The 1,797 images are split with the same digits in each part: three fifths for
    training, one for validation, one for the test. In the training part all but every
    `ratio`-th as many images of `digit` as there are others are thrown away: about 20
    stay. The parts that measure keep theirs, about 35, as a handful would measure
    nothing; instead each counts less, so that all together weigh 1 to `ratio` too.
    What is measured with these weights is what is to be expected where the digit is as
    rare as in training.

    Parameters
    ----------
    seed : int in [0, 2**32)
        Decides which image goes where, and which of the rare ones stay.
    digit : int in [0, 9]
        The one to be found.
    ratio : float >= 10
        Others for each of them.

    Returns
    -------
    tuple of (images, weights, labels), three of them: training, validation, test
        `images`: ndarray, shape (N, 8, 8), float32, 0 (paper) to 1 (ink); `weights`:
        ndarray, shape (N,), float32, 1 in training; `labels`: ndarray, shape (N,),
        int64, 1 for `digit`, 0 for the others.

    Raises
    ------
    ValueError
        If `digit` or `ratio` is out of its range.

    Examples
    --------
    >>> train, validation, test = load_rare_digits_split(seed=0)
    >>> [np.bincount(part.labels).tolist() for part in (train, validation, test)]
    [[973, 19], [325, 35], [325, 35]]
    >>> float(test.weights[test.labels == 1].sum()) * 50
    325.0

    References
    ----------
    Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998; scikit-learn ships its test file. <https://doi.org/10.24432/C50P49>
    """
    if digit not in range(10):
        raise ValueError(f"digit must be one of 0 to 9. Received: {digit!r}")
    if not 10 <= ratio < np.inf:
        raise ValueError(f"ratio must be 10 or more. Received: {ratio}")
    raw = load_digits()
    images, digits = (raw.images / 16).astype("float32"), raw.target
    rows = np.arange(len(digits))
    rest, tested = train_test_split(
        rows, test_size=0.2, stratify=digits, random_state=seed
    )
    kept, checked = train_test_split(
        rest, test_size=0.25, stratify=digits[rest], random_state=seed
    )
    rare = kept[digits[kept] == digit]
    count = max(1, round((len(kept) - len(rare)) / ratio))
    thrown = np.random.default_rng(seed).permutation(rare)[count:]
    kept = kept[~np.isin(kept, thrown)]

    def part(rows: np.ndarray, even: bool) -> Part:
        labels = (digits[rows] == digit).astype("int64")
        share = 1.0 if even else (labels == 0).sum() / ratio / labels.sum()
        weights = np.where(labels == 1, share, 1.0).astype("float32")
        return Part(images[rows], weights, labels)

    return part(kept, True), part(checked, False), part(tested, False)
