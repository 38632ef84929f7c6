"""Spectral normalisation: a matrix that stretches no vector by more than 1."""

import numpy as np

__all__ = ["spectral_norm", "spectral_norm_backward"]


def spectral_norm(weight):
    r"""$w / \sigma(w)$, with the largest singular value of the matrix.

    Parameters
    ----------
    weight : ndarray, shape (K, ...)
        Weights, the outputs first; all other axes are taken for one.

    Returns
    -------
    ndarray, shape (K, ...)
        The weights that the layer uses.

    Examples
    --------
    >>> spectral_norm([[4.0, 0.0], [0.0, 1.0]])
    array([[1.  , 0.  ],
           [0.  , 0.25]])

    References
    ----------
    Miyato et al., "Spectral normalization for generative adversarial networks", 2018,
    eq. 8. <https://arxiv.org/abs/1802.05957>
    """
    weight = np.asarray(weight, float)
    return weight / np.linalg.norm(weight.reshape(len(weight), -1), 2)


def spectral_norm_backward(grad, weight):
    r"""Gradient of `spectral_norm`; $\sigma$ has the slope $u v^\top$.

    Parameters
    ----------
    grad : ndarray, shape (K, ...)
        Gradient of the loss for the normalised weights.
    weight : ndarray, shape (K, ...)
        What was normalised.

    Returns
    -------
    tuple of ndarray, shape of weight
        The gradient for the weights.

    Examples
    --------
    >>> (found,) = spectral_norm_backward(np.eye(2), [[4.0, 0.0], [0.0, 1.0]])
    >>> found.round(4) + 0.0
    array([[-0.0625,  0.    ],
           [ 0.    ,  0.25  ]])

    References
    ----------
    Miyato et al., 2018, eq. 12. <https://arxiv.org/abs/1802.05957>
    """
    weight, grad = np.asarray(weight, float), np.asarray(grad, float)
    u, sizes, v = np.linalg.svd(weight.reshape(len(weight), -1))
    share = (grad * weight).sum() / sizes[0] ** 2
    return (grad / sizes[0] - share * np.outer(u[:, 0], v[0]).reshape(weight.shape),)
