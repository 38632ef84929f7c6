"""Cases of activations/rrelu, in inference."""

import mpmath

from tests.activations import Case

MEAN = (mpmath.mpf(1) / 8 + mpmath.mpf(1) / 3) / 2
CASES = (
    Case(
        function="rrelu",
        formula=lambda x: x if x > 0 else MEAN * x,
        kinks=(0.0,),
    ),
)
