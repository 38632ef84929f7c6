"""Cases of losses/js."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def distributions(rng):
    return rng.normal(0, 2, (6, 4)), rng.dirichlet(np.ones(4), 6)


def one_hot(rng):
    return rng.normal(0, 2, (6, 4)), np.eye(4)[rng.integers(0, 4, 6)]


def pixels(rng):
    targets = rng.dirichlet(np.ones(3), (2, 4, 5))
    # some classes ruled out, in all but the last
    targets[targets[..., :2].min(axis=-1) < 0.1] = [0.0, 0.25, 0.75]
    return rng.normal(0, 2, (2, 3, 4, 5)), np.moveaxis(targets, -1, 1)


def scipy_jensenshannon(logits, targets):
    from scipy.spatial.distance import jensenshannon
    from scipy.special import softmax

    # SciPy returns the metric, the square root of the divergence
    return jensenshannon(targets, softmax(logits, axis=1), axis=1) ** 2


def torch_kl_div(logits, targets):
    from torch import from_numpy, softmax
    from torch.nn.functional import kl_div

    t, q = from_numpy(targets), softmax(from_numpy(logits), dim=1)
    log_m = ((t + q) / 2).log()
    each = [kl_div(log_m, p, reduction="none").sum(dim=1) for p in (t, q)]
    return (each[0] + each[1]) / 2


def formula(logits, targets):
    loss = mpmath.mpf(0)
    for row, target in zip(logits, targets, strict=True):
        powers = [mpmath.exp(z) for z in row]
        for power, t in zip(powers, target, strict=True):
            q = power / mpmath.fsum(powers)
            m = (t + q) / 2
            loss += q * mpmath.log(q / m) / 2
            loss += t * mpmath.log(t / m) / 2 if t else 0
    return loss


CASES = [
    Case(
        function="js_divergence_loss",
        inputs=distributions,
        last=("outputs", "targets"),
        oracles=(scipy_jensenshannon, torch_kl_div),
        extremes=(
            Extreme(
                outputs=[[1e4, 0, -1e4], [-1e4, 1e4, 0], [1e4, 0, 0], [8, 0, -8]],
                targets=[[0.5, 0.25, 0.25], [1, 0, 0], [1, 0, 0], [0, 0.875, 0.125]],
                formula=formula,
            ),
            Extreme(
                outputs=[[1.0, 0.5, -20.0], [8.0, 0.0, 9.0], [0.0, 0.5, 1.5]],
                targets=[[0, 0.5, 0.5], [1, 0, 0], [0, 0, 1]],
                formula=formula,
            ),
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((2, 3)),
                targets=np.full((1, 3), 1 / 3),
                match=r"(target_probabilities|y_true) must have the shape.*\(1, 3\)",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((2, 2)),
                targets=np.array([[0.5, 0.5], [1.5, -0.5]]),
                match="target_probabilities must be >= 0.*-0.5",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((2, 2)),
                targets=np.array([[0.5, 0.5], [1.0, 1.0]]),
                match="target_probabilities must.* add up to 1.*2",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((1, 2)),
                targets=np.array([[0.5, float("nan")]]),
                match="target_probabilities must.* add up to 1.*nan",
            ),
        ),
    ),
    Case(
        function="js_divergence_loss",
        inputs=one_hot,
        last=("outputs", "targets"),
        oracles=(scipy_jensenshannon,),
    ),
    Case(
        function="js_divergence_loss",
        inputs=pixels,
        last=("outputs", "targets"),
        oracles=(scipy_jensenshannon, torch_kl_div),
    ),
]
