"""Problems that the tests of regularization share."""

import numpy as np

LABELS = np.array([0] * 7 + [1] * 3 + [2] * 2)


def sequences(rng, n=3, t=5, c=4):
    """Return sequences without a zero."""
    return rng.normal(size=(n, t, c)) + 3


def lasso_problem():
    """Return features and targets, most features useless."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 12))
    return x, x[:, :3] @ [2.0, -1.0, 0.5] + 0.1 * rng.normal(size=60)
