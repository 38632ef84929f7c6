"""SwiGLU: the gated two-layer network inside the transformers of today."""

import numpy as np

__all__ = ["swiglu_mlp"]


def swiglu_mlp(x, weights):
    r"""Two projections, one of them the gate of the other, and a way back.

    $W_d (\mathrm{SiLU}(W_g x) \odot W_u x)$ with $\mathrm{SiLU}(z) = z \sigma(z)$.

    Parameters
    ----------
    x : ndarray, shape (..., dim)
        Tokens.
    weights : dict of ndarray, of these shapes
        `gate.weight` and `up.weight`, shape (hidden, dim), and `down.weight`, shape
        (dim, hidden); with a bias each if there is one.

    Returns
    -------
    ndarray, shape (..., dim)
        Changed tokens, float64.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> names = ("gate.weight", "up.weight", "down.weight")
    >>> swiglu_mlp([[2.0]], dict.fromkeys(names, one)).round(4)
    array([[3.5232]])

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 6.
    <https://arxiv.org/abs/2002.05202>
    """

    def project(x, part):
        return x @ weights[f"{part}.weight"].T + weights.get(f"{part}.bias", 0)

    x = np.asarray(x, np.float64)
    gate = project(x, "gate")
    # the logistic function, without overflow
    gate = gate * np.exp(-np.logaddexp(0, -gate))
    return project(gate * project(x, "up"), "down")
