"""Cases of losses/dice."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def pixels(rng):
    return rng.normal(0, 2, (3, 4, 3, 5)), rng.integers(0, 4, (3, 3, 5))


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


def masks(rng):
    return rng.normal(0, 2, (4, 5, 6)), rng.integers(0, 2, (4, 5, 6))


def empty_mask(rng):
    targets = rng.integers(0, 2, (3, 8))
    targets[1] = 0
    return rng.normal(0, 2, (3, 8)), targets


def monai_dice(outputs, targets, *, smooth=1.0):
    import torch
    from monai.losses import DiceLoss

    loss = DiceLoss(
        softmax=True,
        to_onehot_y=True,
        smooth_nr=smooth,
        smooth_dr=smooth,
        reduction="none",
    )
    values = loss(torch.tensor(outputs), torch.tensor(targets)[:, None])
    return values.flatten(1).mean(dim=1)


def optax_dice(outputs, targets, *, smooth=1.0):
    import optax

    one_hot = np.eye(outputs.shape[1])[targets]
    # there both sums are halved before the smoothing is added
    return optax.losses.dice_loss(
        np.moveaxis(outputs, 1, -1), one_hot, smooth=smooth / 2
    )


def monai_binary(outputs, targets, *, smooth=1.0):
    import torch
    from monai.losses import DiceLoss

    loss = DiceLoss(sigmoid=True, smooth_nr=smooth, smooth_dr=smooth, reduction="none")
    values = loss(torch.tensor(outputs)[:, None], torch.tensor(targets)[:, None])
    return values.flatten()


def keras_binary(outputs, targets, *, smooth):
    import keras

    assert smooth == 0, "Keras adds 1e-7 to the denominator and nothing else"
    p = 1 / (1 + np.exp(-outputs))
    return keras.losses.dice(targets.astype(float), p, axis=(1, 2))


def sklearn_f1(outputs, targets, *, smooth):
    """Take saturated scores: hard predictions, for which Dice is F1."""
    from sklearn.metrics import f1_score

    assert smooth == 0, "F1 is not smoothed"
    found = outputs > 0
    return [1 - f1_score(y, p) for y, p in zip(targets, found, strict=True)]


def saturated(rng):
    outputs, targets = empty_mask(rng)
    targets[1, 3] = 1
    return 60.0 * np.sign(outputs), targets


def dice(p, y, smooth):
    overlap = mpmath.fsum(a for a, b in zip(p, y, strict=True) if b)
    return 1 - (2 * overlap + smooth) / (mpmath.fsum(p) + int(np.sum(y)) + smooth)


def softmax_formula(smooth):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for z, y in zip(logits, targets, strict=True):
            powers = np.vectorize(mpmath.exp, otypes=[object])(z)
            p = powers / powers.sum(axis=0)
            terms = [dice(p[c], y == c, smooth) for c in range(len(p))]
            loss += mpmath.fsum(terms) / len(terms)
        return loss

    return total


def sigmoid_formula(smooth):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for z, y in zip(logits, targets, strict=True):
            loss += dice([1 / (1 + mpmath.exp(-x)) for x in z], y == 1, smooth)
        return loss

    return total


# right, wrong, half right and right but for one class
CLASS_SCORES = [
    [[1e4, -1e4, 0], [-1e4, 1e4, 0], [0, 0, 1e4]],
    [[1e4, -1e4, 0], [-1e4, 1e4, 0], [0, 0, 1e4]],
    [[20, -20, 0.5], [-17, 17, 0], [0, 0, 0.25]],
]
CLASSES = [[0, 1, 2], [1, 2, 0], [0, 1, 1]]
SCORES = [
    [1e4, -1e4, 1e4, -1e4],
    [1e4, -1e4, 1e4, -1e4],
    [-1e4, -1e4, -1e4, -1e4],
    [17.0, -17.0, 1.0, 0.0],
]
MASKS = [[1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0], [1, 0, 1, 1]]

CASES = [
    Case(
        function="dice_loss",
        inputs=pixels,
        last=("outputs",),
        oracles=(monai_dice, optax_dice),
        extremes=(
            Extreme(
                outputs=CLASS_SCORES, targets=CLASSES, formula=softmax_formula(1.0)
            ),
            Extreme(
                outputs=CLASS_SCORES[:2],
                targets=CLASSES[:2],
                kwargs={"smooth": 0.0},
                formula=softmax_formula(0),
            ),
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
                kwargs={"smooth": -1.0},
                match="smooth.*-1.0",
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
        function="dice_loss",
        inputs=absent_class,
        kwargs={"smooth": 0.5},
        last=("outputs",),
        oracles=(monai_dice, optax_dice),
    ),
    Case(
        function="dice_loss",
        inputs=absent_class,
        kwargs={"smooth": 0.0, "absent": "skip"},
        last=("outputs",),
    ),
    Case(
        function="dice_loss",
        inputs=ignored,
        kwargs={"absent": "skip", "ignore_index": 255},
        last=("outputs",),
    ),
    Case(
        function="dice_loss",
        inputs=ignored,
        kwargs={"ignore_index": 255},
        last=("outputs",),
    ),
    Case(
        function="binary_dice_loss",
        inputs=masks,
        kwargs={"smooth": 0.0},
        oracles=(monai_binary, keras_binary),
    ),
    Case(
        function="binary_dice_loss",
        inputs=saturated,
        kwargs={"smooth": 0.0},
        smooth=False,
        oracles=(sklearn_f1,),
    ),
    Case(
        function="binary_dice_loss",
        inputs=empty_mask,
        oracles=(monai_binary,),
        extremes=(
            Extreme(outputs=SCORES, targets=MASKS, formula=sigmoid_formula(1.0)),
            # all right: what is left is what rounding would take away
            Extreme(
                outputs=[[9, -9, 8, -8]],
                targets=[[1, 0, 1, 0]],
                formula=sigmoid_formula(1.0),
            ),
            Extreme(
                outputs=SCORES[:2],
                targets=MASKS[:2],
                kwargs={"smooth": 0.0},
                formula=sigmoid_formula(0),
            ),
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((2, 3)),
                targets=np.zeros((2, 1), int),
                match=r"(targets|y_true) must have the shape.*\(2, 1\)",
            ),
            Refusal(
                by="shape",
                outputs=np.zeros(3),
                targets=np.zeros(3, int),
                match=r"(targets|y_true) must have the shape.*\(3,\)",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros((1, 2)),
                targets=np.array([[0, 1]]),
                kwargs={"smooth": float("nan")},
                match="smooth.*nan",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((2, 2)),
                targets=np.array([[0, 1], [1, 2]]),
                match="targets must be 0 or 1.*2",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((2, 2)),
                targets=np.array([[0.0, 1.0], [1.0, 0.5]]),
                match="targets must be 0 or 1.*0.5",
            ),
        ),
    ),
]
