"""Parameter groups: no decay on biases and norms, smaller rates for early layers."""

import numpy as np

__all__ = ["layer_rates"]


def layer_rates(lr: float, layer_decay: float, layers: int) -> np.ndarray:
    r"""$\mathrm{lr} \cdot \mathrm{layer\_decay}^{\,n - 1 - i}$, the last layer has all.

    Parameters
    ----------
    lr : float >= 0
        Rate of the last layer.
    layer_decay : float > 0
        Factor from a layer to the one before it.
    layers : int >= 1
        $n$, how many there are.

    Returns
    -------
    ndarray, shape (layers,)
        Rates from the first to the last.

    Raises
    ------
    ValueError
        If there is no layer.

    Examples
    --------
    >>> layer_rates(1.0, 0.5, 3)
    array([0.25, 0.5 , 1.  ])

    References
    ----------
    Clark et al., "ELECTRA", 2020, appendix: layer-wise rates.
    <https://arxiv.org/abs/2003.10555>
    """
    if layers < 1:
        raise ValueError(f"layers must be >= 1. Received: {layers}")
    rates = [lr]
    for _ in range(layers - 1):
        rates.insert(0, rates[0] * layer_decay)
    return np.array(rates)
