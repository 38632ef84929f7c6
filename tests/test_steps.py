"""The contract of the recipes of a training step: each follows its definition."""

import copy
import io
import math

import numpy as np
import pytest

from tests import wings

needs_torch = pytest.mark.skipif("torch" not in wings.WINGS, reason="needs PyTorch")
needs_keras = pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
each_wing = pytest.mark.parametrize("wing", wings.WINGS)
# Units first, as PyTorch has them.
SHAPES = ((5, 3), (4, 3, 2, 2), (6,), ())


def recipe(wing, file, name=None):
    """Return what a recipe file declares, or its stand-in."""
    return getattr(wings.module(wing, "steps", file), name or file)


def definition(name):
    return wings.function("reference", f"steps/{name}")


@pytest.fixture
def double():
    """Let Keras compute in float64: its losses are of the default dtype."""
    keras = pytest.importorskip("keras")
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield keras
    keras.config.set_floatx(before[0])
    keras.config.set_dtype_policy(before[1])


# Adaptive clipping.


def units_last(x):
    return np.moveaxis(x, 0, -1) if x.ndim > 1 else x


def units_first(x):
    return np.moveaxis(x, -1, 0) if x.ndim > 1 else x


def clipped(wing, gradients, weights, dtype="float64", **options):
    """Clip by a wing's recipe, NumPy in and out."""
    clip = recipe(wing, "adaptive_clip")
    if wing == "torch":
        import torch

        kind, found = getattr(torch, dtype), []
        for g, w in zip(gradients, weights, strict=True):
            found.append(torch.tensor(w, dtype=kind))
            found[-1].grad = torch.tensor(g, dtype=kind)
        clip(found, **options)
        assert all(w.grad.dtype == kind for w in found)
        return [w.grad.double().numpy() for w in found]
    import keras
    from keras import ops

    found = clip(
        [ops.convert_to_tensor(units_last(g), dtype) for g in gradients],
        [keras.Variable(units_last(w), dtype=dtype) for w in weights],
        **options,
    )
    assert all(keras.backend.standardize_dtype(g.dtype) == dtype for g in found)
    return [
        units_first(ops.convert_to_numpy(ops.cast(g, "float64")).copy()) for g in found
    ]


def problem(rng, dtype="float64"):
    """Return gradients and weights, small and large, one unit at 0."""
    weights = [rng.normal(size=s) for s in SHAPES]
    weights[0][1] = 0
    gradients = [rng.normal(size=s) * 10.0 ** rng.integers(-4, 2, s) for s in SHAPES]
    gradients[1][2] = 0
    return [[wings.rounded(x, dtype) for x in part] for part in (gradients, weights)]


@each_wing
@pytest.mark.parametrize("dtype", wings.DTYPES)
def test_adaptive_clip_follows_its_definition(wing, dtype, rng):
    gradients, weights = problem(rng, dtype)
    options = {"clipping": 0.25, "eps": 0.125}
    got = clipped(wing, gradients, weights, dtype, **options)
    for g, ours, w in zip(gradients, got, weights, strict=True):
        want = definition("adaptive_clip.adaptive_clip")(g, w, **options)
        slack = 2 * wings.unit(dtype)
        np.testing.assert_allclose(ours, want, rtol=slack, atol=slack * 1e-3)


@each_wing
def test_adaptive_clip_shows_what_is_not_finite(wing):
    weights = [np.ones((3, 2))]
    got = clipped(
        wing, [np.array([[np.nan, 1.0], [1e-4, 0.0], [np.inf, 1.0]])], weights
    )
    assert np.isnan(got[0][[0, 2]]).all()
    np.testing.assert_array_equal(got[0][1], [1e-4, 0.0])


@each_wing
@pytest.mark.parametrize("option", ["clipping", "eps"])
@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_adaptive_clip_refuses_what_is_no_length(wing, option, value):
    with pytest.raises(ValueError, match=rf"{option} .*Received: "):
        clipped(wing, [np.ones(2)], [np.ones(2)], **{option: value})


@needs_torch
def test_adaptive_clip_leaves_what_has_no_gradient_and_refuses_sparse_ones():
    import torch

    clip, weight = recipe("torch", "adaptive_clip"), torch.ones(2, 2)
    clip([weight])
    assert weight.grad is None
    weight.grad = torch.full((2, 2), 5.0)
    clip(weight)  # one weight alone is no list of rows
    assert weight.grad.max() < 5
    weight.grad = torch.ones(2, 2).to_sparse()
    with pytest.raises(ValueError, match="dense and real"):
        clip([weight])


@needs_keras
def test_adaptive_clip_of_keras_matches_lists_and_works_in_fit():
    import keras
    from keras import ops

    clip, w = recipe("keras", "adaptive_clip"), keras.Variable(np.ones((2, 2)))
    assert clip([None], [w]) == [None]
    with pytest.raises(ValueError, match="one per variable"):
        clip([], [w])
    with pytest.raises(ValueError, match="shape"):
        clip([ops.ones((2, 1))], [w])

    class Clipped(keras.optimizers.SGD):
        def apply(self, grads, trainable_variables=None):
            weights = trainable_variables or self._trainable_variables
            return super().apply(clip(grads, weights), trainable_variables)

    # token 1 comes twice: its two rows are one gradient
    table = keras.layers.Embedding(4, 3)
    model = keras.Sequential([keras.Input((3,)), table, keras.layers.Dense(2)])
    before = ops.convert_to_numpy(table.embeddings).copy()
    model.compile(Clipped(1.0), loss=lambda t, p: 1e3 * ops.mean(p, axis=(1, 2)))
    model.fit(np.array([[1, 1, 2]]), np.zeros((1, 1)), verbose=0)
    moved = np.linalg.norm(ops.convert_to_numpy(table.embeddings) - before, axis=1)
    share = moved / np.linalg.norm(before, axis=1)
    np.testing.assert_allclose(share, [0, 0.01, 0.01, 0], rtol=1e-3, atol=1e-6)


# Parameter groups.


def network():
    """Return a network with whatever decides about decay, and two names for one."""
    import torch
    from torch import nn

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(5, 4)
            self.blocks = nn.ModuleList(
                nn.Sequential(nn.Linear(4, 4), nn.LayerNorm((2, 4))) for _ in range(11)
            )
            self.conv = nn.Conv1d(4, 4, 3)
            self.norm = nn.BatchNorm1d(4)
            self.head = nn.Linear(4, 5, bias=False)
            self.head.weight = self.table.weight
            self.scale = nn.Parameter(torch.ones(()))

    return Network()


@needs_torch
def test_every_weight_is_in_one_group_and_only_matrices_decay():
    import torch

    model = network()
    model.conv.weight.requires_grad_(False)
    groups = recipe("torch", "param_groups")(model, lr=0.5, weight_decay=0.25)
    mine = [id(p) for group in groups for p in group["params"]]
    trained = [id(p) for p in model.parameters() if p.requires_grad]
    assert sorted(mine) == sorted(trained)
    optimizer = torch.optim.AdamW(groups)
    for p in model.parameters():
        torch.nn.init.ones_(p)
        p.grad = torch.zeros_like(p)
    optimizer.step()
    for name, p in model.named_parameters():
        matrix = name == "table.weight" or name.endswith("0.weight")
        want = 1 - 0.5 * 0.25 if matrix and p.requires_grad else 1
        assert (p == want).all(), name


@needs_torch
def test_embeddings_can_be_spared_also_where_they_are_shared():
    model = network()
    make = recipe("torch", "param_groups")
    options = {"lr": 1.0, "weight_decay": 0.5}
    for decays in (True, False):
        groups = make(model, decay_embeddings=decays, **options)
        [group] = [
            g for g in groups if any(p is model.head.weight for p in g["params"])
        ]
        assert group["weight_decay"] == (0.5 if decays else 0.0)


@needs_torch
def test_rates_of_layers_follow_their_definition():
    import torch

    model = network()
    names = ["table", *(f"blocks.{i}" for i in range(11)), "conv", "norm", "scale"]
    groups = recipe("torch", "param_groups")(
        model, lr=2.0, weight_decay=0.5, layers=names, layer_decay=0.75
    )
    want = definition("param_groups.layer_rates")(2.0, 0.75, len(names))
    rates = {id(p): group["lr"] for group in groups for p in group["params"]}
    assert len(rates) == len(list(model.parameters()))
    for name, p in model.named_parameters():
        # blocks.1 is no beginning of blocks.10
        [layer] = [n for n in names if name == n or name.startswith(n + ".")]
        assert rates[id(p)] == pytest.approx(want[names.index(layer)], rel=1e-12)
    assert [g["lr"] for g in groups] == sorted(g["lr"] for g in groups)
    # the longest that fits counts
    names = ["table", "blocks", "blocks.10", "conv", "norm", "scale"]
    groups = recipe("torch", "param_groups")(
        model, lr=1.0, weight_decay=0.0, layers=names, layer_decay=0.5
    )
    inner = {id(p) for p in model.blocks[10].parameters()}
    [rate] = {g["lr"] for g in groups for p in g["params"] if id(p) in inner}
    assert rate == 0.5**3
    two = torch.nn.ModuleDict({n: torch.nn.Linear(1, 1) for n in ("stem", "stem2")})
    with pytest.raises(ValueError, match="stem2"):
        recipe("torch", "param_groups")(two, lr=1.0, weight_decay=0.0, layers=["stem"])


@needs_torch
@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"lr": -1.0}, "lr"),
        ({"lr": math.nan}, "lr"),
        ({"weight_decay": -0.1}, "weight_decay"),
        ({"layer_decay": 0.0, "layers": ("0", "1")}, "layer_decay"),
        ({"layer_decay": 0.5}, "layer_decay"),
        ({"layers": "01"}, "layers"),
        ({"layers": ("0", "0", "1")}, "layers"),
        ({"layers": ("0",)}, "layers"),
        ({"layers": ("0", "1", "2")}, "layers"),
    ],
)
def test_groups_refuse_what_would_be_silently_wrong(options, word):
    from torch import nn

    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    with pytest.raises(ValueError, match=rf"{word} .*Received: "):
        recipe("torch", "param_groups")(
            model, **({"lr": 1.0, "weight_decay": 0.1} | options)
        )
    for idle in (model.requires_grad_(False), nn.LazyLinear(2)):
        with pytest.raises(ValueError, match=r"model .*Received: "):
            recipe("torch", "param_groups")(idle, lr=1.0, weight_decay=0.1)


# Accumulation.


def tokens(rng):
    """Return scores and labels of texts of very different lengths, one empty."""
    labels = rng.integers(0, 3, size=(7, 6))
    for text, length in enumerate((6, 1, 0, 5, 2, 6, 3)):
        labels[text, length:] = -1
    return rng.normal(size=(7, 6, 4)), labels


@needs_torch
@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("kind", ["examples", "tokens"])
def test_accumulate_is_the_gradient_of_the_large_batch(size, kind, rng):
    import torch
    from torch.nn import functional

    x, labels = map(torch.tensor, tokens(rng))
    model = torch.nn.Sequential(
        torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)
    ).double()

    def loss_of(part):
        scores, wanted = model(x[part]), labels[part]
        if kind == "examples":
            return scores.square().mean()
        return functional.cross_entropy(
            scores.flatten(0, 1), wanted.flatten(), ignore_index=-1
        )

    def weight_of(part):
        return len(part) if kind == "examples" else (labels[part] != -1).sum()

    whole = loss_of(torch.arange(7))
    want = torch.autograd.grad(whole, model.parameters())
    parts = torch.arange(7).split(size)
    got = recipe("torch", "accumulate")(iter(parts), loss_of, weight_of)
    assert not got.requires_grad
    assert got.item() == pytest.approx(whole.item(), rel=1e-12)
    for p, g in zip(model.parameters(), want, strict=True):
        assert (p.grad - g).abs().max() < 1e-12
    # the definition, from the gradients of the parts
    alone = []
    for part in parts:
        g = torch.autograd.grad(loss_of(part), model.parameters())[0]
        alone.append(torch.nan_to_num(g).numpy())
    weights = np.array([float(weight_of(part)) for part in parts])
    told = definition("accumulate.accumulate")(np.array(alone), weights)
    np.testing.assert_allclose(told, want[0].numpy(), atol=1e-12)


@needs_torch
def test_accumulate_hands_over_to_a_scaler_and_refuses_bad_weights():
    import torch

    run, w = recipe("torch", "accumulate"), torch.ones((), requires_grad=True)
    run([1.0, 3.0], lambda x: w * x, lambda x: 1, lambda loss: (8 * loss).backward())
    assert w.grad == 16
    low = run([1.0] * 300, lambda x: (w * x).bfloat16(), lambda x: 1)
    assert low.dtype == torch.float32
    wrong = (-1, [1]), (math.nan, [1]), (0, [1]), (1, []), (1.5e308, [1, 1])
    for weight, parts in wrong:
        with pytest.raises(ValueError, match=r"Received: "):
            run(parts, lambda x: w * x, lambda x, n=weight: n)
    with pytest.raises(ValueError, match="one number"):
        run([1.0], lambda x: (w * x)[None], lambda x: 1)


@needs_keras
@pytest.mark.parametrize(("size", "eager"), [(5, False), (7, True)])
def test_accumulate_of_keras_trains_as_the_large_batch(size, eager, double, rng):
    keras = double
    if keras.backend.backend() == "jax":
        eager = False
    x, y, weights = rng.normal(size=(12, 3)), rng.normal(size=12), rng.random(12)

    def trained(wrap):
        keras.utils.set_random_seed(0)
        layers = [keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)]
        inner = keras.Sequential([keras.Input((3,)), *layers])
        model, sgd = wrap(inner), keras.optimizers.SGD(0.125, momentum=0.5)
        model.compile(sgd, "mse", run_eagerly=eager)
        told = model.fit(
            x, y, sample_weight=weights, batch_size=size, verbose=0, shuffle=False
        )
        assert int(sgd.iterations) == math.ceil(12 / size)
        return [keras.ops.convert_to_numpy(v) for v in inner.variables], told

    cls = recipe("keras", "accumulate", "Accumulate")
    want, told = trained(lambda model: model)
    got, same = trained(lambda model: cls(model, 3))
    # the others keep some scalars in float32
    near = 1e-12 if keras.backend.backend() == "tensorflow" else 1e-6
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=near)
    if size == 7:  # every batch has as many examples as there are parts
        assert same.history["loss"] == pytest.approx(told.history["loss"], rel=1e-6)


@needs_keras
def test_accumulate_of_keras_comes_back_from_a_file(tmp_path):
    import keras

    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model = recipe("keras", "accumulate", "Accumulate")(inner, 3)
    model.compile("sgd", "mse")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.ones((2, 3))
    assert loaded.parts == 3
    assert isinstance(loaded.optimizer, keras.optimizers.SGD)
    assert keras.ops.all(loaded(x) == model(x))


@needs_keras
def test_accumulate_of_keras_weighs_tokens_and_skips_empty_parts(double, rng):
    keras = double
    from keras import ops

    x, labels = tokens(rng)
    labels[:2] = -1  # the first part has no word at all

    def loss(y_true, y_pred):
        valid = ops.cast(y_true >= 0, y_pred.dtype)
        rows = keras.losses.sparse_categorical_crossentropy(
            ops.maximum(y_true, 0), y_pred, from_logits=True
        )
        return ops.sum(rows * valid) / ops.sum(valid)

    ends = []
    cls = recipe("keras", "accumulate", "Accumulate")
    for wrap in (lambda m: m, lambda m: cls(m, 3, lambda x, y, w: ops.sum(y >= 0))):
        layer = keras.layers.Dense(3, kernel_initializer="zeros")
        model = wrap(keras.Sequential([keras.Input((6, 4)), layer]))
        model.compile(keras.optimizers.SGD(1.0), loss)
        model.fit(x, labels, batch_size=7, verbose=0, shuffle=False)
        ends.append(ops.convert_to_numpy(layer.kernel))
    assert np.abs(ends[0]).max() > 0.01
    # the others keep some scalars in float32
    near = 1e-12 if keras.backend.backend() == "tensorflow" else 1e-6
    np.testing.assert_allclose(ends[1], ends[0], atol=near)


@needs_keras
def test_accumulate_of_keras_shows_a_weight_that_is_none():
    import keras
    from keras import ops

    cls, x = recipe("keras", "accumulate", "Accumulate"), np.ones((4, 1))

    def trained(weight_of):
        inner = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model = cls(inner, 2, weight_of)
        model.compile("sgd", "mse", run_eagerly=keras.backend.backend() != "jax")
        model.train_on_batch(x, x)
        return ops.convert_to_numpy(inner.weights[0])

    assert np.isfinite(trained(lambda x, y, w: 0.5)).all()
    for bad in (0.0, -1.0, math.nan):
        assert np.isnan(trained(lambda x, y, w, b=bad: b)).all()
    with pytest.raises(ValueError, match=r"one number\. Received: \(2,\)"):
        trained(lambda x, y, w: y[:, 0])


@needs_keras
@pytest.mark.parametrize("parts", [0, -1, 1.5, True])
def test_accumulate_of_keras_refuses_parts_that_are_no_count(parts):
    import keras

    cls = recipe("keras", "accumulate", "Accumulate")
    with pytest.raises(ValueError, match=r"parts .*Received: "):
        cls(keras.Sequential([keras.layers.Dense(1)]), parts)


# Averages.


def followed(options, steps=6, kind="float64"):
    """Let an EMA follow a weight and return both, from a wandering start."""
    import torch

    model = torch.nn.Linear(3, 1, bias=False, dtype=getattr(torch, kind))
    seen = [model.weight.detach().double().numpy().copy()]
    ema = recipe("torch", "ema", "EMA")(model, **options)
    for _ in range(steps):
        torch.nn.init.normal_(model.weight)
        ema.update()
        seen.append(model.weight.detach().double().numpy().copy())
    return model, ema, np.array(seen)


@needs_torch
@pytest.mark.parametrize(
    "options",
    [
        {"decay": 0.75},
        {"decay": 0.0},
        {"decay": 0.9, "warmup": True},
        {"decay": 0.25, "warmup": True},
        {"decay": 0.9, "debias": True},
        {"decay": 0.0, "debias": True},
    ],
)
def test_ema_follows_its_definition_and_comes_back(options):
    import torch

    model, ema, seen = followed(options)
    before = model.weight.detach().clone()
    with ema.swapped() as swapped:
        assert swapped is model
        got = model.weight.detach().numpy().copy()
    np.testing.assert_allclose(got, definition("ema.ema")(seen, **options), atol=1e-14)
    assert torch.equal(model.weight, before)


@needs_torch
def test_ema_follows_complex_weights_too():
    import torch

    model = torch.nn.Linear(2, 1, bias=False, dtype=torch.complex64)
    ema = recipe("torch", "ema", "EMA")(model, 0.75)
    torch.nn.init.constant_(model.weight, 4.0)
    before = ema.average["weight"].clone()
    ema.update()
    torch.testing.assert_close(ema.average["weight"], 0.75 * before + 1.0)


@needs_torch
def test_ema_of_half_precision_is_kept_in_float32():
    _, ema, seen = followed({"decay": 0.999}, 200, "bfloat16")
    want = definition("ema.ema")(seen, decay=0.999)
    got = ema.average["weight"].double().numpy()
    np.testing.assert_allclose(got, want, atol=1e-5)


@needs_torch
def test_ema_loses_no_weights_whatever_happens():
    import torch

    model, ema, _ = followed({"decay": 0.5})
    before = copy.deepcopy(model.state_dict())

    def breaks():
        with ema.swapped():
            torch.nn.init.zeros_(model.weight)
            raise KeyError

    for _ in range(2):
        with pytest.raises(KeyError):
            breaks()
        assert torch.equal(model.weight, before["weight"])
    with ema.swapped():
        for call in (ema.update, ema.swapped().__enter__):
            with pytest.raises(ValueError, match=r"Received: "):
                call()
    assert torch.equal(model.weight, before["weight"])
    assert ema.updates == 6
    # one that would broadcast, then one more
    for name, value in {"weight": torch.zeros(1, 1), "extra": torch.zeros(1)}.items():
        setattr(model, name, torch.nn.Parameter(value))
        for call in (ema.update, ema.swapped().__enter__):
            with pytest.raises(ValueError, match=name):
                call()


@needs_torch
def test_ema_continues_exactly_from_a_file():
    import torch

    torch.manual_seed(0)
    model, ema, _ = followed({"decay": 0.9, "debias": True})
    file = io.BytesIO()
    torch.save(ema.state_dict(), file)
    other = recipe("torch", "ema", "EMA")(model, 0.9, debias=True)
    other.load_state_dict(torch.load(io.BytesIO(file.getvalue()), weights_only=True))
    for _ in range(3):
        torch.nn.init.normal_(model.weight)
        ema.update()
        other.update()
    assert torch.equal(ema.average["weight"], other.average["weight"])
    assert ema.updates == other.updates == 9
    saved = ema.state_dict()
    kept = saved["average"]["weight"].clone()
    torch.nn.init.normal_(model.weight)
    ema.update()
    assert torch.equal(saved["average"]["weight"], kept)
    wrong = recipe("torch", "ema", "EMA")(torch.nn.Linear(3, 2, bias=False))
    with pytest.raises(ValueError, match="weight"):
        wrong.load_state_dict(saved)


@needs_torch
@pytest.mark.parametrize("average_buffers", [True, False])
def test_ema_treats_buffers_as_it_was_told(average_buffers):
    import torch

    model = torch.nn.BatchNorm1d(2)
    ema = recipe("torch", "ema", "EMA")(model, 0.5, average_buffers=average_buffers)
    model(torch.tensor([[10.0, 0.0], [30.0, 0.0]]))
    ema.update()
    own = model.running_mean.clone()
    with ema.swapped():
        want = own / 2 if average_buffers else own
        torch.testing.assert_close(model.running_mean, want)
        assert model.num_batches_tracked == 1
    assert torch.equal(model.running_mean, own)


@needs_torch
@pytest.mark.parametrize(
    "options",
    [{"decay": 1.0}, {"decay": -0.1}, {"decay": math.nan},
     {"warmup": True, "debias": True}],
)  # fmt: skip
def test_ema_refuses_what_is_no_share(options):
    import torch

    with pytest.raises(ValueError, match=r"Received: "):
        recipe("torch", "ema", "EMA")(torch.nn.Linear(1, 1), **options)


@needs_keras
def test_swa_is_the_mean_of_the_last_epochs_with_batch_norm_made_anew(rng):
    import keras
    from keras import ops

    x, seen = rng.normal(3.0, 2.0, size=(12, 3)).astype("float32"), []
    norm = keras.layers.BatchNormalization(momentum=0.5)
    dense = keras.layers.Dense(4)
    model = keras.Sequential([keras.Input((3,)), dense, norm, keras.layers.Dense(1)])
    eager = keras.backend.backend() != "jax"
    model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=eager)

    class See(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            weights = model.trainable_variables
            seen.append([ops.convert_to_numpy(v).copy() for v in weights])

    swa = recipe("keras", "swa", "SWA")(start=1, data=[x[:6], x[6:]])
    for _ in range(2):  # the second fit begins anew
        seen.clear()
        model.fit(x, x[:, :1], epochs=4, verbose=0, callbacks=[See(), swa])
    for v, *ends in zip(model.trainable_variables, *seen[1:], strict=True):
        want = definition("ema.swa")(np.array(ends, np.float64))
        np.testing.assert_allclose(ops.convert_to_numpy(v), want, atol=1e-6)
    kernel, bias = map(ops.convert_to_numpy, dense.get_weights())
    inside = x @ kernel + bias
    halves = inside[:6], inside[6:]
    mean = np.mean([h.mean(0) for h in halves], axis=0)
    variance = np.mean([h.var(0) for h in halves], axis=0)
    np.testing.assert_allclose(
        ops.convert_to_numpy(norm.moving_mean), mean, rtol=1e-4, atol=1e-4
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(norm.moving_variance), variance, rtol=1e-4
    )
    assert norm.momentum == 0.5
    for data in (None, []):
        with pytest.raises(ValueError, match="data"):
            model.fit(x, x[:, :1], verbose=0, callbacks=[type(swa)(start=0, data=data)])


@needs_keras
def test_swa_refuses_a_start_that_is_no_epoch_and_data_that_run_out():
    swa = recipe("keras", "swa", "SWA")
    for start in (-1, 1.5, True):
        with pytest.raises(ValueError, match=r"start .*Received: "):
            swa(start=start)
    with pytest.raises(ValueError, match=r"data .*Received: generator"):
        swa(start=0, data=(x for x in ()))


@needs_keras
def test_swa_leaves_a_training_that_ended_before():
    import keras

    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(keras.optimizers.SGD(1.0), loss=lambda t, p: -p)
    swa, x = recipe("keras", "swa", "SWA")(start=3), np.ones((2, 1))
    model.fit(x, x, epochs=2, verbose=0, callbacks=[swa])
    assert float(layer.kernel[0, 0]) == 2
