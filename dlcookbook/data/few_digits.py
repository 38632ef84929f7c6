"""Digits 0 to 4 with all their labels, and 5 to 9 with a few: to learn and to adapt."""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits

__all__ = ["load_few_digits_split", "load_other_digits_split"]


class Part(NamedTuple):
    """Images and their labels, in the same order."""

    images: np.ndarray
    labels: np.ndarray


def load_few_digits_split(
    seed: int = 0, *, labels: int = 10, validation: int = 10
) -> tuple[Part, Part, Part]:
    """Return a few images of each of the digits 5 to 9, and all others as the test.

    Labels are counted per class: with 10 there are 50 for training, and 50 more for
    validation, which are used up too. With one seed the images of a smaller `labels`
    are among those of a larger one, and the test part is the same for all.

    Parameters
    ----------
    seed : int in [0, 2**32)
        Decides which image goes where.
    labels : int in [1, 50]
        Training images of each class. The test part never has one of the 50.
    validation : int in [1, 50]
        Validation images of each class.

    Returns
    -------
    tuple of (images, labels), three of them: training, validation, test
        `images`: ndarray, shape (N, 8, 8), float32, 0 (paper) to 1 (ink); `labels`:
        ndarray, shape (N,), int64, the digit less 5.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> parts = load_few_digits_split(seed=0)
    >>> [np.bincount(part.labels).tolist() for part in parts]
    [[10, 10, 10, 10, 10], [10, 10, 10, 10, 10], [122, 121, 119, 114, 120]]

    References
    ----------
    Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998. <https://doi.org/10.24432/C50P49>
    """
    for name, value in (("labels", labels), ("validation", validation)):
        if not isinstance(value, int | np.integer) or not 1 <= value <= 50:
            raise ValueError(f"{name} must be an integer of 1 to 50. Received: {value}")
    rows: list[list[np.ndarray]] = [[], [], []]
    images, digits = _digits()
    for at in _by_class(digits, range(5, 10), seed):
        rows[0].append(at[:labels])
        rows[1].append(at[50 : 50 + validation])
        rows[2].append(at[50 + validation :])
    parts = (np.concatenate(part) for part in rows)
    train, held, test = (Part(images[part], digits[part] - 5) for part in parts)
    return train, held, test


def load_other_digits_split(seed: int = 0) -> tuple[Part, Part]:
    """Return the images of the digits 0 to 4: four fifths for training, then the rest.

    There is no test part: what is learnt here is not what is asked for in the end.

    Parameters
    ----------
    seed : int in [0, 2**32)
        Decides which image goes where.

    Returns
    -------
    tuple of (images, labels), two of them: training, validation
        `images`: ndarray, shape (N, 8, 8), float32, 0 (paper) to 1 (ink); `labels`:
        ndarray, shape (N,), int64, the digit.

    Raises
    ------
    ValueError
        If `seed` is out of its range.

    Examples
    --------
    >>> [np.bincount(part.labels).tolist() for part in load_other_digits_split(seed=0)]
    [[142, 146, 142, 146, 145], [36, 36, 35, 37, 36]]

    References
    ----------
    Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998. <https://doi.org/10.24432/C50P49>
    """
    images, digits = _digits()
    classes = list(_by_class(digits, range(5), seed))
    held = np.concatenate([at[: round(len(at) / 5)] for at in classes])
    kept = np.concatenate([at[round(len(at) / 5) :] for at in classes])
    return Part(images[kept], digits[kept]), Part(images[held], digits[held])


def _digits() -> tuple[np.ndarray, np.ndarray]:
    raw = load_digits()
    return (raw.images / 16).astype("float32"), raw.target.astype("int64")


def _by_class(digits: np.ndarray, wanted: range, seed: int) -> list[np.ndarray]:
    """Return the rows of every class, each in an order of its own."""
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be an integer in [0, 2**32). Received: {seed!r}")
    rng = np.random.default_rng(seed)
    return [rng.permutation(np.flatnonzero(digits == digit)) for digit in wanted]
