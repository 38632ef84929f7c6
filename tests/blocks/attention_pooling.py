"""Cases for attention pooling."""

import numpy as np

from tests.blocks import MORE
from tests.models import Case, Refusal, out_of_range


def padded(rng):
    """Draw sequences of five steps, of two, and of padding alone."""
    x = rng.standard_normal((3, 5, 6)).astype("float32")
    return x, np.arange(5) < np.array([[5], [2], [0]])


X = np.zeros((2, 4, 6), "float32")


def sees(x):
    """Return what pools steps of a shape that must be refused."""
    return lambda module, model, tensor: model(tensor(x))


def pools(keep):
    """Return what pools with a mask that must be refused."""
    return lambda module, model, tensor: model(tensor(X), keep=tensor(keep))


CASES = (
    Case(
        function="AttentionPooling",
        args=(6,),
        kwargs={"hidden": 7},
        inputs=padded,
        leaves_out=MORE,
        refusals=(
            *out_of_range(hidden=(0, -1)),
            Refusal(match=r"three axes.*\(4, 6\)", run=sees(X[0])),
            Refusal(match=r"three axes.*\(1, 2, 4, 6\)", run=sees(X[None])),
            Refusal(match="keep must be.*float32", run=pools(np.ones((2, 4), "f4"))),
            Refusal(match=r"keep must be.*\(4,\)", run=pools(np.ones(4, bool))),
            Refusal(match=r"keep must be.*\(2, 1\)", run=pools(np.ones((2, 1), bool))),
        ),
    ),
)
