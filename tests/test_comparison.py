"""What the contract leaves open for comparing models: coverage, pairs, blocks."""

import math

import numpy as np
import pytest

from tests import wings

BOOTSTRAP = wings.function("numpy", "metrics/bootstrap.bootstrap")
VALUES = wings.function("numpy", "metrics/bootstrap.bootstrap_values")
MCNEMAR = wings.function("numpy", "metrics/mcnemar.mcnemar")


def accuracy(y_true, y_pred):
    return (y_true == y_pred).mean(axis=-1)


def error(y_true, y_pred):
    return np.abs(y_true - y_pred).mean(axis=-1)


def test_the_resamples_of_a_large_set_are_drawn_in_blocks(rng):
    y_true = rng.integers(0, 2, 2000)
    y_pred = rng.integers(0, 2, 2000)
    got = VALUES(
        y_true, y_pred, metric=accuracy, rng=np.random.default_rng(5), resamples=500
    )
    rows = np.random.default_rng(5).integers(0, 2000, (500, 2000))
    np.testing.assert_array_equal(got, accuracy(y_true[rows], y_pred[rows]))


def test_batches_of_resamples_are_a_matter_of_speed(rng):
    pair = rng.normal(size=(2, 50))
    results = [
        BOOTSTRAP(*pair, metric=error, rng=1, resamples=99, batched=batched)
        for batched in (True, False)
    ]
    assert results[0] == pytest.approx(results[1], rel=1e-12)


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_an_interval_holds_the_truth_as_often_as_it_says(method, rng):
    held = 0
    for seed in range(200):
        y_pred = (rng.random(80) < 0.7).astype(int)
        interval = BOOTSTRAP(
            np.ones(80, int),
            y_pred,
            metric=accuracy,
            rng=seed,
            resamples=400,
            confidence=0.9,
            method=method,
            batched=True,
        )
        held += interval["low"] <= 0.7 <= interval["high"]
    # 180 of 200 with a standard deviation of 4.2
    assert 162 <= held <= 194


def test_a_difference_drawn_in_pairs_is_sharper_than_two_intervals(rng):
    y_true = rng.normal(0, 3, 60)
    hard = rng.exponential(3, 60)
    models = y_true + hard, y_true + hard + 0.3
    options = {"metric": error, "rng": 0, "resamples": 499, "batched": True}
    apart = BOOTSTRAP(y_true, *models, **options)
    alone = [BOOTSTRAP(y_true, model, **options) for model in models]
    assert apart["high"] < 0
    assert alone[0]["high"] > alone[1]["low"]
    assert apart["value"] == pytest.approx(alone[0]["value"] - alone[1]["value"])


def test_bca_without_spread_has_no_interval():
    truth = np.ones(9, int)
    options = {"metric": accuracy, "rng": 0, "resamples": 99}
    assert BOOTSTRAP(truth, truth, **options) == {"value": 1, "low": 1, "high": 1}
    bca = BOOTSTRAP(truth, truth, method="bca", **options)
    assert bca["value"] == 1
    assert math.isnan(bca["low"])
    assert math.isnan(bca["high"])


def test_a_generator_goes_on_and_a_seed_starts_again(rng):
    pair = rng.normal(size=(2, 30))
    generator = np.random.default_rng(3)
    first, second = (
        VALUES(*pair, metric=error, rng=generator, resamples=20) for _ in range(2)
    )
    assert (first != second).any()
    again = VALUES(*pair, metric=error, rng=3, resamples=20)
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize(("first", "second"), [(20_300, 19_700), (900, 1100)])
def test_many_tosses_are_counted_exactly(first, second):
    from scipy.stats import binomtest

    truth = np.ones(first + second, int)
    one = np.repeat([1, 0], [first, second])
    want = binomtest(first, first + second).pvalue
    assert MCNEMAR(truth, one, 1 - one)["p_value"] == pytest.approx(want, rel=1e-10)
    normal = MCNEMAR(truth, one, 1 - one, method="chi2")["p_value"]
    assert normal == pytest.approx(want, rel=0.2)


def test_a_probability_too_small_for_a_float_is_zero():
    truth = np.ones(3000, int)
    assert MCNEMAR(truth, truth, 1 - truth)["p_value"] == 0


def test_the_methods_are_ordered_by_their_caution(rng):
    truth = np.ones(40, int)
    one = np.repeat([1, 0], [30, 10])
    two = np.repeat([1, 0, 1], [20, 12, 8])
    p = {
        method: MCNEMAR(truth, one, two, method=method)["p_value"]
        for method in ("exact", "mid_p", "chi2", "chi2_corrected")
    }
    assert p["chi2"] < p["mid_p"] < p["exact"]
    assert p["chi2"] < p["chi2_corrected"]


def test_models_that_never_differ_are_not_told_apart():
    for method in ("exact", "mid_p", "chi2", "chi2_corrected"):
        found = MCNEMAR([1, 0], [1, 1], [1, 1], method=method)
        assert found == {"p_value": 1, "first": 0, "second": 0}
