"""Cases of losses/arcface."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def cosines(rng):
    return rng.uniform(-0.95, 0.95, (12, 5)), rng.integers(0, 5, 12)


def torch_cross_entropy(outputs, targets, *, margin, scale):
    from torch import from_numpy
    from torch.nn.functional import cross_entropy

    assert margin == 0, "without a margin it is cross-entropy of scaled cosines"
    logits = from_numpy(scale * outputs)
    return cross_entropy(logits, from_numpy(targets), reduction="none")


def keras_on_lowered_logits(outputs, targets, *, margin=0.35, scale=64.0):
    import keras

    lowered = outputs - margin * np.eye(outputs.shape[1])[targets]
    return keras.losses.sparse_categorical_crossentropy(
        targets, scale * lowered, from_logits=True
    )


def formula(change, scale):
    def total(rows, targets):
        loss = mpmath.mpf(0)
        for row, y in zip(rows, targets, strict=True):
            true = change(row[y])
            loss += mpmath.log(
                1
                + mpmath.fsum(
                    mpmath.exp(scale * (c - true)) for j, c in enumerate(row) if j != y
                )
            )
        return loss

    return total


def turned(margin):
    def change(cosine):
        angle = mpmath.acos(cosine)
        if angle < mpmath.pi - margin:
            return mpmath.cos(angle + margin)
        return cosine - margin * mpmath.sin(margin)

    return change


def refuse(by, match, outputs, targets, **options):
    return Refusal(
        by=by,
        outputs=np.asarray(outputs, float),
        targets=np.asarray(targets),
        kwargs=options,
        match=match,
    )


def refusals(**bad_margin):
    rows = np.zeros((2, 3))
    return (
        refuse("shape", r"one class for each row.*\(3,\)", rows, [0, 1, 2]),
        refuse("value", r"targets must be in \[0, 3\).*3", rows, [0, 3]),
        refuse("value", r"cosines must be in.*2.0", rows + 2, [0, 1]),
        refuse("argument", "margin.*-0.1", rows, [0, 1], margin=-0.1),
        refuse("argument", "scale.*0", rows, [0, 1], scale=0.0),
        *(
            refuse("argument", "margin.*2.0", rows, [0, 1], **o)
            for o in [bad_margin]
            if o
        ),
    )


# the last true class lies beyond pi - margin
ROWS = [[0.75, -0.5, 0.25], [-0.75, 0.96875, 0.0], [0.5, 0.5, 0.5], [-0.9375, 0, 0.5]]
TRUE = [0, 0, 2, 0]

CASES = [
    Case(
        function="arcface_loss",
        inputs=cosines,
        tolerance=256.0,
        extremes=tuple(
            Extreme(
                outputs=ROWS,
                targets=TRUE,
                kwargs={"margin": margin, "scale": 64.0},
                formula=formula(turned(margin), 64),
            )
            for margin in (0.5, 0.0)
        ),
        refusals=refusals(margin=2.0),
    ),
    Case(
        function="arcface_loss",
        inputs=cosines,
        kwargs={"margin": 0.0, "scale": 10.0},
        tolerance=64.0,
        oracles=(torch_cross_entropy,),
    ),
    Case(
        function="cosface_loss",
        inputs=cosines,
        tolerance=256.0,
        oracles=(keras_on_lowered_logits,),
        extremes=(
            Extreme(
                outputs=ROWS,
                targets=TRUE,
                kwargs={"margin": 0.25, "scale": 64.0},
                formula=formula(lambda c: c - mpmath.mpf("0.25"), 64),
            ),
        ),
        refusals=refusals(),
    ),
]
