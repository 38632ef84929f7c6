"""What the contract leaves open for regression and ranking, and where peers differ."""

import math

import numpy as np
import pytest

from tests import wings

each_wing = pytest.mark.parametrize("wing", wings.METRIC_WINGS)
quietly = pytest.mark.filterwarnings("ignore")


def measured(wing, name, y_true, y_pred, **kwargs):
    return wings.measure(wing, f"metrics/{name}", (y_true, y_pred), **kwargs)


def far_from_zero(rng, size=20_000):
    y_true = rng.normal(1e4, 1, size).astype(np.float32)
    return y_true, (y_true + rng.normal(0, 0.5, size)).astype(np.float32)


@quietly
@pytest.mark.oracle
def test_r2_of_targets_far_from_zero_is_off_in_sums_of_float32(rng):
    import torch
    from torcheval.metrics.functional import r2_score as torcheval_r2
    from torchmetrics.regression import R2Score

    y_true, y_pred = far_from_zero(rng)
    batches = range(0, len(y_true), 1024)
    want = measured("numpy", "r2.r2", y_true, y_pred)[0]
    peer = R2Score()
    for i in batches:
        pair = (torch.tensor(x[i : i + 1024]) for x in (y_pred, y_true))
        peer.update(*pair)
    assert abs(float(peer.compute()) - want) > 0.1
    once = torcheval_r2(torch.tensor(y_pred), torch.tensor(y_true))
    assert abs(float(once) - want) > 0.1


@each_wing
def test_r2_of_targets_far_from_zero_keeps_its_digits(wing, rng):
    from sklearn.metrics import r2_score

    y_true, y_pred = far_from_zero(rng)
    want = r2_score(y_true.astype(float), y_pred.astype(float))
    metric = wings.Stream(wing, "metrics/r2.R2", dtype="float32")
    for i in range(0, len(y_true), 1024):
        metric.update(y_true[i : i + 1024], y_pred[i : i + 1024])
    np.testing.assert_allclose(metric.compute()[0], want, rtol=1e-11)


@each_wing
def test_constant_targets_are_recognised_whatever_their_mean_rounds_to(wing):
    from sklearn.metrics import r2_score

    y_true, y_pred = np.full(3, 0.1), np.array([0.1, 0.1, 0.2])
    # documented to be 0: the rounded mean of 0.1 is not 0.1
    assert r2_score(y_true, y_pred) < -1e30
    assert r2_score(np.full(3, 0.5), y_pred) == 0
    assert np.isnan(measured(wing, "r2.r2", y_true, y_pred))
    assert measured(wing, "r2.r2", y_true, y_pred, constant="finite") == [0.0]
    assert measured(wing, "r2.r2", y_true, y_true, constant="finite") == [1.0]
    assert np.isnan(measured(wing, "correlation.correlation", y_true, y_pred))


@each_wing
def test_r2_wants_the_outputs_of_before(wing):
    y = np.arange(6.0)
    one, two = (wings.Stream(wing, "metrics/r2.R2") for _ in range(2))
    one.update(y, y)
    with pytest.raises(ValueError, match=r"outputs of before.*Received"):
        one.update(y.reshape(3, 2), y.reshape(3, 2))
    two.update(y.reshape(3, 2), y.reshape(3, 2))
    with pytest.raises(ValueError, match=r"must have the outputs.*Received"):
        one.merge(two)


@each_wing
def test_a_target_of_zero_is_counted_as_documented(wing):
    import keras
    from sklearn.metrics import mean_absolute_percentage_error

    y_true, y_pred = np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 3.0])
    # a hidden epsilon decides the number, and every library has its own
    per_cent = keras.losses.mean_absolute_percentage_error(y_true, y_pred)
    assert mean_absolute_percentage_error(y_true, y_pred) > 1e15
    assert 1e6 < float(per_cent) / 100 < 1e7
    names = sorted(("mae", "mse", "rmse", "bias", "mape", "smape"))
    name, place = "regression_errors.regression_errors", names.index("mape")
    assert np.isnan(measured(wing, name, y_true, y_pred)[place])
    assert measured(wing, name, y_true, y_pred, zero="skip")[place] == 0.25
    assert measured(wing, name, y_true, y_pred, zero=1.0)[place] == 0.5
    nothing = np.zeros(2)
    for share in ("mape", "smape"):
        place = names.index(share)
        skipped = measured(wing, name, nothing, nothing, zero="skip")
        assert np.isnan(skipped[place])
        assert measured(wing, name, nothing, nothing, zero=0.0)[place] == 0


@pytest.mark.oracle
def test_the_concordance_of_torchmetrics_has_other_variances(rng):
    import torch
    from torchmetrics.functional.regression import concordance_corrcoef

    y_true = rng.normal(5, 2, 10)
    y_pred = y_true + rng.normal(1, 1, 10)
    peer = concordance_corrcoef(torch.tensor(y_pred), torch.tensor(y_true))
    values = [
        measured("numpy", "correlation.correlation", y_true, y_pred, **options)[0]
        for options in (
            {"kind": "concordance", "ddof": 1},
            {"kind": "concordance", "ddof": 0},
        )
    ]
    np.testing.assert_allclose(float(peer), values[0], rtol=1e-12)
    # as Lin has it
    variance = y_true.var() + y_pred.var() + (y_true.mean() - y_pred.mean()) ** 2
    covariance = np.cov(y_true, y_pred, ddof=0)[0, 1]
    np.testing.assert_allclose(values[1], 2 * covariance / variance, rtol=1e-12)
    assert abs(values[0] - values[1]) > 1e-3


@pytest.mark.skipif("torch" not in wings.WINGS, reason="needs torch")
@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("regression_errors.RegressionErrors", "sums"),
        ("r2.R2", "moments"),
        ("correlation.Correlation", "moments"),
        ("perplexity.Perplexity", "sums"),
    ],
)
def test_what_a_gpu_found_wrong_is_told_in_the_end(name, state):
    metric = wings.Stream("torch", f"metrics/{name}").metric
    pair = wings.tensor("torch", np.array([1.0, 2.0, 4.0], np.float32))
    if name.startswith("perplexity"):
        metric.update(pair[None], pair[:1].long())
    else:
        metric.update(pair, pair)
    metric.compute()
    setattr(metric, state, getattr(metric, state) * math.nan)
    with pytest.raises(ValueError, match=r"must .*Received"):
        metric.compute()


KERAS = pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")


@KERAS
def test_a_model_of_keras_shows_and_keeps_them(rng, tmp_path):
    import keras

    metrics = watched()
    inputs = rng.normal(size=(50, 3)).astype("float32")
    y_true = (inputs @ [1.0, 2.0, 3.0] + 7).astype("float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[metric() for metric in metrics])
    model.fit(inputs, y_true, batch_size=16, epochs=1, verbose=0)
    shown = model.evaluate(inputs, y_true, batch_size=16, verbose=0, return_dict=True)
    y_pred = model.predict(inputs, verbose=0)[:, 0]
    [r2] = measured("reference", "r2.r2", y_true, y_pred)
    [pearson] = measured("reference", "correlation.correlation", y_true, y_pred)
    mae = np.abs(y_true.astype(float) - y_pred).mean()
    for name, want in (("r2", r2), ("correlation", pearson), ("mae", mae)):
        np.testing.assert_allclose(shown[name], want, rtol=1e-6, err_msg=name)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    again = loaded.evaluate(inputs, y_true, batch_size=16, verbose=0, return_dict=True)
    assert again.keys() == shown.keys()
    np.testing.assert_allclose(again["r2"], r2, rtol=1e-6)


def watched():
    names = ("regression_errors.RegressionErrors", "r2.R2", "correlation.Correlation")
    return [wings.function("keras", f"metrics/{name}") for name in names]


@KERAS
@pytest.mark.parametrize(
    "name", ["regression_errors.regression_errors", "r2.r2", "correlation.correlation"]
)
def test_keras_has_nan_where_there_is_nothing(name):
    nothing = np.zeros(0)
    assert np.isnan(measured("keras", name, nothing, nothing)).all()
    metric = name.split(".")[0].title().replace("_", "")
    empty = wings.Stream("keras", f"metrics/{name.split('.')[0]}.{metric}")
    assert np.isnan(empty.compute()).all()


@KERAS
def test_keras_takes_targets_without_the_last_axis_and_no_more(rng):
    y_true, y_pred = rng.normal(size=8), rng.normal(size=(8, 1))
    for name in ("regression_errors.regression_errors", "r2.r2"):
        got = measured("keras", name, y_true, y_pred)
        want = measured("numpy", name, y_true, y_pred[:, 0])
        np.testing.assert_allclose(got, want, rtol=1e-12)


RANKING = wings.function("numpy", "metrics/ranking.ranking")


@pytest.mark.oracle
def test_torchmetrics_drops_relevant_items_of_negative_score():
    import torch
    from torchmetrics.functional import retrieval

    truth, score = np.array([[1, 0, 1]]), np.array([[-1.0, -2.0, -3.0]])
    peer = torch.tensor(score[0]), torch.tensor(truth[0])
    assert float(retrieval.retrieval_recall(*peer)) == 0
    assert float(retrieval.retrieval_reciprocal_rank(*peer)) == 0
    ours = RANKING(truth, score)
    # a ranking is the same whatever is added to all scores
    assert ours == RANKING(truth, score + 9)
    assert ours["recall"] == ours["mrr"] == 1


@pytest.mark.oracle
def test_equal_scores_earn_what_chance_does():
    import torch
    from torchmetrics.functional.retrieval import retrieval_hit_rate

    truth, score = np.array([[1, 0, 0, 0, 0]]), np.full((1, 5), 0.5)
    hits = [
        float(retrieval_hit_rate(torch.tensor(score[0]), torch.tensor(t), top_k=1))
        for t in (truth[0], truth[0, ::-1].copy())
    ]
    # it depends on the order of the file
    assert sorted(hits) == [0, 1]
    for t in (truth, truth[:, ::-1]):
        assert RANKING(t, score, k=1)["hits"] == pytest.approx(1 / 5, rel=1e-12)


@pytest.mark.oracle
def test_average_precision_at_k_is_divided_by_what_k_has_room_for():
    import torch
    from torchmetrics.functional.retrieval import retrieval_average_precision

    truth, score = np.array([[1, 0, 1, 1]]), np.array([[0.9, 0.8, 0.7, 0.6]])
    peer = retrieval_average_precision(
        torch.tensor(score[0]), torch.tensor(truth[0]), top_k=2
    )
    # by the one relevant item that was found: missing the others costs nothing
    assert float(peer) == 1
    assert RANKING(truth, score, k=2)["map"] == 0.5


def test_a_query_without_relevant_items_is_counted_as_documented():
    from sklearn.metrics import ndcg_score

    truth, score = np.array([[0, 0], [1, 0]]), np.array([[0.1, 0.2], [0.9, 0.1]])
    assert ndcg_score(truth, score) == RANKING(truth, score, empty=0.0)["ndcg"] == 0.5
    assert math.isnan(RANKING(truth, score)["ndcg"])
    assert RANKING(truth, score, empty="skip")["ndcg"] == 1
    assert math.isnan(RANKING(truth[:1], score[:1], empty="skip")["ndcg"])
