"""The contract of every loss, in every wing, generated from the mirrored names."""

import ast
import importlib
import inspect

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import wings
from tests.losses import Case

RECIPES = sorted(wings.files("torch", "losses") | wings.files("keras", "losses"))
CASES = [
    pytest.param(f"losses/{file}.{case.function}", case, id=f"{file}-{i}")
    for file in RECIPES
    for i, case in enumerate(importlib.import_module(f"tests.losses.{file}").CASES)
]
each_case = pytest.mark.parametrize(("name", "case"), CASES)
each_wing = pytest.mark.parametrize("wing", wings.WINGS)
each_dtype = pytest.mark.parametrize("dtype", wings.DTYPES)


def close(got, want, dtype, tolerance, what):
    """Assert equality up to `tolerance` epsilons of the dtype, relative to the size."""
    want = np.asarray(want, np.float64)
    scale = np.abs(want[np.isfinite(want)]).max(initial=0.0) or 1.0
    error = np.abs(np.asarray(got) - want).max(initial=0.0) / scale
    assert error <= tolerance * wings.unit(dtype), f"{what}: relative error {error:.2e}"


def rounded(case: Case, dtype: str):
    """Round inputs and options to what the wing will see in a dtype."""
    outputs, targets = case.inputs(np.random.default_rng(0))
    kwargs = {
        k: wings.rounded(v, dtype) if isinstance(v, np.ndarray) else v
        for k, v in case.kwargs.items()
    }
    return wings.rounded(outputs, dtype), wings.rounded(targets, dtype), kwargs


@pytest.mark.parametrize("wing", wings.WINGS)
def test_every_recipe_stands_in_every_wing(wing):
    assert wings.files(wing, "losses") == set(RECIPES)
    assert set(RECIPES) <= wings.files("reference", "losses")


@pytest.mark.parametrize("file", RECIPES)
def test_every_function_has_a_case_and_the_same_options(file):
    names = wings.module("reference", "losses", file).__all__
    cases = importlib.import_module(f"tests.losses.{file}").CASES
    losses = {n for n in names if n.endswith("_loss")}
    assert losses <= {case.function for case in cases}
    for wing in wings.WINGS:
        assert wings.module(wing, "losses", file).__all__ == names
        for name in names:
            full = f"losses/{file}.{name}"
            assert wings.options(wing, full) == wings.options("reference", full)


@each_dtype
@each_wing
@each_case
def test_value_dtype_and_shape_equal_the_definition(name, case, wing, dtype):
    outputs, targets, kwargs = rounded(case, dtype)
    want = wings.reference(name, outputs, targets, **kwargs)
    got, _, kind = wings.call(
        wing, name, outputs, targets, dtype=dtype, last=case.last, **kwargs
    )
    assert np.isfinite(want).all(), "a case must have finite values"
    assert want.std() > 0 or want.size == 1, "a case must not be constant"
    assert got.shape == want.shape
    assert kind == dtype
    close(got, want, dtype, case.tolerance, "value")


@each_wing
@each_case
def test_gradient_is_the_slope_of_the_definition(name, case, wing):
    if not case.smooth:
        pytest.skip("the case sits on a kink")
    outputs, targets, kwargs = rounded(case, "float64")
    want = wings.slope(name, outputs, targets, **kwargs)
    assert np.abs(want).max() > 1e-6, "a case must have a slope"
    _, got, _ = wings.call(
        wing, name, outputs, targets, dtype="float64", last=case.last, **kwargs
    )
    scale = max(1.0, np.abs(want).max())
    np.testing.assert_allclose(got, want, atol=2e-7 * scale, rtol=0)


EXTREMES = [
    pytest.param(p.values[0], p.values[1], e, id=f"{p.id}-{i}")
    for p in CASES
    for i, e in enumerate(p.values[1].extremes)
]


@each_dtype
@each_wing
@pytest.mark.parametrize(("name", "case", "extreme"), EXTREMES)
def test_extremes_equal_arbitrary_precision(name, case, extreme, wing, dtype):
    outputs = wings.rounded(np.asarray(extreme.outputs, np.float64), dtype)
    targets = wings.rounded(np.asarray(extreme.targets), dtype)
    with mpmath.workdps(60):
        exact = np.vectorize(mpmath.mpf, otypes=[object])(outputs)
        value = float(extreme.formula(exact, targets))
        gradient = np.zeros(outputs.shape)
        step = mpmath.mpf(10) ** -25
        for index in np.ndindex(outputs.shape):
            ends = []
            for sign in (1, -1):
                moved = exact.copy()
                moved[index] += sign * step
                ends.append(extreme.formula(moved, targets))
            gradient[index] = float((ends[0] - ends[1]) / (2 * step))
    loss, slope, _ = wings.call(
        wing, name, outputs, targets, dtype=dtype, last=case.last, **extreme.kwargs
    )
    definition = wings.reference(name, outputs, targets, **extreme.kwargs).sum()
    # a definition may be a difference of numbers near 1
    np.testing.assert_allclose(definition, value, rtol=1e-12, atol=1e-15)
    assert np.isfinite(loss).all()
    assert np.isfinite(slope).all()
    close(loss.sum(), value, dtype, case.tolerance, "value")
    close(slope, gradient, dtype, case.tolerance, "gradient")


ORACLES = [
    pytest.param(p.values[0], p.values[1], o, id=f"{p.id}-{o.__name__}")
    for p in CASES
    for o in p.values[1].oracles
]


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize(("name", "case", "oracle"), ORACLES)
def test_definition_equals_the_oracle(name, case, oracle):
    outputs, targets, kwargs = rounded(case, "float64")
    want = oracle(outputs, targets, **kwargs)
    want = want.detach() if hasattr(want, "detach") else want
    want = np.asarray(want, np.float64)
    got = wings.reference(name, outputs, targets, **kwargs)
    assert got.shape == want.shape
    # Keras and optax answer in float32 wherever they choose the dtype themselves.
    np.testing.assert_allclose(got, want, rtol=2e-6, atol=2e-6)


REFUSALS = [
    pytest.param(p.values[0], p.values[1], r, id=f"{p.id}-{r.by}-{i}")
    for p in CASES
    for i, r in enumerate(p.values[1].refusals)
]


@each_wing
@pytest.mark.parametrize(("name", "case", "refusal"), REFUSALS)
def test_refuses_what_would_be_silently_wrong(name, case, refusal, wing):
    def attempt():
        return wings.call(
            wing,
            name,
            refusal.outputs,
            refusal.targets,
            last=case.last,
            **{**case.kwargs, **refusal.kwargs},
        )

    if wing == "keras" and refusal.by == "value":
        loss, _, _ = attempt()
        assert np.isnan(loss).any()
    else:
        with pytest.raises(ValueError, match=f"(?s){refusal.match}"):
            attempt()


@pytest.mark.parametrize("wing", wings.WINGS)
@pytest.mark.parametrize("file", RECIPES)
def test_every_error_of_a_recipe_is_provoked(file, wing):
    cases = importlib.import_module(f"tests.losses.{file}").CASES
    for function in {case.function for case in cases}:
        refusals = [r for c in cases if c.function == function for r in c.refusals]
        assert any(r.by == "shape" for r in refusals), f"{function}: no shape refused"
        source = inspect.getsource(wings.function(wing, f"losses/{file}.{function}"))
        raises = sum(isinstance(n, ast.Raise) for n in ast.walk(ast.parse(source)))
        assert raises <= len(refusals), f"{function}: {raises} errors, {len(refusals)}"


PER_EXAMPLE = [p for p in CASES if p.values[1].per_example]


@each_wing
@pytest.mark.parametrize(("name", "case"), PER_EXAMPLE)
@given(order=st.data())
def test_rows_do_not_see_each_other(name, case, wing, order):
    outputs, targets, kwargs = rounded(case, "float64")
    rows = order.draw(
        st.lists(st.integers(0, len(outputs) - 1), min_size=1, max_size=len(outputs))
    )
    whole = wings.reference(name, outputs, targets, **kwargs)
    part, _, _ = wings.call(
        wing,
        name,
        outputs[rows],
        targets[rows],
        dtype="float64",
        last=case.last,
        **kwargs,
    )
    np.testing.assert_allclose(part, whole[rows], rtol=1e-9, atol=1e-12)


@each_wing
@each_case
@given(data=st.data())
def test_random_values_stay_finite_and_equal_the_definition(name, case, wing, data):
    _, _, kwargs = rounded(case, "float64")
    scale = data.draw(st.sampled_from([1e-6, 1e-3, 0.3, 1.0]))
    seed = data.draw(st.integers(0, 2**16))
    drawn, labels = case.inputs(np.random.default_rng(seed))
    want = wings.reference(name, scale * drawn, labels, **kwargs)
    got, gradient, _ = wings.call(
        wing, name, scale * drawn, labels, dtype="float64", last=case.last, **kwargs
    )
    assert np.isfinite(gradient).all()
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)
