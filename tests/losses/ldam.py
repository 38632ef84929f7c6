"""Cases of losses/ldam."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal

COUNTS = (5000, 400, 30, 2)


def cosines(rng):
    return rng.uniform(-1, 1, (6, 4)), rng.integers(0, 4, 6)


def pixels(rng):
    return rng.normal(0, 3, (2, 4, 3, 2)), rng.integers(0, 4, (2, 3, 2))


def torch_cross_entropy(outputs, targets, *, class_counts, max_margin, scale=30.0):
    from torch import from_numpy
    from torch.nn.functional import cross_entropy

    assert max_margin == 0, "without a margin it is scaled cross-entropy"
    return cross_entropy(
        from_numpy(scale * outputs), from_numpy(targets), reduction="none"
    )


def formula(max_margin, scale):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for row, y in zip(logits, targets, strict=True):
            rarity = mpmath.mpf(min(COUNTS)) / COUNTS[y]
            margin = max_margin * mpmath.root(rarity, 4)
            others = mpmath.fsum(
                mpmath.exp(scale * (z - row[y] + margin))
                for c, z in enumerate(row)
                if c != y
            )
            loss += mpmath.log(1 + others)
        return loss

    return total


def refuse(match, **options):
    return Refusal(
        by="argument",
        outputs=np.zeros((2, 4)),
        targets=np.array([0, 1]),
        kwargs=options,
        match=match,
    )


CASES = [
    Case(
        function="ldam_loss",
        inputs=cosines,
        kwargs={"class_counts": COUNTS},
        last=("outputs",),
        tolerance=64.0,
    ),
    Case(
        function="ldam_loss",
        inputs=pixels,
        kwargs={"class_counts": COUNTS, "max_margin": 0.0, "scale": 2.0},
        last=("outputs",),
        oracles=(torch_cross_entropy,),
    ),
    Case(
        function="ldam_loss",
        inputs=pixels,
        kwargs={"class_counts": COUNTS, "max_margin": 1.5, "scale": 1.0},
        last=("outputs",),
        extremes=(
            Extreme(
                outputs=[[1e4, 0, -1e4, 0], [-1e4, 1e4, 0, 1], [0, 0, 0, 0]],
                targets=[2, 1, 3],
                kwargs={"class_counts": COUNTS, "max_margin": 1.5, "scale": 1.0},
                formula=formula(1.5, 1),
            ),
            Extreme(
                outputs=[[1, 0.5, -1, 0], [0, 0, 0, 0.75]],
                targets=[2, 3],
                kwargs={"class_counts": COUNTS, "max_margin": 0.5, "scale": 30.0},
                formula=formula(0.5, 30),
            ),
        ),
        tolerance=64.0,
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((2, 4)),
                targets=np.zeros(3, int),
                match=r"(targets|y_true) must have the shape.*\(3,\)",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((2, 4)),
                targets=np.array([0, 4]),
                match=r"targets must be in \[0, 4\).*4",
            ),
            refuse("class_counts must hold 4.*1.0, 2.0", class_counts=(1, 2)),
            refuse("class_counts.*0.0", class_counts=(1, 2, 3, 0)),
            refuse("max_margin.*-1", max_margin=-1.0),
            refuse("scale.*0", scale=0.0),
        ),
    ),
]
