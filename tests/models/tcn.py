"""Cases for the temporal convolution."""

from tests.models import Case, images, no_classes, out_of_range

CASES = (
    Case(
        function="tcn",
        args=(3,),
        kwargs={"in_channels": 2, "width": 8, "depth": 3, "kernel_size": 3},
        inputs=images(3, 20, 2),
        # a single step, and fewer steps than a kernel spans
        more=(images(1, 1, 2), images(2, 5, 2)),
        leaves_out=("onnx",),
        refusals=(
            no_classes("outputs"),
            *out_of_range(depth=(0, -1), dropout=(1.0,)),
        ),
    ),
    Case(
        function="tcn",
        args=(1,),
        # as wide as what comes in: the shortcut has no weights
        kwargs={"in_channels": 6, "width": 6, "depth": 2, "kernel_size": 2},
        inputs=images(2, 9, 6),
        leaves_out=("compile", "export", "onnx", "saved", "bfloat16"),
    ),
)
