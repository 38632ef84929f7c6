"""Cases of losses/gaussian_nll."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def values(rng):
    return rng.normal(0, 2, (6, 2)), rng.normal(0, 2, 6)


def grid(rng):
    return rng.normal(0, 2, (3, 4, 2)), rng.normal(0, 2, (3, 4))


def torch_gaussian(outputs, targets):
    from torch import from_numpy
    from torch.nn.functional import gaussian_nll_loss

    mean, log_variance = from_numpy(outputs).unbind(-1)
    return gaussian_nll_loss(
        mean,
        from_numpy(targets),
        log_variance.exp(),
        full=True,
        eps=1e-300,
        reduction="none",
    )


def scipy_logpdf(outputs, targets):
    from scipy.stats import norm

    return -norm.logpdf(targets, outputs[..., 0], np.exp(outputs[..., 1] / 2))


def formula(outputs, targets):
    total = mpmath.mpf(0)
    for (mean, s), y in zip(outputs, targets, strict=True):
        variance = mpmath.exp(s)
        density = mpmath.exp(-((y - mean) ** 2) / (2 * variance))
        total -= mpmath.log(density / mpmath.sqrt(2 * mpmath.pi * variance))
    return total


CASES = [
    Case(
        function="gaussian_nll_loss",
        inputs=values,
        oracles=(torch_gaussian, scipy_logpdf),
        extremes=(
            Extreme(
                outputs=[[0.0, 80.0], [100.0, 80.0], [1.0, -80.0], [3.0, 9.5], [0, 0]],
                targets=[0.0, -100.0, 1.0, -50.0, 1e2],
                formula=formula,
            ),
            # the variance is too small for float32, the loss is not
            Extreme(
                outputs=[[1.0, -300.0], [0.0, 100.0]],
                targets=[1.0, 1e4],
                formula=formula,
            ),
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((3, 1, 2)),
                targets=np.zeros(3),
                match=r"(outputs|y_pred) must have the shape.*\(3, 1, 2\).*\(3,\)",
            ),
            Refusal(
                by="shape",
                outputs=np.zeros((3, 3)),
                targets=np.zeros(3),
                match=r"last axis of 2.*\(3, 3\)",
            ),
        ),
    ),
    Case(function="gaussian_nll_loss", inputs=grid, oracles=(scipy_logpdf,)),
]
