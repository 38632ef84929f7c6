"""Cases for the transformer block."""

import numpy as np

from tests.blocks import PLAIN
from tests.models import Case, Refusal, out_of_range


def padded(rng):
    """Draw sequences of five tokens, of two, and of padding alone."""
    x = rng.standard_normal((3, 5, 12)).astype("float32")
    return x, np.arange(5) < np.array([[5], [2], [0]])


X = np.zeros((2, 4, 12), "float32")


def sees(x):
    """Return what looks at tokens of a shape that must be refused."""
    return lambda module, model, tensor: model(tensor(x))


def looks(keep):
    """Return what looks with a mask that must be refused."""
    return lambda module, model, tensor: model(tensor(X), keep=tensor(keep))


CASES = (
    Case(
        function="TransformerBlock",
        args=(12, 3),
        kwargs={"hidden": 20, "eps": 1e-3},
        inputs=padded,
        leaves_out=PLAIN,
        # a key's bias adds the same to all scores of a query
        idle=r"key_bias",
        refusals=(
            Refusal(match="heads must divide dim.*0 and 12", args=(12, 0)),
            *out_of_range(hidden=(0, -1), dropout=(1.0,), eps=(0, -0.1, float("nan"))),
            Refusal(match=r"three axes.*\(4, 12\)", run=sees(X[0])),
            Refusal(match=r"three axes.*\(1, 2, 4, 12\)", run=sees(X[None])),
            Refusal(match="heads must divide dim.*5 and 12", args=(12, 5)),
            Refusal(match="boolean.*float32", run=looks(np.ones((2, 4), "float32"))),
            Refusal(match=r"T=4.*\(2, 5\)", run=looks(np.ones((2, 5), bool))),
            Refusal(match=r"N=2.*\(3, 4\)", run=looks(np.ones((3, 4), bool))),
            Refusal(match=r"T=4.*\(4,\)", run=looks(np.ones(4, bool))),
        ),
    ),
)
