"""Cases of losses/asymmetric."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def binary(rng):
    return rng.normal(0, 3, (5, 4)), rng.integers(0, 2, (5, 4))


def vector(rng):
    return rng.normal(0, 3, 9), rng.integers(0, 2, 9)


def optax_focal(outputs, targets, *, gamma_positive, gamma_negative, clip):
    import optax

    assert gamma_positive == gamma_negative, "focal loss knows one gamma"
    assert clip == 0, "focal loss does not clip"
    return optax.sigmoid_focal_loss(outputs, targets, gamma=gamma_positive)


def torch_bce(outputs, targets, *, gamma_positive, gamma_negative, clip):
    from torch import from_numpy
    from torch.nn.functional import binary_cross_entropy_with_logits

    assert gamma_positive == gamma_negative == clip == 0, "not cross-entropy"
    logits = from_numpy(outputs)
    return binary_cross_entropy_with_logits(
        logits, from_numpy(targets).to(logits), reduction="none"
    )


def formula(*, gamma_positive=0.0, gamma_negative=4.0, clip=0.05):
    def total(logits, targets):
        loss, m = mpmath.mpf(0), mpmath.mpf(clip)
        for z, y in zip(logits.flat, np.ravel(targets), strict=True):
            p, q = 1 / (1 + mpmath.exp(-z)), 1 / (1 + mpmath.exp(z))
            if y:
                loss -= q**gamma_positive * mpmath.log(p)
            elif p > m:
                loss -= (p - m) ** gamma_negative * mpmath.log(q + m)
        return loss

    return total


def refused(match, **kwargs):
    return Refusal(
        by="argument",
        outputs=np.zeros(2),
        targets=np.array([0, 1]),
        kwargs=kwargs,
        match=match,
    )


HARD = [1e4, -1e4, 1e4, -1e4, 17.0, -17.0, 0.0, 40.0, -3.0, -2.0, -100.0]
LABELS = [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]

CASES = [
    Case(function="asymmetric_loss", inputs=binary),
    Case(
        function="asymmetric_loss",
        inputs=vector,
        kwargs={"gamma_positive": 0.5, "gamma_negative": 1.5, "clip": 0.2},
    ),
    Case(
        function="asymmetric_loss",
        inputs=binary,
        kwargs={"gamma_positive": 0.0, "gamma_negative": 0.0, "clip": 0.0},
        oracles=(torch_bce,),
    ),
    Case(
        function="asymmetric_loss",
        inputs=binary,
        kwargs={"gamma_positive": 2.0, "gamma_negative": 2.0, "clip": 0.0},
        oracles=(optax_focal,),
        extremes=tuple(
            Extreme(
                outputs=HARD,
                targets=LABELS,
                kwargs=kwargs,
                formula=formula(**kwargs),
            )
            for kwargs in (
                {},
                {"gamma_positive": 1.0},
                {"gamma_negative": 0.5, "clip": 0.01},
                {"gamma_negative": 0.0, "clip": 1e-6},
                {"gamma_positive": 0.125, "gamma_negative": 0.125, "clip": 0.0},
                {"gamma_positive": 0.0, "gamma_negative": 0.0, "clip": 0.0},
            )
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
            refused("gamma_positive.*>= 0.*-1.0", gamma_positive=-1.0),
            refused("gamma_negative.*>= 0.*nan", gamma_negative=float("nan")),
            refused(r"clip must be in \[0, 1\).*1.0", clip=1.0),
            refused(r"clip must be in \[0, 1\).*-0.1", clip=-0.1),
        ),
    ),
]
