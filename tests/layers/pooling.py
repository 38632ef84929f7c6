"""Pooling, resizing, flattening and embeddings."""

from functools import partial

import numpy as np

from tests import wings
from tests.layers import Case, Refusal, applied, last, normal

SIZES = ((7,), (8, 7), (4, 5, 4))


def pool_cases():
    """Yield the frameworks' own pooling, then that of the recipes."""
    from torch import nn
    from torch.nn import functional as F

    def in_keras(x, name, rank, size, stride):
        import keras

        layer = getattr(keras.layers, f"{name}Pooling{rank}D")
        dtype = "float32" if rank == 3 else "float64"
        return applied(layer(size, strides=stride, dtype=dtype), x)

    for kind, name in (("max", "Max"), ("average", "Average")):
        for size in SIZES:
            rank, stride = len(size), 3 - len(size) % 2
            short = {"max": "max", "average": "avg"}[kind]
            yield Case(
                name=f"{kind}-pool-{rank}d",
                definition=f"pool.{kind}_pool",
                arrays={"x": normal(2, 3, *size)},
                options={"size": 2, "stride": stride},
                torch=partial(
                    getattr(F, f"{short}_pool{rank}d"), kernel_size=2, stride=stride
                ),
                keras=last(
                    partial(in_keras, name=name, rank=rank, size=2, stride=stride)
                ),
                keras_dtype="float32" if rank == 3 else "float64",
            )
    mine = {
        name: [
            wings.function(wing, f"layers/same_pool.{name}")
            for wing in ("torch", "keras")
        ]
        for name in (
            "same_max_pool",
            "same_average_pool",
            "symmetric_max_pool",
            "symmetric_average_pool",
        )
    }
    for kind, options in (
        ("max", {"padding": 1}),
        ("average", {"padding": 1}),
        ("average", {"padding": 1, "count_include_pad": False}),
    ):
        f = F.max_pool2d if kind == "max" else F.avg_pool2d
        asked = {"stride": 2, **options}
        yield Case(
            name=f"padded-{kind}-pool-{len(options)}",
            definition=f"pool.{kind}_pool",
            arrays={"x": normal(2, 3, 8, 7)},
            options={"size": 3, **asked},
            torch=partial(f, kernel_size=3, **asked),
            keras=last(partial(mine[f"symmetric_{kind}_pool"][1], size=3, **asked)),
        )
    for name, (ours, theirs) in mine.items():
        for size in SIZES:
            for window, step in ((3, 2), (2, 3), (4, 1)):
                more = {"padding": 1} if "symmetric" in name else {}
                if size != SIZES[1] and window != 2 + len(size) % 2:
                    continue
                options = {"stride": step, **more}
                yield Case(
                    name=f"{name}-{len(size)}d-{window}-{step}",
                    definition=f"same_pool.{name}",
                    arrays={"x": normal(2, 3, *size)},
                    options={"size": window, **options},
                    torch=partial(ours, size=window, **options),
                    keras=last(partial(theirs, size=window, **options)),
                    recipe="same_pool",
                    keras_dtype="float32" if len(size) == 3 else "float64",
                )
    options = {"stride": 1, "padding": 1, "count_include_pad": False}
    ours, theirs = mine["symmetric_average_pool"]
    yield Case(
        name="symmetric-average-pool-without-padding",
        definition="same_pool.symmetric_average_pool",
        arrays={"x": normal(2, 3, 6, 5)},
        options={"size": 3, **options},
        torch=partial(ours, size=3, **options),
        keras=last(partial(theirs, size=3, **options)),
        recipe="same_pool",
    )

    def everywhere(x):
        import keras

        return applied(keras.layers.GlobalAveragePooling2D(dtype="float64"), x)

    yield Case(
        name="global-average-pool",
        definition="pool.global_average_pool",
        arrays={"x": normal(2, 3, 5, 4)},
        torch=lambda x: nn.AdaptiveAvgPool2d(1)(x).flatten(1),
        keras=last(everywhere),
    )

    for name, short in (("average", "avg"), ("max", "max")):

        def adapted(x, name=name):
            import keras

            layer = getattr(keras.layers, f"Adaptive{name.title()}Pooling2D")
            return applied(layer((3, 4), dtype="float64"), x)

        yield Case(
            name=f"adaptive-{name}-pool",
            definition=f"pool.adaptive_{name}_pool",
            arrays={"x": normal(2, 3, 7, 9)},
            options={"size": (3, 4)},
            torch=partial(getattr(F, f"adaptive_{short}_pool2d"), output_size=(3, 4)),
            keras=last(adapted),
        )


def resize_cases():
    """Each method larger and smaller, in either convention."""
    ours, theirs = (
        wings.function(wing, "layers/resize.resize") for wing in ("torch", "keras")
    )
    for method in ("nearest", "bilinear", "bicubic"):
        for convention in ("tf", "torch"):
            for size in ((11, 12), (5, 3)):
                options = {"method": method, "convention": convention}
                yield Case(
                    name=f"resize-{method}-{convention}-{size}",
                    definition="resize.resize",
                    arrays={"x": normal(2, 3, 7, 6)},
                    options={"size": size, **options},
                    torch=partial(ours, size=size, **options),
                    keras=last(partial(theirs, size=size, **options)),
                    recipe="resize",
                )


def other_cases():
    """Flatten and embeddings."""
    from torch import nn
    from torch.nn import functional as F

    def flat(x):
        import keras

        return keras.layers.Flatten(dtype="float64")(x)

    yield Case(
        name="flatten",
        definition="flatten.flatten",
        arrays={"x": normal(2, 3, 4, 2)},
        torch=nn.Flatten(),
        keras=flat,
    )
    ids = np.array([[0, 2, 1], [2, 2, 3]])

    def looked_up(weight, ids):
        import keras

        layer = keras.layers.Embedding(5, 3, dtype="float64")
        layer.build()
        state = layer.non_trainable_variables
        return layer.stateless_call([weight], state, ids)[0]

    yield Case(
        name="embedding",
        definition="embedding.embedding",
        arrays={"weight": normal(5, 3), "ids": ids},
        torch=lambda weight, ids: F.embedding(ids, weight),
        keras=looked_up,
    )


def cases():
    """Yield every case of the family."""
    yield from pool_cases()
    yield from resize_cases()
    yield from other_cases()


def refusals():
    """Yield what the recipes refuse."""
    import keras
    import torch
    from keras import ops

    images = {"torch": torch.zeros(1, 1, 8, 8), "keras": ops.zeros((1, 8, 8, 1))}
    for name in (
        "same_average_pool",
        "same_max_pool",
        "symmetric_average_pool",
        "symmetric_max_pool",
    ):
        for wing, x in images.items():
            for size, stride, names in (
                (0, None, "size must be an int >= 1"),
                (1.5, None, "size must be an int >= 1"),
                (None, None, "size must be an int >= 1"),
                ((2, 1), None, "size must be an int >= 1"),
                (2, 0, "stride must be an int >= 1"),
                (2, 1.5, "stride must be an int >= 1"),
            ):
                yield Refusal(
                    recipe=f"{wing}/same_pool.{name}",
                    call=lambda f, x=x, n=size, s=stride: f(x, n, stride=s),
                    names=names,
                )
            yield Refusal(
                recipe=f"{wing}/same_pool.{name}",
                call=lambda f, x=x: f(x[0, ..., 0], 2),
                names="x must",
            )
            whole = x.int() if wing == "torch" else ops.cast(x, "int32")
            yield Refusal(
                recipe=f"{wing}/same_pool.{name}",
                call=lambda f, x=whole: f(x, 2),
                names="x must hold floats",
            )
        for padding in (2, -1, 0.5) if "symmetric" in name else ():
            yield Refusal(
                recipe=f"keras/same_pool.{name}",
                call=lambda f, p=padding: f(images["keras"], 3, padding=p),
                names="padding",
            )
        if "symmetric" in name:
            yield Refusal(
                recipe=f"keras/same_pool.{name}",
                call=lambda f: f(images["keras"], 12, padding=1),
                names="x must be 12 or longer",
            )
    yield Refusal(
        recipe="keras/same_pool.same_average_pool",
        call=lambda f: f(keras.Input((None, None, 1)), 2),
        names="known sizes",
    )
    zeros = {"torch": torch.zeros(1, 1, 4, 4), "keras": ops.zeros((1, 4, 4, 1))}
    for wing, x in zeros.items():
        for wrong in ({"method": "cubic"}, {"convention": "jax"}):
            yield Refusal(
                recipe=f"{wing}/resize.resize",
                call=lambda f, x=x, wrong=wrong: f(x, (2, 2), **wrong),
                names=next(iter(wrong)),
            )
        for size in ((0, 4), (-1, 4), (2.5, 4), (4,), (4, 4, 4)):
            yield Refusal(
                recipe=f"{wing}/resize.resize",
                call=lambda f, x=x, size=size: f(x, size),
                names="size must be two ints >= 1",
            )
        # the middle of two pixels is no integer
        whole = x.byte() if wing == "torch" else ops.cast(x, "uint8")
        for method in ("bilinear", "bicubic"):
            yield Refusal(
                recipe=f"{wing}/resize.resize",
                call=lambda f, x=whole, m=method: f(x, (2, 2), method=m),
                names="x must hold floats",
            )
        yield Refusal(
            recipe=f"{wing}/resize.resize",
            call=lambda f, x=x: f(x[0], (2, 2)),
            names="x must have four axes",
        )
