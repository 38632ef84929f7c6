"""Cases of activations/glu."""

import mpmath

from tests.activations import Case, Refusal
from tests.activations.gelu import approximate

ODD = (Refusal(shape=(2, 3), match=r"x must have an even axis -1.*\(2, 3\)"),)


def gated(share):
    def formula(row, place):
        half = len(row) // 2
        return row[place] * share(row[half + place])

    return formula


def swapped(formula):
    def of(row, place):
        half = len(row) // 2
        return formula([*row[half:], *row[:half]], place)

    return of


def sigmoid(b):
    return 1 / (1 + mpmath.exp(-b))


glu = gated(sigmoid)
swiglu = gated(lambda b: b * sigmoid(b))
geglu = gated(lambda b: b * mpmath.ncdf(b))
reglu = gated(lambda b: max(b, mpmath.mpf(0)))
FIRST = {"gate_first": True}
CASES = (
    Case(function="glu", formula=glu, refusals=ODD, tolerance=64),
    Case(function="glu", kwargs=FIRST, formula=swapped(glu), tolerance=64),
    Case(function="swiglu", formula=swiglu, refusals=ODD, tolerance=64),
    Case(function="swiglu", kwargs=FIRST, formula=swapped(swiglu), tolerance=64),
    Case(function="geglu", formula=geglu, refusals=ODD, tolerance=256),
    Case(
        function="geglu",
        kwargs={"approximate": True, "gate_first": True},
        formula=swapped(gated(approximate)),
        tolerance=256,
    ),
    Case(function="reglu", formula=reglu, refusals=ODD),
)
