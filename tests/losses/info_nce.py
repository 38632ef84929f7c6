"""Cases of losses/info_nce."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def vectors(rng):
    return rng.normal(0, 1, (6, 4)), rng.normal(0, 1, (6, 4))


def near_partners(rng):
    keys = 100 * rng.normal(0, 1, (5, 3))
    return keys / 1000 + rng.normal(0, 0.05, (5, 3)), keys


def torch_cross_entropy(queries, keys, *, temperature):
    from torch import arange, from_numpy
    from torch.nn.functional import cosine_similarity, cross_entropy

    queries, keys = from_numpy(queries), from_numpy(keys)
    logits = cosine_similarity(queries[:, None], keys[None], dim=2) / temperature
    return cross_entropy(logits, arange(len(keys)), reduction="none")


def torch_cross_entropy_of_views(first_views, second_views, *, temperature):
    from torch import arange, cat, from_numpy, inf
    from torch.nn.functional import cosine_similarity, cross_entropy

    views = cat([from_numpy(first_views), from_numpy(second_views)])
    logits = cosine_similarity(views[:, None], views[None], dim=2) / temperature
    partner = arange(len(views)).roll(len(first_views))
    loss = cross_entropy(logits.fill_diagonal_(-inf), partner, reduction="none")
    return loss.reshape(2, -1).mean(dim=0)


def torch_and_optax(first_views, second_views, *, temperature):
    import optax

    loss = torch_cross_entropy_of_views(
        first_views, second_views, temperature=temperature
    )
    # optax has the mean alone
    views = np.concatenate([first_views, second_views])
    pairs = np.tile(np.arange(len(first_views)), 2)
    mean = optax.losses.ntxent(views, pairs, temperature)
    np.testing.assert_allclose(loss.mean(), mean, rtol=2e-6)
    return loss


def cosine(a, b):
    dot = mpmath.fsum(x * y for x, y in zip(a, b, strict=True))
    lengths = [mpmath.sqrt(mpmath.fsum(x * x for x in v)) for v in (a, b)]
    return dot / (lengths[0] * lengths[1])


def info_nce_formula(temperature):
    def total(queries, keys):
        loss = mpmath.mpf(0)
        for i, query in enumerate(queries):
            powers = [mpmath.exp(cosine(query, key) / temperature) for key in keys]
            loss += mpmath.log(mpmath.fsum(powers) / powers[i])
        return loss

    return total


def nt_xent_formula(temperature):
    def total(first_views, second_views):
        views = [*first_views, *second_views]
        half = len(first_views)
        loss = mpmath.mpf(0)
        for i, view in enumerate(views):
            powers = [mpmath.exp(cosine(view, v) / temperature) for v in views]
            partner = powers[(i + half) % (2 * half)]
            others = powers[:i] + powers[i + 1 :]
            loss += mpmath.log(mpmath.fsum(others) / partner)
        return loss / 2

    return total


LARGE = [[1e4, 0.0, 1.0], [-1e4, 1e4, 0.0], [3.0, 4.0, 0.0]]
MIXED = [[1e-3, 2e-3, 0.0], [-1e4, 5e3, 1e4], [-3.0, -4.0, 1.0]]


def refusals(first, second):
    return (
        Refusal(
            by="shape",
            outputs=np.ones((3, 2)),
            targets=np.ones((1, 2)),
            match=rf"({second}|y_true) must have the shape.*\(1, 2\)",
        ),
        Refusal(
            by="shape",
            outputs=np.ones(3),
            targets=np.ones(3),
            match=rf"({second}|y_true) must have the shape \(N, D\)",
        ),
        Refusal(
            by="value",
            outputs=np.array([[1.0, 0.0], [0.0, 0.0]]),
            targets=np.ones((2, 2)),
            match=rf"{first} must not be zero vectors.*\[1\]",
        ),
        Refusal(
            by="value",
            outputs=np.ones((2, 2)),
            targets=np.array([[0.0, 0.0], [0.0, 1.0]]),
            match=rf"{second} must not be zero vectors.*\[0\]",
        ),
        Refusal(
            by="argument",
            outputs=np.ones((3, 2)),
            targets=np.ones((3, 2)),
            kwargs={"temperature": 0.0},
            match="temperature must be > 0.*0",
        ),
        Refusal(
            by="argument",
            outputs=np.ones((3, 2)),
            targets=np.ones((3, 2)),
            kwargs={"temperature": float("nan")},
            match="temperature must be > 0.*nan",
        ),
    )


CASES = [
    Case(
        function="info_nce_loss",
        inputs=vectors,
        kwargs={"temperature": 0.5},
        per_example=False,
        oracles=(torch_cross_entropy,),
        extremes=tuple(
            Extreme(
                outputs=LARGE,
                targets=MIXED,
                kwargs={"temperature": temperature},
                formula=info_nce_formula(temperature),
            )
            for temperature in (1e-4, 0.07, 100.0)
        ),
        refusals=refusals("queries", "keys"),
    ),
    Case(
        function="info_nce_loss",
        inputs=near_partners,
        kwargs={"temperature": 0.07},
        per_example=False,
        oracles=(torch_cross_entropy,),
    ),
    Case(
        function="nt_xent_loss",
        inputs=vectors,
        kwargs={"temperature": 0.5},
        per_example=False,
        oracles=(torch_and_optax,),
        extremes=tuple(
            Extreme(
                outputs=LARGE,
                targets=MIXED,
                kwargs={"temperature": temperature},
                formula=nt_xent_formula(temperature),
            )
            for temperature in (1e-4, 0.5, 100.0)
        ),
        refusals=refusals("first_views", "second_views"),
    ),
    Case(
        function="nt_xent_loss",
        inputs=near_partners,
        kwargs={"temperature": 0.1},
        per_example=False,
        oracles=(torch_and_optax,),
    ),
]
