"""Cases of activations/sparse_plus."""

import mpmath

from tests.activations import Case

CASES = (
    Case(
        function="sparse_plus",
        formula=lambda x: (
            mpmath.mpf(0) if x <= -1 else x if x >= 1 else (x + 1) ** 2 / 4
        ),
    ),
    Case(
        function="sparse_sigmoid",
        formula=lambda x: min(max((x + 1) / 2, mpmath.mpf(0)), mpmath.mpf(1)),
        kinks=(-1.0, 1.0),
    ),
)
