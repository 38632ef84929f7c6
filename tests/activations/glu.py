"""Cases of activations/glu."""

import mpmath

from tests.activations import Case, Refusal
from tests.activations.gelu import approximate

REFUSALS = (
    Refusal(shape=(2, 3), match=r"x must have an even axis -1.*\(2, 3\)"),
    Refusal(kwargs={"gate": "swish"}, match="gate must be one of.*'gelu'.*'swish'"),
)


def gated(gate):
    def formula(row, place):
        half = len(row) // 2
        return row[place] * gate(row[half + place])

    return formula


def swapped(formula):
    def of(row, place):
        half = len(row) // 2
        return formula([*row[half:], *row[:half]], place)

    return of


def sigmoid(b):
    return 1 / (1 + mpmath.exp(-b))


def silu(b):
    return b * sigmoid(b)


FIRST = {"gate_first": True}
CASES = (
    Case(function="glu", formula=gated(sigmoid), refusals=REFUSALS, tolerance=64),
    Case(function="glu", kwargs=FIRST, formula=swapped(gated(sigmoid)), tolerance=64),
    Case(function="glu", kwargs={"gate": "silu"}, formula=gated(silu), tolerance=64),
    Case(
        function="glu",
        kwargs={"gate": "silu", **FIRST},
        formula=swapped(gated(silu)),
        tolerance=64,
    ),
    Case(
        function="glu",
        kwargs={"gate": "gelu"},
        formula=gated(lambda b: b * mpmath.ncdf(b)),
        tolerance=256,
    ),
    Case(
        function="glu",
        kwargs={"gate": "gelu_tanh", **FIRST},
        formula=swapped(gated(approximate)),
        tolerance=256,
    ),
    Case(
        function="glu",
        kwargs={"gate": "relu"},
        formula=gated(lambda b: max(b, mpmath.mpf(0))),
    ),
)
