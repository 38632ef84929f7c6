"""Blocks and models of sequences: definitions, masks, causality, cells, generation."""

import importlib

import numpy as np
import pytest

from tests import wings

torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")

from torch.nn import functional as F  # noqa: E402

from tests import conversion  # noqa: E402
from tests.blocks import rnn_cells  # noqa: E402

BOTH = pytest.mark.parametrize("wing", ["torch", "keras"])
# Relative to the largest value; both wings compute in float32.
TOLERANCE = 5e-6


def definition(name):
    return wings.function("reference", f"blocks/{name}")


def tensor(wing, x):
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        x = x.astype("float32")
    make = torch.tensor if wing == "torch" else keras.ops.convert_to_tensor
    return make(x)


def array(x):
    x = x.detach() if hasattr(x, "detach") else x
    return np.asarray(keras.ops.convert_to_numpy(x), np.float64)


def call(wing, function, *args, **kwargs):
    """Call with arrays turned into tensors, and return arrays."""
    args = [tensor(wing, x) if isinstance(x, np.ndarray) else x for x in args]
    kwargs = {
        k: tensor(wing, x) if isinstance(x, np.ndarray) else x
        for k, x in kwargs.items()
    }
    return array(function(*args, **kwargs))


def close(got, want, tolerance=TOLERANCE):
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape
    assert np.abs(got - want).max() <= tolerance * max(1, np.abs(want).max())


def block(name, *args, inputs, keras_args=None, **kwargs):
    """Return a block of both wings with the same weights, and these as arrays."""
    mine = conversion.shake(wings.function("torch", f"blocks/{name}")(*args, **kwargs))
    theirs = wings.function("keras", f"blocks/{name}")(*(keras_args or args), **kwargs)
    call("keras", theirs, *inputs)
    for variable in theirs.weights:
        *parts, last = variable.path.split("/")[1:]
        parts.append(conversion.NAMES.get(last, last))
        value = mine.get_parameter(".".join(parts)).detach().numpy()
        variable.assign(value.T if last == "kernel" else value)
    state = {k: v.double().numpy() for k, v in mine.state_dict().items()}
    assert len(theirs.weights) == len(state)
    return {"torch": mine.eval(), "keras": theirs}, state


# Attention

LENGTH, MEMORY = 4, 5
MASKS = {
    "none": None,
    "keys": np.arange(MEMORY) < np.array([[5], [2], [0]])[:, None, None],
    "pairs": np.array([True, False, False, True]).repeat(5).reshape(1, 1, 4, 5),
    "one key": np.eye(4, 5, dtype=bool),
}


@BOTH
@pytest.mark.parametrize("mask", MASKS)
def test_attention_is_what_the_definition_says(wing, mask, rng):
    query, key, value = (
        rng.normal(size=(3, 2, n, d)) for n, d in ((4, 6), (5, 6), (5, 3))
    )
    f = wings.function(wing, "blocks/attention.masked_attention")
    want = definition("attention.masked_attention")(query, key, value, keep=MASKS[mask])
    close(call(wing, f, query, key, value, keep=MASKS[mask]), want)
    if mask == "one key":
        close(want, value[:, :, :4])
    if mask == "keys":
        assert (want[2] == 0).all()


@BOTH
@pytest.mark.parametrize("masked", [False, True])
def test_causal_attention_is_what_the_definition_says(wing, masked, rng):
    x = rng.normal(size=(2, 3, 5, 4))
    keep = rng.random((2, 1, 1, 5)) < 0.6 if masked else None
    keep = None if keep is None else keep & np.array([True, False])[:, None, None, None]
    f = wings.function(wing, "blocks/attention.masked_attention")
    want = definition("attention.masked_attention")(x, x, x, keep=keep, causal=True)
    close(call(wing, f, x, x, x, keep=keep, causal=True), want)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_row_that_sees_nothing_has_a_gradient_of_zero(dtype, rng):
    x = torch.tensor(rng.normal(size=(2, 1, 3, 4)), dtype=getattr(torch, dtype))
    x.requires_grad_()
    keep = torch.tensor([True, False])[:, None, None, None].expand(2, 1, 3, 3)
    f = wings.function("torch", "blocks/attention.masked_attention")
    f(x, x, x, keep=keep).sum().backward()
    assert x.grad.isfinite().all()
    assert (x.grad[1] == 0).all()
    assert (x.grad[0] != 0).any()


def test_keep_has_the_polarity_of_these_calls(rng):
    """True may look: as in two of the frameworks' calls, and not as in the third."""
    x = torch.tensor(rng.normal(size=(2, 5, 12)), dtype=torch.float32)
    keep = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    pair, state = block("attention.MultiHeadAttention", 12, 3, inputs=[x.numpy()])
    ours = pair["torch"](x, keep=keep).detach()
    parts = ("query", "key", "value")

    theirs = torch.nn.MultiheadAttention(12, 3, batch_first=True)
    packed = [
        torch.cat([pair["torch"].get_parameter(f"{part}.{kind}") for part in parts])
        for kind in ("weight", "bias")
    ]
    theirs.load_state_dict(
        {
            "in_proj_weight": packed[0],
            "in_proj_bias": packed[1],
            "out_proj.weight": pair["torch"].out.weight,
            "out_proj.bias": pair["torch"].out.bias,
        }
    )
    ignored = theirs(x, x, x, key_padding_mask=~keep, need_weights=False)[0]
    torch.testing.assert_close(ours, ignored.detach(), atol=1e-5, rtol=0)

    layer = keras.layers.MultiHeadAttention(3, 4)
    layer.build(x.shape, x.shape)
    dense = [getattr(layer, f"{part}_dense") for part in (*parts, "output")]
    for name, projection in zip((*parts, "out"), dense, strict=True):
        kernel, bias = projection.kernel, projection.bias
        kernel.assign(state[f"{name}.weight"].T.reshape(kernel.shape))
        bias.assign(state[f"{name}.bias"].reshape(bias.shape))
    mask = keep[:, None].numpy()
    attended = layer(x.numpy(), x.numpy(), attention_mask=mask)
    close(array(attended), ours)

    heads = x.unflatten(-1, (3, 4)).transpose(1, 2)
    f = wings.function("torch", "blocks/attention.masked_attention")
    mask = keep[:, None, None]
    torch.testing.assert_close(
        f(heads, heads, heads, keep=mask),
        F.scaled_dot_product_attention(heads, heads, heads, attn_mask=mask),
    )


KEEPS = {
    "keys": np.arange(5) < np.array([[5], [2], [0]]),
    "pairs": np.tri(4, 5, dtype=bool)[None],
    "heads": np.array([[True, False]]).repeat(20).reshape(1, 2, 4, 5),
}


@BOTH
@pytest.mark.parametrize("kind", KEEPS)
def test_multi_head_attention_is_what_the_definition_says(wing, kind, rng):
    query, key, value = (rng.normal(size=(3, n, 6)) for n in (4, 5, 5))
    given = [query, key, value]
    pair, state = block("attention.MultiHeadAttention", 6, 2, inputs=given)
    want = definition("attention.multi_head_attention")(
        query, key, value, state, heads=2, keep=KEEPS[kind]
    )
    close(call(wing, pair[wing], *given, keep=KEEPS[kind]), want)
    if kind == "keys":
        close(want[2], np.broadcast_to(state["out.bias"], (4, 6)))


@BOTH
@pytest.mark.parametrize("causal", [False, True])
def test_the_transformer_block_is_what_the_definition_says(wing, causal, rng):
    x, keep = rng.normal(size=(3, 5, 6)), KEEPS["keys"]
    name, options = "transformer_block.TransformerBlock", {"hidden": 7, "eps": 1e-3}
    pair, state = block(name, 6, 2, inputs=[x], **options)
    want = definition("transformer_block.transformer_block")(
        x, state, heads=2, keep=keep, causal=causal, eps=1e-3
    )
    close(call(wing, pair[wing], x, keep=keep, causal=causal), want)


def test_the_transformer_block_is_torchs_own_with_the_norm_first(rng):
    x = torch.tensor(rng.normal(size=(2, 5, 12)), dtype=torch.float32)
    keep = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    pair, _ = block("transformer_block.TransformerBlock", 12, 3, inputs=[x.numpy()])
    mine = pair["torch"]
    theirs = torch.nn.TransformerEncoderLayer(
        12, 3, 48, activation="gelu", batch_first=True, norm_first=True
    ).eval()
    state = {
        f"self_attn.in_proj_{kind}": torch.cat(
            [mine.get_parameter(f"{part}.{kind}") for part in ("query", "key", "value")]
        )
        for kind in ("weight", "bias")
    }
    names = {
        "self_attn.out_proj": "out",
        "linear1": "up",
        "linear2": "down",
        "norm1": "norm1",
        "norm2": "norm2",
    }
    for their, our in names.items():
        for kind in ("weight", "bias"):
            state[f"{their}.{kind}"] = mine.get_parameter(f"{our}.{kind}")
    theirs.load_state_dict(state)
    with torch.no_grad():
        want = theirs(x, src_key_padding_mask=~keep)
        got = mine(x, keep=keep)
    # what padding itself becomes means nothing, and the fast path leaves it out
    torch.testing.assert_close(got[keep], want[keep], atol=1e-5, rtol=0)


@BOTH
def test_a_key_bias_changes_nothing(wing, rng):
    x = rng.normal(size=(2, 4, 6))
    pair, _ = block("attention.MultiHeadAttention", 6, 2, inputs=[x])
    was = call(wing, pair[wing], x)
    if wing == "torch":
        pair[wing].key.bias.data += 3
    else:
        pair[wing].key.bias.assign_add(3 * np.ones(6))
    close(call(wing, pair[wing], x), was)


# Positions


@BOTH
def test_sinusoidal_positions_are_exact_far_out(wing):
    want = definition("positions.sinusoidal_positions")(20_001, 8)[[0, 1, 777, 20_000]]
    f = wings.function(wing, "blocks/positions.sinusoidal_positions")
    close(array(f(20_001, 8))[[0, 1, 777, 20_000]], want, 1e-7)


@BOTH
@pytest.mark.parametrize("interleaved", [False, True])
@pytest.mark.parametrize("positions", [None, np.array([[3, 0, 9, 9], [5, 6, 7, 8]])])
def test_rotary_positions_are_what_the_definition_says(
    wing, interleaved, positions, rng
):
    x = rng.normal(size=(2, 4, 6))
    options = {"positions": positions, "base": 500.0, "interleaved": interleaved}
    want = definition("positions.rotary_positions")(x, **options)
    f = wings.function(wing, "blocks/positions.rotary_positions")
    close(call(wing, f, x, **options), want)


def test_rotary_scores_know_only_the_distance(rng):
    f = definition("positions.rotary_positions")
    query, key = rng.normal(size=(2, 1, 8))
    scores = [
        f(query, positions=[t + 3]) @ f(key, positions=[t]).T for t in (0, 1, 500)
    ]
    np.testing.assert_allclose(scores, scores[:1] * 3, rtol=1e-9)
    assert abs(f(query, positions=[4]) @ f(key, positions=[0]).T - scores[0]) > 1e-3


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_rotary_positions_are_those_of_llama(rng):
    pytest.importorskip("transformers")
    llama = importlib.import_module("transformers.models.llama.modeling_llama")
    config = llama.LlamaConfig(hidden_size=16, num_attention_heads=2)
    x = torch.tensor(rng.normal(size=(2, 2, 7, 8)), dtype=torch.float32)
    cos, sin = llama.LlamaRotaryEmbedding(config)(x, torch.arange(7)[None])
    want, _ = llama.apply_rotary_pos_emb(x, x, cos, sin)
    f = wings.function("torch", "blocks/positions.rotary_positions")
    torch.testing.assert_close(f(x), want, atol=1e-5, rtol=0)


@BOTH
def test_rotary_positions_in_bfloat16_tell_neighbours_apart(wing):
    f = wings.function(wing, "blocks/positions.rotary_positions")
    kind = torch.bfloat16 if wing == "torch" else "bfloat16"
    x = np.ones((2, 4))
    x = tensor(wing, x).to(kind) if wing == "torch" else keras.ops.cast(x, kind)
    far = np.array([1000, 1001])
    got = f(x, positions=tensor(wing, far))
    assert "bfloat16" in str(got.dtype)
    want = definition("positions.rotary_positions")(np.ones((2, 4)), positions=far)
    got = (
        got.float().numpy()
        if wing == "torch"
        else array(keras.ops.cast(got, "float32"))
    )
    close(got, want, 2**-8)


@BOTH
def test_learned_positions_are_what_the_definition_says(wing, rng):
    x = rng.normal(size=(2, 4, 6))
    pair, state = block("positions.LearnedPositions", 9, 6, inputs=[x])
    want = definition("positions.learned_positions")(x, state)
    close(call(wing, pair[wing], x), want)


# The small blocks


@BOTH
def test_attention_pooling_is_what_the_definition_says(wing, rng):
    x, keep = rng.normal(size=(3, 5, 6)), KEEPS["keys"]
    pair, state = block("attention_pooling.AttentionPooling", 6, 7, inputs=[x])
    f = definition("attention_pooling.attention_pooling")
    close(call(wing, pair[wing], x), f(x, state))
    want = f(x, state, keep=keep)
    close(call(wing, pair[wing], x, keep=keep), want)
    assert (want[2] == 0).all()
    shares = call(wing, pair[wing].shares, x, keep=keep)
    close(shares.sum(axis=1), [1, 1, 0])
    assert (shares[~keep] == 0).all()


@BOTH
@pytest.mark.parametrize("bias", [False, True])
def test_swiglu_is_what_the_definition_says(wing, bias, rng):
    x = rng.normal(0, 5, size=(2, 3, 6))
    pair, state = block("swiglu_mlp.SwiGLUMLP", 6, 10, bias=bias, inputs=[x])
    want = definition("swiglu_mlp.swiglu_mlp")(x, state)
    close(call(wing, pair[wing], x), want)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_swiglu_is_that_of_llama(rng):
    pytest.importorskip("transformers")
    llama = importlib.import_module("transformers.models.llama.modeling_llama")
    theirs = llama.LlamaMLP(
        llama.LlamaConfig(hidden_size=6, intermediate_size=16, num_attention_heads=1)
    )
    mine = wings.function("torch", "blocks/swiglu_mlp.SwiGLUMLP")(6)
    state = theirs.state_dict()
    mine.load_state_dict({k.replace("_proj", ""): v for k, v in state.items()})
    x = torch.tensor(rng.normal(size=(2, 3, 6)), dtype=torch.float32)
    torch.testing.assert_close(mine(x), theirs(x))


# Recurrent cells

CELLS = {"LSTMCell": ("lstm_cell", 4, 2), "GRUCell": ("gru_cell", 3, 1)}
cells = pytest.mark.parametrize("name", CELLS)
# where each gate of Keras stands in PyTorch
ORDER = {"LSTMCell": (0, 1, 2, 3), "GRUCell": (1, 0, 2)}


def weights(name, rng, width=3, hidden=4):
    gates = CELLS[name][1]
    return {
        "weight_ih": rng.normal(size=(gates * hidden, width)),
        "weight_hh": rng.normal(size=(gates * hidden, hidden)),
        "bias_ih": rng.normal(size=gates * hidden),
        "bias_hh": rng.normal(size=gates * hidden),
    }


def of_keras(name, state):
    """Turn PyTorch's weights of a cell into those of Keras."""

    def gates(x):
        parts = np.split(x, CELLS[name][1])
        return np.concatenate([parts[gate] for gate in ORDER[name]])

    first, second = gates(state["bias_ih"]), gates(state["bias_hh"])
    bias = first + second if name == "LSTMCell" else np.stack([first, second])
    return [gates(state["weight_ih"]).T, gates(state["weight_hh"]).T, bias]


def load(cell, state):
    cell.load_state_dict({k: torch.tensor(v).float() for k, v in state.items()})
    return cell


def step(wing, cell, name, x, states, keep=None):
    """Take a step in any wing; return the new states as arrays."""
    given = [tensor(wing, s) for s in states]
    kept = None if keep is None else tensor(wing, keep)
    x = tensor(wing, x)
    if wing == "keras":
        new = cell(x, given, **({} if keep is None else {"keep": kept}))[1]
    else:
        new = cell(x, tuple(given) if name == "LSTMCell" else given[0], keep=kept)
        new = new if name == "LSTMCell" else [new]
    return [array(s) for s in new]


@cells
@BOTH
@pytest.mark.parametrize("keep", [None, np.array([True, False])])
def test_a_cell_is_what_the_definition_says(wing, name, keep, rng):
    function, _, count = CELLS[name]
    state, x = weights(name, rng), rng.normal(size=(2, 3))
    states = list(rng.normal(size=(count, 2, 4)))
    given = tuple(states) if count == 2 else states[0]
    want = definition(f"rnn_cells.{function}")(x, given, state, keep=keep)
    want = want if count == 2 else [want]
    made = wings.function(wing, f"blocks/rnn_cells.{name}")
    if wing == "torch":
        cell = load(made(3, 4), state)
    else:
        cell = made(4)
        cell.build((None, 3))
        cell.set_weights(of_keras(name, state))
    found = step(wing, cell, name, x, states, keep)
    for got, new, old in zip(found, want, states, strict=True):
        close(got, new)
        if keep is not None:
            close(got[1], old[1])


@cells
@BOTH
def test_a_cell_refuses_what_would_broadcast(wing, name):
    made = wings.function(wing, f"blocks/rnn_cells.{name}")
    given = (3, 4) if wing == "torch" else (4,)
    with pytest.raises(ValueError, match=r"hidden must be >= 1\. Received: 0"):
        made(*given[:-1], 0)
    cell, count = made(*given), CELLS[name][2]
    for x, state, keep, match in rnn_cells.REFUSALS:
        states = [np.zeros(state)] * count
        with pytest.raises(ValueError, match=f"(?s){match}"):
            step(wing, cell, name, np.zeros(x), states, keep)


@cells
def test_a_cell_is_torchs_own(name, rng):
    x = torch.tensor(rng.normal(size=(2, 3)), dtype=torch.float32)
    theirs = getattr(torch.nn, name)(3, 4)
    mine = wings.function("torch", f"blocks/rnn_cells.{name}")(3, 4)
    mine.load_state_dict(theirs.state_dict())
    torch.testing.assert_close(mine(x), theirs(x))
    states = torch.randn(2, 2, 4)
    given = tuple(states) if name == "LSTMCell" else states[0]
    torch.testing.assert_close(mine(x, given), theirs(x, given))


@cells
def test_a_cell_is_keras_own(name, rng):
    x = rng.normal(size=(3, 5, 2)).astype("float32")
    mask = np.arange(5) < np.array([[5], [2], [0]])
    theirs = keras.layers.RNN(getattr(keras.layers, name)(4))
    mine = keras.layers.RNN(wings.function("keras", f"blocks/rnn_cells.{name}")(4))
    theirs(x), mine(x)
    shapes = [w.shape for w in theirs.weights]
    assert [w.shape for w in mine.weights] == shapes
    mine.set_weights([rng.normal(size=shape) for shape in shapes])
    theirs.set_weights(mine.get_weights())
    close(array(mine(x)), array(theirs(x)))
    masked = array(mine(x, mask=mask))
    close(masked, array(theirs(x, mask=mask)))
    # the mask holds the state at each sequence's own end
    close(masked[1], array(mine(x[1:2, :2]))[0])
    assert (masked[2] == 0).all()


@cells
@BOTH
def test_a_cell_starts_as_it_says(wing, name):
    made = wings.function(wing, f"blocks/rnn_cells.{name}")
    cell = made(8, 8) if wing == "torch" else made(8)
    if wing == "keras":
        cell.build((None, 8))
        matrix, bias = cell.recurrent_kernel, array(cell.bias)
    else:
        matrix, bias = cell.weight_hh.T, array(cell.bias_ih + cell.bias_hh)
    matrix = array(matrix)
    close(matrix @ matrix.T, np.eye(8))
    forget = np.arange(32) // 8 == 1
    close(bias, forget if name == "LSTMCell" else np.zeros_like(bias))


@cells
def test_a_cell_in_keras_is_saved(name, tmp_path):
    entry = keras.Input((5, 2))
    made = wings.function("keras", f"blocks/rnn_cells.{name}")
    model = keras.Model(entry, keras.layers.RNN(made(4))(entry))
    model.save(tmp_path / "cell.keras")
    x = np.ones((2, 5, 2), "float32")
    close(array(keras.saving.load_model(tmp_path / "cell.keras")(x)), array(model(x)))


# Padding and the future

RNNS = [
    (function, {"bidirectional": two, "depth": depth, "dim": 6, "hidden": 5})
    for function, two, depth in (
        ("lstm_classifier", False, 1),
        ("gru_classifier", True, 2),
    )
]


def model(wing, name, *args, **kwargs):
    return wings.function(wing, f"models/{name}")(*args, **kwargs)


def run(wing, net, x):
    if wing == "torch":
        return conversion.run_torch(net, x)[0]
    return conversion.run_keras(net, x)[0]


@BOTH
@pytest.mark.parametrize(("function", "options"), RNNS)
def test_padding_changes_no_text(wing, function, options, rng):
    net = model(wing, f"text_classifier.{function}", 12, 3, **options)
    text = rng.integers(1, 12, (1, 4))
    want = run(wing, net, text)
    zeros = np.zeros((1, 3), int)
    for padded in (
        np.concatenate([text, zeros], axis=1),
        np.concatenate([zeros, text], axis=1),
        np.concatenate([text[:, :2], zeros, text[:, 2:]], axis=1),
    ):
        close(run(wing, net, padded), want, 1e-5)
    other = np.concatenate([text, zeros + 1], axis=1)
    assert np.abs(run(wing, net, other) - want).max() > 1e-3
    assert np.abs(run(wing, net, text[:, ::-1].copy()) - want).max() > 1e-3
    # padding alone: the bias of the head, which starts at 0
    assert (run(wing, net, zeros) == 0).all()


def test_a_token_that_is_used_often_moves_by_one_step_of_adam():
    keras = pytest.importorskip("keras")
    net = model("keras", "text_classifier.gru_classifier", 12, 3)
    net.compile(
        keras.optimizers.Adam(0.01, epsilon=1e-12),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    before = net.get_layer("embedding").get_weights()[0]
    net.train_on_batch(np.full((16, 9), 5), np.arange(16) % 2)
    moved = np.abs(net.get_layer("embedding").get_weights()[0] - before)
    assert moved[5].max() == pytest.approx(0.01, rel=0.01)
    assert moved[:5].max() == moved[6:].max() == 0


@pytest.mark.parametrize("function", ["lstm_classifier", "gru_classifier"])
def test_the_text_classifier_is_torchs_packed_sequence(function, rng):
    net = model(
        "torch",
        f"text_classifier.{function}",
        12,
        3,
        dim=6,
        hidden=5,
        bidirectional=True,
    ).eval()
    conversion.shake(net)
    own = {"lstm_classifier": torch.nn.LSTM, "gru_classifier": torch.nn.GRU}[function]
    theirs = own(6, 5, batch_first=True, bidirectional=True)
    with torch.no_grad():
        for name, p in theirs.named_parameters():
            way = "backward" if name.endswith("_reverse") else "forward"
            layer = getattr(net.layers[0], f"{way}_layer")
            p.copy_(layer.get_parameter(name.removesuffix("_reverse")))
        texts = torch.tensor(rng.integers(1, 12, (3, 6)))
        lengths = torch.tensor([6, 1, 4])
        texts[torch.arange(6) >= lengths[:, None]] = 0
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            net.embedding(texts), lengths, batch_first=True, enforce_sorted=False
        )
        state = theirs(packed)[1]
        last = state[0] if function == "lstm_classifier" else state
        want = net.head(torch.cat([last[0], last[1]], dim=1))
        torch.testing.assert_close(net(texts), want)


def test_the_text_classifier_compiles_around_its_recurrent_layers(rng):
    net = model("torch", "text_classifier.lstm_classifier", 12, 3, dim=6, hidden=5)
    texts = torch.tensor(rng.integers(0, 12, (3, 6)))
    torch._dynamo.reset()
    with torch.no_grad():
        got = torch.compile(net.eval(), backend="eager")(texts)
        torch.testing.assert_close(got, net(texts))


@pytest.mark.parametrize("token", [-1, 11])
@pytest.mark.parametrize("name", ["gpt.gpt", "text_classifier.lstm_classifier"])
def test_a_token_that_is_not_there_is_never_taken_for_another(name, token):
    """PyTorch raises; a graph of Keras cannot, and says so by NaN."""
    texts, size = np.array([[1, token, 3], [1, 2, 3]]), {"dim": 6}
    size |= {"heads": 2} if "gpt" in name else {}
    with pytest.raises(IndexError, match="out of range"):
        run("torch", model("torch", name, 11, **size), texts)
    net = model("keras", name, 11, **size)
    for logits in (run("keras", net, texts), net.predict(texts, verbose=0)):
        assert np.isnan(logits[0]).all()
        assert np.isfinite(logits[1]).all()


@pytest.mark.parametrize("shape", [(3,), (1, 2, 3), (1, 0)])
@pytest.mark.parametrize("name", ["gpt.gpt", "text_classifier.gru_classifier"])
def test_tokens_have_two_axes(name, shape):
    net = model("torch", name, 11, dim=8)
    texts = torch.ones(shape, dtype=torch.int64)
    if name == "gpt.gpt" and shape == (1, 0):
        assert net(texts).shape == (1, 0, 11)
    else:
        with pytest.raises(ValueError, match=r"shape \(N, T\).* Received: "):
            net(texts)


@BOTH
def test_gpt_sees_no_later_token(wing, rng):
    net = model(wing, "gpt.gpt", 11, context=9, dim=24, depth=2, heads=3)
    text = rng.integers(0, 11, (2, 7))
    want = run(wing, net, text)
    for t in (1, 3, 6):
        later = text.copy()
        later[:, t] = (later[:, t] + 1) % 11
        got = run(wing, net, later)
        close(got[:, :t], want[:, :t], 1e-5)
        assert (np.abs(got[:, t:] - want[:, t:]).max(axis=(0, 2)) > 1e-5).all()
    padded = np.concatenate([text, np.zeros((2, 2), int)], axis=1)
    close(run(wing, net, padded)[:, :7], want, 1e-5)


@BOTH
def test_tcn_sees_its_past_and_no_more(wing, rng):
    net = model(wing, "tcn.tcn", 3, in_channels=2, width=8, depth=3, kernel_size=3)
    x = rng.normal(size=(1, 40, 2)).astype("float32")
    want = run(wing, net, x)
    field = 1 + 2 * (3 - 1) * (2**3 - 1)
    if wing == "torch":
        assert net.receptive_field == field
    moved = x.copy()
    moved[:, 5] += 10
    apart = np.abs(run(wing, net, moved) - want).max(axis=(0, 2))
    assert (apart[:5] == 0).all()
    assert apart[5] > 0
    assert apart[5 + field - 1] > 0
    assert (apart[5 + field :] == 0).all()
    padded = np.concatenate([x, np.ones((1, 3, 2), "float32")], axis=1)
    close(run(wing, net, padded)[:, :40], want, 1e-5)


# How GPT starts and what it writes


@BOTH
def test_no_two_weights_start_alike(wing):
    net = model(wing, "gpt.gpt", 50, context=9, dim=24, depth=3, heads=3)
    named = net.parameters() if wing == "torch" else net.weights
    drawn = [array(w).ravel() for w in named]
    drawn = [w for w in drawn if w.std() > 0]
    assert len(drawn) == 2 + 3 * 6
    assert len({w[0] for w in drawn}) == len(drawn)
    small = sorted(w.std() for w in drawn)[: 2 * 3]
    np.testing.assert_allclose(small, 0.02 / 6**0.5, rtol=0.2)


def small_gpt(wing):
    torch.manual_seed(0)
    net = model("torch", "gpt.gpt", 11, context=6, dim=24, depth=2, heads=3)
    conversion.shake(net)
    with torch.no_grad():
        for p in net.parameters():
            if p.ndim > 1:
                # as it starts it would say the last token again, whatever came before
                p.mul_(20)
    if wing == "torch":
        return net
    twin = model("keras", "gpt.gpt", 11, context=6, dim=24, depth=2, heads=3)
    return conversion.to_keras(net, twin)


def write(wing, net, start, steps, **options):
    f = wings.function(wing, "models/gpt.generate")
    start = np.array(start)
    if wing == "torch":
        return f(net, torch.tensor(start), steps, **options).numpy()
    return keras.ops.convert_to_numpy(f(net, start, steps, **options))


@BOTH
def test_generate_takes_the_likeliest_token_of_the_last_context(wing):
    net, start = small_gpt(wing), [[1, 2, 3], [7, 7, 7]]
    got = write(wing, net, start, 8, temperature=0)
    want = np.array(start)
    for _ in range(8):
        logits = run(wing, net, want[:, -6:])[:, -1]
        want = np.concatenate([want, logits.argmax(axis=1)[:, None]], axis=1)
    np.testing.assert_array_equal(got, want)
    assert len(set(want[0, 3:])) > 2, "a text of one token shows nothing"
    np.testing.assert_array_equal(
        write("torch", small_gpt("torch"), start, 8, temperature=0), want
    )
    # with one token to draw from, there is nothing to draw
    np.testing.assert_array_equal(write(wing, net, start, 8, top_k=1), want)


@BOTH
def test_generate_draws_by_the_shares(wing):
    net = small_gpt(wing)
    start = np.full((2000, 2), 3)
    logits = run(wing, net, start[:1])[0, -1].astype("float64")
    for top_k, temperature in ((None, 1.0), (3, 2.0)):
        options = {"top_k": top_k, "temperature": temperature, "seed": 1}
        drawn = write(wing, net, start, 1, **options)[:, -1]
        shares = np.exp((logits - logits.max()) / temperature)
        shares[np.argsort(logits)[: 0 if top_k is None else -top_k]] = 0
        shares /= shares.sum()
        found = np.bincount(drawn, minlength=11) / len(drawn)
        # five standard errors
        assert np.abs(found - shares).max() < 5 * (0.25 / len(drawn)) ** 0.5
        assert (found[shares == 0] == 0).all()
    again = write(wing, net, start[:9], 3, seed=5)
    np.testing.assert_array_equal(write(wing, net, start[:9], 3, seed=5), again)
    assert (write(wing, net, start[:9], 3, seed=6) != again).any()


def test_generate_leaves_the_mode_alone():
    net = small_gpt("torch").train()
    write("torch", net, [[1]], 2, seed=0)
    assert net.training
