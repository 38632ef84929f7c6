"""Loaders: real images, split without overlap, the same split for a seed."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.datasets import load_digits
from sklearn.svm import SVC

from dlcookbook.data.digits import load_digits_split


def rows(*parts):
    """Images as tuples of pixels, to be put into sets."""
    return [tuple(image.ravel().tolist()) for part in parts for image in part.images]


@pytest.mark.parametrize("seed", range(3))
def test_parts_hold_every_image_once_and_share_none(seed):
    parts = load_digits_split(seed)
    train, validation, test = (set(rows(part)) for part in parts)
    assert not train & validation
    assert not train & test
    assert not validation & test
    raw = load_digits()
    assert sorted(rows(*parts)) == sorted(map(tuple, (raw.data / 16).tolist()))
    # the scanner never gave the same picture twice, so no copy hides under a new index
    assert len(set(rows(*parts))) == len(raw.data)


def test_labels_stay_with_their_images():
    raw = load_digits()
    digit = dict(zip(map(tuple, (raw.data / 16).tolist()), raw.target, strict=True))
    for part in load_digits_split(0):
        assert [digit[row] for row in rows(part)] == part.labels.tolist()


@pytest.mark.parametrize(("validation", "test"), [(0.2, 0.2), (0.1, 0.5), (0.01, 0.01)])
def test_shares_are_kept_in_every_class(validation, test):
    parts = load_digits_split(1, validation=validation, test=test)
    whole = np.bincount(load_digits().target)
    shares = (1 - validation - test, validation, test)
    for part, share in zip(parts, shares, strict=True):
        assert abs(len(part.labels) - share * whole.sum()) <= 1
        assert np.abs(np.bincount(part.labels, minlength=10) - share * whole).max() <= 2


def test_layout_is_what_the_docstring_says():
    for images, labels in load_digits_split(0):
        assert images.shape == (len(labels), 8, 8)
        assert (images.dtype, labels.dtype) == (np.float32, np.int64)
        assert 0 <= images.min() < images.max() <= 1
        assert set(labels) == set(range(10))
        # sixteenths are exact in binary: nothing was fitted to the images
        assert (images * 16 == np.round(images * 16)).all()


def test_the_seed_decides():
    first, again, other = (load_digits_split(seed)[2] for seed in (0, 0, 1))
    assert np.array_equal(first.images, again.images)
    assert np.array_equal(first.labels, again.labels)
    assert set(rows(first)) != set(rows(other))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, r"seed must be .*, received -1$"),
        ({"seed": 2**32}, r"seed must be .*, received 4294967296$"),
        ({"seed": 0.5}, r"seed must be .*, received 0.5$"),
        ({"validation": 0.0}, r"^validation must be .*, received 0.0$"),
        ({"test": -0.1}, r"^test must be .*, received -0.1$"),
        ({"test": float("nan")}, r"^test must be .*, received nan$"),
        ({"validation": 0.5, "test": 0.5}, r"1 - validation - test .*, received 0.0$"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        load_digits_split(**arguments)


def test_known_hands_are_easier_than_new_ones():
    """The docstring warns that a random split flatters; so it must."""

    def errors(images, labels, held):
        keep = np.setdiff1d(np.arange(len(labels)), held)
        model = SVC(C=10, gamma=0.1).fit(images[keep], labels[keep])
        return (model.predict(images[held]) != labels[held]).sum()

    raw = load_digits()
    images, order = raw.data / 16, np.arange(len(raw.data))
    shuffled = np.random.default_rng(0).permutation(order)
    by_file, at_random = (
        sum(errors(images, raw.target, held) for held in np.array_split(o, 5))
        for o in (order, shuffled)
    )
    assert by_file > 1.5 * at_random
