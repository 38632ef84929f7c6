"""RMSprop in the convention of either framework, for runs that must agree."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

__all__ = ["TwinRMSprop"]


class TwinRMSprop(Optimizer):
    r"""$g / (\sqrt v + \epsilon)$ as torch has it, $g / \sqrt{v + \epsilon}$ as Keras.

    An $\epsilon$ of 1e-7 inside acts like one of 3e-4 outside: gradients below that
    move less in Keras. Momentum and decay differ as in SGD: Keras' buffer holds the
    rate, Keras' decay shrinks. No argument turns one into the other. A weight without a
    gradient tensor stays; a NaN makes it NaN for good.

    Parameters
    ----------
    params : iterable of Tensor, shape (...), or of dict
        Weights, or groups of them with their own options.
    lr : float >= 0
        Learning rate.
    alpha : float in [0, 1)
        What is kept of the mean square: `rho` in Keras, whose default is 0.9.
    eps : float >= 0
        $\epsilon$.
    momentum : float in [0, 1)
        What is kept of the last moves.
    weight_decay : float >= 0
        Added to the gradient times the weights (torch), or what the weights shrink by,
        times the rate (Keras).
    convention : {"torch", "keras"}
        Whose rule.
    centered : bool
        Divide by the standard deviation. Rounding cannot make it NaN here.

    Raises
    ------
    ValueError
        If an option of a group is out of its range.

    Examples
    --------
    >>> for convention in ("torch", "keras"):
    ...     w = torch.nn.Parameter(torch.tensor(0.0))
    ...     options = {"lr": 1.0, "alpha": 0.0, "eps": 1.0, "convention": convention}
    ...     optimizer = TwinRMSprop([w], **options)
    ...     w.grad = torch.tensor(-1.0)
    ...     optimizer.step()
    ...     print(round(w.item(), 4))
    0.5
    0.7071

    References
    ----------
    Tieleman, Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012.
    <https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf>
    Graves, 2013, eq. 38-41: inside. <https://arxiv.org/abs/1308.0850>
    """

    def __init__(
        self,
        params: Any,
        lr: float,
        alpha: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        *,
        convention: str,
        centered: bool = False,
    ) -> None:
        options: dict[str, Any] = {"lr": lr, "alpha": alpha, "eps": eps}
        options |= {"momentum": momentum, "weight_decay": weight_decay}
        super().__init__(
            params, options | {"convention": convention, "centered": centered}
        )
        for group in self.param_groups:
            if group["convention"] not in ("torch", "keras"):
                raise ValueError(
                    "convention must be 'torch' or 'keras'. "
                    f"Received: {group['convention']}"
                )
            for name in ("alpha", "momentum"):
                if not 0 <= group[name] < 1:
                    raise ValueError(
                        f"{name} must be in [0, 1). Received: {group[name]}"
                    )
            for name in ("lr", "eps", "weight_decay"):
                if not 0 <= group[name] < float("inf"):
                    raise ValueError(f"{name} must be >= 0. Received: {group[name]}")

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """Make one step along the gradients that `backward` left.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients anew, as `torch.optim` has it.

        Returns
        -------
        float or None
            What the closure returned.

        Raises
        ------
        ValueError
            If a gradient is sparse or complex.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            keras, lr, eps = group["convention"] == "keras", group["lr"], group["eps"]
            alpha, decay = group["alpha"], group["weight_decay"]
            for p in (p for p in group["params"] if p.grad is not None):
                g, state = _gradient(p), self.state[p]
                if not state:
                    for name in ("square", "mean", "buffer"):
                        state[name] = torch.zeros_like(p)
                if keras:
                    p.mul_(1 - lr * decay)
                else:
                    g = g.add(p, alpha=decay)
                spread = state["square"].mul_(alpha).addcmul_(g, g, value=1 - alpha)
                if group["centered"]:
                    mean = state["mean"].lerp_(g, 1 - alpha)
                    spread = (spread - mean**2).clamp_(min=0)
                root = (spread + eps).sqrt_() if keras else spread.sqrt().add_(eps)
                move = (g * lr if keras else g) / root
                buffer = state["buffer"].mul_(group["momentum"]).add_(move)
                p.sub_(buffer, alpha=1 if keras else lr)
        return loss


def _gradient(p: Tensor) -> Tensor:
    g = p.grad
    assert g is not None
    if g.layout != torch.strided or g.is_complex():
        raise ValueError(
            f"gradients must be dense and real. Received: {g.layout}, {g.dtype}"
        )
    return g
