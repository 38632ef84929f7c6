"""Cases of losses/charbonnier."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def values(rng):
    return rng.normal(0, 3, (5, 4)), rng.normal(0, 3, (5, 4))


def images(rng):
    targets = rng.uniform(0, 1, (2, 3, 4, 5))
    return targets + rng.normal(0, 0.002, targets.shape), targets


def scipy_pseudo_huber(predictions, targets, *, epsilon=1e-3):
    from scipy.special import pseudo_huber

    # pseudo-Huber starts at 0 and grows with the slope epsilon
    return pseudo_huber(epsilon, predictions - targets) / epsilon + epsilon


def formula(predictions, targets):
    errors = (p - y for p, y in zip(predictions, targets, strict=True))
    return mpmath.fsum(mpmath.sqrt(e**2 + mpmath.mpf(1e-3) ** 2) for e in errors)


CASES = [
    Case(
        function="charbonnier_loss",
        inputs=values,
        kwargs={"epsilon": 0.5},
        oracles=(scipy_pseudo_huber,),
        extremes=(
            Extreme(
                outputs=[0.0, 1e-6, 1e-3, -1e4, 1e4],
                targets=[0.0, 0.0, 0.0, 1e4, 0.0],
                formula=formula,
            ),
            Extreme(outputs=[0.0, 1e-3], targets=[0.0, 0.0], formula=formula),
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((3, 1)),
                targets=np.zeros(3),
                match=r"(targets|y_true) must have the shape.*\(3,\)",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros(3),
                targets=np.zeros(3),
                kwargs={"epsilon": 0.0},
                match="epsilon must be > 0.*0",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros(3),
                targets=np.zeros(3),
                kwargs={"epsilon": float("nan")},
                match="epsilon must be > 0.*nan",
            ),
        ),
    ),
    Case(function="charbonnier_loss", inputs=images, oracles=(scipy_pseudo_huber,)),
]
