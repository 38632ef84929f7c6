"""Leaves: a picture beside the table, noise in training only, honest folds."""

import importlib
import io
import json
from contextlib import redirect_stdout

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("PIL")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from sklearn.metrics import log_loss

from dlcookbook.baselines import leaves as baseline
from tests.test_data_leaf import put
from tests.wings import WINGS

ROWS = np.random.default_rng(0).normal(3, 2, size=(20, 4)).astype("float32")


@pytest.fixture(params=WINGS, scope="module")
def project(request):
    return importlib.import_module(f"dlcookbook.{request.param}.projects.leaves")


def logits(project, model, rows, training=False):
    """Return what comes out, in training or in use."""
    if hasattr(project, "keras"):
        return project.keras.ops.convert_to_numpy(model(rows, training=training))
    model.train(training)
    return model(project.torch.from_numpy(rows)).detach().numpy()


def test_rows_and_pictures_are_joined_in_order(project):
    part = (np.ones((2, 3), "f4"), np.zeros((2, 4, 4), "f4"), np.zeros(2, int))
    joined = project.join(part)
    assert joined.shape == (2, 19)
    assert joined.sum(1).tolist() == [3, 3]
    assert project.join(part[::2]).shape == (2, 3)


def test_units_do_not_matter_and_a_constant_column_does_no_harm(project):
    units = np.array([1, 1000, 1e-4, 1], "float32")
    shift = np.array([0, 5, 0, 0], "float32")
    found = []
    for numbers in (ROWS, ROWS * units + shift * units):
        flat = np.hstack([numbers, np.full((20, 1), 7, "float32")])
        if hasattr(project, "keras"):
            project.keras.utils.set_random_seed(0)
        else:
            project.torch.manual_seed(0)
        model = project.make_model(flat, 3)
        found.append(logits(project, model, flat))
    assert np.isfinite(found[0]).all()
    np.testing.assert_allclose(found[0], found[1], atol=1e-2)


def test_noise_is_there_in_training_only(project):
    model = project.make_model(ROWS, 3, noise=0.5)
    assert np.array_equal(*(logits(project, model, ROWS) for _ in range(2)))
    first, second = (logits(project, model, ROWS, training=True) for _ in range(2))
    assert not np.array_equal(first, second)


def test_the_picture_is_looked_at(project):
    model = project.make_model(ROWS, 3, size=8)
    dark = np.hstack([ROWS, np.zeros((20, 64), "float32")])
    bright = np.hstack([ROWS, np.ones((20, 64), "float32")])
    assert not np.allclose(logits(project, model, dark), logits(project, model, bright))


def test_probabilities_are_such(project):
    model = project.make_model(ROWS, 3)
    told = project.predict(model, ROWS)
    np.testing.assert_allclose(np.exp(told).sum(1), 1, atol=1e-9)
    raw = logits(project, model, ROWS)
    np.testing.assert_allclose(told - told[:, :1], raw - raw[:, :1], atol=1e-5)


def run(project, folds, folder, monkeypatch):
    monkeypatch.setattr(project, "load_data", lambda *_: folds)
    with redirect_stdout(io.StringIO()):
        return project.main(["--epochs", "1", "--out", str(folder)])


def test_the_test_part_of_a_fold_has_no_say(project, tmp_path, monkeypatch):
    folds = project.load_data(0)[:2]
    spoiled = [
        (train, held, test._replace(targets=(test.targets + 1) % 3))
        for train, held, test in folds
    ]
    first = run(project, folds, tmp_path / "a", monkeypatch)
    second = run(project, spoiled, tmp_path / "b", monkeypatch)
    assert first["val_log_loss"] == second["val_log_loss"]
    assert first["test_log_loss"] < second["test_log_loss"]
    assert first["test_errors"] + second["test_errors"] >= 72


def test_published_files_are_trained_on_with_their_pictures(project, tmp_path):
    words = [
        "--data",
        str(put(tmp_path)),
        "--epochs",
        "1",
        "--out",
        str(tmp_path / "o"),
    ]
    results = project.main(words)
    content = json.loads((tmp_path / "o" / "results.json").read_text())
    assert content["results"] == results
    assert next(iter(results)) == "test_log_loss"
    # thirty leaves, each tested once
    assert results["test_accuracy"] == pytest.approx(1 - results["test_errors"] / 30)
    assert len([*(tmp_path / "o").glob("model-?.*")]) == 5


def test_negative_noise_is_refused(project, capsys):
    with pytest.raises(SystemExit):
        project.main(["--noise", "-1"])
    assert "--noise must be" in capsys.readouterr().err


def test_the_baseline_tests_every_wine_once(monkeypatch, tmp_path, capsys):
    few = {kind: models[2:4] for kind, models in baseline.candidates(20).items()}
    monkeypatch.setattr(baseline, "candidates", lambda fewest: few)
    found = baseline.main(["--seed", "3", "--out", str(tmp_path)])
    assert next(iter(found)) == "test_log_loss"
    assert found["test_accuracy"] == pytest.approx(1 - found["test_errors"] / 178)
    assert json.loads((tmp_path / "results.json").read_text())["results"] == found
    assert found["test_log_loss_shares"] == pytest.approx(np.log(3), abs=0.02)
    assert "test_log_loss_quadratic" in capsys.readouterr().out


def test_the_log_loss_is_that_of_scikit_learn():
    said = np.random.default_rng(0).dirichlet([1, 1, 1], 50)
    targets = np.arange(50) % 3
    assert baseline.log_loss(targets, 2 * said) == pytest.approx(
        log_loss(targets, said)
    )


def test_the_baseline_reads_the_leaves_too(tmp_path, monkeypatch):
    few = {"linear": baseline.candidates(6)["linear"][2:3]}
    assert baseline.candidates(6)["quadratic"] == []
    monkeypatch.setattr(baseline, "candidates", lambda fewest: few)
    assert baseline.main(["--data", str(put(tmp_path))])["test_accuracy"] > 0.9
