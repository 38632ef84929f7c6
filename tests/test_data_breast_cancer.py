"""Tumours: every row once, the best columns by the training part alone."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score

from dlcookbook.data import breast_cancer
from dlcookbook.data.breast_cancer import load_breast_cancer_split


def rows(*parts):
    return sorted(map(tuple, np.concatenate([part.inputs for part in parts]).tolist()))


def test_parts_hold_every_row_once_with_its_answer():
    parts = load_breast_cancer_split(3)
    raw = load_breast_cancer()
    data = raw.data.astype("float32")
    assert rows(*parts) == sorted(map(tuple, data.tolist()))
    assert len(set(rows(*parts))) == len(data)
    benign = dict(zip(map(tuple, data.tolist()), raw.target, strict=True))
    for part in parts:
        found = [1 - benign[tuple(row)] for row in part.inputs.tolist()]
        assert found == part.targets.tolist()


def test_malignant_tumours_are_as_frequent_in_every_part():
    shares = [part.targets.mean() for part in load_breast_cancer_split(1)]
    assert max(shares) - min(shares) < 0.01
    assert 0.36 < shares[0] < 0.38


def test_the_seed_decides():
    first, again, other = (load_breast_cancer_split(seed)[2] for seed in (0, 0, 1))
    assert np.array_equal(first.inputs, again.inputs)
    assert not np.array_equal(first.inputs, other.inputs)


def test_the_best_columns_are_first():
    train, validation, test = load_breast_cancer_split(0, features=3)
    areas = [roc_auc_score(train.targets, x) for x in train.inputs.T]
    every = load_breast_cancer_split(0)[0]
    best = sorted(roc_auc_score(every.targets, x) for x in every.inputs.T)
    assert areas == best[:-4:-1]
    assert validation.inputs.shape[1] == test.inputs.shape[1] == 3


def test_the_other_parts_have_no_say_which_column_is_best(monkeypatch):
    whole = load_breast_cancer_split(0)
    first = load_breast_cancer_split(0, features=1)[0]
    raw = load_breast_cancer()
    known = {tuple(row) for row in whole[0].inputs.tolist()}
    # in rows of validation and test the first column now tells everything
    for row, label in zip(raw.data, raw.target, strict=True):
        if tuple(row.astype("float32").tolist()) not in known:
            row[0] = 1000 * label
    monkeypatch.setattr(breast_cancer, "load_breast_cancer", lambda: raw)
    train, _, test = load_breast_cancer_split(0, features=1)
    assert np.array_equal(train.inputs, first.inputs)
    assert not np.isin(test.inputs, [0, 1000]).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": -1},
        {"seed": 1.5},
        {"features": 0},
        {"features": 31},
        {"features": 2.0},
        {"validation": 0.01},
        {"validation": 0.5, "test": 0.5},
        {"test": float("nan")},
    ],
)
def test_arguments_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{[*wrong][-1]}.* must be .*Received:"):
        load_breast_cancer_split(**wrong)
