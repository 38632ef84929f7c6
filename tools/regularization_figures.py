"""Draw what penalties, dropout and early stopping do, and what they changed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from dlcookbook.reference.regularization.penalty import shrink
from tools.regularization_evidence import FILE
from tools.svg import BOTTOM, RIGHT, TOP, Curve, Figure, label, scheme, svg

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/assets/figures/regularization"
# Where names end and numbers begin, and points of accuracy at the two ends.
NAMES, ENDS = 150, (-6.0, 14.0)
INPUTS = 32


def measured() -> dict[str, Any]:
    """Return what was measured."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def early_stopping() -> Figure:
    """Return two losses against epochs, wrong labels among the training ones."""
    curves = measured()["curves"]
    epochs = np.arange(1, len(curves["train"]) + 1)
    best = int(np.argmin(curves["unseen"])) + 1

    def drawn(name: str) -> Curve:
        return Curve(name, lambda x: np.interp(x, epochs, curves[name]))

    last = curves["unseen"][-1]
    return Figure(
        "Two losses of one training",
        "A fifth of the training labels is wrong. The training loss falls to "
        f"{curves['train'][-1]:.2f}; the loss on unseen digits is lowest after epoch "
        f"{best}, at {min(curves['unseen']):.2f}, and {last:.2f} after epoch "
        f"{len(epochs)}.",
        (1, float(epochs[-1])),
        (0, 1.5),
        "epochs",
        (drawn("train"), drawn("unseen")),
        ticks=(1.0, float(best), float(epochs[-1])),
    )


def paths() -> Figure:
    """Return two weights against the strength of two penalties."""

    def l1(weight: float) -> Curve:
        return Curve(f"L1, {weight:g}", lambda x: shrink(weight, amount=x))

    def l2(weight: float) -> Curve:
        return Curve(f"L2, {weight:g}", lambda x: weight / (1 + 2 * x))

    return Figure(
        "Weights under L1 and under L2",
        "The best weight against the strength of the penalty, for weights that would "
        "be 1 and 0.4 without one. L1 takes the same from both until they are exactly "
        "0; L2 takes a share and reaches 0 nowhere.",
        (0, 1.5),
        (0, 1),
        "strength",
        (l1(1.0), l1(0.4), l2(1.0), l2(0.4)),
        ticks=(0, 0.4, 1, 1.5),
    )


def spread(rate: float) -> float:
    """Return the standard deviation of a sum of ones under dropout."""
    return math.sqrt(INPUTS * rate / (1 - rate))


def dropout() -> Figure:
    """Return the distribution of a sum of ones under three rates."""

    def density(rate: float) -> Curve:
        kept = np.arange(INPUTS + 1)
        chance = np.array(
            [
                math.comb(INPUTS, k) * (1 - rate) ** k * rate ** (INPUTS - k)
                for k in kept
            ]
        )
        # a step from one number kept to the next is 1 / (1 - rate) wide
        return Curve(
            f"rate {rate:g}",
            lambda x: np.interp(x, kept / (1 - rate), chance * (1 - rate), right=0),
        )

    told = ", ".join(f"{spread(rate):.1f} at {rate:g}" for rate in (0.1, 0.3, 0.5))
    return Figure(
        "A sum under dropout",
        f"What the sum of {INPUTS} ones is in training, its density. The mean stays "
        f"{INPUTS} for every rate; the standard deviation is {told}.",
        (8, 56),
        (0, 0.25),
        "sum",
        tuple(density(rate) for rate in (0.1, 0.3, 0.5)),
        ticks=(8, 32, 56),
        points=481,
    )


def effects() -> Figure:
    """Return the change of accuracy by every method, with intervals."""
    found = measured()
    clean, wrong = found["clean"][1:], found["wrong_labels"][1:]
    low, high = ENDS

    def across(points: float) -> float:
        share = (min(max(points, low), high) - low) / (high - low)
        return NAMES + share * (RIGHT - NAMES)

    step = (BOTTOM - TOP + 4) / len(clean)
    parts = [
        f'<path d="M{across(0):.1f} {TOP - 4}V{BOTTOM + 4}"/>',
        *(label(across(p), BOTTOM + 18, f"{p:+g}", "middle") for p in (-5, 5, 10)),
        label(across(0), BOTTOM + 18, "0", "middle"),
        label((NAMES + RIGHT) / 2, BOTTOM + 33, "points of accuracy", "middle"),
    ]
    for rows, name, colour, place in (
        (clean, "right labels", 1, NAMES - 20),
        (wrong, "a fifth wrong", 2, NAMES + 90),
    ):
        parts.append(
            f'<circle cx="{place}" cy="11" r="4" style="fill:var(--{colour})"/>'
        )
        parts.append(label(place + 9, 15, name, "start"))
        for i, row in enumerate(rows):
            y = TOP + step * (i + 0.5) + (colour - 1.5) * 6
            middle, half = (100 * number for number in row["accuracy_change"])
            ends = across(middle - half), across(middle + half)
            style = f"stroke:var(--{colour});stroke-width:2"
            parts.append(
                f'<path style="{style}" d="M{ends[0]:.1f} {y:.1f}H{ends[1]:.1f}"/>'
                f'<circle cx="{across(middle):.1f}" cy="{y:.1f}" r="3" '
                f'style="fill:var(--{colour})"/>'
            )
            if colour == 1:
                text = row["method"].replace(" in the loss", "")
                text = text.replace(" on the inputs", "")
                parts.append(label(NAMES - 8, y + 7, text, "end"))
    told = [
        f"{row['method']} {100 * row['accuracy_change'][0]:+.1f}, with wrong labels "
        f"{100 * other['accuracy_change'][0]:+.1f}"
        for row, other in zip(clean, wrong, strict=True)
    ]
    return scheme(
        "What each changed",
        f"Points of accuracy on unseen digits against nothing, {found['seeds']} seeds, "
        f"95 % intervals: {'; '.join(told)}.",
        "".join(parts),
    )


def figures() -> dict[str, Figure]:
    """Return the figures of the regularization page."""
    return {
        "early-stopping": early_stopping(),
        "paths": paths(),
        "dropout": dropout(),
        "effects": effects(),
    }


def drawings() -> dict[Path, str]:
    """Return every figure's file and its text."""
    return {
        FOLDER / f"{slug}.svg": svg(slug, figure) for slug, figure in figures().items()
    }
