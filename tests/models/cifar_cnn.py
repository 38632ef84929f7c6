"""Cases for the CIFAR network of the notes."""

from tests.models import Case, Refusal, images, no_classes, out_of_range

CASES = (
    Case(
        function="cifar_cnn",
        inputs=images(3, 3, 32, 32),
        leaves_out=("onnx",),
        refusals=(
            no_classes(),
            *out_of_range(widths=((),), units=(0,), dropout=(1.0,)),
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
