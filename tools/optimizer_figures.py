"""Draw paths of optimizers over surfaces, computed by the reference wing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from dlcookbook.reference.optimizers.adagrad import adagrad
from dlcookbook.reference.optimizers.adam import adam
from dlcookbook.reference.optimizers.lion import lion
from dlcookbook.reference.optimizers.rmsprop import rmsprop
from dlcookbook.reference.optimizers.sgd import sgd
from tools.svg import BOTTOM, LEFT, RIGHT, TOP, Curve, Figure, label, scheme, svg, thin

FOLDER = Path(__file__).resolve().parent.parent / "docs/assets/figures/optimizers"
Step = Callable[..., Any]


@dataclass(frozen=True)
class Surface:
    """A loss of two weights.

    Attributes
    ----------
    loss, slope : callable
        From a point to a number, and to the gradient.
    start : tuple of float
        Where every path begins.
    """

    loss: Callable[[np.ndarray], float]
    slope: Callable[[np.ndarray], np.ndarray]
    start: tuple[float, float]


# The four surfaces of the interactive figure; its script has them once more.
SURFACES = {
    "ravine": Surface(
        lambda w: (w[0] ** 2 + 100 * w[1] ** 2) / 2,
        lambda w: np.array([w[0], 100 * w[1]]),
        (-4.0, 0.6),
    ),
    "saddle": Surface(
        lambda w: (w[0] ** 2 - w[1] ** 2) / 2 + w[1] ** 4 / 8 + 0.5,
        lambda w: np.array([w[0], w[1] ** 3 / 2 - w[1]]),
        (-3.5, 0.01),
    ),
    "minima": Surface(
        lambda w: (w @ w) / 10 + 1 - np.cos(2 * w).sum() / 2,
        lambda w: w / 5 + np.sin(2 * w),
        (-4.4, 1.4),
    ),
    "plateau": Surface(
        lambda w: 1 - np.exp(-(w @ w) / 4),
        lambda w: w / 2 * np.exp(-(w @ w) / 4),
        (-4.0, 1.5),
    ),
}
# What the interactive figure offers: the step of a rate and a momentum.
STEPS: dict[str, Callable[[float, float], Step]] = {
    "sgd": lambda lr, keep: partial(sgd, lr=lr),
    "momentum": lambda lr, keep: partial(sgd, lr=lr, momentum=keep),
    "nesterov": lambda lr, keep: partial(sgd, lr=lr, momentum=keep, nesterov=True),
    "adagrad": lambda lr, keep: partial(adagrad, lr=lr),
    "rmsprop": lambda lr, keep: partial(rmsprop, lr=lr, momentum=keep),
    "adam": lambda lr, keep: partial(adam, lr=lr, betas=(keep, 0.999)),
    "lion": lambda lr, keep: partial(lion, lr=lr, betas=(keep, 0.99)),
}
TITLES = {
    "sgd": "SGD",
    "momentum": "momentum",
    "nesterov": "Nesterov",
    "rmsprop": "RMSprop",
    "adam": "Adam",
}
RATES = (0.003, 0.005, 0.01, 0.015, 0.019, 0.03, 0.05, 0.1, 0.2, 0.5)
NEAR = 0.01
FAR = 1000.0
DRAWN = 100


def path(surface: Surface, step: Step, count: int) -> np.ndarray:
    """Return the places of an optimizer, the start first, until it is lost."""
    places, state = [np.array(surface.start)], dict[str, Any]()
    for _ in range(count):
        place, state = step(places[-1], surface.slope(places[-1]), state)
        places.append(place)
        if np.abs(place).max() > FAR:
            break
    return np.array(places)


def arrives(places: np.ndarray, surface: Surface) -> int:
    """Return the step from which on the loss stays next to nothing."""
    if surface.loss(places[-1]) > NEAR:
        return 10**6
    far = [i for i, place in enumerate(places) if surface.loss(place) > NEAR]
    return far[-1] + 1


@cache
def best(name: str) -> tuple[float, int]:
    """Return the rate that arrives first in the ravine, and after how many steps."""
    ravine = SURFACES["ravine"]
    return min(
        (
            (rate, arrives(path(ravine, STEPS[name](rate, 0.9), 400), ravine))
            for rate in RATES
        ),
        key=lambda found: found[1],
    )


def line(places: np.ndarray, colour: str) -> str:
    """Return a path in pixels."""
    points = np.round(thin(places), 1) + 0.0
    drawn = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    style = f"stroke:var(--{colour});stroke-width:1.8;stroke-linejoin:round"
    return f'<path style="{style}" d="{drawn}"/>'


def ellipses(
    centre: tuple[float, float], axes: Iterable[tuple[float, float]], turn: float = 0
) -> str:
    """Return lines of equal loss."""
    x, y = centre
    return "".join(
        f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{a:.1f}" ry="{b:.1f}" '
        f'transform="rotate({turn:.1f} {x:.1f} {y:.1f})" '
        'style="fill:none;stroke:var(--axis)"/>'
        for a, b in axes
    )


def legend(names: Iterable[tuple[str, str]]) -> str:
    """Return names beside their colours, in one line."""
    parts, place = [], float(LEFT) - 20
    for name, colour in names:
        key = f"stroke:var(--{colour});stroke-width:2.2"
        parts.append(f'<path style="{key}" d="M{place:.0f} 11h12"/>')
        parts.append(label(place + 15, 15, name, "start"))
        place += 27 + 7 * len(name)
    return "".join(parts)


def ravine() -> Figure:
    """Return five optimizers in a ravine, each at its best rate."""
    surface = SURFACES["ravine"]
    unit = (RIGHT - LEFT) / 6

    def pixels(places: np.ndarray) -> np.ndarray:
        return np.array([LEFT + 4.5 * unit, 106]) + places * [unit, -2 * unit]

    centre = tuple(pixels(np.zeros((1, 2)))[0])
    axes = [
        (unit * np.sqrt(2 * c), 2 * unit * np.sqrt(c / 50)) for c in (0.1, 1, 4, 9, 18)
    ]
    parts = [f'<clipPath id="c"><path d="M0 {TOP}H360V{BOTTOM + 20}H0Z"/></clipPath>']
    parts.append(f'<g clip-path="url(#c)">{ellipses(centre, axes)}')
    names = []
    for name, colour in zip(TITLES, ("1", "2", "3", "4", "ink"), strict=True):
        rate, _ = best(name)
        places = path(surface, STEPS[name](rate, 0.9), DRAWN)
        parts.append(line(pixels(places), colour))
        names.append((TITLES[name], colour))
    counts = ", ".join(f"{TITLES[n]} {best(n)[1]}" for n in TITLES)
    parts.append(f"</g>{legend(names)}")
    return scheme(
        "Five optimizers in a ravine",
        "From the same place to the bottom of a long, narrow bowl, each at the best of "
        f"ten rates. Steps until the loss stays below {NEAR:g}: {counts}.",
        "".join(parts),
    )


def rates() -> Figure:
    """Return the loss of three rates on a parabola."""

    def loss(rate: float) -> Callable[[np.ndarray], np.ndarray]:
        return lambda t: np.abs(1 - rate) ** (2 * np.asarray(t))

    return Figure(
        "Three learning rates",
        "Loss against steps on a parabola of curvature 1: at a rate of 0.01 it hardly "
        "falls, at 0.3 it is gone after ten steps, at 2.02 it grows.",
        (0, 30),
        (0, 2),
        "steps",
        tuple(Curve(f"rate {rate:g}", loss(rate)) for rate in (0.01, 0.3, 2.02)),
        ticks=(0, 10, 20, 30),
    )


def saddle() -> Figure:
    """Return the loss of three optimizers that start next to a saddle."""
    surface = SURFACES["saddle"]

    def loss(name: str, rate: float) -> Callable[[np.ndarray], np.ndarray]:
        places = path(surface, STEPS[name](rate, 0.9), 120)
        losses = [surface.loss(place) for place in places]
        return lambda t: np.interp(t, range(len(losses)), losses)

    return Figure(
        "Past a saddle",
        "Loss against steps from a start 0.01 beside the ridge: SGD rests for twenty "
        "steps on the level of the saddle, momentum and Adam are past it by then.",
        (0, 120),
        (0, 2),
        "steps",
        (
            Curve("SGD", loss("sgd", 0.1)),
            Curve("Adam", loss("adam", 0.1)),
            Curve("momentum", loss("momentum", 0.1)),
        ),
        ticks=(0, 40, 80, 120),
        points=241,
    )


def regression() -> tuple[np.ndarray, np.ndarray]:
    """Return the examples of the page: a line with noise, its x and y."""
    rng = np.random.default_rng(0)
    x = np.linspace(-1, 1, 64)
    return x, 2 * x + 1 + rng.normal(scale=0.5, size=64)


def batches() -> Figure:
    """Return the way of three sizes of batches to the same line."""
    x, y = regression()
    design = np.stack([x, np.ones_like(x)], axis=1)
    goal = np.linalg.lstsq(design, y, rcond=None)[0]
    # pixels of a slope and of an offset of 1
    across = np.array([96.0, 86.0])

    def pixels(places: np.ndarray) -> np.ndarray:
        return np.array([LEFT + 12, BOTTOM - 4]) + places * across * [1, -1]

    # twice the mean of x squared is the curvature along the slope, 2 along the offset
    bend = np.array([2 * np.mean(x**2), 2.0])
    axes = [tuple(across * np.sqrt(2 * c / bend)) for c in (0.02, 0.15, 0.4)]
    parts = [f'<clipPath id="c"><path d="M0 {TOP}H360V{BOTTOM + 20}H0Z"/></clipPath>']
    parts.append(f'<g clip-path="url(#c)">{ellipses(tuple(pixels(goal)), axes)}')
    names = []
    for size, colour, name in ((1, "2", "1"), (8, "3", "8"), (64, "1", "all 64")):
        rng = np.random.default_rng(1)
        weights = [np.zeros(2)]
        for _ in range(3 if size < 64 else 12):
            order = rng.permutation(64)
            for at in range(0, 64, size):
                some = order[at : at + size]
                error = design[some] @ weights[-1] - y[some]
                gradient = 2 * design[some].T @ error / len(some)
                weights.append(weights[-1] - 0.1 * gradient)
        parts.append(line(pixels(np.array(weights)), colour))
        names.append((f"batch of {name}" if name == "1" else name, colour))
    parts.append(f"</g>{legend(names)}")
    return scheme(
        "One example, eight, or all",
        "The same rate of 0.1: one example at a time wanders around the goal, eight "
        "wander less, all 64 go straight, at a step per epoch.",
        "".join(parts),
    )


def figures() -> dict[str, Figure]:
    """Return the figures of the optimizers page."""
    return {
        "ravine": ravine(),
        "rates": rates(),
        "batches": batches(),
        "saddle": saddle(),
    }


def drawings() -> dict[Path, str]:
    """Return every figure's file and its text."""
    # ids are shared by all figures of a page
    return {
        FOLDER / f"{slug}.svg": svg(slug, figure)
        .replace('id="c"', f'id="{slug}-c"')
        .replace("url(#c)", f"url(#{slug}-c)")
        for slug, figure in figures().items()
    }
