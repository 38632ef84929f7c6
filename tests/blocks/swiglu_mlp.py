"""Cases for the SwiGLU network."""

from tests.blocks import MORE, PLAIN
from tests.models import Case, images

CASES = (
    Case(function="SwiGLUMLP", args=(6,), inputs=images(3, 5, 6), leaves_out=PLAIN),
    Case(
        function="SwiGLUMLP",
        args=(6, 10),
        kwargs={"bias": True},
        inputs=images(2, 1, 6),
        leaves_out=(*MORE, "saved", "bfloat16"),
    ),
)
