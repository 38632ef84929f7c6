"""Clipping: by the norm of all gradients, by each one's own, or value by value."""

import numpy as np

__all__ = ["clip_by_global_norm", "clip_by_norm", "clip_by_value"]


def clip_by_global_norm(gradients: list[np.ndarray], limit: float) -> list[np.ndarray]:
    r"""$g \min(1, c / \|(g_1, \dots, g_n)\|)$: shorter, in the same direction.

    Parameters
    ----------
    gradients : list of ndarray, shapes (...)
        Of all weights; their norm is that of the one vector that they make.
    limit : float > 0
        $c$, the largest length.

    Returns
    -------
    list of ndarray, shapes (...)
        Of the length `limit`, or as they were.

    Raises
    ------
    ValueError
        If `limit` is not positive.

    Examples
    --------
    >>> clip_by_global_norm([np.array([3.0]), np.array([4.0])], 1.0)
    [array([0.6]), array([0.8])]

    References
    ----------
    Pascanu et al., "On the Difficulty of Training Recurrent Neural Networks", 2013,
    algorithm 1. <https://arxiv.org/abs/1211.5063>
    """
    if not limit > 0:
        raise ValueError(f"limit must be > 0. Received: {limit}")
    length = np.linalg.norm(np.concatenate([np.ravel(g) for g in gradients]))
    return [g * limit / length if length > limit else g.copy() for g in gradients]


def clip_by_norm(gradients: list[np.ndarray], limit: float) -> list[np.ndarray]:
    r"""$g_i \min(1, c / \|g_i\|)$: each by its own length, so the direction changes.

    Parameters
    ----------
    gradients : list of ndarray, shapes (...)
        Of all weights.
    limit : float > 0
        $c$, the largest length of each.

    Returns
    -------
    list of ndarray, shapes (...)
        Each of a length up to `limit`.

    Raises
    ------
    ValueError
        If `limit` is not positive.

    Examples
    --------
    >>> clip_by_norm([np.array([3.0]), np.array([4.0])], 1.0)
    [array([1.]), array([1.])]

    References
    ----------
    Pascanu et al., 2013, algorithm 1, for one weight at a time.
    <https://arxiv.org/abs/1211.5063>
    """
    if not limit > 0:
        raise ValueError(f"limit must be > 0. Received: {limit}")
    return [clip_by_global_norm([g], limit)[0] for g in gradients]


def clip_by_value(gradients: list[np.ndarray], limit: float) -> list[np.ndarray]:
    r"""$\max(-c, \min(c, g))$, number by number: the direction changes.

    Parameters
    ----------
    gradients : list of ndarray, shapes (...)
        Of all weights.
    limit : float > 0
        $c$, the largest number.

    Returns
    -------
    list of ndarray, shapes (...)
        Within -`limit` and `limit`.

    Raises
    ------
    ValueError
        If `limit` is not positive.

    Examples
    --------
    >>> clip_by_value([np.array([0.2, -4.0])], 0.5)
    [array([ 0.2, -0.5])]

    References
    ----------
    Pascanu et al., 2013, section 3.2, on how others clip.
    <https://arxiv.org/abs/1211.5063>
    """
    if not limit > 0:
        raise ValueError(f"limit must be > 0. Received: {limit}")
    return [
        np.where(g > limit, limit, np.where(g < -limit, -limit, g)) for g in gradients
    ]
