"""Every row of the sheet is executed: its calls, its traps, its names and links."""

import ast
import math
import re
import warnings
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.sheet import losses
from tests import wings
from tests.arrays import build

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "losses.md"
SECTIONS = {row.section or row.slug for row in losses.ROWS}
# Relative to the size of the loss, at least 1. Keras computes losses in float32.
TOLERANCE = {"float64": 1e-9, "float32": 5e-6}

each_row = pytest.mark.parametrize("row", losses.ROWS, ids=lambda row: row.slug)
each_task = pytest.mark.parametrize("task", losses.TASKS, ids=lambda task: task.name)
each_difference = pytest.mark.parametrize(
    "row", losses.DIFFERENCES, ids=lambda row: row.convention
)


def inputs(row, rng):
    """Make all that a row's calls mention, in torch's layout."""
    outputs = build(row.outputs, rng)
    targets = build(row.targets, rng, outputs)
    return {
        "outputs": outputs,
        "targets": targets,
        **{name: build(spec, rng, targets) for name, spec in row.given},
    }


def recipes(wing, row):
    """Return what a row's recipe file offers in a wing."""
    return vars(wings.module(wing, *row.recipe.split("/"))) if row.recipe else {}


def definition(row, arrays):
    """Call the reference as the row says, one value per element, example or image."""
    names = {
        key: array.astype("float64") if array.dtype.kind == "f" else array
        for key, array in arrays.items()
    }
    names["call"] = wings.function("reference", row.reference)
    return np.asarray(eval(f"call(outputs, targets, {row.arguments})", names))


def in_torch(row, arrays, dtype):
    """Run the row's call in PyTorch."""
    torch = pytest.importorskip("torch")
    names = {
        name: torch.tensor(array, dtype=getattr(torch, dtype))
        if array.dtype.kind == "f"
        else torch.tensor(array)
        for name, array in arrays.items()
    }
    scope = {"torch": torch, "F": torch.nn.functional, "nn": torch.nn}
    return eval(row.torch, {**scope, **recipes("torch", row), **names}).numpy()


def in_keras(row, arrays):
    """Run the row's call in Keras, with channels last."""
    keras = pytest.importorskip("keras")
    names = {
        name: np.moveaxis(array, 1, -1) if array.ndim == 4 else array
        for name, array in arrays.items()
    }
    scope = {"keras": keras, "ops": keras.ops}
    loss = eval(row.keras, {**scope, **recipes("keras", row), **names})
    loss = keras.ops.convert_to_numpy(loss)
    return np.moveaxis(loss, -1, 1) if loss.ndim == 4 else loss


def same(got, want, dtype):
    """Compare a call with the definition; both frameworks average in their own way."""
    got = np.asarray(got, np.float64)
    if got.ndim == 0:
        want = want.mean()
    elif got.shape == want.shape[:-1]:
        want = want.mean(axis=-1)  # Keras functions average over the last axis
    assert got.shape == want.shape
    assert np.isfinite(want).all()
    error = np.abs(got - want).max() / max(1.0, np.abs(want).max())
    assert error < TOLERANCE[dtype]


@each_row
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_the_torch_call_means_what_the_definition_says(row, dtype, rng):
    arrays = inputs(row, rng)
    same(in_torch(row, arrays, dtype), definition(row, arrays), dtype)


@each_row
def test_the_keras_call_means_what_the_definition_says(row, rng):
    arrays = inputs(row, rng)
    same(in_keras(row, arrays), definition(row, arrays), "float32")


@pytest.mark.parametrize(
    ("slug", "wing", "old", "new"),
    [
        ("huber", "torch", "delta=2.0", "delta=1.99"),
        ("mse", "torch", "F.mse_loss", "F.l1_loss"),
        ("cross-entropy", "keras", "from_logits=True", "from_logits=False"),
        ("smooth-l1", "keras", " / 2.0", ""),
        ("cosine", "keras", "1 + ", ""),
        ("quantile", "keras", "targets, outputs", "outputs, targets"),
        ("tversky", "torch", "alpha=0.3, beta=0.7", "alpha=0.7, beta=0.3"),
    ],
)
def test_a_wrong_row_is_caught(slug, wing, old, new, rng):
    [row] = [row for row in losses.ROWS if row.slug == slug]
    right = getattr(row, wing)
    assert old in right
    row = replace(row, **{wing: right.replace(old, new)})
    arrays = inputs(row, rng)
    got = in_torch(row, arrays, "float32") if wing == "torch" else in_keras(row, arrays)
    with pytest.raises(AssertionError):
        same(got, definition(row, arrays), "float32")


@each_row
def test_the_definition_depends_on_all_that_it_is_given(row, rng):
    arrays = inputs(row, rng)
    was = definition(row, arrays)
    for name, spec in {"outputs": row.outputs, "targets": row.targets}.items():
        other = {**arrays, name: build(spec, rng, arrays["outputs"])}
        assert not np.allclose(definition(row, other), was), name


def test_every_row_has_an_address_of_its_own():
    slugs = [row.slug for row in losses.ROWS]
    assert len(set(slugs)) == len(slugs)
    names = [row.name for row in losses.ROWS]
    assert len(set(names)) == len(names)
    for row in losses.ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug


def test_every_section_is_on_the_page_and_belongs_to_a_row():
    text = PAGE.read_text("utf-8")
    headings = re.findall(r"^### .* \{ #(\S+) \}$", text, re.MULTILINE)
    assert Counter(headings) == Counter(SECTIONS)
    for block in ("loss", "figure"):
        assert re.findall(rf"<!-- sheet:{block} (\S+) -->", text) == headings
    anchors = set(headings) | set(re.findall(r'<a id="([^"]+)">', text))
    assert {row.slug for row in losses.ROWS} <= anchors


@each_row
def test_the_names_of_a_row_exist(row):
    assert callable(wings.function("reference", row.reference))
    own = set(re.findall(r"(?<![\w.])\w+_loss(?=\()", f"{row.torch} {row.keras}"))
    assert row.recipe or not own
    for wing in ("torch", "keras", "reference") if row.recipe else ():
        path = ROOT / "dlcookbook" / wing / f"{row.recipe}.py"
        tree = ast.parse(path.read_text("utf-8"))
        assert own <= {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("loss", None, task)
        assert row.torch in answer or f"choose loss {row.slug}\n" in answer
    assert row.keras in choose.answer("loss", row.slug, None)


@each_task
def test_the_names_of_a_task_exist(task):
    assert set(task.loss) <= {row.name for row in losses.ROWS}
    if task.metric:
        metrics = pytest.importorskip("sklearn.metrics")
        assert callable(getattr(metrics, task.metric))
    assert bool(task.metric) == bool(task.keras_metric)


@each_task
def test_a_task_runs_in_torch(task):
    torch = pytest.importorskip("torch")
    weight = torch.nn.Parameter(torch.ones(2))
    optimizer = getattr(torch.optim, task.optimizer)([weight], lr=0.1)
    (weight**2).sum().backward()
    optimizer.step()
    assert (weight < 1).all()


@each_task
def test_a_task_runs_in_keras(task):
    keras = pytest.importorskip("keras")
    assert issubclass(
        getattr(keras.optimizers, task.optimizer), keras.optimizers.Optimizer
    )
    if task.keras_metric:
        metric = eval(task.keras_metric, {"keras": keras, "C": 3})
        assert isinstance(metric, keras.metrics.Metric)


@each_difference
def test_the_frameworks_differ_by_default_and_agree_when_mapped(row):
    keras, torch = (pytest.importorskip(name) for name in ("keras", "torch"))
    scope = {"torch": torch, "F": torch.nn.functional, "keras": keras, "ops": keras.ops}
    exec(row.inputs, scope)
    with warnings.catch_warnings(action="ignore"):  # torch warns about some of them
        by_torch, by_keras, mapped = (
            float(eval(code, scope)) for code in (row.torch, row.keras, row.same)
        )
    assert math.isfinite(by_keras)
    assert by_torch != pytest.approx(by_keras, rel=0.01, abs=1e-3)
    other = by_torch if "keras." in row.same else by_keras
    assert mapped == pytest.approx(other, rel=1e-5, abs=1e-6)


def test_both_tabs_of_a_section_show_the_same_numbers():
    from tools.fences import scan

    fences = scan(PAGE.read_text("utf-8"))
    shown = [fence for fence in fences if fence.is_output and fence.tab]
    pairs = [
        (a, b) for a, b in pairwise(shown) if (a.tab, b.tab) == ("PyTorch", "Keras")
    ]
    assert 2 * len(pairs) == len(shown)
    assert len(pairs) >= len(SECTIONS)
    for torch, keras in pairs:
        assert torch.code == keras.code, f"lines {torch.line} and {keras.line}"
