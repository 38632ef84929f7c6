"""AdaBelief: Adam that divides by how far the gradient is from the expected one."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

__all__ = ["AdaBelief"]


class AdaBelief(Optimizer):
    r"""$\theta - \eta \hat m / (\sqrt{\hat s} + \epsilon)$, $s$ a mean of $(g - m)^2$.

    Large steps where gradients come as expected, small ones where they surprise. A
    weight without a gradient tensor stays, and a NaN makes it NaN for good.

    Parameters
    ----------
    params : iterable of Tensor, shape (...), or of dict
        Weights, or groups of them with their own options.
    lr : float >= 0
        Learning rate $\eta$.
    betas : tuple of two floats in [0, 1)
        What is kept of the two means.
    eps : float >= 0
        Added to the root, and to $s$ at every step. 1e-16 is meant: Adam's 1e-8 is
        large beside the square of a small difference. Below 1e-38 it is 0 in float32,
        where a gradient that is always 0 would then give 0 / 0.
    weight_decay : float >= 0
        $\lambda$, decoupled: shrinks by $1 - \eta \lambda$.

    Raises
    ------
    ValueError
        If an option of a group is out of its range.

    Examples
    --------
    >>> w = torch.nn.Parameter(torch.tensor(1.0, dtype=torch.float64))
    >>> optimizer = AdaBelief([w], lr=0.09)
    >>> (5 * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 6)
    0.9

    References
    ----------
    Zhuang et al., "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed
    Gradients", 2020, algorithm 2. <https://arxiv.org/abs/2010.07468>
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        weight_decay: float = 0.0,
    ) -> None:
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, options)
        for group in self.param_groups:
            if not all(0 <= b < 1 for b in group["betas"]):
                raise ValueError(f"betas must be in [0, 1). Received: {group['betas']}")
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
            lr, betas, eps = group["lr"], group["betas"], group["eps"]
            for p in (p for p in group["params"] if p.grad is not None):
                g, state = _gradient(p), self.state[p]
                if not state:
                    state["step"] = 0
                    state["mean"] = torch.zeros_like(p)
                    state["surprise"] = torch.zeros_like(p)
                state["step"] += 1
                first, second = (1 - b ** state["step"] for b in betas)
                mean = state["mean"].lerp_(g, 1 - betas[0])
                off = g - mean
                surprise = state["surprise"].mul_(betas[1])
                surprise.addcmul_(off, off, value=1 - betas[1]).add_(eps)
                p.mul_(1 - lr * group["weight_decay"])
                root = (surprise / second).sqrt_().add_(eps)
                p.addcdiv_(mean, root, value=-lr / first)
        return loss


def _gradient(p: Tensor) -> Tensor:
    g = p.grad
    assert g is not None
    if g.layout != torch.strided or g.is_complex():
        raise ValueError(
            f"gradients must be dense and real. Received: {g.layout}, {g.dtype}"
        )
    return g
