"""The rare digit: thinned out in training, weighed in the parts that measure."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score

from dlcookbook.data.rare_digits import load_rare_digits_split


def rows(part) -> set[bytes]:
    return {image.tobytes() for image in part.images}


@pytest.mark.parametrize(("seed", "digit"), [(0, 8), (1, 1), (2, 0)])
def test_parts_are_disjoint_and_the_labels_are_right(seed, digit):
    parts = load_rare_digits_split(seed, digit=digit)
    sets = [rows(part) for part in parts]
    assert len(set.union(*sets)) == sum(len(part.labels) for part in parts)
    raw = load_digits()
    images = (raw.images / 16).astype("float32")
    known = {x.tobytes(): int(y) for x, y in zip(images, raw.target, strict=True)}
    for images, weights, labels in parts:
        assert [known[image.tobytes()] == digit for image in images] == labels.tolist()
        assert images.dtype == weights.dtype == np.float32
        assert labels.dtype == np.int64
    # all others are kept, and of the digit what is not in training was thrown away
    others = sum((part.labels == 0).sum() for part in parts)
    assert others == (raw.target != digit).sum()


@pytest.mark.parametrize("ratio", [10, 50, 200])
def test_the_digit_is_as_rare_as_stated(ratio):
    train, validation, test = load_rare_digits_split(0, ratio=ratio)
    no, yes = np.bincount(train.labels)
    assert yes == round(no / ratio)
    assert (train.weights == 1).all()
    for part in (validation, test):
        # a fifth of the digits, as rare as each of ten
        assert 0.08 < part.labels.mean() < 0.12
        weight = [part.weights[part.labels == i].sum() for i in (0, 1)]
        assert weight[0] / weight[1] == pytest.approx(ratio, rel=1e-5)
        assert (part.weights[part.labels == 0] == 1).all()


def test_weights_give_what_a_thinned_part_gives_on_average():
    _, _, test = load_rare_digits_split(0)
    rng = np.random.default_rng(0)
    scores = test.labels * 1.5 + rng.normal(size=len(test.labels))
    weighed = average_precision_score(test.labels, scores, sample_weight=test.weights)
    yes, no = (np.flatnonzero(test.labels == i) for i in (1, 0))
    few = []
    for _ in range(500):
        # 325 others, 50 to 1
        kept = np.concatenate([no, rng.choice(yes, 6, replace=False)])
        few.append(average_precision_score(test.labels[kept], scores[kept]))
    assert weighed == pytest.approx(np.mean(few), abs=0.05)
    plain = average_precision_score(test.labels, scores)
    assert plain > weighed + 0.1


def test_the_seed_decides():
    first, again, other = (load_rare_digits_split(seed) for seed in (0, 0, 1))
    for mine, yours in zip(first, again, strict=True):
        assert np.array_equal(mine.images, yours.images)
    assert rows(first[2]) != rows(other[2])


@pytest.mark.parametrize("wrong", [{"digit": 10}, {"ratio": 9}, {"ratio": np.inf}])
def test_arguments_out_of_range_are_refused(wrong):
    (name, value), *_ = wrong.items()
    with pytest.raises(ValueError, match=rf"{name} must .* Received: {value}"):
        load_rare_digits_split(0, **wrong)
