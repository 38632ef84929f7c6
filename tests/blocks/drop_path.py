"""Cases for stochastic depth."""

from tests.blocks import PLAIN
from tests.models import Case, Refusal, images

CASES = (
    Case(
        function="DropPath",
        args=(0.25,),
        inputs=images(3, 2, 4, 5),
        more=(images(1, 2, 1, 1),),
        # no weights: its own tests take the step
        leaves_out=("step", "bfloat16", *PLAIN),
        refusals=tuple(
            Refusal(args=(rate,), match=rf"rate must be in \[0, 1\)\. Received: {rate}")
            for rate in (1.0, -0.1, float("nan"))
        ),
    ),
)
