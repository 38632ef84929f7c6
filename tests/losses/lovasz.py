"""Cases of losses/lovasz."""

import itertools

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def masks(rng):
    return rng.normal(0, 2, (4, 3, 5)), rng.integers(0, 2, (4, 3, 5))


def empty_mask(rng):
    targets = rng.integers(0, 2, (3, 8))
    targets[1] = 0
    return rng.normal(0, 2, (3, 8)), targets


def one_apart(rng):
    """Scores of 1 and -1: a right pixel has the error 0, a wrong one 2."""
    targets = rng.integers(0, 2, (4, 12))
    return rng.choice([-1.0, 1.0], (4, 12)), targets


def pixels(rng):
    return rng.normal(0, 2, (3, 4, 3, 5)), rng.integers(0, 4, (3, 3, 5))


def few_pixels(rng):
    return rng.normal(0, 2, (3, 2, 6)), rng.integers(0, 2, (3, 6))


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


def saturated(rng):
    """Scores so far apart that the prediction is hard."""
    outputs, targets = pixels(rng)
    return 1e4 * (outputs == outputs.max(axis=1, keepdims=True)), targets


def sklearn_of_wrong_pixels(outputs, targets):
    from sklearn.metrics import jaccard_score

    assert np.unique(np.abs(outputs)).tolist() == [1.0], "errors are 0 or 2"
    return [
        2 - 2 * jaccard_score(y, z > 0) for y, z in zip(targets, outputs, strict=True)
    ]


def sklearn_of_hard_predictions(outputs, targets, *, absent="skip"):
    from sklearn.metrics import jaccard_score

    found = outputs.argmax(axis=1)
    return [
        1 - jaccard_score(y.ravel(), p.ravel(), labels=np.unique(y), average="macro")
        for y, p in zip(targets, found, strict=True)
    ]


def enumeration(errors, mask):
    """Maximise over all orders: what the extension of a submodular function is."""

    def cost(wrong):
        return len(wrong) / len(wrong | {i for i, y in enumerate(mask) if y})

    best = 0.0
    for order in itertools.permutations(range(len(mask))):
        total, wrong, before = 0.0, frozenset(), 0.0
        for i in order:
            wrong = wrong | {i}
            total += errors[i] * (cost(wrong) - before)
            before = cost(wrong)
        best = max(best, total)
    return best


def all_orders(outputs, targets, *, absent="skip"):
    p = 1 / (1 + np.exp(outputs[:, ::-1] - outputs))
    return [
        np.mean([enumeration(abs((y == c) - q[c]), y == c) for c in {*y.tolist()}])
        for q, y in zip(p, targets, strict=True)
    ]


def extension(errors, mask):
    order = sorted(range(len(mask)), key=lambda i: errors[i], reverse=True)
    found = sum(bool(y) for y in mask)
    total, before, right, alarms = mpmath.mpf(0), mpmath.mpf(0), found, 0
    for i in order:
        right, alarms = right - bool(mask[i]), alarms + (not mask[i])
        now = 1 - mpmath.mpf(right) / (found + alarms)
        total += errors[i] * (now - before)
        before = now
    return total


def hinge_formula(logits, targets):
    loss = mpmath.mpf(0)
    for z, y in zip(logits, targets, strict=True):
        errors = [max(0, 1 - (a if b else -a)) for a, b in zip(z, y, strict=True)]
        loss += extension(errors, y)
    return loss


def softmax_formula(logits, targets):
    loss = mpmath.mpf(0)
    for z, y in zip(logits, targets, strict=True):
        powers = np.vectorize(mpmath.exp, otypes=[object])(z)
        p = powers / powers.sum(axis=0)
        terms = [
            extension([abs(b - a) for a, b in zip(p[c], y == c, strict=True)], y == c)
            for c in sorted(set(y.tolist()))
        ]
        loss += mpmath.fsum(terms) / len(terms)
    return loss


def refuse(by, match, outputs, targets, **options):
    return Refusal(
        by=by,
        outputs=np.asarray(outputs, float),
        targets=np.asarray(targets),
        kwargs=options,
        match=match,
    )


CASES = [
    Case(
        function="lovasz_hinge_loss",
        inputs=masks,
        extremes=(
            Extreme(
                outputs=[
                    [1e4, -9e3, 8e3, -7e3],
                    [1e4, -9e3, 8e3, -7e3],
                    [17.0, -15.0, 0.5, 0.25],
                ],
                targets=[[1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0]],
                formula=hinge_formula,
            ),
        ),
        refusals=(
            refuse(
                "shape",
                r"(targets|y_true) must have the shape.*\(2, 1\)",
                np.zeros((2, 3)),
                np.zeros((2, 1), int),
            ),
            refuse(
                "shape",
                r"(targets|y_true) must have the shape.*\(3,\)",
                np.zeros(3),
                np.zeros(3, int),
            ),
            refuse("value", "targets must be 0 or 1.*2", np.zeros((1, 2)), [[0, 2]]),
        ),
    ),
    Case(function="lovasz_hinge_loss", inputs=empty_mask),
    Case(
        function="lovasz_hinge_loss",
        inputs=one_apart,
        smooth=False,
        oracles=(sklearn_of_wrong_pixels,),
    ),
    Case(
        function="lovasz_softmax_loss",
        inputs=pixels,
        last=("outputs",),
        extremes=(
            Extreme(
                outputs=[
                    [[1e4, -1e4, 0], [-1e4, 1e4, 0], [0, 0, 1e4]],
                    [[20, -20, 0.5], [-17, 17, 0], [0, 0, 0.25]],
                ],
                targets=[[0, 1, 2], [0, 1, 1]],
                formula=softmax_formula,
            ),
        ),
        refusals=(
            refuse(
                "shape",
                r"(targets|y_true) must have the shape.*\(2, 1, 4\)",
                np.zeros((2, 3, 4)),
                np.zeros((2, 1, 4), int),
            ),
            refuse(
                "argument",
                "absent.*'present'",
                np.zeros((1, 2, 3)),
                [[0, 1, 1]],
                absent="present",
            ),
            refuse(
                "value",
                r"targets must be in \[0, 2\).*2",
                np.zeros((1, 2, 3)),
                [[0, 1, 2]],
            ),
            refuse(
                "value",
                r"targets must be in \[0, 2\).*-1",
                np.zeros((1, 2, 3)),
                [[0, -1, 9]],
                ignore_index=9,
            ),
        ),
    ),
    Case(
        function="lovasz_softmax_loss",
        inputs=few_pixels,
        last=("outputs",),
        oracles=(all_orders,),
    ),
    Case(
        function="lovasz_softmax_loss",
        inputs=saturated,
        last=("outputs",),
        smooth=False,
        oracles=(sklearn_of_hard_predictions,),
    ),
    Case(
        function="lovasz_softmax_loss",
        inputs=absent_class,
        kwargs={"absent": "count"},
        last=("outputs",),
    ),
    Case(
        function="lovasz_softmax_loss",
        inputs=ignored,
        kwargs={"ignore_index": 255},
        last=("outputs",),
    ),
]
