"""Cases of activations/mish."""

import mpmath

from tests.activations import Case

CASES = (
    Case(
        function="mish",
        formula=lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x))),
        tolerance=64,
    ),
)
