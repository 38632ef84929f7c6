"""Draw averages of weights, clipped gradients and uneven parts, computed as defined."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from dlcookbook.reference.steps.accumulate import accumulate
from dlcookbook.reference.steps.clip import clip_by_global_norm
from dlcookbook.reference.steps.ema import ema
from tools.svg import Curve, Figure, svg

FOLDER = Path(__file__).resolve().parent.parent / "docs/assets/figures/steps"
STEPS = 120


@cache
def walk() -> np.ndarray:
    """Return a weight that goes from 0 to 1 with noise, as SGD at a constant rate."""
    rng = np.random.default_rng(0)
    weights = [0.0]
    for _ in range(STEPS):
        slope = weights[-1] - 1 + rng.normal(scale=1.0)
        weights.append(weights[-1] - 0.15 * slope)
    return np.array(weights)


def average() -> Figure:
    """Return a weight and two averages of it."""
    weights = walk()

    def line(debias: bool) -> Curve:
        values = [0.0] + [
            float(ema(weights[: t + 1], decay=0.98, debias=debias))
            for t in range(1, STEPS + 1)
        ]
        label = "EMA, debiased" if debias else "EMA of 0.98"
        return Curve(label, lambda t: np.interp(t, range(STEPS + 1), values))

    raw = Curve("weight", lambda t: np.interp(t, range(STEPS + 1), weights))
    spread = weights[60:].std()
    return Figure(
        "A weight and its average",
        "A weight that wanders around 1 at a constant rate, with a spread of "
        f"{spread:.2f} in the second half. Its average is calm, and comes late from "
        "the start unless that is corrected.",
        (0, STEPS),
        (-0.5, 2),
        "steps",
        (raw, line(False), line(True)),
        ticks=(0, 40, 80, STEPS),
        points=STEPS * 2 + 1,
    )


@cache
def norms() -> tuple[np.ndarray, np.ndarray]:
    """Return the norm of gradients through time, before and after clipping."""
    rng = np.random.default_rng(1)
    before, after = [], []
    recurrent = rng.normal(scale=1.05 / 16**0.5, size=(16, 16))
    for _ in range(60):
        gradient = rng.normal(size=16)
        for state in rng.uniform(0.6, 1.0, size=(12, 16)):
            gradient = recurrent.T @ (gradient * state * 1.5)
        [clipped] = clip_by_global_norm([gradient], 5.0)
        before.append(np.linalg.norm(gradient))
        after.append(np.linalg.norm(clipped))
    return np.array(before), np.array(after)


def clipping() -> Figure:
    """Return the norms of 60 gradients and what is left of them."""
    before, after = norms()
    share = int((before > 5).sum())
    return Figure(
        "Gradients through 12 steps of an RNN",
        f"The norm of 60 gradients, the longest {before.max():.0f}: {share} of them "
        "are longer than the limit of 5 and are cut to it, the others stay.",
        (0, 59),
        (0, 25),
        "batch",
        (
            Curve("before", lambda t: np.interp(t, range(60), before)),
            Curve("after", lambda t: np.interp(t, range(60), after)),
        ),
        points=119,
        ticks=(0, 20, 40, 59),
    )


def unevenness() -> Figure:
    """Return how wrong the mean of means is, by the size of the last part."""
    rng = np.random.default_rng(0)
    slopes = rng.normal(1.0, 1.0, size=(400, 32))

    def error(is_weighted: bool, last: int) -> float:
        off = []
        for row in slopes:
            kept = row[: 24 + last]
            parts = [kept[:8], kept[8:16], kept[16:24], kept[24:]]
            means = np.array([p.mean() for p in parts])
            sizes = np.array([float(len(p)) for p in parts])
            got = accumulate(means, sizes if is_weighted else np.ones(4))
            off.append(got - kept.mean())
        return float(np.sqrt(np.mean(np.square(off))))

    sizes = range(1, 9)
    plain = [error(False, size) for size in sizes]
    exact = [error(True, size) for size in sizes]
    return Figure(
        "The last part is smaller",
        "Distance of the accumulated gradient from that of the whole batch, three "
        f"parts of 8 and one of 1 to 8: a mean of means is off by {plain[0]:.2f} at 1 "
        f"and exact at 8 alone; weighted it is exact for all, {max(exact):.0e}.",
        (1, 8),
        (0, 0.25),
        "examples in the last part",
        (
            Curve("mean of means", lambda t: np.interp(t, sizes, plain)),
            Curve("weighted", lambda t: np.interp(t, sizes, exact)),
        ),
        points=141,
        ticks=(1, 4, 8),
    )


def figures() -> dict[str, Figure]:
    """Return the figures of the page."""
    return {"ema": average(), "clipping": clipping(), "accumulation": unevenness()}


def drawings() -> dict[Path, str]:
    """Return every figure's file and its text."""
    return {FOLDER / f"{slug}.svg": svg(slug, f) for slug, f in figures().items()}
