"""Cases of losses/charbonnier."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def values(rng):
    return rng.normal(0, 3, (5, 4)), rng.normal(0, 3, (5, 4))


def small_errors(rng):
    targets = rng.normal(0, 1, 50)
    return targets + rng.normal(0, 0.25, 50), targets


def torch_distance(predictions, targets, *, epsilon=1e-3):
    """Take the distance between (prediction, epsilon) and (target, 0)."""
    import torch

    pairs = [
        torch.stack([torch.tensor(x), torch.full(x.shape, e, dtype=torch.float64)], -1)
        for x, e in ((predictions, epsilon), (targets, 0.0))
    ]
    return torch.nn.functional.pairwise_distance(*pairs, eps=0.0)


def scipy_integral(predictions, targets, *, epsilon):
    """Integrate: the slope is the error over the loss."""
    from scipy.integrate import quad

    return np.vectorize(
        lambda e: epsilon + quad(lambda x: x / np.hypot(x, epsilon), 0, e)[0]
    )(np.abs(predictions - targets))


def formula(epsilon):
    def total(predictions, targets):
        return mpmath.fsum(
            mpmath.sqrt((p - y) ** 2 + mpmath.mpf(epsilon) ** 2)
            for p, y in zip(predictions, targets, strict=True)
        )

    return total


def refuse(by, match, outputs, targets, **options):
    return Refusal(by=by, outputs=outputs, targets=targets, kwargs=options, match=match)


CASES = [
    Case(
        function="charbonnier_loss",
        inputs=values,
        oracles=(torch_distance,),
        extremes=tuple(
            Extreme(
                outputs=[0.0, 0.001, 0.5, -3.0, 1e4, -1e4],
                targets=[0.0] * 6,
                kwargs={"epsilon": epsilon},
                formula=formula(epsilon),
            )
            for epsilon in (1e-3, 1.0)
        ),
        refusals=(
            refuse(
                "shape",
                r"(targets|y_true) must have the shape.*\(3,\)",
                np.zeros((3, 1)),
                np.zeros(3),
            ),
            refuse("argument", "epsilon.*0", np.zeros(2), np.zeros(2), epsilon=0.0),
            refuse(
                "argument", "epsilon.*inf", np.zeros(2), np.zeros(2), epsilon=np.inf
            ),
        ),
    ),
    Case(
        function="charbonnier_loss",
        inputs=small_errors,
        kwargs={"epsilon": 0.5},
        oracles=(torch_distance, scipy_integral),
    ),
]
