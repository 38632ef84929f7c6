"""Cases of activations/relu: the frameworks' own are right."""

import mpmath

from tests.activations import Case


def leaky(slope):
    return lambda x: x if x > 0 else slope * x


CASES = (
    Case(function="relu", formula=leaky(0), kinks=(0.0,)),
    Case(
        function="relu6",
        formula=lambda x: min(max(x, mpmath.mpf(0)), mpmath.mpf(6)),
        kinks=(0.0, 6.0),
    ),
    Case(function="leaky_relu", formula=leaky(mpmath.mpf(0.01)), kinks=(0.0,)),
    Case(
        function="leaky_relu",
        kwargs={"negative_slope": 0.25},
        formula=leaky(mpmath.mpf(0.25)),
        kinks=(0.0,),
    ),
)
