"""Cases for the steps of a U-Net."""

import functools

import numpy as np

from tests.blocks import MORE, PLAIN
from tests.models import Case, Peer, Refusal, images, out_of_range


def pairs(low, skip):
    """Return what draws features from below and a skip connection."""
    return lambda rng: (*images(*low)(rng), *images(*skip)(rng))


def climbs(*size, channels=4):
    """Return what goes up to a skip connection of a size that must be refused."""

    def run(module, model, tensor):
        given = pairs((1, 5, 4, 3), (1, channels, *size))(np.random.default_rng(0))
        in_keras = ".keras." in module.__name__
        model(*(tensor(np.moveaxis(x, 1, -1) if in_keras else x) for x in given))

    return run


CASES = (
    Case(
        function="UNetDown",
        args=(3, 4),
        keras_args=(4,),
        kwargs={"norm_eps": 1e-3},
        inputs=images(3, 3, 9, 8),
        more=(images(1, 3, 1, 3),),
        leaves_out=PLAIN,
        refusals=(*out_of_range(norm_eps=(0, -0.1, float("nan"))),),
    ),
    Case(
        function="UNetUp",
        args=(5, 4),
        keras_args=(4,),
        inputs=pairs((3, 5, 5, 3), (3, 4, 9, 6)),
        more=(
            pairs((1, 5, 1, 3), (1, 4, 2, 5)),
            pairs((1, 5, 4, 4), (1, 4, 7, 7)),
            pairs((1, 5, 2, 4), (1, 4, 4, 8)),
        ),
        leaves_out=MORE[1:],
        refusals=(
            *out_of_range(norm_eps=(0, -0.1, float("nan"))),
            Refusal(match=r"channels, here 4.*Received", run=climbs(8, 6, channels=3)),
            Refusal(
                kwargs={"upsample": "nearest"},
                match="upsample must be 'transposed' or 'bilinear'. Received: nearest",
            ),
            *(
                Refusal(
                    match=r"skip must be twice as large .* Received: x \(1,",
                    run=climbs(*size),
                )
                for size in ((9, 6), (8, 4))
            ),
        ),
    ),
    Case(
        function="UNetUp",
        args=(3, 4),
        keras_args=(4,),
        kwargs={"upsample": "bilinear", "norm_eps": 1e-3},
        inputs=pairs((2, 3, 4, 4), (2, 4, 8, 7)),
        more=(pairs((1, 3, 2, 2), (1, 4, 3, 4)),),
        leaves_out=("compile",),
    ),
)


def from_monai(upsample):
    """Copy MONAI's step up of a U-Net into ours: the same at even sizes."""
    import keras
    from monai.networks.nets.basic_unet import UpCat

    from dlcookbook.keras.blocks import unet_blocks as in_keras
    from dlcookbook.torch.blocks import unet_blocks as in_torch
    from tests import conversion

    bilinear = {"upsample": "nontrainable", "align_corners": False}
    theirs = UpCat(
        2,
        6,
        3,
        3,
        act="relu",
        norm="batch",
        bias=False,
        **(bilinear if upsample == "bilinear" else {}),
    )
    conversion.shake(theirs)
    model = in_torch.UNetUp(6, 3, upsample=upsample)
    new = {
        "upsample.deconv": "up",
        "upsample.preconv": "up",
        "convs.conv_0.conv": "convs.0",
        "convs.conv_0.adn.N": "convs.1",
        "convs.conv_1.conv": "convs.3",
        "convs.conv_1.adn.N": "convs.4",
    }
    state = {}
    for key, value in theirs.state_dict().items():
        path, _, name = key.rpartition(".")
        state[f"{new[path]}.{name}"] = value
    model.load_state_dict(state)
    entries = [keras.Input((None, None, n)) for n in (6, 3)]
    twin = keras.Model(entries, in_keras.UNetUp(3, upsample=upsample)(*entries))
    conversion.to_keras(model, twin, lambda path: path.partition("/")[2])
    given = pairs((2, 6, 4, 5), (2, 3, 8, 10))(np.random.default_rng(0))
    want = conversion.run_torch(theirs, *given)
    return {
        "torch": conversion.difference(conversion.run_torch(model, *given), want),
        "keras": conversion.difference(conversion.run_keras(twin, *given), want),
    }


PEERS = tuple(
    Peer(
        name=f"MONAI's UpCat, {upsample}",
        library="monai",
        function="UNetUp",
        differences=functools.partial(from_monai, upsample),
    )
    for upsample in ("transposed", "bilinear")
)
