"""Warm-up, stable, decay: the rate stays up until an end is wanted, then comes down."""

import math
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

__all__ = ["WarmupStableDecay"]


class WarmupStableDecay(LRScheduler):
    r"""$\eta$ all the way, but for a climb at the start and a fall at the end.

    The three parts are independent: a longer run has the same rates up to its decay.
    $\eta$ is the rate that each group of the optimizer was given. Call `step()` after
    every `optimizer.step()`. The state has the place alone: a run that is resumed from
    before its decay goes by the `steps` it is given, and can be made longer.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are moved.
    steps : int
        When the rate has come down, all parts included.
    warmup_steps : int >= 0
        How many steps stay below $\eta$ at first.
    decay_steps : int >= 1
        Length of the last part: a tenth to a fifth of all.
    start : float in [0, 1], optional
        Share of $\eta$ at step 0. By default the warm-up's stairs are equally high,
        the first included.
    end : float in [0, 1]
        Share of $\eta$ that stays.
    shape : {"linear", "sqrt", "cosine"}
        How the rate comes down: $1 - u$, $1 - \sqrt u$ or $(1 + \cos \pi u) / 2$.

    Raises
    ------
    ValueError
        If an option is out of its range, or the parts are longer than the whole.

    Examples
    --------
    >>> import torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    >>> schedule = WarmupStableDecay(optimizer, 8, warmup_steps=1, decay_steps=4)
    >>> [schedule.share(step) for step in (0, 1, 4, 5, 6, 7, 8)]
    [0.5, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]

    References
    ----------
    Hu et al., "MiniCPM: Unveiling the Potential of Small Language Models with Scalable
    Training Strategies", 2024, section 4. <https://arxiv.org/abs/2404.06395>
    """

    def __init__(
        self,
        optimizer: Optimizer,
        steps: int,
        *,
        warmup_steps: int,
        decay_steps: int,
        start: float | None = None,
        end: float = 0.0,
        shape: str = "linear",
    ) -> None:
        _check_count("warmup_steps", warmup_steps, 0)
        _check_count("decay_steps", decay_steps, 1)
        _check_count("steps", steps, warmup_steps + decay_steps)
        for name, share in {"start": start or 0.0, "end": end}.items():
            if not 0 <= share <= 1:
                raise ValueError(f"{name} must be in [0, 1]. Received: {share}")
        if shape not in ("linear", "sqrt", "cosine"):
            raise ValueError(
                f"shape must be 'linear', 'sqrt' or 'cosine'. Received: {shape!r}"
            )
        self.steps, self.warmup_steps, self.decay_steps = (
            steps,
            warmup_steps,
            decay_steps,
        )
        self.start = 1 / (warmup_steps + 1) if start is None else start
        self.end, self.shape = end, shape
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
        done = min(max((step - self.steps) / self.decay_steps + 1, 0), 1)
        left = {
            "linear": 1 - done,
            "sqrt": 1 - math.sqrt(done),
            "cosine": (1 + math.cos(math.pi * done)) / 2,
        }[self.shape]
        return self.end + (1 - self.end) * left

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
        options = ("steps", "warmup_steps", "decay_steps", "start", "end", "shape")
        return {k: v for k, v in super().state_dict().items() if k not in options}


def _check_count(name: str, count: int, least: int) -> None:
    if not isinstance(count, int) or isinstance(count, bool) or count < least:
        raise ValueError(f"{name} must be an integer >= {least}. Received: {count!r}")
