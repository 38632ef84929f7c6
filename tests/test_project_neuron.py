"""One neuron: the step by hand is the framework's; the scaling is in its weights."""

import importlib
import json

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from dlcookbook.baselines import neuron as baseline
from tests.wings import WINGS

ROWS = [(age, int(age > 38)) for age in range(20, 60)] + [(50, 0), (30, 1)]


def tensors(project, *arrays):
    kind = getattr(project, "ops", None)
    if kind is not None:
        return [kind.convert_to_tensor(array) for array in arrays]
    return [project.torch.from_numpy(array) for array in arrays]


@pytest.fixture(params=WINGS, scope="module")
def project(request):
    return importlib.import_module(f"dlcookbook.{request.param}.projects.neuron")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "insurance_data.csv"
    lines = "".join(f"{age},{answer}\n" for age, answer in ROWS)
    path.write_text("age,bought_insurance\n" + lines)
    return path


def test_by_hand_ends_where_scikit_learn_does(project):
    train, _, _ = project.load_data(0, features=1)
    x = (train.inputs - train.inputs.mean(0)) / train.inputs.std(0)
    y = train.targets.astype("float32")
    weights, bias = (
        np.asarray(w) for w in project.by_hand(*tensors(project, x, y), 800)
    )
    strength = 1 / (project.DECAY * len(y))
    theirs = LogisticRegression(C=strength, tol=1e-8).fit(x, y)
    np.testing.assert_allclose(weights, theirs.coef_[0], atol=2e-3)
    np.testing.assert_allclose(bias, theirs.intercept_[0], atol=2e-3)


def test_a_wrong_sign_by_hand_would_be_seen(project, monkeypatch):
    train, _, _ = project.load_data(0, features=1)
    x = (train.inputs - train.inputs.mean(0)) / train.inputs.std(0)
    given = tensors(project, x, train.targets.astype("float32"))
    right, _ = project.by_hand(*given, 5)
    monkeypatch.setattr(project, "RATE", -project.RATE)
    wrong, _ = project.by_hand(*given, 5)
    assert float(right[0]) > 0 > float(wrong[0])


def test_the_folded_neuron_says_the_same_of_raw_columns(project):
    train, validation, _ = project.load_data(1)
    mean, deviation = train.inputs.mean(0), train.inputs.std(0)
    model = project.make_model(30)
    weights = np.random.default_rng(0).normal(size=30).astype("float32")
    if hasattr(model, "set_weights"):
        model.set_weights([weights[:, None], np.ones(1, "float32")])
    else:
        with project.torch.no_grad():
            model[0].weight[:] = project.torch.from_numpy(weights)
            model[0].bias[:] = 1
    scaled = project.predict(model, (validation.inputs - mean) / deviation)
    assert not np.allclose(project.predict(model, validation.inputs), scaled, atol=0.1)
    project.fold(model, mean, deviation)
    np.testing.assert_allclose(
        project.predict(model, validation.inputs), scaled, atol=2e-4
    )


def test_both_ways_agree_on_the_file_of_a_user(project, file, tmp_path):
    out = tmp_path / "out"
    results = project.main(["--data", str(file), "--epochs", "9", "--out", str(out)])
    assert results["weights_apart"] < 1e-5
    assert results["best_epoch"] == 9
    assert json.loads((out / "results.json").read_text())["results"] == results
    assert (out / "curves.svg").is_file()


def test_small_batches_have_another_order_in_every_epoch(project, file, tmp_path):
    seen, trained = [], project.Run.fit if hasattr(project, "keras") else project.fit

    def stop(*given, **options):
        batches = given[2 if hasattr(project, "keras") else 3]
        for epoch in range(2):
            batches.epoch = epoch
            seen.append([float(batch[0][0, 0]) for batch in batches])
        return trained(*given, **options)

    with pytest.MonkeyPatch.context() as patch:
        if hasattr(project, "keras"):
            patch.setattr(project.Run, "fit", stop)
        else:
            patch.setattr(project, "fit", stop)
        words = ["--data", str(file), "--epochs", "1", "--batch-size", "1"]
        project.main([*words, "--out", str(tmp_path / "out")])
    assert seen[0] != seen[1]
    assert sorted(seen[0]) == sorted(seen[1])


@pytest.mark.parametrize("features", ["0", "31"])
def test_a_number_of_columns_that_there_is_not_is_refused(project, features, capsys):
    with pytest.raises(SystemExit):
        project.main(["--features", features])
    assert "--features must be 1 to 30" in capsys.readouterr().err


def test_the_baseline_is_scored_on_the_test_part_of_the_project(file, capsys):
    found = baseline.main(["--seed", "1", "--data", str(file)])
    assert next(iter(found)) == "test_log_loss"
    train, validation, test = baseline.load_insurance_split(file, 1)
    share = np.full(len(test.targets), train.targets.mean())
    assert found["test_log_loss_share"] == pytest.approx(log_loss(test.targets, share))
    models = [m for kind in baseline.candidates(train).values() for m in kind]
    said = [
        log_loss(validation.targets, m.predict_proba(validation.inputs)) for m in models
    ]
    assert found["val_log_loss"] == pytest.approx(min(said))
    assert "test_log_loss_svm" in capsys.readouterr().out
