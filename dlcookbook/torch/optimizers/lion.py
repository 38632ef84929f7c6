"""Lion: only the sign of the momentum counts, so every weight moves equally far."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

__all__ = ["Lion"]


class Lion(Optimizer):
    r"""$\theta - \eta (\mathrm{sign}(\beta_1 m + (1 - \beta_1) g) + \lambda \theta)$.

    Then $m \leftarrow \beta_2 m + (1 - \beta_2) g$. Every weight moves by $\eta$
    exactly; a weight without a gradient tensor stays, and a NaN makes it NaN for good.

    Parameters
    ----------
    params : iterable of Tensor, shape (...), or of dict
        Weights, or groups of them with their own options.
    lr : float >= 0
        Learning rate $\eta$: 3 to 10 times smaller than AdamW's.
    betas : tuple of two floats in [0, 1)
        What the step and the memory keep of the mean.
    weight_decay : float >= 0
        $\lambda$, decoupled: shrinks by $1 - \eta \lambda$. As many times larger than
        AdamW's as the rate is smaller.

    Raises
    ------
    ValueError
        If an option of a group is out of its range.

    Examples
    --------
    >>> w = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
    >>> optimizer = Lion([w], lr=0.125)
    >>> (w * torch.tensor([5.0, -0.01])).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.875, 1.125]

    References
    ----------
    Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023, algorithm 2.
    <https://arxiv.org/abs/2302.06675>
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-4,
        *,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            params, {"lr": lr, "betas": betas, "weight_decay": weight_decay}
        )
        for group in self.param_groups:
            if not all(0 <= b < 1 for b in group["betas"]):
                raise ValueError(f"betas must be in [0, 1). Received: {group['betas']}")
            for name in ("lr", "weight_decay"):
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
            lr, (first, second) = group["lr"], group["betas"]
            for p in (p for p in group["params"] if p.grad is not None):
                g, state = _gradient(p), self.state[p]
                if not state:
                    state["mean"] = torch.zeros_like(p)
                mean = state["mean"]
                p.mul_(1 - lr * group["weight_decay"])
                move = mean.lerp(g, 1 - first)
                # PyTorch's sign of NaN is 0: the weight would stand still unnoticed
                p.sub_(torch.where(move.isnan(), move, move.sign()), alpha=lr)
                mean.lerp_(g, 1 - second)
        return loss


def _gradient(p: Tensor) -> Tensor:
    g = p.grad
    assert g is not None
    if g.layout != torch.strided or g.is_complex():
        raise ValueError(
            f"gradients must be dense and real. Received: {g.layout}, {g.dtype}"
        )
    return g
