"""Cases of activations/squareplus."""

import mpmath

from tests.activations import Case, Refusal


def squareplus(x, b=4):
    return (x + mpmath.sqrt(x * x + b)) / 2


CASES = (
    Case(
        function="squareplus",
        formula=squareplus,
        refusals=(
            Refusal(kwargs={"b": 0.0}, match=r"b must be > 0.*0\.0"),
            Refusal(kwargs={"b": -4.0}, match=r"b must be > 0.*-4\.0"),
        ),
    ),
    Case(
        function="squareplus",
        kwargs={"b": 0.25},
        formula=lambda x: squareplus(x, mpmath.mpf("0.25")),
    ),
)
