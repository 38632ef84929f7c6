"""Adam in the convention of either framework, for runs that must agree."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

__all__ = ["TwinAdam"]


class TwinAdam(Optimizer):
    r"""$\hat m / (\sqrt{\hat v} + \epsilon)$, or $\epsilon$ before the hat as in Keras.

    Keras adds $\epsilon$ before the correction, so that it begins 32 times as large.
    `weight_decay` joins the gradient in torch's Adam and shrinks the weights in Keras'
    (as AdamW in both). Keras has no argument for the first. A weight without a gradient
    tensor stays; a NaN makes it NaN for good.

    Parameters
    ----------
    params : iterable of Tensor, shape (...), or of dict
        Weights, or groups of them with their own options.
    lr : float >= 0
        Learning rate.
    betas : tuple of two floats in [0, 1)
        What is kept of the two means.
    eps : float >= 0
        $\epsilon$.
    weight_decay : float >= 0
        Added to the gradient times the weights (torch), or what the weights shrink by,
        times the rate (Keras).
    convention : {"torch", "keras"}
        Whose rule.
    amsgrad : bool
        Divide by the largest mean square so far.

    Raises
    ------
    ValueError
        If an option of a group is out of its range.

    Examples
    --------
    >>> for convention in ("torch", "keras"):
    ...     w = torch.nn.Parameter(torch.tensor(0.0))
    ...     options = {"lr": 1.0, "betas": (0.5, 0.75), "eps": 1.0}
    ...     optimizer = TwinAdam([w], **options, convention=convention)
    ...     w.grad = torch.tensor(-1.0)
    ...     optimizer.step()
    ...     print(round(w.item(), 4))
    0.5
    0.3333

    References
    ----------
    Kingma, Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1; end of
    section 2: as Keras. <https://arxiv.org/abs/1412.6980>
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        convention: str,
        amsgrad: bool = False,
    ) -> None:
        options: dict[str, Any] = {"lr": lr, "betas": betas, "eps": eps}
        options |= {"weight_decay": weight_decay, "convention": convention}
        super().__init__(params, options | {"amsgrad": amsgrad})
        for group in self.param_groups:
            if group["convention"] not in ("torch", "keras"):
                raise ValueError(
                    "convention must be 'torch' or 'keras'. "
                    f"Received: {group['convention']}"
                )
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
            keras, lr, betas = (
                group["convention"] == "keras",
                group["lr"],
                group["betas"],
            )
            decay, eps = group["weight_decay"], group["eps"]
            for p in (p for p in group["params"] if p.grad is not None):
                g, state = _gradient(p), self.state[p]
                if not state:
                    state["step"] = 0
                    for name in ("mean", "square", "peak"):
                        state[name] = torch.zeros_like(p)
                state["step"] += 1
                if keras:
                    p.mul_(1 - lr * decay)
                else:
                    g = g.add(p, alpha=decay)
                mean = state["mean"].lerp_(g, 1 - betas[0])
                square = state["square"].mul_(betas[1])
                square.addcmul_(g, g, value=1 - betas[1])
                if group["amsgrad"]:
                    square = torch.maximum(state["peak"], square, out=state["peak"])
                first, second = (1 - b ** state["step"] for b in betas)
                inside, outside = (eps, 0.0) if keras else (0.0, eps)
                root = (square.sqrt() + inside).div_(second**0.5).add_(outside)
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
