"""Embedding: a table of vectors, read by number."""

import numpy as np

__all__ = ["embedding", "embedding_backward"]


def embedding(weight, ids):
    """Row `ids` of the table: a dense layer on one-hot vectors, without the product.

    Parameters
    ----------
    weight : ndarray, shape (V, D)
        One vector per entry of the vocabulary.
    ids : ndarray of int, shape (...)
        Which rows, from 0 to V - 1.

    Returns
    -------
    ndarray, shape (..., D)
        The vectors.

    Examples
    --------
    >>> embedding([[0.0, 0.0], [1.0, 2.0]], [1, 0, 1])
    array([[1., 2.],
           [0., 0.],
           [1., 2.]])

    References
    ----------
    Bengio et al., "A neural probabilistic language model", 2003.
    <https://www.jmlr.org/papers/v3/bengio03a.html>
    """
    return np.eye(len(weight))[np.asarray(ids)] @ np.asarray(weight, float)


def embedding_backward(grad, weight, ids, *, padding_idx=None):
    """Gradient of `embedding`: a row gets the sum of all places that read it.

    Parameters
    ----------
    grad : ndarray, shape (..., D)
        Gradient of the loss for the outputs.
    weight : ndarray, shape (V, D)
        The table.
    ids : ndarray of int, shape (...)
        Which rows were read.
    padding_idx : int, optional
        A row that is never trained: `padding_idx` of torch. `mask_zero` of Keras is
        something else and trains it.

    Returns
    -------
    tuple of ndarray, shape of weight
        The gradient for the table.

    Examples
    --------
    >>> embedding_backward(np.ones((3, 1)), np.zeros((3, 1)), [2, 0, 2])
    (array([[1.],
           [0.],
           [2.]]),)

    References
    ----------
    Bengio et al., 2003. <https://www.jmlr.org/papers/v3/bengio03a.html>
    """
    grad, ids = np.asarray(grad, float), np.asarray(ids)
    found = np.zeros(np.shape(weight))
    for at in np.ndindex(ids.shape):
        if ids[at] != padding_idx:
            found[ids[at]] += grad[at]
    return (found,)
