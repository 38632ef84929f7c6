"""Warm-up, stable, decay: the rate stays up until an end is wanted, then comes down."""

import math
from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["WarmupStableDecay"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class WarmupStableDecay(keras.optimizers.schedules.LearningRateSchedule):
    r"""$\eta$ all the way, but for a climb at the start and a fall at the end.

    The three parts are independent: a longer run has the same rates up to its decay.
    Steps are batches, with `gradient_accumulation_steps` too.

    Parameters
    ----------
    learning_rate : float >= 0
        Highest rate $\eta$.
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
    >>> rate = WarmupStableDecay(1.0, 8, warmup_steps=1, decay_steps=4)
    >>> [float(rate(step)) for step in (0, 1, 4, 5, 6, 7, 8)]
    [0.5, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]

    References
    ----------
    Hu et al., "MiniCPM: Unveiling the Potential of Small Language Models with Scalable
    Training Strategies", 2024, section 4. <https://arxiv.org/abs/2404.06395>
    """

    def __init__(
        self,
        learning_rate: float,
        steps: int,
        *,
        warmup_steps: int,
        decay_steps: int,
        start: float | None = None,
        end: float = 0.0,
        shape: str = "linear",
    ) -> None:
        if not 0 <= learning_rate < math.inf:
            raise ValueError(f"learning_rate must be >= 0. Received: {learning_rate}")
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
        self.learning_rate, self.steps = learning_rate, steps
        self.warmup_steps, self.decay_steps = warmup_steps, decay_steps
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
        t = ops.cast(step, "float32")
        first = 1 / (self.warmup_steps + 1) if self.start is None else self.start
        climb = first + (1 - first) * t / max(self.warmup_steps, 1)
        done = ops.clip((t - self.steps) / self.decay_steps + 1, 0.0, 1.0)
        left = 1 - done
        if self.shape == "sqrt":
            left = 1 - ops.sqrt(done)
        elif self.shape == "cosine":
            left = (1 + ops.cos(math.pi * done)) / 2
        fall = self.end + (1 - self.end) * left
        rate = self.learning_rate * ops.where(t < self.warmup_steps, climb, fall)
        return ops.where(t >= 0, rate, math.nan)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        parts = ("learning_rate", "steps", "warmup_steps", "decay_steps")
        return {n: getattr(self, n) for n in (*parts, "start", "end", "shape")}


def _check_count(name: str, count: int, least: int) -> None:
    if not isinstance(count, int) or isinstance(count, bool) or count < least:
        raise ValueError(f"{name} must be an integer >= {least}. Received: {count!r}")
