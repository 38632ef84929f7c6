"""The contract of every metric, in every wing, generated from the mirrored names."""

import ast
import copy
import functools
import importlib
import inspect
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import wings

RECIPES = sorted(
    set.union(*(wings.files(wing, "metrics") for wing in ("numpy", "torch", "keras")))
)


def cases_of(file: str) -> list:
    return importlib.import_module(f"tests.metrics.{file}").CASES


CASES = [
    pytest.param(wing, file, case, id=f"{file}-{i}-{wing}")
    for file in RECIPES
    for i, case in enumerate(cases_of(file))
    for wing in wings.METRIC_WINGS
    if file in wings.files(wing, "metrics")
]
each_case = pytest.mark.parametrize(("wing", "file", "case"), CASES)
STREAMS = [p for p in CASES if p.values[2].metric]
each_stream = pytest.mark.parametrize(("wing", "file", "case"), STREAMS)
FILES = [
    pytest.param(wing, file, id=f"{file}-{wing}")
    for file in RECIPES
    for wing in wings.METRIC_WINGS
    if file in wings.files(wing, "metrics")
]
each_file = pytest.mark.parametrize(("wing", "file"), FILES)


def equal(got, want, tolerance, what="value"):
    """Assert that results agree, number by number and NaN by NaN."""
    assert len(got) == len(want), f"{what}: {len(got)} results, {len(want)} wanted"
    for a, b in zip(got, want, strict=True):
        assert a.shape == b.shape, f"{what}: shape {a.shape}, {b.shape} wanted"
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=what)


def drawn(case, seed=0):
    return [np.asarray(x) for x in case.inputs(np.random.default_rng(seed))]


def definition(file, case, inputs, **more):
    name = f"metrics/{file}.{case.function}"
    kwargs = case.kwargs | more
    return wings.measure("reference", name, inputs, last=case.last, **kwargs)


def stream(wing, file, case, **kwargs):
    name = f"metrics/{file}.{case.metric}"
    return wings.Stream(wing, name, last=case.last, **(case.kwargs | kwargs))


@each_file
def test_every_function_has_a_case_a_definition_and_the_same_options(wing, file):
    module = wings.module(wing, "metrics", file)
    assert file in wings.files("reference", "metrics")
    named = {n for c in cases_of(file) for n in (c.function, c.metric) if n}
    results = {inspect.signature(getattr(module, n)).return_annotation for n in named}
    # a class that is handed out is for the users to read about
    handed = {
        x.__name__ for x in results if getattr(x, "__module__", "") == module.__name__
    }
    assert set(module.__all__) == named | handed
    for case in cases_of(file):
        name = f"metrics/{file}.{case.function}"
        options = wings.options(wing, name)
        assert options == wings.options("reference", name)
        if case.metric:
            mine = wings.options(wing, f"metrics/{file}.{case.metric}")
            extra = wings.KERAS_ONLY - options.keys()
            mine = {k: v for k, v in mine.items() if k not in extra}
            options.pop("sample_weight", None)
            assert mine == options


@each_case
def test_value_equals_the_definition(wing, file, case):
    inputs, name = drawn(case), f"metrics/{file}.{case.function}"
    want = definition(file, case, inputs)
    assert any(np.isfinite(x).any() and x.size for x in want), (
        "a case must say something"
    )
    got = wings.measure(wing, name, inputs, last=case.last, **case.kwargs)
    equal(got, want, case.tolerance)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@each_case
def test_narrow_inputs_are_measured_as_what_they_hold(wing, file, case, dtype):
    inputs = drawn(case)
    floats = [*inputs, *case.kwargs.values()]
    if not any(isinstance(x, np.ndarray) and x.dtype.kind == "f" for x in floats):
        pytest.skip("no floats go in")
    rounded = [wings.rounded(x, dtype) for x in inputs]
    kwargs = {
        k: wings.rounded(v, dtype) if isinstance(v, np.ndarray) else v
        for k, v in case.kwargs.items()
    }
    name = f"metrics/{file}.{case.function}"
    want = wings.measure("reference", name, rounded, last=case.last, **kwargs)
    got = wings.measure(wing, name, inputs, last=case.last, dtype=dtype, **kwargs)
    # a float32 may be all that a framework computes with, once it got no more
    equal(got, want, max(case.tolerance, 2e-6))


ORACLES = [
    pytest.param(file, case, oracle, id=f"{file}-{i}-{oracle.__name__}")
    for file in RECIPES
    for i, case in enumerate(cases_of(file))
    for oracle in case.oracles
]


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("file", "case", "oracle"), ORACLES)
def test_definition_equals_the_oracle(file, case, oracle):
    inputs = drawn(case)
    want = wings.numbers(oracle(*inputs, **case.kwargs))
    # what answers in float32 is held to float32
    narrow = "sklearn" not in oracle.__name__ and "scipy" not in oracle.__name__
    equal(definition(file, case, inputs), want, 2e-6 if narrow else 1e-12)


@each_stream
@given(data=st.data())
def test_batches_and_workers_add_up_to_the_whole(wing, file, case, data):
    inputs = drawn(case)
    size = len(inputs[0])
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=3)))
    worker, other = (stream(wing, file, case) for _ in range(2))
    parts = list(zip([0, *cuts], [*cuts, size], strict=True))
    for i, (a, b) in enumerate(parts):
        if a < b:
            (other if i % 2 else worker).update(*(x[a:b] for x in inputs))
    # nothing counted may be an error
    before = other.compute() if any(a < b for a, b in parts[1::2]) else None
    worker.merge(other)
    equal(worker.compute(), definition(file, case, inputs), max(case.tolerance, 1e-12))
    if before is not None:
        equal(other.compute(), before, 0, "merged from")
    worker.reset()
    worker.update(*inputs)
    equal(worker.compute(), definition(file, case, inputs), max(case.tolerance, 1e-12))


# each class once: of its cases, the first
CLASSES = {(*p.values[:2], p.values[2].metric): p for p in reversed(STREAMS)}
# values of options that no case has
MORE = {"absent": ["raise"], "class_names": [list("abcde")], "from_scores": [True]}


def values_of(option: str) -> list:
    """Return every value that an option of this name has in the cases, and MORE."""
    given = [c.kwargs for file in RECIPES for c in cases_of(file)]
    found = [kwargs[option] for kwargs in given if option in kwargs]
    return list({repr(x): x for x in found + MORE.get(option, [])}.values())


@pytest.mark.parametrize(("wing", "file", "case"), CLASSES.values())
def test_workers_merge_with_the_same_options_alone(wing, file, case):
    name = f"metrics/{file}.{case.metric}"
    options = inspect.signature(wings.function(wing, name)).parameters
    needed = {k: case.kwargs[k] for k, p in options.items() if p.default is p.empty}
    worker = functools.partial(wings.function(wing, name), **needed)

    def merge(one, two):
        one.merge_state([two]) if wing == "keras" else one.merge(two)

    for option, parameter in options.items():
        if option == "name":  # says what it is called, not what it measures
            merge(worker(), worker(name="another"))
            continue
        refused = 0
        for value in values_of(option):
            if value == needed.get(option, parameter.default):
                continue
            try:
                other = worker(**{option: value})
            except ValueError:
                continue  # the option of another metric knows this value
            merge(other, worker(**{option: copy.deepcopy(value)}))
            for one, two in ((worker(), other), (other, worker())):
                with pytest.raises(
                    ValueError, match=f"^(other|metrics) .*{option}=.*Received: "
                ):
                    merge(one, two)
            refused += 1
        assert refused, f"{option} has no other value in the cases nor in MORE"
        if parameter.annotation == str | float:
            merge(worker(**{option: math.nan}), worker(**{option: math.nan}))


@each_stream
def test_computing_does_not_disturb_the_count(wing, file, case):
    inputs = drawn(case)
    half = len(inputs[0]) // 2
    metric = stream(wing, file, case)
    metric.update(*(x[:half] for x in inputs))
    equal(metric.compute(), metric.compute(), 0)
    metric.update(*(x[half:] for x in inputs))
    equal(metric.compute(), definition(file, case, inputs), max(case.tolerance, 1e-12))


@each_case
@given(seed=st.integers(0, 2**16))
def test_the_order_of_the_examples_does_not_matter(wing, file, case, seed):
    if case.ordered:
        pytest.skip("the order matters here")
    inputs = drawn(case, seed)
    order = np.random.default_rng(seed).permutation(len(inputs[0]))
    moved = [x[order] for x in inputs]
    name = f"metrics/{file}.{case.function}"
    got = wings.measure(wing, name, moved, last=case.last, **case.kwargs)
    equal(got, definition(file, case, inputs), max(case.tolerance, 1e-11))


WEIGHTED = [p for p in CASES if p.values[2].weighted]


@pytest.mark.parametrize(("wing", "file", "case"), WEIGHTED)
def test_a_weight_of_two_is_a_repetition_and_of_zero_an_absence(wing, file, case):
    inputs = drawn(case)
    weight = np.random.default_rng(1).integers(0, 4, inputs[0].shape[:1])
    repeated = [np.repeat(x, weight, axis=0) for x in inputs]
    want = definition(file, case, repeated)
    weight = weight.astype(float)
    name = f"metrics/{file}.{case.function}"
    kwargs = case.kwargs | {"sample_weight": weight}
    equal(definition(file, case, inputs, sample_weight=weight), want, 1e-11)
    got = wings.measure(wing, name, inputs, last=case.last, **kwargs)
    equal(got, want, max(case.tolerance, 1e-11))
    if case.metric:
        metric, half = stream(wing, file, case), len(weight) // 2
        for part in (slice(half), slice(half, None)):
            metric.update(*(x[part] for x in inputs), sample_weight=weight[part])
        equal(metric.compute(), want, max(case.tolerance, 1e-11))


BAD_WEIGHTS = {
    "NaN": lambda weight: np.where(np.arange(len(weight)) == 1, np.nan, weight),
    "infinite": lambda weight: np.where(np.arange(len(weight)) == 1, np.inf, weight),
    "negative": lambda weight: np.where(np.arange(len(weight)) == 1, -1.0, weight),
    "short": lambda weight: weight[1:],
    "long": lambda weight: np.append(weight, 1.0),
    "column": lambda weight: weight[:, None],
}


@pytest.mark.parametrize("spoilt", BAD_WEIGHTS)
@pytest.mark.parametrize(
    ("wing", "file", "case"), [p for p in WEIGHTED if p.values[0] != "keras"]
)
def test_a_weight_that_is_none_is_refused(wing, file, case, spoilt):
    inputs = drawn(case)
    weight = BAD_WEIGHTS[spoilt](np.ones(len(inputs[0])))
    name, told = f"metrics/{file}.{case.function}", "(?s)sample_weight.*Received: "
    kwargs = case.kwargs | {"sample_weight": weight}
    with pytest.raises(ValueError, match=told):
        wings.measure(wing, name, inputs, last=case.last, **kwargs)
    if case.metric:
        metric = stream(wing, file, case)
        metric.update(*inputs)
        before = metric.compute()
        with pytest.raises(ValueError, match=told):
            metric.update(*inputs, sample_weight=weight)
        equal(metric.compute(), before, 0)


@pytest.mark.parametrize("spoilt", ["NaN", "infinite", "negative"])
@pytest.mark.parametrize(
    ("wing", "file", "case"), [p for p in WEIGHTED if p.values[0] == "keras"]
)
def test_a_weight_that_is_none_gives_nan(wing, file, case, spoilt):
    inputs = drawn(case)
    weight = BAD_WEIGHTS[spoilt](np.ones(len(inputs[0])))
    name = f"metrics/{file}.{case.function}"
    kwargs = case.kwargs | {"sample_weight": weight}
    got = wings.measure(wing, name, inputs, last=case.last, **kwargs)
    assert any(np.isnan(x).all() for x in got)


REFUSALS = [
    pytest.param(wing, file, case, refusal, id=f"{file}-{i}-{refusal.by}-{j}-{wing}")
    for file in RECIPES
    for i, case in enumerate(cases_of(file))
    for j, refusal in enumerate(case.refusals)
    for wing in wings.METRIC_WINGS
    if file in wings.files(wing, "metrics")
]


@pytest.mark.parametrize(("wing", "file", "case", "refusal"), REFUSALS)
def test_refuses_what_would_be_silently_wrong(wing, file, case, refusal):
    name = f"metrics/{file}.{case.function}"

    def attempt():
        kwargs = case.kwargs | refusal.kwargs
        return wings.measure(wing, name, refusal.inputs, last=case.last, **kwargs)

    if wing == "keras" and refusal.by in ("value", "empty"):
        assert any(np.isnan(x).all() for x in attempt())
    else:
        with pytest.raises(ValueError, match=f"(?s){refusal.match}") as told:
            attempt()
        assert "Received: " in str(told.value)


@pytest.mark.parametrize(("wing", "file", "case", "refusal"), REFUSALS)
def test_a_refused_batch_leaves_the_counts_as_they_were(wing, file, case, refusal):
    if wing == "keras" or refusal.by in ("argument", "empty") or not case.metric:
        pytest.skip("there is no count yet, or it cannot raise")
    kwargs = dict(refusal.kwargs)
    weight = {"sample_weight": kwargs.pop("sample_weight", None)}
    metric = wings.Stream(
        wing, f"metrics/{file}.{case.metric}", last=case.last, **(case.kwargs | kwargs)
    )
    inputs = drawn(case)
    metric.update(*inputs)
    before = metric.compute()
    with pytest.raises(ValueError, match="Received: "):
        metric.update(*refusal.inputs, **weight)
    equal(metric.compute(), before, 0)


@each_file
def test_every_error_of_a_recipe_is_provoked(wing, file):
    tree = ast.parse(inspect.getsource(wings.module(wing, "metrics", file)))
    merging = {
        id(raised)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("merge")
        for raised in ast.walk(node)
    }
    raises = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and id(node) not in merging
    ]
    refusals = [r for c in cases_of(file) for r in c.refusals]
    assert len(raises) <= len(refusals), (
        f"{len(raises)} errors, {len(refusals)} refusals"
    )


@pytest.mark.parametrize(
    ("wing", "file", "case"), [p for p in STREAMS if p.values[0] != "keras"]
)
def test_a_worker_can_send_its_metric(wing, file, case):
    inputs = drawn(case)
    metric = stream(wing, file, case)
    metric.update(*inputs)
    sent = pickle.loads(pickle.dumps(metric.metric))
    equal(wings.numbers(sent.compute()), metric.compute(), 0)


@pytest.mark.parametrize(
    ("wing", "file", "case"), [p for p in STREAMS if p.values[0] == "torch"]
)
def test_update_does_not_wait_for_a_gpu(wing, file, case):
    metric = stream(wing, file, case).metric
    # a tensor without values: to look at one, or at a shape that depends on one, raises
    parts = [
        wings.tensor(wing, x, "float32").to("meta")
        for x in wings.arranged(wing, drawn(case), case.last)
    ]
    metric.update(*parts)
    metric.update(*parts)
    states = [x for x in vars(metric).values() if hasattr(x, "device")]
    assert states
    assert {x.device.type for x in states} == {"meta"}


IN_KERAS = [p for p in STREAMS if p.values[0] == "keras"]
ONE_OF_A_FILE = {p.values[1]: p for p in reversed(IN_KERAS)}.values()


# Every case as XLA takes it, which is stricter; one of a file as a plain graph.
@pytest.mark.parametrize(
    ("wing", "file", "case", "jit"),
    [
        pytest.param(*p.values, jit, id=f"{p.id}-{'jit' if jit else 'graph'}")
        for jit, params in ((True, IN_KERAS), (False, ONE_OF_A_FILE))
        for p in params
    ],
)
def test_a_graph_computes_the_same(wing, file, case, jit):
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("graphs are TensorFlow's")
    import tensorflow as tf

    inputs = [wings.tensor(wing, x, "float64") for x in drawn(case)]
    metric = stream(wing, file, case)

    @tf.function(jit_compile=jit)
    def update(*parts):
        metric.metric.update_state(*parts)

    update(*inputs)
    update(*inputs)
    twice = [np.concatenate([x, x]) for x in drawn(case)]
    equal(metric.compute(), definition(file, case, twice), max(case.tolerance, 1e-11))


@pytest.mark.parametrize(
    ("wing", "file", "case"), [p for p in STREAMS if p.values[0] == "keras"]
)
def test_a_saved_metric_is_built_again(wing, file, case):
    import keras

    metric = stream(wing, file, case).metric
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(metric)
    )
    assert type(again) is type(metric)
    assert again.get_config() == metric.get_config()
    inputs = [wings.tensor(wing, x, "float64") for x in drawn(case)]
    for m in (metric, again):
        m.update_state(*inputs)
    equal(wings.numbers(again.result()), wings.numbers(metric.result()), 0)
