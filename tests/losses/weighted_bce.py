"""Cases of losses/weighted_bce."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal

WEIGHTS = np.array([0.5, 1.0, 2.0, 8.0])


def binary(rng):
    return rng.normal(0, 3, (5, 4)), rng.integers(0, 2, (5, 4))


def soft(rng):
    return rng.normal(0, 3, (5, 4)), rng.uniform(0, 1, (5, 4))


def vector(rng):
    return rng.normal(0, 3, 6), rng.integers(0, 2, 6)


def pixels(rng):
    return rng.normal(0, 3, (2, 4, 3, 5)), rng.integers(0, 2, (2, 4, 3, 5))


def torch_bce(outputs, targets, *, pos_weight=None):
    from torch import from_numpy, tensor
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(
        from_numpy(outputs),
        tensor(targets, dtype=from_numpy(outputs).dtype),
        pos_weight=None if pos_weight is None else tensor(pos_weight),
        reduction="none",
    )


def keras_bce(outputs, targets, *, label_smoothing=0.0):
    import keras

    # Keras averages over the last axis
    return keras.losses.binary_crossentropy(
        targets[..., None],
        outputs[..., None],
        from_logits=True,
        label_smoothing=label_smoothing,
    )


def formula(weight, smoothing):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for z, y in zip(logits.flat, np.ravel(targets), strict=True):
            q = (1 - mpmath.mpf(smoothing)) * float(y) + mpmath.mpf(smoothing) / 2
            yes, no = 1 / (1 + mpmath.exp(-z)), 1 / (1 + mpmath.exp(z))
            loss -= weight * q * mpmath.log(yes) + (1 - q) * mpmath.log(no)
        return loss

    return total


CASES = [
    Case(function="weighted_bce_loss", inputs=binary, oracles=(torch_bce, keras_bce)),
    Case(
        function="weighted_bce_loss",
        inputs=binary,
        kwargs={"pos_weight": WEIGHTS},
        oracles=(torch_bce,),
    ),
    Case(
        function="weighted_bce_loss",
        inputs=soft,
        kwargs={"pos_weight": [0.1, 1.0, 2.5, 8.0], "label_smoothing": 0.25},
    ),
    Case(
        function="weighted_bce_loss",
        inputs=pixels,
        kwargs={"pos_weight": WEIGHTS[:, None, None]},
        oracles=(torch_bce,),
    ),
    Case(
        function="weighted_bce_loss",
        inputs=vector,
        kwargs={"pos_weight": 0.3},
        oracles=(torch_bce,),
    ),
    Case(
        function="weighted_bce_loss",
        inputs=soft,
        kwargs={"label_smoothing": 0.1},
        oracles=(keras_bce,),
        extremes=tuple(
            Extreme(
                outputs=[1e4, -1e4, 1e4, -1e4, 17.0, -17.0, 0.0, 40.0, 1e4],
                targets=[1, 1, 0, 0, 1, 1, 0, 0, 0.25],
                kwargs={"pos_weight": weight, "label_smoothing": smoothing},
                formula=formula(weight, smoothing),
            )
            for weight, smoothing in ((1.0, 0.0), (2.5, 0.0), (0.5, 0.25))
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
                match=r"targets must be in \[0, 1\].*-1",
            ),
            Refusal(
                by="value",
                outputs=np.zeros(2),
                targets=np.array([np.nan, 1.0]),
                match=r"targets must be in \[0, 1\].*nan",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros((2, 1)),
                targets=np.array([[0], [1]]),
                kwargs={"pos_weight": np.ones(3)},
                match=r"pos_weight must fit.*\(3,\).*\(2, 1\)",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros(2),
                targets=np.array([0, 1]),
                kwargs={"pos_weight": np.ones((1, 2))},
                match=r"pos_weight must fit.*\(1, 2\).*\(2,\)",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros(2),
                targets=np.array([0, 1]),
                kwargs={"label_smoothing": -0.5},
                match=r"label_smoothing not in \[0, 1\].*-0.5",
            ),
        ),
    ),
]
