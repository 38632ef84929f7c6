"""Cases for residual blocks."""

import functools

import numpy as np

from tests.blocks import MORE, PLAIN
from tests.models import Case, Peer, images, out_of_range

CASES = (
    Case(
        function="BasicBlock",
        args=(3, 4),
        keras_args=(4,),
        kwargs={"stride": 2},
        inputs=images(3, 3, 9, 8),
        more=(images(1, 3, 1, 4),),
        leaves_out=PLAIN,
        refusals=(*out_of_range(norm_eps=(0, -0.1, float("nan"))),),
    ),
    Case(
        function="BasicBlock",
        args=(3, 3),
        keras_args=(3,),
        kwargs={"zero_init": True},
        inputs=images(2, 3, 5, 4),
        leaves_out=MORE,
    ),
    Case(
        function="Bottleneck",
        args=(8, 2),
        keras_args=(2,),
        inputs=images(2, 8, 5, 4),
        leaves_out=PLAIN,
        refusals=(*out_of_range(norm_eps=(0, -0.1, float("nan"))),),
    ),
    Case(
        function="Bottleneck",
        args=(3, 2),
        keras_args=(2,),
        kwargs={"stride": 2, "expansion": 3, "norm_eps": 1e-3, "zero_init": True},
        inputs=images(3, 3, 9, 8),
        more=(images(1, 3, 1, 4),),
        leaves_out=MORE,
    ),
)


def from_monai(function, peer, in_channels, channels, stride):
    """Load MONAI's block into ours: the modules are named alike."""
    import keras
    from monai.networks.nets import resnet
    from torch import nn

    from dlcookbook.keras.blocks import residual as in_keras
    from dlcookbook.torch.blocks import residual as in_torch
    from tests import conversion

    block = getattr(resnet, peer)
    out = channels * block.expansion
    shortcut = nn.Sequential(
        nn.Conv2d(in_channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
    )
    theirs = block(
        in_channels,
        channels,
        spatial_dims=2,
        stride=stride,
        downsample=shortcut if stride > 1 or in_channels != out else None,
    )
    conversion.shake(theirs)
    model = getattr(in_torch, function)(in_channels, channels, stride=stride)
    model.load_state_dict(theirs.state_dict())
    entry = keras.Input((None, None, in_channels))
    layer = getattr(in_keras, function)(channels, stride=stride)
    twin = keras.Model(entry, layer(entry))
    conversion.to_keras(model, twin, lambda path: path.partition("/")[2])
    [x] = images(2, in_channels, 7, 10)(np.random.default_rng(0))
    want = conversion.run_torch(theirs, x)
    return {
        "torch": conversion.difference(conversion.run_torch(model, x), want),
        "keras": conversion.difference(conversion.run_keras(twin, x), want),
    }


PEERS = tuple(
    Peer(
        name=f"MONAI's {peer}, stride {args[-1]}",
        library="monai",
        function=function,
        differences=functools.partial(from_monai, function, peer, *args),
    )
    for function, peer, args in (
        ("BasicBlock", "ResNetBlock", (4, 4, 1)),
        ("BasicBlock", "ResNetBlock", (4, 6, 2)),
        ("Bottleneck", "ResNetBottleneck", (8, 2, 1)),
        ("Bottleneck", "ResNetBottleneck", (4, 2, 2)),
    )
)
