"""Cases for spatial pyramid pooling."""

from tests.blocks import MORE, PLAIN
from tests.models import Case, Refusal, images

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
        refusals=tuple(
            Refusal(args=(levels,), match=r"levels must be one or more.* Received: ")
            for levels in ((), (1, 0))
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
