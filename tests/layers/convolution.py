"""Dense layers and convolutions, the two kinds of padding."""

from functools import partial

from tests import wings
from tests.layers import Case, Refusal, applied, last, normal


def kernel(weight):
    """Put a kernel of torch, outputs first, into the layout of Keras."""
    from keras import ops

    return ops.transpose(weight, (*range(2, len(weight.shape)), 1, 0))


def dense_cases():
    """Dense layers with and without a bias."""
    from torch.nn import functional as F

    def in_keras(x, weight, *bias):
        import keras

        layer = keras.layers.Dense(
            weight.shape[0], use_bias=bool(bias), dtype="float64"
        )
        return applied(layer, x, keras.ops.transpose(weight), *bias)

    x, weight, bias = normal(2, 3, 5), normal(4, 5), normal(4)
    for arrays in (
        {"x": x, "weight": weight, "bias": bias},
        {"x": x, "weight": weight},
    ):
        yield Case(
            name=f"dense-{len(arrays)}",
            definition="dense.dense",
            arrays=arrays,
            torch=F.linear,
            keras=in_keras,
        )


# Size of the input, of the kernel, options.
CONVOLUTIONS = (
    ((9,), (3,), {"stride": 2, "padding": 1}),
    ((7, 6), (3, 2), {"stride": (2, 1), "padding": (1, 0)}),
    ((7, 6), (2, 3), {"padding": 1, "dilation": (1, 2), "groups": 2}),
    ((6, 7), (3, 3), {"stride": 2, "padding": 1, "groups": 4}),
    ((4, 5, 4), (2, 3, 2), {"stride": 1, "padding": (0, 1, 0)}),
)


def conv_cases():
    """Convolutions in 1 to 3-D, with a stride, holes and groups."""
    from torch.nn import functional as F

    for size, window, options in CONVOLUTIONS:
        groups = options.get("groups", 1)
        conv = (F.conv1d, F.conv2d, F.conv3d)[len(size) - 1]

        def in_keras(x, weight, bias, options=options):
            import keras

            rank = len(weight.shape) - 2
            asked = {
                "strides": options.get("stride", 1),
                "dilation_rate": options.get("dilation", 1),
                "groups": x.shape[-1] // weight.shape[1],
            }
            pads = options["padding"]
            pads = (pads,) * rank if isinstance(pads, int) else pads
            x = keras.ops.pad(x, [(0, 0), *[(p, p) for p in pads], (0, 0)])
            names = (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)
            layer = names[rank - 1](
                weight.shape[0],
                tuple(int(n) for n in weight.shape[2:]),
                dtype="float64",
                **asked,
            )
            return applied(layer, x, kernel(weight), bias)

        yield Case(
            name=f"conv-{len(size)}d-{'-'.join(options)}-{groups}",
            definition="conv.conv",
            arrays={
                "x": normal(2, 4, *size),
                "weight": normal(4, 4 // groups, *window),
                "bias": normal(4),
            },
            options=options,
            torch=partial(conv, **options),
            keras=last(in_keras),
        )


def causal_cases():
    """Causal convolutions, with and without holes."""
    from torch.nn import functional as F

    for dilation in (1, 3):

        def in_torch(x, weight, bias, dilation=dilation):
            padded = F.pad(x, (dilation * (weight.shape[2] - 1), 0))
            return F.conv1d(padded, weight, bias, dilation=dilation)

        def in_keras(x, weight, bias, dilation=dilation):
            import keras

            layer = keras.layers.Conv1D(
                4, 3, padding="causal", dilation_rate=dilation, dtype="float64"
            )
            return applied(layer, x, kernel(weight), bias)

        yield Case(
            name=f"causal-conv-{dilation}",
            definition="causal_conv.causal_conv",
            arrays={"x": normal(2, 3, 7), "weight": normal(4, 3, 3), "bias": normal(4)},
            options={"dilation": dilation},
            torch=in_torch,
            keras=last(in_keras),
        )


TRANSPOSED = (
    ((5,), (4,), {"stride": 2, "padding": 1}),
    ((4, 3), (3, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
    ((3, 4), (2, 3), {"stride": (1, 3), "output_padding": (0, 2)}),
    ((4,), (2,), {"stride": 3, "padding": 1, "output_padding": 1}),
)


def transposed_cases():
    """Transposed convolutions; those of Keras with the same crop by the recipe."""
    from torch.nn import functional as F

    found = wings.function(
        "keras", "layers/same_conv_transpose.symmetric_conv_transpose"
    )
    mine = wings.function(
        "torch", "layers/same_conv_transpose.symmetric_conv_transpose"
    )
    both = wings.function("torch", "layers/same_conv_transpose.same_conv_transpose")
    theirs = wings.function("keras", "layers/same_conv_transpose.same_conv_transpose")

    def in_keras(f, x, weight, bias, **options):
        return f(x, kernel(weight), bias, **options)

    for size, window, options in TRANSPOSED:
        arrays = {
            "x": normal(2, 3, *size),
            "weight": normal(3, 2, *window),
            "bias": normal(2),
        }
        of = (F.conv_transpose1d, F.conv_transpose2d)[len(size) - 1]
        name = f"{'x'.join(map(str, window))}-{'-'.join(options)}"
        yield Case(
            name=f"conv-transpose-{name}",
            definition="conv_transpose.conv_transpose",
            arrays=arrays,
            options=options,
            torch=partial(of, **options),
            keras=last(partial(in_keras, found, **options)),
        )
        yield Case(
            name=f"symmetric-transpose-{name}",
            definition="same_conv_transpose.symmetric_conv_transpose",
            arrays=arrays,
            options=options,
            torch=partial(mine, **options),
            keras=last(partial(in_keras, found, **options)),
            recipe="same_conv_transpose",
        )
    for size, window, stride in (
        ((4,), (3,), 2),
        ((5,), (2,), 3),
        ((3, 4), (4, 5), 2),
        ((4, 3), (3, 2), (1, 2)),
        ((2, 3, 2), (3, 2, 3), 2),
    ):
        yield Case(
            name=f"same-transpose-{window}-{stride}",
            definition="same_conv_transpose.same_conv_transpose",
            arrays={
                "x": normal(2, 3, *size),
                "weight": normal(3, 2, *window),
                "bias": normal(2),
            },
            options={"stride": stride},
            torch=partial(both, stride=stride),
            keras=last(partial(in_keras, theirs, stride=stride)),
            recipe="same_conv_transpose",
        )


def separable_cases():
    """Yield a separable convolution."""
    from torch.nn import functional as F

    def in_torch(x, depthwise, pointwise, bias):
        read = F.conv2d(x, depthwise, padding=1, groups=len(depthwise))
        return F.conv2d(read, pointwise, bias)

    def in_keras(x, depthwise, pointwise, bias):
        import keras

        layer = keras.layers.SeparableConv2D(2, 3, padding="same", dtype="float64")
        turned = keras.ops.transpose(depthwise, (2, 3, 0, 1))
        return applied(layer, x, turned, kernel(pointwise), bias)

    yield Case(
        name="separable-conv",
        definition="separable_conv.separable_conv",
        arrays={
            "x": normal(2, 3, 5, 4),
            "depthwise": normal(3, 1, 3, 3),
            "pointwise": normal(2, 3, 1, 1),
            "bias": normal(2),
        },
        options={"padding": 1},
        torch=in_torch,
        keras=last(in_keras),
    )


# Odd and even sizes and kernels, strides, holes, groups.
SAME = (
    ((7,), (3,), {"stride": 2}),
    ((8,), (3,), {"stride": 2}),
    ((8,), (2,), {"stride": 3}),
    ((8, 9), (4, 5), {"stride": (1, 2)}),
    ((8, 7), (3, 2), {"dilation": 2}),
    ((8, 7), (3, 3), {"stride": 2, "dilation": (2, 1)}),
    ((9, 8), (3, 3), {"stride": 2, "groups": 2}),
    ((5, 4), (3, 3), {"stride": 2, "groups": 4}),
    ((4, 5, 4), (3, 2, 3), {"stride": 2}),
)


def same_cases():
    """Both kinds of padding by the recipes."""
    for function in ("same_conv", "symmetric_conv"):
        mine, theirs = (
            wings.function(wing, f"layers/same_conv.{function}")
            for wing in ("torch", "keras")
        )

        def in_keras(x, weight, bias, f=theirs, **options):
            return f(x, kernel(weight), bias, **options)

        for size, window, options in SAME:
            asked = dict(options)
            if function == "symmetric_conv":
                asked["padding"] = 1
            yield Case(
                name=f"{function}-{size}-{window}-{options}",
                definition=f"same_conv.{function}",
                arrays={
                    "x": normal(2, 4, *size),
                    "weight": normal(4, 4 // options.get("groups", 1), *window),
                    "bias": normal(4),
                },
                options=asked,
                torch=partial(mine, **asked),
                keras=last(partial(in_keras, **asked)),
                recipe="same_conv",
            )


def cases():
    """Yield every case of the family."""
    yield from dense_cases()
    yield from conv_cases()
    yield from causal_cases()
    yield from separable_cases()
    yield from transposed_cases()
    yield from same_cases()


# Steps and windows that a recipe refuses in both wings, and what it calls them.
STEPS = (
    ({"stride": 0}, "stride must be 2 ints >= 1"),
    ({"stride": 1.5}, "stride must be 2 ints >= 1"),
    ({"stride": (1,)}, "stride must be 2 ints >= 1"),
    ({"stride": (2, 1, 1)}, "stride must be 2 ints >= 1"),
    ({"stride": "2"}, "stride must be 2 ints >= 1"),
)
HOLES = (({"dilation": 0}, "dilation must be"), ({"dilation": 1.5}, "dilation must be"))
EDGES = (
    ({"padding": -1}, "padding must be 2 ints >= 0"),
    ({"padding": "same"}, "padding must be 2 ints >= 0"),
    ({"padding": (1, 1, 1)}, "padding must be 2 ints >= 0"),
)
BEYOND = (({"output_padding": 0.5}, "output_padding must be 2 ints >= 0"),)
ASKED = {
    "same_conv.same_conv": STEPS + HOLES,
    "same_conv.symmetric_conv": STEPS + HOLES + EDGES,
    "same_conv_transpose.same_conv_transpose": STEPS,
    "same_conv_transpose.symmetric_conv_transpose": STEPS + EDGES + BEYOND,
}


def refusals():
    """Yield what the recipes refuse."""
    import keras
    import torch
    from keras import ops

    zeros = {"torch": torch.zeros, "keras": lambda *shape: ops.zeros(shape)}
    for name, asked in ASKED.items():
        for wing, of in zeros.items():
            recipe = f"{wing}/{name}"
            x, kernel = of(1, 4, 4, 4), of(4, 4, 3, 3)
            if wing == "keras":
                kernel = of(3, 3, 4, 4)
            for options, names in asked:
                yield Refusal(
                    recipe=recipe,
                    call=lambda f, x=x, k=kernel, o=options: f(x, k, **o),
                    names=names,
                )
            second = {"torch": "weight", "keras": "kernel"}[wing]
            for shape in ((4, 8, 8), (4, 4)):
                yield Refusal(
                    recipe=recipe,
                    call=lambda f, of=of, s=shape, k=kernel: f(of(*s), k),
                    names=f"x and {second} must",
                )
            yield Refusal(
                recipe=recipe,
                call=lambda f, of=of: f(of(4, 4), of(4, 4)),
                names=f"x and {second} must",
            )
    ones = ops.ones((1, 8, 8, 4))
    for name in ASKED:
        yield Refusal(
            recipe=f"keras/{name}",
            call=lambda f: f(ones, ops.zeros((0, 3, 4, 4))),
            names="none empty",
        )
        for shape in ((1,), (1, 4), (8, 4), ()):
            yield Refusal(
                recipe=f"keras/{name}",
                call=lambda f, s=shape: f(ones, ops.ones((3, 3, 4, 4)), ops.ones(s)),
                names=r"bias must have shape \(4,\)",
            )
    # torch's own function checks it; here it is added afterwards
    yield Refusal(
        recipe="torch/same_conv_transpose.same_conv_transpose",
        call=lambda f: f(torch.ones(1, 4, 8), torch.ones(4, 6, 3), torch.ones(1)),
        names=r"bias must have shape \(6,\)",
    )
    # inputs of the kernel, its outputs, groups
    for ins, outs, groups in ((2, 4, 1), (4, 4, 2), (1, 5, 4), (4, 4, 0)):
        for name in ("same_conv", "symmetric_conv"):
            yield Refusal(
                recipe=f"keras/same_conv.{name}",
                call=lambda f, shape=(3, 3, ins, outs), g=groups: f(
                    ones, ops.zeros(shape), groups=g
                ),
                names="channels for each of groups",
            )
    yield Refusal(
        recipe="keras/same_conv.symmetric_conv",
        call=lambda f: f(ones, ops.zeros((9, 3, 4, 4))),
        names="kernel must fit into x",
    )
    yield Refusal(
        recipe="keras/same_conv.same_conv",
        call=lambda f: f(
            keras.Input((None, None, 4)),
            ops.zeros((3, 3, 4, 4)),
            stride=2,
            dilation=2,
        ),
        names="known sizes",
    )
    for options, names in (
        ({"stride": 2, "output_padding": 2}, "output_padding must be less"),
        ({"padding": 5}, "padding must leave something"),
    ):
        yield Refusal(
            recipe="keras/same_conv_transpose.symmetric_conv_transpose",
            call=lambda f, o=options: f(
                ops.zeros((1, 8, 4)), ops.zeros((3, 4, 4)), **o
            ),
            names=names,
        )
