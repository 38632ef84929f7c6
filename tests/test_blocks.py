"""Blocks of convolutions and the boxes of a detector: what their docstrings promise.

That both wings are one network, that it saves, exports, trains and refuses, is shown
for every case of tests/blocks by tests/test_models.py.
"""

import functools
import importlib
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from tests import wings

torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")

from tests import conversion  # noqa: E402

BOTH = pytest.mark.parametrize("wing", ["torch", "keras"])


def cases():
    """Return every case of the blocks whose docstring says what they cost."""
    found = []
    for path in sorted((Path(__file__).parent / "blocks").glob("[!_]*.py")):
        file = importlib.import_module(f"tests.blocks.{path.stem}")
        for i, case in enumerate(file.CASES):
            if formula("torch", path.stem, case):
                found.append(pytest.param(path.stem, case, id=f"{case.function}-{i}"))
    return found


def block(wing, file, case):
    return wings.function(wing, f"blocks/{file}.{case.function}")


def formula(wing, file, case):
    """Return the parameters of a block as its docstring counts them, or None."""
    text = " ".join(inspect.getdoc(block(wing, file, case)).split())
    found = re.search(r"Costs `([^`]+)` parameters", text)
    return found and found[1]


def drawn(inputs):
    return inputs(np.random.default_rng(0))


def arranged(given):
    """Return what a model of Keras takes for images of PyTorch."""
    arrays = [conversion.last(x) for x in given]
    return arrays[0] if len(arrays) == 1 else arrays


def in_torch(file, case):
    torch.manual_seed(0)
    return block("torch", file, case)(*case.args, **case.kwargs)


def in_keras(file, case, **kwargs):
    """Build in Keras; return a model of the one layer, and how to rename."""
    args = case.args if case.keras_args is None else case.keras_args
    layer = block("keras", file, case)(*args, **case.kwargs, **kwargs)
    shapes = [conversion.last(x).shape for x in drawn(case.inputs)]
    entries = [keras.Input((None, None, shape[-1])) for shape in shapes]
    entry = entries[0] if len(entries) == 1 else entries
    return keras.Model(entry, layer(*entries)), lambda path: path.partition("/")[2]


each_case = pytest.mark.parametrize(("file", "case"), cases())


@each_case
def test_costs_what_the_docstring_says(file, case):
    assert formula("torch", file, case) == formula("keras", file, case)
    signature = inspect.signature(block("torch", file, case))
    given = signature.bind(*case.args, **case.kwargs)
    given.apply_defaults()
    known = dict(given.arguments)
    model = in_torch(file, case)
    known["projects"] = any("downsample" in name for name in model.state_dict())
    if "squeeze" in known:
        share = known["in_channels"] * known["squeeze"]
        known["squeezed"] = max(1, int(share)) if share else 0
    if "expansion" in known:
        known["width"] = known["in_channels"] * known["expansion"]
        if case.function == "FusedMBConv" and known["expansion"] == 1:
            known["width"] = known["out_channels"]
    want = eval(formula("torch", file, case), {"len": len, "max": max}, known)
    twin, _ = in_keras(file, case)
    assert sum(p.numel() for p in model.parameters()) == want
    assert sum(int(keras.ops.size(w)) for w in twin.trainable_weights) == want


@each_case
def test_keeps_the_dtype(file, case):
    given = drawn(case.inputs)
    for dtype in (torch.bfloat16, torch.float64):
        model = in_torch(file, case).to(dtype)
        out = conversion.parts_of(model(*(torch.tensor(x, dtype=dtype) for x in given)))
        assert {x.dtype for x in out} == {dtype}
    twin, _ = in_keras(file, case, dtype="mixed_bfloat16")
    out = conversion.parts_of(twin(arranged(given), training=True))
    assert {keras.backend.standardize_dtype(x.dtype) for x in out} == {"bfloat16"}
    assert all(bool(keras.ops.all(keras.ops.isfinite(x))) for x in out)


@each_case
def test_norms_learn_in_training_alone(file, case):
    model, (twin, _) = in_torch(file, case), in_keras(file, case)
    given = drawn(case.inputs)
    arrays = arranged(given)

    def statistics():
        mine = {k: v.numpy().copy() for k, v in model.named_buffers()}
        theirs = {
            w.path: keras.ops.convert_to_numpy(w).copy()
            for w in twin.non_trainable_weights
            if "moving" in w.path
        }
        return mine, theirs

    before = statistics()
    model.eval()(*map(torch.from_numpy, given))
    twin(arrays, training=False)
    for was, now in zip(before, statistics(), strict=True):
        assert all(np.array_equal(was[k], now[k]) for k in was)
    model.train()(*map(torch.from_numpy, given))
    twin(arrays, training=True)
    for was, now in zip(before, statistics(), strict=True):
        assert all((was[k] != now[k]).any() for k in was)
    assert bool(before[0]) == bool(before[1])


@functools.cache
def defined():
    """Return the cases of blocks that have a definition, and its name."""
    return [
        (file, case, names[case.function])
        for file, case in (p.values for p in cases())
        for names in [
            getattr(importlib.import_module(f"tests.blocks.{file}"), "DEFINITIONS", {})
        ]
        if case.function in names
    ]


@pytest.mark.parametrize(
    ("file", "case", "name"),
    [
        pytest.param(*row, id=f"{row[1].function}-{i}")
        for i, row in enumerate(defined())
    ],
)
def test_equals_the_definition(file, case, name):
    definition = wings.function("reference", f"blocks/{file}.{name}")
    model = conversion.shake(in_torch(file, case))
    twin, rename = in_keras(file, case)
    conversion.to_keras(model, twin, rename)
    model.double().eval()
    known = inspect.signature(definition).parameters
    given = inspect.signature(block("torch", file, case)).bind(
        *case.args, **case.kwargs
    )
    given.apply_defaults()
    options = {k: v for k, v in given.arguments.items() if k in known}
    if "weights" in known:
        options["weights"] = {k: v.numpy() for k, v in model.state_dict().items()}
    for inputs in (case.inputs, *case.more):
        arrays = drawn(inputs)
        want = [definition(*(x.astype("float64") for x in arrays), **options)]
        with torch.no_grad():
            got = [model(*(torch.tensor(x).double() for x in arrays)).numpy()]
        assert conversion.difference(got, want) < 1e-12
        assert conversion.difference(conversion.run_keras(twin, *arrays), want) < 1e-5


def rows(wing, rate, x):
    """Drop in training; return the outputs as an array."""
    make = wings.function(wing, "blocks/drop_path.DropPath")
    if wing == "torch":
        return make(rate).train()(torch.from_numpy(x)).numpy()
    keras.utils.set_random_seed(0)
    return keras.ops.convert_to_numpy(make(rate)(x, training=True))


@BOTH
def test_drop_path_drops_whole_examples_and_keeps_the_mean(wing, rng):
    definition = wings.function("reference", "blocks/drop_path.drop_path")
    x = rng.standard_normal((4000, 2, 3)).astype("float32")
    y = rows(wing, 0.3, x)
    kept = (y != 0).any(axis=(1, 2))
    np.testing.assert_allclose(y, definition(x, kept, rate=0.3), rtol=1e-6)
    # six standard errors of a share
    assert abs(kept.mean() - 0.7) < 6 * (0.21 / 4000) ** 0.5
    assert abs(rows(wing, 0.3, np.ones_like(x)).mean() - 1) < 0.07


@BOTH
def test_drop_path_leaves_all_alone_at_a_rate_of_0_and_in_inference(wing, rng):
    x = rng.standard_normal((5, 2)).astype("float32")
    np.testing.assert_array_equal(rows(wing, 0.0, x), x)
    layer = wings.function(wing, "blocks/drop_path.DropPath")(0.9)
    if wing == "torch":
        given = torch.from_numpy(x)
        assert layer.eval()(given) is given
    else:
        np.testing.assert_array_equal(layer(x), x)


@BOTH
def test_drop_path_turns_a_dropped_infinity_into_0(wing):
    y = rows(wing, 0.5, np.full((64, 1), np.inf, "float32"))
    assert set(np.unique(y)) == {0, np.inf}


def test_drop_path_stops_the_gradient_of_what_it_drops():
    layer = wings.function("torch", "blocks/drop_path.DropPath")(0.5)
    x = torch.ones(64, 3, requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())
    assert set(x.grad.unique().tolist()) == {0.0, 2.0}


@pytest.mark.parametrize("function", ["MBConv", "FusedMBConv"])
def test_mbconv_drops_its_branch_for_whole_examples(function, rng):
    x = rng.standard_normal((64, 4, 5, 5)).astype("float32")
    torch.manual_seed(0)
    model = wings.function("torch", f"blocks/mbconv.{function}")(4, 4, drop_path=0.5)
    y = model.train()(torch.from_numpy(x)).detach().numpy()
    keras.utils.set_random_seed(0)
    layer = wings.function("keras", f"blocks/mbconv.{function}")(4, drop_path=0.5)
    theirs = keras.ops.convert_to_numpy(layer(conversion.last(x), training=True))
    for out in (y, conversion.first(theirs)):
        still = (out == x).all(axis=(1, 2, 3))
        assert 16 < still.sum() < 48
        assert (out != x).any(axis=(1, 2, 3))[~still].all()


@BOTH
@pytest.mark.parametrize(
    ("function", "args"), [("BasicBlock", (4,)), ("Bottleneck", (1,))]
)
def test_a_residual_block_can_begin_as_if_it_were_not_there(wing, function, args, rng):
    make = wings.function(wing, f"blocks/residual.{function}")
    x = rng.standard_normal((2, 4, 5, 6)).astype("float32")
    if wing == "torch":
        y = make(4, *args, zero_init=True)(torch.from_numpy(x)).detach().numpy()
    else:
        layer = make(*args, zero_init=True)
        y = conversion.first(keras.ops.convert_to_numpy(layer(conversion.last(x))))
    np.testing.assert_array_equal(y, np.maximum(x, 0))


def test_one_image_alone_trains_no_aspp():
    x = np.ones((1, 4, 5, 3), "float32")
    mine = wings.function("torch", "blocks/aspp.ASPP")(3, 2, rates=(2,))
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        mine(torch.from_numpy(conversion.first(x)))
    layer = wings.function("keras", "blocks/aspp.ASPP")(2, rates=(2,))
    layer.build(x.shape)
    conv, norm = layer.pooled
    norm.beta.assign([0.25, 0.5])
    out = norm(conv(x.mean(axis=(1, 2), keepdims=True)), training=True)
    got = keras.ops.convert_to_numpy(out).ravel()
    np.testing.assert_allclose(got, [0.25, 0.5], atol=1e-6)


# table 1 of the paper: a row for each map of S2, a column for each of C3
CHOSEN = """
X...XXX..XXXX.XX
XX...XXX..XXXX.X
XXX...XXX..X.XXX
.XXX..XXXX..X.XX
..XXX..XXXX.XX.X
...XXX..XXXX.XXX
"""


@BOTH
def test_the_third_layer_of_lenet_looks_at_the_maps_of_the_paper(wing):
    """Light one map after the other and see which outputs answer."""
    model = wings.function(wing, "models/lenet.lenet5")(partial_c3=True)
    maps = np.zeros((7, 6, 5, 5), "float32")
    maps[np.arange(6), np.arange(6)] = 1
    if wing == "torch":
        sizes = [p.numel() for p in model.parameters()]
        c3 = [p.numel() for p in model.c3.parameters()]
        with torch.no_grad():
            seen = model.c3(torch.from_numpy(maps)).tanh().numpy()
    else:
        sizes = [int(keras.ops.size(w)) for w in model.weights]
        c3 = [int(keras.ops.size(w)) for w in model.weights if "c3_" in w.path]
        part = keras.Model(model.get_layer("s2").output, model.get_layer("c3").output)
        given = np.tile(conversion.last(maps).mean((1, 2), keepdims=True), (14, 14, 1))
        seen = conversion.first(keras.ops.convert_to_numpy(part(given)))[..., :1, :1]
    seen = seen[..., 0, 0]
    answers = np.array([list(row) for row in CHOSEN.split()]) == "X"
    np.testing.assert_array_equal(seen[:6] != seen[6], answers)
    # a kernel of 5 x 5 for each connection, a bias for each map; all of them: 6 * 16
    assert sum(c3) == 25 * answers.sum() + 16 == 1516
    whole = wings.function("torch", "models/lenet.lenet5")()
    all_of_them = sum(p.numel() for p in whole.parameters())
    assert sum(sizes) == all_of_them - 25 * (~answers).sum()


@BOTH
def test_a_unet_sees_the_last_column_of_an_odd_size_at_every_depth(wing):
    x = np.zeros((1, 1, 9, 5), "float32")
    x[..., -1] = 1
    make = wings.function(wing, "blocks/unet_blocks.UNetDown")
    if wing == "torch":
        low = make(1, 4).eval()(torch.from_numpy(x))[0].detach().numpy()
    else:
        low = keras.ops.convert_to_numpy(make(4)(conversion.last(x))[0])
        low = conversion.first(low)
    assert low.shape == (1, 4, 5, 3)
    assert low[..., -1].max() > 0


@BOTH
def test_spatial_pyramid_pooling_is_learned_through(wing, rng):
    """Of the largest, one pixel of each part gets the gradient."""
    make = wings.function(wing, "blocks/spatial_pyramid_pooling.SpatialPyramidPooling")
    x = rng.permutation(80).reshape(1, 1, 8, 10).astype("float32")
    if wing == "torch":
        given = torch.tensor(x, requires_grad=True)
        make((1, 2))(given).sum().backward()
        slope = given.grad.numpy()
    else:
        weight = keras.Variable(conversion.last(x))
        slope = conversion.first(keras_slope(make((1, 2)), weight))
    assert slope.sum() == 5
    assert slope.max() == 2
    assert slope.flat[x.argmax()] == 2


def keras_slope(layer, variable):
    """Gradient of the sum of a layer's outputs."""
    if keras.backend.backend() == "torch":
        layer(variable.value).sum().backward()
        return variable.value.grad.numpy()
    import tensorflow as tf

    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(variable.value))
    return tape.gradient(total, variable.value).numpy()


SIZES, STRIDES = [(3, 4), (2, 1)], [8, 16]
SCALES = [(10.0, 14.5), (30.0,)]


def detector(wing, name, *args, **kwargs):
    """Call a function of the detector's head; arrays in, an array out."""
    function = wings.function(wing, f"models/ssd_head.{name}")
    if wing == "reference":
        return function(*args, **kwargs)
    args = [wings.tensor(wing, x, "float32") for x in args]
    return wings.numbers(function(*args, **kwargs))[0]


def boxes(rng, *shape):
    corners = rng.uniform(0, 60, (*shape, 2))
    return np.concatenate([corners, corners + rng.uniform(1, 40, (*shape, 2))], axis=-1)


@BOTH
def test_boxes_of_a_detector_equal_the_definition(wing, rng):
    found = [
        detector(w, "ssd_anchors", SIZES, STRIDES, SCALES, ratios=(1.0, 3.0))
        for w in (wing, "reference")
    ]
    assert len(found[0]) == 3 * 4 * 4 + 2 * 2
    np.testing.assert_allclose(*found, rtol=1e-6, atol=1e-5)
    anchors, truth = found[1], boxes(rng, 2, len(found[1]))
    for options in ({}, {"variances": (1.0, 1.0)}):
        want = detector("reference", "encode_boxes", truth, anchors, **options)
        got = detector(wing, "encode_boxes", truth, anchors, **options)
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4)
        back = detector(wing, "decode_boxes", want, anchors, **options)
        np.testing.assert_allclose(back, truth, rtol=1e-4, atol=1e-4)
    # offsets that would overflow
    wild = np.full((len(anchors), 4), 1e4)
    want = detector("reference", "decode_boxes", wild, anchors)
    got = detector(wing, "decode_boxes", wild, anchors)
    assert np.isfinite(got).all()
    np.testing.assert_allclose(got, want, rtol=1e-4)


@pytest.mark.parametrize("bad", [(2, 2, 0, 0), (1, 1, 1, 1), (np.nan, 0, 2, 2)])
def test_a_box_without_an_inside_is_no_box(bad):
    """PyTorch raises; a graph of Keras cannot, and says so by NaN."""
    box, bad = np.array([[0.0, 0, 2, 2]]), np.array([bad], "float64")
    for name, given in (
        ("encode_boxes", (bad, box)),
        ("encode_boxes", (box, bad)),
        ("decode_boxes", (box, bad)),
    ):
        with pytest.raises(ValueError, match=r"must have sides > 0\. Received: "):
            detector("torch", name, *given)
        assert np.isnan(detector("keras", name, *given)).any()


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_boxes_of_a_detector_are_those_of_monai(rng):
    box_coder = pytest.importorskip("monai.apps.detection.utils.box_coder")
    anchors, truth = boxes(rng, 50), boxes(rng, 50)
    coder = box_coder.BoxCoder(weights=(10.0, 10.0, 5.0, 5.0))
    want = coder.encode_single(torch.tensor(truth), torch.tensor(anchors)).numpy()
    got = detector("reference", "encode_boxes", truth, anchors)
    np.testing.assert_allclose(got, want, atol=1e-9)
    want = coder.decode_single(torch.tensor(got), torch.tensor(anchors)).numpy()
    got = detector("reference", "decode_boxes", got, anchors)
    # theirs takes the exponential in float32
    np.testing.assert_allclose(got, want, atol=1e-5)


def test_anchors_have_the_order_of_the_head():
    """Give every place and anchor its own number and find it where its box is."""
    head = wings.function("torch", "models/ssd_head.ssd_head")(
        (1, 1), 2, anchors=(4, 2)
    )
    with torch.no_grad():
        for conv in head.boxes:
            conv.weight.zero_()
            # offsets: the row, the column, 0, the number of the anchor
            conv.weight[0::4, 0, 1, 1] = 1
            conv.bias.zero_()
            conv.bias[3::4] = torch.arange(len(conv.bias) / 4)
        maps = [
            torch.arange(float(rows)).reshape(1, 1, rows, 1).expand(1, 1, rows, columns)
            for rows, columns in SIZES
        ]
        _, offsets = head(*maps)
    anchors = detector(
        "torch", "ssd_anchors", SIZES, STRIDES, SCALES, ratios=(1.0, 2.0)
    )
    assert offsets.shape == (1, *anchors.shape)
    stride = np.repeat(STRIDES, [3 * 4 * 4, 2 * 1 * 2])
    row = (anchors[:, 1] + anchors[:, 3]) / 2 / stride - 0.5
    np.testing.assert_allclose(offsets[0, :, 0], row, atol=1e-5)
    number = np.concatenate([np.tile(np.arange(4), 12), np.tile(np.arange(2), 2)])
    np.testing.assert_allclose(offsets[0, :, 3], number)
    width = anchors[:, 2] - anchors[:, 0]
    scale = np.concatenate([np.tile([10, 10, 14.5, 14.5], 12), np.tile([30, 30], 2)])
    ratio = np.where(number % 2 == 0, 1, 2) ** 0.5
    np.testing.assert_allclose(width, scale * ratio, rtol=1e-5)
