"""Cases of losses/log_cosh."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def values(rng):
    return rng.normal(0, 3, (5, 4)), rng.normal(0, 3, (5, 4))


def small_errors(rng):
    targets = rng.normal(0, 3, 50)
    return targets + rng.normal(0, 0.01, 50), targets


def optax_log_cosh(predictions, targets):
    import optax

    return optax.log_cosh(predictions, targets)


def keras_log_cosh(predictions, targets):
    import keras

    # its mean runs over the last axis, here of one element
    return keras.losses.log_cosh(targets[..., None], predictions[..., None])


def formula(predictions, targets):
    errors = (p - y for p, y in zip(predictions, targets, strict=True))
    return mpmath.fsum(mpmath.log(mpmath.cosh(e)) for e in errors)


ERRORS = [0.0, 1e-8, -1e-8, 1e-4, 0.5, -0.99, 1.0, -1.01, 20.0, 90.0, 1e4, -1e4]

CASES = [
    Case(
        function="log_cosh_loss",
        inputs=values,
        oracles=(optax_log_cosh, keras_log_cosh),
        extremes=(
            Extreme(outputs=ERRORS, targets=[0.0] * 12, formula=formula),
            Extreme(outputs=[1e-8, -1e-8], targets=[0.0, 0.0], formula=formula),
            Extreme(
                # the smallest errors whose loss float16 can hold
                outputs=[0.0, 1 / 64, -1 / 64],
                targets=[0.0, 0.0, 0.0],
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
        ),
    ),
    Case(function="log_cosh_loss", inputs=small_errors, oracles=(optax_log_cosh,)),
]
