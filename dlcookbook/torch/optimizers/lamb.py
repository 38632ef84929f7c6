"""LAMB: Adam's direction, as long as each tensor of weights is: for huge batches."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

__all__ = ["Lamb"]


class Lamb(Optimizer):
    r"""$\theta - \eta \frac{\|\theta\|}{\|r + \lambda \theta\|} (r + \lambda \theta)$.

    $r = \hat m / (\sqrt{\hat v} + \epsilon)$ is Adam's step. Every tensor moves by the
    share $\eta$ of its own length, by $\eta r$ where a length is 0. A tensor without a
    gradient stays; one NaN makes a whole tensor NaN for good.

    Parameters
    ----------
    params : iterable of Tensor, shape (...), or of dict
        Weights, or groups of them with their own options.
    lr : float >= 0
        Learning rate $\eta$.
    betas : tuple of two floats in [0, 1)
        What is kept of the two means.
    eps : float >= 0
        $\epsilon$: 1e-6 as in the paper's code; Keras has 1e-7.
    weight_decay : float >= 0
        $\lambda$, part of the direction and of its length as in the paper. Keras'
        shrinks the weights before and leaves the length alone.
    bias_correction : bool
        False leaves both hats out.

    Raises
    ------
    ValueError
        If an option of a group is out of its range.

    Examples
    --------
    >>> w = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
    >>> optimizer = Lamb([w], lr=0.1)
    >>> (7 * w[0]).backward()
    >>> optimizer.step()
    >>> w.tolist()
    [2.5, 4.0]

    References
    ----------
    You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76
    minutes", 2020, algorithm 2. <https://arxiv.org/abs/1904.00962>
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        bias_correction: bool = True,
    ) -> None:
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, options | {"bias_correction": bias_correction})
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
            betas = group["betas"]
            for p in (p for p in group["params"] if p.grad is not None):
                g, state = _gradient(p), self.state[p]
                if not state:
                    state["step"] = 0
                    state["mean"] = torch.zeros_like(p)
                    state["square"] = torch.zeros_like(p)
                state["step"] += 1
                mean = state["mean"].lerp_(g, 1 - betas[0])
                square = state["square"].mul_(betas[1])
                square.addcmul_(g, g, value=1 - betas[1])
                first, second = (
                    1 - b ** state["step"] if group["bias_correction"] else 1.0
                    for b in betas
                )
                move = (mean / first).div_((square / second).sqrt_().add_(group["eps"]))
                move.add_(p, alpha=group["weight_decay"])
                own, other = p.norm(), move.norm()
                ratio = torch.where((own == 0) | (other == 0), 1.0, own / other)
                p.sub_(move.mul_(ratio), alpha=group["lr"])
        return loss


def _gradient(p: Tensor) -> Tensor:
    g = p.grad
    assert g is not None
    if g.layout != torch.strided or g.is_complex():
        raise ValueError(
            f"gradients must be dense and real. Received: {g.layout}, {g.dtype}"
        )
    return g
