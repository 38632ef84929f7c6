"""Cases of activations/softplus."""

import mpmath

from tests.activations import Case, Refusal


def softplus(x, beta=1):
    return mpmath.log1p(mpmath.exp(beta * x)) / beta


CASES = (
    Case(
        function="softplus",
        formula=softplus,
        tolerance=64,
        refusals=(
            Refusal(kwargs={"beta": 0.0}, match=r"beta must be > 0.*0\.0"),
            Refusal(kwargs={"beta": -1.0}, match=r"beta must be > 0.*-1\.0"),
        ),
    ),
    Case(
        function="softplus",
        kwargs={"beta": 2.5},
        formula=lambda x: softplus(x, mpmath.mpf("2.5")),
        tolerance=128,
    ),
    Case(function="log_sigmoid", formula=lambda x: -softplus(-x), tolerance=64),
)
