"""ReLU and its straight relatives."""

import numpy as np

__all__ = [
    "leaky_relu",
    "leaky_relu_slope",
    "relu",
    "relu6",
    "relu6_slope",
    "relu_slope",
]


def relu(x):
    r"""$\max(x, 0)$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> relu([-2.0, 3.0])
    array([0., 3.])

    References
    ----------
    Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines",
    2010. <https://icml.cc/Conferences/2010/papers/432.pdf>
    """
    return np.maximum(np.asarray(x, np.float64), 0.0)


def relu_slope(x):
    r"""1 right of 0, else 0; at 0 the frameworks say 0.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> relu_slope([-2.0, 0.0, 3.0])
    array([0., 0., 1.])

    References
    ----------
    Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines",
    2010. <https://icml.cc/Conferences/2010/papers/432.pdf>
    """
    return np.where(np.asarray(x, np.float64) > 0, 1.0, 0.0)


def relu6(x):
    r"""$\min(\max(x, 0), 6)$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> relu6([-2.0, 3.0, 8.0])
    array([0., 3., 6.])

    References
    ----------
    Sandler et al., "MobileNetV2", 2018. <https://arxiv.org/abs/1801.04381>
    """
    return np.clip(np.asarray(x, np.float64), 0, 6)


def relu6_slope(x):
    r"""1 between 0 and 6, else 0.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> relu6_slope([-2.0, 3.0, 8.0])
    array([0., 1., 0.])

    References
    ----------
    Sandler et al., "MobileNetV2", 2018. <https://arxiv.org/abs/1801.04381>
    """
    x = np.asarray(x, np.float64)
    return np.where((x > 0) & (x < 6), 1.0, 0.0)


def leaky_relu(x, *, negative_slope=0.01):
    r"""x, left of 0 times `negative_slope`.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    negative_slope : float
        Slope left of 0.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> leaky_relu([-2.0, 3.0], negative_slope=0.25)
    array([-0.5,  3. ])

    References
    ----------
    Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
    2013. <https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf>
    """
    x = np.asarray(x, np.float64)
    return np.where(x > 0, x, negative_slope * x)


def leaky_relu_slope(x, *, negative_slope=0.01):
    r"""1 right of 0, else `negative_slope`.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    negative_slope : float
        Slope left of 0.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> leaky_relu_slope([-2.0, 3.0], negative_slope=0.25)
    array([0.25, 1.  ])

    References
    ----------
    Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
    2013. <https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf>
    """
    return np.where(np.asarray(x, np.float64) > 0, 1.0, negative_slope)
