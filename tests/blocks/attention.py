"""Cases for multi-head attention."""

import numpy as np

from tests.blocks import MORE, PLAIN
from tests.models import Case, Refusal


def masked(rng):
    """Draw three queries for each of two examples, and keys of which some are kept."""
    query, key, value = rng.standard_normal((3, 2, 5, 12)).astype("float32")
    keep = np.array([[True, True, True, False, False], [False] * 5])
    return query[:, :3], key, value, keep


def free(rng):
    """Draw one query, and two keys for it."""
    query, key, value = rng.standard_normal((3, 1, 5, 12)).astype("float32")
    return query[:, :1], key, value, np.ones((1, 1, 5), bool)


X = np.zeros((1, 3, 12), "float32")


def looks(keep):
    """Return what looks with a mask that must be refused."""
    return lambda module, model, tensor: model(tensor(X), keep=tensor(keep))


def sees(x):
    """Return what looks at tokens of a shape that must be refused."""
    return lambda module, model, tensor: model(tensor(x))


def values(x):
    """Return what averages values of other rows than the keys."""
    return lambda module, model, tensor: module.masked_attention(
        tensor(X), tensor(X), tensor(x)
    )


def attends(keys, **options):
    """Return what calls the function with so many keys and must be refused."""

    def run(module, model, tensor):
        keep = options.get("keep")
        given = options | ({} if keep is None else {"keep": tensor(keep)})
        module.masked_attention(*(tensor(x) for x in (X, *2 * [X[:, :keys]])), **given)

    return run


CASES = (
    Case(
        function="MultiHeadAttention",
        args=(12, 3),
        inputs=masked,
        leaves_out=PLAIN,
        # a key's bias adds the same to all scores of a query
        idle=r"key_bias",
        refusals=(
            Refusal(match="heads must divide dim.*0 and 12", args=(12, 0)),
            Refusal(match="heads must divide dim.*-3 and 12", args=(12, -3)),
            Refusal(match=r"three axes.*\(3, 12\)", run=sees(X[0])),
            Refusal(match=r"three axes.*\(1, 1, 3, 12\)", run=sees(X[None])),
            Refusal(
                match=r"one row for each.*\(1, 3, 12\).*\(1, 2, 12\)",
                run=values(X[:, :2]),
            ),
            Refusal(
                match=r"one row for each.*\(1, 3, 12\).*\(3, 12\)", run=values(X[0])
            ),
            Refusal(match="heads must divide dim.*5 and 12", args=(12, 5)),
            Refusal(match="boolean.*float32", run=looks(np.ones((1, 3), "float32"))),
            Refusal(match=r"S=3.*\(1, 4\)", run=looks(np.ones((1, 4), bool))),
            Refusal(match=r"N=1.*\(2, 3\)", run=looks(np.ones((2, 3), bool))),
            # one axis for the keys alone would be taken for the examples
            Refusal(match=r"S=3.*\(3,\)", run=looks(np.ones(3, bool))),
            Refusal(match="as many queries.*3.*2", run=attends(2, causal=True)),
            Refusal(match="boolean.*int", run=attends(3, keep=np.ones((3, 3), int))),
        ),
    ),
    Case(
        function="MultiHeadAttention",
        args=(12, 1),
        kwargs={"bias": False},
        inputs=free,
        leaves_out=(*MORE, "saved", "bfloat16"),
    ),
)
