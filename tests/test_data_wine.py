"""Wines: each is tested once, and no fold knows what it is tested on."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.datasets import load_wine

from dlcookbook.data.wine import load_wine_folds


def rows(part):
    return set(map(tuple, part.numbers.tolist()))


@pytest.mark.parametrize("folds", [2, 5, 10])
def test_every_wine_is_tested_once(folds):
    tested = [test for _, _, test in load_wine_folds(2, folds=folds)]
    assert len(tested) == folds
    whole = sorted(map(tuple, load_wine().data.astype("float32").tolist()))
    assert sorted(row for part in tested for row in rows(part)) == whole
    assert len(set(whole)) == 178


def test_the_parts_of_a_fold_share_nothing_and_miss_nothing():
    for train, validation, test in load_wine_folds(1):
        assert not rows(train) & rows(validation)
        assert not rows(train) & rows(test)
        assert not rows(validation) & rows(test)
        assert len(rows(train) | rows(validation) | rows(test)) == 178


def test_growers_are_as_frequent_in_every_part():
    wanted = np.bincount(load_wine().target) / 178
    for parts in load_wine_folds(0):
        for part in parts:
            shares = np.bincount(part.targets, minlength=3) / len(part.targets)
            assert np.abs(shares - wanted).max() < 0.04


def test_targets_stay_with_their_rows():
    raw = load_wine()
    known = dict(
        zip(map(tuple, raw.data.astype("float32").tolist()), raw.target, strict=True)
    )
    for part in load_wine_folds(0)[3]:
        found = [known[row] for row in map(tuple, part.numbers.tolist())]
        assert found == part.targets.tolist()
        assert (part.numbers.dtype, part.targets.dtype) == (np.float32, np.int64)


def test_the_seed_decides():
    first, again, other = (load_wine_folds(seed)[0][2].numbers for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    "wrong",
    [{"seed": -1}, {"seed": 0.5}, {"folds": 1}, {"folds": 11}, {"validation": 0.6}],
)
def test_arguments_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be .* Received: "):
        load_wine_folds(**wrong)
