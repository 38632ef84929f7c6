"""Cases of activations/silu."""

import mpmath
import numpy as np

from tests.activations import Case, Refusal


def silu(x, beta=1):
    return x / (1 + mpmath.exp(-beta * x))


CASES = (
    Case(
        function="silu",
        formula=silu,
        tolerance=64,
        refusals=(
            Refusal(
                kwargs={"beta": np.ones((3, 1, 4))},
                match=r"beta must not stretch x. Received: \(3, 1, 4\)",
            ),
        ),
    ),
    Case(
        function="silu",
        kwargs={"beta": 2.5},
        formula=lambda x: silu(x, mpmath.mpf("2.5")),
        tolerance=128,
    ),
    Case(
        function="hard_silu",
        formula=lambda x: x * min(max(x + 3, mpmath.mpf(0)), mpmath.mpf(6)) / 6,
        kinks=(-3.0, 3.0),
    ),
)
