"""Probabilities after resampling: put the classes' true shares back in."""

import numpy as np

__all__ = ["correct_prior"]


def correct_prior(probabilities, *, trained, true):
    r"""$p_c \, \pi_c / q_c$, divided by its sum over the classes.

    By Bayes: what the inputs say stays, the shares of the classes that were trained
    with (q) are replaced by the true ones ($\pi$). For logits: add $\ln(\pi_c / q_c)$.

    Parameters
    ----------
    probabilities : ndarray, shape (N, C)
        Of a model that was trained with the shares q, rows sum to 1.
    trained, true : ndarray, shape (C,)
        Shares of the classes, in training and in use.

    Returns
    -------
    ndarray, shape (N, C)
        Probabilities for the true shares.

    Examples
    --------
    >>> p = correct_prior([[0.5, 0.5]], trained=[0.5, 0.5], true=[0.9, 0.1])
    >>> p.tolist()
    [[0.9, 0.1]]

    References
    ----------
    Saerens et al., "Adjusting the Outputs of a Classifier to New a Priori
    Probabilities", 2002, eq. 2.4. <https://doi.org/10.1162/089976602753284446>
    """
    ratio = np.asarray(true, np.float64) / np.asarray(trained, np.float64)
    odds = np.asarray(probabilities, np.float64) * ratio
    return odds / odds.sum(axis=1, keepdims=True)
