"""Cases of losses/class_balanced."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal

# whole numbers in every dtype
COUNTS = np.array([1000.0, 7.0, 64.0, 1.0])


def classes(rng):
    return rng.normal(0, 3, (6, 4)), rng.integers(0, 4, 6)


def pixels(rng):
    return rng.normal(0, 3, (2, 3, 4, 5)), rng.integers(0, 3, (2, 4, 5))


def torch_weighted(outputs, targets, *, class_counts, beta=0.9999):
    from torch import from_numpy, tensor
    from torch.nn.functional import cross_entropy

    weight = 1 / (1 - beta ** np.asarray(class_counts))
    weight = tensor(weight * len(weight) / weight.sum())
    return cross_entropy(
        from_numpy(outputs), from_numpy(targets), weight=weight, reduction="none"
    )


def torch_unweighted(outputs, targets, *, class_counts, beta):
    from torch import from_numpy
    from torch.nn.functional import cross_entropy

    assert beta == 0, "only then does every class weigh the same"
    return cross_entropy(from_numpy(outputs), from_numpy(targets), reduction="none")


def formula(counts, beta):
    def total(logits, targets):
        weights = [(1 - mpmath.mpf(beta)) / (1 - mpmath.mpf(beta) ** n) for n in counts]
        scale = len(counts) / mpmath.fsum(weights)
        loss = mpmath.mpf(0)
        for row, y in zip(logits, targets, strict=True):
            powers = [mpmath.exp(z) for z in row]
            loss -= weights[y] * scale * mpmath.log(powers[y] / mpmath.fsum(powers))
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
        function="class_balanced_loss",
        inputs=classes,
        kwargs={"class_counts": COUNTS},
        last=("outputs",),
        oracles=(torch_weighted,),
    ),
    Case(
        function="class_balanced_loss",
        inputs=classes,
        kwargs={"class_counts": COUNTS, "beta": 0.0},
        last=("outputs",),
        oracles=(torch_unweighted,),
    ),
    Case(
        function="class_balanced_loss",
        inputs=pixels,
        kwargs={"class_counts": [3, 50, 700], "beta": 0.9},
        last=("outputs",),
        oracles=(torch_weighted,),
        extremes=tuple(
            Extreme(
                outputs=[[1e4, 0, -1e4], [-1e4, 1e4, 0], [1e4, 0, 0], [20, 0, -20]],
                targets=[2, 1, 0, 0],
                kwargs={"class_counts": (5000, 20, 1), "beta": beta},
                formula=formula((5000, 20, 1), beta),
            )
            for beta in (0.0, 1e-12, 0.5, 0.9999, 1 - 1e-9, 1 - 1e-15)
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
            refused(r"class_counts must hold 3.*\(2,\)", class_counts=np.ones(2)),
            refused("class_counts must be > 0.*0", class_counts=[5, 0, 3]),
            refused("class_counts must be > 0.*nan", class_counts=[5, np.nan, 3]),
            refused(r"beta must be in \[0, 1\).*1.0", beta=1.0),
            refused(r"beta must be in \[0, 1\).*-0.5", beta=-0.5),
            refused(r"beta must be in \[0, 1\).*nan", beta=float("nan")),
        ),
    ),
]
