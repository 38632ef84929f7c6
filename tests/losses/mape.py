"""Cases of losses/mape."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def values(rng):
    return rng.normal(0, 3, (5, 4)), rng.uniform(0.5, 3, (5, 4)) * rng.choice([-1, 1])


def sklearn_error(predictions, targets):
    from sklearn.metrics import mean_absolute_percentage_error

    return [
        [mean_absolute_percentage_error([y], [p]) for y, p in zip(ys, ps, strict=True)]
        for ys, ps in zip(targets, predictions, strict=True)
    ]


def keras_percent(predictions, targets):
    import keras

    loss = keras.losses.mean_absolute_percentage_error
    # its mean runs over the last axis, here of one element
    return np.asarray(loss(targets[..., None], predictions[..., None])) / 100


def formula(predictions, targets):
    pairs = zip(predictions, targets, strict=True)
    return mpmath.fsum(abs((p - y) / mpmath.mpf(y)) for p, y in pairs)


CASES = [
    Case(
        function="mape_loss",
        inputs=values,
        oracles=(sklearn_error, keras_percent),
        extremes=(
            Extreme(
                outputs=[1e4, -1e4, 0.0, 0.25],
                targets=[1.0, 2.0, 1e4, -4.0],
                formula=formula,
            ),
            Extreme(outputs=[1e4], targets=[0.5], formula=formula),
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((3, 1)),
                targets=np.ones(3),
                match=r"(targets|y_true) must have the shape.*\(3,\)",
            ),
            Refusal(
                by="value",
                outputs=np.zeros(3),
                targets=np.array([1.0, 0.0, 2.0]),
                match="targets must not be 0.*1 zeros",
            ),
        ),
    ),
]
