"""Weights go both ways, layer by layer, and what cannot be right is refused."""

import importlib.util
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.sheet import converting
from tests import wings

if {"torch", "keras"} - {*wings.WINGS}:
    pytest.skip("needs both frameworks", allow_module_level=True)

import keras
import torch
from torch import nn

from tools import convert_evidence as evidence
from tools.chapters import converting as chapter
from tools.fences import scan

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "converting.md"
ROWS = converting.ROWS
NEAR = 1e-5
L = keras.layers
F = nn.functional


class Swap(nn.Module):
    """Channels to the end, or back."""

    def forward(self, x):
        return x.transpose(1, 2)


class Flat(nn.Module):
    """A module of one's own that flattens."""

    def forward(self, x):
        return x.flatten(1)


class Two(nn.Module):
    """Two layers of which nobody can see which one comes first."""

    def __init__(self):
        super().__init__()
        self.b, self.a = nn.Linear(6, 6), nn.Linear(6, 6)


class Token(nn.Module):
    """A parameter that belongs to no layer."""

    def __init__(self):
        super().__init__()
        self.token, self.rnn = nn.Parameter(torch.zeros(6)), nn.GRU(6, 5)


class Same(NamedTuple):
    """One layer in both frameworks, like a row of the sheet."""

    torch: str
    keras: str
    torch_input: str
    keras_input: str


SCOPE = {
    "nn": nn,
    "np": np,
    "torch": torch,
    "keras": keras,
    "L": L,
    "Last": evidence.Last,
    "Swap": Swap,
    "Flat": Flat,
    "Two": Two,
    "Token": Token,
}
IMAGES = "(2, 4, 7, 8)", "(2, 7, 8, 4)"
SERIES = "(2, 4, 9)", "(2, 9, 4)"
CUBES = "(2, 4, 5, 4, 6)", "(2, 5, 4, 6, 4)"
STEPS = "(2, 3, 6)", "(2, 3, 6)"
TABLE = "(5, 6)", "(5, 6)"
IDS = "(2, 7)", "(2, 7)"
MORE = [
    Same("nn.Linear(6, 4, bias=False)", "L.Dense(4, use_bias=False)", *TABLE),
    Same("nn.Linear(6, 6)", "L.Dense(6)", *STEPS),
    Same("nn.Conv1d(4, 6, 3, stride=2)", "L.Conv1D(6, 3, strides=2)", *SERIES),
    Same("nn.Conv3d(4, 3, 2)", "L.Conv3D(3, 2)", *CUBES),
    Same("nn.Conv2d(4, 4, (2, 3), dilation=2, bias=False)",
         "L.Conv2D(4, (2, 3), dilation_rate=2, use_bias=False)", *IMAGES),
    Same("nn.Conv2d(4, 8, 3, groups=4)", "L.Conv2D(8, 3, groups=4)", *IMAGES),
    Same("nn.Conv2d(4, 8, 3, groups=2)", "L.Conv2D(8, 3, groups=2)", *IMAGES),
    Same("nn.Conv1d(4, 12, 3, groups=4)", "L.DepthwiseConv1D(3, depth_multiplier=3)",
         *SERIES),
    Same("nn.Sequential(nn.Conv1d(4, 4, 3, groups=4, bias=False), "
         "nn.Conv1d(4, 5, 1, bias=False))", "L.SeparableConv1D(5, 3, use_bias=False)",
         *SERIES),
    Same("nn.ConvTranspose1d(4, 4, 3)", "L.Conv1DTranspose(4, 3)", *SERIES),
    Same("nn.ConvTranspose3d(4, 3, 2, stride=2, bias=False)",
         "L.Conv3DTranspose(3, 2, strides=2, use_bias=False)", *CUBES),
    Same("nn.BatchNorm1d(6)", "L.BatchNormalization(epsilon=1e-5)", *TABLE),
    Same("nn.BatchNorm1d(4)", "L.BatchNormalization(epsilon=1e-5)", *SERIES),
    Same("nn.BatchNorm3d(4, affine=False)",
         "L.BatchNormalization(epsilon=1e-5, scale=False, center=False)", *CUBES),
    Same("nn.LayerNorm(6, bias=False)",
         "L.LayerNormalization(epsilon=1e-5, center=False)", *STEPS),
    Same("nn.PReLU()", "L.PReLU(shared_axes=[1, 2, 3])", *IMAGES),
    Same("nn.PReLU(6)", "L.PReLU()", *TABLE),
    Same("nn.LSTM(6, 5, batch_first=True, bias=False)",
         "L.LSTM(5, use_bias=False, return_sequences=True)", *STEPS),
    Same("nn.GRU(6, 6, batch_first=True, bias=False)",
         "L.GRU(6, use_bias=False, return_sequences=True)", *STEPS),
    Same("nn.RNN(6, 5, nonlinearity='relu', batch_first=True)",
         "L.SimpleRNN(5, activation='relu', return_sequences=True)", *STEPS),
    Same("nn.GRU(6, 5, num_layers=2, batch_first=True, bidirectional=True)",
         "keras.Sequential([L.Bidirectional(L.GRU(5, return_sequences=True)), "
         "L.Bidirectional(L.GRU(5, return_sequences=True))])", *STEPS),
    Same("nn.MultiheadAttention(6, 3, bias=False, batch_first=True)",
         "L.MultiHeadAttention(3, 2, use_bias=False)", *STEPS),
    # what is flattened, and what is not
    Same("nn.Sequential(nn.Conv1d(4, 6, 3), nn.Flatten(), nn.Linear(42, 42))",
         "keras.Sequential([L.Conv1D(6, 3), L.Flatten(), L.Dense(42)])", *SERIES),
    Same("nn.Sequential(nn.Conv2d(4, 8, 3, groups=4), nn.Flatten(), "
         "nn.Linear(240, 2))",
         "keras.Sequential([L.DepthwiseConv2D(3, depth_multiplier=2), L.Flatten(), "
         "L.Dense(2)])", *IMAGES),
    Same("nn.Sequential(nn.Conv3d(4, 3, 2), nn.Flatten(), nn.Dropout(), "
         "nn.Linear(180, 2, bias=False))",
         "keras.Sequential([L.Conv3D(3, 2), L.Flatten(), L.Dropout(0.5), "
         "L.Dense(2, use_bias=False)])", *CUBES),
    Same("nn.Sequential(nn.Conv2d(4, 3, 3), nn.Flatten(), nn.BatchNorm1d(90), "
         "nn.PReLU(90), nn.LayerNorm(90), nn.PReLU(), nn.Linear(90, 7), nn.ReLU(), "
         "nn.BatchNorm1d(7), nn.Linear(7, 2))",
         "keras.Sequential([L.Conv2D(3, 3), L.Flatten(), "
         "L.BatchNormalization(epsilon=1e-5), L.PReLU(), "
         "L.LayerNormalization(epsilon=1e-5), L.PReLU(shared_axes=[1]), L.Dense(7), "
         "L.ReLU(), L.BatchNormalization(epsilon=1e-5), L.Dense(2)])", *IMAGES),
    Same("nn.Sequential(nn.Sequential(nn.Conv2d(4, 6, 3), nn.Tanh()), "
         "nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2)))",
         "keras.Sequential([keras.Sequential([L.Conv2D(6, 3, activation='tanh')]), "
         "keras.Sequential([L.GlobalAveragePooling2D(), L.Dense(2)])])", *IMAGES),
    Same("nn.Sequential(nn.Embedding(50, 6), nn.Flatten(), nn.Linear(42, 3))",
         "keras.Sequential([L.Embedding(50, 6), L.Flatten(), L.Dense(3)])", *IDS),
    Same("nn.Sequential(nn.Conv1d(4, 6, 3), Swap(), Last(nn.LSTM(6, 5, "
         "batch_first=True)), nn.Linear(5, 2))",
         "keras.Sequential([L.Conv1D(6, 3), L.LSTM(5), L.Dense(2)])", *SERIES),
    Same("nn.Sequential(nn.Embedding(50, 6), Swap(), nn.Conv1d(6, 4, 3), nn.GLU(1), "
         "nn.Conv1d(2, 3, 1), Swap())",
         "keras.Sequential([L.Embedding(50, 6), L.Conv1D(4, 3), "
         "L.Lambda(lambda x: keras.activations.glu(x, -1)), L.Conv1D(3, 1)])",
         "(2, 7)", "(2, 7)"),
    Same("nn.Sequential(nn.Linear(6, 5), nn.Flatten(), nn.Linear(15, 3))",
         "keras.Sequential([L.Dense(5), L.Flatten(), L.Dense(3)])", *STEPS),
]  # fmt: skip
PAIRS = [
    *(pytest.param(row, id=row.slug) for row in ROWS),
    *(pytest.param(row, id=f"{n}: {row.torch[:40]}") for n, row in enumerate(MORE)),
]
each_pair = pytest.mark.parametrize("row", PAIRS)
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)


def convert(wing):
    """Return the recipe, or what stands in for it."""
    return wings.function(wing, "convert/weights.import_weights")


def built(code, shape, seed=1):
    """Return a layer of Keras with random weights."""
    layer = eval(code, SCOPE)
    if isinstance(layer, L.MultiHeadAttention):
        layer.build(shape, shape)
    elif not layer.built:
        layer.build((None, *shape[1:]))
    return evidence.shaken(layer, seed)


def pair(row, seed=0):
    """Return both layers of a pair, each with random weights of its own."""
    torch.manual_seed(seed)
    keras.utils.set_random_seed(seed)
    module = evidence.shaken(eval(row.torch, SCOPE).eval(), seed)
    return module, built(row.keras, eval(row.keras_input), seed + 1)


def copies(model):
    """Return every weight of a model as it stands, by name and in order."""
    # with torch as backend a layer of Keras is a module too
    if not isinstance(model, keras.Layer):
        found = model.state_dict().items()
        kept = {name: v for name, v in found if not name.endswith("_tracked")}
        # NumPy has no bfloat16
        return {
            name: np.array(v.float() if v.dtype is torch.bfloat16 else v)
            for name, v in kept.items()
        }
    return {f"{n} {w.path}": np.array(w.numpy()) for n, w in enumerate(model.weights)}


def differ(before, after):
    """Name the weights that are not the same to the bit."""
    assert before.keys() == after.keys()
    return [name for name in before if not np.array_equal(before[name], after[name])]


@each_pair
def test_outputs_are_the_same_and_the_way_back_gives_every_bit(row):
    module, layer = pair(row)
    assert evidence.apart(row, module, layer) > 0.1
    given = copies(layer)
    assert convert("torch")(module, evidence.arrays(layer)) is None
    assert not differ(given, copies(layer))
    assert evidence.apart(row, module, layer) < NEAR
    other = built(row.keras, eval(row.keras_input), seed=5)
    convert("keras")(other, module.state_dict())
    first, second = given.values(), copies(other).values()
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    # and from PyTorch, with weights that were never in Keras
    evidence.shaken(module, 7)
    given = copies(module)
    assert convert("keras")(other, module.state_dict()) is None
    assert not differ(given, copies(module))
    assert evidence.apart(row, module, other) < NEAR
    evidence.shaken(module, 8)
    convert("torch")(module, evidence.arrays(other))
    changed = differ(given, copies(module))
    # two biases cannot be told from their sum
    summed = re.search(r"LSTM|RNN", row.torch)
    assert all("bias_" in name for name in changed) if summed else not changed


def test_keys_and_values_of_other_sizes():
    module = nn.MultiheadAttention(6, 2, kdim=5, vdim=4, batch_first=True)
    evidence.shaken(module.eval(), 0)
    layer = L.MultiHeadAttention(2, 3)
    sizes = (2, 7, 6), (2, 8, 4), (2, 8, 5)
    layer.build(*sizes)
    q, v, k = (torch.randn(size) for size in sizes)
    with torch.no_grad():
        want = module(q, k, v)[0].numpy()
    convert("keras")(layer, module.state_dict())
    got = keras.ops.convert_to_numpy(layer(q.numpy(), v.numpy(), k.numpy()))
    np.testing.assert_allclose(got, want, atol=NEAR)
    other = nn.MultiheadAttention(6, 2, kdim=5, vdim=4, batch_first=True)
    convert("torch")(other, evidence.arrays(layer))
    assert not differ(copies(module), copies(other))


MLP = Same(
    "nn.Sequential(nn.Flatten(), nn.Linear(60, 4))",
    "keras.Sequential([L.Flatten(), L.Dense(4)])",
    "(2, 3, 4, 5)",
    "(2, 4, 5, 3)",
)


@pytest.mark.parametrize("target", ["keras", "torch"])
def test_channels_of_what_is_flattened_first_are_given(target):
    def moved(**options):
        module, layer = pair(MLP)
        if target == "keras":
            convert("keras")(layer, module.state_dict(), **options)
        else:
            convert("torch")(module, evidence.arrays(layer), **options)
        return evidence.apart(MLP, module, layer)

    assert moved(channels=3) < NEAR
    assert moved(channels=1) > 0.1
    with pytest.raises(ValueError, match="channels must be given"):
        moved()


def test_a_dense_layer_alone_is_told_the_channels():
    module, layer = pair(MLP)
    convert("keras")(layer.layers[-1], module[-1].state_dict(), channels=3)
    assert evidence.apart(MLP, module, layer) < NEAR


def test_a_functional_model_without_branches_is_a_sequential():
    inputs = keras.Input((7, 8, 4))
    x = L.Flatten()(L.Conv2D(3, 3, activation="relu")(inputs))
    layer = evidence.shaken(keras.Model(inputs, L.Dense(2)(x)), 1)
    module = nn.Sequential(
        nn.Conv2d(4, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(90, 2)
    )
    row = Same("", "", *IMAGES)
    convert("keras")(layer, module.state_dict())
    assert evidence.apart(row, module, layer) < NEAR


def test_an_attention_to_itself_is_a_functional_model():
    inputs = keras.Input((7, 6))
    layer = keras.Model(inputs, L.MultiHeadAttention(2, 3)(inputs, inputs))
    module = evidence.shaken(nn.MultiheadAttention(6, 2, batch_first=True).eval(), 0)
    convert("keras")(layer, module.state_dict())
    x = torch.randn(2, 7, 6)
    with torch.no_grad():
        want = module(x, x, x)[0].numpy()
    got = keras.ops.convert_to_numpy(layer(x.numpy()))
    np.testing.assert_allclose(got, want, atol=NEAR)


@pytest.mark.parametrize(
    ("scale", "center"), [(False, True), (True, False), (False, False)]
)
def test_a_norm_without_scale_has_a_scale_of_one(scale, center):
    code = f"L.BatchNormalization(epsilon=1e-5, scale={scale}, center={center})"
    row = Same("nn.BatchNorm2d(4)", code, *IMAGES)
    module, layer = pair(row)
    convert("torch")(module, evidence.arrays(layer))
    assert evidence.apart(row, module, layer) < NEAR
    _, again = pair(row, seed=3)
    convert("keras")(again, module.state_dict())
    assert evidence.apart(row, module, again) < NEAR


def test_other_dtypes_that_both_have():
    module = evidence.shaken(nn.Linear(6, 4), 0).double()
    layer = L.Dense(4, dtype="float64")
    layer.build((None, 6))
    convert("keras")(layer, module.state_dict())
    other = nn.Linear(6, 4).double()
    convert("torch")(other, evidence.arrays(layer))
    assert not differ(copies(module), copies(other))


def kept(code, shape, seed=1):
    """Return the weights of a layer of Keras."""
    return evidence.arrays(built(code, shape, seed))


def state(code):
    """Return the weights of a module."""
    return copies(eval(code, SCOPE))


SCOPE |= {"kept": kept, "state": state, "built": built}
CONV = "nn.Conv2d(4, 3, 3)"
INTO_TORCH = [
    ("nn.Linear(6, 4)", "kept('L.Dense(5)', (2, 6))", "shape"),
    ("nn.Linear(6, 4)", "kept('L.Dense(4, use_bias=False)', (2, 6))", "takes"),
    ("nn.Linear(6, 4, bias=False)", "kept('L.Dense(4)', (2, 6))", "takes"),
    ("nn.Linear(6, 6)", "{'a/b/kernel': np.zeros((6, 6, 1), 'f')}", "takes"),
    ("nn.Linear(6, 6, bias=False)", "{'a/kernel': np.zeros((6, 6, 1), 'f')}", "shape"),
    ("nn.Linear(6, 4)", "{}", "takes"),
    ("nn.Linear(6, 4)", "kept('keras.Sequential([L.Dense(4), L.Dense(4)])', (2, 6))",
     "no module is left"),
    ("nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 4))", "kept('L.Dense(4)', (2, 6))",
     "takes"),
    ("nn.Linear(6, 4)", "dict(sorted(kept('L.Dense(4)', (2, 6)).items()))", "takes"),
    ("nn.Embedding(6, 4)", "kept('L.Dense(4, use_bias=False)', (2, 6))", "takes"),
    ("nn.Linear(6, 4)", "kept('L.Dense(4, dtype=\"float64\")', (2, 6))", "float32"),
    ("nn.Linear(6, 4).half()", "kept('L.Dense(4)', (2, 6))", "float16"),
    ("nn.Linear(6, 4).bfloat16()", "kept('L.Dense(4)', (2, 6))", "bfloat16"),
    ("nn.LSTM(6, 5, proj_size=3)", "kept('L.LSTM(5)', (2, 7, 6))", "proj_size"),
    ("nn.GRU(6, 5)", "kept('L.GRU(5, reset_after=False)', (2, 7, 6))", "reset_after"),
    ("nn.GRU(6, 5)", "kept('L.LSTM(5)', (2, 7, 6))", "shapes"),
    ("nn.LSTM(6, 5, num_layers=2)", "kept('L.LSTM(5)', (2, 7, 6))", "takes"),
    ("nn.LSTM(6, 5)", "kept('L.Bidirectional(L.LSTM(5))', (2, 7, 6))", "left"),
    ("nn.MultiheadAttention(6, 2, add_bias_kv=True)",
     "kept('L.MultiHeadAttention(2, 3)', (2, 7, 6))", "add_bias_kv"),
    ("nn.MultiheadAttention(6, 2, add_zero_attn=True)",
     "kept('L.MultiHeadAttention(2, 3)', (2, 7, 6))", "add_zero_attn"),
    ("nn.MultiheadAttention(6, 3)", "kept('L.MultiHeadAttention(2, 3)', (2, 7, 6))",
     "needs query"),
    ("nn.MultiheadAttention(6, 2)",
     "dict(sorted(kept('L.MultiHeadAttention(2, 3, use_bias=False)', (2, 7, 6))"
     ".items()))", "takes"),
    ("nn.MultiheadAttention(6, 2, bias=False)",
     "dict(sorted(kept('L.MultiHeadAttention(2, 3, use_bias=False)', (2, 7, 6))"
     ".items()))", "needs query"),
    ("nn.Embedding(9, 6, max_norm=1.0)", "kept('L.Embedding(9, 6)', (2, 7))",
     "max_norm"),
    ("nn.Sequential(*[nn.Linear(6, 6)] * 2)",
     "kept('keras.Sequential([L.Dense(6), L.Dense(6)])', (2, 6))", "once"),
    ("nn.utils.parametrizations.weight_norm(nn.Linear(6, 4))",
     "kept('L.Dense(4)', (2, 6))", "cannot be seen"),
    ("nn.Bilinear(6, 6, 4)", "kept('L.Dense(4)', (2, 6))", "Keras must have"),
    ("Two()", "kept('keras.Sequential([L.Dense(6), L.Dense(6)])', (2, 6))",
     "cannot be seen"),
    ("Token()", "kept('L.GRU(5)', (2, 7, 6))", "cannot be seen"),
    (f"nn.Sequential({CONV}, Flat(), nn.Linear(90, 2))",
     "kept('keras.Sequential([L.Conv2D(3, 3), L.Flatten(), L.Dense(2)])', "
     "(2, 7, 8, 4))", "must be seen"),
    (f"nn.Sequential({CONV}, Flat(), nn.BatchNorm1d(90))",
     "kept('keras.Sequential([L.Conv2D(3, 3), L.Flatten(), "
     "L.BatchNormalization()])', (2, 7, 8, 4))", "must be seen"),
    (f"nn.Sequential({CONV}, nn.GLU(-1), nn.Flatten(), nn.Linear(45, 2))",
     "kept('keras.Sequential([L.Conv2D(3, 3), L.MaxPooling2D((1, 2)), L.Flatten(), "
     "L.Dense(2)])', (2, 7, 8, 4))", "must be seen"),
    (f"nn.Sequential({CONV}, nn.Flatten(2), nn.Linear(30, 2))",
     "kept('keras.Sequential([L.Conv2D(3, 3), L.Reshape((3, 30)), L.Dense(2)])', "
     "(2, 7, 8, 4))", "must be seen"),
    (f"nn.Sequential({CONV}, nn.Linear(6, 2))",
     "kept('keras.Sequential([L.Conv2D(3, 3), L.Permute((1, 3, 2)), L.Dense(2)])', "
     "(2, 7, 8, 4))", "moved last"),
    (f"nn.Sequential({CONV}, nn.Flatten(), nn.GroupNorm(2, 90))",
     "kept('keras.Sequential([L.Conv2D(3, 3), L.Flatten(), "
     "L.GroupNormalization(2)])', (2, 7, 8, 4))", "must be seen"),
    (f"nn.Sequential({CONV}, nn.Flatten(), nn.Linear(91, 2))",
     "kept('keras.Sequential([L.Flatten(), L.Dense(2)])', (2, 91)) "
     "and kept('keras.Sequential([L.Conv2D(3, 3), L.Flatten(), L.Dense(2)])', "
     "(2, 7, 8, 4))", "must be seen"),
    ("nn.Sequential(nn.Linear(6, 12), nn.Unflatten(1, (3, 2, 2)), nn.Conv2d(3, 2, 1))",
     "kept('keras.Sequential([L.Dense(12), L.Reshape((2, 2, 3)), L.Conv2D(2, 1)])', "
     "(2, 6))", "must not become maps"),
    ("nn.Sequential(Flat(), nn.Linear(6, 4))", "kept('L.Dense(4)', (2, 6))",
     "channels must be given"),
    ("nn.BatchNorm2d(4, track_running_stats=False)",
     "kept('L.BatchNormalization()', (2, 7, 8, 4))", "has"),
    ("nn.BatchNorm2d(4, affine=False)",
     "kept('L.BatchNormalization()', (2, 7, 8, 4))", "has"),
    ("nn.LayerNorm((7, 6))", "kept('L.LayerNormalization(axis=[1, 2])', (2, 7, 6))",
     "normalized_shape"),
    ("nn.PReLU(3)", "kept('L.PReLU(shared_axes=[2])', (2, 3, 5, 1))", "shape"),
    ("nn.ConvTranspose2d(4, 4, 3, groups=2)",
     "kept('L.Conv2DTranspose(4, 3)', (2, 7, 8, 4))", "shape"),
]  # fmt: skip
SERIAL = "nn.Sequential(*[nn.Linear(2, 2, bias=False) for _ in range(11)])"
INTO_KERAS = [
    ("built('L.Dense(5)', (2, 6))", "state('nn.Linear(6, 4)')", "shape"),
    ("built('L.Dense(4)', (2, 6))", "state('nn.Linear(6, 4, bias=False)')", "takes"),
    ("built('L.Dense(4, use_bias=False)', (2, 6))", "state('nn.Linear(6, 4)')",
     "takes"),
    ("built('L.Dense(6, use_bias=False)', (2, 6))",
     "{'weight': np.zeros((6, 6, 1), 'f')}", "shape"),
    ("built('L.Dense(4)', (2, 6))", "{}", "takes"),
    ("built('L.Dense(4)', (2, 6))",
     "state('nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 4))')", "no layer is left"),
    ("built('keras.Sequential([L.Dense(4), L.Dense(4)])', (2, 6))",
     "state('nn.Linear(6, 4)')", "takes"),
    ("built('L.Dense(4)', (2, 6))", "dict(sorted(state('nn.Linear(6, 4)').items()))",
     "takes"),
    ("built('keras.Sequential([L.Dense(2, use_bias=False) for _ in range(11)])', "
     "(2, 2))", f"dict(sorted(state('{SERIAL}').items()))", "order of the state_dict"),
    ("built('L.Dense(4)', (2, 6))", "state('nn.Linear(6, 4).double()')", "float32"),
    ("built('L.Dense(4)', (2, 6))", "state('nn.Linear(6, 4).half()')", "float32"),
    ("L.Dense(4)", "state('nn.Linear(6, 4)')", "must be built"),
    ("built('L.LSTM(5)', (2, 7, 6))", "state('nn.LSTM(6, 5, proj_size=3)')", "shapes"),
    ("built('L.LSTM(5)', (2, 7, 6))", "state('nn.GRU(6, 5)')", "shapes"),
    ("built('L.LSTM(5)', (2, 7, 6))", "state('nn.LSTM(6, 5, num_layers=2)')", "left"),
    ("built('L.GRU(5, reset_after=False)', (2, 7, 6))", "state('nn.GRU(6, 5)')",
     "reset_after"),
    ("built('L.LSTM(5, activation=\"relu\")', (2, 7, 6))", "state('nn.LSTM(6, 5)')",
     "tanh"),
    ("built('L.LSTM(5, recurrent_activation=\"hard_sigmoid\")', (2, 7, 6))",
     "state('nn.LSTM(6, 5)')", "sigmoid"),
    ("built('L.LSTM(5, go_backwards=True)', (2, 7, 6))", "state('nn.LSTM(6, 5)')",
     "forwards"),
    ("built('L.Bidirectional(L.LSTM(5), merge_mode=\"sum\")', (2, 7, 6))",
     "state('nn.LSTM(6, 5, bidirectional=True)')", "merge_mode"),
    ("built('L.MultiHeadAttention(2, 3)', (2, 7, 6))",
     "state('nn.MultiheadAttention(6, 2, add_bias_kv=True)')", "takes"),
    ("built('L.MultiHeadAttention(2, 4)', (2, 7, 6))",
     "state('nn.MultiheadAttention(6, 2)')", "needs query/kernel"),
    ("built('L.MultiHeadAttention(2, 3, value_dim=4)', (2, 7, 6))",
     "state('nn.MultiheadAttention(6, 2)')", "needs value/kernel"),
    ("built('L.EinsumDense(\"ab,bc->ac\", 4)', (2, 6))", "state('nn.Linear(6, 4)')",
     "PyTorch must have"),
    ("built('L.LayerNormalization(axis=[1, 2])', (2, 7, 6))",
     "state('nn.LayerNorm((7, 6))')", "axis"),
    ("built('L.BatchNormalization()', (2, 7, 8, 4))",
     "state('nn.BatchNorm2d(4, track_running_stats=False)')", "has"),
    ("built('L.BatchNormalization(scale=False)', (2, 7, 8, 4))",
     "{n: a + 1 for n, a in state('nn.BatchNorm2d(4)').items()}", r"has \['beta'"),
    ("built('L.PReLU()', (2, 7, 8, 4))", "state('nn.PReLU(4)')", "shape"),
    ("built('keras.Sequential([L.Flatten(), L.Dense(2)])', (2, 7, 8, 4))",
     "state('nn.Sequential(nn.Flatten(), nn.Linear(224, 2))')",
     "channels must be given"),
    ("built('keras.Sequential([L.Conv2D(3, 3), L.Reshape((90,)), L.Dense(2)])', "
     "(2, 7, 8, 4))",
     f"state('nn.Sequential({CONV}, nn.Flatten(), nn.Linear(90, 2))')", "must be seen"),
    ("built('keras.Sequential([L.Conv2D(3, 3), L.Flatten(), "
     "L.GroupNormalization(2)])', (2, 7, 8, 4))",
     f"state('nn.Sequential({CONV}, nn.Flatten(), nn.GroupNorm(2, 90))')",
     "must be seen"),
    ("built('keras.Sequential([L.Dense(12), L.Reshape((2, 2, 3)), L.Conv2D(2, 1)])', "
     "(2, 6))",
     "state('nn.Sequential(nn.Linear(6, 12), nn.Unflatten(1, (3, 2, 2)), "
     "nn.Conv2d(3, 2, 1))')", "must not become maps"),
    ("branched()", "state('nn.Sequential(nn.Linear(6, 6), nn.Linear(6, 6))')",
     "must be plain"),
    ("tied()", "state('nn.Sequential(nn.Linear(6, 6), nn.Linear(6, 6))')", "once"),
    ("adapted()", "state('nn.Linear(6, 6)')", "has"),
]  # fmt: skip


def branched():
    """Return a model in which two layers stand beside each other."""
    inputs = keras.Input((6,))
    return keras.Model(inputs, L.Add()([L.Dense(6)(inputs), L.Dense(6)(inputs)]))


def tied():
    """Return a model that has one layer twice."""
    dense = L.Dense(6)
    parts = [keras.Sequential([keras.Input((6,)), dense]) for _ in range(2)]
    return keras.Sequential([keras.Input((6,)), *parts])


def adapted():
    """Return a layer with low-rank weights beside its own."""
    layer = built("L.Dense(6)", (2, 6))
    layer.enable_lora(2)
    return layer


SCOPE |= {"branched": branched, "tied": tied, "adapted": adapted}


@pytest.mark.parametrize(
    ("wing", "target", "given", "words"),
    [
        *(pytest.param("torch", *line, id=f"torch {line[0]}") for line in INTO_TORCH),
        *(pytest.param("keras", *line, id=f"keras {line[0]}") for line in INTO_KERAS),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_changed(
    wing, target, given, words
):
    model, weights = eval(target, SCOPE), eval(given, SCOPE)
    before = copies(model)
    with pytest.raises(ValueError, match=words) as caught:
        convert(wing)(model, weights)
    assert "Received: " in str(caught.value)
    assert not differ(before, copies(model))


@pytest.mark.parametrize("wing", ["torch", "keras"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("target", None), ("weights", None), ("weights", [1.0])]
    + [("channels", value) for value in (0, True, 1.5)],
)
def test_an_argument_of_another_kind_is_named(wing, name, value):
    target = dict(zip(("torch", "keras"), pair(ROWS[0]), strict=True))[wing]
    given = {"target": target, "weights": {}, "channels": None} | {name: value}
    called = {"torch": "module", "keras": "layer"}[wing] if name == "target" else name
    with pytest.raises(ValueError, match=rf"^{called} must be .*Received: "):
        convert(wing)(*[*given.values()][:2], channels=given["channels"])


def test_a_late_fault_leaves_the_first_layers_as_they_were():
    module, layer = pair(ROWS[0])
    weights = evidence.arrays(layer)
    *_, last = weights
    before = copies(module)
    with pytest.raises(ValueError, match="shape"):
        convert("torch")(module, weights | {last: weights[last][:-1]})
    assert not differ(before, copies(module))
    state = {name: v.numpy() for name, v in module.state_dict().items()}
    before = copies(layer)
    with pytest.raises(ValueError, match="shape"):
        convert("keras")(layer, state | {"5.bias": state["5.bias"][:-1]})
    assert not differ(before, copies(layer))


@pytest.mark.parametrize(
    ("slug", "wing", "old", "new"),
    [
        ("batch-norm", "keras", "epsilon=1e-5", "epsilon=1e-2"),
        ("group-norm", "torch", "nn.GroupNorm(3, 6)", "nn.GroupNorm(2, 6)"),
        ("attention", "keras", "(2, 3)", "(3, 2)"),
        ("rnn", "torch", "batch_first", "nonlinearity='relu', batch_first"),
    ],
)
def test_a_wrong_row_is_caught(slug, wing, old, new):
    [row] = [row for row in ROWS if row.slug == slug]
    code = getattr(row, wing)
    assert old in code
    # the number of heads is refused on the way into PyTorch
    with pytest.raises((AssertionError, ValueError)):
        test_outputs_are_the_same_and_the_way_back_gives_every_bit(
            replace(row, **{wing: code.replace(old, new)})
        )


@each_row
def test_what_the_page_says_was_measured(row):
    told = json.loads(evidence.FILE.read_text("utf-8"))[row.slug]
    assert told.keys() == {"keras", "torch"}
    for found in told.values():
        assert found["after"] < NEAR
        assert found["before"] > 0.1


def test_the_file_has_a_line_for_each_row():
    assert list(json.loads(evidence.FILE.read_text("utf-8"))) == [r.slug for r in ROWS]


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("converting", None, task)
        assert row.torch in answer or f"choose converting {row.slug}\n" in answer
    assert row.keras in choose.answer("converting", row.slug, None)


def test_every_task_is_asked_in_words():
    tasks = choose.tasks(converting)
    assert [rows[0] for rows in tasks.values()] == [r for r in ROWS if r.converting]


def test_every_row_has_an_address_of_its_own():
    assert len({row.slug for row in ROWS}) == len({row.name for row in ROWS})
    text = PAGE.read_text("utf-8")
    headings = re.findall(r"^## .* \{ #(\S+) \}$", text, re.MULTILINE)
    shown = re.findall(r"<!-- sheet:converting (\S+) -->", text)
    assert Counter(shown) == Counter({row.section or row.slug for row in ROWS})
    assert {*shown} <= {*headings}
    anchors = {*headings, *re.findall(r'<a id="([^"]+)">', text)}
    assert {row.slug for row in ROWS} <= anchors
    for row in ROWS:
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug
        assert importlib.util.find_spec(
            f"dlcookbook.torch.{row.recipe.replace('/', '.')}"
        )
    assert chapter.FACTS == (ROWS,)


def test_both_tabs_of_the_page_have_an_output():
    fences = scan(PAGE.read_text("utf-8"))
    tabs = Counter(fence.tab for fence in fences if fence.is_output and fence.tab)
    assert tabs["PyTorch"] == tabs["Keras"] > 0
