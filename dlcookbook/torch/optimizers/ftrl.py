"""FTRL-Proximal: the best weights for all gradients so far, with exact zeros by L1."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

__all__ = ["Ftrl"]


class Ftrl(Optimizer):
    r"""$\theta = (\mathrm{clip}(z, \pm \lambda_1) - z) / q$: one step.

    $q = (\beta + \sqrt n) / \eta + 2 \lambda_2$, $n$ sums $g^2$ and $z$ sums
    $g - (\sqrt n - \sqrt{n_{old}}) \theta / \eta$. Without penalties it is Adagrad. A
    weight without a gradient tensor stays, and a NaN makes it NaN for good.

    Parameters
    ----------
    params : iterable of Tensor, shape (...), or of dict
        Weights, or groups of them with their own options.
    lr : float > 0
        Learning rate $\eta$. No schedule: the rate is part of $z$.
    initial_accumulator_value : float >= 0
        What $n$ starts from: 0 in the paper, 0.1 in Keras.
    l1, l2 : float >= 0
        Penalties $\lambda_1 |\theta|$, which gives exact zeros, and
        $\lambda_2 \theta^2$. These are its decay: there is no other.
    beta : float >= 0
        $\beta$: 1 in the paper, 0 in Keras.
    keep_start : bool
        True starts from the $z$ that the weights belong to. False starts from 0, as
        Keras: its accumulator above 0 then pulls any network to about 0 in one step.

    Raises
    ------
    ValueError
        If an option of a group is out of its range.

    Examples
    --------
    >>> w = torch.nn.Parameter(torch.tensor([1.0, 0.0]))
    >>> optimizer = Ftrl([w], lr=0.5, l1=2.0, initial_accumulator_value=0.0)
    >>> (w * torch.tensor([8.0, 2.0])).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.5, 0.0]

    References
    ----------
    McMahan et al., "Ad Click Prediction: a View from the Trenches", 2013, algorithm 1.
    <https://doi.org/10.1145/2487575.2488200>
    """

    def __init__(
        self,
        params: Any,
        lr: float,
        *,
        initial_accumulator_value: float = 0.1,
        l1: float = 0.0,
        l2: float = 0.0,
        beta: float = 0.0,
        keep_start: bool = True,
    ) -> None:
        options: dict[str, Any] = {"lr": lr, "l1": l1, "l2": l2, "beta": beta}
        options["initial_accumulator_value"] = initial_accumulator_value
        super().__init__(params, options | {"keep_start": keep_start})
        for group in self.param_groups:
            if not 0 < group["lr"] < float("inf"):
                raise ValueError(f"lr must be > 0. Received: {group['lr']}")
            for name in ("initial_accumulator_value", "l1", "l2", "beta"):
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
            lr, l1, beta = group["lr"], group["l1"], group["beta"]
            for p in (p for p in group["params"] if p.grad is not None):
                g, state = _gradient(p), self.state[p]
                if not state:
                    start = group["initial_accumulator_value"]
                    state["sum"] = torch.full_like(p, start)
                    state["linear"] = torch.zeros_like(p)
                    if group["keep_start"]:
                        pull = (beta + start**0.5) / lr + 2 * group["l2"]
                        state["linear"].sub_(p, alpha=pull).sub_(p.sign(), alpha=l1)
                total, linear = state["sum"], state["linear"]
                before = total.sqrt()
                after = total.addcmul_(g, g).sqrt()
                linear.add_(g).addcmul_(after - before, p, value=-1 / lr)
                weight = (beta + after) / lr + 2 * group["l2"]
                new = (linear.clamp(-l1, l1) - linear) / weight
                # without any gradient yet, 0 / 0
                p.copy_(torch.where(weight == 0, p, new))
        return loss


def _gradient(p: Tensor) -> Tensor:
    g = p.grad
    assert g is not None
    if g.layout != torch.strided or g.is_complex():
        raise ValueError(
            f"gradients must be dense and real. Received: {g.layout}, {g.dtype}"
        )
    return g
