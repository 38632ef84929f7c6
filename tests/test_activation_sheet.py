"""Every row of activations is executed: calls, formulas, defaults, facts, places."""

import math
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.sheet import activations
from tests import wings
from tools.chapters.activations import facts, is_single, range_of

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "activations.md"
ROWS = activations.ROWS
SINGLE = [row for row in ROWS if is_single(row)]
SECTIONS = {row.section or row.slug for row in ROWS}
TOLERANCE = {"float64": 1e-9, "float32": 2e-6}
# TensorFlow holds the slope of a leaky ReLU in float32.
KERAS_FLOAT64 = 5e-8

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
each_single = pytest.mark.parametrize("row", SINGLE, ids=lambda row: row.slug)
each_place = pytest.mark.parametrize(
    "place", activations.PLACES, ids=lambda place: place.task
)


def scope(wing, row):
    """Return what a call of a row may mention."""
    if wing == "torch":
        torch = pytest.importorskip("torch")
        names = {"torch": torch, "F": torch.nn.functional, "nn": torch.nn}
    else:
        keras = pytest.importorskip("keras")
        names = {"keras": keras, "ops": keras.ops}
    return names | wings.names(wing, row.recipe)


def inputs():
    """Rows of numbers, ordinary and large, both signs."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(12, 8)) * np.array([0.01, 1, 3, 20])[:, None].repeat(3, 0)


def called(wing, row, x, dtype):
    """Run the row's call in a framework."""
    tensor = wings.tensor(wing, x, dtype)
    result = eval(getattr(row, wing), scope(wing, row) | {"x": tensor})
    [got] = wings.numbers(result)
    return got


def defined(row, x):
    """Call the row's definition."""
    names = {"call": wings.function("reference", row.reference), "x": x}
    return eval(f"call(x, {row.arguments})", names)


def close(got, want, tolerance):
    """Compare what a call gives with the definition, relative to the size."""
    assert got.shape == want.shape
    error = np.abs(got - want) / np.maximum(1, np.abs(want))
    assert error.max() < tolerance


@each_row
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("wing", wings.WINGS)
def test_the_call_means_what_the_definition_says(row, wing, dtype):
    if wing == "keras" and row.slug in ("prelu", "rrelu") and dtype == "float64":
        pytest.skip("a layer of Keras computes in its own dtype")
    x = wings.rounded(inputs(), dtype)
    tolerance = TOLERANCE[dtype]
    if wing == "keras":
        tolerance = max(tolerance, KERAS_FLOAT64)
    close(called(wing, row, x, dtype), defined(row, x), tolerance)


@pytest.mark.parametrize(
    ("slug", "wing", "old", "new"),
    [
        ("leaky-relu", "torch", "0.2", "0.21"),
        ("rrelu", "keras", "()(", "(0.2)("),
        ("swiglu", "torch", "silu", "gelu"),
        ("gelu-tanh", "torch", "approximate='tanh'", ""),
        ("softmax", "torch", "dim=-1", "dim=0"),
        ("celu", "keras", "alpha=2.0", "alpha=1.9"),
    ],
)
def test_a_wrong_row_is_caught(slug, wing, old, new):
    [row] = [row for row in ROWS if row.slug == slug]
    assert old in getattr(row, wing)
    wrong = replace(row, **{wing: getattr(row, wing).replace(old, new)})
    with pytest.raises(AssertionError):
        test_the_call_means_what_the_definition_says(wrong, wing, "float32")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def words(x):
    """Return what formulas may mention."""
    u = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    return {
        **{name: getattr(np, name) for name in ("exp", "expm1", "log1p", "log")},
        **{name: getattr(np, name) for name in ("tanh", "sqrt", "abs", "where", "pi")},
        **{name: getattr(np, name) for name in ("maximum", "minimum", "diag", "outer")},
        "sum": np.sum,
        "sigmoid": sigmoid,
        "softplus": lambda x: np.log1p(np.exp(x)),
        "Phi": lambda x: np.vectorize(math.erfc)(-x / np.sqrt(2)) / 2,
        "phi": lambda x: np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi),
        "u": u,
        "du": np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2),
        "x": x,
    }


@each_single
def test_the_formula_and_its_derivative_are_the_definition(row):
    x = np.linspace(-5, 5, 64) + 0.003
    want = defined(row, x)
    np.testing.assert_allclose(eval(row.formula, words(x)), want, atol=1e-12)
    slope = defined(replace(row, reference=f"{row.reference}_slope"), x)
    got = eval(row.slope, words(x)) + np.zeros_like(x)
    np.testing.assert_allclose(got, slope, atol=1e-12)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if not is_single(row)], ids=lambda row: row.slug
)
def test_the_formula_of_rows_and_its_derivative_are_the_definition(row):
    x = np.random.default_rng(1).normal(size=6)
    names = words(x) | {"a": x[:3], "b": x[3:], "eye": np.eye(6)}
    if row.slug in ("softmax", "log-softmax"):
        names["p"] = np.exp(x) / np.exp(x).sum()
    if row.slug == "softmin":
        names["q"] = np.exp(-x) / np.exp(-x).sum()
    if row.slug == "sparsemax":
        taken = defined(row, x) > 0
        names |= {"tau": (x[taken].sum() - 1) / taken.sum(), "s": taken.astype(float)}
    want = defined(row, x)
    np.testing.assert_allclose(eval(row.formula, names), want, atol=1e-12)
    slopes = np.zeros((len(want), 6))
    for j, step in enumerate(1e-6 * np.eye(6)):
        ends = (defined(row, x + sign * step) for sign in (1, -1))
        slopes[:, j] = np.subtract(*ends) / 2e-6
    got = eval(row.slope, names)
    if isinstance(got, tuple):
        got = np.hstack([np.diag(part) for part in got])
    np.testing.assert_allclose(got, slopes, atol=1e-8)


DEFAULTS = [
    pytest.param(row, call, given, id=call)
    for row in ROWS
    for call, given in row.defaults
]


@pytest.mark.parametrize(("row", "call", "given"), DEFAULTS)
def test_what_a_call_does_without_arguments(row, call, given):
    wing = "torch" if call.startswith(("F.", "nn.")) else "keras"
    names = scope(wing, row) | {"x": wings.tensor(wing, inputs(), "float32")}
    if call.startswith("tf."):
        names["tf"] = pytest.importorskip("tensorflow")
    # the arguments belong to the class where there is one
    whole = re.sub(r"\(\)\(x\)$|\(x\)$", f"({given})(x)", call)
    if "()" not in call:
        whole = whole.replace(f"({given})(x)", f"(x, {given})")
    [bare], [full] = (wings.numbers(eval(code, names)) for code in (call, whole))
    np.testing.assert_array_equal(bare, full)
    # and another number would have been noticed
    for at in re.finditer(r"\d+(\.\d+)?", given):
        other = f"{float(at[0]) + 0.125:g}"
        if "dim=" in given or "axis" in given or "num_parameters" in given:
            continue
        moved = whole.replace(given, given[: at.start()] + other + given[at.end() :])
        if "training" not in given and "negative_slope=0.0" not in given:
            [changed] = wings.numbers(eval(moved, names))
            assert np.abs(changed - bare).max() > 0 or "threshold" in given


@each_single
def test_the_facts_are_what_pytorch_computes(row):
    torch = pytest.importorskip("torch")
    found = facts(row)
    names = scope("torch", row)
    call = eval(f"lambda x: {row.torch}", names)
    z = torch.randn(400_000, dtype=torch.float64)
    y = call(z).detach()
    np.testing.assert_allclose(float(y.mean()), found.mean, atol=0.01)
    np.testing.assert_allclose(float((y**2).mean()) ** -0.5, found.gain, rtol=0.01)
    x = torch.cat([torch.linspace(-40, 40, 80_001), torch.tensor([-1e7, 1e7])])
    x = x.double().requires_grad_()
    y = call(x)
    low, high = float(y.detach().min()), float(y.detach().max())
    for got, want, sign in ((low, found.low, "-∞"), (high, found.high, "∞")):
        if abs(want) > 1e5:
            assert abs(got) > 1e5
            assert sign in found.range
        else:
            # linspace is in float32: the lowest point lies next to a place of it
            np.testing.assert_allclose(got, want, atol=1e-5)
    if row.slug == "step":
        return
    (slope,) = torch.autograd.grad(y.sum(), x)
    np.testing.assert_allclose(float(slope.abs().max()), found.steepest, atol=1e-3)
    at = torch.tensor([-1e-7, 1e-7], dtype=torch.float64, requires_grad=True)
    (near,) = torch.autograd.grad(call(at).sum(), at)
    np.testing.assert_allclose(near, [found.left, found.right], atol=1e-6)
    for side, far in (("left", slope[-2]), ("right", slope[-1])):
        assert (side in found.saturates) == (abs(float(far)) < 1e-6)


@pytest.mark.parametrize(
    ("slug", "wanted"),
    [
        ("sigmoid", "(0, 1)"),
        ("hard-sigmoid", "[0, 1]"),
        ("relu", "[0, ∞)"),
        ("log-sigmoid", "(-∞, 0)"),
        ("softmax", "(0, 1)"),
        ("sparsemax", "[0, 1]"),
        ("swiglu", "(-∞, ∞)"),
    ],
)
def test_a_range_tells_what_is_reached(slug, wanted):
    assert range_of(next(row for row in ROWS if row.slug == slug)) == wanted


@pytest.mark.parametrize("start", activations.INITIALISERS, ids=lambda i: i.name)
def test_an_initialiser_has_the_stated_spread_in_both_frameworks(start):
    torch, keras = (pytest.importorskip(name) for name in ("torch", "keras"))
    wanted = eval(start.std, {"sqrt": math.sqrt, "fan_in": 400, "fan_out": 300})
    weight = torch.empty(300, 400)
    eval(start.torch, {"nn": torch.nn, "weight": weight})
    layer = keras.layers.Dense(
        300, kernel_initializer=eval(start.keras, {"keras": keras})
    )
    layer.build((None, 400))
    np.testing.assert_allclose(float(weight.std()), wanted, rtol=0.02)
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    np.testing.assert_allclose(kernel.std(), wanted, rtol=0.02)


@pytest.mark.parametrize(("slug", "name"), [("relu", "He"), ("selu", "LeCun")])
def test_an_initialiser_has_the_gain_of_its_function(slug, name):
    [row] = [row for row in ROWS if row.slug == slug]
    [start] = [i for i in activations.INITIALISERS if i.name == name]
    spread = eval(start.std, {"sqrt": math.sqrt, "fan_in": 1})
    np.testing.assert_allclose(facts(row).gain, spread, rtol=1e-6)
    assert row.init == name


@each_place
def test_choose_gives_the_activation_of_a_place(place):
    first = choose.tasks(activations)[place.task][0]
    assert first.slug == place.activation
    assert first.torch in choose.answer("activation", None, place.task)
    assert place.init in {"", *(i.name for i in activations.INITIALISERS)}


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    assert set(row.tasks) <= {place.task for place in activations.PLACES}
    for task in row.tasks:
        answer = choose.answer("activation", None, task)
        assert row.torch in answer or f"choose activation {row.slug}\n" in answer
    assert row.keras in choose.answer("activation", row.slug, None)
    assert row.init in {"", *(i.name for i in activations.INITIALISERS)}


def test_every_row_has_an_address_of_its_own():
    assert (
        len({row.slug for row in ROWS}) == len({row.name for row in ROWS}) == len(ROWS)
    )
    for row in ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug


def test_every_section_is_on_the_page_and_belongs_to_a_row():
    text = PAGE.read_text("utf-8")
    headings = re.findall(r"^### .* \{ #(\S+) \}$", text, re.MULTILINE)
    assert Counter(headings) == Counter(SECTIONS)
    for block in ("activation", "activation-figure"):
        assert re.findall(rf"<!-- sheet:{block} (\S+) -->", text) == headings
    anchors = set(headings) | set(re.findall(r'<a id="([^"]+)">', text))
    assert {row.slug for row in ROWS} <= anchors


def test_every_recipe_belongs_to_a_row():
    named = {row.recipe.removeprefix("activations/") for row in ROWS if row.recipe}
    files = [wings.files(wing, "activations") for wing in ("torch", "keras")]
    assert named == set.union(*files)


def test_both_tabs_of_a_section_show_the_same_numbers():
    from itertools import pairwise

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


@pytest.mark.parametrize("row", activations.DIFFERENCES, ids=lambda row: row.convention)
def test_the_frameworks_differ_by_default_and_agree_when_mapped(row):
    text = PAGE.read_text("utf-8")
    # the snippet on the page is run and compared; here: what it printed
    [line] = [
        line for line in text.splitlines() if line.startswith(f"{row.convention}  ")
    ]
    torch, keras, same = map(float, line.removeprefix(row.convention).split())
    assert abs(torch - keras) > 1e-4 or math.isnan(keras)
    other = (
        torch
        if math.isnan(keras) or "keras" in row.same or "ours" in row.same
        else keras
    )
    assert same == pytest.approx(other, abs=2e-4)
