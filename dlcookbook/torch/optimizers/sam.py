"""SAM: steps by the gradient of the worst place nearby, so that flat minima win."""

from collections.abc import Callable
from typing import Any

import torch
from torch.optim import Optimizer

__all__ = ["SAM"]


class SAM(Optimizer):
    r"""Two slopes for one step: $\mathrm{step}(\theta, g(\theta + \rho g / \|g\|))$.

    Wraps the optimizer that makes the step; both share groups and state, so schedules
    may hold either. Costs two passes. BatchNorm sees both of them: its running means
    also count the neighbour, unless the closure sets its momentum to 0 the second time.

    Parameters
    ----------
    optimizer : Optimizer
        Makes the step, with its own decay. Clip in the closure.
    rho : float >= 0
        Distance $\rho$ to the neighbour, in one norm over all weights.
    adaptive : bool
        Measure it relative to each weight's size: $\rho \theta^2 g / \||\theta| g\|$.

    Raises
    ------
    ValueError
        If `rho` is negative or not finite.

    Examples
    --------
    >>> w = torch.nn.Parameter(torch.tensor(2.0))
    >>> optimizer = SAM(torch.optim.SGD([w], lr=0.5), rho=1.0)
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = w**2 / 2
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure).item(), w.item()
    (2.0, 0.5)

    References
    ----------
    Foret et al., "Sharpness-Aware Minimization for Efficiently Improving
    Generalization", 2021, algorithm 1. <https://arxiv.org/abs/2010.01412>
    Kwon et al., 2021, eq. 5: adaptive. <https://arxiv.org/abs/2102.11600>
    """

    def __init__(
        self, optimizer: Optimizer, *, rho: float = 0.05, adaptive: bool = False
    ) -> None:
        if not 0 <= rho < float("inf"):
            raise ValueError(f"rho must be >= 0. Received: {rho}")
        super().__init__(optimizer.param_groups, optimizer.defaults)
        self.optimizer, self.rho, self.adaptive = optimizer, rho, adaptive
        self.param_groups, self.state = optimizer.param_groups, optimizer.state

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """Look at the neighbour, come back, and let the optimizer step.

        Parameters
        ----------
        closure : callable
            Clears the gradients, computes the loss and its gradients, and returns the
            loss: called twice, on one and the same batch.

        Returns
        -------
        float
            The loss at the weights, not at the neighbour.

        Raises
        ------
        ValueError
            If there is no closure, or a gradient is sparse or complex.
        """
        if closure is None:
            raise ValueError("closure must compute the gradients. Received: None")
        with torch.enable_grad():
            loss = closure()
        weights = [p for group in self.param_groups for p in group["params"]]
        weights = [p for p in weights if p.grad is not None]
        for p in weights:
            if p.grad.layout != torch.strided or p.grad.is_complex():
                raise ValueError(
                    "gradients must be dense and real. "
                    f"Received: {p.grad.layout}, {p.grad.dtype}"
                )
        sizes = [p.abs() if self.adaptive else torch.ones_like(p) for p in weights]
        norms = [(s * p.grad).norm() for p, s in zip(weights, sizes, strict=True)]
        # copies, since what is added and taken off again is rounded twice
        saved = [p.clone() for p in weights]
        try:
            if norms and (norm := torch.stack([n.double() for n in norms]).norm()) > 0:
                for p, s in zip(weights, sizes, strict=True):
                    p.add_(s * s * p.grad * (self.rho / norm).to(p))
            with torch.enable_grad():
                closure()
        finally:
            for p, old in zip(weights, saved, strict=True):
                p.copy_(old)
        self.optimizer.step()
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients.

        Parameters
        ----------
        set_to_none : bool
            None instead of zeros.
        """
        self.optimizer.zero_grad(set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the wrapped optimizer: there is no other.

        Returns
        -------
        dict
            What `load_state_dict` takes.
        """
        return self.optimizer.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a saved state.

        Parameters
        ----------
        state_dict : dict
            What `state_dict` returned, here or from the bare optimizer.
        """
        self.optimizer.load_state_dict(state_dict)
        self.param_groups, self.state = (
            self.optimizer.param_groups,
            self.optimizer.state,
        )

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add weights to the wrapped optimizer.

        Parameters
        ----------
        param_group : dict
            Weights and their options.
        """
        if hasattr(self, "optimizer"):
            self.optimizer.add_param_group(param_group)
        else:
            super().add_param_group(param_group)
