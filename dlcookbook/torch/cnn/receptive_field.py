"""Receptive field: which pixels a place of a map can see, and which it does see."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

__all__ = ["gradient_field", "receptive_field"]


def receptive_field(
    layers: Iterable[tuple[int, int, int, int]],
) -> list[tuple[int, int, int]]:
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

    Raises
    ------
    ValueError
        If a kernel, a stride or a dilation is less than 1.

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
        if min(kernel, stride, dilation) < 1:
            raise ValueError(
                "layers must have a kernel, a stride and a dilation >= 1. "
                f"Received: {(kernel, stride, dilation, padding)}"
            )
        size += dilation * (kernel - 1) * jump
        start -= padding * jump
        jump *= stride
        found.append((size, jump, start))
    return found


def gradient_field(model: nn.Module, inputs: Tensor) -> Tensor:
    r"""Field of the central place of a map, measured: the gradient of it by the pixels.

    Where the gradient is not 0 lies the receptive field, branches and all; where it is
    large lies the effective one, which is much smaller. Maximum pooling and ReLU pass
    a gradient to few pixels: give many random examples to see all.

    Parameters
    ----------
    model : nn.Module
        Up to the map, without what pools or flattens it. Asked in evaluation mode, in
        which examples do not influence each other, and left as it was.
    inputs : Tensor, shape (N, C, ...)
        Examples larger than the field, or it is cut off.

    Returns
    -------
    Tensor, shape (...)
        Root mean square of the gradient over examples and channels, one per pixel.

    Raises
    ------
    ValueError
        If there is no example, or `model` does not return a map.

    Examples
    --------
    >>> conv = nn.Conv2d(1, 4, 3, dilation=2, padding=2)
    >>> (gradient_field(conv, torch.rand(1, 1, 7, 7)) > 0)[3].int()
    tensor([0, 1, 0, 1, 0, 1, 0], dtype=torch.int32)

    References
    ----------
    Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional
    Neural Networks", 2016. <https://arxiv.org/abs/1701.04128>
    """
    if not len(inputs):
        raise ValueError(f"inputs must not be empty. Received: {tuple(inputs.shape)}")
    x = inputs.detach().clone().requires_grad_()
    modes = {module: module.training for module in model.modules()}
    try:
        y = model.eval()(x)
    finally:
        for module, mode in modes.items():
            module.training = mode
    if y.ndim != x.ndim:
        raise ValueError(
            f"model must return a map of {x.ndim} axes. Received: {tuple(y.shape)}"
        )
    centre = y[(..., *(n // 2 for n in y.shape[2:]))]
    # weights that differ, or opposite channels could cancel each other
    weights = torch.linspace(1, 2, centre.shape[1]).to(centre)
    (gradient,) = torch.autograd.grad((centre * weights).sum(), x)
    return gradient.square().mean((0, 1)).sqrt()
