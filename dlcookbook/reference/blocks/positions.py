"""Positions: tell a model without recurrence where in the sequence a token stands."""

import numpy as np

__all__ = ["learned_positions", "rotary_positions", "sinusoidal_positions"]


def sinusoidal_positions(length, dim, *, base=10000.0):
    r"""Sines and cosines of wavelengths from $2\pi$ to nearly $2\pi \cdot$ base.

    $p_{t, 2i} = \sin(t / b^{2i/D})$, $p_{t, 2i+1} = \cos(t / b^{2i/D})$.

    Parameters
    ----------
    length : int
        Number of positions T.
    dim : int
        Width D, even.
    base : float
        The longest wavelength, in units of $2\pi$.

    Returns
    -------
    ndarray, shape (length, dim)
        A row for each position, float64.

    Examples
    --------
    >>> sinusoidal_positions(2, 4).round(4)
    array([[0.    , 1.    , 0.    , 1.    ],
           [0.8415, 0.5403, 0.01  , 1.    ]])

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, section 3.5.
    <https://arxiv.org/abs/1706.03762>
    """
    table = np.empty((length, dim))
    for t in range(length):
        for i in range(dim // 2):
            angle = t / base ** (2 * i / dim)
            table[t, 2 * i], table[t, 2 * i + 1] = np.sin(angle), np.cos(angle)
    return table


def rotary_positions(x, *, positions=None, base=10000.0, interleaved=False):
    r"""Turn pairs of features by an angle that grows with the position.

    Pair i at position t is turned by $t / b^{2i/D}$, a multiplication of complex
    numbers. The dot product of two turned vectors knows only how far they are apart.

    Parameters
    ----------
    x : ndarray, shape (..., T, D)
        Queries or keys, D even.
    positions : ndarray, of a shape that broadcasts to (..., T), optional
        Position of each token, from 0 to T - 1 by default.
    base : float
        The longest wavelength, in units of $2\pi$.
    interleaved : bool
        True pairs neighbours (0, 1), (2, 3), ... as the paper does; False pairs the
        first half with the second, as LLaMA's published weights expect.

    Returns
    -------
    ndarray, shape (..., T, D)
        Turned vectors of the same length, float64.

    Examples
    --------
    >>> rotary_positions([[1.0, 0.0], [1.0, 0.0]]).round(4)
    array([[1.    , 0.    ],
           [0.5403, 0.8415]])

    References
    ----------
    Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021,
    eq. 13. <https://arxiv.org/abs/2104.09864>
    """
    x = np.asarray(x, np.float64)
    length, dim = x.shape[-2:]
    positions = np.arange(length) if positions is None else np.asarray(positions)
    turn = np.exp(1j * positions[..., None] * base ** (-np.arange(0, dim, 2) / dim))
    if interleaved:
        turned = (x[..., ::2] + 1j * x[..., 1::2]) * turn
        return np.stack([turned.real, turned.imag], axis=-1).reshape(x.shape)
    turned = (x[..., : dim // 2] + 1j * x[..., dim // 2 :]) * turn
    return np.concatenate([turned.real, turned.imag], axis=-1)


def learned_positions(x, weights):
    """Add a learned row to every token.

    Parameters
    ----------
    x : ndarray, shape (N, T, dim)
        Tokens.
    weights : dict of ndarray, of these shapes
        `weight`, shape (max_length, dim).

    Returns
    -------
    ndarray, shape (N, T, dim)
        Tokens that know their place, float64.

    Examples
    --------
    >>> learned_positions(np.zeros((1, 2, 1)), {"weight": np.arange(3.0)[:, None]})
    array([[[0.],
            [1.]]])

    References
    ----------
    Gehring et al., "Convolutional Sequence to Sequence Learning", 2017, section 3.1.
    <https://arxiv.org/abs/1705.03122>
    """
    x = np.asarray(x, np.float64)
    return x + np.asarray(weights["weight"])[: x.shape[1]]
