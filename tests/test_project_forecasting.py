"""Forecasting: nothing looks ahead, gaps cost nothing, all are measured alike."""

import importlib
import json

import numpy as np
import pytest

pytest.importorskip("statsmodels")

from dlcookbook.baselines import forecasting as baseline
from dlcookbook.data.co2 import load_co2
from dlcookbook.data.series import split_windows
from dlcookbook.data.sunspots import load_sunspots
from tests.wings import WINGS


@pytest.fixture(params=WINGS, scope="module")
def project(request):
    return importlib.import_module(f"dlcookbook.{request.param}.projects.forecasting")


METHODS = {
    "naive": lambda v, s, f: baseline.naive(v, s, f, "drift"),
    "ets": lambda v, s, f: baseline.ets(v, s, f, "add"),
    "arima": lambda v, s, f: baseline.arima(v, s, f, 0, (2, 0, 0), True),
    "waves": lambda v, s, f: baseline.arima(v, s, f, 1, (1, 1, 1), False),
    "least_squares": lambda v, s, f: baseline.least_squares(v, s, f, 1.0),
}


@pytest.mark.parametrize("name", METHODS)
def test_no_baseline_knows_what_it_forecasts(name):
    values, first, at = load_sunspots().values.copy(), 185, 250
    found = METHODS[name](values, 11, first)
    assert np.isfinite(found[first : len(values) - 11 + 1]).all()
    values[at:] = 500.0
    again = METHODS[name](values, 11, first)
    assert np.allclose(found[22 : at + 1], again[22 : at + 1], rtol=1e-9)
    assert not np.allclose(found[at + 1], again[at + 1], rtol=1e-3)


def test_arima_and_ets_forecast_what_statsmodels_does():
    values, first = load_sunspots().values, 185
    model = baseline.SARIMAX(values[:first], order=(2, 0, 0), trend="c")
    told = model.fit(disp=0).forecast(11)
    found = baseline.arima(values, 11, first, 0, (2, 0, 0), False)[first]
    # statsmodels fits the mean along with the rest; here it is that of the values
    assert np.allclose(found, told, atol=3)
    options = {"seasonal": "add", "seasonal_periods": 11, "trend": "add"}
    options["initialization_method"] = "heuristic"
    told = baseline.ETSModel(values[:first], **options).fit(disp=0).forecast(11)
    assert np.allclose(baseline.ets(values, 11, first, "add")[first], told, rtol=1e-6)


def test_the_test_part_does_not_decide_between_equals(monkeypatch):
    values = load_sunspots().values
    last = len(values) - round(len(values) / 5)
    plain = baseline.naive(values, 11, 0, "season")

    def ets(series, season, first, trend):
        off = np.arange(len(series)) >= last
        # alike before the test part; in it the last one tried is the best
        return plain + off[:, None] * {"none": 2.0, "add": 1.0, "damped": 0.0}[trend]

    monkeypatch.setattr(baseline, "ets", ets)
    found = baseline.measure("sunspots")
    assert found["val_mase_sunspots_ets"] == found["val_mase_sunspots_seasonal_naive"]
    assert found["test_mase_sunspots_ets"] != found["test_mase_sunspots_seasonal_naive"]


def test_the_naive_forecasts_are_what_their_names_say():
    values = np.array([1.0, 2, 3, 4, 6, 8, np.nan, 12])
    found = {k: baseline.naive(values, 2, 4, k) for k in ("last_value", "season")}
    assert found["last_value"][5].tolist() == [6, 6]
    assert found["season"][5].tolist() == [4, 6]
    assert found["last_value"][7].tolist() == [8, 8]
    assert baseline.naive(values, 2, 4, "drift")[5].tolist() == [7, 9]


def test_the_shares_of_the_baseline_are_those_of_the_projects(project):
    results = baseline.measure("sunspots")
    train, _, test = project.load_data(0, None, "sunspots")
    unit = abs(train.targets[:, 0] - train.inputs[:, -11]).mean()
    error = abs(test.inputs[:, -11:] - test.targets).mean() / unit
    assert results["test_mase_sunspots_seasonal_naive"] == pytest.approx(error, 1e-5)


def test_the_unit_is_that_of_mase(project):
    errors = importlib.import_module(
        project.__name__.replace("projects.forecasting", "metrics.regression_errors")
    )
    train, _, test = project.load_data(0, None, "sunspots")
    series = np.r_[train.inputs[0], train.targets[:, 0]][-11 - len(train.targets) :]
    found = test.inputs[:, -11:]
    unit = abs(train.targets[:, 0] - train.inputs[:, -11]).mean()
    order = (test.targets, found) if "keras" in project.__name__ else None
    if order is None:
        torch = pytest.importorskip("torch")
        order, series = (
            map(torch.from_numpy, (found, test.targets)),
            torch.tensor(series),
        )
    mase = float(errors.mase(*order, training=series, season=11))
    assert mase == pytest.approx(abs(found - test.targets).mean() / unit, 1e-5)


def test_a_window_is_scaled_by_what_was_known(project):
    parts = project.load_data(0)
    inputs, targets = project.scaled(parts[2], 4.0)
    assert (inputs[:, -1] == 0).all()
    last = parts[2].inputs[:, -1:]
    assert np.allclose(inputs * 4 + last, parts[2].inputs)
    assert np.allclose(targets * 4 + last, parts[2].targets, equal_nan=True)


@pytest.mark.parametrize("kind", ["linear", "lstm", "tcn"])
def test_an_untrained_model_repeats_the_last_value(project, kind):
    inputs = np.random.default_rng(0).normal(300, 9, (5, 22)).astype("float32")
    model = project.make_model(kind, 22, 11, 3)
    found = project.predict(model, inputs, 7.0)
    assert found.shape == (5, 11, 3)
    assert (found == inputs[:, -1:, None]).all()


@pytest.mark.parametrize("kind", ["quantile", "mae", "mse"])
def test_a_missing_target_has_no_loss_and_no_gradient(project, kind):
    rng = np.random.default_rng(1)
    levels = len(project.LEVELS[kind])
    outputs = rng.normal(size=(4, 6, levels)).astype("float32")
    targets = rng.normal(size=(4, 6)).astype("float32")
    missing = rng.uniform(size=(4, 6)) < 0.4
    spoiled = np.where(missing, np.nan, targets)
    if "keras" in project.__name__:
        keras = importlib.import_module("keras")
        loss = [project.masked_loss(t, outputs, kind) for t in (targets, spoiled)]
        full, masked = map(keras.ops.convert_to_numpy, loss)
    else:
        torch = pytest.importorskip("torch")
        out = torch.from_numpy(outputs).requires_grad_()
        loss = [
            project.masked_loss(out, torch.from_numpy(t), kind)
            for t in (targets, spoiled)
        ]
        loss[1].sum().backward()
        assert out.grad.isfinite().all()
        assert (out.grad.numpy()[missing] == 0).all()
        assert (out.grad.numpy()[~missing] != 0).any()
        full, masked = (x.detach().numpy() for x in loss)
    assert (masked[missing] == 0).all()
    assert np.allclose(masked[~missing], full[~missing])
    error = outputs[..., levels // 2] - targets
    if kind != "quantile":
        size = abs(error) if kind == "mae" else error**2
        assert np.allclose(full, size, rtol=1e-5)


def test_scaling_that_has_seen_the_test_part_would_be_found():
    """What the training learns from stays the same, whatever the future brings."""
    values = load_co2().values
    future = values.copy()
    future[1371:] += 1000
    scales = []
    for series in (values, future):
        train = split_windows(series, 104, 52)[0]
        scales.append((train.inputs - train.inputs[:, -1:]).std())
        scales.append(np.nanmean(abs(train.targets[:, 0] - train.inputs[:, -52])))
    assert scales[:2] == scales[2:]
    assert np.nanstd(values) != np.nanstd(future)


def test_a_run_scales_by_its_training_part_alone(project, monkeypatch, tmp_path):
    load, scaled, draw, seen = project.load_data, project.scaled, project.draw, []

    def watched(part, scale):
        seen.append(scale)
        return scaled(part, scale)

    def drawn(learnt):
        seen.extend(float(values[-1]) for values in learnt.values())
        return draw(learnt)

    monkeypatch.setattr(project, "scaled", watched)
    monkeypatch.setattr(project, "draw", drawn)
    words = ["--model", "linear", "--epochs", "1", "--device", "cpu", "--out"]
    for times in (1, 3):

        def changed(*arguments, times=times):
            train, *rest = load(*arguments)
            return train, *(type(part)(*(x * times for x in part)) for part in rest)

        monkeypatch.setattr(project, "load_data", changed)
        project.main([*words, str(tmp_path / str(times))])
    half = len(seen) // 2
    assert half == 6
    assert seen[:half] == seen[half:]


def test_a_series_of_ones_own(project, tmp_path, capsys):
    path, steps = tmp_path / "sales.csv", np.arange(90)
    months = np.arange("2001-01", "2008-07", dtype="M8[M]")
    values = 50 + steps / 5 + 9 * np.sin(np.pi * steps / 6)
    lines = [
        f"{m},{v:.3f}"
        for m, v in zip(months, values, strict=True)
        if m.astype(int) % 17
    ]
    path.write_text("\n".join(["month,sales", *lines]) + "\n")
    words = [
        "--data",
        f"{path}",
        "--epochs",
        "1",
        "--model",
        "linear",
        "--device",
        "cpu",
    ]
    results = project.main([*words, "--loss", "mae", "--out", f"{tmp_path / 'out'}"])
    assert next(iter(results)) == "test_mase"
    assert results["test_mase"] == results["test_mase_series"]
    assert not any("coverage" in name for name in results)
    told = json.loads((tmp_path / "out" / "results.json").read_text())["results"]
    assert told["test_mase_series"] == results["test_mase_series"]
    theirs = baseline.main(["--data", f"{path}", "--out", f"{tmp_path / 'base'}"])
    assert next(iter(theirs)) == "test_mase"
    assert theirs["test_mase"] < theirs["test_mase_series_seasonal_naive"]
    told = json.loads((tmp_path / "base" / "results.json").read_text())["results"]
    assert told == theirs
