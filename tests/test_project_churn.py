"""Churn: gaps and categories reach the model, the threshold is the cheapest one."""

import importlib
import json

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("statsmodels")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from dlcookbook.baselines import churn as baseline
from tests.test_data_telco import customers, put
from tests.wings import WINGS

NUMBERS = np.array([[1.0, 10.0], [3.0, np.nan], [5.0, 30.0], [7.0, 50.0]], "float32")


@pytest.fixture(params=WINGS, scope="module")
def project(request):
    return importlib.import_module(f"dlcookbook.{request.param}.projects.churn")


def seen(project, rows):
    """Return what the columns become, shape (N, features)."""
    columns = project.Columns(NUMBERS, (3, 2), width=4)
    rows = np.array(rows, "float32")
    if hasattr(project, "keras"):
        return project.ops.convert_to_numpy(columns(rows))
    return columns(project.torch.from_numpy(rows)).detach().numpy()


def test_numbers_are_scaled_by_what_training_has_taught(project):
    rows = np.concatenate([NUMBERS, np.ones((4, 2), "float32")], axis=1)
    scaled = seen(project, rows)[:, :2]
    np.testing.assert_allclose(scaled.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(scaled.std(0), 1, atol=1e-5)
    # the gap in the second column is filled with the median, 30
    assert scaled[1, 1] == scaled[2, 1]


def test_a_gap_is_flagged_and_no_nan_is_left(project):
    found = seen(project, [[np.nan, 20, 0, 1], [3, np.nan, 2, 0]])
    assert found[:, 2:4].tolist() == [[1, 0], [0, 1]]
    assert np.isfinite(found).all()
    assert found.shape == (2, 12)


def test_each_category_has_a_vector_of_its_own(project):
    found = seen(
        project, [[1, 10, code, other] for code in (0, 1, 2) for other in (0, 1)]
    )
    first, second = found[:, 4:8], found[:, 8:]
    assert len(np.unique(first, axis=0)) == 3
    assert len(np.unique(second, axis=0)) == 2
    assert np.array_equal(first[0], first[1])
    assert np.array_equal(second[0], second[2])


def test_costs_are_those_of_the_matrix(project):
    targets, said = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.2, 0.1])
    found = project.costs(targets, said, np.array([0.0, 0.5, np.inf]), 9.0)
    # call all: 4; call two, miss one: 2 + 9; call nobody: 2 misses
    assert found.tolist() == [4 / 4, 11 / 4, 18 / 4]
    assert baseline.cost(targets, said >= 0.5, 9.0) == 11 / 4


def test_only_what_the_model_uses_is_important(project, monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3)).astype("float32")
    targets = (x[:, 1] > 0.5).astype(int)
    monkeypatch.setattr(project, "predict", lambda model, rows: rows[:, 1])
    worth = project.importance(None, x, targets)
    assert worth[1] > 0.4
    assert worth[0] == worth[2] == 0


def test_wings_have_models_of_one_size():
    if len(WINGS) < 2:
        pytest.skip("needs both wings")
    sizes = []
    for wing in WINGS:
        project = importlib.import_module(f"dlcookbook.{wing}.projects.churn")
        model = project.make_model(NUMBERS, (3, 2))
        trained = getattr(model, "trainable_variables", None) or model.parameters()
        sizes.append(sum(int(np.prod(tuple(weight.shape))) for weight in trained))
    assert len(set(sizes)) == 1


def test_the_published_file_is_read_trained_on_and_explained(project, tmp_path):
    path, out = put(tmp_path, customers()), tmp_path / "out"
    results = project.main(["--data", str(path), "--epochs", "1", "--out", str(out)])
    assert next(iter(results)) == "test_average_precision"
    assert results["test_cost_everybody"] == 1
    content = json.loads((out / "results.json").read_text())
    assert content["results"] == results
    assert {"curves.svg", "why.svg"} <= {path.name for path in out.iterdir()}


def test_a_miss_that_costs_more_lowers_the_threshold(project, tmp_path):
    found = {}
    for missed in ("0", "2", "40"):
        words = ["--epochs", "1", "--missed", missed, "--out", str(tmp_path)]
        found[missed] = project.main(words)
    assert found["40"]["threshold"] < found["2"]["threshold"]
    # a miss that costs nothing is no reason to call
    assert found["0"]["test_cost_odds"] == found["0"]["test_cost_nobody"] == 0


def test_the_baseline_has_the_same_metric_and_test_part(tmp_path, monkeypatch, capsys):
    kinds = baseline.candidates(3, 16)
    assert {"logistic", "splines", "trees"} == set(kinds)
    few = {kind: models[3:5] for kind, models in kinds.items()}
    monkeypatch.setattr(baseline, "candidates", lambda *sizes: few)
    path = put(tmp_path, customers())
    found = baseline.main(["--data", str(path), "--out", str(tmp_path)])
    assert next(iter(found)) == "test_average_precision"
    test = baseline.load_telco_split(path, 0)[2]
    assert found["test_average_precision_chance"] == test.targets.mean()
    assert json.loads((tmp_path / "results.json").read_text())["results"] == found
    assert "test_cost_nobody" in capsys.readouterr().out


def test_a_category_that_is_frequent_moves_by_one_step_of_adam():
    if "keras" not in WINGS:
        pytest.skip("needs Keras")
    project = importlib.import_module("dlcookbook.keras.projects.churn")
    model, optimizers = project.make_model(NUMBERS, (3, 2)), project.keras.optimizers
    model.compile(optimizers.AdamW(0.01, weight_decay=0), "mse")
    tables = [w for w in model.trainable_variables if w.shape[1:] == (2,)]
    assert len(tables) == 2
    before = [table.numpy() for table in tables]
    model.train_on_batch(np.ones((32, 4)), np.full(32, 9.0))
    for old, table in zip(before, tables, strict=True):
        # squared row by row, its slope would look small: a step several times that
        assert np.abs(table.numpy() - old)[1].max() == pytest.approx(0.01, rel=0.02)
