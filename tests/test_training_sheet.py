"""Every call of the training sheet runs; no argument of compile or fit is missing."""

import argparse
import csv
import inspect
import itertools
import json
import math
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.sheet import training
from tests import wings
from tools.chapters import training as chapter
from tools.fences import scan

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "training.md"
ROWS = training.ROWS
SECTIONS = {row.section or row.slug for row in ROWS}
# Keras asks TensorFlow's variables in a spelling of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")
# a line of a table may open a file and leave it to the end of the process
careless = pytest.mark.filterwarnings("ignore::ResourceWarning")
# a schedule that is made and stepped in one line
early = pytest.mark.filterwarnings("ignore:Detected call of .lr_scheduler.step")
# the compiler's own imports
compiler = pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")


@pytest.fixture
def torch_scope(tmp_path):
    """Everything that a line of PyTorch may mention, made anew."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("torch.utils.tensorboard")
    from torch import nn
    from torch.nn import functional as F

    torch.manual_seed(0)
    inputs, targets = torch.randn(16, 3), torch.arange(16) % 2
    dataset = torch.utils.data.TensorDataset(inputs, targets)
    train = torch.utils.data.DataLoader(dataset, batch_size=4, shuffle=True)
    validation = torch.utils.data.DataLoader(dataset, batch_size=16)
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = nn.CrossEntropyLoss()
    steps = []

    def step(inputs, targets):
        optimizer.zero_grad()
        loss(model(inputs), targets).backward()
        optimizer.step()
        steps.append(len(inputs))

    def run(batches):
        for batch in batches:
            step(*batch)

    scope = {
        "torch": torch, "nn": nn, "F": F, "np": np, "math": math, "csv": csv,
        "itertools": itertools, "inputs": inputs, "targets": targets, "step": step,
        "dataset": dataset, "train": train, "validation": validation, "run": run,
        "model": model, "optimizer": optimizer, "loss": loss, "steps": steps,
        "folder": str(tmp_path), "epoch": 1, "value": torch.tensor(0.5),
        "weights": torch.linspace(0.1, 1, 16), "tqdm": lambda batches: batches,
        "row": {"loss": 0.5, "val_loss": 0.7}, "note": print,
    }  # fmt: skip
    for file in ("fit", "checkpoint", "early_stopping", "preflight", "run"):
        scope |= wings.names("torch", f"training/{file}")
    scope |= {"parser": argparse.ArgumentParser(), "argv": ["--epochs", "3"]}
    scope["stopping"] = scope["EarlyStopping"](mode="min", patience=5)
    return scope


@pytest.fixture
def keras_scope(tmp_path):
    """Everything that a line of Keras may mention, made anew."""
    keras = pytest.importorskip("keras")
    sklearn = pytest.importorskip("sklearn")
    pytest.importorskip("sklearn.model_selection")
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1, use_ema=True), loss)
    scope = {"keras": keras, "np": np, "sklearn": sklearn, "model": model, "x": x}
    scope["loss"] = loss
    scope |= {"y": np.arange(16) % 2, "folder": str(tmp_path)}
    scope |= {"x_val": x, "y_val": scope["y"]}
    for file in ("checkpoint", "early_stopping", "preflight", "run"):
        scope |= wings.names("keras", f"training/{file}")
    scope |= {"parser": argparse.ArgumentParser(), "argv": ["--epochs", "3"]}
    return scope


@careless
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
def test_the_call_of_pytorch_runs(row, torch_scope):
    got = eval(row.torch, torch_scope)
    if row.slug in ("loop", "nan"):
        assert len(got["loss"]) == 3
    elif row.slug == "validation":
        assert [len(part) for part in got] == [13, 3]
    elif row.slug == "evaluation":
        assert got["loss"] > 0
    elif row.slug == "checkpoints":
        assert got.is_file()
    elif row.slug == "tensorboard":
        got.close()
    elif row.slug == "run":
        assert (got.epochs, got.batch_size) == (3, 32)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
def test_the_call_of_keras_runs(row, keras_scope):
    got = eval(row.keras, keras_scope)
    if row.slug == "loop":
        assert len(got.epoch) == 3
    elif row.slug == "validation":
        assert [len(part) for part in got] == [12, 4] * 2
    elif row.slug == "evaluation":
        assert got["loss"] > 0
    elif row.slug == "checkpoints":
        assert got.is_file()
    elif row.slug == "run":
        assert (got.epochs, got.batch_size) == (3, 32)


def test_no_argument_of_compile_or_fit_is_missing():
    keras = pytest.importorskip("keras")
    for method in ("compile", "fit"):
        names = [*inspect.signature(getattr(keras.Model, method)).parameters][1:]
        told = [row.name for row in training.ARGUMENTS if row.method == method]
        assert told == names or Counter(told) == Counter(names)
        for row in training.ARGUMENTS:
            assert row.keras.startswith(f"{row.name}=")


@compiler
@pytest.mark.parametrize("row", training.ARGUMENTS, ids=lambda row: row.name)
def test_the_line_of_pytorch_runs(row, torch_scope):
    before = set(torch_scope)
    exec(row.torch, torch_scope)
    done = set(torch_scope) - before or torch_scope["steps"]
    assert done or re.match(r"assert|(if .*: )?(value|loss|train|\w+) = ", row.torch)


def compiled(scope, **options):
    """Compile the model of the scope as it is usual, but for what is given."""
    keras = scope["keras"]
    usual = {
        "optimizer": keras.optimizers.SGD(0.1),
        "loss": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    }
    scope["model"].compile(**usual | options)
    return scope["model"]


@pytest.mark.parametrize("method", ["compile", "fit"])
def test_every_argument_runs_in_keras(method, keras_scope):
    usual = {"x": keras_scope["x"], "y": keras_scope["y"], "verbose": 0}
    ran = {}
    for row in training.ARGUMENTS:
        if row.method != method:
            continue
        given = eval(f"dict({row.keras})", keras_scope)
        if method == "compile":
            history = compiled(keras_scope, **given).fit(**usual)
        else:
            model = keras_scope["model"]
            if row.name.startswith("validation_") and row.name[11:] not in (
                "split",
                "data",
            ):
                given["validation_data"] = (keras_scope["x"], keras_scope["y"])
                given["epochs"] = 2
            if row.name == "initial_epoch":
                given["epochs"] = 2
            history = model.fit(**usual | given)
        ran[row.name] = history
        assert np.isfinite(history.history["loss"]).all(), row.name
    if method == "compile":
        assert "accuracy" in ran["metrics"].history
        assert "accuracy" in ran["weighted_metrics"].history
    else:
        assert ran["epochs"].epoch == [0, 1]
        assert ran["initial_epoch"].epoch == [1]
        assert "val_loss" in ran["validation_split"].history
        assert len(ran["validation_freq"].history["val_loss"]) == 1


def test_what_the_table_says_of_class_weights():
    torch = pytest.importorskip("torch")
    keras = pytest.importorskip("keras")
    logits = np.array([[1.0, 0.0], [0.5, 2.0], [0.0, 0.3]], "float32")
    y = np.array([0, 1, 1])
    each = [
        -math.log(math.exp(z[c]) / np.exp(z).sum())
        for z, c in zip(logits, y, strict=True)
    ]
    weights = [1.0, 2.0, 2.0]
    layer = keras.layers.Dense(2, kernel_initializer=keras.initializers.Identity())
    ours = torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0]))
    got = ours(torch.tensor(logits), torch.tensor(y)).item()
    assert got == pytest.approx(np.dot(weights, each) / sum(weights), rel=1e-5)
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile(
        keras.optimizers.SGD(0.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    history = model.fit(logits, y, class_weight={0: 1.0, 1: 2.0}, verbose=0)
    assert history.history["loss"][0] == pytest.approx(
        np.dot(weights, each) / 3, rel=1e-5
    )


def test_what_the_table_says_of_plateaus():
    torch = pytest.importorskip("torch")
    keras = pytest.importorskip("keras")
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    callback = keras.callbacks.ReduceLROnPlateau("loss", mode="min", patience=2)
    callback.set_model(model)
    callback.on_train_begin()
    cut = {}
    for epoch in range(6):
        schedule.step(0.5)
        callback.on_epoch_end(epoch, {"loss": 0.5})
        rates = {
            "torch": optimizer.param_groups[0]["lr"],
            "keras": float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)),
        }
        for wing, rate in rates.items():
            if rate < 0.5:
                cut.setdefault(wing, epoch)
    assert cut == {"keras": 2, "torch": 3}


@careless
@early
@pytest.mark.parametrize("row", training.CALLBACKS, ids=lambda row: row.name)
def test_the_lines_beside_a_callback_run(row, torch_scope):
    if "lr_scheduler" in row.torch:
        torch_scope["optimizer"].step()
    exec(row.torch, torch_scope)


def test_every_callback_runs_in_fit(keras_scope):
    history = keras_scope["model"].fit(
        keras_scope["x"],
        keras_scope["y"],
        validation_data=(keras_scope["x"], keras_scope["y"]),
        epochs=2,
        callbacks=[eval(row.keras, keras_scope) for row in training.CALLBACKS],
        verbose=0,
    )
    assert len(history.epoch) == 2
    # of the schedule, after one epoch
    assert history.history["learning_rate"][1] == pytest.approx(0.1 * 0.9)
    names = {path.name for path in Path(keras_scope["folder"]).iterdir()}
    assert {"best.keras", "log.csv", "checkpoint-00000002.npz"} <= names


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("training", None, task)
        assert row.torch in answer or f"choose training {row.slug}\n" in answer
    assert row.keras in choose.answer("training", row.slug, None)


def test_rows_have_addresses_sources_and_sections_on_the_page():
    assert len({row.slug for row in ROWS}) == len({row.name for row in ROWS})
    for row in ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug
    text = PAGE.read_text("utf-8")
    shown = re.findall(r"<!-- sheet:training (\S+) -->", text)
    assert Counter(shown) == Counter(SECTIONS)
    headings = re.findall(r"^### .* \{ #(\S+) \}$", text, re.MULTILINE)
    assert set(headings) >= SECTIONS


def test_every_recipe_belongs_to_a_row():
    named = {row.recipe.removeprefix("training/") for row in ROWS if row.recipe}
    assert named == wings.files("torch", "training") | wings.files("keras", "training")


def test_every_section_has_both_tabs_and_they_show_the_same():
    fences = scan(PAGE.read_text("utf-8"))
    shown = [fence for fence in fences if fence.is_output and fence.tab]
    pairs = [
        (a, b) for a, b in pairwise(shown) if (a.tab, b.tab) == ("PyTorch", "Keras")
    ]
    assert 2 * len(pairs) == len(shown)
    # what comes before and what can be had again are told on pages of their own
    assert len(pairs) >= len(SECTIONS - {"preflight", "run", "seeds"})
    for torch, keras in pairs:
        assert torch.code == keras.code != "", f"lines {torch.line} and {keras.line}"


def test_the_table_of_crashes_is_what_was_counted():
    found = json.loads(chapter.CRASHES.read_text("utf-8"))
    order = ("kills", "while_writing", "runs", "survived", "identical")
    for wing, name in (("torch", "PyTorch"), ("keras", "Keras, on PyTorch")):
        assert tuple(found[wing]) == order
        line = " | ".join([name, *map(str, found[wing].values())])
        assert f"| {line} |" in PAGE.read_text("utf-8")
