"""Cases of losses/supervised_contrastive."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def batch(rng):
    # label 3 stands alone
    return rng.normal(0, 1, (9, 4)), np.array([0, 1, 1, 0, 2, 2, 3, 1, 0])


def pairs(rng):
    return rng.normal(0, 1, (8, 4)), np.array([3, 1, 0, 2, 0, 1, 2, 3])


def torch_cross_entropy(embeddings, labels, *, temperature):
    from torch import from_numpy
    from torch.nn.functional import cosine_similarity, cross_entropy

    losses = []
    for a, anchor in enumerate(from_numpy(embeddings)):
        others = np.delete(np.arange(len(labels)), a)
        candidates = from_numpy(embeddings[others])
        logits = cosine_similarity(anchor[None], candidates) / temperature
        positive = from_numpy(labels[others] == labels[a]).double()
        # a soft target, even over the positives
        target = positive / positive.sum().clamp(min=1)
        losses.append(cross_entropy(logits, target))
    return np.array(losses)


def optax_ntxent(embeddings, labels, *, temperature=0.1):
    import optax

    loss = torch_cross_entropy(embeddings, labels, temperature=temperature)
    # with pairs it is NT-Xent, of which optax has the mean
    mean = optax.losses.ntxent(embeddings, labels, temperature)
    np.testing.assert_allclose(loss.mean(), mean, rtol=2e-6)
    return loss


def cosine(a, b):
    dot = mpmath.fsum(x * y for x, y in zip(a, b, strict=True))
    lengths = [mpmath.sqrt(mpmath.fsum(x * x for x in v)) for v in (a, b)]
    return dot / (lengths[0] * lengths[1])


def formula(temperature):
    def total(embeddings, labels):
        loss = mpmath.mpf(0)
        for a, anchor in enumerate(embeddings):
            powers = [mpmath.exp(cosine(anchor, z) / temperature) for z in embeddings]
            rest = mpmath.fsum(powers[:a] + powers[a + 1 :])
            positives = [
                p for p in range(len(labels)) if p != a and labels[p] == labels[a]
            ]
            for p in positives:
                loss += mpmath.log(rest / powers[p]) / len(positives)
        return loss

    return total


HOSTILE = [[1e4, 0.0, 1.0], [-1e4, 1e4, 0.0], [3.0, 4.0, 0.0], [-30.0, -40.0, 1.0]]

CASES = [
    Case(
        function="supervised_contrastive_loss",
        inputs=batch,
        kwargs={"temperature": 0.5},
        per_example=False,
        oracles=(torch_cross_entropy,),
        extremes=tuple(
            Extreme(
                outputs=HOSTILE,
                targets=[2, 7, 2, 2],
                kwargs={"temperature": temperature},
                formula=formula(temperature),
            )
            for temperature in (1e-4, 0.1, 100.0)
        )
        # alone in the batch, then alone with its label
        + tuple(
            Extreme(
                outputs=HOSTILE[:size],
                targets=list(range(size)),
                formula=formula(0.1),
            )
            for size in (1, 3)
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
                outputs=np.array([[1.0, 0.0], [0.0, 0.0]]),
                targets=np.zeros(2, int),
                match=r"embeddings must not be zero vectors.*\[1\]",
            ),
            Refusal(
                by="argument",
                outputs=np.ones((3, 2)),
                targets=np.zeros(3, int),
                kwargs={"temperature": 0.0},
                match="temperature must be > 0.*0",
            ),
            Refusal(
                by="argument",
                outputs=np.ones((3, 2)),
                targets=np.zeros(3, int),
                kwargs={"temperature": float("nan")},
                match="temperature must be > 0.*nan",
            ),
        ),
    ),
    Case(
        function="supervised_contrastive_loss",
        inputs=pairs,
        per_example=False,
        oracles=(optax_ntxent,),
    ),
]
