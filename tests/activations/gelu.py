"""Cases of activations/gelu."""

import mpmath

from tests.activations import Case, Refusal


def approximate(x):
    inner = mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3)
    return x / (1 + mpmath.exp(-2 * inner))


# the argument of the exponential is a square: its rounding counts that many times
CASES = (
    Case(
        function="gelu",
        formula=lambda x: x * mpmath.ncdf(x),
        tolerance=1024,
        # what torch's own takes; as a condition it is true
        refusals=(
            Refusal(
                kwargs={"approximate": "none"},
                match="approximate must be a bool. Received: 'none'",
            ),
        ),
    ),
    Case(
        function="gelu",
        kwargs={"approximate": True},
        formula=approximate,
        tolerance=1024,
    ),
)
