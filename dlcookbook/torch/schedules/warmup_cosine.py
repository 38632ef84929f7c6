"""Warm-up and cosine: a straight climb, then half a wave down, and there it stays."""

import math
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

__all__ = ["WarmupCosine"]


class WarmupCosine(LRScheduler):
    r"""$\eta (e + (1 - e)(1 + \cos \pi u) / 2)$, $u$ the share done after the warm-up.

    Halfway between warm-up and end the rate is $\eta (1 + e) / 2$. $\eta$ is the rate
    that each group of the optimizer was given. Call `step()` after every
    `optimizer.step()`, not once per epoch. The state has the place alone: a resumed
    run goes by the options that it is given, so that it can be made longer.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are moved.
    steps : int
        When the rate has come down, warm-up included.
    warmup_steps : int >= 0
        How many steps stay below $\eta$ at first.
    start : float in [0, 1], optional
        Share of $\eta$ at step 0. By default the warm-up's stairs are equally high,
        the first included.
    end : float in [0, 1]
        $e$, the share of $\eta$ that stays.

    Raises
    ------
    ValueError
        If an option is out of its range, or no step is left for the wave.

    Examples
    --------
    >>> import torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    >>> schedule = WarmupCosine(optimizer, 4, warmup_steps=1)
    >>> rates = []
    >>> for _ in range(6):
    ...     rates += schedule.get_last_lr()
    ...     optimizer.step()
    ...     schedule.step()
    >>> [round(rate, 6) for rate in rates]
    [0.5, 1.0, 0.75, 0.25, 0.0, 0.0]

    References
    ----------
    Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2016,
    equation 5. <https://arxiv.org/abs/1608.03983>
    """

    def __init__(
        self,
        optimizer: Optimizer,
        steps: int,
        *,
        warmup_steps: int = 0,
        start: float | None = None,
        end: float = 0.0,
    ) -> None:
        _check_count("warmup_steps", warmup_steps, 0)
        _check_count("steps", steps, warmup_steps + 1)
        for name, share in {"start": start or 0.0, "end": end}.items():
            if not 0 <= share <= 1:
                raise ValueError(f"{name} must be in [0, 1]. Received: {share}")
        self.steps, self.warmup_steps, self.end = steps, warmup_steps, end
        self.start = 1 / (warmup_steps + 1) if start is None else start
        super().__init__(optimizer)

    def share(self, step: int) -> float:
        """Return the rate of a step as a share of the highest.

        Parameters
        ----------
        step : int >= 0
            How many steps were taken before this one.

        Returns
        -------
        float
            In [0, 1].

        Raises
        ------
        ValueError
            If the step is negative.
        """
        if not step >= 0:
            raise ValueError(f"step must be >= 0. Received: {step}")
        if step < self.warmup_steps:
            return self.start + (1 - self.start) * step / self.warmup_steps
        done = (step - self.warmup_steps) / (self.steps - self.warmup_steps)
        wave = (1 + math.cos(math.pi * min(done, 1))) / 2
        return self.end + (1 - self.end) * wave

    def get_lr(self) -> list[Any]:
        """Return the rate of this step, as the base class asks.

        Returns
        -------
        list of float or Tensor, shape ()
            One for each group.
        """
        return [rate * self.share(self.last_epoch) for rate in self.base_lrs]

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs.

        Returns
        -------
        dict
            The place and the rates, no option.
        """
        options = ("steps", "warmup_steps", "start", "end")
        return {k: v for k, v in super().state_dict().items() if k not in options}


def _check_count(name: str, count: int, least: int) -> None:
    if not isinstance(count, int) or isinstance(count, bool) or count < least:
        raise ValueError(f"{name} must be an integer >= {least}. Received: {count!r}")
