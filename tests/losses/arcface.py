"""Cases of losses/arcface."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def cosines(rng):
    return rng.uniform(-1, 1, (12, 4)), rng.integers(0, 4, 12)


def torch_arcface(cosines, targets, *, margin=0.5, scale=64.0):
    import torch
    from torch.nn.functional import cross_entropy, one_hot

    true = one_hot(torch.tensor(targets), cosines.shape[1]).bool()
    cosines = torch.tensor(cosines)
    angles = cosines.arccos()
    moved = (angles + margin).cos()
    moved = moved.where(angles + margin <= np.pi, cosines - margin * np.sin(margin))
    logits = scale * moved.where(true, cosines)
    return cross_entropy(logits, torch.tensor(targets), reduction="none")


def torch_cosface(cosines, targets, *, margin=0.35, scale=64.0):
    import torch
    from torch.nn.functional import cross_entropy, one_hot

    targets, cosines = torch.tensor(targets), torch.tensor(cosines)
    ahead = margin * one_hot(targets, cosines.shape[1])
    return cross_entropy(scale * (cosines - ahead), targets, reduction="none")


def formula(move, scale):
    def total(cosines, targets):
        loss = mpmath.mpf(0)
        for row, y in zip(cosines, targets, strict=True):
            logits = [scale * (move(c) if j == y else c) for j, c in enumerate(row)]
            powers = [mpmath.exp(z) for z in logits]
            loss += mpmath.log(mpmath.fsum(powers) / powers[y])
        return loss

    return total


def angle(margin):
    def move(cosine):
        if cosine < -mpmath.cos(margin):
            return cosine - margin * mpmath.sin(margin)
        # at the ends the sine counts as a constant: its slope is infinite
        square = 1 - cosine**2
        sine = mpmath.sqrt(square) if square > mpmath.mpf(10) ** -20 else 0
        return cosine * mpmath.cos(margin) - sine * mpmath.sin(margin)

    return move


# the second cosine is the largest below 1 that every dtype holds
ENDS = [[1, 1, 0], [-1, 1, 0.5], [1 - 2**-8, 1, 0.25], [-1, -0.9375, 0.5], [0, 0, 0]]
CLASSES = [0, 0, 0, 1, 2]

REFUSALS = (
    Refusal(
        by="shape",
        outputs=np.zeros((3, 2)),
        targets=np.zeros(2, int),
        match=r"(targets|y_true) must hold one class.*\(2,\).*\(3, 2\)",
    ),
    Refusal(
        by="shape",
        outputs=np.zeros((2, 3, 4)),
        targets=np.zeros((2, 4), int),
        match=r"(targets|y_true) must hold one class.*\(2, 3, 4\)",
    ),
    Refusal(
        by="value",
        outputs=np.array([[0.5, 0.0], [0.0, -3.0]]),
        targets=np.zeros(2, int),
        match=r"cosines must be in \[-1, 1\].*-3 to 0.5",
    ),
    Refusal(
        by="value",
        outputs=np.array([[0.5, float("nan")]]),
        targets=np.zeros(1, int),
        match=r"cosines must be in \[-1, 1\].*nan",
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
    Refusal(
        by="argument",
        outputs=np.zeros((2, 3)),
        targets=np.zeros(2, int),
        kwargs={"margin": -0.5},
        match="margin must be .*-0.5",
    ),
    Refusal(
        by="argument",
        outputs=np.zeros((2, 3)),
        targets=np.zeros(2, int),
        kwargs={"margin": float("nan")},
        match="margin must be .*nan",
    ),
    Refusal(
        by="argument",
        outputs=np.zeros((2, 3)),
        targets=np.zeros(2, int),
        kwargs={"scale": 0.0},
        match="scale must be > 0.*0",
    ),
)

CASES = [
    Case(
        function="arcface_loss",
        inputs=cosines,
        oracles=(torch_arcface,),
        # a scale of 64 lets a rounding of the angle grow
        tolerance=32.0,
        extremes=tuple(
            Extreme(
                outputs=ENDS,
                targets=CLASSES,
                kwargs={"margin": margin, "scale": scale},
                formula=formula(angle(margin), scale),
            )
            for margin, scale in ((0.5, 64.0), (0.0, 64.0), (1.25, 4.0))
        ),
        refusals=(
            *REFUSALS,
            Refusal(
                by="argument",
                outputs=np.zeros((2, 3)),
                targets=np.zeros(2, int),
                kwargs={"margin": 28.6},
                match=r"margin must be in \[0, pi\].*28.6",
            ),
        ),
    ),
    # a margin that takes many angles beyond pi
    Case(
        function="arcface_loss",
        inputs=cosines,
        kwargs={"margin": 1.2, "scale": 8.0},
        oracles=(torch_arcface,),
    ),
    Case(
        function="cosface_loss",
        inputs=cosines,
        oracles=(torch_cosface,),
        tolerance=32.0,
        extremes=(
            Extreme(
                outputs=ENDS,
                targets=CLASSES,
                formula=formula(lambda cosine: cosine - mpmath.mpf(0.35), 64),
            ),
        ),
        refusals=REFUSALS,
    ),
    Case(
        function="cosface_loss",
        inputs=cosines,
        kwargs={"margin": 0.0, "scale": 4.0},
        oracles=(torch_cosface,),
    ),
]
