"""Cases of losses/kl."""

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


def scipy_rel_entr(logits, targets):
    from scipy.special import rel_entr, softmax

    return rel_entr(targets, softmax(logits, axis=1)).sum(axis=1)


def torch_kl_div(logits, targets):
    from torch import from_numpy
    from torch.nn.functional import kl_div, log_softmax

    log_q = log_softmax(from_numpy(logits), dim=1)
    return kl_div(log_q, from_numpy(targets), reduction="none").sum(dim=1)


def torch_cross_entropy(logits, targets):
    from torch import from_numpy
    from torch.nn.functional import cross_entropy

    return cross_entropy(from_numpy(logits), from_numpy(targets), reduction="none")


def optax_kl(logits, targets):
    import optax

    log_q = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return optax.losses.kl_divergence(log_q, targets)


def formula(logits, targets):
    loss = mpmath.mpf(0)
    for row, target in zip(logits, targets, strict=True):
        powers = [mpmath.exp(z) for z in row]
        for power, t in zip(powers, target, strict=True):
            if t:
                loss += t * mpmath.log(t * mpmath.fsum(powers) / power)
    return loss


CASES = [
    Case(
        function="kl_divergence_loss",
        inputs=distributions,
        last=("outputs", "targets"),
        oracles=(scipy_rel_entr, torch_kl_div, optax_kl),
        extremes=(
            Extreme(
                outputs=[[1e4, 0, -1e4], [-1e4, 1e4, 0], [1e4, 0, 0], [20, 0, -20]],
                targets=[[0.5, 0.25, 0.25], [1, 0, 0], [1, 0, 0], [0, 0.875, 0.125]],
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
            Refusal(
                by="value",
                outputs=np.zeros((1, 2)),
                targets=np.log([[0.5, 0.5]]),
                match="target_probabilities must be >= 0",
            ),
        ),
    ),
    Case(
        function="kl_divergence_loss",
        inputs=one_hot,
        last=("outputs", "targets"),
        oracles=(torch_cross_entropy,),
    ),
    Case(
        function="kl_divergence_loss",
        inputs=pixels,
        last=("outputs", "targets"),
        oracles=(scipy_rel_entr, torch_kl_div),
    ),
]
