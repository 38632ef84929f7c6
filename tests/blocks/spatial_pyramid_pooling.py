"""Cases for spatial pyramid pooling."""

import numpy as np

from tests.blocks import MORE, PLAIN
from tests.models import Case, Refusal, images


def unbatched(module, model, tensor):
    """Pool an image without a batch."""
    model(tensor(np.zeros((3, 9, 5), "float32")))


DEFINITIONS = {"SpatialPyramidPooling": "spatial_pyramid_pooling"}
# no weights: its own tests take the step
BARE = ("step", "bfloat16")
CASES = (
    Case(
        function="SpatialPyramidPooling",
        inputs=images(2, 3, 9, 5),
        more=(images(1, 3, 8, 4), images(1, 3, 2, 1)),
        # torch.onnx knows no adaptive pooling by the largest
        leaves_out=(*BARE, *PLAIN),
        refusals=(
            Refusal(match=r"four axes.*\(3, 9, 5\)", run=unbatched),
            *(
                Refusal(
                    args=(levels,), match=r"levels must be one or more.* Received: "
                )
                for levels in ((), (1, 0))
            ),
        ),
    ),
    Case(
        function="SpatialPyramidPooling",
        args=((3, 1),),
        kwargs={"average": True},
        inputs=images(2, 3, 7, 5),
        leaves_out=(*BARE, *MORE),
    ),
)
