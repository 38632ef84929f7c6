"""Few labels: the parts share no image, and a larger one holds the smaller one."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.datasets import load_digits

from dlcookbook.data.few_digits import load_few_digits_split, load_other_digits_split


def rows(*parts) -> set[bytes]:
    return {image.tobytes() for part in parts for image in part.images}


@pytest.mark.parametrize("labels", [5, 10, 50])
def test_parts_share_no_image_and_are_balanced(labels):
    parts = train, validation, _ = load_few_digits_split(7, labels=labels)
    assert np.bincount(train.labels).tolist() == [labels] * 5
    assert np.bincount(validation.labels).tolist() == [10] * 5
    assert len(rows(*parts)) == sum(len(part.labels) for part in parts)
    others = load_other_digits_split(7)
    assert not rows(*parts) & rows(*others)
    assert len(rows(*others)) == len(others[0].labels) + len(others[1].labels) == 901


def test_labels_are_the_digits():
    raw = load_digits()
    known = {
        (image / 16).astype("float32").tobytes(): digit
        for image, digit in zip(raw.images, raw.target, strict=True)
    }
    for part in load_few_digits_split(0):
        assert [known[image.tobytes()] - 5 for image in part.images] == [*part.labels]
    for part in load_other_digits_split(0):
        assert [known[image.tobytes()] for image in part.images] == [*part.labels]
        assert (part.images.dtype, part.labels.dtype) == (np.float32, np.int64)


def test_fewer_labels_are_among_more_and_the_test_stays():
    five, ten, fifty = (load_few_digits_split(0, labels=n) for n in (5, 10, 50))
    assert rows(five[0]) < rows(ten[0]) < rows(fifty[0])
    for part in (1, 2):
        assert np.array_equal(five[part].images, fifty[part].images)
    assert rows(five[2]) != rows(load_few_digits_split(1)[2])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": 0}, "labels must be .* Received: 0$"),
        ({"labels": 51}, "labels must be .* Received: 51$"),
        ({"labels": 2.5}, "labels must be .* Received: 2.5$"),
        ({"validation": 0}, "validation must be .* Received: 0$"),
        ({"seed": -1}, "seed must be .* Received: -1$"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        load_few_digits_split(**options)
