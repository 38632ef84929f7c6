"""Inverse square root: after the warm-up, four times as long is half the rate."""

import math
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

__all__ = ["InverseSqrt"]


class InverseSqrt(LRScheduler):
    r"""$\eta \sqrt{w / t}$ after a warm-up of $w$ steps: it needs no end.

    Step $w$ has the full rate, step $4 w$ half of it, step $100 w$ a tenth. $\eta$ is
    the rate that each group of the optimizer was given. Call `step()` after every
    `optimizer.step()`. The state has the place alone, no option.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are moved.
    warmup_steps : int >= 1
        $w$: how many steps stay below $\eta$ at first.
    start : float in [0, 1], optional
        Share of $\eta$ at step 0. By default the warm-up's stairs are equally high,
        the first included.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> import torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    >>> schedule = InverseSqrt(optimizer, warmup_steps=3)
    >>> [schedule.share(step) for step in (0, 1, 2, 3, 12, 48, 300)]
    [0.25, 0.5, 0.75, 1.0, 0.5, 0.25, 0.1]

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, equation 3.
    <https://arxiv.org/abs/1706.03762>
    """

    def __init__(
        self, optimizer: Optimizer, *, warmup_steps: int, start: float | None = None
    ) -> None:
        is_count = isinstance(warmup_steps, int) and not isinstance(warmup_steps, bool)
        if not is_count or warmup_steps < 1:
            raise ValueError(
                f"warmup_steps must be an integer >= 1. Received: {warmup_steps!r}"
            )
        if start is not None and not 0 <= start <= 1:
            raise ValueError(f"start must be in [0, 1]. Received: {start}")
        self.warmup_steps = warmup_steps
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
        return math.sqrt(self.warmup_steps / step)

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
        options = ("warmup_steps", "start")
        return {k: v for k, v in super().state_dict().items() if k not in options}
