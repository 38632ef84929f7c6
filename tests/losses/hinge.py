"""Cases of losses/hinge."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def binary(rng):
    return rng.normal(0, 3, (5, 4)), rng.integers(0, 2, (5, 4))


def vector(rng):
    return rng.normal(0, 1, 7), rng.integers(0, 2, 7)


def torch_ranking(outputs, targets, *, margin=1.0):
    from torch import from_numpy, zeros_like
    from torch.nn.functional import margin_ranking_loss

    # a hinge on the difference to a second score, which is 0 here
    logits = from_numpy(outputs)
    return margin_ranking_loss(
        logits,
        zeros_like(logits),
        from_numpy(2 * targets - 1),
        margin=margin,
        reduction="none",
    )


def keras_hinge(outputs, targets):
    import keras

    # Keras averages over the last axis
    return keras.losses.hinge(2.0 * targets[..., None] - 1, outputs[..., None])


def sklearn_hinge(outputs, targets):
    from sklearn.metrics import hinge_loss

    # a mean in which one example alone has a weight
    one = np.eye(len(targets))
    return np.array([hinge_loss(targets, outputs, sample_weight=w) for w in one])


def formula(margin):
    def total(logits, targets):
        pairs = zip(logits.flat, np.ravel(targets), strict=True)
        return mpmath.fsum(max(0, margin - (z if y else -z)) for z, y in pairs)

    return total


CASES = [
    Case(function="hinge_loss", inputs=binary, oracles=(keras_hinge, torch_ranking)),
    Case(function="hinge_loss", inputs=vector, oracles=(sklearn_hinge,)),
    Case(
        function="hinge_loss",
        inputs=binary,
        kwargs={"margin": 2.5},
        oracles=(torch_ranking,),
        extremes=tuple(
            Extreme(
                outputs=[1e4, -1e4, 1e4, -1e4, 0.5, -0.5, 2.0, 0.0],
                targets=[1, 1, 0, 0, 1, 1, 0, 0],
                kwargs={"margin": margin},
                formula=formula(margin),
            )
            for margin in (0.25, 1.0, 2.5)
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros(3),
                targets=np.zeros((3, 1), int),
                match=r"(targets|y_true) must have the shape.*\(3, 1\)",
            ),
            Refusal(
                by="value",
                outputs=np.zeros(2),
                targets=np.array([1, -1]),
                match="targets must be 0 or 1.*-1",
            ),
            Refusal(
                by="value",
                outputs=np.zeros(2),
                targets=np.array([0.5, 1.0]),
                match="targets must be 0 or 1.*0.5",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros(2),
                targets=np.array([0, 1]),
                kwargs={"margin": -1.0},
                match="margin.*-1",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros(2),
                targets=np.array([0, 1]),
                kwargs={"margin": float("nan")},
                match="margin.*nan",
            ),
        ),
    ),
]
