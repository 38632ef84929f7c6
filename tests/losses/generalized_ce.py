"""Cases of losses/generalized_ce."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def classes(rng):
    return rng.normal(0, 3, (6, 4)), rng.integers(0, 4, 6)


def pixels(rng):
    return rng.normal(0, 3, (2, 3, 4, 5)), rng.integers(0, 3, (2, 4, 5))


def keras_on_probabilities(outputs, targets, *, q=0.7):
    import keras

    powers = np.exp(outputs - outputs.max(1, keepdims=True))
    p = powers / powers.sum(1, keepdims=True)
    return keras.losses.categorical_generalized_cross_entropy(targets, p, q)


def torch_cross_entropy(outputs, targets, *, q):
    from torch import from_numpy
    from torch.nn.functional import cross_entropy

    assert q == 0, "only the limit is cross-entropy"
    return cross_entropy(from_numpy(outputs), from_numpy(targets), reduction="none")


def formula(q):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for row, y in zip(logits, targets, strict=True):
            odds = mpmath.log(mpmath.fsum(mpmath.exp(z - row[y]) for z in row))
            loss += (1 - mpmath.exp(-q * odds)) / q if q else odds
        return loss

    return total


CASES = [
    Case(
        function="generalized_cross_entropy_loss",
        inputs=classes,
        last=("outputs",),
        oracles=(keras_on_probabilities,),
    ),
    Case(
        function="generalized_cross_entropy_loss",
        inputs=classes,
        kwargs={"q": 0.0},
        last=("outputs",),
        oracles=(torch_cross_entropy,),
    ),
    Case(
        function="generalized_cross_entropy_loss",
        inputs=pixels,
        kwargs={"q": 1.0},
        last=("outputs",),
        extremes=tuple(
            Extreme(
                outputs=[[1e4, 0, -1e4], [-1e4, 1e4, 0], [2, 1, 0], [0, 9, 0]],
                targets=[2, 1, 0, 0],
                kwargs={"q": q},
                formula=formula(q),
            )
            for q in (0.0, 1e-6, 0.7, 1.0)
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
                by="argument",
                outputs=np.zeros((2, 3)),
                targets=np.array([0, 1]),
                kwargs={"q": 1.1},
                match="q must be.*1.1",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros((2, 3)),
                targets=np.array([0, 1]),
                kwargs={"q": -0.1},
                match="q must be.*-0.1",
            ),
        ),
    ),
]
