"""Cases for LeNet-5."""

from tests.models import Case, images

CASES = (Case(function="lenet5", inputs=images(3, 1, 32, 32), leaves_out=("onnx",)),)
