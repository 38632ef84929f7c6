"""Cases of losses/mape."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def values(rng):
    return rng.normal(0, 3, (5, 4)), rng.normal(0, 3, (5, 4))


def away_from_zero(rng):
    targets = rng.uniform(1, 9, 8) * rng.choice([-1, 1], 8)
    return targets + rng.normal(0, 1, 8), targets


def keras_mape(predictions, targets, *, epsilon):
    import keras

    # per cent, with a mean over the last axis and epsilon() under the fraction
    assert epsilon == keras.config.epsilon()
    loss = keras.losses.mean_absolute_percentage_error
    return loss(targets[..., None], predictions[..., None]) / 100


def sklearn_mape(predictions, targets, *, epsilon):
    from sklearn.metrics import mean_absolute_percentage_error

    # it divides by 2.2e-16 at least: no target here is that small
    assert np.abs(targets).min() > epsilon
    pairs = zip(targets.ravel(), predictions.ravel(), strict=True)
    losses = [mean_absolute_percentage_error([y], [p]) for y, p in pairs]
    return np.reshape(losses, predictions.shape)


def formula(predictions, targets):
    total = mpmath.mpf(0)
    for p, y in zip(predictions, targets, strict=True):
        total += abs(p - y) / max(abs(y), mpmath.mpf(0.125))
    return total


CASES = [
    Case(
        function="mape_loss",
        inputs=values,
        kwargs={"epsilon": 1.0},
        extremes=(
            Extreme(
                outputs=[1e4, -1e4, 1e4, 0.5, -1e-3, 3.0],
                targets=[-1e4, 1e2, 9e3, 0.0, 1e-6, 2.0],
                kwargs={"epsilon": 0.125},
                formula=formula,
            ),
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
    Case(
        function="mape_loss",
        inputs=away_from_zero,
        kwargs={"epsilon": 1e-7},
        oracles=(keras_mape, sklearn_mape),
    ),
]
