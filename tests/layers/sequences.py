"""Norms, recurrent layers and attention."""

import numpy as np

from tests import wings
from tests.layers import Case, Refusal, applied, last, normal


def norm_cases():
    """Every normalisation, in training."""
    import torch
    from torch.nn import functional as F

    def in_keras(name, *, training=False, eps=1e-5, **options):
        def call(x, *weights):
            import keras

            layer = getattr(keras.layers, name)(epsilon=eps, dtype="float64", **options)
            return applied(layer, x, *weights, training=training)

        return call

    x = 3 * normal(3, 4, 3, 2) + 1
    arrays = {"x": x, "weight": normal(4), "bias": normal(4)}
    yield Case(
        name="batch-norm",
        definition="batch_norm.batch_norm",
        arrays=arrays,
        torch=lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True),
        keras=last(in_keras("BatchNormalization", training=True)),
    )
    yield Case(
        name="layer-norm",
        definition="layer_norm.layer_norm",
        arrays={"x": normal(3, 2, 4), "weight": normal(4), "bias": normal(4)},
        torch=lambda x, w, b: F.layer_norm(x, (4,), w, b),
        keras=in_keras("LayerNormalization"),
    )
    yield Case(
        name="group-norm",
        definition="group_norm.group_norm",
        arrays=arrays,
        options={"groups": 2},
        torch=lambda x, w, b: F.group_norm(x, 2, w, b),
        keras=last(in_keras("GroupNormalization", groups=2)),
    )
    yield Case(
        name="instance-norm",
        definition="group_norm.instance_norm",
        arrays=arrays,
        torch=lambda x, w, b: F.instance_norm(x, weight=w, bias=b),
        keras=last(in_keras("GroupNormalization", groups=-1)),
    )
    yield Case(
        name="rms-norm",
        definition="rms_norm.rms_norm",
        arrays={"x": normal(3, 2, 4), "weight": normal(4)},
        torch=lambda x, w: F.rms_norm(x, (4,), w, eps=1e-6),
        keras=in_keras("RMSNormalization", eps=1e-6),
    )
    for unbiased in (True, False):

        def trained(x, weight, bias, unbiased=unbiased):
            layer = wings.function("torch", "layers/batch_norm.BatchNorm")(
                4, unbiased=unbiased
            )
            given = {"weight": weight, "bias": bias}
            return torch.func.functional_call(layer, given, x)

        def also(x, weight, bias, unbiased=unbiased):
            from keras import backend

            layer = wings.function("keras", "layers/batch_norm.BatchNorm")(
                4, unbiased=unbiased, dtype=backend.standardize_dtype(x.dtype)
            )
            return applied(layer, x, weight, bias, training=True)

        yield Case(
            name=f"recipe-batch-norm-{unbiased}",
            definition="batch_norm.batch_norm",
            arrays=arrays,
            torch=trained,
            keras=last(also),
            recipe="batch_norm",
        )


def weight_cases():
    """Weights that are normalised; a layer shows them when it is given the identity."""
    import torch
    from torch import nn

    recipe = wings.function("keras", "layers/weight_norm.WeightNorm")

    def shown(layer, given, like):
        eye = torch.eye(like.shape[1], dtype=like.dtype)
        return torch.func.functional_call(layer, given, eye).T

    def in_torch(direction, length):
        prefix = "parametrizations.weight.original"
        given = {f"{prefix}0": length[:, None], f"{prefix}1": direction}
        layer = nn.utils.parametrizations.weight_norm(nn.Linear(5, 4, bias=False))
        return shown(layer, given, direction)

    def in_keras(direction, length):
        import keras
        from keras import backend, ops

        kind = backend.standardize_dtype(direction.dtype)
        dense = keras.layers.Dense(4, use_bias=False, dtype=kind)
        layer = recipe(dense, dtype=kind)
        eye = ops.eye(direction.shape[1], dtype=kind)
        return ops.transpose(applied(layer, eye, length, ops.transpose(direction)))

    yield Case(
        name="weight-norm",
        definition="weight_norm.weight_norm",
        arrays={"direction": normal(4, 5), "length": normal(4)},
        torch=in_torch,
        keras=in_keras,
        recipe="weight_norm",
    )

    def normalised(weight):
        layer = nn.utils.parametrizations.spectral_norm(
            nn.Linear(5, 4, bias=False).double(), n_power_iterations=200
        )
        return shown(layer, {"parametrizations.weight.original": weight}, weight)

    yield Case(
        name="spectral-norm",
        definition="spectral_norm.spectral_norm",
        arrays={"weight": normal(4, 5)},
        torch=normalised,
        # Keras divides its variable; the gradient is that of what is left
        keras=spectral_in_keras,
    )


def spectral_in_keras(weight):
    """Do what Keras does to a kernel, as one function of it."""
    import keras
    from keras import ops

    made = keras.layers.Dense(4, use_bias=False, dtype="float64")
    layer = keras.layers.SpectralNormalization(
        made, power_iterations=200, dtype="float64"
    )
    layer.build((None, 5))
    with keras.StatelessScope(state_mapping=[(layer.kernel, ops.transpose(weight))]):
        return ops.transpose(layer.normalized_weights()[1])


def recurrent_cases():
    """Recurrent layers, all states."""
    import torch
    from torch import nn

    def in_torch(layer, names):
        layer = layer.double()

        def call(x, *weights):
            given = dict(zip(names, weights, strict=True))
            for name, like in layer.named_parameters():
                given.setdefault(name, torch.zeros_like(like))
            return torch.func.functional_call(layer, given, (x,))[0]

        return call

    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")
    x = normal(2, 4, 3)
    for gates, name, layer in (
        (1, "rnn", nn.RNN(3, 2, batch_first=True)),
        (4, "lstm", nn.LSTM(3, 2, batch_first=True)),
    ):

        def in_keras(x, ih, hh, bias, name=name):
            import keras

            kind = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM}[name]
            layer = kind(2, return_sequences=True, dtype="float64")
            turned = keras.ops.transpose(ih), keras.ops.transpose(hh)
            return applied(layer, x, *turned, bias)

        yield Case(
            name=name,
            definition=f"{name}.{name}",
            arrays={
                "x": x,
                "weight_ih": normal(2 * gates, 3),
                "weight_hh": normal(2 * gates, 2),
                "bias": normal(2 * gates),
            },
            torch=in_torch(layer, names),
            keras=in_keras,
        )

    def swapped(w):
        # r, z, n in torch; z, r, n in Keras
        from keras import ops

        r, z, n = ops.split(w, 3, axis=0)
        turned = ops.concatenate([z, r, n], axis=0)
        return ops.transpose(turned) if len(w.shape) == 2 else turned

    def gru(x, ih, hh, bias_ih, bias_hh):
        import keras

        layer = keras.layers.GRU(2, return_sequences=True, dtype="float64")
        bias = keras.ops.stack([swapped(bias_ih), swapped(bias_hh)])
        return applied(layer, x, swapped(ih), swapped(hh), bias)

    yield Case(
        name="gru",
        definition="gru.gru",
        arrays={
            "x": x,
            "weight_ih": normal(6, 3),
            "weight_hh": normal(6, 2),
            "bias_ih": normal(6),
            "bias_hh": normal(6, seed=1),
        },
        torch=in_torch(nn.GRU(3, 2, batch_first=True), (*names, "bias_hh_l0")),
        keras=gru,
    )


def attention_cases():
    """Attention with and without a mask, with rows that keep nothing."""
    import torch
    from torch import nn

    ours, theirs = (
        wings.function(wing, "layers/masked_attention.masked_attention")
        for wing in ("torch", "keras")
    )
    arrays = {
        "query": normal(2, 2, 3, 4),
        "key": normal(2, 2, 5, 4),
        "value": normal(2, 2, 5, 3),
    }
    keep = np.random.default_rng(0).random((2, 1, 3, 5)) < 0.6
    keep[0, 0, 1] = False
    for name, options in (
        ("plain", {}),
        ("masked", {"keep": keep}),
        ("scaled", {"keep": keep, "scale": 0.7}),
    ):

        def call(query, key, value, f=ours, options=options):
            given = dict(options)
            if "keep" in given:
                given["keep"] = torch.tensor(given["keep"])
            return f(query, key, value, **given)

        def in_keras(query, key, value, options=options):
            from keras import ops

            given = dict(options)
            if "keep" in given:
                given["keep"] = ops.convert_to_tensor(given["keep"])
            return theirs(query, key, value, **given)

        yield Case(
            name=f"masked-attention-{name}",
            definition="masked_attention.masked_attention",
            arrays=arrays,
            options=options,
            torch=call,
            keras=in_keras,
            recipe="masked_attention",
        )

    heads, keep = 2, keep[:, 0] | np.eye(3, 5, dtype=bool)
    layer = nn.MultiheadAttention(4, heads, batch_first=True).double()

    def multi(query, key, value, *weights):
        names = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
        # here true means: ignore
        mask = torch.tensor(~keep).repeat_interleave(heads, 0)
        return torch.func.functional_call(
            layer,
            dict(zip(names, weights, strict=True)),
            (query, key, value),
            {"attn_mask": mask},
        )[0]

    def also(query, key, value, weight_in, bias_in, weight_out, bias_out):
        import keras
        from keras import ops

        layer = keras.layers.MultiHeadAttention(heads, 2, dtype="float64")
        layer.build((2, 3, 4), (2, 5, 4), (2, 5, 4))
        # Keras asks for the values second
        parts = {}
        for name, w, b in zip(
            ("query", "key", "value"),
            ops.split(weight_in, 3, axis=0),
            ops.split(bias_in, 3, axis=0),
            strict=True,
        ):
            parts[name] = [
                ops.reshape(ops.transpose(w), (4, heads, 2)),
                ops.reshape(b, (heads, 2)),
            ]
        weights = [w for name in ("query", "key", "value") for w in parts[name]]
        weights += [ops.reshape(ops.transpose(weight_out), (heads, 2, 4)), bias_out]
        state = layer.non_trainable_variables
        return layer.stateless_call(
            weights,
            state,
            query,
            value,
            key,
            attention_mask=ops.convert_to_tensor(keep),
        )[0]

    yield Case(
        name="multi-head-attention",
        definition="multi_head_attention.multi_head_attention",
        arrays={
            "query": normal(2, 3, 4),
            "key": normal(2, 5, 4),
            "value": normal(2, 5, 4, seed=1),
            "weight_in": normal(12, 4),
            "bias_in": normal(12),
            "weight_out": normal(4, 4),
            "bias_out": normal(4),
        },
        options={"heads": heads, "keep": keep},
        torch=multi,
        keras=also,
    )


def cases():
    """Yield every case of the family."""
    yield from norm_cases()
    yield from weight_cases()
    yield from recurrent_cases()
    yield from attention_cases()


def refusals():
    """Yield what the recipes refuse."""
    import keras
    import torch
    from torch import nn

    yield Refusal(
        recipe="keras/weight_norm.WeightNorm",
        call=lambda f: f(keras.layers.Conv1DTranspose(4, 1)),
        names="layer must be dense or a convolution",
    )
    ones = {"torch": torch.ones(2, 1), "keras": keras.ops.ones((2, 1))}
    for wing, x in ones.items():
        yield Refusal(
            recipe=f"{wing}/masked_attention.masked_attention",
            call=lambda f, x=x: f(x, x, x, keep=x),
            names="keep must be boolean",
        )
        for shape in ((3, 2), (2, 3), (3,), (2, 2, 2)):
            yield Refusal(
                recipe=f"{wing}/masked_attention.masked_attention",
                call=lambda f, x=x, s=shape: f(x, x, x, keep=np.ones(s, bool)),
                names="keep must fit",
            )
        yield Refusal(
            recipe=f"{wing}/batch_norm.BatchNorm",
            call=lambda f: f(3, momentum=1.5),
            names="momentum",
        )
        for options in ({"num_features": 0}, {"num_features": 3, "eps": -1e-3}):
            yield Refusal(
                recipe=f"{wing}/batch_norm.BatchNorm",
                call=lambda f, o=options: f(**o),
                names="num_features must be >= 1 and eps >= 0",
            )
        # one channel would be stretched to three, and the statistics with it
        for shape in ((4, 1), (4, 2), (3,)):
            yield Refusal(
                recipe=f"{wing}/batch_norm.BatchNorm",
                call=lambda f, w=wing, s=shape: f(3)(
                    wings.tensor(w, np.ones(s), "float32")
                ),
                names="x must have 3 channels",
            )
        one = torch.zeros(4, 4) if wing == "torch" else (4, 4)
        for names, wrong in (
            ("scale", {"scale": 0.0}),
            ("fan", {"fan": 0}),
            ("fan", {"fan": -3}),
            ("mode", {"mode": "fan"}),
            ("distribution", {"distribution": "gauss"}),
            ("kernel", {"kernel": "dense"}),
            ("convention", {"convention": "jax"}),
        ):
            yield Refusal(
                recipe=f"{wing}/variance_scaling.VarianceScaling",
                call=lambda f, wrong=wrong: f(**wrong),
                names=names,
            )
        yield Refusal(
            recipe=f"{wing}/variance_scaling.fans",
            call=lambda f: f((3,)),
            names="shape",
        )
        for wrong in ({"kernel": "dense"}, {"convention": "jax"}):
            yield Refusal(
                recipe=f"{wing}/variance_scaling.fans",
                call=lambda f, wrong=wrong: f((3, 4), **wrong),
                names=f"{next(iter(wrong))} must be in",
            )
        for blocks in (0, 1.0):
            yield Refusal(
                recipe=f"{wing}/orthogonal.Orthogonal",
                call=lambda f, n=blocks: f(blocks=n),
                names="blocks must be an int >= 1",
            )
        yield Refusal(
            recipe=f"{wing}/orthogonal.Orthogonal",
            call=lambda f, one=one: f(blocks=3)(one),
            names="blocks",
        )
    for recipe in ("orthogonal.Orthogonal", "variance_scaling.VarianceScaling"):
        yield Refusal(
            recipe=f"torch/{recipe}",
            call=lambda f: f()(torch.empty(3, 3, dtype=torch.int64)),
            names="tensor must hold floats",
        )
    yield Refusal(
        recipe="keras/orthogonal.Orthogonal",
        call=lambda f: f()((3, 3), "int32"),
        names="dtype must be of floats",
    )
    yield Refusal(
        recipe="keras/batch_norm.BatchNorm",
        call=lambda f: f(3)(keras.ops.ones((4, 3), dtype="int32"), training=True),
        names="x must hold floats",
    )
    yield Refusal(
        recipe="torch/frozen_batch_norm.freeze_batch_norm",
        call=lambda f: f(nn.Sequential(nn.Linear(3, 3))),
        names="model must hold a batch normalisation",
    )
    yield Refusal(
        recipe="keras/frozen_batch_norm.freeze_batch_norm",
        call=lambda f: f(keras.Sequential([keras.layers.Dense(3)])),
        names="model must hold a batch normalisation",
    )
    yield Refusal(
        recipe="torch/batch_norm.BatchNorm",
        call=lambda f: f(3)(torch.zeros(1, 3)),
        names="more than one value",
    )
    yield Refusal(
        recipe="torch/frozen_batch_norm.freeze_batch_norm",
        call=lambda f: f(nn.BatchNorm2d(3)),
        names="model",
    )
    yield Refusal(
        recipe="torch/frozen_batch_norm.freeze_batch_norm",
        call=lambda f: f(nn.Sequential(nn.BatchNorm2d(3, track_running_stats=False))),
        names="running statistics",
    )
    yield Refusal(
        recipe="keras/frozen_batch_norm.freeze_batch_norm",
        call=lambda f: f(keras.layers.BatchNormalization()),
        names="model",
    )
