"""Cases of losses/lovasz.

1 - IoU is submodular, so its Lovász extension is the largest of the values that the
orders of the pixels give. The oracle tries them all: it knows of no sorting.
"""

import itertools

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def pixels(rng):
    return rng.normal(0, 2, (3, 4, 3, 5)), rng.integers(0, 4, (3, 3, 5))


def few_pixels(rng):
    """Put class 2 into no image, and class 1 not into the last."""
    targets = np.array([[0, 1, 1, 0, 1, 0], [1, 1, 1, 1, 0, 1], [0, 0, 0, 0, 0, 0]])
    return rng.normal(0, 2, (3, 3, 6)), targets


def ignored(rng):
    """Leave the last image nothing but ignored pixels."""
    targets = rng.choice([0, 1, 2, 255], (3, 2, 6))
    targets[2] = 255
    return rng.normal(0, 2, (3, 3, 2, 6)), targets


def masks(rng):
    return rng.normal(0, 2, (4, 5, 6)), rng.integers(0, 2, (4, 5, 6))


def small_masks(rng):
    targets = rng.integers(0, 2, (4, 6))
    targets[1] = 0
    return rng.normal(0, 2, (4, 6)), targets


def saturated(rng):
    """Draw scores of 1 and -1: errors are 0 or 2, twice the mistakes."""
    outputs, targets = masks(rng)
    return np.sign(outputs), targets


def saturated_classes(rng):
    outputs, targets = pixels(rng)
    return 60 * np.eye(4)[outputs.argmax(axis=1)].transpose(0, 3, 1, 2), targets


def distance(wrong, mask):
    """Return 1 - IoU of a set of true pixels and it with some pixels turned around."""
    predicted = mask ^ wrong
    union = mask | predicted
    return 1 - len(mask & predicted) / len(union) if union else 0.0


def best_order(errors, mask):
    values = []
    for order in itertools.permutations(range(len(errors))):
        steps = [distance(set(order[:k]), mask) for k in range(len(order) + 1)]
        values.append(
            sum(errors[i] * (steps[k + 1] - steps[k]) for k, i in enumerate(order))
        )
    return max(values)


def every_order(outputs, targets, *, classes="present"):
    powers = np.exp(outputs)
    p = powers / powers.sum(axis=1, keepdims=True)
    losses = []
    for q, y in zip(p, targets, strict=True):
        numbers = sorted(set(y)) if classes == "present" else range(len(q))
        terms = [
            best_order(np.abs((y == c) - q[c]), set(np.flatnonzero(y == c)))
            for c in numbers
        ]
        losses.append(np.mean(terms))
    return losses


def every_order_of_hinges(outputs, targets):
    errors = np.maximum(0, 1 - (2 * targets - 1) * outputs)
    return [
        best_order(m, set(np.flatnonzero(y)))
        for m, y in zip(errors, targets, strict=True)
    ]


def sklearn_classes(outputs, targets):
    """Take saturated scores: hard predictions, for which the loss is 1 - mean IoU."""
    from sklearn.metrics import jaccard_score

    found = outputs.argmax(axis=1)
    return [
        1 - jaccard_score(y.ravel(), p.ravel(), labels=np.unique(y), average="macro")
        for y, p in zip(targets, found, strict=True)
    ]


def sklearn_masks(outputs, targets):
    from sklearn.metrics import jaccard_score

    pairs = zip(targets, outputs > 0, strict=True)
    return [2 * (1 - jaccard_score(y.ravel(), p.ravel())) for y, p in pairs]


def extension(errors, mask):
    """Sort, and add up what each pixel makes 1 - IoU grow by."""
    order = sorted(range(len(errors)), key=lambda i: -errors[i])
    total, before = mpmath.mpf(0), mpmath.mpf(0)
    for k in range(len(order)):
        predicted = mask ^ set(order[: k + 1])
        union = len(mask | predicted)
        now = 1 - mpmath.mpf(len(mask & predicted)) / union
        total += errors[order[k]] * (now - before)
        before = now
    return total


def softmax_formula(classes):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for z, y in zip(logits, targets, strict=True):
            powers = np.vectorize(mpmath.exp, otypes=[object])(z)
            p = powers / powers.sum(axis=0)
            numbers = sorted(set(y)) if classes == "present" else range(len(p))
            terms = []
            for c in numbers:
                q = np.delete(p, c, axis=0).sum(axis=0)
                errors = [
                    b if n == c else a for n, a, b in zip(y, p[c], q, strict=True)
                ]
                terms.append(extension(errors, set(np.flatnonzero(y == c))))
            loss += mpmath.fsum(terms) / len(terms)
        return loss

    return total


def hinge_formula(logits, targets):
    loss = mpmath.mpf(0)
    for z, y in zip(logits, targets, strict=True):
        errors = [max(0, 1 - x if t else 1 + x) for x, t in zip(z, y, strict=True)]
        loss += extension(errors, set(np.flatnonzero(y)))
    return loss


# right, wrong and undecided; no two errors of a class are equal where it matters
CLASS_SCORES = [
    [[1e4, -1e4, 0], [-1e4, 9e3, 0], [0, 0, 8e3]],
    [[1e4, -1e4, 0], [-1e4, 9e3, 0], [0, 0, 8e3]],
    [[20, -20, 0.5], [-17, 17, 0], [0, 0, 0.25]],
]
CLASSES = [[0, 1, 2], [1, 2, 0], [0, 1, 1]]
SCORES = [
    [1e4, -1e4, 8e3, -8e3],
    [1e4, -8e3, 6e3, -4e3],
    [-1e4, -8e3, -6e3, -4e3],
    [17.0, -17.0, 0.5, 0.25],
]
MASKS = [[1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0], [1, 0, 1, 1]]

CASES = [
    Case(
        function="lovasz_softmax_loss",
        inputs=pixels,
        last=("outputs",),
        extremes=tuple(
            Extreme(
                outputs=CLASS_SCORES,
                targets=CLASSES,
                kwargs={"classes": classes},
                formula=softmax_formula(classes),
            )
            for classes in ("present", "all")
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
                kwargs={"classes": "some"},
                match="classes.*'some'",
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
        function="lovasz_softmax_loss",
        inputs=few_pixels,
        last=("outputs",),
        oracles=(every_order,),
    ),
    Case(
        function="lovasz_softmax_loss",
        inputs=few_pixels,
        kwargs={"classes": "all"},
        last=("outputs",),
        oracles=(every_order,),
    ),
    Case(
        function="lovasz_softmax_loss",
        inputs=saturated_classes,
        smooth=False,
        last=("outputs",),
        oracles=(sklearn_classes,),
    ),
    Case(
        function="lovasz_softmax_loss",
        inputs=ignored,
        kwargs={"ignore_index": 255},
        last=("outputs",),
    ),
    Case(
        function="lovasz_softmax_loss",
        inputs=ignored,
        kwargs={"classes": "all", "ignore_index": 255},
        last=("outputs",),
    ),
    Case(
        function="lovasz_hinge_loss",
        inputs=masks,
        extremes=(Extreme(outputs=SCORES, targets=MASKS, formula=hinge_formula),),
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
                by="value",
                outputs=np.zeros((2, 2)),
                targets=np.array([[0, 1], [1, 2]]),
                match="targets must be 0 or 1.*2",
            ),
        ),
    ),
    Case(
        function="lovasz_hinge_loss",
        inputs=small_masks,
        oracles=(every_order_of_hinges,),
    ),
    Case(
        function="lovasz_hinge_loss",
        inputs=saturated,
        smooth=False,
        oracles=(sklearn_masks,),
    ),
]
