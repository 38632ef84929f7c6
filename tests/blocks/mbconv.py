"""Cases for MBConv and its fused form."""

import functools

import numpy as np

from tests.blocks import MORE, PLAIN
from tests.models import Case, Peer, Refusal, images, out_of_range

CASES = (
    Case(
        function="MBConv",
        args=(4, 4),
        keras_args=(4,),
        kwargs={"drop_path": 0.2, "expansion": 3},
        inputs=images(3, 4, 7, 6),
        leaves_out=(*PLAIN, "step"),
        refusals=(
            *out_of_range(
                expansion=(0, -1), squeeze=(-0.1,), norm_eps=(0, -0.1, float("nan"))
            ),
            Refusal(
                kwargs={"kernel_size": 2},
                match=r"kernel_size must be odd\. Received: 2",
            ),
            Refusal(
                kwargs={"drop_path": 1.0},
                match=r"drop_path must be in \[0, 1\)\. Received: 1",
            ),
        ),
    ),
    Case(
        function="MBConv",
        args=(3, 5),
        keras_args=(5,),
        kwargs={"expansion": 1, "kernel_size": 5, "stride": 2, "norm_eps": 1e-3},
        inputs=images(3, 3, 9, 8),
        more=(images(1, 3, 1, 4),),
        leaves_out=MORE,
    ),
    Case(
        function="FusedMBConv",
        args=(4, 4),
        keras_args=(4,),
        kwargs={"squeeze": 0.25},
        inputs=images(3, 4, 7, 6),
        leaves_out=PLAIN,
        refusals=(*out_of_range(expansion=(0, -1), squeeze=(-0.1,), drop_path=(1.0,)),),
    ),
    Case(
        function="FusedMBConv",
        args=(3, 5),
        keras_args=(5,),
        kwargs={"expansion": 1, "stride": 2},
        inputs=images(3, 3, 9, 8),
        more=(images(1, 3, 1, 4),),
        leaves_out=MORE,
    ),
    Case(
        function="MBConv",
        args=(4, 4),
        keras_args=(4,),
        kwargs={"squeeze": 0.0},
        inputs=images(3, 4, 7, 6),
        leaves_out=MORE,
    ),
)


def from_applications(function, channels, out, *, fused=False, **options):
    """Copy the block of keras.applications' EfficientNetV2 into ours.

    At odd sizes its "same" pads as ours does.
    """
    import keras
    from keras.src.applications import efficientnet_v2

    from dlcookbook.keras.blocks import mbconv as in_keras
    from dlcookbook.torch.blocks import mbconv as in_torch
    from tests import conversion

    entry = keras.Input((None, None, channels))
    block = getattr(efficientnet_v2, "FusedMBConvBlock" if fused else "MBConvBlock")
    apply = block(
        channels,
        out,
        expand_ratio=options["expansion"],
        kernel_size=options.get("kernel_size", 3),
        strides=options.get("stride", 1),
        se_ratio=options["squeeze"],
        survival_probability=0.0,
        name="x_",
    )
    theirs = keras.Model(entry, apply(entry))
    only = fused and options["expansion"] == 1
    new = {
        "x_expand_conv": "expand_0",
        "x_expand_bn": "expand_1",
        "x_dwconv2": "depthwise_0",
        "x_bn": "depthwise_1",
        "x_se_reduce": "se_reduce",
        "x_se_expand": "se_expand",
        "x_project_conv": "expand_0" if only else "project",
        "x_project_bn": "expand_1" if only else "norm",
    }
    model = getattr(in_torch, function)(channels, out, norm_eps=1e-3, **options)
    conversion.to_keras(conversion.shake(model), theirs, new.get)
    twin = keras.Model(
        entry, getattr(in_keras, function)(out, norm_eps=1e-3, **options)(entry)
    )
    conversion.to_keras(model, twin, lambda path: path.partition("/")[2])
    [x] = images(2, channels, 7, 11)(np.random.default_rng(0))
    want = conversion.run_keras(theirs, x)
    return {
        "torch": conversion.difference(conversion.run_torch(model, x), want),
        "keras": conversion.difference(conversion.run_keras(twin, x), want),
    }


PEERS = (
    Peer(
        name="MBConv of keras.applications' EfficientNetV2",
        library="tensorflow",
        function="MBConv",
        differences=functools.partial(
            from_applications, "MBConv", 6, 6, expansion=4, squeeze=0.25
        ),
    ),
    Peer(
        name="MBConv of keras.applications' EfficientNetV2, stride 2",
        library="tensorflow",
        function="MBConv",
        differences=functools.partial(
            from_applications,
            "MBConv",
            6,
            4,
            expansion=1,
            squeeze=0.1,
            kernel_size=5,
            stride=2,
        ),
    ),
    *(
        Peer(
            name=f"fused MBConv of keras.applications, expansion {expansion}",
            library="tensorflow",
            function="FusedMBConv",
            differences=functools.partial(
                from_applications,
                "FusedMBConv",
                5,
                5,
                expansion=expansion,
                squeeze=0.0,
                fused=True,
            ),
        )
        for expansion in (1, 4)
    ),
)
