"""Metrics of scores beyond the contract: where libraries differ, and exactness."""

import numpy as np
import pytest

from dlcookbook.numpy.metrics.average_precision import AveragePrecision
from dlcookbook.numpy.metrics.average_precision import average_precision as exact_ap
from dlcookbook.numpy.metrics.brier import brier
from dlcookbook.numpy.metrics.calibrate import fit_isotonic, fit_platt, fit_temperature
from dlcookbook.numpy.metrics.calibration_error import (
    CalibrationError,
    calibration_error,
)
from dlcookbook.numpy.metrics.log_loss import log_loss
from dlcookbook.numpy.metrics.roc_auc import RocAuc
from dlcookbook.numpy.metrics.roc_auc import roc_auc as exact_auc

torch = pytest.importorskip("torch")


def scored(rng, size=2000):
    true = (rng.random(size) < 0.3).astype(int)
    return true, (rng.normal(size=size) + true).astype(np.float32)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    ("metric", "function"), [(RocAuc, exact_auc), (AveragePrecision, exact_ap)]
)
def test_half_scores_are_counted_in_constant_memory(metric, function, dtype, rng):
    import ml_dtypes

    kind = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16}[dtype]
    true, score = scored(rng)
    # -0 and 0 are one value
    score = np.concatenate([score, np.array([0.0, -0.0] * 9)]).astype(kind)
    true = np.append(true, rng.integers(0, 2, 18))
    streamed = metric()
    for _ in range(3):
        streamed.update(true, score)
    assert streamed.compute() == pytest.approx(
        function(np.tile(true, 3), np.tile(score.astype(float), 3)), rel=1e-13
    )
    assert not streamed.positives
    assert sum(x.nbytes for x in streamed.half.values()) == 2**20


@pytest.mark.parametrize(
    ("metric", "function"), [(RocAuc, exact_auc), (AveragePrecision, exact_ap)]
)
def test_half_wide_and_weighted_batches_mix(metric, function, rng):
    true, score = scored(rng, 300)
    score = np.round(score * 4) / 4
    parts = np.split(np.arange(300), 3)
    streamed = metric()
    streamed.update(true[parts[0]], score[parts[0]].astype(np.float16))
    streamed.update(true[parts[1]], score[parts[1]])
    streamed.update(true[parts[2]], score[parts[2]], np.full(100, 2.0))
    weight = np.where(np.arange(300) < 200, 1.0, 2.0)
    want = function(true, score, sample_weight=weight)
    assert streamed.compute() == pytest.approx(want, rel=1e-13)


@pytest.mark.filterwarnings("ignore")
def test_a_float32_sigmoid_ties_what_logits_tell_apart():
    from torcheval.metrics.functional import binary_auroc as torcheval
    from torchmetrics.functional.classification import binary_auroc as torchmetrics

    true, logit = [0, 1, 0, 1], [18.0, 20.0, 19.0, 30.0]
    pair = torch.tensor(logit), torch.tensor(true)
    assert exact_auc(true, np.float32(logit)) == 1
    assert float(torcheval(*pair)) == 1
    # it applies a sigmoid as soon as a score is outside [0, 1]
    assert float(torchmetrics(*pair)) == 0.5


@pytest.mark.filterwarnings("ignore")
def test_only_positives_have_no_area():
    from torcheval.metrics.functional import binary_auroc as torcheval
    from torchmetrics.functional.classification import binary_auroc as torchmetrics

    pair = torch.tensor([0.2, 0.7]), torch.tensor([1, 1])
    assert np.isnan(exact_auc([1, 1], [0.2, 0.7]))
    assert float(torchmetrics(*pair)) == 0
    assert float(torcheval(*pair)) == 0.5


@pytest.mark.filterwarnings("ignore")
def test_a_nan_score_is_no_score():
    from torcheval.metrics.functional import binary_auroc as torcheval

    pair = torch.tensor([0.2, float("nan"), 0.1]), torch.tensor([0, 1, 0])
    with pytest.raises(ValueError, match="finite"):
        exact_auc([0, 1, 0], pair[0].numpy())
    assert np.isfinite(float(torcheval(*pair)))


def test_no_positives_have_no_precision():
    from sklearn.metrics import average_precision_score

    assert np.isnan(exact_ap([0, 0], [0.2, 0.7]))
    with pytest.warns(UserWarning, match="No positive class"):
        assert average_precision_score([0, 0], [0.2, 0.7]) == 0


def test_a_rounded_metric_is_near_for_logits_and_far_for_crowded_probabilities(rng):
    keras = pytest.importorskip("keras")
    from dlcookbook.keras.metrics.roc_auc import RocAuc as Rounded

    true, logit = scored(rng, 20_000)
    crowded = 1 / (1 + np.exp(-(logit.astype(float) + 8)))
    want = exact_auc(true, logit)
    errors, theirs = [], keras.metrics.AUC()
    for score in (logit, crowded.astype(np.float32)):
        metric = Rounded()
        metric.update_state(true, score)
        errors.append(abs(float(metric.result()) - want))
    theirs.update_state(true, crowded.astype(np.float32))
    assert errors[0] < 1e-5
    assert 1e-3 < errors[1] < abs(float(theirs.result()) - want)


def test_a_torch_metric_takes_float16_and_bfloat16_bit_by_bit(rng):
    from dlcookbook.torch.metrics.roc_auc import RocAuc as Torch

    true, score = scored(rng)
    for kind in (torch.float16, torch.bfloat16):
        rounded = torch.tensor(score).to(kind)
        metric = Torch()
        metric.update(rounded, torch.tensor(true))
        assert not metric.kept
        want = exact_auc(true, rounded.double().numpy())
        assert float(metric.compute()) == pytest.approx(want, rel=1e-13)


def test_nothing_is_clipped():
    from sklearn.metrics import log_loss as sklearn
    from torch.nn.functional import binary_cross_entropy

    true, prob = [1, 0], [0.0, 0.5]
    assert log_loss(true, prob, from_logits=False) == np.inf
    assert sklearn(true, prob) < 20
    pair = torch.tensor(prob), torch.tensor(true).float()
    assert float(binary_cross_entropy(*pair)) == pytest.approx(50.35, abs=0.01)
    # an example without weight may be impossible
    weighted = log_loss(true, prob, from_logits=False, sample_weight=[0.0, 1.0])
    assert weighted == pytest.approx(np.log(2))


def test_a_softplus_forgets_the_tail():
    right = torch.tensor([21.0], dtype=torch.float64)
    want = log_loss([1], right.numpy(), from_logits=True)
    assert want == pytest.approx(np.log1p(np.exp(-21.0)), rel=1e-14)
    wrong = torch.nn.functional.softplus(-right)
    assert float(wrong) == pytest.approx(want, rel=1e-9)
    # beyond its threshold of 20 the other side is the identity
    lost = float(torch.nn.functional.softplus(right)) - 21
    assert lost == 0 < want


def test_two_classes_cost_twice_what_one_probability_does(rng):
    true, prob = rng.integers(0, 2, 50), rng.random(50)
    both = brier(true, np.stack([1 - prob, prob], axis=1))
    assert both == pytest.approx(2 * brier(true, prob), rel=1e-12)


def test_the_confidence_of_a_binary_model_is_said(rng):
    prob = rng.random(5000)
    true = (rng.random(5000) < prob**2).astype(int)
    of_one = calibration_error(true, prob, confidence="positive")
    of_predicted = calibration_error(true, prob, confidence="predicted")
    both = np.stack([1 - prob, prob], axis=1)
    assert of_predicted == pytest.approx(calibration_error(true, both), abs=1e-12)
    assert of_one > of_predicted + 0.01


@pytest.mark.parametrize("closed", ["right", "left"])
@pytest.mark.parametrize("num_bins", [3, 7, 10, 49])
def test_every_edge_is_in_its_bin(closed, num_bins):
    edges = np.arange(num_bins + 1) / num_bins
    for prob in (edges, edges.astype(np.float32)):
        metric = CalibrationError(num_bins=num_bins, closed=closed)
        metric.update(np.ones(num_bins + 1, int), prob)
        wide = prob.astype(float)
        low, high = edges[:-1, None], edges[1:, None]
        inside = (low < wide) & (wide <= high)
        inside[0] |= wide == 0
        if closed == "left":
            inside = (low <= wide) & (wide < high)
            inside[-1] |= wide == 1
        np.testing.assert_array_equal(metric.bins()["count"], inside.sum(axis=1))


def test_float32_means_drift_where_float64_sums_do_not(rng):
    from torchmetrics.functional.classification import binary_calibration_error

    prob = rng.random(1_000_000).astype(np.float32)
    true = (rng.random(1_000_000) < prob).astype(int)
    place = np.ceil(prob.astype(float) * 15).astype(int).clip(1) - 1
    gaps = np.bincount(place, prob.astype(float) - true, 15)
    want = np.abs(gaps).sum() / len(prob)
    pair = torch.tensor(prob), torch.tensor(true)
    theirs = float(binary_calibration_error(*pair, n_bins=15))
    assert calibration_error(true, prob) == pytest.approx(want, rel=1e-10)
    assert abs(theirs / want - 1) > 1e-4


def test_calibration_improves_what_it_is_fitted_on(rng):
    true = rng.integers(0, 2, 500)
    logit = 5 * (rng.normal(size=500) + 2 * true - 1)
    before = log_loss(true, logit, from_logits=True)
    temperature = fit_temperature(true, logit)
    a, b = fit_platt(true, logit)
    scores, values = fit_isotonic(true, logit)
    after = log_loss(true, logit / temperature, from_logits=True)
    assert temperature > 1
    assert log_loss(true, a * logit + b, from_logits=True) < after < before
    assert (np.diff(values) >= 0).all()
    held = np.interp(logit, scores, values)
    assert brier(true, held) < brier(true, 1 / (1 + np.exp(-logit)))


def test_keras_metrics_of_scores_live_in_fit(rng):
    keras = pytest.importorskip("keras")
    from dlcookbook.keras.metrics.average_precision import AveragePrecision as Ap
    from dlcookbook.keras.metrics.brier import Brier
    from dlcookbook.keras.metrics.calibration_error import CalibrationError as Ece
    from dlcookbook.keras.metrics.log_loss import LogLoss
    from dlcookbook.keras.metrics.roc_auc import RocAuc as Auc

    model = keras.Sequential(
        [keras.layers.Input((3,)), keras.layers.Dense(1, activation="sigmoid")]
    )
    metrics = [Auc(), Ap(), Brier(), Ece(), LogLoss(from_logits=False)]
    model.compile(loss="binary_crossentropy", metrics=metrics)
    x = rng.normal(size=(64, 3)).astype(np.float32)
    y = (x.sum(axis=1) > 0).astype(np.float32)
    model.fit(x, y, epochs=1, batch_size=16, verbose=0)
    found = model.evaluate(x, y, batch_size=16, verbose=0, return_dict=True)
    prob = model.predict(x, verbose=0)[:, 0]
    true, half = y.astype(int), prob.astype(np.float16)
    assert found["roc_auc"] == pytest.approx(exact_auc(true, half), abs=1e-5)
    assert found["average_precision"] == pytest.approx(exact_ap(true, half), abs=1e-5)
    assert found["brier"] == pytest.approx(brier(true, prob), abs=1e-5)
    error = calibration_error(true, prob)
    assert found["calibration_error"] == pytest.approx(error, abs=1e-5)
    loss = log_loss(true, prob, from_logits=False)
    assert found["log_loss"] == pytest.approx(loss, abs=1e-5)
