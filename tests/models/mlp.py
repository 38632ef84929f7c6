"""Cases for the perceptron and the multilayer perceptron."""

from tests.models import Case, no_classes, out_of_range


def rows(n, features):
    return lambda rng: (rng.standard_normal((n, features)).astype("float32"),)


CASES = (
    Case(
        function="perceptron",
        args=(4,),
        inputs=rows(3, 4),
        leaves_out=("onnx", "compile", "export"),
        refusals=(no_classes("num_classes", 4),),
    ),
    Case(
        function="mlp",
        args=(20, 5),
        inputs=rows(8, 20),
        leaves_out=("onnx",),
        refusals=(
            no_classes("num_classes", 20),
            *out_of_range(dropout=(1.0, -0.1), norm_eps=(0, -0.1, float("nan"))),
        ),
    ),
)
