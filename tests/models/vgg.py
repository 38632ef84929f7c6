"""Cases for the small VGG."""

from tests.models import Case, images, no_classes, out_of_range

CASES = (
    Case(
        function="vgg_small",
        kwargs={"widths": (16, 24, 32)},
        inputs=images(3, 3, 32, 24),
        leaves_out=("onnx",),
        more=(images(1, 3, 33, 41),),
        refusals=(
            no_classes(),
            *out_of_range(
                widths=((),), dropout=(1.0,), norm_eps=(0, -0.1, float("nan"))
            ),
        ),
    ),
)
