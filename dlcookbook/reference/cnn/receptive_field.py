"""Receptive field: which pixels a place of a map can see, and which it does see."""

import numpy as np

__all__ = ["effective_profile", "receptive_field"]


def receptive_field(layers):
    r"""Field of every layer of a chain, along one axis.

    $r \leftarrow r + d (k - 1) j$, then $j \leftarrow j s$: a layer widens the field by
    its kernel, in steps as wide as all strides before it. Poolings are layers, too.

    Parameters
    ----------
    layers : iterable of (kernel, stride, dilation, padding)
        From the input on; padding is that before the first pixel.

    Returns
    -------
    list of (size, stride, start)
        For each layer: pixels that one place of its output sees; pixels between the
        fields of neighbours; first pixel that the first place sees, negative in the
        padding. Place i sees `start + i * stride` and the `size` - 1 pixels after it.

    Examples
    --------
    >>> receptive_field([(3, 1, 1, 1), (3, 1, 1, 1), (2, 2, 1, 0), (3, 1, 1, 1)])
    [(3, 1, -1), (5, 1, -2), (6, 2, -2), (10, 2, -4)]

    References
    ----------
    Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks",
    2019. <https://doi.org/10.23915/distill.00021>
    """
    size, jump, start = 1, 1, 0
    found = []
    for kernel, stride, dilation, padding in layers:
        size += dilation * (kernel - 1) * jump
        start -= padding * jump
        jump *= stride
        found.append((size, jump, start))
    return found


def effective_profile(layers):
    r"""Squared gradient of one place by the pixels that it sees, along one axis.

    With random weights of mean 0 and no activation, its expectation grows with the
    number of paths from a pixel to the place: the kernels, as boxes, convolved with
    each other. Many boxes make a bell, by the central limit theorem.

    Parameters
    ----------
    layers : iterable of (kernel, stride, dilation, padding)
        From the input on.

    Returns
    -------
    ndarray, shape (size,)
        Share of every pixel of the field, of sum 1.

    Examples
    --------
    >>> effective_profile([(3, 1, 1, 1), (3, 1, 1, 1)]) * 9
    array([1., 2., 3., 2., 1.])

    References
    ----------
    Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional
    Neural Networks", 2016, section 2. <https://arxiv.org/abs/1701.04128>
    """
    profile = np.ones(1)
    for kernel, stride, dilation, _ in reversed(list(layers)):
        # from the place back to the pixels: strides pull apart, kernels smear
        apart = np.zeros((len(profile) - 1) * stride + 1)
        apart[::stride] = profile
        window = np.zeros((kernel - 1) * dilation + 1)
        window[::dilation] = 1 / kernel
        profile = np.convolve(apart, window)
    return profile
