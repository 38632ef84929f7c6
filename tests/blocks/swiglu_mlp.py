"""Cases for the SwiGLU network."""

from tests.blocks import MORE, PLAIN
from tests.models import Case, images, out_of_range

CASES = (
    Case(
        function="SwiGLUMLP",
        args=(6,),
        inputs=images(3, 5, 6),
        leaves_out=PLAIN,
        refusals=(*out_of_range(hidden=(0, -1)),),
    ),
    Case(
        function="SwiGLUMLP",
        args=(6, 10),
        kwargs={"bias": True},
        inputs=images(2, 1, 6),
        leaves_out=(*MORE, "saved", "bfloat16"),
    ),
)
