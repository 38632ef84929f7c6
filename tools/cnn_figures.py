"""Draw how far networks see: computed by the reference wing, and as it was measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from dlcookbook.reference.cnn.receptive_field import effective_profile, receptive_field
from tools.svg import Curve, Figure, box, label, scheme, svg

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/assets/figures/cnn"
EVIDENCE = ROOT / "docs/evidence/cnn_guidelines.json"
# kernel, stride, dilation, padding
CONV, HALVING, POOL = (3, 1, 1, 1), (3, 2, 1, 1), (2, 2, 1, 0)
STACKS = {
    "VGG": [*[CONV, CONV, POOL] * 2, CONV, CONV],
    "ResNet": [CONV, *[CONV] * 2, HALVING, CONV, HALVING, CONV],
}


def sizes(layers: list[tuple[int, int, int, int]]) -> list[int]:
    """Return how many pixels each layer sees, the input first."""
    return [1, *(size for size, _, _ in receptive_field(layers))]


def nested() -> Figure:
    """Return the fields of two small networks as squares on an image of 32 pixels."""
    side, parts = 150, []
    for panel, (name, layers) in enumerate(STACKS.items()):
        left, top = 20 + 170 * panel, 24
        # the frame is the image
        parts.append(box(left, top, side, side, panel + 1, 0.06))
        for size in sizes(layers)[1:]:
            length = side * size / 32
            corner = (side - length) / 2
            parts.append(
                box(left + corner, top + corner, length, length, panel + 1, 0.16)
            )
        seen = " ".join(map(str, sizes(layers)[1:]))
        parts.append(label(left + side / 2, 16, f"small {name}", "middle"))
        parts.append(label(left + side / 2, top + side + 16, seen, "middle"))
    text = "; ".join(
        f"small {name}: {', '.join(map(str, sizes(layers)[1:]))}"
        for name, layers in STACKS.items()
    )
    return scheme(
        "Receptive field, layer by layer",
        "Squares that grow in an image of 32 pixels, one for each layer, with the "
        f"side that one place of its map sees. {text}.",
        "".join(parts),
    )


def by_depth(layers: list[tuple[int, int, int, int]]) -> Callable:
    """Return the field as a function of the number of layers."""
    seen = sizes(layers)
    return lambda x: np.interp(x, range(len(seen)), seen, right=np.nan)


def growth() -> Figure:
    """Return the field against the depth."""
    vgg = [*[CONV, CONV, POOL] * 4]
    resnet = [CONV, *[CONV] * 3, HALVING, *[CONV] * 3, HALVING, *[CONV] * 3]
    dilated = [(3, 1, 2 ** (i % 4), 2 ** (i % 4)) for i in range(12)]
    return Figure(
        "Receptive field against the number of layers",
        "Twelve layers. Of 3x3 convolutions alone, they see 25 pixels. With a stride "
        f"after every four, {sizes(resnet)[-1]}; with pooling after every second, "
        f"{sizes(vgg)[-1]}; dilated by 1, 2, 4 and 8 again and again, "
        f"{sizes(dilated)[-1]}.",
        (0, 12),
        (0, 100),
        "layers",
        (
            Curve("3x3", by_depth([CONV] * 12)),
            Curve("VGG", by_depth(vgg)),
            Curve("ResNet", by_depth(resnet)),
            Curve("dilated", by_depth(dilated)),
        ),
        (0, 4, 8, 12),
        points=121,
    )


def effective() -> Figure:
    """Return the gradient of the central place by the columns of the image."""
    told = json.loads(EVIDENCE.read_text(encoding="utf-8"))["fields"]
    paths = effective_profile([CONV] * 10)
    columns = np.arange(-16, 17)

    def measured(name):
        return lambda x: np.interp(x, columns, told[name]["profile"])

    def counted(x):
        inside = np.arange(len(paths)) - len(paths) // 2
        return np.interp(x, inside, np.sqrt(paths / paths.max()), 0, 0)

    within = {name: f"{100 * told[name]['within']:.0f} %" for name in told}
    return Figure(
        "Effective receptive field of ten 3x3 convolutions",
        "The gradient of the central place by each column, of random networks. All "
        "see 21 columns, and most of it falls on few: in the middle 11 lie "
        f"{within['linear']} of the squared gradient without an activation, "
        f"{within['relu']} with ReLU and {within['residual']} with residual branches. "
        "The curve of counted paths covers the measured ones.",
        (-16, 16),
        (0, 1),
        "columns from the centre",
        (
            Curve("paths counted", counted),
            Curve("linear", measured("linear")),
            Curve("ReLU", measured("relu")),
            Curve("residual", measured("residual")),
        ),
        (-16, -10, 0, 10, 16),
        points=129,
    )


@cache
def figures() -> dict[str, Figure]:
    """Return every figure by its name."""
    return {
        "receptive-field": nested(),
        "field-growth": growth(),
        "effective-field": effective(),
    }


def drawings() -> dict[Path, str]:
    """Return every figure as SVG, by its file."""
    return {FOLDER / f"{slug}.svg": svg(slug, f) for slug, f in figures().items()}
