"""Every row of the sheet of layers is built: its shape, its cost, its numbers."""

import ast
import inspect
import math
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.sheet import layers
from tests import wings
from tests.arrays import SIZES, build
from tools.chapters.layers import HELPERS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "layers.md"
SECTIONS = {row.section or row.slug for row in layers.ROWS}
each_row = pytest.mark.parametrize("row", layers.ROWS, ids=lambda row: row.slug)


@pytest.fixture(scope="module")
def helpers():
    """Return what the calls of the differences and initialisers mention."""
    pytest.importorskip("keras")
    pytest.importorskip("torch")
    scope = {}
    exec(HELPERS, scope)
    return scope


def inputs(row, rng):
    """Make all that a row's calls mention, in torch's layout."""
    x = build(row.inputs, rng)
    return {"x": x, **{name: build(spec, rng) for name, spec in row.given}}


def made(row, wing, arrays):
    """Build the layer of a row, and return it with its outputs in torch's layout."""
    scope = SIZES | wings.names(wing, row.recipe)
    if wing == "torch":
        torch = pytest.importorskip("torch")
        torch.manual_seed(0)
        scope |= {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
        given = {name: torch.tensor(array) for name, array in arrays.items()}
        found = eval(row.torch, {**scope, **given})
        if not isinstance(found, torch.nn.Module):
            return None, found.numpy()
        found.train()
        attends = isinstance(found, torch.nn.MultiheadAttention)
        y = found(*[given["x"]] * (3 if attends else 1))
        y = y[0] if isinstance(y, tuple) else y
        return found, y.detach().numpy()
    keras = pytest.importorskip("keras")
    scope |= {"keras": keras, "layers": keras.layers, "ops": keras.ops}
    given = {name: keras_array(name, array, row) for name, array in arrays.items()}
    given = {name: keras.ops.convert_to_tensor(a) for name, a in given.items()}
    scope["kernel"] = given.pop("weight", None)
    found = eval(row.keras, {**scope, **given})
    if not isinstance(found, keras.layers.Layer):
        return None, first(found, row)
    attends = isinstance(found, keras.layers.MultiHeadAttention)
    x = given["x"]
    found(*[x] * (2 if attends else 1))
    return found, None


def has_places(row, array):
    """Tell channels and places from steps and features."""
    return array.ndim == 4 or row.inputs == "float (N, C, W)"


def keras_array(name, array, row):
    """Put channels last; a kernel of torch has the outputs first."""
    if name == "weight":
        return array.transpose(*range(2, array.ndim), 1, 0)
    return np.moveaxis(array, 1, -1) if has_places(row, array) else array


def first(y, row):
    """Return outputs of Keras with channels first."""
    import keras

    y = keras.ops.convert_to_numpy(y)
    return np.moveaxis(y, -1, 1) if has_places(row, y) else y


def definition(row, arrays, weights, y):
    """Call the reference as the row says, with the weights of torch's layer."""
    short = {name.rpartition(".")[2]: value for name, value in weights.items()}
    scope = {**SIZES, **short, **arrays, "w": weights}
    for name in ("conv", "lstm", "spectral_norm", "weight_norm"):
        scope[name] = wings.function("reference", f"layers/{name}.{name}")
    if "kept" in row.arguments:
        # what was drawn is read off the outputs: alpha dropout alone has no zeros
        scope["kept"] = kept(row, arrays["x"], y)
    scope["call"] = wings.function("reference", row.reference)
    code = f"call(x, {row.arguments})"
    if row.slug == "embedding":
        code = "call(weight, x)"
    return eval(code, scope)


def kept(row, x, y):
    """Tell which values a dropout has left."""
    lost = 0.0
    if row.slug == "alpha-dropout":
        lost = wings.function("reference", row.reference)(
            np.zeros(1), np.zeros(1, bool), rate=0.3
        )
    mask = ~np.isclose(y, lost, atol=1e-6)
    return mask.any((2, 3)) if row.slug == "spatial-dropout" else mask


def torch_weights(layer):
    """Return the weights of a layer of torch by name."""
    if layer is None:
        return {}
    return {n: p.detach().double().numpy() for n, p in layer.named_parameters()}


def keras_weights(row, weights):
    """Turn the weights of torch's layer into the list that Keras' layer wants."""
    if row.slug == "separable-conv":
        depth, point, bias = weights.values()
        kernels = depth.transpose(2, 3, 0, 1), point.transpose(2, 3, 1, 0)
        return [*kernels, bias]
    if row.slug == "depthwise-conv":
        weight, bias = weights.values()
        return [weight.transpose(2, 3, 0, 1), bias]
    if row.slug == "weight-norm":
        bias, length, direction = weights.values()
        return [length[:, 0], direction.T, bias]
    if row.slug == "spectral-norm":
        bias, weight = weights.values()
        return [weight.T, bias]
    if row.slug == "multi-head-attention":
        heads, (into, bias, out, last) = 2, weights.values()
        found = []
        for w, b in zip(np.split(into, 3), np.split(bias, 3), strict=True):
            found += [w.T.reshape(len(w), heads, -1), b.reshape(heads, -1)]
        return [*found, out.T.reshape(heads, -1, len(out)), last]
    if "_l0" in "".join(weights):
        found = []
        for end in ("", "_reverse") if any("reverse" in n for n in weights) else ("",):
            ih, hh, b, c = (weights[f"{n}_l0{end}"] for n in NAMES)
            if row.slug == "gru":
                found += [swapped(ih), swapped(hh), np.stack([swapped(b), swapped(c)])]
            else:
                found += [ih.T, hh.T, b + c]
        return found
    if row.slug == "embedding" or row.section == "norms":
        return list(weights.values())
    return [
        w.transpose(*range(2, w.ndim), 1, 0) if w.ndim > 1 else w
        for w in weights.values()
    ]


NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def swapped(w):
    """Order the gates of a GRU as Keras has them."""
    r, z, n = np.split(w, 3)
    return np.concatenate([z, r, n]).T


def same(got, want):
    """Compare a call in float32 with the definition."""
    assert got.shape == want.shape
    assert np.isfinite(want).all()
    assert np.abs(got - want).max() < 5e-6 * max(1.0, np.abs(want).max())


def sizes(code):
    """Evaluate a formula of a row."""
    return eval(code, {"__builtins__": {}}, dict(SIZES))


@each_row
def test_the_torch_layer_means_what_the_definition_says(row, rng):
    arrays = inputs(row, rng)
    layer, y = made(row, "torch", arrays)
    same(y, definition(row, arrays, torch_weights(layer), y))
    assert y.shape == sizes(row.output)
    count = sum(w.size for w in torch_weights(layer).values())
    assert count == sizes(row.parameters)


@each_row
def test_the_multiply_adds_are_those_that_torch_counts(row, rng):
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    arrays = {
        name: array.astype("float64") if array.dtype.kind == "f" else array
        for name, array in inputs(row, rng).items()
    }
    # in float64 recurrent layers are made of products that can be counted
    torch.set_default_dtype(torch.float64)
    try:
        with FlopCounterMode(display=False) as counter:
            made(row, "torch", arrays)
    finally:
        torch.set_default_dtype(torch.float32)
    # it counts a multiplication and an addition as two
    assert counter.get_total_flops() == 2 * SIZES["N"] * sizes(row.macs)


@each_row
def test_the_keras_layer_means_what_the_definition_says(row, rng):
    keras = pytest.importorskip("keras")
    arrays = inputs(row, rng)
    layer, y = made(row, "keras", arrays)
    if layer is None:
        return same(y, definition(row, arrays, {}, y))
    model, _ = made(row, "torch", arrays)
    weights = torch_weights(model)
    x = keras_array("x", arrays["x"], row)
    fixed = [w.value for w in layer.non_trainable_variables if "seed" not in w.path]
    count = sum(math.prod(w.shape) for w in layer.trainable_variables)
    assert count == sizes(row.keras_parameters or row.parameters)
    assert [tuple(w.shape) for w in layer.trainable_variables] == [
        w.shape for w in keras_weights(row, weights)
    ]
    for variable, value in zip(
        layer.trainable_variables, keras_weights(row, weights), strict=True
    ):
        variable.assign(value)
    assert len(fixed) == {"batch-norm": 2, "batch-norm-either": 2}.get(
        row.slug, int(row.slug == "spectral-norm")
    )
    trained = {"training": True} if "training" in call_options(layer) else {}
    attends = isinstance(layer, keras.layers.MultiHeadAttention)
    y = first(layer(*[x] * (2 if attends else 1), **trained), row)
    assert y.shape == sizes(row.output)
    return same(y, definition(row, arrays, weights, y))


def call_options(layer):
    """Return the names that a layer of Keras takes when it is called."""
    return inspect.signature(layer.call).parameters


@pytest.mark.parametrize(
    ("slug", "old", "new"),
    [
        ("dilated-conv", "dilation=2", "dilation=1"),
        ("upsampling", "'bilinear'", "'bicubic'"),
        ("group-norm", "(2, C)", "(4, C)"),
        ("average-pool", "Avg", "Max"),
        ("same-conv", "stride=2", "stride=1"),
    ],
)
def test_a_wrong_row_is_caught(slug, old, new, rng):
    [row] = [row for row in layers.ROWS if row.slug == slug]
    assert old in row.torch
    wrong = replace(row, torch=row.torch.replace(old, new))
    with pytest.raises(AssertionError):
        test_the_torch_layer_means_what_the_definition_says(wrong, rng)


@pytest.mark.parametrize("field", ["output", "parameters", "macs"])
def test_a_wrong_formula_is_caught(field, rng):
    [row] = [row for row in layers.ROWS if row.slug == "strided-conv"]
    wrong = replace(row, **{field: getattr(row, field).replace("K", "(K + 1)")})
    test = {
        "macs": test_the_multiply_adds_are_those_that_torch_counts,
    }.get(field, test_the_torch_layer_means_what_the_definition_says)
    with pytest.raises(AssertionError):
        test(wrong, rng)


def weights_of(code, helpers):
    """Draw the weights of a row of the initialisers."""
    found = eval(code, dict(helpers))
    if hasattr(found, "detach"):
        found = found.detach().numpy()
    return np.asarray(helpers["ops"].convert_to_numpy(found), np.float64)


@pytest.mark.parametrize("row", layers.INITIALISERS, ids=lambda row: row.name)
@pytest.mark.parametrize("wing", ["torch", "keras"])
def test_an_initialiser_has_the_moments_that_the_row_says(row, wing, helpers):
    if wing == "keras" and helpers["keras"].backend.backend() == "torch":
        pytest.skip("there Keras lets one in 200,000 pass its bounds")
    weight = weights_of(getattr(row, wing), helpers)
    scope = {"fan_in": 400, "fan_out": 300, "inf": math.inf}
    deviation, bound = (
        eval(getattr(row, f"{wing}_{what}"), scope) for what in ("std", "bound")
    )
    assert weight.std() == pytest.approx(deviation, rel=0.015)
    assert abs(weight.mean()) <= 0.015 * deviation
    assert np.abs(weight).max() <= bound * (1 + 1e-4)
    if bound == math.inf:
        assert np.abs(weight).max() > 3.5 * deviation
    elif "Orthogonal" not in row.name and bound < 10 * deviation:
        assert np.abs(weight).max() > 0.99 * bound


@pytest.mark.parametrize("row", layers.DIFFERENCES, ids=lambda row: row.convention)
def test_the_frameworks_differ_by_default_and_agree_when_mapped(row, helpers):
    if helpers["keras"].backend.backend() != "tensorflow":
        pytest.skip("the page says what Keras does on TensorFlow")
    scope = dict(helpers)
    exec(row.inputs, scope)
    by_torch, by_keras, mapped = (
        float(np.asarray(x.detach() if hasattr(x, "detach") else x).item())
        for x in (eval(code, scope) for code in (row.torch, row.keras, row.same))
    )
    assert math.isfinite(by_torch)
    assert by_torch != pytest.approx(by_keras, rel=0.01, abs=1e-3)
    other = by_torch if "keras." in row.same else by_keras
    # TensorFlow reads its bicubic weights off a table of 1024 places
    assert mapped == pytest.approx(other, rel=1e-4, abs=1e-4)


def test_every_row_has_an_address_of_its_own():
    slugs = [row.slug for row in layers.ROWS]
    assert len(set(slugs)) == len(slugs)
    assert len({row.name for row in layers.ROWS}) == len(slugs)
    for row in layers.ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug


def test_every_section_is_on_the_page_and_belongs_to_a_row():
    text = PAGE.read_text("utf-8")
    headings = re.findall(r"^### .* \{ #(\S+) \}$", text, re.MULTILINE)
    assert Counter(headings) == Counter(SECTIONS)
    assert re.findall(r"<!-- sheet:layer (\S+) -->", text) == headings
    anchors = set(headings) | set(re.findall(r'<a id="([^"]+)">', text))
    assert {row.slug for row in layers.ROWS} <= anchors


@each_row
def test_the_names_of_a_row_exist(row):
    assert callable(wings.function("reference", row.reference))
    topic, _, file = row.recipe.partition("/")
    with_file = [w for w in ("torch", "keras") if file in wings.files(w, topic)]
    assert bool(with_file) == bool(row.recipe)
    for wing in with_file:
        public = wings.module(wing, topic, file).__all__
        tree = ast.parse(getattr(row, wing))
        assert {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} & set(public)


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("layer", None, task)
        assert row.torch in answer or f"choose layer {row.slug}\n" in answer
    assert row.keras in choose.answer("layer", row.slug, None)


def test_both_tabs_of_a_section_show_the_same_numbers():
    from tools.fences import scan

    fences = scan(PAGE.read_text("utf-8"))
    shown = [fence for fence in fences if fence.is_output and fence.tab]
    pairs = [
        (a, b) for a, b in pairwise(shown) if (a.tab, b.tab) == ("PyTorch", "Keras")
    ]
    assert 2 * len(pairs) == len(shown)
    assert len(pairs) >= 6
    for torch, keras in pairs:
        assert torch.code == keras.code, f"lines {torch.line} and {keras.line}"
