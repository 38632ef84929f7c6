"""Cases for atrous spatial pyramid pooling."""

import re

import numpy as np

from tests.blocks import PLAIN
from tests.models import Case, Peer, Refusal, images, out_of_range

CASES = (
    Case(
        function="ASPP",
        args=(3, 4),
        keras_args=(4,),
        kwargs={"rates": (2, 3), "norm_eps": 1e-3},
        inputs=images(3, 3, 9, 8),
        more=(images(1, 3, 1, 4),),
        leaves_out=PLAIN,
        refusals=(
            *out_of_range(norm_eps=(0, -0.1, float("nan"))),
            Refusal(
                kwargs={"rates": (2, 0)},
                match=r"rates must be >= 1\. Received: \(2, 0\)",
            ),
        ),
    ),
)


def from_transformers():
    """Copy the ASPP of transformers' MobileViT into ours."""
    import keras
    from transformers import MobileViTConfig
    from transformers.models.mobilevit import modeling_mobilevit

    from dlcookbook.keras.blocks import aspp as in_keras
    from dlcookbook.torch.blocks import aspp as in_torch
    from tests import conversion

    config = MobileViTConfig(
        neck_hidden_sizes=[6, 6], aspp_out_channels=4, atrous_rates=[2, 3, 5]
    )
    theirs = conversion.shake(modeling_mobilevit.MobileViTASPP(config))
    model = in_torch.ASPP(6, 4, rates=config.atrous_rates)
    state = {}
    for key, value in theirs.state_dict().items():
        new = key.replace(".convolution.", ".0.").replace(".normalization.", ".1.")
        new = new.replace("convs.4.conv_1x1", "pooled")
        state[re.sub(r"^convs\.", "branches.", new)] = value
    model.load_state_dict(state)
    entry = keras.Input((None, None, 6))
    twin = keras.Model(entry, in_keras.ASPP(4, rates=config.atrous_rates)(entry))
    conversion.to_keras(model, twin, lambda path: path.partition("/")[2])
    [x] = images(2, 6, 9, 12)(np.random.default_rng(0))
    want = conversion.run_torch(theirs, x)
    return {
        "torch": conversion.difference(conversion.run_torch(model, x), want),
        "keras": conversion.difference(conversion.run_keras(twin, x), want),
    }


PEERS = (
    Peer(
        name="ASPP of transformers' MobileViT",
        library="transformers",
        function="ASPP",
        differences=from_transformers,
    ),
)
