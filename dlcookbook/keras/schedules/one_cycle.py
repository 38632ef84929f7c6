"""One cycle: up to a rate that could not be kept for long, and far down again."""

import math
from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["OneCycle"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    r"""From $s \eta$ up to $\eta$, then down to $e \eta$, along half waves or straight.

    The summit lies at step $w N - 1$, the end at the last step $N - 1$: the rates of
    `torch.optim.lr_scheduler.OneCycleLR`, which moves the momentum too. This does not.
    Steps are batches, with `gradient_accumulation_steps` too.

    Parameters
    ----------
    learning_rate : float >= 0
        Highest rate $\eta$.
    steps : int
        $N$, length of the training.
    warmup : float in (0, 1)
        $w$, share of the steps on which the rate rises.
    start : float in [0, 1]
        $s$, share of $\eta$ at step 0.
    end : float in [0, 1]
        $e$, share of $\eta$ at the last step and after it.
    shape : {"cosine", "linear"}
        How the rate goes up and down.

    Raises
    ------
    ValueError
        If an option is out of its range, or no step is left for one of the ways.

    Examples
    --------
    >>> rate = OneCycle(1.0, 7, warmup=3 / 7, end=0.0)
    >>> [round(float(rate(step)), 4) for step in (0, 1, 2, 4, 6, 9)]
    [0.04, 0.52, 1.0, 0.5, 0.0, 0.0]

    References
    ----------
    Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using
    Large Learning Rates", 2017. <https://arxiv.org/abs/1708.07120>
    """

    def __init__(
        self,
        learning_rate: float,
        steps: int,
        *,
        warmup: float = 0.3,
        start: float = 0.04,
        end: float = 4e-6,
        shape: str = "cosine",
    ) -> None:
        if not 0 <= learning_rate < math.inf:
            raise ValueError(f"learning_rate must be >= 0. Received: {learning_rate}")
        if not isinstance(steps, int) or isinstance(steps, bool) or steps < 2:
            raise ValueError(f"steps must be an integer >= 2. Received: {steps!r}")
        if not 1 / steps < warmup < 1:
            raise ValueError(f"warmup must be in (1 / steps, 1). Received: {warmup}")
        for name, share in {"start": start, "end": end}.items():
            if not 0 <= share <= 1:
                raise ValueError(f"{name} must be in [0, 1]. Received: {share}")
        if shape not in ("cosine", "linear"):
            raise ValueError(f"shape must be 'cosine' or 'linear'. Received: {shape!r}")
        self.learning_rate, self.steps, self.warmup = learning_rate, steps, warmup
        self.start, self.end, self.shape = start, end, shape

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
        t, top = ops.cast(step, "float32"), self.warmup * self.steps - 1
        up = ops.clip(t / top, 0.0, 1.0)
        left = 1 - ops.clip((t - top) / (self.steps - 1 - top), 0.0, 1.0)
        if self.shape == "cosine":
            up, left = ((1 - ops.cos(math.pi * u)) / 2 for u in (up, left))
        rise = self.start + (1 - self.start) * up
        fall = self.end + (1 - self.end) * left
        rate = self.learning_rate * ops.where(t <= top, rise, fall)
        return ops.where(t >= 0, rate, math.nan)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        names = ("learning_rate", "steps", "warmup", "start", "end", "shape")
        return {name: getattr(self, name) for name in names}
