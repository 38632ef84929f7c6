"""Cases of activations/elu."""

import mpmath

from tests.activations import Case, Refusal

POSITIVE = (
    Refusal(kwargs={"alpha": 0.0}, match=r"alpha must be > 0.*0\.0"),
    Refusal(kwargs={"alpha": float("nan")}, match="alpha must be > 0.*nan"),
)


def elu(x, alpha=1):
    return x if x > 0 else alpha * mpmath.expm1(x)


def selu(x):
    # found from its two conditions, not written down
    def tail(power):
        return mpmath.exp(mpmath.mpf(power) ** 2 / 2) * mpmath.ncdf(-power)

    alpha = mpmath.npdf(0) / (mpmath.mpf(1) / 2 - tail(1))
    second = alpha**2 * (tail(2) - 2 * tail(1) + mpmath.mpf(1) / 2)
    return elu(x, alpha) / mpmath.sqrt(mpmath.mpf(1) / 2 + second)


CASES = (
    Case(function="elu", formula=elu, refusals=POSITIVE),
    Case(
        function="elu",
        kwargs={"alpha": 0.5},
        formula=lambda x: elu(x, mpmath.mpf(1) / 2),
        kinks=(0.0,),
    ),
    Case(function="selu", formula=selu, kinks=(0.0,)),
    Case(function="celu", formula=elu, refusals=POSITIVE),
    Case(
        function="celu",
        kwargs={"alpha": 2.0},
        formula=lambda x: 2 * elu(x / 2) if x < 0 else x,
    ),
)
