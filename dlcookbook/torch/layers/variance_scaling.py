"""Glorot, He and LeCun initialisers, with the conventions of either framework."""

import math

import torch
from torch import Tensor

__all__ = ["VarianceScaling", "fans"]


class VarianceScaling:
    r"""Fill weights with random numbers of variance $s / \mathrm{fan}$.

    LeCun is `VarianceScaling(1.0)`, Glorot `VarianceScaling(1.0, mode="fan_avg")`, He
    `VarianceScaling(2.0)`. As Keras draws them: `distribution="truncated_normal"`; as
    `torch.nn.init` does: "normal". The default of torch's layers is
    `VarianceScaling(1 / 3, distribution="uniform")`, for the bias too, with the `fan`
    of the weight.

    Parameters
    ----------
    scale : float
        $s > 0$.
    mode : {"fan_in", "fan_out", "fan_avg"}
        Which fan: inputs of an output, outputs of an input, or their mean.
    distribution : {"uniform", "normal", "truncated_normal"}
        All three have the variance above. The truncated one is a wider normal, without
        what lies beyond two of its deviations.
    kernel : {"conv", "depthwise", "embedding"}
        What the weights belong to; a dense layer counts as "conv". A depthwise kernel
        has one output per channel.
    convention : {"torch", "keras"}
        Who counts the fans of a depthwise kernel or of an embedding; see `fans`.
    fan : int, optional
        Divide by this number, whatever the shape: for a bias.
    seed : int, optional
        Draws the same numbers at every call. None draws from the global generator.

    Raises
    ------
    ValueError
        If `scale` or `fan` is not positive, an option is none of the above, or a tensor
        of fewer than two axes comes without a `fan`, or holds integers.

    Examples
    --------
    >>> weight = VarianceScaling(2.0, distribution="uniform")(torch.empty(500, 600))
    >>> bool(weight.abs().max() <= 0.1), round(float(weight.std()), 3)
    (True, 0.058)

    References
    ----------
    Glorot, Bengio, 2010. <https://proceedings.mlr.press/v9/glorot10a.html>
    He et al., "Delving deep into rectifiers", 2015. <https://arxiv.org/abs/1502.01852>
    """

    def __init__(
        self,
        scale: float = 1.0,
        *,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        kernel: str = "conv",
        convention: str = "torch",
        fan: int | None = None,
        seed: int | None = None,
    ) -> None:
        if not scale > 0:
            raise ValueError(f"scale must be > 0. Received: {scale}")
        if fan is not None and not fan > 0:
            raise ValueError(f"fan must be > 0. Received: {fan}")
        _check(mode=mode, distribution=distribution)
        _check(kernel=kernel, convention=convention)
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.kernel, self.convention = kernel, convention
        self.fan, self.seed = fan, seed

    @torch.no_grad()
    def __call__(self, tensor: Tensor) -> Tensor:
        """Fill a tensor in place."""
        if not tensor.is_floating_point():
            raise ValueError(f"tensor must hold floats. Received: {tensor.dtype}")
        fan: float
        if self.fan is not None:
            fan = self.fan
        else:
            pair = fans(
                tuple(tensor.shape), kernel=self.kernel, convention=self.convention
            )
            averaged = sum(pair) / 2
            fan = {"fan_in": pair[0], "fan_out": pair[1], "fan_avg": averaged}[
                self.mode
            ]
        # an empty tensor has a fan of 0
        deviation = math.sqrt(self.scale / max(fan, 1))
        # half precision has too few numbers between 0 and 1 to draw from
        kind = torch.promote_types(tensor.dtype, torch.float32)
        wide = torch.empty_like(tensor, dtype=kind)
        generator = None
        if self.seed is not None:
            generator = torch.Generator(tensor.device).manual_seed(self.seed)
        if self.distribution == "uniform":
            limit = math.sqrt(3) * deviation
            wide.uniform_(-limit, limit, generator=generator)
        elif self.distribution == "normal":
            wide.normal_(0, deviation, generator=generator)
        else:
            # a normal cut at two deviations is 0.8796 as wide as it was
            parent = deviation / 0.87962566103423978
            # drawn by its inverse, from the shares between which it is kept
            share = math.erf(math.sqrt(2))
            wide.uniform_(-share, share, generator=generator).erfinv_()
            wide.mul_(math.sqrt(2) * parent).clamp_(-2 * parent, 2 * parent)
        return tensor.copy_(wide)


def fans(
    shape: tuple[int, ...], *, kernel: str = "conv", convention: str = "torch"
) -> tuple[int, int]:
    """Count the inputs of an output and the outputs of an input, as a framework does.

    Parameters
    ----------
    shape : tuple of int
        Shape of the weights: outputs, inputs, places.
    kernel : {"conv", "depthwise", "embedding"}
        What the weights belong to; a dense layer counts as "conv". A depthwise kernel
        has one output per channel.
    convention : {"torch", "keras"}
        Who counts. They differ for a depthwise kernel, where Keras takes the channels
        for inputs and torch for outputs, and for an embedding. Neither divides the
        outputs by the groups of a grouped convolution.

    Returns
    -------
    tuple of int
        fan_in and fan_out.

    Raises
    ------
    ValueError
        If the shape has fewer than two axes or an option is none of the above.

    Examples
    --------
    >>> fans((64, 3, 7, 7))
    (147, 3136)
    >>> fans((64, 1, 3, 3), kernel="depthwise", convention="keras")
    (576, 9)

    References
    ----------
    Glorot, Bengio, 2010. <https://proceedings.mlr.press/v9/glorot10a.html>
    """
    _check(kernel=kernel, convention=convention)
    if len(shape) < 2:
        raise ValueError(f"shape must have two axes or more. Received: {shape}")
    outs, ins, *places = shape
    if kernel != "conv" and convention == "keras":
        ins, outs = outs, ins
    return ins * math.prod(places), outs * math.prod(places)


def _check(**options: str) -> None:
    allowed = {
        "mode": ("fan_in", "fan_out", "fan_avg"),
        "distribution": ("uniform", "normal", "truncated_normal"),
        "kernel": ("conv", "depthwise", "embedding"),
        "convention": ("torch", "keras"),
    }
    for name, value in options.items():
        if value not in allowed[name]:
            raise ValueError(f"{name} must be in {allowed[name]}. Received: {value!r}")
