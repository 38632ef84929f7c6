"""Bidirectional layer: one reads forwards, one backwards, results side by side."""

import numpy as np

__all__ = ["bidirectional", "bidirectional_backward"]


def bidirectional(x, forwards, backwards):
    """States of both directions at every step.

    Parameters
    ----------
    x : ndarray, shape (N, T, I)
        Sequences.
    forwards, backwards : callable
        From sequences to all states, such as `lstm` with its weights.

    Returns
    -------
    ndarray, shape (N, T, 2 H)
        First the state that has read up to here, then the one that has read from the
        end up to here. The last step of the second half has read one input.

    Examples
    --------
    >>> bidirectional([[[1.0], [2.0]]], lambda x: x.cumsum(1), lambda x: x.cumsum(1))
    array([[[1., 3.],
            [3., 2.]]])

    References
    ----------
    Schuster, Paliwal, "Bidirectional recurrent neural networks", 1997.
    <https://doi.org/10.1109/78.650093>
    """
    x = np.asarray(x, float)
    return np.concatenate([forwards(x), backwards(x[:, ::-1])[:, ::-1]], -1)


def bidirectional_backward(grad, x, forwards, backwards):
    """Gradients of `bidirectional`: each half by its own layer.

    Parameters
    ----------
    grad : ndarray, shape (N, T, 2 H)
        Gradient of the loss for the states.
    x : ndarray, shape (N, T, I)
        What the layer was given.
    forwards, backwards : callable
        From the gradient of the states and x to the gradients of a layer, that for x
        first, such as `lstm_backward` with its weights.

    Returns
    -------
    tuple
        The gradient for x, then the other gradients forwards, then backwards.

    Examples
    --------
    >>> bidirectional_backward(
    ...     [[[1.0, 10.0]]], [[[5.0]]], lambda g, x: (g,), lambda g, x: (2 * g,)
    ... )
    (array([[[21.]]]),)

    References
    ----------
    Schuster, Paliwal, 1997. <https://doi.org/10.1109/78.650093>
    """
    x = np.asarray(x, float)
    there, back = np.split(np.asarray(grad, float), 2, -1)
    dx, *first = forwards(there, x)
    mirrored, *second = backwards(back[:, ::-1], x[:, ::-1])
    return (dx + mirrored[:, ::-1], *first, *second)
