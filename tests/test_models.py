"""The contract of models and blocks: two wings, one network, and what users do with it.

Discovered from tests/models/*.py and tests/blocks/*.py.
"""

import ast
import copy
import functools
import importlib
import inspect
import json
import re
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests import wings

torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")

from tests import conversion  # noqa: E402

ROOT = Path(__file__).parent.parent
PROOF = ROOT / "docs" / "evidence" / "models_proof.json"
TOPICS = ("models", "blocks")
# Largest difference over the largest output.
TOLERANCE = 1e-4


@dataclass
class Built:
    """A case in both wings, and how its weights were drawn."""

    topic: str
    file: str
    case: object
    torch: torch.nn.Module
    keras: keras.Model
    # from the name of a layer of Keras to the module's
    rename: Callable
    # weights as they were drawn, in both wings
    drawn: dict


def files(topic):
    return sorted(p.stem for p in (ROOT / "tests" / topic).glob("[!_]*.py"))


def module(topic, file):
    return importlib.import_module(f"tests.{topic}.{file}")


def every(attribute):
    return [
        (topic, file, x)
        for topic in TOPICS
        for file in files(topic)
        for x in getattr(module(topic, file), attribute, ())
    ]


CASES = [
    pytest.param((t, f, case), id=f"{f}.{case.function}-{i}")
    for i, (t, f, case) in enumerate(every("CASES"))
]


def function(wing, topic, file, case):
    return wings.function(wing, f"{topic}/{file}.{case.function}")


def in_torch(topic, file, case, **kwargs):
    torch.manual_seed(0)
    return function("torch", topic, file, case)(*case.args, **case.kwargs | kwargs)


def in_keras(topic, file, case, **kwargs):
    """Build in Keras, and make a model of a layer; return it and how to rename."""
    keras.utils.set_random_seed(0)
    args = case.args if case.keras_args is None else case.keras_args
    made = function("keras", topic, file, case)(*args, **case.kwargs | kwargs)
    if isinstance(made, keras.Model):
        return made, str
    given = [conversion.last(x) for x in draw(case.inputs)]
    entries = [
        keras.Input(
            (None, None, x.shape[-1]) if x.ndim == 4 else x.shape[1:],
            dtype="bool" if x.dtype == bool else "float32",
        )
        for x in given
    ]
    outputs = made(*entries)
    entries = entries[0] if len(entries) == 1 else entries
    return keras.Model(entries, outputs), lambda path: path.partition("/")[2]


def draw(inputs):
    return inputs(np.random.default_rng(0))


@pytest.fixture(scope="module", params=CASES)
def pair(request):
    """Build a case with the same numbers in both wings; change only copies of it."""
    topic, file, case = request.param
    mine, (theirs, rename) = in_torch(topic, file, case), in_keras(topic, file, case)
    drawn = {
        name: (tensor.numpy().copy(), keras.ops.convert_to_numpy(variable).copy())
        for name, tensor, variable, _ in conversion.pairs(mine, theirs, rename)
    }
    conversion.to_keras(conversion.shake(mine), theirs, rename)
    return Built(topic, file, case, mine.eval(), theirs, rename, drawn)


def wanted(pair, check):
    if check in pair.case.leaves_out:
        pytest.skip("shown by another case and by the proof")


@pytest.mark.parametrize("topic", TOPICS)
def test_every_recipe_has_its_cases(topic):
    for wing in ("torch", "keras"):
        assert wings.files(wing, topic) == set(files(topic))


def test_wings_take_the_same_options(pair):
    mine, theirs = (
        inspect.signature(
            function(wing, pair.topic, pair.file, pair.case)
        ).parameters.values()
        for wing in ("torch", "keras")
    )
    assert {p.name: p.default for p in mine if p.name != "in_channels"} == {
        p.name: p.default
        for p in theirs
        if p.name not in ("in_channels", "name", "kwargs")
    }
    declared = [
        wings.module(wing, pair.topic, pair.file).__all__ for wing in ("torch", "keras")
    ]
    assert declared[0] == declared[1]


def test_wings_are_one_network(pair):
    for inputs in (pair.case.inputs, *pair.case.more):
        given = draw(inputs)
        got = conversion.run_keras(pair.keras, *given)
        want = conversion.run_torch(pair.torch, *given)
        assert conversion.difference(got, want) < TOLERANCE


def test_wings_start_alike(pair):
    for name, (mine, theirs) in pair.drawn.items():
        if mine.std() == 0 or theirs.std() == 0:
            np.testing.assert_array_equal(mine.ravel(), theirs.ravel(), name)
        elif mine.size >= 100:
            # six standard errors of a standard deviation
            spread = 6 / np.sqrt(2 * mine.size)
            assert abs(theirs.std() / mine.std() - 1) < 2 * spread, name
            limits = np.abs(mine).max() / mine.std(), np.abs(theirs).max() / mine.std()
            # of one shape too: a uniform one ends at 1.73 deviations
            assert (limits[0] < 1.9) == (limits[1] < 1.9), name


def test_no_two_weights_start_alike(pair):
    """An initialiser that is shared draws the same numbers again."""
    for wing in (0, 1):
        drawn = [arrays[wing].ravel()[:4] for arrays in pair.drawn.values()]
        drawn = [tuple(x) for x in drawn if x.std() > 0]
        assert len(set(drawn)) == len(drawn)


def test_wings_learn_the_same_statistics(pair):
    """One step in training moves the running means alike: no momentum turned round."""
    wanted(pair, "step")
    model, twin = copy.deepcopy(pair.torch).train(), pair.keras
    if not any("running_mean" in name for name in model.state_dict()):
        pytest.skip("it has no statistics")
    for part in model.modules():
        # what is dropped is drawn anew in each wing
        for name in ("p", "rate", "drop_path"):
            if hasattr(part, name):
                setattr(part, name, 0.0)
    drops = [x for x in twin._flatten_layers() if isinstance(x, keras.layers.Dropout)]
    rates, before = [x.rate for x in drops], twin.get_weights()
    given = draw(pair.case.inputs)
    arrays = [conversion.last(x) for x in given]
    try:
        for drop in drops:
            drop.rate = 0.0
        model(*map(torch.from_numpy, given))
        twin(arrays[0] if len(arrays) == 1 else arrays, training=True)
        for name, mine, theirs, _ in conversion.pairs(model, twin, pair.rename):
            if name.endswith("running_mean"):
                got = keras.ops.convert_to_numpy(theirs)
                np.testing.assert_allclose(got, mine.numpy(), atol=1e-4, err_msg=name)
    finally:
        twin.set_weights(before)
        for drop, rate in zip(drops, rates, strict=True):
            drop.rate = rate


def test_the_saved_keras_model_is_the_same(pair, tmp_path):
    wanted(pair, "saved")
    model = pair.keras
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    given = draw(pair.case.inputs)
    want = conversion.run_keras(model, *given)
    assert conversion.difference(conversion.run_keras(loaded, *given), want) < 1e-6


def test_a_step_reaches_every_weight_in_torch(pair):
    wanted(pair, "step")
    model = copy.deepcopy(pair.torch).train()
    torch.manual_seed(0)
    outputs = conversion.parts_of(model(*map(torch.from_numpy, draw(pair.case.inputs))))
    sum((x * torch.randn_like(x)).sum() for x in outputs).backward()
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        assert p.grad is not None, name
        assert p.grad.isfinite().all(), name
        if not re.search(pair.case.idle, name.replace(".", "_")):
            assert p.grad.abs().max() > 0, name


def test_a_step_reaches_every_weight_in_keras(pair):
    wanted(pair, "step")
    model = pair.keras
    before = [keras.ops.convert_to_numpy(w) for w in model.weights]
    x = [conversion.last(x) for x in draw(pair.case.inputs)]
    rng = np.random.default_rng(1)
    y = keras.tree.map_structure(
        lambda out: rng.standard_normal(out.shape).astype("float32"),
        model(x[0] if len(x) == 1 else x),
    )
    model.compile(keras.optimizers.SGD(1.0), loss="mse", run_eagerly=True)
    model.train_on_batch(x[0] if len(x) == 1 else x, y)
    try:
        trained = {id(w) for w in model.trainable_weights}
        for w, was in zip(model.weights, before, strict=True):
            now = keras.ops.convert_to_numpy(w)
            assert np.isfinite(now).all(), w.path
            idle = re.search(pair.case.idle, w.path.replace("/", "_"))
            assert (now != was).any() or id(w) not in trained or idle, w.path
    finally:
        model.set_weights(before)


def test_torch_compile_gives_the_same(pair):
    wanted(pair, "compile")
    model = pair.torch
    given = [torch.from_numpy(x) for x in draw(pair.case.inputs)]
    torch._dynamo.reset()
    whole = torch.compile(model, backend="eager", fullgraph=True)
    with torch.no_grad():
        got, want = (
            conversion.parts_of(whole(*given)),
            conversion.parts_of(model(*given)),
        )
    for a, b in zip(got, want, strict=True):
        torch.testing.assert_close(a, b)


def dynamic(model, given):
    batch = torch.export.Dim("batch", min=2, max=1024)
    shapes = tuple({0: batch} for _ in given)
    [first, *_] = inspect.signature(model.forward).parameters.values()
    return (shapes,) if first.kind is first.VAR_POSITIONAL else shapes


# torch keeps a list of a recurrent layer's weights next to them, and warns of it here
@pytest.mark.filterwarnings("ignore:The tensor attribute:UserWarning")
def test_torch_export_takes_another_batch(pair):
    wanted(pair, "export")
    model = pair.torch
    given = [torch.from_numpy(x) for x in draw(pair.case.inputs)]
    program = torch.export.export(
        model, tuple(given), dynamic_shapes=dynamic(model, given), strict=False
    ).module()
    twice = [torch.cat([x, x]) for x in given]
    with torch.no_grad():
        got = conversion.parts_of(program(*twice))
        want = conversion.parts_of(model(*twice))
    for a, b in zip(got, want, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.oracle
def test_onnx_gives_the_same(pair, tmp_path):
    wanted(pair, "onnx")
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    model = pair.torch
    given = draw(pair.case.inputs)
    path = tmp_path / "model.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch tells of what it will change in itself
        torch.onnx.export(
            model,
            tuple(map(torch.from_numpy, given)),
            path,
            dynamo=True,
            verbose=False,
            external_data=False,
        )
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    got = session.run(None, dict(zip(names, given, strict=True)))
    want = conversion.run_torch(model, *given)
    assert conversion.difference(got, want) < TOLERANCE


def test_bfloat16_stays_finite(pair):
    wanted(pair, "bfloat16")
    model = copy.deepcopy(pair.torch).train()
    given = [torch.from_numpy(x) for x in draw(pair.case.inputs)]
    with torch.autocast("cpu", torch.bfloat16):
        outputs = conversion.parts_of(model(*given))
    sum(x.float().square().mean() for x in outputs).backward()
    assert all(x.isfinite().all() for x in outputs)
    trained = [p for p in model.parameters() if p.requires_grad]
    assert all(p.grad.isfinite().all() for p in trained)


# of every kind of operation one: the others are made of the same
HALVED = ("mlp", "unet", "tcn", "gpt", "gru_classifier", "MBConv", "TransformerBlock")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", HALVED)
def test_half_precision_is_as_good_as_its_digits(name, dtype):
    """Mixed precision differs from float32 by a few roundings, in both wings."""
    topic, file, case = next(row for row in every("CASES") if row[2].function == name)
    model = conversion.shake(in_torch(topic, file, case))
    given = draw(case.inputs)
    want = conversion.run_torch(model, *given)
    kind = getattr(torch, dtype)
    with torch.autocast("cpu", kind):
        got = conversion.run_torch(model, *given)
        model.train()
        outputs = conversion.parts_of(model(*map(torch.from_numpy, given)))
    limit = 4 * torch.finfo(kind).eps
    assert 0 < conversion.difference(got, want) < limit
    sum(x.float().square().mean() for x in outputs).backward()
    slopes = [p.grad for p in model.parameters() if p.requires_grad]
    assert all(slope.isfinite().all() for slope in slopes)
    keras.config.set_dtype_policy(f"mixed_{dtype}")
    try:
        twin, rename = in_keras(topic, file, case)
    finally:
        keras.config.set_dtype_policy("float32")
    # the step in training left other statistics
    model = conversion.shake(in_torch(topic, file, case))
    conversion.to_keras(model, twin, rename)
    assert twin.outputs[0].dtype == dtype
    arrays = [conversion.last(x) for x in given]
    out = twin(arrays[0] if len(arrays) == 1 else arrays, training=False)
    kinds = {keras.backend.standardize_dtype(x.dtype) for x in conversion.parts_of(out)}
    assert kinds == {dtype}
    out = [keras.ops.cast(x, "float32") for x in conversion.parts_of(out)]
    got = [conversion.first(keras.ops.convert_to_numpy(x)) for x in out]
    assert 0 < conversion.difference(got, want) < limit


def test_one_example_alone_is_what_it_is_in_a_batch(pair):
    model = pair.torch
    given = draw(pair.case.inputs)
    alone = conversion.run_torch(model, *(x[:1] for x in given))
    whole = conversion.run_torch(model, *given)
    if pair.case.examples_apart:
        assert conversion.difference(alone, [x[:1] for x in whole]) < TOLERANCE


REFUSALS = [
    pytest.param(t, f, case, refusal, id=f"{f}.{case.function}-{i}")
    for t, f, case in every("CASES")
    for i, refusal in enumerate(case.refusals)
]


@pytest.mark.parametrize("wing", ["torch", "keras"])
@pytest.mark.parametrize(("topic", "file", "case", "refusal"), REFUSALS)
def test_refuses_what_would_be_silently_wrong(topic, file, case, refusal, wing):
    args = case.args if refusal.args is None else refusal.args
    if wing == "keras" and refusal.args is None and case.keras_args is not None:
        args = case.keras_args
    call = function(wing, topic, file, case)

    def attempt():
        model = call(*args, **case.kwargs | refusal.kwargs)
        if refusal.run:
            make = torch.tensor if wing == "torch" else keras.ops.convert_to_tensor
            refusal.run(wings.module(wing, topic, file), model, make)
        given = draw(refusal.inputs or case.inputs)
        run = conversion.run_torch if wing == "torch" else conversion.run_keras
        run(model, *given)

    with pytest.raises(ValueError, match=f"(?s){refusal.match}"):
        attempt()


@pytest.mark.parametrize("wing", ["torch", "keras"])
@pytest.mark.parametrize(("topic", "file"), [(t, f) for t in TOPICS for f in files(t)])
def test_every_error_of_a_recipe_is_provoked(topic, file, wing):
    source = Path(wings.module(wing, topic, file).__file__).read_text("utf-8")
    raises = sum(isinstance(n, ast.Raise) for n in ast.walk(ast.parse(source)))
    provoked = sum(len(case.refusals) for case in module(topic, file).CASES)
    provoked += len(getattr(module(topic, file), "REFUSALS", ()))
    assert raises <= provoked, f"{raises} errors, {provoked} provoked"


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "peer", [pytest.param(p, id=p.name) for _, _, p in every("PEERS") if not p.slow]
)
def test_weights_of_others_give_the_same(peer):
    if peer.library == "tensorflow" and keras.backend.backend() != "tensorflow":
        pytest.skip("keras.applications is compared on TensorFlow")
    pytest.importorskip(peer.library)
    for wing, difference in peer.differences().items():
        assert difference < TOLERANCE, wing


def ours(topic, file, count):
    return counted(topic, file, count.function, count.args, tuple(count.kwargs.items()))


@functools.cache
def counted(topic, file, name, args, kwargs):
    with torch.device("meta"):
        model = wings.function("torch", f"{topic}/{file}.{name}")(*args, **dict(kwargs))
    return sum(p.numel() for p in model.parameters())


COUNTS = every("COUNTS")


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("topic", "file", "count"),
    [
        pytest.param(
            *row, id="-".join(map(str, [row[2].function, *row[2].args, row[2].name]))
        )
        for row in COUNTS
        if not row[2].slow
    ],
)
def test_parameters_are_as_many_as_in(topic, file, count):
    pytest.importorskip(count.library)
    assert ours(topic, file, count) == count.counted()


def test_the_evidence_is_of_these_models():
    proof = json.loads(PROOF.read_text("utf-8"))
    found = {
        (row["function"], *row["args"], *sorted(row["kwargs"].items())): row
        for row in proof["counts"]
    }
    for topic, file, count in COUNTS:
        row = found[(count.function, *count.args, *sorted(count.kwargs.items()))]
        assert row["peers"][count.name] == ours(topic, file, count)
    checked = proof["conversions"] + proof["onnx"]
    assert all(row["difference"] < TOLERANCE for row in checked)
    cases = {case.function for topic, _, case in every("CASES") if topic == "models"}
    assert {row["ours"] for row in proof["onnx"]} == cases
    peers = {(peer.function, peer.name) for _, _, peer in every("PEERS")}
    assert {(row["ours"], row["from"]) for row in proof["conversions"]} >= peers


@pytest.mark.parametrize("groups", [2, 3, 6])
def test_a_grouped_convolution_is_carried_over(groups):
    """Two and three groups of channels, and as many as channels: a depthwise one."""
    mine = torch.nn.Sequential(
        OrderedDict(conv=torch.nn.Conv2d(6, 6, 3, groups=groups))
    )
    layer = keras.layers.Conv2D(6, 3, groups=groups, name="conv")
    if groups == 6:
        layer = keras.layers.DepthwiseConv2D(3, name="conv")
    entry = keras.Input((None, None, 6))
    theirs = keras.Model(entry, layer(entry))
    x = np.random.default_rng(0).standard_normal((2, 6, 7, 5)).astype("float32")
    assert conversion.wings_differ(mine, theirs, x) < 1e-6
    again = copy.deepcopy(mine)
    conversion.to_torch(theirs, conversion.shake(again, seed=1))
    assert torch.equal(again.conv.weight, mine.conv.weight)
    transposed = torch.nn.Sequential(torch.nn.ConvTranspose2d(6, 6, 3, groups=2))
    with pytest.raises(AssertionError, match="no transposed convolution in groups"):
        conversion.tensors(transposed)


def test_a_weight_without_a_partner_is_found():
    from dlcookbook.keras.models.mlp import mlp as theirs
    from dlcookbook.torch.models.mlp import mlp as mine

    with pytest.raises(AssertionError, match="only in PyTorch"):
        conversion.to_keras(mine(4, 3, hidden=(5, 5)), theirs(4, 3, hidden=(5,)))
    with pytest.raises(AssertionError, match="only in Keras"):
        conversion.to_keras(mine(4, 3, hidden=(5,)), theirs(4, 3, hidden=(5, 5)))
    with pytest.raises(AssertionError, match="in PyTorch"):
        conversion.to_keras(mine(4, 3, hidden=(5,)), theirs(4, 3, hidden=(6,)))
