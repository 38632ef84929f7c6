"""Cases of activations/step: the frameworks' own are right."""

import mpmath

from tests.activations import Case

CASES = (
    Case(
        function="step",
        formula=lambda x: mpmath.mpf(1 if x >= 0 else 0),
        kinks=(0.0,),
    ),
    Case(function="linear", formula=lambda x: x),
)
