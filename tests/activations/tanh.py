"""Cases of activations/tanh: the frameworks' own are right."""

import mpmath

from tests.activations import Case

CASES = (
    Case(function="tanh", formula=mpmath.tanh, tolerance=64),
    Case(
        function="hard_tanh",
        kwargs={"min_val": -2.0, "max_val": 2.0},
        formula=lambda x: min(max(x, mpmath.mpf(-2)), mpmath.mpf(2)),
        kinks=(-2.0, 2.0),
    ),
    Case(function="softsign", formula=lambda x: x / (1 + abs(x))),
)
