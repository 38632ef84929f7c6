"""The trainings are honest: same numbers twice, best epoch kept, test seen once."""

import ast
import importlib
import io
import json
import os
import re
import signal
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
pytest.importorskip("scipy")
pytest.importorskip("tqdm")
pytest.importorskip("yaml")

from dlcookbook import catalog, copies
from dlcookbook.data.digits import Part, load_digits_split
from tests.test_copied_files import PROGRAM, process
from tests.wings import PACKAGE, WINGS
from tools.chapters.projects import UNMEASURED, verdict
from tools.project_evidence import (
    EVIDENCE,
    PLOTS,
    difference,
    held_out,
    projects,
    summary,
)

ROOT = PACKAGE.parent
PAGE_FOLDER = ROOT / "docs" / "projects"
NAMES = sorted(path.stem for path in (PACKAGE / "torch/projects").glob("[!_]*.py"))
PAGES = {project.name: project for project in projects()}
# What `make slow` runs a second time, and `make test` once.
SLOW = {"detection", "fine_tune_bert", "fine_tune_resnet", "segmentation"}
each_name = pytest.mark.parametrize("name", NAMES)


def module(wing: str, name: str) -> types.ModuleType:
    """Import a project."""
    return importlib.import_module(f"dlcookbook.{wing}.projects.{name}")


def weights(folder: Path) -> dict[str, np.ndarray]:
    """Every number that a run has kept, by file and name."""
    found = {}
    for path in folder.glob("*.pt"):
        import torch

        state = torch.load(path, weights_only=True)
        found |= {f"{path.name} {k}": v.float().numpy() for k, v in state.items()}
    for path in folder.glob("*.weights.h5"):
        import h5py

        def visit(key, item, file=path.name):
            if isinstance(item, h5py.Dataset):
                found[f"{file} {key}"] = item[()]

        with h5py.File(path) as archive:
            archive.visititems(visit)
    return found


def same(mine: dict, yours: dict) -> bool:
    """Whether two runs kept the same numbers, and any at all."""
    return bool(mine) and all(
        key in yours and np.array_equal(mine[key], yours[key]) for key in mine
    )


def near(mine: dict, yours: dict) -> bool:
    """Whether they are the same but for the order in which two processes add."""
    return bool(mine) and all(
        np.allclose(mine[key], yours[key], rtol=1e-2, atol=1e-4) for key in mine
    )


@dataclass
class Training:
    """What one run of a project left behind."""

    wing: str
    name: str
    printed: str
    folder: Path

    @property
    def content(self) -> dict:
        return json.loads((self.folder / "results.json").read_text())


@pytest.fixture(
    params=[(wing, name) for name in NAMES for wing in WINGS],
    ids=lambda pair: f"{pair[0]}/{pair[1]}",
    scope="module",
)
def trained(request, tmp_path_factory):
    """Copy a project and run the copy for one epoch, out of reach of dlcookbook."""
    wing, name = request.param
    root = tmp_path_factory.mktemp(f"{wing}-{name}")
    recipe = catalog.find(f"{wing}/projects/{name}")
    if absent := catalog.missing(recipe):
        pytest.skip(f"needs {', '.join(absent)}")
    files = copies.place(recipe, root / "my copy")
    copies.write(files)
    path = str(root / "my copy" / f"{name}.py")
    folder = root / "out"
    # TensorBoard would load TensorFlow, which the torch wing does without
    code = "sys.modules['tensorflow'] = None\n" * (wing == "torch") + PROGRAM
    done = process(code, path, "--epochs", "1", "--out", str(folder), cwd=root)
    assert done.returncode == 0, done.stderr[-3000:]
    return Training(wing, name, done.stdout, folder)


def spoiled(parts):
    """Give the test part's inputs the targets of others; the targets stand last."""
    if len(parts) != 3 or not all(hasattr(part, "_fields") for part in parts):
        return parts  # folds: their own tests spoil them
    *rest, test = parts
    targets = np.roll(test[-1], len(test[-1]) // 2, axis=0)
    return *rest, test._replace(**{test._fields[-1]: targets})


def main_of(wing, name, folder, *words, change=None) -> dict[str, float]:
    """Run a project here, with its data changed if that is asked for."""
    project, asked = module(wing, name), []
    load = project.load_data

    def load_data(*arguments, **options):
        asked.append(arguments)
        return change(load(*arguments, **options))

    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()):
        if change is not None:
            patch.setattr(project, "load_data", load_data)
        results = project.main(["--epochs", "1", "--out", str(folder), *words])
    assert asked or change is None
    return results


def test_a_copy_runs_and_writes_what_it_measured(trained):
    content = trained.content
    results = content["results"]
    first = next(iter(results))
    assert first == PAGES[trained.name].metric
    assert first.startswith("test_")
    printed = dict(
        line.split()
        for line in trained.printed.splitlines()
        if len(line.split()) == 2 and line.split()[0] in results
    )
    assert printed.keys() == results.keys()
    for name, value in results.items():
        assert float(printed[name]) == pytest.approx(value, rel=1e-3)
    assert content["options"]["epochs"] == "1"
    assert content["history"]


def test_the_pictures_the_log_and_the_weights_are_there(trained):
    names = {path.name for path in trained.folder.iterdir()}
    drawn = {name.removesuffix(".svg") for name in names if name.endswith(".svg")}
    assert "curves" in drawn
    assert drawn <= set(PAGES[trained.name].pictures)
    for name in drawn:
        assert "</svg>" in (trained.folder / f"{name}.svg").read_text()
    assert [*(trained.folder / "tensorboard").rglob("events.out.tfevents.*")]
    assert not [name for name in names if name.startswith("checkpoints")]
    kept = weights(trained.folder)
    assert kept
    assert all(np.isfinite(array).all() for array in kept.values())


def test_the_same_seed_gives_the_same_model_and_the_test_part_has_no_say(
    trained, tmp_path
):
    if trained.name in SLOW and not os.environ.get("DLCOOKBOOK_SLOW"):
        pytest.skip("a second run of half a minute: see make slow")
    results = main_of(trained.wing, trained.name, tmp_path, change=spoiled)
    assert near(weights(trained.folder), weights(tmp_path))
    before = trained.content["results"]
    for name in before:
        if name.startswith("val_"):
            assert results[name] == pytest.approx(before[name], rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    "words",
    [["--epochs", "0"], ["--epochs", "many"], ["--batch-size", "-1"], ["--speed", "9"]],
    ids=" ".join,
)
@each_name
@pytest.mark.parametrize("wing", WINGS)
def test_wrong_arguments_are_named(wing, name, words, capsys):
    with pytest.raises(SystemExit) as end:
        module(wing, name).main(words)
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert words[0] in said
    assert words[1] in said


def public(wing: str, name: str) -> dict[str, dict[str, list[str]]]:
    """Functions of a project: their parameters and defaults."""
    tree = ast.parse((PACKAGE / wing / "projects" / f"{name}.py").read_text())
    found = {
        node.name: node.args
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    return {
        name: {
            "names": [a.arg for a in (*args.args, *args.kwonlyargs)],
            "defaults": [
                ast.unparse(d) for d in (*args.defaults, *args.kw_defaults) if d
            ],
        }
        for name, args in found.items()
    }


def offered(wing: str, name: str) -> dict[str, object]:
    """Options of a project and the defaults that `Run` and the parser are given."""
    text = (PACKAGE / wing / "projects" / f"{name}.py").read_text()
    found = {
        ast.unparse(node.args[0]): {
            key.arg: ast.unparse(key.value) for key in node.keywords if key.arg
        }
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("add_argument")
        and node.args
    }
    given = r"\b(epochs|batch_size)[\"']?(?:=|: )(\d+)"
    found["Run"] = dict(re.findall(given, text))
    return found


@each_name
def test_wings_have_the_same_functions_arguments_and_defaults(name):
    ours, theirs = public("torch", name), public("keras", name)
    assert {"load_data", "make_model", "main"} <= ours.keys() & theirs.keys()
    for function in ("load_data", "main"):
        assert ours[function] == theirs[function]
    ours, theirs = offered("torch", name), offered("keras", name)
    assert ours["Run"] == theirs["Run"]
    assert ours["Run"].keys() == {"epochs", "batch_size"}
    shared = ours.keys() & theirs.keys() - {"'--weights'"}
    assert ours.keys() - {"'--weights'"} == shared | {"Run"}
    for option in shared - {"Run"}:
        assert ours[option].get("default") == theirs[option].get("default")


def test_every_project_has_its_baseline_and_its_page():
    assert sorted(path.stem for path in PAGE_FOLDER.glob("[!_i]*.md")) == NAMES
    assert (
        sorted(path.stem for path in (PACKAGE / "baselines").glob("[!_]*.py")) == NAMES
    )
    assert sorted(PAGES) == NAMES
    orders = [project.order for project in PAGES.values()]
    assert len(set(orders)) == len(orders)
    for project in PAGES.values():
        assert project.fields
        for field in project.fields:
            page = (ROOT / "docs" / f"{field}.md").read_text()
            assert f"(projects/{project.name}.md)" in page


# ---- killed, and told to go on ----

STOPPED = """
import os, signal, sys
from importlib import import_module

# what a shell starts in the background ignores it
signal.signal(signal.SIGINT, signal.default_int_handler)
wing, name, kind, folder = sys.argv[1:]
checkpoint = import_module(f"dlcookbook.{wing}.training.checkpoint")
project = import_module(f"dlcookbook.{wing}.projects.{name}")
saved, save = [], checkpoint.save_checkpoint


def save_and_stop(*arguments, **state):
    saved.append(save(*arguments, **state))
    if len(saved) == 2:  # one before the training, one after its first epoch
        os.kill(os.getpid(), getattr(signal, kind))
    return saved[-1]


checkpoint.save_checkpoint = project.save_checkpoint = save_and_stop
project.main(["--epochs", "2", "--out", folder])
"""
KILLED = ["churn", "digits_cnn", "forecasting"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [*((name, "SIGKILL") for name in KILLED), ("digits_cnn", "SIGINT")],
)
@pytest.mark.parametrize("wing", WINGS)
def test_the_same_command_goes_on_after_it_was_stopped(wing, name, kind, tmp_path):
    folder = tmp_path / "out"
    command = [sys.executable, "-c", STOPPED, wing, name, kind, str(folder)]
    stopped = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    wanted = {"SIGKILL": -signal.SIGKILL, "SIGINT": 130}[kind]
    assert stopped.returncode == wanted, stopped.stderr[-2000:]
    assert [*folder.glob("checkpoints-*")]
    if kind == "SIGINT":
        assert f"the same command goes on in {folder}" in stopped.stderr
    again = ["--epochs", "2", "--out", str(folder)]
    with redirect_stdout(io.StringIO()) as printed:
        resumed = module(wing, name).main(again)
    # of a project that trains several networks, the first goes on
    assert re.findall(r"poch (\d)", printed.getvalue())[0] == "2"
    assert not [*folder.glob("checkpoints-*")]
    with redirect_stdout(io.StringIO()):
        whole = module(wing, name).main([*again[:-1], str(tmp_path / "whole")])
    assert same(weights(folder), weights(tmp_path / "whole"))
    assert {**resumed, "seconds": 0} == {**whole, "seconds": 0}


def losses(history: dict) -> list[float]:
    """Losses of every epoch, of the first network if there are several."""
    return (
        history["loss"] if "loss" in history else losses(next(iter(history.values())))
    )


@pytest.mark.skipif("torch" not in WINGS, reason="PyTorch is not installed")
@pytest.mark.parametrize("name", KILLED)
def test_two_processes_share_a_training_and_one_writes(name, tmp_path):
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--standalone", "-m", f"dlcookbook.torch.projects.{name}"]
    command += ["--epochs", "1", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    shared = json.loads((tmp_path / "results.json").read_text())["history"]
    assert done.stdout.count(f"{PAGES[name].metric} ") == 1
    main_of("torch", name, tmp_path / "alone")
    alone = json.loads((tmp_path / "alone" / "results.json").read_text())["history"]
    # batches of another order, norms of half a batch, other random numbers in each
    assert losses(shared)[0] == pytest.approx(losses(alone)[0], rel=0.3)


@pytest.mark.parametrize("wing", WINGS)
def test_mixed_precision_trains(wing, tmp_path):
    results = main_of(wing, "digits_cnn", tmp_path, "--precision", "bfloat16")
    content = json.loads((tmp_path / "results.json").read_text())
    assert "bfloat16" in content["options"]["precision"]
    plain = main_of(wing, "digits_cnn", tmp_path / "plain")
    assert 0 < abs(results["val_accuracy"] - plain["val_accuracy"]) < 0.3 or (
        not same(weights(tmp_path), weights(tmp_path / "plain"))
    )


@pytest.mark.parametrize(
    ("wing", "words", "said"),
    [
        ("torch", ["--device", "moon"], "--device cannot be used. Received: moon"),
        ("keras", ["--device", "moon"], "--device cannot be used. Received: moon ("),
        ("torch", ["--data", "no such place"], "--data must exist. Received: no such"),
        ("keras", ["--data", "no such place"], "--data must exist. Received: no such"),
        ("torch", ["--seed", "-1"], "--seed must be 0 or more. Received: -1"),
        ("keras", ["--precision", "int8"], "invalid choice: 'int8'"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(wing, words, said, capsys):
    if wing not in WINGS:
        pytest.skip(f"{wing} is not installed")
    with pytest.raises(SystemExit) as end:
        module(wing, "digits_cnn").main(words)
    assert end.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("wing", WINGS)
def test_a_result_that_is_no_number_is_refused(wing, tmp_path):
    import argparse

    run = importlib.import_module(f"dlcookbook.{wing}.training.run").Run
    words = ["--out", str(tmp_path)]
    with (
        pytest.raises(ValueError, match="results must be finite"),
        run(argparse.ArgumentParser(), words, "runs", epochs=1, batch_size=1) as one,
    ):
        one.finish({"test_loss": float("nan")}, {}, {})
    assert not [*tmp_path.iterdir()]


# ---- digits, by which the rules are shown ----


def peeking(source: str, honest: str, dishonest: str) -> types.ModuleType:
    """Return a project with one line changed."""
    assert honest in source
    found = types.ModuleType("peeking")
    exec(source.replace(honest, dishonest), found.__dict__)
    return found


@pytest.mark.skipif("torch" not in WINGS, reason="PyTorch is not installed")
def test_a_project_that_peeks_is_found(tmp_path):
    source = (PACKAGE / "torch" / "projects" / "digits_cnn.py").read_text()
    honest = "run.batches(validation.images[:, None], validation.labels)"
    project = peeking(source, honest, "run.batches(test.images[:, None], test.labels)")
    parts = load_digits_split(0)
    fair, other = (
        run_parts(project, tmp_path / str(at), found)
        for at, found in enumerate((parts, spoiled(parts)))
    )
    assert fair["val_accuracy"] != other["val_accuracy"]


def run_parts(project, folder, parts) -> dict[str, float]:
    """Run a module for two epochs on given parts."""
    project.load_data = lambda *_: parts
    with redirect_stdout(io.StringIO()):
        return project.main(["--epochs", "2", "--out", str(folder)])


@pytest.mark.parametrize("wing", WINGS)
def test_another_seed_gives_another_model(wing, tmp_path):
    for seed in ("0", "1"):
        main_of(wing, "digits_cnn", tmp_path / seed, "--seed", seed)
    assert not same(weights(tmp_path / "0"), weights(tmp_path / "1"))


@pytest.mark.parametrize("wing", WINGS)
def test_it_stops_at_nan(wing, tmp_path):
    train, validation, test = load_digits_split(0)
    broken = Part(train.images.copy(), train.labels)
    broken.images[3, 4, 4] = np.nan
    with pytest.raises(FloatingPointError, match="is NaN or infinite in epoch 1"):
        main_of(
            wing, "digits_cnn", tmp_path, change=lambda _: (broken, validation, test)
        )
    assert not (tmp_path / "results.json").exists()


@pytest.mark.skipif("keras" not in WINGS, reason="Keras is not installed")
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_keras_trains_on_its_other_backends(backend, tmp_path):
    pytest.importorskip(backend)
    command = [sys.executable, "-m", "dlcookbook.keras.projects.digits_cnn"]
    done = subprocess.run(
        [*command, "--epochs", "1", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": backend},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    content = json.loads((tmp_path / "results.json").read_text())
    assert content["versions"]["backend"] == backend


@pytest.mark.parametrize("wing", WINGS)
def test_every_image_is_augmented_in_its_own_way_and_only_in_training(wing):
    project = module(wing, "digits_cnn")
    one = load_digits_split(0)[0].images[:1]
    many = np.repeat(one, 64, axis=0)
    layer = project.Augment()
    if wing == "torch":
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


# ---- what the pages say ----


@pytest.fixture(params=[name for name in NAMES if name in PAGES])
def published(request):
    """Return a project and its evidence, or see that the page says there is none."""
    project = PAGES[request.param]
    if not (found := project.evidence()):
        assert UNMEASURED in (PAGE_FOLDER / f"{project.name}.md").read_text()
        pytest.skip("not measured yet, as the page says")
    return project, found


def test_published_numbers_are_of_these_sources(published):
    project, found = published
    now = project.sources()
    assert f"dlcookbook/torch/projects/{project.name}.py" in now
    assert f"dlcookbook/baselines/{project.name}.py" in now
    assert "dlcookbook/torch/training/run.py" in now
    changed = [path for path in now if now[path] != found["sources"].get(path)]
    assert not changed, f"{changed} changed: run tools.project_evidence {project.name}"


def test_published_averages_follow_from_the_runs(published):
    project, found = published
    assert set(found["runs"]) == set(project.methods)
    for method, runs in found["runs"].items():
        assert [run["seed"] for run in runs] == list(range(project.seeds_of(method)))
        assert len(runs) >= 3
        values = [run["results"][project.metric] for run in runs]
        got = found["summary"][method][project.metric]
        assert got["mean"] == pytest.approx(statistics.mean(values))
        assert got["sd"] == pytest.approx(statistics.stdev(values))
        assert summary(runs) == found["summary"][method]
        assert min(run["cpu_seconds"] for run in runs) > 0


def test_published_differences_follow_from_the_runs(published):
    project, found = published
    for wing, gap in found["differences"].items():
        if wing in WINGS and "torch" in WINGS:
            runs = found["runs"]
            assert difference(project, runs[wing], runs["baseline"]) == gap
    good = {"mean": 1.0, "half_width": 0.5}
    words = {"higher": "the network is better", "lower": "the baseline is better"}
    assert verdict(project, good) == words[project.better]
    assert verdict(project, {"mean": 0.4, "half_width": 0.5}) == "undecided"


def test_a_small_part_for_training_was_drawn_from_more_than_one_seed_shows():
    rows = np.arange(200.0)[:, None]

    def split(seed, *cuts):
        order = np.random.default_rng(seed).permutation(len(rows))
        return [Part(rows[i], i) for i in np.split(order, cuts)[:3]]

    usual = [split(seed, 120, 160) for seed in range(5)]
    assert held_out(usual) == (40 / 120, False)
    # 10 of the 140 that are not tested on: the other seeds show nearly all of them
    few = [split(seed, 10, 20, 80) for seed in range(10)]
    ratio, same = held_out(few)
    assert 60 / 140 <= ratio < 1.1 * 60 / 140
    assert not same
    assert held_out([split(0, 120, 160)] * 2)[1]


def test_what_the_page_says_in_words_is_what_was_measured(published):
    project, found = published
    means = {
        method: {name: number["mean"] for name, number in numbers.items()}
        for method, numbers in found["summary"].items()
    }
    names = {method: means.pop(method) for method in ("torch", "keras", "baseline")}
    assert project.claims
    for claim in project.claims:
        assert eval(claim, names | {"variants": means}), claim


def test_pictures_on_the_pages_are_those_of_the_runs(published):
    project, _ = published
    drawn = {path.name for path in PLOTS.glob(f"{project.name}-*.svg")}
    text = (PAGE_FOLDER / f"{project.name}.md").read_text()
    assert drawn
    assert {f"{project.name}-{wing}-curves.svg" for wing in ("torch", "keras")} <= drawn
    assert all(f"assets/plots/{name}" in text for name in drawn)


def test_no_evidence_is_left_of_what_is_gone():
    assert {path.stem for path in EVIDENCE.glob("*.json")} <= set(PAGES)
