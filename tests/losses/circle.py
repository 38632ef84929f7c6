"""Cases of losses/circle."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def batch(rng):
    # label 3 stands alone
    return rng.normal(0, 1, (9, 4)), np.array([0, 1, 1, 0, 2, 2, 3, 1, 0])


def one_class(rng):
    """Leave every anchor of label 0 but one negative, which has no positive."""
    return rng.normal(0, 1, (5, 3)), np.array([0, 0, 0, 0, 1])


def keras_circle(embeddings, labels, *, margin=0.25, scale=256.0):
    import keras

    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return keras.losses.circle(labels, embeddings / lengths, gamma=scale, margin=margin)


def cosine(a, b):
    dot = mpmath.fsum(x * y for x, y in zip(a, b, strict=True))
    lengths = [mpmath.sqrt(mpmath.fsum(x * x for x in v)) for v in (a, b)]
    return dot / (lengths[0] * lengths[1])


def formula(margin, scale):
    def total(embeddings, labels):
        loss = mpmath.mpf(0)
        for a, anchor in enumerate(embeddings):
            pull = push = mpmath.mpf(0)
            for b, other in enumerate(embeddings):
                c = cosine(anchor, other)
                if labels[a] != labels[b]:
                    push += mpmath.exp(scale * max(0, c + margin) * (c - margin))
                elif a != b:
                    weight = max(0, 1 + margin - c)
                    pull += mpmath.exp(-scale * weight * (c - 1 + margin))
            loss += mpmath.log(1 + pull * push)
        return loss

    return total


def refuse(by, match, outputs, targets, **options):
    return Refusal(
        by=by,
        outputs=np.asarray(outputs, float),
        targets=np.asarray(targets),
        kwargs=options,
        match=match,
    )


VECTORS = [[1.0, 0.0], [3.0, 1.0], [0.0, 2.0], [-1.0, 0.5], [1.0, -4.0]]

CASES = [
    Case(
        function="circle_loss",
        inputs=batch,
        per_example=False,
        tolerance=256.0,
        oracles=(keras_circle,),
        extremes=tuple(
            Extreme(
                outputs=VECTORS,
                targets=[0, 0, 1, 1, 0],
                kwargs={"margin": 0.25, "scale": scale},
                formula=formula(0.25, scale),
            )
            for scale in (256.0, 8.0)
        ),
        refusals=(
            refuse(
                "shape", r"one label for each row.*\(3,\)", np.ones((2, 2)), [0] * 3
            ),
            refuse("value", r"zero rows \[1\]", [[1, 0], [0, 0], [0, 1]], [0, 0, 1]),
            refuse("argument", "margin.*1.5", np.ones((2, 2)), [0, 0], margin=1.5),
            refuse("argument", "scale.*0.0", np.ones((2, 2)), [0, 0], scale=0.0),
        ),
    ),
    Case(
        function="circle_loss",
        inputs=one_class,
        kwargs={"margin": 0.4, "scale": 16.0},
        per_example=False,
        tolerance=256.0,
        oracles=(keras_circle,),
    ),
]
