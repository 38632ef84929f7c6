"""Cases of losses/categorical_hinge."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def classes(rng):
    return rng.normal(0, 2, (6, 4)), rng.integers(0, 4, 6)


def negative_scores(rng):
    return rng.normal(-9, 2, (6, 4)), rng.integers(0, 4, 6)


def pixels(rng):
    return rng.normal(0, 2, (2, 3, 4, 5)), rng.integers(0, 3, (2, 4, 5))


def optax_multiclass(outputs, targets):
    import optax

    return optax.losses.multiclass_hinge_loss(outputs, targets)


def sklearn_hinge(outputs, targets):
    from sklearn.metrics import hinge_loss

    labels = range(outputs.shape[1])
    pairs = zip(targets, outputs, strict=True)
    return np.array([hinge_loss([y], [z], labels=labels) for y, z in pairs])


def formula(margin):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for row, y in zip(logits, targets, strict=True):
            gaps = [margin + z - row[y] for j, z in enumerate(row) if j != y]
            loss += max(0, *gaps)
        return loss

    return total


CASES = [
    Case(
        function="categorical_hinge_loss",
        inputs=classes,
        last=("outputs",),
        oracles=(optax_multiclass, sklearn_hinge),
    ),
    Case(
        function="categorical_hinge_loss",
        inputs=negative_scores,
        last=("outputs",),
        oracles=(optax_multiclass, sklearn_hinge),
    ),
    Case(
        function="categorical_hinge_loss",
        inputs=pixels,
        kwargs={"margin": 0.25},
        last=("outputs",),
        extremes=tuple(
            Extreme(
                outputs=[
                    [1e4, 0, -1e4],
                    [-1e4, 1e4, 0],
                    [-1e4, -9984, -9000],
                    [1, 1.5, -20],
                    [-np.inf, 2, 1],
                ],
                targets=[2, 1, 0, 0, 2],
                kwargs={"margin": margin},
                formula=formula(margin),
            )
            for margin in (0.25, 1.0)
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((2, 3)),
                targets=np.zeros(3, int),
                match=r"(targets|y_true) must have the shape.*\(3,\)",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((2, 3)),
                targets=np.array([0, 3]),
                match=r"targets must be in \[0, 3\).*3",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((2, 3)),
                targets=np.array([-1, 0]),
                match=r"targets must be in \[0, 3\).*-1",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros((2, 3)),
                targets=np.array([0, 1]),
                kwargs={"margin": -0.5},
                match="margin.*-0.5",
            ),
        ),
    ),
]
