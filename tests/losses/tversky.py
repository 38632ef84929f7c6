"""Cases of losses/tversky."""

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
    targets = rng.choice([-100, 0, 1, 2], (3, 2, 6))
    targets[2] = -100
    return rng.normal(0, 2, (3, 3, 2, 6)), targets


def masks(rng):
    return rng.normal(0, 2, (4, 5, 6)), rng.integers(0, 2, (4, 5, 6))


def empty_mask(rng):
    targets = rng.integers(0, 2, (3, 8))
    targets[1] = 0
    return rng.normal(0, 2, (3, 8)), targets


def monai_softmax(outputs, targets, *, alpha=0.3, beta=0.7, smooth=1.0):
    import torch
    from monai.losses import TverskyLoss

    loss = TverskyLoss(
        softmax=True,
        to_onehot_y=True,
        alpha=alpha,
        beta=beta,
        smooth_nr=smooth,
        smooth_dr=smooth,
        reduction="none",
    )
    values = loss(torch.tensor(outputs), torch.tensor(targets)[:, None])
    return values.flatten(1).mean(dim=1)


def optax_softmax(outputs, targets, *, alpha=0.3, beta=0.7, smooth=1.0):
    import optax

    return optax.losses.dice_loss(
        np.moveaxis(outputs, 1, -1),
        np.eye(outputs.shape[1])[targets],
        alpha=alpha,
        beta=beta,
        smooth=smooth,
    )


def monai_sigmoid(outputs, targets, *, alpha=0.3, beta=0.7, smooth=1.0):
    import torch
    from monai.losses import TverskyLoss

    loss = TverskyLoss(
        sigmoid=True,
        alpha=alpha,
        beta=beta,
        smooth_nr=smooth,
        smooth_dr=smooth,
        reduction="none",
    )
    values = loss(torch.tensor(outputs)[:, None], torch.tensor(targets)[:, None])
    return values.flatten()


def keras_with_the_letters_swapped(outputs, targets, *, alpha=0.3, beta=0.7, smooth):
    import keras

    assert smooth == 0, "Keras adds 1e-7 to the denominator and nothing else"
    p = 1 / (1 + np.exp(-outputs))
    return keras.losses.tversky(
        targets.astype(float), p, alpha=beta, beta=alpha, axis=(1, 2)
    )


def sklearn_f2(outputs, targets, *, alpha, beta, smooth):
    """Take saturated scores: F-beta prices misses beta squared times false alarms."""
    from sklearn.metrics import fbeta_score

    assert (alpha, beta, smooth) == (0.2, 0.8, 0.0), "F2 has the prices 1 and 4"
    found = outputs > 0
    return [1 - fbeta_score(y, p, beta=2) for y, p in zip(targets, found, strict=True)]


def saturated(rng):
    outputs, targets = empty_mask(rng)
    targets[1, 3] = 1
    return 60.0 * np.sign(outputs), targets


def loss_of(p, q, y, alpha, beta, smooth):
    hits = mpmath.fsum(a for a, b in zip(p, y, strict=True) if b)
    alarms = mpmath.fsum(a for a, b in zip(p, y, strict=True) if not b)
    misses = mpmath.fsum(a for a, b in zip(q, y, strict=True) if b)
    return 1 - (hits + smooth) / (hits + alpha * alarms + beta * misses + smooth)


def softmax_formula(*prices):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for z, y in zip(logits, targets, strict=True):
            powers = np.vectorize(mpmath.exp, otypes=[object])(z)
            p = powers / powers.sum(axis=0)
            terms = [loss_of(p[c], 1 - p[c], y == c, *prices) for c in range(len(p))]
            loss += mpmath.fsum(terms) / len(terms)
        return loss

    return total


def sigmoid_formula(*prices):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for z, y in zip(logits, targets, strict=True):
            p = [1 / (1 + mpmath.exp(-x)) for x in z]
            q = [1 / (1 + mpmath.exp(x)) for x in z]
            loss += loss_of(p, q, y == 1, *prices)
        return loss

    return total


# right, wrong and undecided
CLASS_SCORES = [
    [[1e4, -1e4, 0], [-1e4, 1e4, 0], [0, 0, 1e4]],
    [[1e4, -1e4, 0], [-1e4, 1e4, 0], [0, 0, 1e4]],
    [[20, -20, 0.5], [-17, 17, 0], [0, 0, 0.25]],
]
CLASSES = [[0, 1, 2], [1, 2, 2], [0, 1, 1]]
SCORES = [
    [1e4, -1e4, 1e4, -1e4],
    [1e4, -1e4, 1e4, -1e4],
    [-1e4, -1e4, -1e4, -1e4],
    [17.0, -17.0, 1.0, 0.0],
]
MASKS = [[1, 0, 1, 0], [0, 1, 1, 1], [0, 0, 0, 0], [1, 0, 1, 1]]

CASES = [
    Case(
        function="tversky_loss",
        inputs=pixels,
        last=("outputs",),
        oracles=(monai_softmax, optax_softmax),
        extremes=(
            Extreme(
                outputs=CLASS_SCORES,
                targets=CLASSES,
                formula=softmax_formula(0.3, 0.7, 1.0),
            ),
            Extreme(
                outputs=CLASS_SCORES[:2],
                targets=CLASSES[:2],
                kwargs={"alpha": 1.0, "beta": 0.0, "smooth": 0.5},
                formula=softmax_formula(1.0, 0.0, 0.5),
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
                kwargs={"alpha": -0.5},
                match="alpha.*-0.5",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros((1, 2, 3)),
                targets=np.array([[0, 1, 1]]),
                kwargs={"beta": float("nan")},
                match="beta.*nan",
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
        function="tversky_loss",
        inputs=absent_class,
        kwargs={"alpha": 0.5, "beta": 2.0, "smooth": 0.5},
        last=("outputs",),
        oracles=(monai_softmax, optax_softmax),
    ),
    Case(
        function="tversky_loss",
        inputs=absent_class,
        kwargs={"smooth": 0.0, "absent": "skip"},
        last=("outputs",),
    ),
    Case(
        function="tversky_loss",
        inputs=ignored,
        kwargs={"absent": "skip", "ignore_index": -100},
        last=("outputs",),
    ),
    Case(
        function="tversky_loss",
        inputs=ignored,
        kwargs={"ignore_index": -100},
        last=("outputs",),
    ),
    Case(
        function="binary_tversky_loss",
        inputs=masks,
        kwargs={"smooth": 0.0},
        oracles=(monai_sigmoid, keras_with_the_letters_swapped),
    ),
    Case(
        function="binary_tversky_loss",
        inputs=saturated,
        kwargs={"alpha": 0.2, "beta": 0.8, "smooth": 0.0},
        smooth=False,
        oracles=(sklearn_f2,),
    ),
    Case(
        function="binary_tversky_loss",
        inputs=empty_mask,
        kwargs={"alpha": 0.75, "beta": 0.25},
        oracles=(monai_sigmoid,),
        extremes=(
            Extreme(
                outputs=SCORES, targets=MASKS, formula=sigmoid_formula(0.3, 0.7, 1.0)
            ),
            Extreme(
                outputs=SCORES[:2],
                targets=MASKS[:2],
                kwargs={"alpha": 0.75, "smooth": 0.0},
                formula=sigmoid_formula(0.75, 0.7, 0),
            ),
            # both masks are called empty with certainty: only beta = 0 weighs them
            Extreme(
                outputs=[[-20.0, -20.0, -20.0], [-30.0, -20.0, -25.0]],
                targets=[[1, 0, 0], [0, 1, 0]],
                kwargs={"alpha": 1.0, "beta": 0.0, "smooth": 0.0},
                formula=sigmoid_formula(1.0, 0.0, 0),
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
                by="argument",
                outputs=np.zeros((1, 2)),
                targets=np.array([[0, 1]]),
                kwargs={"beta": -1.0},
                match="beta.*-1",
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
        ),
    ),
]
