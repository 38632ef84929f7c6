"""The contract of every activation, in every wing, read from the mirrored names."""

import importlib
import inspect

import mpmath
import numpy as np
import pytest

from tests import wings
from tests.activations import FLOOR, GRID, call

RECIPES = sorted(wings.files("torch", "activations"))
DEFINED = sorted(wings.files("reference", "activations"))
CASES = [
    pytest.param(f"activations/{file}.{case.function}", case, id=f"{file}-{i}")
    for file in DEFINED
    if file != "prelu"  # it learns, so it is a class: at the end
    for i, case in enumerate(importlib.import_module(f"tests.activations.{file}").CASES)
]


def is_single(parameter):
    """Tell functions of single numbers from those of rows."""
    f = wings.function("reference", parameter.values[0])
    return "axis" not in inspect.signature(f).parameters


def is_recipe(parameter):
    """Tell what the wings hold from what the frameworks do right."""
    file, _, name = parameter.values[0].partition("/")[2].partition(".")
    return (
        file in RECIPES and name in wings.module("torch", "activations", file).__all__
    )


SINGLE, ROWS = (
    [p for p in CASES if is_single(p) == wanted] for wanted in (True, False)
)
each_case = pytest.mark.parametrize(("name", "case"), CASES)
each_single = pytest.mark.parametrize(("name", "case"), SINGLE)
each_row_case = pytest.mark.parametrize(("name", "case"), ROWS)
our_single = pytest.mark.parametrize(
    ("name", "case"), [p for p in SINGLE if is_recipe(p)]
)
our_row = pytest.mark.parametrize(("name", "case"), [p for p in ROWS if is_recipe(p)])
each_wing = pytest.mark.parametrize("wing", wings.WINGS)
each_dtype = pytest.mark.parametrize("dtype", wings.DTYPES)


def exact(formula, *arguments):
    """Return a value and a slope in arbitrary precision, by central differences."""
    x, *rest = arguments
    step = mpmath.mpf(10) ** -30
    with mpmath.workdps(80):
        x = mpmath.mpf(float(x))
        ends = [formula(x + sign * step, *rest) for sign in (1, -1)]
        return float(formula(x, *rest)), float((ends[0] - ends[1]) / (2 * step))


def within(got, want, tolerance, dtype, scale, what):
    """Assert an error of at most so many epsilons of the dtype, relative to a scale."""
    assert np.isfinite(got).all(), what
    error = np.abs(got - want) / scale
    worst = error.argmax()
    assert error.flat[worst] <= tolerance * wings.unit(dtype), (
        f"{what}: {got.flat[worst]} for {want.flat[worst]}, error {error.max():.2e}"
    )


def defined(name, x, **kwargs):
    """Call the definition."""
    return wings.function("reference", name)(x, **kwargs)


def slope_of(name, x, **kwargs):
    """Call the definition of a slope."""
    return wings.function("reference", f"{name}_slope")(x, **kwargs)


def batch(name):
    """Make rows: ordinary, tiny, far apart, far from 0, equal."""
    rng = np.random.default_rng(0)
    # the halves are multiplied: float16 ends at 65504
    far = 8.0 if "glu" in name else 1e4
    rows = rng.normal(size=(8, 6)) * np.array([1, 1, 2, 1e-6, 4, 1, far, 1])[:, None]
    rows[5] += far
    rows[7] = 0.5
    return rows


@each_wing
def test_every_recipe_stands_in_every_wing_with_the_same_options(wing):
    assert wings.files(wing, "activations") >= set(RECIPES)
    for file in RECIPES:
        names = wings.module(wing, "activations", file).__all__
        assert names == wings.module("torch", "activations", file).__all__
        for name in set(names) - {"PReLU"}:
            full = f"activations/{file}.{name}"
            assert wings.options(wing, full) == wings.options("reference", full)


def test_every_function_has_a_case_and_a_slope():
    tested = {p.values[0] for p in CASES}
    for file in set(DEFINED) - {"prelu", "glu"}:
        for name in wings.module("reference", "activations", file).__all__:
            full = f"activations/{file}.{name}"
            assert full.removesuffix("_slope") in tested
            assert name.endswith("_slope") or callable(
                wings.function("reference", f"{full}_slope")
            )


@each_single
def test_the_definition_equals_arbitrary_precision(name, case):
    value = defined(name, GRID, **case.kwargs)
    slope = slope_of(name, GRID, **case.kwargs)
    smooth = ~np.isin(GRID, case.kinks)
    pairs = np.array([exact(case.formula, x) for x in GRID])
    # an exponential of x is as precise as x is: |x| epsilons, GELU's of x^2 / 2
    reach = np.minimum(np.abs(GRID), 750) ** (2 if "gelu" in name else 1) + 8
    for got, want, where in ((value, pairs[:, 0], ...), (slope, pairs[:, 1], smooth)):
        scale = np.maximum(np.abs(want), 1e-300) * reach
        scale = scale if want is pairs[:, 0] else np.maximum(scale, 1)
        within(got[where], want[where], 2, "float64", scale[where], name)


@each_single
def test_the_slope_is_what_finite_differences_give(name, case):
    x = np.linspace(-6, 6, 49) + 0.01
    step = 1e-6
    ends = (defined(name, x + s * step, **case.kwargs) for s in (1, -1))
    np.testing.assert_allclose(
        slope_of(name, x, **case.kwargs), np.subtract(*ends) / (2 * step), atol=1e-8
    )


@each_dtype
@each_wing
@our_single
def test_value_and_gradient_equal_the_definition(name, case, wing, dtype):
    x = wings.rounded(GRID, dtype)
    want = defined(name, x, **case.kwargs)
    value, slope, kind = call(wing, name, x, dtype, **case.kwargs)
    assert kind == dtype
    scale = np.maximum(np.abs(want), FLOOR[dtype])
    # half precision is computed in float32: only its own rounding is left
    half = dtype in ("float16", "bfloat16")
    within(value, want, 0.51 if half else case.tolerance, dtype, scale, "value")
    want = slope_of(name, x, **case.kwargs)
    scale = np.maximum(np.abs(want), 1)
    within(slope, want, 1 if half else case.tolerance, dtype, scale, "slope")


@each_row_case
def test_the_definition_of_a_row_equals_arbitrary_precision(name, case):
    rows = batch(name)
    got = defined(name, rows, **case.kwargs)
    with mpmath.workdps(60):
        want = [
            [
                float(case.formula([mpmath.mpf(float(x)) for x in row], place))
                for place in range(got.shape[1])
            ]
            for row in rows
        ]
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


def pulled(name, rows, weights, **kwargs):
    """Return the gradient of a weighted sum of the definition."""
    if hasattr(wings.module("reference", *name.split(".")[0].split("/")), "glu"):
        gradient = np.zeros_like(rows)
        for at in np.ndindex(rows.shape):
            h = min(1e-3, abs(rows[at]) / 4)  # no further than a bend at 0
            for times, share in ((1, 8), (2, -1)):
                step = np.zeros_like(rows)
                step[at] = times * h
                ends = (defined(name, rows + s * step, **kwargs) for s in (1, -1))
                change = (weights * np.subtract(*ends))[at[0]].sum()
                gradient[at] += share * change / (12 * h)
        return gradient
    return np.einsum("ni,nij->nj", weights, slope_of(name, rows, **kwargs))


@each_row_case
def test_the_slope_of_a_row_is_what_finite_differences_give(name, case):
    if "glu" in name:
        pytest.skip("its slope is found by finite differences")
    rows = batch(name)[[0, 1, 2, 4, 7]]
    got = slope_of(name, rows, **case.kwargs)
    for place in range(rows.shape[1]):
        step = np.zeros(rows.shape[1])
        step[place] = 1e-6
        ends = [defined(name, rows + s * step, **case.kwargs) for s in (1, -1)]
        np.testing.assert_allclose(
            got[..., place], np.subtract(*ends) / 2e-6, atol=1e-8
        )


@each_dtype
@each_wing
@our_row
def test_rows_and_their_gradients_equal_the_definition(name, case, wing, dtype):
    rows = wings.rounded(batch(name), dtype)
    want = defined(name, rows, **case.kwargs)
    weights = np.random.default_rng(1).normal(size=want.shape)
    value, slope, kind = call(wing, name, rows, dtype, weights, **case.kwargs)
    assert kind == dtype
    assert value.shape == want.shape
    half = dtype in ("float16", "bfloat16")
    scale = np.maximum(np.abs(want), 1)
    within(value, want, 0.51 if half else case.tolerance, dtype, scale, "value")
    want = pulled(name, rows, weights, **case.kwargs)
    # differences of the fourth order have ten digits
    tolerance = 1e6 if dtype == "float64" and "glu" in name else case.tolerance
    scale = np.maximum(np.abs(want), 1)
    within(slope, want, 2 if half else tolerance, dtype, scale, "slope")


@each_wing
@our_row
def test_another_axis_is_the_same_function(name, case, wing):
    if case.kwargs.get("mask") is not None:
        pytest.skip("the mask lies along the last axis")
    cube = np.random.default_rng(2).normal(size=(2, 6, 3))
    axis = "dim" if wing == "torch" else "axis"
    got, _, _ = call(wing, name, cube, "float64", **{axis: 1}, **case.kwargs)
    want = defined(name, np.moveaxis(cube, 1, -1), **case.kwargs)
    np.testing.assert_allclose(got, np.moveaxis(want, -1, 1), atol=1e-14)


@each_wing
@pytest.mark.parametrize(("name", "case"), [p for p in CASES if is_recipe(p)])
def test_an_empty_batch_stays_empty(name, case, wing):
    x = np.zeros((0, 6))
    value, slope, _ = call(wing, name, x, "float32", **case.kwargs)
    assert len(value) == len(slope) == 0


OURS = sorted({p.values[0] for p in CASES if is_recipe(p)})


@each_wing
@pytest.mark.parametrize("name", OURS)
def test_integers_are_never_rounded_in_silence(name, wing):
    x = wings.tensor(wing, np.array([[1, -2, 3, 0]]))
    # torch's own functions say what they are not made for
    loud = r"x must hold floats. Received: .*int64|not implemented for 'Long'"
    with pytest.raises((ValueError, NotImplementedError), match=loud):
        wings.function(wing, name)(x)


@each_wing
@pytest.mark.parametrize("name", OURS)
def test_a_nan_is_never_lost(name, wing):
    x = np.array([[1.0, 0.5, np.nan, 0.0], [0.0, 1.0, 0.5, 2.0]])
    value, _, _ = call(wing, name, x, "float32")
    lost = np.isnan(value)
    assert lost[0].any()
    assert not lost[1].any()


REFUSALS = [
    pytest.param(p.values[0], r, id=f"{p.id}-{i}")
    for p in CASES
    for i, r in enumerate(p.values[1].refusals)
]


@each_wing
@pytest.mark.parametrize(("name", "refusal"), REFUSALS)
def test_refuses_what_would_be_silently_wrong(name, refusal, wing):
    with pytest.raises(ValueError, match=f"(?s){refusal.match}"):
        call(wing, name, np.ones(refusal.shape), "float32", **refusal.kwargs)


@each_dtype
@each_wing
@pytest.mark.parametrize("file", ["softmax", "sparsemax"])
def test_shares_sum_to_1_and_a_shift_changes_nothing(file, wing, dtype):
    name = f"activations/{file}.{file}"
    rows = wings.rounded(np.random.default_rng(3).normal(size=(4, 1000)), dtype)
    value, _, _ = call(wing, name, rows, dtype)
    # each share is rounded by half an epsilon of its own size
    np.testing.assert_allclose(value.sum(-1), 1, atol=wings.unit(dtype))
    # all of these, moved or not, every dtype holds
    small = np.array([[0.0, 0.0, 1.0, 2.0]])
    value, _, _ = call(wing, name, small, dtype)
    moved, _, _ = call(wing, name, small + 128, dtype)
    np.testing.assert_array_equal(moved, value)


@each_wing
def test_a_row_without_a_score_is_0_and_its_gradient_too(wing):
    rows = np.array([[1.0, 2.0, 3.0], [1.0, np.inf, np.nan]])
    mask = np.array([[True, False, True], [False, False, False]])
    torch = pytest.importorskip("torch")
    # nothing on the way may be a NaN either
    with torch.autograd.set_detect_anomaly(True):
        name = "activations/softmax.softmax"
        value, slope, _ = call(wing, name, rows, "float32", mask=mask)
        shares = [1 / (1 + np.e**2), 0, 1 / (1 + np.e**-2)]
        np.testing.assert_allclose(value[0], shares, rtol=1e-6)
        assert (value[1] == 0).all()
        assert np.isfinite(slope[0]).all()
        assert (slope[1] == 0).all()
        name = "activations/softmax.log_softmax"
        weights = np.where(mask, 1.0, 0)
        value, slope, _ = call(wing, name, rows, "float32", weights, mask=mask)
    assert (value[~mask] == -np.inf).all()
    assert np.isfinite(value[mask]).all()
    assert (slope[~mask] == 0).all()


def test_the_factors_of_selu_are_those_of_its_paper():
    value = defined("activations/elu.selu", [1.0, -np.inf])
    np.testing.assert_allclose(
        value, [1.0507009873554805, -1.0507009873554805 * 1.6732632423543772]
    )


@each_dtype
@pytest.mark.parametrize("channels", [None, 3])
def test_prelu_and_the_slopes_of_its_weights(channels, dtype):
    torch, keras = (pytest.importorskip(name) for name in ("torch", "keras"))
    rng = np.random.default_rng(4)
    images = wings.rounded(rng.normal(size=(2, 3, 20, 20)), dtype)
    weight = wings.rounded(rng.uniform(-0.5, 0.5, channels or 1), dtype)
    want = defined("activations/prelu.prelu", images, weight=weight)
    slope = slope_of("activations/prelu.prelu", images, weight=weight)
    left = np.minimum(images, 0).sum((0, 2, 3))
    kind = getattr(torch, dtype)

    layer = wings.function("torch", "activations/prelu.PReLU")(channels).to(kind)
    layer.weight.data = torch.tensor(weight, dtype=kind)
    x = torch.tensor(images, dtype=kind, requires_grad=True)
    y = layer(x)
    grads = torch.autograd.grad(y.double().sum(), (x, layer.weight))
    assert y.dtype == kind
    unit = wings.unit(dtype)
    np.testing.assert_allclose(y.detach().double(), want, rtol=unit, atol=unit)
    np.testing.assert_allclose(grads[0].double(), slope, rtol=unit, atol=unit)
    total = left if channels else left.sum()
    np.testing.assert_allclose(grads[1].double(), total, rtol=max(unit, 1e-5))

    layer = wings.function("keras", "activations/prelu.PReLU")(channels, dtype=dtype)
    assert layer.count_params() == (channels or 1)
    layer.weight.assign(weight)
    y = layer(keras.ops.convert_to_tensor(np.moveaxis(images, 1, -1), dtype=dtype))
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    got = keras.ops.convert_to_numpy(keras.ops.cast(y, "float64"))
    np.testing.assert_allclose(np.moveaxis(got, -1, 1), want, rtol=unit, atol=unit)


@each_wing
def test_prelu_refuses_other_channels(wing):
    make = wings.function(wing, "activations/prelu.PReLU")
    with pytest.raises(ValueError, match=r"channels must be >= 1. Received: 0"):
        make(0)
    images = wings.tensor(wing, np.ones((2, 5)), "float32")
    with pytest.raises(ValueError, match=r"3 channels on axis -?1. Received: \(2, 5\)"):
        make(3)(images)
    assert make()(images).shape == (2, 5)
    with pytest.raises(ValueError, match=r"5 channels on axis 2. Received: \(2, 5\)"):
        make(5, 2)(images)


@each_dtype
@pytest.mark.skipif("keras" not in wings.WINGS, reason="Keras is not installed")
def test_rrelu_draws_in_training_alone(dtype):
    make = wings.function("keras", "activations/rrelu.RReLU")
    rows = wings.rounded(np.random.default_rng(6).normal(size=(50, 80)), dtype)
    x = wings.tensor("keras", rows, dtype)

    def run(layer, training):
        y = layer(x, training=training)
        assert dtype in str(y.dtype)
        return wings.numbers(y)[0].astype(np.float64)

    layer = make(0.1, 0.3, seed=1, dtype=dtype)
    unit = wings.unit(dtype)
    still = run(layer, False)
    # TensorFlow multiplies by a slope in float32
    want = defined("activations/rrelu.rrelu", rows, lower=0.1, upper=0.3)
    np.testing.assert_allclose(still, want, rtol=max(unit, 1e-7))
    drawn = run(layer, True)
    left = rows < 0
    slope = np.where(left, drawn / np.where(left, rows, 1), 0)
    want = defined("activations/rrelu.rrelu", rows, slope=slope)
    np.testing.assert_allclose(drawn, want, rtol=2 * unit)
    slopes = slope[left]
    assert slopes.min() >= 0.1 * (1 - 2 * unit)
    assert slopes.max() <= 0.3 * (1 + 2 * unit)
    # evenly between the ends: 2000 draws of deviation 0.2 / sqrt(12)
    np.testing.assert_allclose(slopes.mean(), 0.2, atol=0.006)
    np.testing.assert_allclose(slopes.std(), 0.2 / 12**0.5, atol=0.003)
    assert (run(layer, True) != drawn).any()
    np.testing.assert_array_equal(run(make(0.1, 0.3, seed=1, dtype=dtype), True), drawn)
    with pytest.raises(ValueError, match=r"lower must be at most.*0\.3 and 0\.1"):
        make(0.3, 0.1)


KERAS = [p for p in CASES if is_recipe(p) and not p.values[1].kwargs]


def test_a_keras_model_of_all_recipes_is_saved_and_loaded(tmp_path):
    keras = pytest.importorskip("keras")
    x = keras.Input((6,))
    own = [wings.function("keras", p.values[0]) for p in KERAS]
    outputs = [keras.layers.Activation(f)(keras.layers.Dense(6)(x)) for f in own]
    outputs.append(wings.function("keras", "activations/prelu.PReLU")(6, init=0.1)(x))
    outputs.append(wings.function("keras", "activations/rrelu.RReLU")(0.2, seed=3)(x))
    model = keras.Model(x, outputs)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    rows = np.random.default_rng(5).normal(size=(3, 6)).astype("float32")
    for mine, theirs in zip(model(rows), loaded(rows), strict=True):
        np.testing.assert_array_equal(
            keras.ops.convert_to_numpy(mine), keras.ops.convert_to_numpy(theirs)
        )


def test_a_graph_of_keras_knows_the_shapes():
    keras = pytest.importorskip("keras")
    x = keras.Input((6,), dtype="float32")
    for parameter in KERAS:
        shape = wings.function("keras", parameter.values[0])(x).shape
        assert shape == (None, 3 if "glu" in parameter.values[0] else 6)
    free = keras.Input((None,), dtype="float32")
    softmax, sparsemax = (
        wings.function("keras", f"activations/{name}.{name}")
        for name in ("softmax", "sparsemax")
    )
    mask = keras.Input((None,), dtype="bool")
    model = keras.Model([free, mask], [softmax(free, mask=mask), sparsemax(free)])
    rows = np.array([[1.0, 2.0, 1.5]], "float32")
    masked, sparse = model([rows, np.array([[True, False, True]])])
    np.testing.assert_allclose(masked, softmax(rows, mask=[[True, False, True]]))
    np.testing.assert_allclose(sparse, sparsemax(rows))
    with pytest.raises(ValueError, match=r"even axis -1. Received: \(None, None\)"):
        wings.function("keras", "activations/glu.glu")(free)
