"""The CNN chapter: tables of models, receptive fields, the network to start from."""

import json
import math
import re
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.reference.cnn import receptive_field as definition
from dlcookbook.sheet import cnn as sheet
from tests import wings

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "cnn.md"
EVIDENCE = ROOT / "docs" / "evidence" / "cnn_guidelines.json"
COLUMNS = ("trainable", "fixed", "multiply_adds", "memory")
# (kernel, stride, dilation, padding) of what a chain is made of
CHAINS = {
    "plain": [(3, 1, 1, 1)] * 3,
    "strided": [(5, 2, 1, 2), (3, 1, 1, 1), (3, 2, 1, 1), (3, 1, 1, 1)],
    "dilated": [(3, 1, 1, 0), (3, 1, 2, 2), (3, 1, 4, 4)],
    "unpadded": [(2, 2, 1, 0), (3, 1, 1, 0), (4, 3, 1, 0)],
}
needs_torch = pytest.mark.skipif("torch" not in wings.WINGS, reason="needs PyTorch")
needs_keras = pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
each_wing = pytest.mark.parametrize("wing", wings.WINGS)
each_chain = pytest.mark.parametrize("name", CHAINS)


def recipe(wing, name):
    """Return one of the chapter's functions."""
    return wings.function(wing, f"cnn/{name}")


def torch_chain(layers, channels=2):
    from torch import nn

    chain, width = nn.Sequential(), 1
    for kernel, stride, dilation, padding in layers:
        chain.append(nn.Conv2d(width, channels, kernel, stride, padding, dilation))
        width = channels
    return chain


def keras_chain(layers, size, channels=2):
    import keras

    x = start = keras.Input((size, size, 1))
    for kernel, stride, dilation, padding in layers:
        x = keras.layers.ZeroPadding2D(padding)(x)
        x = keras.layers.Conv2D(
            channels, kernel, strides=stride, dilation_rate=dilation
        )(x)
    return keras.Model(start, x)


def measured(wing, layers, size, examples=2):
    """Return the measured field of a chain of convolutions on square images."""
    images = np.random.default_rng(0).normal(size=(examples, size, size, 1))
    images = images.astype("float32")
    if wing == "torch":
        import torch

        x = torch.from_numpy(images).permute(0, 3, 1, 2)
        return recipe(wing, "receptive_field.gradient_field")(
            torch_chain(layers), x
        ).numpy()
    import keras

    keras.utils.set_random_seed(0)
    model = keras_chain(layers, size)
    field = recipe(wing, "receptive_field.gradient_field")(
        model, keras.ops.convert_to_tensor(images)
    )
    return keras.ops.convert_to_numpy(field)


# receptive field


@pytest.mark.parametrize("wing", ["reference", *wings.WINGS])
@each_chain
def test_the_field_follows_from_the_places_that_a_window_covers(wing, name):
    layers = CHAINS[name]
    found = recipe(wing, "receptive_field.receptive_field")(layers)
    for depth, (size, stride, start) in enumerate(found, 1):
        for place in (0, 3):
            seen = {place}
            for kernel, step, dilation, padding in reversed(layers[:depth]):
                seen = {
                    p * step - padding + k * dilation
                    for p in seen
                    for k in range(kernel)
                }
            assert min(seen) == start + place * stride
            assert max(seen) == min(seen) + size - 1


@each_wing
@pytest.mark.parametrize("layer", [(0, 1, 1, 0), (3, 0, 1, 1), (3, 1, -2, 1)])
def test_a_layer_without_a_window_is_refused(wing, layer):
    with pytest.raises(ValueError, match=r"layers must .* Received: \("):
        recipe(wing, "receptive_field.receptive_field")([(3, 1, 1, 1), layer])


@each_wing
def test_no_example_shows_no_field(wing):
    with pytest.raises(ValueError, match=r"inputs must not be empty\. Received: \(0, "):
        measured(wing, CHAINS["plain"], 9, examples=0)


@each_wing
@each_chain
def test_the_measured_field_is_the_computed_one(wing, name):
    layers = CHAINS[name]
    size, stride, start = definition.receptive_field(layers)[-1]
    pixels = 2 * size + 9
    field = measured(wing, layers, pixels)
    assert field.shape == (pixels, pixels)
    places = pixels
    for kernel, step, dilation, padding in layers:
        places = (places + 2 * padding - dilation * (kernel - 1) - 1) // step + 1
    first = start + places // 2 * stride
    for axis in (0, 1):
        seen = np.flatnonzero(field.max(axis))
        assert (seen[0], seen[-1]) == (first, first + size - 1)


@each_wing
def test_random_weights_see_what_counting_paths_says(wing):
    layers = [*[(3, 1, 1, 1)] * 3, (3, 2, 1, 1), (3, 1, 1, 1)]
    total = np.zeros((25, 25))
    for seed in range(4):
        images = np.random.default_rng(seed).normal(size=(1, 25, 25, 1)).astype("f4")
        total += many_channels(wing, layers, images, seed) ** 2
    profile = total.sum(0) / total.sum()
    seen = np.flatnonzero(profile)
    want = definition.effective_profile(layers)
    assert len(want) == seen[-1] + 1 - seen[0]
    # sums from the left: chance evens out, a flat field would be 0.16 off
    got = np.cumsum(profile[seen[0] : seen[-1] + 1])
    np.testing.assert_allclose(got, np.cumsum(want), atol=0.08)


def many_channels(wing, layers, images, seed):
    """Measure a chain with so many channels that chance evens out."""
    if wing == "torch":
        import torch

        torch.manual_seed(seed)
        chain = torch_chain(layers, channels=48)
        for conv in chain:
            torch.nn.init.normal_(conv.weight)
        x = torch.from_numpy(images).permute(0, 3, 1, 2)
        return recipe(wing, "receptive_field.gradient_field")(chain, x).numpy()
    import keras

    keras.utils.set_random_seed(seed)
    model = keras_chain(layers, 25, channels=48)
    x = keras.ops.convert_to_tensor(images)
    field = recipe(wing, "receptive_field.gradient_field")(model, x)
    return keras.ops.convert_to_numpy(field)


def test_many_layers_make_a_bell():
    profile = definition.effective_profile([(3, 1, 1, 1)] * 40)
    x = np.arange(len(profile)) - len(profile) // 2
    variance = 40 * 2 / 3
    bell = np.exp(-(x**2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)
    np.testing.assert_allclose(profile, bell, atol=0.01 * bell.max())
    # the variance grows with the depth, the field with its square
    assert profile @ x**2 == pytest.approx(variance)


@needs_torch
def test_measuring_leaves_a_torch_model_as_it_was():
    import torch
    from torch import nn

    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5))
    model[2].eval()
    state = {name: x.clone() for name, x in model.state_dict().items()}
    gradient_field = recipe("torch", "receptive_field.gradient_field")
    field = gradient_field(model, torch.rand(2, 1, 7, 7))
    assert (field > 0).sum() == 9
    assert model.training
    assert not model[2].training
    assert all(torch.equal(state[n], x) for n, x in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    with pytest.raises(ValueError, match=r"a map of 4 axes\. Received: \(2, 100\)"):
        gradient_field(nn.Flatten(), torch.rand(2, 1, 10, 10))


@needs_keras
def test_measuring_leaves_a_keras_model_as_it_was():
    import keras

    norm = keras.layers.BatchNormalization()
    norm.trainable = False
    model = keras.Sequential([keras.Input((7, 7, 1)), keras.layers.Conv2D(4, 3), norm])
    before = model.get_weights()
    gradient_field = recipe("keras", "receptive_field.gradient_field")
    field = gradient_field(model, keras.random.uniform((2, 7, 7, 1), seed=0))
    assert (keras.ops.convert_to_numpy(field) > 0).sum() == 9
    assert not norm.trainable
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    flat = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    with pytest.raises(ValueError, match=r"a map of 4 axes\. Received: \(2, 16\)"):
        gradient_field(flat, keras.ops.ones((2, 4, 4, 1)))


@needs_torch
def test_branches_take_the_largest_field():
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.long = nn.Sequential(
                nn.Conv2d(1, 1, 3, 2, 1), nn.Conv2d(1, 1, 5, padding=2)
            )
            self.short = nn.Conv2d(1, 1, 1, 2)
            self.scale = nn.Parameter(torch.ones(1))

        def forward(self, x):
            # what comes of weights alone hides no field
            return self.long(x) * self.scale.view(1, 1, 1, 1) + self.short(x)

    block = Block()
    table = recipe("torch", "model_table.model_table")(block, (1, 1, 31, 31))
    fields = {row.path: row.field for row in table.rows}
    chain = definition.receptive_field([(3, 2, 1, 1), (5, 1, 1, 2)])
    assert fields["long.1"] == fields[""] == (chain[-1],) * 2
    assert fields["short"] == ((1, 2, 0),) * 2
    gradient = recipe("torch", "receptive_field.gradient_field")(
        block, torch.rand(1, 1, 31, 31)
    )
    seen = gradient.sum(0).nonzero().flatten()
    size, stride, start = chain[-1]
    assert (int(seen[0]), len(seen)) == (start + 8 * stride, size)


# model_table in PyTorch


def torch_table(model, *inputs):
    return recipe("torch", "model_table.model_table")(model, *inputs)


def random_convolutions():
    rng = np.random.default_rng(0)
    cases = []
    for number in range(12):
        rank = int(rng.integers(1, 4))
        groups = int(rng.choice([1, 2, 4]))
        options = {
            "in_channels": 4 * int(rng.integers(1, 3)),
            "out_channels": 4 * int(rng.integers(1, 4)),
            "kernel_size": tuple(int(k) for k in rng.integers(1, 4, rank)),
            "stride": tuple(int(k) for k in rng.integers(1, 3, rank)),
            "dilation": tuple(int(k) for k in rng.integers(1, 3, rank)),
            "groups": groups,
            "bias": bool(rng.integers(2)),
        }
        kind = "ConvTranspose" if number % 3 == 2 else "Conv"
        cases.append((f"{kind}{rank}d", options))
    depthwise = {"in_channels": 6, "out_channels": 12, "kernel_size": 3, "groups": 6}
    return [*cases, ("Conv2d", depthwise)]


@needs_torch
@pytest.mark.parametrize(("kind", "options"), random_convolutions())
def test_multiply_adds_of_a_convolution_are_its_products(kind, options):
    import torch
    from torch import nn

    layer = getattr(nn, kind)(**options)
    shape = (2, options["in_channels"], *[7] * int(kind[-2]))
    counted = torch_table(layer, shape).multiply_adds
    # ones in, ones as weights: the sum of the outputs is the number of products
    with torch.no_grad():
        layer.weight.fill_(1)
        if layer.bias is not None:
            layer.bias.zero_()
        assert counted == int(layer(torch.ones(shape)).sum())


@needs_torch
def test_padding_is_counted_as_if_it_were_pixels():
    from torch import nn

    table = torch_table(nn.Conv2d(3, 5, 3, padding=1), (1, 3, 6, 6))
    assert table.multiply_adds == 36 * 5 * 3 * 9


@needs_torch
@pytest.mark.oracle
def test_multiply_adds_are_half_the_operations_that_pytorch_counts():
    import torch
    from torch import nn
    from torch.utils.flop_counter import FlopCounterMode

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.mix = nn.MultiheadAttention(12, 3, kdim=5, vdim=7, batch_first=True)

        def forward(self, x, key, value):
            return self.mix(x, key, value, need_weights=False)[0]

    lstm = nn.LSTM(5, 6, num_layers=2, bidirectional=True, batch_first=True)
    cases = [
        (nn.Linear(5, 7), [(2, 3, 5)]),
        (Attention(), [(2, 4, 12), (2, 6, 5), (2, 6, 7)]),
        (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), [(2, 5, 8)]),
        (lstm, [(2, 3, 5)]),
        (nn.GRU(5, 6), [(3, 2, 5)]),
    ]
    for model, shapes in cases:
        with FlopCounterMode(display=False) as counter:
            # in training mode PyTorch takes no way of its own that it does not count
            model.to("meta")(*(torch.empty(shape, device="meta") for shape in shapes))
        table = torch_table(model, *shapes)
        assert 2 * table.multiply_adds == counter.get_total_flops() > 0
        assert not any(row.not_counted for row in table.rows)
        assert table.trainable == sum(p.numel() for p in model.parameters())


@needs_torch
def test_attention_is_counted_by_its_formula():
    from torch import nn

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.mix = nn.MultiheadAttention(12, 3, batch_first=True)

        def forward(self, x):
            return self.mix(x, x, x)[0]

    table = torch_table(Attention(), (2, 5, 12))
    # four projections, scores, and the mixing of values
    assert table.multiply_adds == 2 * (4 * 5 * 12 * 12 + 2 * 5 * 5 * 12)
    [row] = table.rows
    assert row.path == "mix"
    assert row.kind == "MultiheadAttention"
    assert row.field is None


@needs_torch
def test_what_is_not_counted_is_named():
    import torch
    from torch import nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.twice = nn.Linear(4, 4, bias=False)
            self.never = nn.Linear(3, 2)

        def forward(self, x):
            x = self.twice(torch.fft.fft(self.twice(x)).real)
            return x @ x.transpose(0, 1)

    table = torch_table(Model(), (5, 4))
    first, second, own, never = table.rows
    assert (first.path, first.trainable, first.multiply_adds) == ("twice", 16, 80)
    # its weights were counted in the first call, its products are counted in each
    assert (second.path, second.trainable, second.multiply_adds) == ("twice", 0, 80)
    # the product in `forward` belongs to the model itself
    assert (own.path, own.multiply_adds) == ("", 100)
    assert own.not_counted == ("_fft_r2c",)
    assert (never.path, never.shape, never.trainable) == ("never", (), 8)
    text = str(table)
    assert "_fft_r2c (not counted)" in text
    assert "unused" in text
    assert text.splitlines()[-1].split()[:2] == ["total", "24"]
    # on a device the recurrent layers of a library count nothing: said, not hidden
    silent = torch_table(nn.LSTM(2, 3), torch.ones(4, 1, 2))
    said = [name for row in silent.rows for name in row.not_counted]
    assert (
        said
        or silent.multiply_adds == torch_table(nn.LSTM(2, 3), (4, 1, 2)).multiply_adds
    )


@needs_torch
def test_frozen_weights_and_statistics_are_fixed():
    from torch import nn

    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    model[0].requires_grad_(False)
    conv, norm = torch_table(model, (1, 3, 5, 5)).rows
    assert (conv.trainable, conv.fixed) == (0, 16)
    assert (norm.trainable, norm.fixed) == (8, 8)


@needs_torch
@pytest.mark.oracle
def test_sums_are_those_of_torchinfo():
    torchinfo = pytest.importorskip("torchinfo")
    from torch import nn

    # it counts a bias and the weights of a norm as products; without them: the same
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, groups=4, stride=2, bias=False),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 6 * 6, 10, bias=False),
    )
    shape = (2, 3, 16, 16)
    with warnings.catch_warnings():
        # torchinfo uses a deprecated name of PyTorch
        warnings.simplefilter("ignore")
        theirs = torchinfo.summary(model, shape, verbose=0)
    ours = torch_table(model, shape)
    assert ours.trainable == theirs.trainable_params
    assert ours.multiply_adds == theirs.total_mult_adds
    # it counts the outputs of layers with weights alone, once forth and once back
    weighted = sum(row.memory for row in ours.rows if row.trainable)
    assert 2 * weighted == theirs.total_output_bytes


@needs_torch
def test_the_torch_model_is_left_as_it_was_even_after_an_error():
    import torch
    from torch import nn

    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout())
    model[2].eval()
    before = {name: x.clone() for name, x in model.state_dict().items()}
    fast = torch.backends.mha.get_fastpath_enabled()
    with pytest.raises(ValueError, match=r"through '0' of the model.*: \(1, 2, 8, 8"):
        torch_table(model, (1, 2, 8, 8))
    torch_table(model, torch.rand(2, 3, 8, 8))
    assert [m.training for m in model.modules()] == [True, True, True, False]
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert all(x.device.type == "cpu" for x in model.state_dict().values())
    assert all(torch.equal(before[n], x) for n, x in model.state_dict().items())
    assert torch.backends.mha.get_fastpath_enabled() == fast


@needs_torch
def test_a_shape_and_an_example_give_the_same_table():
    import torch
    from torch import nn

    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)
    )
    by_shape = torch_table(model, (2, 1, 17, 9))
    assert by_shape == torch_table(model, torch.rand(2, 1, 17, 9))
    twice = torch_table(model, (4, 1, 17, 9))
    assert twice.memory == 2 * by_shape.memory
    assert twice.multiply_adds == 2 * by_shape.multiply_adds
    assert twice.trainable == by_shape.trainable
    with pytest.raises(AttributeError):
        _ = by_shape.flops


@needs_torch
def test_activation_memory_is_what_the_layers_return():
    import torch
    from torch import nn

    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Dropout()
    ).to(torch.bfloat16)
    conv, *others = torch_table(model, (2, 1, 8, 8)).rows
    assert conv.memory == 2 * 4 * 6 * 6 * 2
    # a change in place and views need nothing
    assert [row.memory for row in others] == [0, 0, 0]


@needs_torch
@pytest.mark.parametrize("shape", [(1, None, 8), (0, 3, 8), (2, 3.0, 8)])
def test_torch_refuses_a_shape_with_an_open_axis(shape):
    from torch import nn

    with pytest.raises(ValueError, match=r"a size for every axis\. Received"):
        torch_table(nn.ReLU(), shape)


@needs_torch
def test_torch_refuses_to_guess_the_input():
    from torch import nn

    with pytest.raises(ValueError, match=r"an example or a shape\. Received: nothing"):
        torch_table(nn.ReLU())


# model_table in Keras


def keras_table(model, *shapes):
    return recipe("keras", "model_table.model_table")(model, *shapes)


@needs_keras
def test_multiply_adds_in_keras_are_the_products():
    import keras
    from keras import layers

    rng = np.random.default_rng(0)
    cases = [
        (layers.Conv2D(6, (3, 2), strides=2, groups=1), (9, 8, 4)),
        (layers.Conv2D(6, 3, dilation_rate=2), (9, 8, 4)),
        (layers.Conv1D(6, 3), (9, 4)),
        (layers.Conv3D(2, 2), (4, 5, 3, 2)),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), (7, 8, 3)),
        (layers.Conv2DTranspose(5, 3, strides=2), (4, 5, 3)),
        (layers.Dense(7), (3, 5)),
        (layers.EinsumDense("abc,cde->abde", (None, 3, 4)), (5, 6)),
        (layers.EinsumDense("...x,xy->...y", 4), (5, 6)),
    ]
    for layer, shape in cases:
        model = keras.Sequential([keras.Input(shape), layer])
        batch = int(rng.integers(1, 4))
        table = keras_table(model, (batch, *shape))
        model.set_weights(
            [np.full(w.shape, float(w.name != "bias"), "f4") for w in model.weights]
        )
        ones = keras.ops.ones((batch, *shape))
        assert table.multiply_adds == int(keras.ops.sum(model(ones))), layer.name
        assert table.trainable == model.count_params()


@needs_keras
def test_recurrent_layers_attention_and_products_in_keras():
    import keras
    from keras import layers, ops

    x = keras.Input((5, 12))
    mix = layers.MultiHeadAttention(3, 4, value_dim=2, output_shape=6)
    cases = [
        (mix(x, x), 2 * (5 * 12 * 3 * (4 + 4 + 2) + 3 * 25 * 6 + 5 * 3 * 2 * 6)),
        (layers.LSTM(7)(x), 2 * 5 * 4 * 7 * (12 + 7)),
        (layers.GRU(7, return_sequences=True)(x), 2 * 5 * 3 * 7 * (12 + 7)),
        (layers.SimpleRNN(7)(x), 2 * 5 * 7 * (12 + 7)),
        (ops.matmul(x, ops.transpose(x, (0, 2, 1))), 2 * 5 * 5 * 12),
        (layers.SeparableConv1D(7, 3)(x), 2 * 3 * 12 * (3 + 7)),
    ]
    for y, products in cases:
        table = keras_table(keras.Model(x, y), (2, 5, 12))
        assert table.multiply_adds == products
        assert not any(row.not_counted for row in table.rows)


@needs_keras
def test_keras_names_what_it_does_not_count():
    import keras
    from keras import layers

    class Own(layers.Layer):
        def call(self, x):
            return x if float(x[0, 0, 0]) > 0 else -x

        def compute_output_shape(self, shape):
            return shape

    x = keras.Input((6, 4))
    y = layers.Attention()([x, Own(name="own")(x)])
    y = layers.TimeDistributed(layers.Dense(3))(y)
    table = keras_table(keras.Model(x, y))
    named = [row.not_counted for row in table.rows]
    assert named == [("Own",), ("Attention",), ("TimeDistributed",)]
    assert table.trainable == 15
    assert "0 + Attention (not counted)" in str(table)


# made of layers of their own, and of operations without a layer
BUILT = (
    ("mbconv", "MBConv", (4, 6), (6,), (4, 9, 8)),
    ("aspp", "ASPP", (4, 6), (6,), (4, 9, 8)),
    ("squeeze_excite", "SqueezeExcite", (32,), (), (32, 5, 4)),
    ("residual", "Bottleneck", (4, 3), (3,), (4, 8, 7)),
    ("unet_blocks", "UNetDown", (4, 6), (6,), (4, 9, 8)),
    ("attention", "MultiHeadAttention", (12, 3), (12, 3), (5, 12)),
    ("transformer_block", "TransformerBlock", (12, 3), (12, 3), (5, 12)),
    ("positions", "LearnedPositions", (9, 12), (9, 12), (5, 12)),
)


@needs_torch
@needs_keras
@pytest.mark.parametrize(
    ("file", "name", "args", "keras_args", "shape"), BUILT, ids=[x[1] for x in BUILT]
)
def test_layers_of_your_own_are_counted_as_in_pytorch(
    file, name, args, keras_args, shape
):
    import keras

    mine = wings.function("torch", f"blocks/{file}.{name}")(*args)
    layer = wings.function("keras", f"blocks/{file}.{name}")(*keras_args, name="own")
    last = (*shape[1:], shape[0]) if len(shape) == 3 else shape
    entry = keras.Input(last)
    inner = keras.Model(entry, layer(entry), name="inner")
    # a layer in a model in a model
    start = keras.Input(last)
    model = keras.Model(start, inner(start))
    nodes = [len(part._inbound_nodes) for part in layer._flatten_layers()]
    ours, theirs = torch_table(mine, (2, *shape)), keras_table(model, (2, *last))
    for column in ("trainable", "fixed", "multiply_adds"):
        assert getattr(theirs, column) == getattr(ours, column)
    assert theirs.trainable + theirs.fixed == model.count_params()
    assert not any(row.not_counted for row in theirs.rows)
    assert all(row.path.startswith("inner/own") for row in theirs.rows)
    # the visit leaves no trace
    assert [len(part._inbound_nodes) for part in layer._flatten_layers()] == nodes


@needs_torch
@needs_keras
def test_a_model_of_operations_is_counted_as_in_pytorch():
    import torch

    sizes = {"context": 9, "dim": 12, "depth": 2, "heads": 3}
    ours, theirs = (
        wings.function(w, "models/gpt.gpt")(7, **sizes) for w in wings.WINGS
    )
    ours = torch_table(ours, torch.ones(2, 5, dtype=torch.int64))
    theirs = keras_table(theirs, (2, 5))
    assert ours.multiply_adds == theirs.multiply_adds
    assert ours.trainable == theirs.trainable
    assert not any(row.not_counted for row in theirs.rows)


@needs_keras
def test_both_ways_of_a_recurrent_layer_are_counted():
    import keras

    x = keras.Input((5, 4))
    for kind in ("LSTM", "GRU"):
        one = getattr(keras.layers, kind)(3)
        both = keras.layers.Bidirectional(getattr(keras.layers, kind)(3))
        tables = [
            keras_table(keras.Model(x, layer(x)), (2, 5, 4)) for layer in (one, both)
        ]
        assert tables[1].multiply_adds == 2 * tables[0].multiply_adds > 0
        assert not tables[1].rows[-1].not_counted


@needs_keras
def test_nested_and_shared_layers_in_keras():
    import keras
    from keras import layers

    inner = keras.Sequential(
        [
            keras.Input((None, None, 4)),
            layers.Conv2D(4, 3, padding="same", name="conv"),
        ],
        name="inner",
    )
    x = start = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 1, name="first")(x)
    y = inner(inner(x))
    model = keras.Model(start, layers.Add(name="sum")([x, y]))
    table = keras_table(model)
    paths = [row.path for row in table.rows]
    assert paths == ["first", "inner/conv", "inner/conv", "sum"]
    assert table.trainable == model.count_params()
    assert [row.multiply_adds for row in table.rows[1:3]] == [64 * 4 * 4 * 9] * 2
    assert table.rows[2].trainable == 0
    assert table.rows[-1].field == ((5, 1, -2),) * 2
    # nothing was added to the graph
    assert tuple(inner.get_layer("conv").output.shape) == (None, None, None, 4)
    assert len(keras_table(model, (2, 8, 8, 3)).rows) == 4


@needs_keras
@pytest.mark.oracle
def test_sums_are_those_of_a_summary():
    import keras

    model = keras.applications.MobileNetV3Small((64, 64, 3), weights=None)
    model.get_layer("expanded_conv_project").trainable = False
    table = keras_table(model)
    assert table.trainable + table.fixed == model.count_params()
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    said = {
        kind: int(number.replace(",", ""))
        for kind, number in re.findall(
            r"(Trainable|Non-trainable) params: ([\d,]+)", "\n".join(lines)
        )
    }
    assert said == {"Trainable": table.trainable, "Non-trainable": table.fixed}
    assert not any(row.not_counted for row in table.rows)


@needs_keras
def test_keras_refuses_what_has_no_shape_or_no_graph():
    import keras

    table = recipe("keras", "model_table.model_table")
    open_model = keras.Sequential([keras.Input((None, None, 3)), keras.layers.ReLU()])
    with pytest.raises(ValueError, match=r"every axis .* Received: \(\(1, None"):
        table(open_model)
    with pytest.raises(ValueError, match=r"Received: .*1, 8, 8, 4"):
        table(open_model, (1, 8, 8, 4))
    with pytest.raises(ValueError, match="every axis"):
        table(open_model, (1, 8, 8, 3), (1, 8, 8, 3))
    assert table(open_model, (1, 8, 8, 3)).memory == 4 * 192
    with pytest.raises(ValueError, match=r"built\. Received: Sequential"):
        table(keras.Sequential([keras.layers.ReLU()]))

    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ValueError, match="Received: Own"):
        table(Own())


@needs_keras
def test_same_padding_of_keras_starts_where_the_gradient_does():
    import keras

    # with a stride and an even size the padding in front is the smaller one
    for size in (14, 15):
        x = start = keras.Input((size, size, 1))
        for kernel, stride in ((5, 2), (3, 2)):
            x = keras.layers.Conv2D(4, kernel, strides=stride, padding="same")(x)
        model = keras.Model(start, x)
        table = keras_table(model)
        (extent, stride, first), _ = table.rows[-1].field
        images = keras.random.normal((1, size, size, 1), seed=0)
        gradient = recipe("keras", "receptive_field.gradient_field")(model, images)
        seen = np.flatnonzero(keras.ops.convert_to_numpy(gradient).max(0))
        centre = model.output_shape[1] // 2
        begin, end = first + centre * stride, first + centre * stride + extent
        assert (seen[0], seen[-1] + 1) == (max(begin, 0), min(end, size))


# the network to start from


@needs_torch
@needs_keras
@pytest.mark.parametrize("start", sheet.STARTS, ids=lambda row: row.slug)
def test_both_wings_build_the_same_network(start):
    ours, theirs = tables(start)
    for column in COLUMNS:
        expected = getattr(ours, column)
        if column == "memory":
            # in PyTorch the activation writes over its input
            norms = [r for r in ours.rows if r.kind == "ReLU"]
            expected += sum(4 * math.prod(row.shape) for row in norms)
            padding = [r for r in theirs.rows if r.kind in ("ZeroPadding2D", "Permute")]
            expected += sum(row.memory for row in padding)
        assert getattr(theirs, column) == expected
    last = [[r.field for r in t.rows if r.field][-1] for t in (ours, theirs)]
    assert last[0] == last[1]
    assert ours.rows[-1].shape == theirs.rows[-1].shape


def tables(start):
    """Return the table of a row's network in both wings."""
    channels, *size = map(int, start.pixels.split(" x "))
    built = {
        wing: eval(getattr(start, wing), {"starter_cnn": recipe(wing, STARTER)})
        for wing in ("torch", "keras")
    }
    return (
        torch_table(built["torch"], (1, channels, *size)),
        keras_table(built["keras"], (1, *size, channels)),
    )


STARTER = "starter_cnn.starter_cnn"


@needs_torch
@needs_keras
@pytest.mark.parametrize("options", [{"stem": 2}, {"flatten_size": 18, "convs": 1}])
def test_the_same_weights_give_the_same_logits(options):
    import keras
    import torch

    from tests.conversion import to_keras

    ours = recipe("torch", STARTER)(5, widths=(4, 6, 8), **options)
    for module in ours:
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    theirs = recipe("keras", STARTER)(5, widths=(4, 6, 8), **options)
    to_keras(ours, theirs)
    size = (18, 18) if "flatten_size" in options else (19, 26)
    x = torch.rand(2, 3, *size)
    with torch.no_grad():
        want = ours.eval()(x).numpy()
    got = theirs(keras.ops.convert_to_tensor(x.permute(0, 2, 3, 1).numpy()))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(got), want, atol=1e-4)


@each_wing
def test_the_first_weights_have_the_variance_of_he(wing):
    model = recipe(wing, STARTER)(10, in_channels=16, widths=(64, 64), convs=1)
    if wing == "torch":
        kernel = model.conv2_1.weight.detach().numpy()
        bias = model.head.bias.detach().numpy()
    else:
        kernel = np.asarray(model.get_layer("conv2_1").kernel)
        bias = np.asarray(model.get_layer("head").bias)
    assert kernel.std() == pytest.approx(math.sqrt(2 / (9 * 64)), rel=0.03)
    # not cut off at two standard deviations
    assert abs(kernel).max() > 3 * kernel.std()
    assert not bias.any()


@needs_keras
def test_no_two_layers_start_alike():
    model = recipe("keras", STARTER)(3, in_channels=8, widths=(8, 8), convs=2)
    kernels = [np.asarray(w) for w in model.trainable_weights if "conv" in w.path]
    assert len({tuple(kernel.ravel()[:4]) for kernel in kernels}) == len(kernels) == 4


@each_wing
@pytest.mark.parametrize(
    "options",
    [
        {"num_classes": 0},
        {"widths": ()},
        {"convs": 0},
        {"stem": 0},
        {"dropout": 1.0},
        {"dropout": -0.1},
    ],
)
def test_options_out_of_range_are_refused(wing, options):
    [name] = options
    with pytest.raises(ValueError, match=rf"{name}\b.* Received: "):
        recipe(wing, STARTER)(**{"num_classes": 10} | options)


@each_wing
def test_a_flattened_map_must_not_be_empty(wing):
    with pytest.raises(ValueError, match=r"flatten_size is too small\. Received: 3"):
        recipe(wing, STARTER)(10, flatten_size=3)


# the sheet and the page


def test_every_row_has_an_address_of_its_own():
    rows = sheet.ROWS
    assert len({row.slug for row in rows}) == len({row.name for row in rows})
    assert len({row.slug for row in rows}) == len(rows)
    for row in rows:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug
    text = PAGE.read_text("utf-8")
    anchors = Counter(re.findall(r'<a id="([^"]+)">|\{ #(\S+) \}', text))
    found = {a or b for a, b in anchors}
    assert {row.slug for row in rows} <= found


@pytest.mark.parametrize("row", sheet.ROWS, ids=lambda row: row.slug)
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        assert row.name in choose.answer("cnn", None, task)
    assert row.when in choose.answer("cnn", row.slug, None)


@pytest.fixture(scope="module")
def evidence():
    return json.loads(EVIDENCE.read_text("utf-8"))


def test_published_numbers_are_of_these_sources(evidence):
    pytest.importorskip("scipy")
    pytest.importorskip("yaml")
    from tools.project_evidence import code_hash

    changed = [
        path
        for path, told in evidence["sources"].items()
        if code_hash((ROOT / path).read_text("utf-8")) != told
    ]
    assert not changed, f"{changed} changed since: run python -m tools.cnn_evidence"


def test_every_experiment_belongs_to_a_guideline(evidence):
    measured = [row.slug for row in sheet.GUIDELINES if row.on_the_digits]
    assert sorted(measured) == sorted(evidence["guidelines"]) == sorted(CLAIMS)
    text = PAGE.read_text("utf-8")
    shown = re.findall(r"<!-- sheet:cnn-measured (\S+) -->", text)
    assert sorted(shown) == sorted(measured)


# What the sheet and the page say of each experiment: the variants that were better or
# worse than the first one beyond doubt, and on moved images; all others were neither.
CLAIMS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "order": (
        {"no norm": "worse", "no norm, lr 0.01": "worse"},
        {"no norm": "worse", "no norm, lr 0.01": "worse"},
    ),
    "dropout": ({}, {}),
    "head": ({}, {"flatten": "worse"}),
    "kernel": (
        {"3x3 once": "worse", "1x1 twice": "worse"},
        {"3x3 once": "worse", "1x1 twice": "worse"},
    ),
    "downsampling": ({}, {"average pooling": "better", "stride 2": "worse"}),
    "width": ({"8, 16": "worse"}, {"8, 16": "worse"}),
    "depth": (
        {"1 per stage": "worse", "8 per stage, no norm": "worse"},
        {
            "1 per stage": "worse",
            "8 per stage": "worse",
            "8 per stage, no norm": "worse",
        },
    ),
    "padding": (
        {"padded, as deep": "worse"},
        {"not padded": "worse", "padded, as deep": "worse"},
    ),
    "activation": ({"sigmoid": "worse"}, {"sigmoid": "worse"}),
    "scale": (
        {"0 to 1, no norm": "worse"},
        {"0 to 1, no norm": "worse", "0 to 255, no norm": "worse"},
    ),
    "augmentation": (
        {"mirror": "worse"},
        {"shift by a pixel": "better", "mirror": "worse"},
    ),
    "batch": ({"16": "better"}, {"512": "worse"}),
    "learning-rate": ({"0.0001": "worse"}, {"0.0001": "worse", "0.1": "worse"}),
    "epochs": ({"2": "worse"}, {"2": "worse"}),
}


@pytest.mark.parametrize("slug", CLAIMS)
def test_what_is_said_is_what_was_measured(slug, evidence):
    for key, said in zip(("gain", "gain_shifted"), CLAIMS[slug], strict=True):
        found = {}
        for variant in evidence["guidelines"][slug][1:]:
            gain = variant[key]
            if abs(gain["mean"]) > gain["half_width_corrected"]:
                found[variant["variant"]] = "better" if gain["mean"] > 0 else "worse"
        assert found == said


@pytest.mark.parametrize(
    ("slug", "variant", "key", "number"),
    [
        ("kernel", "5x5 once", "gain", "1.8"),
        ("downsampling", "stride 2", "gain_shifted", "13"),
        ("order", "no norm", "gain", "18"),
        ("order", "no norm, lr 0.01", "gain", "11"),
        ("head", "flatten", "gain_shifted", "17"),
        ("augmentation", "shift by a pixel", "gain_shifted", "11"),
        ("padding", "not padded", "accuracy", "98.2"),
        ("padding", "padded, as deep", "accuracy", "93.2"),
        ("scale", "0 to 255, no norm", "accuracy", "96"),
        ("scale", "0 to 1, no norm", "accuracy", "81"),
        ("depth", "8 per stage, no norm", "accuracy", "10"),
    ],
)
def test_the_numbers_of_a_verdict_were_measured(slug, variant, key, number, evidence):
    [row] = [row for row in sheet.GUIDELINES if row.slug == slug]
    [found] = [v for v in evidence["guidelines"][slug] if v["variant"] == variant]
    digits = len(number.partition(".")[2])
    assert f"{abs(found[key]['mean']):.{digits}f}" == number
    assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.]\d)", row.on_the_digits)


def test_without_padding_every_seed_is_better(evidence):
    runs = {v["variant"]: v for v in evidence["guidelines"]["padding"]}
    with_it, without = runs["padded, as deep"], runs["not padded"]
    assert without["accuracy"]["lowest"] > with_it["accuracy"]["highest"]
    assert without["parameters"] == with_it["parameters"]
    assert 8 * without["multiply_adds"] < with_it["multiply_adds"]


@needs_torch
def test_an_experiment_can_be_repeated(evidence):
    from dataclasses import replace

    from tools import cnn_evidence

    net = replace(cnn_evidence.BASE, epochs=1, widths=(4, 4), images=100)
    once, again = (cnn_evidence.train(net, seed=0) for _ in range(2))
    assert once == again
    assert set(cnn_evidence.VARIANTS) == set(evidence["guidelines"])
    for name, variants in cnn_evidence.VARIANTS.items():
        told = evidence["guidelines"][name]
        assert [v["variant"] for v in told] == list(variants)
        for entry, shape in zip(told, variants.values(), strict=True):
            table = torch_table(shape.build(), (1, 1, 8, 8))
            assert entry["multiply_adds"] == table.multiply_adds
            assert entry["parameters"] == table.trainable
