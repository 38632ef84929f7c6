"""LARS: SGD whose step is a fixed share of each tensor's length: for huge batches."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

__all__ = ["LARS"]


class LARS(Optimizer):
    r"""$b \leftarrow \mu b + \eta r (g + \lambda \theta)$, $\theta - b$: one step.

    $r = \kappa \|\theta\| / (\|g\| + \lambda \|\theta\|)$ for each tensor, 1 where a
    length is 0. Without momentum and decay a tensor moves by the share $\eta \kappa$ of
    its length. One without a gradient stays; one NaN makes a tensor NaN for good.

    Parameters
    ----------
    params : iterable of Tensor, shape (...), or of dict
        Weights, or groups of them with their own options. Biases and norms usually
        form a group with `trust_coefficient=None`.
    lr : float >= 0
        Learning rate $\eta$: about 1 and more, since $\kappa$ multiplies it. Today's
        rate enters the buffer and stays in it.
    momentum : float in [0, 1)
        $\mu$, what is kept of the last moves.
    weight_decay : float >= 0
        $\lambda$: added to the gradient (L2) and counted in the ratio.
    eps : float >= 0
        Added to the denominator; the paper has none.
    trust_coefficient : float > 0 or None
        $\kappa$. None takes $r = 1$: SGD.
    nesterov : bool
        Step along the new gradient plus $\mu$ times the buffer.

    Raises
    ------
    ValueError
        If an option of a group is out of its range.

    Examples
    --------
    >>> w = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
    >>> optimizer = LARS([w], lr=1.0, trust_coefficient=0.1)
    >>> (7 * w[0]).backward()
    >>> optimizer.step()
    >>> w.tolist()
    [2.5, 4.0]

    References
    ----------
    You et al., "Large Batch Training of Convolutional Networks", 2017, algorithm 1.
    <https://arxiv.org/abs/1708.03888>
    """

    def __init__(
        self,
        params: Any,
        lr: float,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        eps: float = 0.0,
        *,
        trust_coefficient: float | None = 0.001,
        nesterov: bool = False,
    ) -> None:
        options: dict[str, Any] = {
            "lr": lr,
            "momentum": momentum,
            "weight_decay": weight_decay,
        }
        options |= {"trust_coefficient": trust_coefficient, "eps": eps}
        super().__init__(params, options | {"nesterov": nesterov})
        for group in self.param_groups:
            if not 0 <= group["momentum"] < 1:
                raise ValueError(
                    f"momentum must be in [0, 1). Received: {group['momentum']}"
                )
            trust = group["trust_coefficient"]
            if trust is not None and not 0 < trust < float("inf"):
                raise ValueError(f"trust_coefficient must be > 0. Received: {trust}")
            for name in ("lr", "weight_decay", "eps"):
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
            momentum, decay = group["momentum"], group["weight_decay"]
            trust = group["trust_coefficient"]
            for p in (p for p in group["params"] if p.grad is not None):
                g, state = _gradient(p), self.state[p]
                if not state:
                    state["buffer"] = torch.zeros_like(p)
                move = g.add(p, alpha=decay).mul_(group["lr"])
                if trust is not None:
                    own, slope = p.norm(), g.norm()
                    ratio = trust * own / (slope + decay * own + group["eps"])
                    move.mul_(torch.where((own == 0) | (slope == 0), 1.0, ratio))
                buffer = state["buffer"].mul_(momentum).add_(move)
                p.sub_(
                    move.add(buffer, alpha=momentum) if group["nesterov"] else buffer
                )
        return loss


def _gradient(p: Tensor) -> Tensor:
    g = p.grad
    assert g is not None
    if g.layout != torch.strided or g.is_complex():
        raise ValueError(
            f"gradients must be dense and real. Received: {g.layout}, {g.dtype}"
        )
    return g
