"""Cases of losses/quantile."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def values(rng):
    return rng.normal(0, 3, (5, 4)), rng.normal(0, 3, (5, 4))


def columns(rng):
    return rng.normal(0, 3, (6, 2, 3)), rng.normal(0, 3, (6, 2))


def sklearn_pinball(predictions, targets, *, quantile):
    from sklearn.metrics import mean_pinball_loss

    levels = np.broadcast_to(quantile, predictions.shape)
    targets = targets[..., None] if np.ndim(quantile) else targets
    each = np.broadcast_arrays(targets, predictions, levels)
    losses = [
        mean_pinball_loss([y], [p], alpha=q)
        for y, p, q in zip(*(x.ravel() for x in each), strict=True)
    ]
    return np.reshape(losses, predictions.shape)


def formula(predictions, targets):
    total = mpmath.mpf(0)
    for p, y in zip(predictions, targets, strict=True):
        error = y - p
        total += error * (mpmath.mpf(0.875) if error > 0 else mpmath.mpf(-0.125))
    return total


CASES = [
    Case(
        function="quantile_loss",
        inputs=values,
        kwargs={"quantile": 0.5},
        oracles=(sklearn_pinball,),
    ),
    Case(
        function="quantile_loss",
        inputs=columns,
        kwargs={"quantile": (0.1, 0.5, 0.95)},
        oracles=(sklearn_pinball,),
    ),
    Case(
        function="quantile_loss",
        inputs=values,
        kwargs={"quantile": 0.9},
        oracles=(sklearn_pinball,),
        extremes=(
            Extreme(
                outputs=[1e4, -1e4, 1e4, -1e-6, 3.0],
                targets=[-1e4, 1e4, 1e3, 1e-6, 2.5],
                kwargs={"quantile": 0.875},
                formula=formula,
            ),
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((3, 1)),
                targets=np.zeros(3),
                match=r"(predictions|y_pred) must have the shape.*\(3, 1\)",
            ),
            Refusal(
                by="shape",
                outputs=np.zeros((3, 2)),
                targets=np.zeros(3),
                kwargs={"quantile": (0.1, 0.5, 0.9)},
                match=r"several quantiles.*\(3, 2\).*\(3,\)",
            ),
            Refusal(
                by="shape",
                outputs=np.zeros((3, 3)),
                targets=np.zeros((3, 3)),
                kwargs={"quantile": (0.1, 0.5, 0.9)},
                match=r"several quantiles.*\(3, 3\)",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros(3),
                targets=np.zeros(3),
                kwargs={"quantile": 1.0},
                match=r"quantile must be in \(0, 1\).*1.0",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros(3),
                targets=np.zeros(3),
                kwargs={"quantile": 90},
                match=r"quantile must be in \(0, 1\).*90",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros((3, 2)),
                targets=np.zeros(3),
                kwargs={"quantile": (0.5, float("nan"))},
                match=r"quantile must be in \(0, 1\).*nan",
            ),
        ),
    ),
]
