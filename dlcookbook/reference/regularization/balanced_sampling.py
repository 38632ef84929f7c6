"""Classes in equal parts: how often every example is drawn in an epoch."""

import numpy as np

__all__ = ["draws_per_example"]


def draws_per_example(labels, *, mode="over"):
    r"""$m / n_c$ for an example of class c: m of every class, whatever its $n_c$.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        The class of every example.
    mode : str
        m is the size of the largest class ("over"), of the smallest one ("under"), or
        their mean, rounded down ("same": an epoch is as long as it was).

    Returns
    -------
    ndarray, shape (N,)
        Expected number of draws; a drawn number is one of the two integers around it.

    Examples
    --------
    >>> draws_per_example([0, 0, 0, 1], mode="over")
    array([1., 1., 1., 3.])

    References
    ----------
    He and Garcia, "Learning from Imbalanced Data", 2009, section 3.1.1.
    <https://doi.org/10.1109/TKDE.2008.239>
    """
    _, which, counts = np.unique(labels, return_inverse=True, return_counts=True)
    m = {"over": counts.max(), "under": counts.min(), "same": len(which) // len(counts)}
    return m[mode] / counts[which]
