"""Cases of losses/circle."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def batch(rng):
    # label 3 stands alone
    return rng.normal(0, 1, (9, 4)), np.array([0, 1, 1, 0, 2, 2, 3, 1, 0])


def keras_circle(embeddings, labels, *, margin=0.25, scale=256.0):
    import keras

    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    return keras.losses.circle(labels, unit, gamma=scale, margin=margin)


def cosine(a, b):
    dot = mpmath.fsum(x * y for x, y in zip(a, b, strict=True))
    lengths = [mpmath.sqrt(mpmath.fsum(x * x for x in v)) for v in (a, b)]
    return dot / (lengths[0] * lengths[1])


def formula(start, margin, scale):
    """Loss whose weights stay those at `start`, because no gradient flows in them."""
    still = [[mpmath.mpf(x) for x in row] for row in start]

    def total(embeddings, labels):
        loss = mpmath.mpf(0)
        rows = range(len(labels))
        for a in rows:
            total = mpmath.mpf(0)
            for p in (i for i in rows if labels[i] == labels[a] and i != a):
                for n in (i for i in rows if labels[i] != labels[a]):
                    pull = max(1 + margin - cosine(still[a], still[p]), 0)
                    push = max(cosine(still[a], still[n]) + margin, 0)
                    pull *= cosine(embeddings[a], embeddings[p]) - (1 - margin)
                    push *= cosine(embeddings[a], embeddings[n]) - margin
                    total += mpmath.exp(scale * (push - pull))
            loss += mpmath.log1p(total)
        return loss

    return total


# exact in every dtype, so that the weights are too
HARD = [[1.0, 0.0, 0.0], [-2.0, 1.0, 0.0], [3.0, 0.0, 4.0], [3.0, 0.5, 4.0]]
LARGE = [[8192.0, 0.0], [8192.0, 1.0], [-4096.0, -4096.0], [0.0, 8192.0]]


def extreme(outputs, targets, margin, scale):
    return Extreme(
        outputs=outputs,
        targets=targets,
        kwargs={"margin": margin, "scale": scale},
        formula=formula(outputs, margin, scale),
    )


CASES = [
    Case(
        function="circle_loss",
        inputs=batch,
        kwargs={"margin": 0.4, "scale": 8.0},
        per_example=False,
        # the slope of the value is not the gradient: see `formula`
        smooth=False,
        oracles=(keras_circle,),
        extremes=(
            extreme(HARD, [0, 0, 1, 1], 0.25, 256.0),
            extreme(HARD, [0, 1, 0, 1], 0.25, 256.0),
            extreme(HARD, [0, 1, 0, 1], 0.5, 4.0),
            extreme(LARGE, [0, 0, 1, 1], 0.25, 256.0),
            # a pair and an anchor on its own, no positives, no negatives, one row
            extreme(HARD[1:], [1, 0, 0], 0.25, 16.0),
            extreme(HARD, [0, 1, 2, 3], 0.25, 256.0),
            extreme(HARD, [5, 5, 5, 5], 0.25, 256.0),
            extreme(HARD[:1], [0], 0.25, 256.0),
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.ones((3, 2)),
                targets=np.zeros(2, int),
                match=r"(labels|y_true) must hold one label.*\(2,\).*\(3, 2\)",
            ),
            Refusal(
                by="shape",
                outputs=np.ones(3),
                targets=np.zeros(3, int),
                match=r"(embeddings|y_pred) \(3,\)",
            ),
            Refusal(
                by="value",
                outputs=np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]),
                targets=np.array([0, 0, 1]),
                match=r"embeddings must not be zero vectors.*\[1\]",
            ),
            Refusal(
                by="argument",
                outputs=np.ones((3, 2)),
                targets=np.zeros(3, int),
                kwargs={"margin": 1.0},
                match=r"margin must be in \[0, 1\).*1.0",
            ),
            Refusal(
                by="argument",
                outputs=np.ones((3, 2)),
                targets=np.zeros(3, int),
                kwargs={"scale": 0.0},
                match="scale must be > 0.*0",
            ),
            Refusal(
                by="argument",
                outputs=np.ones((3, 2)),
                targets=np.zeros(3, int),
                kwargs={"scale": float("nan")},
                match="scale must be > 0.*nan",
            ),
        ),
    ),
    Case(
        function="circle_loss",
        inputs=batch,
        per_example=False,
        smooth=False,
        oracles=(keras_circle,),
    ),
]
