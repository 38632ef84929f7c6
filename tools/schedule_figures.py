"""Draw schedules, computed by the reference wing, and a measured range test."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from dlcookbook.reference.schedules.cosine_restarts import cosine_restarts
from dlcookbook.reference.schedules.exponential import exponential
from dlcookbook.reference.schedules.inverse_sqrt import inverse_sqrt
from dlcookbook.reference.schedules.one_cycle import one_cycle
from dlcookbook.reference.schedules.polynomial import polynomial
from dlcookbook.reference.schedules.reduce_on_plateau import reduce_on_plateau
from dlcookbook.reference.schedules.step_decay import multi_step_decay, step_decay
from dlcookbook.reference.schedules.warmup_constant import warmup_constant
from dlcookbook.reference.schedules.warmup_cosine import warmup_cosine
from dlcookbook.reference.schedules.warmup_stable_decay import warmup_stable_decay
from tools.svg import Curve, Figure, svg

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/assets/figures/schedules"
RATES = ROOT / "docs/evidence/schedules_rates.json"


def drawn(
    title: str, text: str, curves: dict[str, Callable[..., np.ndarray]], steps: int
) -> Figure:
    """Return a figure of rates, the highest of them 1."""
    return Figure(
        title,
        text,
        (0, steps),
        (0, 1),
        "steps",
        tuple(Curve(label, partial(f, lr=1.0)) for label, f in curves.items()),
        ticks=tuple(range(0, steps + 1, 20 if steps < 150 else 40)),
        points=961,
    )


def metric(epoch: np.ndarray) -> np.ndarray:
    """Return a loss that falls, rests, and falls at each cut of the rate."""
    t = np.floor(epoch)
    return (
        0.3
        + 0.6 * np.exp(-t / 4)
        - 0.15 * (1 - np.exp(-np.maximum(t - 22, 0) / 3))
        - 0.08 * (1 - np.exp(-np.maximum(t - 38, 0) / 3))
    )


def plateau() -> Figure:
    """Return a metric and the rate that follows it."""
    rates = reduce_on_plateau(
        metric(np.arange(60)), lr=1.0, factor=0.4, patience=5, min_delta=0.01
    )

    def rate(epoch: np.ndarray) -> np.ndarray:
        # a cut counts from the next epoch on
        before = np.concatenate([[1.0], rates])
        return before[np.minimum(np.floor(epoch).astype(int), 60)]

    return Figure(
        "Reduce on plateau",
        "A loss falls and comes to rest; five epochs later the rate is cut, and the "
        "loss falls a little further.",
        (0, 60),
        (0, 1),
        "epochs",
        (Curve("learning rate", rate), Curve("validation loss", metric)),
        ticks=(0, 20, 40, 60),
        points=961,
    )


def sweep() -> Figure:
    """Return the losses of the range test that the page measured."""
    told = json.loads(RATES.read_text(encoding="utf-8"))["curve"]
    powers = np.log10(told["rates"])
    low = float(powers[int(np.argmin(told["smooth"]))])
    end = float(powers[-1])

    def line(values: list[float]) -> Callable[[np.ndarray], np.ndarray]:
        return lambda x: np.interp(x, powers, values, right=np.nan)

    return Figure(
        "A learning-rate range test",
        f"Loss while the rate rises from 1e-5 to 1e{end:.1f}: it hardly moves at "
        f"first, is lowest at {10**low:.2g}, and blows up after it. A tenth "
        f"of that, {10 ** (low - 1):.2g}, is suggested.",
        (-5, 1),
        (0, 4),
        "power of ten of the rate",
        (
            Curve("smoothed loss", line(told["smooth"])),
            Curve("loss of a batch", line(told["losses"])),
        ),
        ticks=(-5, -3, -1, 1),
        points=961,
    )


def figures() -> dict[str, Figure]:
    """Return the figures of the schedules page."""
    stable = partial(warmup_stable_decay, steps=100, warmup_steps=10, decay_steps=20)
    return {
        "overview": drawn(
            "Four shapes",
            "One hundred steps: the cosine comes down from the warm-up on, "
            "warm-up-stable-decay stays up until step 80, one cycle has its summit at "
            "30, the inverse square root never ends.",
            {
                "cosine": partial(warmup_cosine, steps=100, warmup_steps=10),
                "stable": stable,
                "one cycle": partial(one_cycle, steps=100),
                "inv. root": partial(inverse_sqrt, warmup_steps=10),
            },
            120,
        ),
        "warmup-cosine": drawn(
            "Cosine, with a warm-up and without",
            "Both reach 0 at step 100 and stay there; PyTorch's own cosine, the third "
            "line, rises again.",
            {
                "warm-up": partial(warmup_cosine, steps=100, warmup_steps=10),
                "none": partial(warmup_cosine, steps=100),
                "CosineAnnealingLR": lambda t, lr: (
                    lr * (1 + np.cos(np.pi * t / 100)) / 2
                ),
            },
            160,
        ),
        "warmup-stable-decay": drawn(
            "Warm-up, stable, decay in three shapes",
            "Full rate from step 10 to 60, then down to 0 at step 100: straight, along "
            "a root that falls fast at first, along half a wave.",
            {
                shape: partial(
                    warmup_stable_decay,
                    steps=100,
                    warmup_steps=10,
                    decay_steps=40,
                    shape=shape,
                )
                for shape in ("linear", "sqrt", "cosine")
            },
            120,
        ),
        "one-cycle": drawn(
            "One cycle",
            "Up to the summit at step 29 and down to almost nothing at step 99, along "
            "half waves or straight.",
            {
                shape: partial(one_cycle, steps=100, shape=shape)
                for shape in ("cosine", "linear")
            },
            120,
        ),
        "linear": drawn(
            "Linear and polynomial",
            "Down to 0 at step 100 with a power of 1, of 0.9 (much the same), of 2.",
            {
                f"power {power:g}": partial(polynomial, steps=100, power=power)
                for power in (1, 0.9, 2)
            },
            120,
        ),
        "step": drawn(
            "Step, multi-step and exponential",
            "A fall to a half every 30 steps, falls to a tenth at steps 50 and 75, and "
            "a smooth way to a hundredth in 100 steps.",
            {
                "step": partial(step_decay, every=30, factor=0.5),
                "multi-step": partial(multi_step_decay, milestones=[50, 75]),
                "exponential": partial(exponential, factor=0.01, every=100),
            },
            120,
        ),
        "inverse-sqrt": drawn(
            "Inverse square root",
            "After a warm-up of 10 steps the rate is a half at step 40 and a third at "
            "step 90; after a warm-up of 40 it is a half at step 160.",
            {
                f"warm-up of {w}": partial(inverse_sqrt, warmup_steps=w)
                for w in (10, 40)
            },
            160,
        ),
        "cosine-restarts": drawn(
            "Cosine with restarts",
            "Periods of 20 steps, all alike; and periods that double, each from 70 per "
            "cent of the one before.",
            {
                "alike": partial(cosine_restarts, first=20),
                "doubled and lower": partial(
                    cosine_restarts, first=20, growth=2.0, shrink=0.7
                ),
            },
            130,
        ),
        "warmup-constant": drawn(
            "Warm-up and constant",
            "Ten steps up from an eleventh of the rate, then the rate.",
            {"warm-up of 10": partial(warmup_constant, warmup_steps=10)},
            60,
        ),
        "plateau": plateau(),
        "range-test": sweep(),
    }


def drawings() -> dict[Path, str]:
    """Return every figure's file and its text."""
    return {
        FOLDER / f"{slug}.svg": svg(slug, figure) for slug, figure in figures().items()
    }
