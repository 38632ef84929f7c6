"""Cases for the CIFAR network of the notes."""

from tests.models import Case, Refusal, images

CASES = (
    Case(
        function="cifar_cnn",
        inputs=images(3, 3, 32, 32),
        leaves_out=("onnx",),
        refusals=(
            Refusal(kwargs={"image_size": 13}, match=r"image_size .*Received: 13"),
        ),
    ),
    Case(
        function="cifar_cnn",
        args=(100,),
        kwargs={"image_size": 47, "widths": (8, 8, 16, 16), "units": 20},
        inputs=images(3, 3, 47, 47),
        leaves_out=("onnx", "compile", "export"),
    ),
)
