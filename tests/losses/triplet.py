"""Cases of losses/triplet."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def batch(rng):
    # label 3 stands alone
    return rng.normal(0, 1, (9, 4)), np.array([0, 1, 1, 0, 2, 2, 3, 1, 0])


def far_from_zero(rng):
    # close points, of whose squared norms float32 keeps too few digits
    close = np.round(64 * rng.normal(0, 1, (6, 3))) / 8
    return 1000 + close, np.array([0, 0, 1, 1, 2, 2])


def positives_and_negatives(labels):
    """Rows of the positives and of the negatives of each anchor."""
    for a, label in enumerate(labels):
        same = np.flatnonzero(labels == label)
        yield same[same != a], np.flatnonzero(labels != label)


def torch_triplet_margin(embeddings, labels, *, margin):
    import torch
    from scipy.spatial.distance import cdist

    distance = cdist(embeddings, embeddings)
    mined = [
        (p[distance[a, p].argmax()], n[distance[a, n].argmin()]) if len(p) else (a, a)
        for a, (p, n) in enumerate(positives_and_negatives(labels))
    ]
    x = torch.from_numpy(embeddings)
    positive, negative = (x[list(rows)] for rows in zip(*mined, strict=True))
    loss = torch.nn.functional.triplet_margin_loss(
        x, positive, negative, margin=margin, eps=0, reduction="none"
    )
    return loss * torch.tensor([a != p for a, (p, _) in enumerate(mined)])


def optax_triplet_margin(embeddings, labels, *, margin):
    import optax

    losses = []
    for a, (positives, negatives) in enumerate(positives_and_negatives(labels)):
        rows = np.array([(p, n) for p in positives for n in negatives]).reshape(-1, 2)
        anchors = np.broadcast_to(embeddings[a], (len(rows), embeddings.shape[1]))
        each = optax.losses.triplet_margin_loss(
            anchors,
            embeddings[rows[:, 0].astype(int)],
            embeddings[rows[:, 1].astype(int)],
            margin=margin,
        )
        wrong = np.asarray(each)[np.asarray(each) > 0]
        losses.append(wrong.mean() if len(wrong) else 0.0)
    return np.array(losses)


def formula(margin, combine):
    def total(embeddings, labels):
        def distance(a, b):
            squares = ((x - y) ** 2 for x, y in zip(a, b, strict=True))
            return mpmath.sqrt(mpmath.fsum(squares))

        loss = mpmath.mpf(0)
        for a, (p, n) in enumerate(positives_and_negatives(np.array(labels))):
            positives = [distance(embeddings[a], embeddings[i]) for i in p]
            negatives = [distance(embeddings[a], embeddings[i]) for i in n]
            if positives and negatives:
                loss += combine(margin, positives, negatives)
        return loss

    return total


def hardest(margin, positives, negatives):
    return max(margin + max(positives) - min(negatives), mpmath.mpf(0))


def mean_of_wrong(margin, positives, negatives):
    wrong = [e for p in positives for n in negatives if (e := margin + p - n) > 0]
    return mpmath.fsum(wrong) / max(len(wrong), 1)


def extremes(combine):
    options = {"margin": 0.25}
    return (
        Extreme(
            outputs=[[1e4, 0.0], [-1e4, 1e3], [0.0, 8e3], [3e3, -1e4], [5e3, 5e3]],
            targets=[0, 0, 1, 1, 2],
            kwargs=options,
            formula=formula(0.25, combine),
        ),
        # a negative at distance 0, then a positive
        Extreme(
            outputs=[[1.0, 2.0], [1.0, 2.0], [4.0, -2.0], [0.0, -9.0]],
            targets=[0, 1, 0, 1],
            kwargs=options,
            formula=formula(0.25, combine),
        ),
        Extreme(
            outputs=[[7.0, 7.0], [7.0, 7.0], [7.0, 7.125]],
            targets=[2, 2, 3],
            kwargs=options,
            formula=formula(0.25, combine),
        ),
        # no positives, then no negatives
        Extreme(
            outputs=[[1.0, 2.0], [2.0, 2.0], [4.0, -2.0]],
            targets=[0, 1, 2],
            kwargs=options,
            formula=formula(0.25, combine),
        ),
        Extreme(
            outputs=[[1.0, 2.0], [2.0, 2.0], [4.0, -2.0]],
            targets=[5, 5, 5],
            kwargs=options,
            formula=formula(0.25, combine),
        ),
        Extreme(
            outputs=[[1.0, 2.0]],
            targets=[0],
            kwargs=options,
            formula=formula(0.25, combine),
        ),
    )


REFUSALS = (
    Refusal(
        by="shape",
        outputs=np.zeros((3, 2)),
        targets=np.zeros(2, int),
        match=r"(labels|y_true) must hold one label.*\(2,\).*\(3, 2\)",
    ),
    Refusal(
        by="shape",
        outputs=np.zeros(3),
        targets=np.zeros(3, int),
        match=r"(embeddings|y_pred) \(3,\)",
    ),
    Refusal(
        by="argument",
        outputs=np.zeros((3, 2)),
        targets=np.zeros(3, int),
        kwargs={"margin": 0.0},
        match="margin must be > 0.*0",
    ),
    Refusal(
        by="argument",
        outputs=np.zeros((3, 2)),
        targets=np.zeros(3, int),
        kwargs={"margin": float("nan")},
        match="margin must be > 0.*nan",
    ),
)

CASES = [
    Case(
        function="triplet_loss",
        inputs=batch,
        kwargs={"margin": 1.5},
        per_example=False,
        oracles=(torch_triplet_margin,),
        extremes=extremes(hardest),
        refusals=REFUSALS,
    ),
    Case(
        function="triplet_loss",
        inputs=far_from_zero,
        kwargs={"margin": 3.0},
        per_example=False,
        oracles=(torch_triplet_margin,),
    ),
    Case(
        function="batch_all_triplet_loss",
        inputs=batch,
        kwargs={"margin": 1.5},
        per_example=False,
        oracles=(optax_triplet_margin,),
        extremes=extremes(mean_of_wrong),
        refusals=REFUSALS,
    ),
    Case(
        function="batch_all_triplet_loss",
        inputs=far_from_zero,
        kwargs={"margin": 3.0},
        per_example=False,
        oracles=(optax_triplet_margin,),
    ),
]
