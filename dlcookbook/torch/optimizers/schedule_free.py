"""Schedule-Free: averages its own path instead of lowering the learning rate."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

__all__ = ["ScheduleFreeAdamW"]


class ScheduleFreeAdamW(Optimizer):
    r"""$z - \gamma (g(y) / (\sqrt{\hat v} + \epsilon) + \lambda y)$, averaged to $x$.

    Gradients are taken at $y = (1 - \beta_1) z + \beta_1 x$. `eval()` puts the mean $x$
    of all $z$ into the model, to validate and to save it; `train()` brings $y$ back, up
    to rounding. BatchNorm's running means belong to $y$: refresh them at $x$. A weight
    without a gradient tensor stays, and a NaN makes it NaN for good.

    Parameters
    ----------
    params : iterable of Tensor, shape (...), or of dict
        Weights, or groups of them with their own options.
    lr : float >= 0
        Learning rate $\gamma$, without a schedule: one to ten times AdamW's.
    betas : tuple of two floats in (0, 1) and [0, 1)
        How near to the average the slope is taken; what is kept of the mean square.
    eps : float >= 0
        $\epsilon$.
    weight_decay : float >= 0
        $\lambda$, decoupled: takes $\gamma \lambda y$ from $z$.
    warmup_steps : int >= 0
        Steps in which the rate rises to its full size.
    weight_lr_power : float >= 0
        A step enters the mean with the weight of its (largest) rate to this power.

    Raises
    ------
    ValueError
        If an option of a group is out of its range.

    Examples
    --------
    >>> w = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
    >>> optimizer = ScheduleFreeAdamW([w], lr=0.5)
    >>> for _ in range(2):
    ...     w.grad = torch.tensor([5.0, -0.01])
    ...     optimizer.step()
    >>> optimizer.eval()
    >>> [round(x, 4) for x in w.tolist()]
    [0.25, 1.75]

    References
    ----------
    Defazio et al., "The Road Less Scheduled", 2024, algorithm 1.
    <https://arxiv.org/abs/2405.15682>
    """

    def __init__(
        self,
        params: Any,
        lr: float = 2.5e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        warmup_steps: int = 0,
        weight_lr_power: float = 2.0,
    ) -> None:
        options: dict[str, Any] = {"lr": lr, "betas": betas, "eps": eps}
        options |= {"weight_decay": weight_decay, "warmup_steps": warmup_steps}
        # what training remembers of a group travels with its options
        options |= {"weight_lr_power": weight_lr_power, "training": True}
        super().__init__(
            params, options | {"step": 0, "weight_sum": 0.0, "lr_max": 0.0}
        )
        for group in self.param_groups:
            first, second = group["betas"]
            if not (0 < first < 1 and 0 <= second < 1):
                raise ValueError(
                    f"betas must be in (0, 1) and [0, 1). Received: {group['betas']}"
                )
            for name in (
                "lr",
                "eps",
                "weight_decay",
                "warmup_steps",
                "weight_lr_power",
            ):
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
        RuntimeError
            If `eval` was called last.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            if not group["training"]:
                raise RuntimeError(
                    "step() in evaluation mode would train the average. Call train() "
                    "first. Received: eval()"
                )
            first, second = group["betas"]
            group["step"] += 1
            step, warmup = group["step"], group["warmup_steps"]
            lr = group["lr"] * (min(1.0, step / warmup) if warmup else 1.0)
            group["lr_max"] = max(group["lr_max"], lr)
            weight = group["lr_max"] ** group["weight_lr_power"]
            group["weight_sum"] += weight
            share = weight / group["weight_sum"] if group["weight_sum"] else 0.0
            for p in (p for p in group["params"] if p.grad is not None):
                g, state = _gradient(p), self.state[p]
                if not state:
                    state["step"], state["z"] = 0, p.clone()
                    state["square"] = torch.zeros_like(p)
                state["step"] += 1
                z, square = state["z"], state["square"].mul_(second)
                square.addcmul_(g, g, value=1 - second)
                root = (square / (1 - second ** state["step"])).sqrt_()
                move = g / root.add_(group["eps"])
                move.add_(p, alpha=group["weight_decay"])
                # y moves towards the new z by what x does, and by its own share
                p.lerp_(z, 1 - 1 / first)
                z.sub_(move, alpha=lr)
                p.lerp_(z, share).lerp_(z, 1 - first)
        return loss

    @torch.no_grad()
    def eval(self) -> None:
        """Put the average $x$ into the model; nothing if it is there already."""
        self._switch(training=False)

    @torch.no_grad()
    def train(self) -> None:
        """Put $y$, where training goes on, into the model; nothing if it is there."""
        self._switch(training=True)

    def _switch(self, *, training: bool) -> None:
        for group in self.param_groups:
            if group["training"] != training:
                first = group["betas"][0]
                group["training"] = training
                for p in (p for p in group["params"] if "z" in self.state[p]):
                    share = 1 - first if training else 1 - 1 / first
                    p.lerp_(self.state[p]["z"], share)


def _gradient(p: Tensor) -> Tensor:
    g = p.grad
    assert g is not None
    if g.layout != torch.strided or g.is_complex():
        raise ValueError(
            f"gradients must be dense and real. Received: {g.layout}, {g.dtype}"
        )
    return g
