"""Cases of losses/generalized_ce."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def classes(rng):
    return rng.normal(0, 3, (6, 4)), rng.integers(0, 4, 6)


def pixels(rng):
    return rng.normal(0, 3, (2, 3, 4, 5)), rng.integers(0, 3, (2, 4, 5))


def keras_generalized(outputs, targets, *, q=0.7):
    import keras
    from scipy.special import softmax

    # Keras wants probabilities
    probabilities = keras.ops.convert_to_tensor(softmax(outputs, axis=1))
    return keras.losses.categorical_generalized_cross_entropy(
        targets, keras.ops.moveaxis(probabilities, 1, -1), q
    )


def torch_cross_entropy(outputs, targets, *, q):
    from torch import from_numpy
    from torch.nn.functional import cross_entropy

    assert q == 0, "cross-entropy is the limit at 0"
    return cross_entropy(from_numpy(outputs), from_numpy(targets), reduction="none")


def torch_absolute_error(outputs, targets, *, q):
    from torch import from_numpy
    from torch.nn.functional import l1_loss, one_hot

    assert q == 1, "half the absolute error is the case of q = 1"
    probabilities = from_numpy(outputs).softmax(dim=1)
    right = one_hot(from_numpy(targets), outputs.shape[1]).to(probabilities)
    return l1_loss(probabilities, right, reduction="none").sum(dim=1) / 2


def formula(q):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for row, y in zip(logits, targets, strict=True):
            powers = [mpmath.exp(z) for z in row]
            p = powers[y] / mpmath.fsum(powers)
            loss += (1 - p ** mpmath.mpf(q)) / q if q else -mpmath.log(p)
        return loss

    return total


CASES = [
    Case(
        function="generalized_cross_entropy_loss",
        inputs=classes,
        last=("outputs",),
        oracles=(keras_generalized,),
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
        inputs=classes,
        kwargs={"q": 1.0},
        last=("outputs",),
        oracles=(torch_absolute_error, keras_generalized),
    ),
    Case(
        function="generalized_cross_entropy_loss",
        inputs=pixels,
        kwargs={"q": 0.2},
        last=("outputs",),
        oracles=(keras_generalized,),
        extremes=tuple(
            Extreme(
                outputs=[
                    [1e4, 0, -1e4],
                    [-1e4, 1e4, 0],
                    [1e4, 0, 0],
                    [20, 0, -20],
                    [0.5, 1, 2],
                ],
                targets=[2, 1, 0, 0, 1],
                kwargs={"q": q},
                formula=formula(q),
            )
            for q in (0.0, 1e-12, 1e-4, 0.7, 1.0)
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
            *(
                Refusal(
                    by="argument",
                    outputs=np.zeros((2, 3)),
                    targets=np.array([0, 1]),
                    kwargs={"q": q},
                    match=rf"q must be in \[0, 1\].*{q}",
                )
                for q in (-0.1, 1.5, float("nan"))
            ),
        ),
    ),
]
