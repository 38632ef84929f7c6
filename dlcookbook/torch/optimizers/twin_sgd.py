"""SGD in the convention of either framework, for runs that must agree."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

__all__ = ["TwinSGD"]


class TwinSGD(Optimizer):
    r"""$\theta - \eta b$ as torch has it, or $\theta - b$ with rates inside, as Keras.

    Keras' buffer keeps the rate of the day each gradient came on, torch's is multiplied
    by today's: equal until the rate changes. Keras' decay shrinks the weights, torch's
    joins the gradient and so the buffer. No argument of either framework turns one into
    the other. A weight without a gradient tensor stays; a NaN makes it NaN for good.

    Parameters
    ----------
    params : iterable of Tensor, shape (...), or of dict
        Weights, or groups of them with their own options.
    lr : float >= 0
        Learning rate $\eta$.
    momentum : float in [0, 1)
        What is kept of the buffer.
    weight_decay : float >= 0
        Added to the gradient times the weights (torch), or what the weights shrink by,
        times the rate (Keras).
    convention : {"torch", "keras"}
        Whose rule.
    nesterov : bool
        Step along the new gradient plus momentum times the buffer.

    Raises
    ------
    ValueError
        If an option of a group is out of its range.

    Examples
    --------
    >>> for convention in ("torch", "keras"):
    ...     w = torch.nn.Parameter(torch.tensor(0.0))
    ...     optimizer = TwinSGD([w], lr=1.0, momentum=0.5, convention=convention)
    ...     for lr in (1.0, 0.5):
    ...         optimizer.param_groups[0]["lr"], w.grad = lr, torch.tensor(-1.0)
    ...         optimizer.step()
    ...     print(w.item())
    1.75
    2.0

    References
    ----------
    Sutskever et al., 2013, eq. 1-4: as Keras. <https://proceedings.mlr.press/v28/sutskever13.html>
    <https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html>
    """

    def __init__(
        self,
        params: Any,
        lr: float,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        *,
        convention: str,
        nesterov: bool = False,
    ) -> None:
        options: dict[str, Any] = {"lr": lr, "momentum": momentum}
        options |= {"weight_decay": weight_decay, "convention": convention}
        super().__init__(params, options | {"nesterov": nesterov})
        for group in self.param_groups:
            if group["convention"] not in ("torch", "keras"):
                raise ValueError(
                    "convention must be 'torch' or 'keras'. "
                    f"Received: {group['convention']}"
                )
            if not 0 <= group["momentum"] < 1:
                raise ValueError(
                    f"momentum must be in [0, 1). Received: {group['momentum']}"
                )
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
            keras, lr = group["convention"] == "keras", group["lr"]
            momentum, decay = group["momentum"], group["weight_decay"]
            for p in (p for p in group["params"] if p.grad is not None):
                g, state = _gradient(p), self.state[p]
                if not state:
                    state["buffer"] = torch.zeros_like(p)
                if keras:
                    p.mul_(1 - lr * decay)
                    g = g * lr
                else:
                    g = g.add(p, alpha=decay)
                buffer = state["buffer"].mul_(momentum).add_(g)
                move = g.add(buffer, alpha=momentum) if group["nesterov"] else buffer
                p.sub_(move, alpha=1 if keras else lr)
        return loss


def _gradient(p: Tensor) -> Tensor:
    g = p.grad
    assert g is not None
    if g.layout != torch.strided or g.is_complex():
        raise ValueError(
            f"gradients must be dense and real. Received: {g.layout}, {g.dtype}"
        )
    return g
