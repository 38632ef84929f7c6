"""Cases for the small VGG."""

from tests.models import Case, images

CASES = (
    Case(
        function="vgg_small",
        kwargs={"widths": (16, 24, 32)},
        inputs=images(3, 3, 32, 24),
        leaves_out=("onnx",),
        more=(images(1, 3, 33, 41),),
    ),
)
