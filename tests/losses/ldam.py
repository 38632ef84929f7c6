"""Cases of losses/ldam."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal

# whole numbers in every dtype
COUNTS = np.array([1000.0, 7.0, 64.0, 1.0])


def cosines(rng):
    return rng.uniform(-1, 1, (6, 4)), rng.integers(0, 4, 6)


def classes(rng):
    return rng.normal(0, 3, (6, 4)), rng.integers(0, 4, 6)


def pixels(rng):
    return rng.normal(0, 3, (2, 3, 4, 5)), rng.integers(0, 3, (2, 4, 5))


def torch_shifted(outputs, targets, *, class_counts, max_margin=0.5, scale=30.0):
    from torch import from_numpy
    from torch.nn.functional import cross_entropy

    margins = np.asarray(class_counts, float) ** -0.25
    margins *= max_margin / margins.max()
    one_hot = np.moveaxis(np.eye(outputs.shape[1])[targets], -1, 1)
    axes = (1, -1) + (1,) * (outputs.ndim - 2)
    shifted = scale * (outputs - one_hot * margins.reshape(axes))
    return cross_entropy(from_numpy(shifted), from_numpy(targets), reduction="none")


def formula(counts, max_margin, scale):
    def total(logits, targets):
        rarest = min(counts)
        loss = mpmath.mpf(0)
        for row, y in zip(logits, targets, strict=True):
            margin = max_margin * (mpmath.mpf(rarest) / counts[y]) ** 0.25
            powers = [mpmath.exp(scale * z) for z in row]
            powers[y] = mpmath.exp(scale * (row[y] - margin))
            loss -= mpmath.log(powers[y] / mpmath.fsum(powers))
        return loss

    return total


def refused(match, **kwargs):
    return Refusal(
        by="argument",
        outputs=np.zeros((2, 3)),
        targets=np.array([0, 1]),
        kwargs=kwargs,
        match=match,
    )


CASES = [
    Case(
        function="ldam_loss",
        inputs=cosines,
        kwargs={"class_counts": COUNTS},
        last=("outputs",),
        oracles=(torch_shifted,),
    ),
    Case(
        function="ldam_loss",
        inputs=classes,
        kwargs={"class_counts": COUNTS, "max_margin": 0.0, "scale": 1.0},
        last=("outputs",),
        oracles=(torch_shifted,),
    ),
    Case(
        function="ldam_loss",
        inputs=pixels,
        kwargs={"class_counts": [3, 50, 700], "max_margin": 2.0, "scale": 0.5},
        last=("outputs",),
        oracles=(torch_shifted,),
        extremes=tuple(
            Extreme(
                outputs=outputs,
                targets=[2, 1, 0, 0],
                kwargs={
                    "class_counts": (5000, 20, 1),
                    "max_margin": max_margin,
                    "scale": scale,
                },
                formula=formula((5000, 20, 1), max_margin, scale),
            )
            for outputs, max_margin, scale in (
                ([[1e4, 0, -1e4], [-1e4, 1e4, 0], [1e4, 0, 0], [20, 0, -20]], 0.5, 1.0),
                # thirty times 2000 is what float16 can hold
                ([[1e3, 0, -1e3], [-1e3, 1e3, 0], [1e3, 0, 0], [1, 0, -1]], 0.5, 30.0),
                ([[1, 0.5, -1], [-1, 1, 1], [1, -1, 0.5], [0, 0, 0]], 1.0, 30.0),
            )
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((2, 3)),
                targets=np.zeros(3, int),
                match=r"(targets|y_true) must have the shape.*\(3,\)",
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
            refused("class_counts must hold 3 values > 0.*", class_counts=np.ones(2)),
            refused("class_counts must hold 3 values > 0.*0.0", class_counts=[5, 0, 3]),
            refused("max_margin must be >= 0.*-0.5", max_margin=-0.5),
            refused("scale must be > 0.*0.0", scale=0.0),
            refused("scale must be > 0.*nan", scale=float("nan")),
        ),
    ),
]
