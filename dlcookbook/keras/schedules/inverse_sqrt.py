"""Inverse square root: after the warm-up, four times as long is half the rate."""

import math
from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["InverseSqrt"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class InverseSqrt(keras.optimizers.schedules.LearningRateSchedule):
    r"""$\eta \sqrt{w / t}$ after a warm-up of $w$ steps: it needs no end.

    Step $w$ has the full rate, step $4 w$ half of it, step $100 w$ a tenth. Steps
    are batches, with `gradient_accumulation_steps` too.

    Parameters
    ----------
    learning_rate : float >= 0
        Highest rate $\eta$.
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
    >>> rate = InverseSqrt(1.0, warmup_steps=3)
    >>> [round(float(rate(step)), 4) for step in (0, 1, 2, 3, 12, 48, 300)]
    [0.25, 0.5, 0.75, 1.0, 0.5, 0.25, 0.1]

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, equation 3.
    <https://arxiv.org/abs/1706.03762>
    """

    def __init__(
        self, learning_rate: float, *, warmup_steps: int, start: float | None = None
    ) -> None:
        if not 0 <= learning_rate < math.inf:
            raise ValueError(f"learning_rate must be >= 0. Received: {learning_rate}")
        is_count = isinstance(warmup_steps, int) and not isinstance(warmup_steps, bool)
        if not is_count or warmup_steps < 1:
            raise ValueError(
                f"warmup_steps must be an integer >= 1. Received: {warmup_steps!r}"
            )
        if start is not None and not 0 <= start <= 1:
            raise ValueError(f"start must be in [0, 1]. Received: {start}")
        self.learning_rate, self.warmup_steps = learning_rate, warmup_steps
        self.start = start

    def __call__(self, step: Any) -> KerasTensor:
        """Return the rate of a step, as the optimizer asks.

        Parameters
        ----------
        step : tensor, shape (...), or int >= 0
            How many steps were taken before this one.

        Returns
        -------
        tensor, shape (...)
            The rate in float32, NaN where a step is negative.
        """
        t = ops.cast(step, "float32")
        first = 1 / (self.warmup_steps + 1) if self.start is None else self.start
        climb = first + (1 - first) * t / self.warmup_steps
        fall = ops.sqrt(self.warmup_steps / ops.maximum(t, float(self.warmup_steps)))
        rate = self.learning_rate * ops.where(t < self.warmup_steps, climb, fall)
        return ops.where(t >= 0, rate, math.nan)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        names = ("learning_rate", "warmup_steps", "start")
        return {name: getattr(self, name) for name in names}
