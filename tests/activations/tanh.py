"""Cases of activations/tanh: the frameworks' own are right."""

import mpmath

from tests.activations import Case

CASES = (
    Case(function="tanh", formula=mpmath.tanh, tolerance=64),
    Case(function="softsign", formula=lambda x: x / (1 + abs(x))),
)
