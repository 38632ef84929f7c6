"""Dropout: some values become 0 in training, the others make up for them."""

import numpy as np

__all__ = [
    "alpha_dropout",
    "alpha_dropout_backward",
    "dropout",
    "dropout_backward",
    "spatial_dropout",
    "spatial_dropout_backward",
]

# SELU's limit for minus infinity: what alpha dropout sets a value to.
LOWEST = -1.7580993408473766


def dropout(x, keep, *, rate):
    r"""$y = x \cdot \mathrm{keep} / (1 - r)$: the expectation stays.

    Parameters
    ----------
    x : ndarray, shape (...)
        Inputs.
    keep : ndarray of bool, shape (...)
        A draw of its own for every value, every example and every step: false with
        probability `rate`. In inference there is none and y is x.
    rate : float in [0, 1)
        Share of values that are dropped, in torch as in Keras.

    Returns
    -------
    ndarray, shape (...)
        Outputs.

    Examples
    --------
    >>> dropout([1.0, 2.0], [True, False], rate=0.5)
    array([2., 0.])

    References
    ----------
    Srivastava et al., "Dropout", 2014. <https://jmlr.org/papers/v15/srivastava14a.html>
    """
    return np.where(keep, np.asarray(x, float) / (1 - rate), 0.0)


def dropout_backward(grad, x, keep, *, rate):
    """Gradient of `dropout`: dropped as the values were.

    Parameters
    ----------
    grad : ndarray, shape (...)
        Gradient of the loss for the outputs.
    x, keep : ndarray, shape (...)
        What the layer was given.
    rate : float in [0, 1)
        As for `dropout`.

    Returns
    -------
    tuple of ndarray, shape of x
        The gradient for x.

    Examples
    --------
    >>> dropout_backward([1.0, 1.0], [1.0, 2.0], [True, False], rate=0.5)
    (array([2., 0.]),)

    References
    ----------
    Srivastava et al., 2014. <https://jmlr.org/papers/v15/srivastava14a.html>
    """
    return (np.where(keep, np.asarray(grad, float) / (1 - rate), 0.0),)


def spatial_dropout(x, keep, *, rate):
    """Drop whole channels: neighbours in a map would give a dropped place away.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    keep : ndarray of bool, shape (N, C)
        One draw per channel.
    rate : float in [0, 1)
        Share of channels that are dropped.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Outputs.

    Examples
    --------
    >>> spatial_dropout([[[1.0, 2.0], [3.0, 4.0]]], [[True, False]], rate=0.5)
    array([[[2., 4.],
            [0., 0.]]])

    References
    ----------
    Tompson et al., 2015, section 3.2. <https://arxiv.org/abs/1411.4280>
    """
    keep = np.asarray(keep)[(..., *[None] * (np.ndim(x) - 2))]
    return np.where(keep, np.asarray(x, float) / (1 - rate), 0.0)


def spatial_dropout_backward(grad, x, keep, *, rate):
    """Gradient of `spatial_dropout`.

    Parameters
    ----------
    grad : ndarray, shape (N, C, ...)
        Gradient of the loss for the outputs.
    x : ndarray, shape (N, C, ...)
        What the layer was given.
    keep : ndarray of bool, shape (N, C)
        One draw per channel.
    rate : float in [0, 1)
        As for `spatial_dropout`.

    Returns
    -------
    tuple of ndarray, shape of x
        The gradient for x.

    Examples
    --------
    >>> spatial_dropout_backward([[[3.0]]], [[[1.0]]], [[True]], rate=0.25)
    (array([[[4.]]]),)

    References
    ----------
    Tompson et al., 2015. <https://arxiv.org/abs/1411.4280>
    """
    return (spatial_dropout(grad, keep, rate=rate),)


def alpha_dropout(x, keep, *, rate):
    r"""$y = a \, (x \text{ or } \alpha') + b$: mean 0 and variance 1 stay, after SELU.

    $\alpha' = -1.7581$, $a = ((1 - r)(1 + r \alpha'^2))^{-1/2}$, $b = -a r \alpha'$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Inputs of mean 0 and variance 1.
    keep : ndarray of bool, shape (...)
        One draw per value.
    rate : float in [0, 1)
        Share of values that are dropped.

    Returns
    -------
    ndarray, shape (...)
        Outputs.

    Examples
    --------
    >>> alpha_dropout([0.0, 0.0], [True, False], rate=0.5).round(4)
    array([ 0.7792, -0.7792])

    References
    ----------
    Klambauer et al., "Self-normalizing neural networks", 2017.
    <https://arxiv.org/abs/1706.02515>
    """
    a = ((1 - rate) * (1 + rate * LOWEST**2)) ** -0.5
    return a * np.where(keep, np.asarray(x, float), LOWEST) - a * rate * LOWEST


def alpha_dropout_backward(grad, x, keep, *, rate):
    """Gradient of `alpha_dropout`.

    Parameters
    ----------
    grad : ndarray, shape (...)
        Gradient of the loss for the outputs.
    x, keep : ndarray, shape (...)
        What the layer was given.
    rate : float in [0, 1)
        As for `alpha_dropout`.

    Returns
    -------
    tuple of ndarray, shape of x
        The gradient for x.

    Examples
    --------
    >>> alpha_dropout_backward([1.0], [0.0], [False], rate=0.5)
    (array([0.]),)

    References
    ----------
    Klambauer et al., 2017. <https://arxiv.org/abs/1706.02515>
    """
    a = ((1 - rate) * (1 + rate * LOWEST**2)) ** -0.5
    return (np.where(keep, a * np.asarray(grad, float), 0.0),)
