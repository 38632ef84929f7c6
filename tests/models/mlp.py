"""Cases for the perceptron and the multilayer perceptron."""

from tests.models import Case


def rows(n, features):
    return lambda rng: (rng.standard_normal((n, features)).astype("float32"),)


CASES = (
    Case(
        function="perceptron",
        args=(4,),
        inputs=rows(3, 4),
        leaves_out=("onnx", "compile", "export"),
    ),
    Case(function="mlp", args=(20, 5), inputs=rows(8, 20), leaves_out=("onnx",)),
)
