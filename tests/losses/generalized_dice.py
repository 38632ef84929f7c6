"""Cases of losses/generalized_dice."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def pixels(rng):
    """Draw classes of very different sizes, all of them in every image."""
    targets = rng.choice(4, (3, 4, 5), p=[0.6, 0.3, 0.05, 0.05])
    targets[:, 0, :4] = range(4)
    return rng.normal(0, 2, (3, 4, 4, 5)), targets


def absent_class(rng):
    """Put class 1 into the first image alone and class 2 nowhere."""
    targets = np.zeros((2, 7), int)
    targets[0, :3] = 1
    return rng.normal(0, 2, (2, 3, 7)), targets


def ignored(rng):
    """Leave the last image nothing but ignored pixels."""
    targets = rng.choice([0, 1, 2, 255], (3, 2, 6))
    targets[2] = 255
    return rng.normal(0, 2, (3, 3, 2, 6)), targets


def monai_generalized(outputs, targets, *, absent="count"):
    import torch
    from monai.losses import GeneralizedDiceLoss

    assert absent == "count", "MONAI gives absent classes the largest finite weight"
    loss = GeneralizedDiceLoss(
        softmax=True, to_onehot_y=True, smooth_nr=0, smooth_dr=0, reduction="none"
    )
    return loss(torch.tensor(outputs), torch.tensor(targets)[:, None]).flatten()


def formula(absent):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for z, y in zip(logits, targets, strict=True):
            powers = np.vectorize(mpmath.exp, otypes=[object])(z)
            p = powers / powers.sum(axis=0)
            sizes = [int((y == c).sum()) for c in range(len(p))]
            weights = [mpmath.mpf(1) / n**2 if n else mpmath.mpf(0) for n in sizes]
            weights = [w or absent * max(weights) for w in weights]
            overlap = sum(w * p[c][y == c].sum() for c, w in enumerate(weights))
            whole = sum(
                w * (p[c].sum() + n)
                for c, (w, n) in enumerate(zip(weights, sizes, strict=True))
            )
            loss += 1 - 2 * overlap / whole
        return loss

    return total


# right, wrong and undecided
SCORES = [
    [[1e4, 1e4, -1e4, 0], [-1e4, -1e4, 1e4, 0], [0, 0, 0, 1e4]],
    [[1e4, 1e4, -1e4, 0], [-1e4, -1e4, 1e4, 0], [0, 0, 0, 1e4]],
    [[20, 17, -20, 0.5], [-17, 0, 17, 0], [0, 0, 0, 0.25]],
]
CLASSES = [[0, 0, 1, 2], [1, 1, 1, 2], [0, 0, 1, 0]]

CASES = [
    Case(
        function="generalized_dice_loss",
        inputs=pixels,
        last=("outputs",),
        oracles=(monai_generalized,),
        extremes=tuple(
            Extreme(
                outputs=SCORES,
                targets=CLASSES,
                kwargs={"absent": absent},
                formula=formula(absent == "count"),
            )
            for absent in ("count", "skip")
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((2, 3, 4)),
                targets=np.zeros((2, 1, 4), int),
                match=r"(targets|y_true) must have the shape.*\(2, 1, 4\)",
            ),
            Refusal(
                by="shape",
                outputs=np.zeros((2, 3)),
                targets=np.zeros(2, int),
                match=r"(targets|y_true) must have the shape.*\(2, 3\)",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros((1, 2, 3)),
                targets=np.array([[0, 1, 1]]),
                kwargs={"absent": "zero"},
                match="absent.*'zero'",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((1, 2, 3)),
                targets=np.array([[0, 1, 2]]),
                match=r"targets must be in \[0, 2\).*2",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((1, 2, 3)),
                targets=np.array([[0, -1, 9]]),
                kwargs={"ignore_index": 9},
                match=r"targets must be in \[0, 2\).*-1",
            ),
        ),
    ),
    Case(
        function="generalized_dice_loss",
        inputs=absent_class,
        last=("outputs",),
        oracles=(monai_generalized,),
    ),
    Case(
        function="generalized_dice_loss",
        inputs=absent_class,
        kwargs={"absent": "skip"},
        last=("outputs",),
    ),
    Case(
        function="generalized_dice_loss",
        inputs=ignored,
        kwargs={"ignore_index": 255},
        last=("outputs",),
    ),
]
