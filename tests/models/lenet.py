"""Cases for LeNet-5."""

from tests.models import Case, images, no_classes

CASES = (
    Case(
        function="lenet5",
        inputs=images(3, 1, 32, 32),
        leaves_out=("onnx",),
        refusals=(no_classes(),),
    ),
    Case(
        function="lenet5",
        kwargs={"partial_c3": True},
        inputs=images(2, 1, 32, 32),
        leaves_out=("onnx", "compile", "export"),
    ),
)
