"""The 1,797 scanned digits of scikit-learn: training, validation and test part."""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

__all__ = ["load_digits_split"]


class Part(NamedTuple):
    """Images and their labels, in the same order."""

    images: np.ndarray
    labels: np.ndarray


def load_digits_split(
    seed: int = 0, *, validation: float = 0.2, test: float = 0.2
) -> tuple[Part, Part, Part]:
    """Split the digits into three parts with no image in common and the same classes.

    A grey value g of 0 to 16 becomes g / 16: a fixed range, so that the scaling knows
    nothing of the images to be predicted. A seed gives the same split everywhere. Who
    wrote what is not known, so that writers are in several parts: a test score is about
    new digits by known hands, not about new hands.

    Parameters
    ----------
    seed : int in [0, 2**32)
        Decides which image goes where. Never choose it by the score that it gives.
    validation, test : float in [0.01, 1)
        Shares of all images; training gets the rest, also 0.01 or more. What the test
        part decides (epochs, model, threshold) is no longer tested by it.

    Returns
    -------
    tuple of (images, labels), three of them: training, validation, test
        `images`: ndarray, shape (N, 8, 8), float32, 0 (paper) to 1 (ink): without
        the axis of channels, which frameworks want in different places. `labels`:
        ndarray, shape (N,), int64, the digits 0 to 9.

    Raises
    ------
    ValueError
        If `seed` is outside its range or no integer, or a share is below 0.01.

    Examples
    --------
    >>> train, validation, test = load_digits_split(seed=0)
    >>> [part.images.shape for part in (train, validation, test)]
    [(1079, 8, 8), (359, 8, 8), (359, 8, 8)]
    >>> np.bincount(test.labels).tolist()
    [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]

    References
    ----------
    Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998; scikit-learn ships its test file. <https://doi.org/10.24432/C50P49>
    """
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be an integer in [0, 2**32), received {seed!r}")
    shares = {
        "validation": validation,
        "test": test,
        "1 - validation - test": 1 - validation - test,
    }
    for name, share in shares.items():
        if not share >= 0.01:
            raise ValueError(f"{name} must be 0.01 or more, received {share}")
    raw = load_digits()
    images = (raw.images / 16).astype("float32")
    labels = raw.target.astype("int64")

    def cut(part: Part, size: int) -> tuple[Part, Part]:
        pieces = train_test_split(
            *part, test_size=size, stratify=part.labels, random_state=seed
        )
        return Part(*pieces[0::2]), Part(*pieces[1::2])

    rest, tested = cut(Part(images, labels), round(test * len(labels)))
    train, validated = cut(rest, round(validation * len(labels)))
    return train, validated, tested
