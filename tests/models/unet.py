"""Cases for U-Net."""

from tests.models import Case, images, out_of_range

CASES = (
    Case(
        function="unet",
        args=(3,),
        kwargs={"widths": (8, 12, 16)},
        inputs=images(2, 3, 24, 16),
        more=(images(1, 3, 27, 33), images(1, 3, 30, 17)),
        refusals=(*out_of_range(widths=((),), norm_eps=(0, -0.1, float("nan"))),),
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
