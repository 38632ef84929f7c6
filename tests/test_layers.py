"""Contract of the layers: value and gradient of every wing are those of the definition.

The definitions' own gradients are checked by finite differences, so that neither
framework is taken for the truth.
"""

import importlib
import inspect

import numpy as np
import pytest

from tests import wings

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")

FAMILIES = [
    importlib.import_module(f"tests.layers.{name}")
    for name in ("convolution", "pooling", "sequences")
]
CASES = [case for family in FAMILIES for case in family.cases()]
REFUSALS = [refusal for family in FAMILIES for refusal in family.refusals()]
# The first case of each recipe's function.
RECIPES = {case.definition: case for case in reversed(CASES) if case.recipe}.values()
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def definition(case):
    """Return the forward function of a case, and the backward one if there is."""
    file, _, name = case.definition.partition(".")
    module = wings.module("reference", "layers", file)
    return getattr(module, name), getattr(module, f"{name}_backward", None)


def cotangent(shape):
    """Return what the outputs are multiplied by before they are added up."""
    return np.random.default_rng(7).normal(size=shape)


def directions(case):
    """Return one direction per float array, and the definition's slope along it."""
    forward, _ = definition(case)
    step, found = 1e-6, []
    for name, array in case.arrays.items():
        if array.dtype.kind != "f":
            continue
        along = cotangent(array.shape)
        ends = [
            forward(*{**case.arrays, name: array + s * along}.values(), **case.options)
            for s in (step, -step)
        ]
        grad = cotangent(ends[0].shape)
        found.append((along, ((ends[0] - ends[1]) * grad).sum() / (2 * step)))
    return found


def by_torch(case, grad, dtype="float64"):
    """Value and gradients in PyTorch."""
    kind = getattr(torch, dtype)
    given = [
        torch.tensor(a, dtype=kind, requires_grad=True)
        if a.dtype.kind == "f"
        else torch.tensor(a)
        for a in case.arrays.values()
    ]
    y = case.torch(*given)
    floats = [a for a in given if a.is_floating_point()]
    found = torch.autograd.grad((y * torch.tensor(grad, dtype=kind)).sum(), floats)
    kind = str(y.dtype).removeprefix("torch.")
    return y.detach().double().numpy(), [g.double().numpy() for g in found], kind


def by_keras(case, grad, dtype=""):
    """Value and gradients in Keras, on whichever backend."""
    ops, dtype = keras.ops, dtype or case.keras_dtype
    given = [
        ops.convert_to_tensor(a, dtype=dtype if a.dtype.kind == "f" else None)
        for a in case.arrays.values()
    ]
    which = [i for i, a in enumerate(case.arrays.values()) if a.dtype.kind == "f"]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            floats = [given[i] for i in which]
            tape.watch(floats)
            y = case.keras(*given)
            total = ops.sum(y * ops.cast(grad, dtype))
        found = [tf.convert_to_tensor(g) for g in tape.gradient(total, floats)]
    else:
        given = [a.detach().requires_grad_(i in which) for i, a in enumerate(given)]
        y = case.keras(*given)
        total = ops.sum(y * ops.cast(grad, dtype))
        found = torch.autograd.grad(total, [given[i] for i in which])
        y = y.detach()
    wide = [ops.convert_to_numpy(ops.cast(g, "float64")) for g in (y, *found)]
    return wide[0], wide[1:], keras.backend.standardize_dtype(y.dtype)


def close(got, want, tolerance):
    """Assert that arrays are equal, relative to the size of what is wanted."""
    assert got.shape == want.shape
    assert np.isfinite(want).all()
    assert np.abs(got - want).max() <= tolerance * max(1.0, np.abs(want).max())


@pytest.mark.parametrize(
    "case", [c for c in CASES if definition(c)[1]], ids=lambda case: case.name
)
def test_the_definition_has_the_gradient_that_it_says(case):
    forward, backward = definition(case)
    grad = cotangent(forward(*case.arrays.values(), **case.options).shape)
    found = backward(grad, *case.arrays.values(), **case.options)
    for got, (along, slope) in zip(found, directions(case), strict=True):
        assert got.shape == along.shape
        assert (got * along).sum() == pytest.approx(slope, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("run", [by_torch, by_keras], ids=["torch", "keras"])
@each_case
def test_value_and_gradient_are_those_of_the_definition(case, run):
    forward, backward = definition(case)
    want = forward(*case.arrays.values(), **case.options)
    grad = cotangent(want.shape)
    got, gradients, dtype = run(case, grad)
    # layers of Keras compute some steps in float32, whatever they are asked for
    exact = run is by_torch or (case.recipe and dtype == "float64")
    tolerance = 1e-9 if exact else 1e-5
    close(got, want, tolerance)
    if backward is None:
        for slope, (along, known) in zip(gradients, directions(case), strict=True):
            found = (slope * along).sum()
            assert found == pytest.approx(known, rel=10 * tolerance + 1e-6, abs=1e-5)
    else:
        known = backward(grad, *case.arrays.values(), **case.options)
        for one, other in zip(gradients, known, strict=True):
            close(one, other, tolerance)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("run", [by_torch, by_keras], ids=["torch", "keras"])
@pytest.mark.parametrize("case", RECIPES, ids=lambda case: case.name)
def test_a_recipe_keeps_the_dtype(case, run, dtype):
    forward, _ = definition(case)
    arrays = [wings.rounded(a, dtype) for a in case.arrays.values()]
    want = forward(*arrays, **case.options)
    got, _, kind = run(case, np.ones(want.shape), dtype)
    assert kind == dtype
    close(got, want, 8 * wings.unit(dtype))


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda r: f"{r.recipe}-{r.names}")
def test_a_recipe_refuses_what_would_be_silently_wrong(refusal):
    wing, _, rest = refusal.recipe.partition("/")
    with pytest.raises(ValueError, match=refusal.names) as caught:
        refusal.call(wings.function(wing, f"layers/{rest}"))
    assert "Received: " in str(caught.value)


@pytest.mark.parametrize("file", sorted(wings.files("torch", "layers")))
def test_twins_offer_the_same_names_and_options(file):
    ours, theirs = (wings.module(wing, "layers", file) for wing in ("torch", "keras"))
    assert ours.__all__ == theirs.__all__
    for name in ours.__all__:
        path = f"layers/{file}.{name}"
        mine, other = wings.options("torch", path), wings.options("keras", path)
        extra = {key: other.pop(key) for key in [*other] if key in wings.KERAS_ONLY}
        assert mine == other
        assert not extra or inspect.isclass(getattr(theirs, name))


def test_every_recipe_is_tried():
    tried = {case.recipe for case in CASES}
    text = inspect.getsource(inspect.getmodule(test_every_recipe_is_tried))
    for file in wings.files("torch", "layers") - tried:
        assert f"layers/{file}." in text, file


@pytest.mark.parametrize("layer", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("wing", ["torch", "keras"])
def test_both_directions_are_two_layers_side_by_side(layer, wing):
    from tests.layers.sequences import recurrent_cases

    case = next(c for c in recurrent_cases() if c.name == layer)
    forward, backward = definition(case)
    x, *weights = case.arrays.values()
    others = [np.roll(w, 1, 0) for w in weights]
    both, back = (
        wings.function("reference", f"layers/bidirectional.{name}")
        for name in ("bidirectional", "bidirectional_backward")
    )
    want = both(x, lambda x: forward(x, *weights), lambda x: forward(x, *others))
    grad = cotangent(want.shape)
    found = back(
        grad,
        x,
        lambda g, x: backward(g, x, *weights),
        lambda g, x: backward(g, x, *others),
    )
    step = 1e-6 * cotangent(x.shape)
    ends = [
        both(
            x + s * step, lambda x: forward(x, *weights), lambda x: forward(x, *others)
        )
        for s in (1, -1)
    ]
    slope = ((ends[0] - ends[1]) * grad).sum() / 2
    assert slope == pytest.approx((found[0] * step).sum(), rel=1e-6)
    if wing == "torch":
        kind = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}[layer]
        made = getattr(torch.nn, kind)(3, 2, batch_first=True, bidirectional=True)
        made = made.double()
        given = {n: torch.zeros_like(p) for n, p in made.named_parameters()}
        for suffix, values in (("", weights), ("_reverse", others)):
            names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
            for name, value in zip(names, values, strict=False):
                given[name + suffix] = torch.tensor(value)
        got = torch.func.functional_call(made, given, (torch.tensor(x),))[0]
        return close(got.detach().numpy(), want, 1e-9)
    # Keras wraps one layer, of which the second is a copy: its two halves by hand
    kind = {"rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}[layer]
    made = getattr(keras.layers, kind)(2, return_sequences=True, dtype="float64")
    made = keras.layers.Bidirectional(made, dtype="float64")
    made.build(x.shape)
    for part, values in ((made.forward_layer, weights), (made.backward_layer, others)):
        part.set_weights(keras_weights(layer, values))
    return close(keras.ops.convert_to_numpy(made(x)), want, 1e-6)


def keras_weights(layer, values):
    """Turn the weights of the definition into those of a recurrent layer of Keras."""
    if layer != "gru":
        return [values[0].T, values[1].T, values[2]]
    turned = []
    for value in values:
        r, z, n = np.split(value, 3)
        turned.append(np.concatenate([z, r, n]).T)
    return [turned[0], turned[1], np.stack(turned[2:])]


@pytest.mark.parametrize("wing", ["torch", "keras"])
@pytest.mark.parametrize("kind", ["dropout", "spatial_dropout", "alpha_dropout"])
def test_dropout_drops_by_the_definition(kind, wing, rng):
    forward, backward = (
        wings.function("reference", f"layers/dropout.{kind}{end}")
        for end in ("", "_backward")
    )
    x, rate = rng.uniform(0.5, 1.5, (4, 30, 5)), 0.3
    names = {
        "dropout": ("Dropout", "Dropout"),
        "spatial_dropout": ("Dropout1d", "SpatialDropout1D"),
        "alpha_dropout": ("AlphaDropout", "AlphaDropout"),
    }
    if wing == "torch":
        layer = getattr(torch.nn, names[kind][0])(rate)
        given = torch.tensor(x, requires_grad=True)
        y = layer(given)
        (slope,) = torch.autograd.grad(y.sum(), given)
        got, slope = y.detach().numpy(), slope.numpy()
    else:
        layer = getattr(keras.layers, names[kind][1])(rate, seed=1, dtype="float64")
        turned = np.moveaxis(x, 1, -1) if kind == "spatial_dropout" else x
        y = keras.ops.convert_to_numpy(layer(turned, training=True))
        got = np.moveaxis(y, -1, 1) if kind == "spatial_dropout" else y
        slope = None
    dropped = forward(x * 0 - 9, np.zeros((), bool), rate=rate).flat[0]
    if kind == "spatial_dropout":
        keep = ~np.isclose(got, 0).all(-1)
    else:
        keep = ~np.isclose(got, dropped if kind == "alpha_dropout" else 0.0, atol=1e-6)
    assert 0.5 < keep.mean() < 0.9
    # Keras rounds its constants to float32
    close(got, forward(x, keep, rate=rate), 1e-6)
    [known] = backward(np.ones_like(x), x, keep, rate=rate)
    if slope is not None:
        close(slope, known, 1e-6)
    step = 1e-5
    moved = forward(x + step, keep, rate=rate) - forward(x, keep, rate=rate)
    close(moved / step, known, 1e-6)


def test_a_padded_row_of_an_embedding_is_not_trained():
    backward = wings.function("reference", "layers/embedding.embedding_backward")
    ids, weight = np.array([[0, 2], [1, 0]]), np.ones((3, 2))
    layer = torch.nn.Embedding(3, 2, padding_idx=0)
    layer(torch.tensor(ids)).sum().backward()
    [want] = backward(np.ones((2, 2, 2)), weight, ids, padding_idx=0)
    close(layer.weight.grad.numpy(), want, 1e-7)


SHARES = np.linspace(0.01, 0.99, 99)
DRAWN = [
    {},
    {"scale": 2.0, "distribution": "normal"},
    {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"},
    {"mode": "fan_avg"},
    {"scale": 1 / 3, "distribution": "uniform", "fan": 50},
]


def drawn(wing, shape, **options):
    """Draw weights by a recipe, in torch's layout."""
    make = wings.function(wing, "layers/variance_scaling.VarianceScaling")(**options)
    if wing == "torch":
        return make(torch.empty(shape)).numpy()
    weight = keras.ops.convert_to_numpy(make((*shape[2:], shape[1], shape[0])))
    return np.moveaxis(weight, (-1, -2), (0, 1))


@pytest.mark.parametrize("wing", ["torch", "keras"])
@pytest.mark.parametrize("options", DRAWN, ids=lambda o: "-".join(map(str, o)))
def test_weights_are_spread_as_the_definition_says(wing, options):
    quantile = wings.function(
        "reference", "layers/variance_scaling.variance_scaling_quantile"
    )
    shape = (60, 50, 5, 4)
    weight = drawn(wing, shape, seed=3, **options)
    want = quantile(SHARES, shape, **options)
    # 60,000 draws: the share below a value is known to some 0.002
    shares = np.searchsorted(np.sort(weight.ravel()), want) / weight.size
    assert np.abs(shares - SHARES).max() < 0.008
    if options.get("distribution") != "normal":
        assert np.abs(weight).max() <= quantile(1.0, shape, **options) * (1 + 1e-6)
    assert np.array_equal(weight, drawn(wing, shape, seed=3, **options))
    assert not np.array_equal(weight, drawn(wing, shape, **options))


NAMED = [
    ("kaiming_normal_", {"nonlinearity": "relu"}, 2.0, "fan_in", "normal"),
    ("xavier_uniform_", {}, 1.0, "fan_avg", "uniform"),
    ("kaiming_uniform_", {"a": 5**0.5}, 1 / 3, "fan_in", "uniform"),
    ("HeNormal", {}, 2.0, "fan_in", "truncated_normal"),
    ("GlorotUniform", {}, 1.0, "fan_avg", "uniform"),
    ("LecunNormal", {}, 1.0, "fan_in", "truncated_normal"),
]


@pytest.mark.parametrize("row", NAMED, ids=lambda row: row[0])
def test_either_framework_has_the_recipe_of_the_other(row):
    name, more, scale, mode, distribution = row
    shape = (60, 50, 5, 4)
    if name.islower():
        own = getattr(torch.nn.init, name)(torch.empty(shape), **more).numpy()
    else:
        own = getattr(keras.initializers, name)(seed=1)((5, 4, 50, 60))
        own = keras.ops.convert_to_numpy(own)
    want = np.quantile(own, SHARES)
    for wing in ("torch", "keras"):
        found = drawn(wing, shape, scale=scale, mode=mode, distribution=distribution)
        close(np.quantile(found, SHARES) / own.std(), want / own.std(), 0.02)


@pytest.mark.parametrize("kernel", ["conv", "depthwise", "embedding"])
@pytest.mark.parametrize("convention", ["torch", "keras"])
def test_fans_are_counted_as_the_frameworks_count(kernel, convention):
    shapes = {"conv": (8, 3, 5, 5), "depthwise": (8, 1, 5, 5), "embedding": (30, 8)}
    shape = shapes[kernel]
    turned = {"conv": (5, 5, 3, 8), "depthwise": (5, 5, 8, 1), "embedding": (30, 8)}
    pairs = {
        wing: wings.function(wing, "layers/variance_scaling.fans")(
            turned[kernel] if wing == "keras" else shape,
            kernel=kernel,
            convention=convention,
        )
        for wing in ("reference", "torch", "keras")
    }
    if convention == "torch":
        known = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    else:
        # the largest of many uniform numbers tells what they were divided by
        known = []
        for mode in ("fan_in", "fan_out"):
            make = keras.initializers.VarianceScaling(1.0, mode, "uniform", seed=0)
            size = keras.ops.max(make(turned[kernel]))
            known.append(3 / float(size) ** 2)
    for pair in pairs.values():
        assert pair == pytest.approx(tuple(known), rel=0.03)
    assert len(set(pairs.values())) == 1


@pytest.mark.parametrize("wing", ["torch", "keras"])
@pytest.mark.parametrize(
    ("shape", "blocks", "dtype"),
    [
        ((6, 4), 1, "float32"),
        ((4, 6), 1, "float64"),
        ((12, 3), 4, "float32"),
        ((12, 5), 3, "bfloat16"),
        ((4, 2, 3, 3), 1, "float16"),
    ],
)
def test_orthogonal_is_what_gram_and_schmidt_make_of_the_draws(
    wing, shape, blocks, dtype
):
    make = wings.function(wing, "layers/orthogonal.Orthogonal")
    make = make(1.5, blocks=blocks, seed=5)
    kind = "float64" if dtype == "float64" else "float32"
    rows, columns = shape[0], int(np.prod(shape[1:]))
    if wing == "torch":
        weight = make(torch.empty(shape, dtype=getattr(torch, dtype)))
        got, name = weight.double().numpy(), str(weight.dtype).removeprefix("torch.")
        draws = torch.empty(shape, dtype=getattr(torch, kind))
        draws.normal_(generator=torch.Generator().manual_seed(5))
        draws = draws.numpy().reshape(rows, columns)
    else:
        weight = make((*shape[2:], shape[1], shape[0]), dtype)
        name = keras.backend.standardize_dtype(weight.dtype)
        got = keras.ops.convert_to_numpy(keras.ops.cast(weight, "float64"))
        got = np.moveaxis(got, -1, 0).reshape(rows, columns)
        size = (blocks, columns, rows // blocks)
        draws = keras.random.normal(size, dtype=kind, seed=5)
        draws = keras.ops.convert_to_numpy(draws)
        draws = draws.swapaxes(1, 2).reshape(rows, columns)
    want = wings.function("reference", "layers/orthogonal.orthogonal")(
        draws, gain=1.5, blocks=blocks
    )
    assert name == dtype
    close(got.reshape(rows, columns), want, 100 * wings.unit(kind) + wings.unit(dtype))
    for block in np.split(want, blocks):
        small = block if len(block) <= columns else block.T
        close(small @ small.T, 1.5**2 * np.eye(len(small)), 1e-12)


@pytest.mark.parametrize("unbiased", [True, False])
def test_running_statistics_are_those_of_either_framework(unbiased):
    x = 3 * np.random.default_rng(0).normal(size=(2, 3, 2, 2)) + 1
    update, inference = (
        wings.function("reference", f"layers/batch_norm.{name}")
        for name in ("running_statistics", "batch_norm_inference")
    )
    mean, var = np.zeros(3), np.ones(3)
    ours = wings.function("torch", "layers/batch_norm.BatchNorm")(3, unbiased=unbiased)
    theirs = wings.function("keras", "layers/batch_norm.BatchNorm")(
        3, unbiased=unbiased
    )
    own = torch.nn.BatchNorm2d(3)
    also = keras.layers.BatchNormalization(epsilon=1e-5, momentum=0.9)
    channels_last = np.moveaxis(x, 1, -1).astype("float32")
    for _ in range(2):
        mean, var = update(x, mean, var, unbiased=unbiased)
        for layer in (ours, own):
            layer(torch.tensor(x, dtype=torch.float32))
        for layer in (theirs, also):
            layer(channels_last, training=True)
    framework = own.running_var.numpy() if unbiased else also.moving_variance
    for found in (ours.running_var.numpy(), theirs.running_var, framework):
        close(keras.ops.convert_to_numpy(found), var, 1e-5)
    for found in (ours.running_mean.numpy(), theirs.running_mean):
        close(keras.ops.convert_to_numpy(found), mean, 1e-5)
    want = inference(x, mean, var, np.ones(3), np.zeros(3))
    got = ours.eval()(torch.tensor(x, dtype=torch.float32)).detach().numpy()
    close(got, want, 1e-5)
    got = keras.ops.convert_to_numpy(theirs(channels_last))
    close(np.moveaxis(got, -1, 1), want, 1e-5)


def test_a_frozen_batch_norm_stays_as_it_is_in_torch():
    freeze = wings.function("torch", "layers/frozen_batch_norm.freeze_batch_norm")
    nn = torch.nn
    model = nn.Sequential(nn.Conv2d(1, 2, 1), nn.Sequential(nn.BatchNorm2d(2)))
    model(torch.randn(4, 1, 3, 3))
    x = torch.randn(4, 1, 3, 3)
    want = model.eval()(x)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    assert freeze(model) == 1
    assert model.state_dict().keys() == before.keys()
    model.train()
    y = model(x)
    close(y.detach().numpy(), want.detach().numpy(), 1e-6)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.1)
    y.square().sum().backward()
    optimizer.step()
    moved = {k for k, v in model.state_dict().items() if not v.equal(before[k])}
    assert moved == {"0.weight", "0.bias"}


def test_all_batch_norms_are_frozen_or_none_in_torch():
    freeze = wings.function("torch", "layers/frozen_batch_norm.freeze_batch_norm")
    nn = torch.nn
    twice = nn.BatchNorm1d(2)
    model = nn.Sequential(twice, nn.Linear(2, 2), twice)
    assert freeze(model) == 1
    assert model[0] is model[2]
    assert not any(isinstance(layer, nn.BatchNorm1d) for layer in model)
    model = nn.Sequential(
        nn.BatchNorm1d(2), nn.BatchNorm1d(2, track_running_stats=False)
    )
    with pytest.raises(ValueError, match="running statistics"):
        freeze(model)
    assert all(isinstance(layer, nn.BatchNorm1d) for layer in model)


def test_an_empty_batch_leaves_the_statistics_alone():
    layer = wings.function("keras", "layers/batch_norm.BatchNorm")(3)
    assert layer(np.zeros((0, 3), "float32"), training=True).shape == (0, 3)
    statistics = (layer.running_mean, layer.running_var)
    for kept, start in zip(statistics, (0, 1), strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(kept), [start] * 3)


@pytest.mark.parametrize("wing", ["torch", "keras"])
@pytest.mark.parametrize("dtype", ["uint8", "int64", "bool"])
def test_the_nearest_pixel_of_integers_is_exact(wing, dtype):
    largest = {"uint8": 255, "int64": 2**53 + 1, "bool": 1}[dtype]
    x = np.array([0, largest, 0, 1], dtype).reshape(1, 1, 1, 4)
    turned = x if wing == "torch" else np.moveaxis(x, 1, -1)
    resize = wings.function(wing, "layers/resize.resize")
    y = resize(wings.tensor(wing, turned), (1, 8), method="nearest")
    got = y.numpy() if wing == "torch" else keras.ops.convert_to_numpy(y)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got.ravel(), x.ravel().repeat(2))


@pytest.mark.parametrize("wing", ["torch", "keras"])
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (2, 2, 0)])
def test_empty_weights_are_drawn(wing, shape):
    for name in ("variance_scaling.VarianceScaling", "orthogonal.Orthogonal"):
        make = wings.function(wing, f"layers/{name}")(seed=1)
        found = make(torch.empty(shape)) if wing == "torch" else make(shape)
        assert tuple(found.shape) == shape


def test_a_frozen_batch_norm_stays_as_it_is_in_keras():
    freeze = wings.function("keras", "layers/frozen_batch_norm.freeze_batch_norm")
    layers = keras.layers
    inner = keras.Sequential([keras.Input((3,)), layers.BatchNormalization()])
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), inner])
    x = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
    model(x, training=True)
    assert freeze(model) == 1
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = model.get_weights()
    model.fit(x, np.ones((8, 3)), verbose=0)
    moved = [
        not np.array_equal(a, b)
        for a, b in zip(before, model.get_weights(), strict=True)
    ]
    assert moved == [True, True, False, False, False, False]
    with_training = keras.ops.convert_to_numpy(model(x, training=True))
    close(with_training, keras.ops.convert_to_numpy(model(x)), 1e-6)


def test_the_batch_norm_of_keras_is_saved_and_loaded(tmp_path):
    layer = wings.function("keras", "layers/batch_norm.BatchNorm")
    model = keras.Sequential([keras.Input((4, 3)), layer(3, momentum=0.5)])
    x = np.random.default_rng(0).normal(size=(8, 4, 3)).astype("float32")
    model.compile("sgd", "mse")
    model.fit(x, x, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    close(loaded.predict(x, verbose=0), model.predict(x, verbose=0), 1e-6)
    assert loaded.layers[0].momentum == 0.5


def test_a_normalised_weight_starts_as_it_was_and_is_saved(tmp_path):
    wrap = wings.function("keras", "layers/weight_norm.WeightNorm")
    layer = keras.layers.Conv2D(3, 2)
    model = keras.Sequential([keras.Input((6, 5, 4)), wrap(layer)])
    x = np.random.default_rng(0).normal(size=(4, 6, 5, 4)).astype("float32")
    y = model.predict(x, verbose=0)
    close(y, keras.ops.convert_to_numpy(layer(x)), 1e-6)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = model.get_weights()
    model.fit(x, np.ones_like(y), verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.abs(new - old).max() > 0
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    close(loaded.predict(x, verbose=0), model.predict(x, verbose=0), 1e-6)


def test_recipes_give_what_tensorflow_itself_computes(rng):
    tf = pytest.importorskip("tensorflow")
    names = ("same_conv", "same_conv_transpose", "same_max_pool", "same_average_pool")
    files = ("same_conv", "same_conv_transpose", "same_pool", "same_pool")
    conv, stamp, largest, mean = (
        wings.function("torch", f"layers/{file}.{name}")
        for file, name in zip(files, names, strict=True)
    )
    resize = wings.function("torch", "layers/resize.resize")
    pairs = []
    for size in (7, 8):
        x = rng.normal(size=(2, size, size + 1, 4)).astype("float32")
        first = torch.tensor(x).permute(0, 3, 1, 2)
        for k, s in ((1, 2), (2, 1), (3, 2), (4, 2), (5, 3), (2, 3)):
            w = rng.normal(size=(k, k, 4, 6)).astype("float32")
            turned = torch.tensor(w).permute(3, 2, 0, 1)
            pairs.append((tf.nn.conv2d(x, w, s, "SAME"), conv(first, turned, stride=s)))
            w = rng.normal(size=(k, k, 5, 4)).astype("float32")
            turned = torch.tensor(w).permute(3, 2, 0, 1)
            shape = (2, size * s, (size + 1) * s, 5)
            theirs = tf.nn.conv2d_transpose(x, w, shape, s, "SAME")
            pairs.append((theirs, stamp(first, turned, stride=s)))
            pairs.append(
                (tf.nn.max_pool2d(x, k, s, "SAME"), largest(first, k, stride=s))
            )
            pairs.append((tf.nn.avg_pool2d(x, k, s, "SAME"), mean(first, k, stride=s)))
        for new in ((18, 5), (5, 20)):
            for method in ("nearest", "bilinear"):
                theirs = tf.image.resize(x, new, method)
                pairs.append((theirs, resize(first, new, method=method)))
            # weights off a table of 1024 places
            theirs = np.moveaxis(tf.image.resize(x, new, "bicubic").numpy(), -1, 1)
            close(resize(first, new, method="bicubic").numpy(), theirs, 2e-3)
            theirs = torch.nn.functional.interpolate(first, new, mode="bicubic")
            ours = resize(first, new, method="bicubic", convention="torch")
            close(ours.numpy(), theirs.numpy(), 1e-5)
    for theirs, ours in pairs:
        close(ours.numpy(), np.moveaxis(theirs.numpy(), -1, 1), 1e-5)


def test_recipes_of_padding_compile_in_torch():
    conv = wings.function("torch", "layers/same_conv.same_conv")
    resize = wings.function("torch", "layers/resize.resize")

    def both(x, weight):
        return resize(conv(x, weight, stride=2), (6, 6), method="bicubic")

    x, weight = torch.randn(1, 2, 8, 7), torch.randn(2, 2, 3, 3)
    compiled = torch.compile(both, backend="eager", fullgraph=True)
    close(compiled(x, weight).numpy(), both(x, weight).numpy(), 1e-6)


def test_recipes_work_in_a_functional_model_with_a_free_batch():
    conv = wings.function("keras", "layers/same_conv.symmetric_conv")
    pool = wings.function("keras", "layers/same_pool.same_average_pool")
    resize = wings.function("keras", "layers/resize.resize")
    inputs = keras.Input((8, 7, 2))
    y = conv(inputs, keras.ops.ones((3, 3, 2, 2)), stride=2, padding=1)
    model = keras.Model(inputs, resize(pool(y, 2, stride=1), (6, 6)))
    assert model.output_shape == (None, 6, 6, 2)
    assert model.predict(np.ones((3, 8, 7, 2)), verbose=0).shape == (3, 6, 6, 2)
