"""Cases for convolution, norm, activation."""

from tests.blocks import MORE, PLAIN
from tests.models import Case, Refusal, images, out_of_range

CASES = (
    Case(
        function="ConvNormAct",
        args=(3, 4),
        keras_args=(4,),
        kwargs={"stride": 2},
        inputs=images(3, 3, 9, 8),
        more=(images(1, 3, 1, 4),),
        leaves_out=PLAIN,
        refusals=(
            *out_of_range(norm_groups=(0, -1), norm_eps=(0, -0.1, float("nan"))),
            Refusal(
                kwargs={"kernel_size": 2},
                match=r"kernel_size must be odd\. Received: 2",
            ),
            Refusal(
                kwargs={"activation": "leaky_relu"},
                match=r"activation must be in .* Received: leaky_relu",
            ),
        ),
    ),
    Case(
        function="ConvNormAct",
        args=(3, 6),
        keras_args=(6,),
        kwargs={"dilation": 2, "norm_groups": 3, "activation": "gelu"},
        inputs=images(2, 3, 7, 6),
        leaves_out=MORE[1:],
    ),
    *(
        Case(
            function="ConvNormAct",
            args=(2, 3, 1),
            keras_args=(3, 1),
            kwargs={"activation": activation, "norm_eps": 1e-3},
            inputs=images(2, 2, 3, 4),
            leaves_out=MORE,
        )
        for activation in ("silu", None)
    ),
)
