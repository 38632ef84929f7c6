"""The survey: nobody's answers in two parts, gaps and a rare yes as they are stated."""

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("statsmodels")

from statsmodels.datasets import fair

from dlcookbook.data.fair import CATEGORIES, COLUMNS, NUMBERS, load_fair_split


def rows(part):
    joined = np.concatenate([part.numbers, part.categories], axis=1)
    return list(map(tuple, joined.tolist()))


def test_parts_hold_every_row_and_share_no_answers():
    parts = load_fair_split(1, missing=0)
    train, validation, test = (set(rows(part)) for part in parts)
    assert not train & validation
    assert not train & test
    assert not validation & test
    table = fair.load().data
    whole = table[[*NUMBERS, *CATEGORIES]].to_numpy("float32").tolist()
    assert sorted(row for part in parts for row in rows(part)) == sorted(
        map(tuple, whole)
    )
    # as many as the docstring says
    assert len(train | validation | test) == 4829


def test_a_split_without_regard_to_alike_rows_would_share_some():
    table = fair.load().data[[*COLUMNS]].to_numpy("float32")
    order = np.random.default_rng(1).permutation(len(table))
    first, second = (
        set(map(tuple, table[at].tolist())) for at in (order[:4000], order[4000:])
    )
    assert len(first & second) > 100


@pytest.mark.parametrize(("above", "share"), [(2.0, 0.099), (0.0, 0.322)])
def test_a_yes_is_as_rare_as_stated_in_every_part(above, share):
    for part in load_fair_split(2, above=above):
        assert part.targets.mean() == pytest.approx(share, abs=0.002)
        assert set(part.targets) == {0, 1}


def test_targets_stay_with_their_rows():
    table = fair.load().data
    known = {}
    inputs = table[[*COLUMNS]].to_numpy("float32").tolist()
    for row, value in zip(map(tuple, inputs), table["affairs"], strict=True):
        known.setdefault(row, []).append(int(value > 2))
    found = {}
    for part in load_fair_split(0, missing=0):
        for row, target in zip(rows(part), part.targets.tolist(), strict=True):
            found.setdefault(row, []).append(target)
    assert {k: sorted(v) for k, v in found.items()} == {
        k: sorted(v) for k, v in known.items()
    }


def test_gaps_are_nan_or_zero_and_elsewhere_nothing_changes():
    whole, gappy = load_fair_split(3, missing=0), load_fair_split(3, missing=0.25)
    for part, holes in zip(whole, gappy, strict=True):
        gaps, none = np.isnan(holes.numbers), holes.categories == 0
        assert gaps.mean() == pytest.approx(0.25, abs=0.02)
        assert none.mean() == pytest.approx(0.25, abs=0.03)
        assert np.array_equal(part.numbers[~gaps], holes.numbers[~gaps])
        assert np.array_equal(part.categories[~none], holes.categories[~none])
        assert not np.isnan(part.numbers).any()
        assert set(np.unique(part.categories)) == set(range(1, 7))
        assert np.array_equal(part.targets, holes.targets)


def test_the_seed_decides_and_the_layout_is_as_documented():
    first, again, other = (load_fair_split(seed)[2] for seed in (0, 0, 1))
    assert np.array_equal(first.numbers, again.numbers, equal_nan=True)
    assert not np.array_equal(first.numbers, other.numbers, equal_nan=True)
    assert first.numbers.dtype == np.float32
    assert first.categories.dtype == first.targets.dtype == np.int64


@pytest.mark.parametrize(
    "wrong",
    [{"seed": -1}, {"seed": "0"}, {"above": 5}, {"missing": 0.6}, {"missing": -0.1}],
)
def test_arguments_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be .* Received: "):
        load_fair_split(**wrong)
