"""Cases of activations/sigmoid: the frameworks' own are right."""

import mpmath

from tests.activations import Case

CASES = (
    Case(
        function="sigmoid",
        formula=lambda x: 1 / (1 + mpmath.exp(-x)),
        tolerance=64,
    ),
    Case(
        function="hard_sigmoid",
        formula=lambda x: min(max(x + 3, mpmath.mpf(0)), mpmath.mpf(6)) / 6,
        kinks=(-3.0, 3.0),
    ),
)
