"""Cases for the depthwise separable convolution."""

from tests.blocks import MORE, PLAIN
from tests.models import Case, Refusal, images, out_of_range

DEFINITIONS = {"DepthwiseSeparable": "depthwise_separable"}
CASES = (
    Case(
        function="DepthwiseSeparable",
        args=(3, 5),
        keras_args=(5,),
        kwargs={"stride": 2},
        inputs=images(3, 3, 9, 8),
        more=(images(1, 3, 1, 4),),
        leaves_out=PLAIN,
        refusals=(
            *out_of_range(norm_eps=(0, -0.1, float("nan"))),
            Refusal(
                kwargs={"kernel_size": 2},
                match=r"kernel_size must be odd\. Received: 2",
            ),
        ),
    ),
    Case(
        function="DepthwiseSeparable",
        args=(4, 3, 5),
        keras_args=(3, 5),
        kwargs={"norm_eps": 1e-3},
        inputs=images(2, 4, 6, 7),
        leaves_out=MORE,
    ),
)
