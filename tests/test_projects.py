"""The trainings are honest: same numbers twice, best epoch kept, test seen once."""

import ast
import importlib
import io
import json
import os
import statistics
import subprocess
import sys
import types
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from dlcookbook.data.digits import Part, load_digits_split
from tests.wings import PACKAGE, WINGS

ROOT = PACKAGE.parent


def run(code: str, *arguments: str, **environment: str) -> str:
    """Run code in a new process and return what it printed."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ | environment,
    ).stdout


def weights(project, path) -> list[np.ndarray]:
    """Every saved number of a model, as the project loads it."""
    model = project.load_model(path)
    if hasattr(model, "get_weights"):
        return model.get_weights()
    return [w.numpy() for w in model.state_dict().values()]


def few(part: Part, n: int = 128) -> Part:
    return Part(part.images[:n], part.labels[:n])


def spoiled(part: Part) -> Part:
    """Images that nobody can read, with labels that do not fit."""
    noise = np.random.default_rng(0).random(part.images.shape, "float32")
    return Part(noise, part.labels[::-1].copy())


@dataclass
class Training:
    """What one call of `main` did."""

    results: dict[str, float]
    printed: str
    path: Path
    model: object
    weights: list[np.ndarray]
    tested: list[bool]


def train(project, out: Path, *, spoil=False, seed=0) -> Training:
    """Run `main` for two epochs and watch `fit` and `predict`."""
    parts = list(load_digits_split(seed))
    if spoil:
        parts[2] = spoiled(parts[2])
    models, tested, fit, predict = [], [], project.fit, project.predict

    def watched_fit(model, *arguments, **options):
        models.append(model)
        return fit(model, *arguments, **options)

    def watched_predict(model, images):
        tested.append(np.array_equal(images, parts[2].images))
        return predict(model, images)

    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.setattr(project, "load_digits_split", lambda seed: tuple(parts))
        patch.setattr(project, "fit", watched_fit)
        patch.setattr(project, "predict", watched_predict)
        results = project.main(
            ["--epochs", "2", "--seed", f"{seed}", "--out", f"{out}"]
        )
    (path,) = out.glob("model.*")
    saved = weights(project, path)
    return Training(results, printed.getvalue(), path, *models, saved, tested)


@pytest.fixture(params=WINGS, scope="module")
def project(request):
    return importlib.import_module(f"dlcookbook.{request.param}.projects.digits_cnn")


@pytest.fixture(scope="module")
def trained(project, tmp_path_factory):
    return train(project, tmp_path_factory.mktemp("first"))


def test_what_is_printed_and_written_is_what_was_measured(trained):
    lines = trained.printed.splitlines()
    printed = {line.split()[0]: line.split()[1] for line in lines if line.strip()}
    for name, value in trained.results.items():
        assert float(printed[name]) == pytest.approx(value, rel=1e-3)
    errors = round(359 * (1 - trained.results["test_accuracy"]))
    assert trained.results["test_errors"] == errors
    files = {trained.path.name, "digits.png"}
    assert {path.name for path in trained.path.parent.iterdir()} == files
    assert {Path(name).name for name in lines[-1].split()[1:]} == files
    picture = trained.path.with_name("digits.png").read_bytes()
    assert picture.startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_model_and_the_test_part_has_no_say(
    project, trained, tmp_path
):
    again = train(project, tmp_path, spoil=True)
    assert trained.tested == again.tested == [True]
    for mine, yours in zip(trained.weights, again.weights, strict=True):
        assert np.array_equal(mine, yours)
    mine, yours = trained.results, again.results
    assert mine["val_accuracy"] == yours["val_accuracy"]
    assert mine["test_accuracy"] > yours["test_accuracy"] + 0.1


def test_another_seed_gives_another_model(project, trained, tmp_path):
    other = train(project, tmp_path, seed=1)
    assert not np.array_equal(trained.weights[0], other.weights[0])


@pytest.mark.skipif("torch" not in WINGS, reason="PyTorch is not installed")
def test_a_project_that_peeks_is_found(tmp_path):
    path = PACKAGE / "torch" / "projects" / "digits_cnn.py"
    honest = path.read_text()
    code = honest.replace("fit(model, train, validation, ", "fit(model, train, test, ")
    assert code != honest
    peeking = types.ModuleType("peeking")
    exec(compile(code, str(path), "exec"), peeking.__dict__)
    fair, spoiled = (train(peeking, tmp_path / str(s), spoil=s) for s in (False, True))
    assert fair.results["val_accuracy"] > spoiled.results["val_accuracy"] + 0.1


STOPPED = """
import os, signal, sys
from importlib import import_module

# what a shell starts in the background ignores it
signal.signal(signal.SIGINT, signal.default_int_handler)
checkpoint = import_module(f"dlcookbook.{sys.argv[1]}.training.checkpoint")
project = import_module(f"dlcookbook.{sys.argv[1]}.projects.digits_cnn")
saved, save = [], checkpoint.save_checkpoint


def save_and_stop(*arguments, **state):
    saved.append(save(*arguments, **state))
    if len(saved) == 2:  # one before the training, one after its first epoch
        os.kill(os.getpid(), getattr(signal, sys.argv[2]))
    return saved[-1]


checkpoint.save_checkpoint = project.save_checkpoint = save_and_stop
project.main(["--epochs", "2", "--out", sys.argv[3]])
"""


@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_the_same_command_goes_on_after_it_was_stopped(
    project, trained, name, tmp_path
):
    wing = project.__name__.split(".")[1]
    command = [sys.executable, "-c", STOPPED, wing, name, str(tmp_path)]
    stopped = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert stopped.returncode == {"SIGKILL": -9, "SIGINT": 130}[name]
    (folder,) = tmp_path.iterdir()
    if name == "SIGINT":
        assert f"the same command goes on from {folder}" in stopped.stderr
    with redirect_stdout(io.StringIO()) as printed:
        project.main(["--epochs", "2", "--out", str(tmp_path)])
    assert "poch 2" in printed.getvalue()
    assert "poch 1" not in printed.getvalue()
    assert not folder.exists()
    (path,) = tmp_path.glob("model.*")
    for mine, whole in zip(weights(project, path), trained.weights, strict=True):
        assert np.array_equal(mine, whole)


def loss(project, model, part: Part) -> float:
    """Cross-entropy from the probabilities, as the formula has it."""
    p = project.predict(model, part.images).astype("float64")
    return -np.log(p[np.arange(len(part.labels)), part.labels]).mean()


def test_it_stops_when_nothing_gets_better_and_returns_to_the_best(project, tmp_path):
    start, validation, _ = load_digits_split(0)
    if hasattr(project, "torch"):
        project.torch.manual_seed(3)
    else:
        project.keras.utils.set_random_seed(3)
    model = project.make_model()
    # far too fast: the loss jumps up and down
    log = project.fit(
        model,
        few(start),
        few(validation),
        tmp_path,
        epochs=30,
        lr=0.1,
        batch=16,
        patience=2,
    )
    values = log["val_loss"]
    best = int(np.argmin(values))
    assert len(values) < 30
    assert len(values) - 1 - best == 2
    assert loss(project, model, few(validation)) == pytest.approx(
        values[best], rel=1e-3
    )
    assert values[-1] > 1.01 * values[best]
    p = project.predict(model, few(validation).images)
    hits = (p.argmax(1) == few(validation).labels).mean()
    assert log["val_accuracy"][best] == pytest.approx(hits)
    assert p.sum(1) == pytest.approx(np.ones(len(p)), abs=1e-5)


def test_it_stops_at_nan(project, tmp_path):
    part = few(load_digits_split(0)[0], 64)
    broken = Part(part.images.copy(), part.labels)
    broken.images[3, 4, 4] = np.nan
    with pytest.raises(FloatingPointError, match="is NaN or infinite in epoch 1"):
        project.fit(project.make_model(), broken, part, tmp_path, epochs=1)


SHOW = "import sys\nimport numpy as np\nimages = np.load(sys.argv[2])"
LOAD = {
    "torch": """
import torch
state = torch.load(sys.argv[1], weights_only=True)
from dlcookbook.torch.projects.digits_cnn import load_model, predict
p = predict(load_model(sys.argv[1]), images)
""",
    # nothing but Keras: no file of ours has to be at hand
    "keras": """
import keras
model = keras.saving.load_model(sys.argv[1])
p = keras.ops.convert_to_numpy(keras.ops.softmax(model(images[..., None])))
""",
}


def test_the_saved_model_predicts_the_same_in_a_new_process(project, trained, tmp_path):
    images = load_digits_split(0)[1].images
    files = [str(trained.path), str(tmp_path / "images.npy"), str(tmp_path / "p.npy")]
    np.save(files[1], images)
    code = LOAD["torch" if hasattr(project, "torch") else "keras"]
    run(f"{SHOW}{code}\nnp.save(sys.argv[3], p)", *files)
    in_memory = project.predict(trained.model, images)
    assert np.abs(np.load(files[2]) - in_memory).max() < 1e-5
    assert np.ptp(in_memory, axis=0).max() > 0.1


@pytest.mark.skipif("keras" not in WINGS, reason="Keras is not installed")
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_keras_trains_on_its_other_backends(backend, tmp_path):
    pytest.importorskip(backend)
    code = """
import json, sys
from dlcookbook.keras.projects import digits_cnn
results = digits_cnn.main(["--epochs", "1", "--out", sys.argv[1]])
print(json.dumps({**results, "backend": digits_cnn.keras.backend.backend()}))
"""
    printed = run(code, str(tmp_path), KERAS_BACKEND=backend, MPLBACKEND="agg")
    results = json.loads(printed.splitlines()[-1])
    assert results["backend"] == backend
    assert results["best_epoch"] == 1


def test_every_image_is_augmented_in_its_own_way_and_only_in_training(project):
    one = load_digits_split(0)[0].images[:1]
    many = np.repeat(one, 64, axis=0)
    layer = project.Augment()
    if hasattr(project, "torch"):
        batch = project.torch.from_numpy(many)[:, None]
        got, idle = layer(batch).numpy()[:, 0], layer.eval()(batch).numpy()[:, 0]
    else:
        batch = many[..., None]
        got = project.ops.convert_to_numpy(layer(batch, training=True))[..., 0]
        idle = project.ops.convert_to_numpy(layer(batch, training=False))[..., 0]
    assert np.array_equal(idle, many)
    assert len(np.unique(got.round(4), axis=0)) == 64
    assert got.min() >= 0
    assert got.max() <= 1 + 1e-5


def test_wrong_arguments_are_named(project, capsys):
    for arguments in (["--epochs", "0"], ["--epochs", "many"], ["--speed", "9"]):
        with pytest.raises(SystemExit) as end:
            project.main(arguments)
        assert end.value.code == 2
        said = capsys.readouterr().err
        assert arguments[0] in said
        assert arguments[1] in said


def public(wing: str) -> dict[str, dict[str, str]]:
    """Names of a wing's project: parameters and their defaults."""
    path = PACKAGE / wing / "projects" / "digits_cnn.py"
    tree = ast.parse(path.read_text())
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node.args
    return {
        name: {
            "names": [a.arg for a in (*args.args, *args.kwonlyargs)],
            "defaults": [ast.unparse(d) for d in (*args.defaults, *args.kw_defaults)],
        }
        for name, args in found.items()
    }


def test_wings_have_the_same_functions_arguments_and_defaults():
    assert public("torch") == public("keras")
    assert public("torch")["fit"]["defaults"][0] == "40"


@pytest.fixture(scope="module")
def published():
    return json.loads((ROOT / "docs" / "evidence" / "digits.json").read_text())


@pytest.fixture
def evidence():
    pytest.importorskip("scipy")
    return importlib.import_module("tools.evidence")


def test_published_numbers_are_of_these_sources(published, evidence):
    now = evidence.sources()
    assert set(now) >= {
        "dlcookbook/torch/projects/digits_cnn.py",
        "dlcookbook/keras/projects/digits_cnn.py",
        "dlcookbook/torch/training/fit.py",
        "dlcookbook/keras/training/checkpoint.py",
        "dlcookbook/data/digits.py",
        "tools/evidence.py",
    }
    changed = [path for path in now if now[path] != published["sources"].get(path)]
    assert not changed, f"{changed} changed since: run make evidence"


def test_a_changed_source_is_noticed(published, evidence, monkeypatch):
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b"\n")
    now = evidence.sources()
    assert all(now[path] != published["sources"][path] for path in now)


def test_published_runs_fit_the_split(published):
    sizes = [len(part.labels) for part in load_digits_split(0)]
    assert published["images"] == sizes
    for name, runs in published["runs"].items():
        assert [run["seed"] for run in runs] == [0, 1, 2, 3, 4]
        for run in runs:
            # fifths of the file are a little larger than test parts, or as large
            tested = run["test_errors"] / (1 - run["test_accuracy"] or 1)
            assert run["test_errors"] == 0 or round(tested) in (359, 360)
            assert 0.9 < run["val_accuracy"] <= 1, name


def test_published_averages_follow_from_the_runs(published):
    for name, runs in published["runs"].items():
        accuracy = [100 * run["test_accuracy"] for run in runs]
        got = published["summary"][name]
        assert got["mean"] == pytest.approx(statistics.mean(accuracy))
        assert got["sd"] == pytest.approx(statistics.stdev(accuracy))
        assert got["errors"] == [run["test_errors"] for run in runs]


def test_what_the_page_says_in_words_is_what_was_measured(published):
    mean = {name: summary["mean"] for name, summary in published["summary"].items()}
    for wing in ("torch", "keras"):
        assert mean[wing] > mean["svm_refit"] > mean["svm"]
    for method in ("torch", "svm"):
        assert mean[f"{method}_by_file"] < mean[method]
    assert 0.25 < 100 / published["images"][2] < 0.3


def test_published_intervals_are_those_of_a_paired_t_test(published):
    stats = pytest.importorskip("scipy.stats")
    train, validation, test = published["images"]
    for pair, got in published["differences"].items():
        ours, theirs = (published["runs"][name] for name in pair.split(" - "))
        a, b = ([100 * run["test_accuracy"] for run in x] for x in (ours, theirs))
        low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
        assert got["mean"] == pytest.approx((low + high) / 2)
        assert got["half_width"] == pytest.approx((high - low) / 2)
        learnt = train + validation * pair.endswith("refit")
        wider = got["half_width_corrected"] / got["half_width"]
        assert wider == pytest.approx((1 + 5 * test / learnt) ** 0.5)
        assert got["won"] + got["drawn"] + got["lost"] == 5


def test_the_published_svm_can_be_fitted_again(published):
    from sklearn.svm import SVC

    for seed in (0, 3):
        train, _, test = load_digits_split(seed)
        run = published["runs"]["svm"][seed]
        model = SVC(C=run["C"], gamma=run["gamma"])
        model.fit(train.images.reshape(-1, 64), train.labels)
        wrong = model.predict(test.images.reshape(-1, 64)) != test.labels
        assert wrong.sum() == run["test_errors"]


@pytest.mark.timeout(1200)
@pytest.mark.skipif("torch" not in WINGS, reason="PyTorch is not installed")
def test_the_published_training_can_be_repeated(published, tmp_path):
    project = importlib.import_module("dlcookbook.torch.projects.digits_cnn")
    results = project.main(["--out", str(tmp_path)])
    run = published["runs"]["torch"][0]
    # other processors round otherwise, and a training amplifies it
    assert abs(results["test_errors"] - run["test_errors"]) <= 3
    assert results["val_accuracy"] == pytest.approx(run["val_accuracy"], abs=0.01)


def test_fifths_of_the_file_are_tested_once_each(evidence):
    tests = []
    for fold in range(5):
        parts = evidence.in_file_order(fold)
        pixels = [{image.tobytes() for image in part.images} for part in parts]
        assert sum(map(len, pixels)) == len(set.union(*pixels)) == 1797
        tests.append(pixels[2])
    assert len(set.union(*tests)) == 1797
