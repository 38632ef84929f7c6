"""Cases for U-Net."""

from tests.models import Case, images

CASES = (
    Case(
        function="unet",
        args=(3,),
        kwargs={"widths": (8, 12, 16)},
        inputs=images(2, 3, 24, 16),
        more=(images(1, 3, 27, 33), images(1, 3, 30, 17)),
    ),
    Case(
        function="unet",
        args=(1,),
        kwargs={"widths": (8, 12, 16), "transposed": False, "in_channels": 1},
        inputs=images(2, 1, 24, 16),
        more=(images(1, 1, 27, 33),),
        leaves_out=("onnx", "compile"),
    ),
)
