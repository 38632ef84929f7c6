"""Cases of activations/softmax."""

import mpmath
import numpy as np

from tests.activations import Case, Refusal

REFUSALS = (
    Refusal(
        kwargs={"temperature": 0.0}, match=r"temperature must be > 0. Received: 0\.0"
    ),
    Refusal(kwargs={"mask": np.array([1.0, 0.0, 1.0, 1.0])}, match="mask must hold"),
    Refusal(
        kwargs={"mask": np.array([True, False])},
        match=r"mask must broadcast to \(2, 4\). Received: \(2,\)",
    ),
    Refusal(
        kwargs={"mask": np.ones((3, 2, 4), bool)},
        match=r"mask must broadcast to \(2, 4\). Received: \(3, 2, 4\)",
    ),
)
MASK = np.array([True, False, True, True, False, True])


def softmax(row, place, temperature=1, mask=None):
    if mask is not None and not mask[place]:
        return mpmath.mpf(0)
    taken = [x for i, x in enumerate(row) if mask is None or mask[i]]
    top = max(taken)
    whole = mpmath.fsum(mpmath.exp((x - top) / temperature) for x in taken)
    return mpmath.exp((row[place] - top) / temperature) / whole


def log_softmax(row, place, temperature=1):
    share = softmax(row, place, temperature)
    return mpmath.log(share)


CASES = (
    Case(function="softmax", formula=softmax, refusals=REFUSALS, tolerance=64),
    Case(
        function="softmax",
        kwargs={"temperature": 0.5},
        formula=lambda row, place: softmax(row, place, mpmath.mpf("0.5")),
        tolerance=128,
    ),
    Case(
        function="softmax",
        kwargs={"temperature": 4.0, "mask": MASK},
        formula=lambda row, place: softmax(row, place, 4, MASK),
        tolerance=64,
    ),
    Case(function="log_softmax", formula=log_softmax, refusals=REFUSALS),
    Case(
        function="log_softmax",
        kwargs={"temperature": 4.0},
        formula=lambda row, place: log_softmax(row, place, 4),
    ),
)
