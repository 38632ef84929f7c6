"""Draw a series before and after each augmentation, by the recipes' own formulas."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from tools.svg import Curve, Figure, svg

FOLDER = Path(__file__).resolve().parent.parent / "docs/assets/figures/augmentation"
# Logarithms of the speed, and sizes, at four places.
SPEEDS = (1.0, -0.6, -0.9, 0.8)
SIZES = (1.0, 0.5, 1.35, 0.8)
PLACES = np.linspace(0, 1, 4)


def wave(t: np.ndarray) -> np.ndarray:
    """Return the series, of a time from 0 to 1."""
    return np.sin(20 * t) * (1 - t / 3)


def time(t: np.ndarray) -> np.ndarray:
    """Return the warped time: the sum of the speed, brought to the old length."""
    fine = np.linspace(0, 1, 2001)
    speed = np.exp(np.interp(fine, PLACES, SPEEDS))
    passed = np.concatenate([[0], np.cumsum((speed[1:] + speed[:-1]) / 2)])
    return np.interp(t, fine, passed / passed[-1])


@cache
def figures() -> dict[str, Figure]:
    """Return every figure by its name."""
    before = Curve("before", wave)
    return {
        "time-warp": Figure(
            "A series before and after a time warp",
            "A wave of which the middle is drawn out and both ends are pressed "
            "together: the same heights, at other times.",
            (0, 1),
            (-1.2, 1.2),
            "time",
            (before, Curve("time warp", lambda t: wave(time(t)))),
        ),
        "magnitude-warp": Figure(
            "A series before and after a magnitude warp",
            "A wave that is smaller in its second quarter and larger in the third: "
            "the same times, other heights.",
            (0, 1),
            (-1.2, 1.2),
            "time",
            (
                before,
                Curve(
                    "magnitude warp", lambda t: wave(t) * np.interp(t, PLACES, SIZES)
                ),
            ),
        ),
    }


def drawings() -> dict[Path, str]:
    """Return the files of the figures and what is in them."""
    return {
        FOLDER / f"{name}.svg": svg(name, figure) for name, figure in figures().items()
    }
