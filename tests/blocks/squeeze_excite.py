"""Cases for squeeze and excite."""

import numpy as np

from tests.blocks import MORE, PLAIN
from tests.models import Case, Peer, Refusal, images, out_of_range

DEFINITIONS = {"SqueezeExcite": "squeeze_excite"}
CASES = (
    Case(
        function="SqueezeExcite",
        args=(6,),
        keras_args=(),
        kwargs={"reduction": 2},
        inputs=images(3, 6, 5, 8),
        more=(images(1, 6, 1, 3),),
        leaves_out=PLAIN,
        refusals=(
            *out_of_range(reduction=(0, -1)),
            Refusal(
                kwargs={"activation": "tanh"},
                match=r"activation must be 'relu' or 'silu'\. Received: tanh",
            ),
        ),
    ),
    # narrower than 1 channel it does not get
    Case(
        function="SqueezeExcite",
        args=(4,),
        keras_args=(),
        kwargs={"activation": "silu"},
        inputs=images(2, 4, 3, 3),
        leaves_out=MORE,
    ),
)


def from_monai():
    """Copy MONAI's layer into ours."""
    import keras
    import torch
    from monai.networks.blocks import ChannelSELayer

    from dlcookbook.keras.blocks import squeeze_excite as in_keras
    from dlcookbook.torch.blocks import squeeze_excite as in_torch
    from tests import conversion

    theirs = conversion.shake(ChannelSELayer(2, 8, r=4))
    [x] = images(2, 8, 5, 7)(np.random.default_rng(0))
    want = conversion.run_torch(theirs, x)
    model = in_torch.SqueezeExcite(8, reduction=4)
    new = {"fc.0": "reduce", "fc.2": "expand"}
    model.load_state_dict(
        {f"{new[k[:4]]}{k[4:]}": v for k, v in theirs.state_dict().items()}
    )
    entry = keras.Input((None, None, 8))
    twin = keras.Model(entry, in_keras.SqueezeExcite(reduction=4)(entry))
    conversion.to_keras(model, twin, lambda path: path.partition("/")[2])
    assert torch.equal(model.reduce.weight, theirs.fc[0].weight)
    return {
        "torch": conversion.difference(conversion.run_torch(model, x), want),
        "keras": conversion.difference(conversion.run_keras(twin, x), want),
    }


PEERS = (
    Peer(
        name="MONAI's ChannelSELayer",
        library="monai",
        function="SqueezeExcite",
        differences=from_monai,
    ),
)
