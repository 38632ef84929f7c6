"""Draw the layers: what each figure shows, computed by the reference wing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from dlcookbook.data.digits import load_digits_split
from dlcookbook.reference.layers import (
    batch_norm,
    conv,
    conv_transpose,
    group_norm,
    orthogonal,
    resize,
    same_conv,
    variance_scaling,
)
from tools.svg import Curve, Figure, label, scheme, svg

FOLDER = Path(__file__).resolve().parent.parent / "docs/assets/figures/layers"
DEPTH, WIDTH = 50, 128


def deviations(activation, scale: float, *, rows_orthonormal: bool = False):
    """Return the deviation after each of 50 layers, as a power of ten."""
    rng = np.random.default_rng(0)
    shares = np.linspace(0.0005, 0.9995, 1000)
    known = variance_scaling.variance_scaling_quantile(
        shares, (WIDTH, WIDTH), scale, distribution="normal"
    )
    x, found = rng.normal(size=(256, WIDTH)), []
    for _ in range(DEPTH):
        if rows_orthonormal:
            weight = scale**0.5 * orthogonal.orthogonal(rng.normal(size=(WIDTH, WIDTH)))
        else:
            weight = np.interp(rng.random((WIDTH, WIDTH)), shares, known)
        x = activation(x @ weight.T)
        found.append(np.log10(x.std()))
    depths = np.arange(1, DEPTH + 1)
    return lambda at: np.interp(at, depths, found)


def relu(x):
    """Return x or 0."""
    return np.maximum(x, 0)


def depths() -> dict[str, Figure]:
    """Return what 50 layers make of a variance of 1."""
    across = "layer; powers of ten of the deviation upwards"
    return {
        "variance-relu": Figure(
            "Deviation of activations through 50 layers with ReLU",
            "He's initialiser keeps it. Glorot and LeCun, one and the same for layers "
            "of equal width, lose half of the variance in each, torch's default five "
            "sixths: nothing arrives.",
            (1, DEPTH),
            (-20, 0),
            across,
            (
                Curve("He", deviations(relu, 2.0)),
                Curve("Glorot, LeCun", deviations(relu, 1.0)),
                Curve("torch default", deviations(relu, 1 / 3)),
            ),
            (1, 25, 50),
            points=DEPTH,
        ),
        "variance-tanh": Figure(
            "Deviation of activations through 50 layers with tanh",
            "Glorot falls to a tenth, an orthogonal start along with it. He's is held "
            "up at a half, where tanh is flat; torch's default is a thousandth "
            "after twelve layers.",
            (1, DEPTH),
            (-3, 0),
            across,
            (
                Curve("He", deviations(np.tanh, 2.0)),
                Curve("Glorot", deviations(np.tanh, 1.0)),
                Curve("orthogonal", deviations(np.tanh, 1.0, rows_orthonormal=True)),
                Curve("torch", deviations(np.tanh, 1 / 3)),
            ),
            (1, 25, 50),
            points=DEPTH,
        ),
    }


def tiles(places) -> str:
    """Draw rectangles (x, y, width, height, colour, strength), a path for each kind."""
    kinds: dict[tuple[int, float], list[str]] = {}
    for x, y, width, height, colour, strength in places:
        kinds.setdefault((colour, strength), []).append(
            f"M{x:g} {y:g}h{width:g}v{height:g}h-{width:g}z"
        )
    return "".join(
        f'<path d="{"".join(lines)}" style="fill:var(--{colour});stroke:none" '
        f'fill-opacity="{strength:.2g}"/>'
        for (colour, strength), lines in kinds.items()
    )


def read(values, x: float, y: float, size: float = 18) -> list[tuple]:
    """Return one row of tiles: strong where a value is read."""
    return [
        (x + size * i, y, size - 2, size - 2, 1 if v else 2, 0.85 if v else 0.12)
        for i, v in enumerate(values)
    ]


def patterns() -> dict[str, Figure]:
    """Return which inputs an output reads, by the gradients of the definitions."""
    x, kernel = np.ones((1, 1, 13)), np.ones((1, 1, 3))

    def reader(place, **options):
        grad = np.zeros_like(conv.conv(x, kernel, **options))
        grad[0, 0, place] = 1
        return conv.conv_backward(grad, x, kernel, **options)[0][0, 0]

    def stamped(place):
        small = np.zeros((1, 1, 6))
        small[0, 0, place] = 1
        return conv_transpose.conv_transpose(small, kernel, stride=2)[0, 0]

    kinds = (
        ("kernel 3", reader(5), reader(6)),
        ("stride 2", reader(2, stride=2), reader(3, stride=2)),
        ("dilation 2", reader(4, dilation=2), reader(5, dilation=2)),
        ("transposed,", stamped(2), stamped(3)),
    )
    parts, rows = [label(6, 198, "stride 2", "start")], []
    for i, (name, one, other) in enumerate(kinds):
        y = 12 + 52 * i
        parts.append(label(6, y + 18, name, "start"))
        rows += [*read(one, 120, y), *read(other, 120, y + 19)]
    parts.append(tiles(rows))

    even = np.ones((1, 1, 8))

    def windows(f, **options):
        rows = []
        for place in range(4):
            moved = [
                f(even + 1e-3 * np.eye(8)[i], kernel, stride=2, **options)[0, 0, place]
                for i in range(8)
            ]
            base = f(even, kernel, stride=2, **options)[0, 0, place]
            rows.append(np.round(np.array(moved) - base, 6))
        return rows

    padded, rows = [], []
    for k, (name, seen) in enumerate(
        (
            ("torch, padding=1", windows(same_conv.symmetric_conv, padding=1)),
            ("TensorFlow, 'same'", windows(same_conv.same_conv)),
        )
    ):
        padded.append(label(90 + 180 * k, 24, name, "middle"))
        for i, row in enumerate(seen):
            rows += read(row, 22 + 180 * k, 40 + 36 * i)
    padded.append(tiles(rows))
    stamps = conv_transpose.conv_transpose(
        np.ones((1, 1, 5, 5)), np.ones((1, 1, 3, 3)), stride=2
    )[0, 0]
    even_stamps = conv_transpose.conv_transpose(
        np.ones((1, 1, 5, 5)), np.ones((1, 1, 4, 4)), stride=2
    )[0, 0]
    board = [label(90, 24, "kernel 3", "middle"), label(270, 24, "kernel 4", "middle")]
    board.append(
        tiles(
            (22 + 180 * k + 12 * j, 40 + 12 * i, 11, 11, 1, 0.9 * float(value) / 4)
            for k, grid in enumerate((stamps, even_stamps))
            for (i, j), value in np.ndenumerate(grid)
        )
    )
    return {
        "conv": scheme(
            "Which inputs an output reads",
            "Two neighbouring outputs, below each other, and the inputs that each "
            "reads. A kernel of 3 reads three neighbours; with a stride the next one "
            "is two further; a dilation leaves gaps. Transposed, it is the other way "
            "round: the outputs that two neighbouring inputs write to.",
            "".join(parts),
        ),
        "padding": scheme(
            "Windows of 3 at stride 2 on 8 pixels",
            "The four windows, below each other. torch's begin with a zero outside and "
            "read two pixels first; TensorFlow's begin inside and the last reads two.",
            "".join(padded),
        ),
        "conv-transpose": scheme(
            "Stamps of a transposed convolution at stride 2",
            "A flat input of ones. With a kernel of 3 pixels get one, two or four "
            "stamps: a checkerboard. With a kernel of 4 all inside get four.",
            "".join(board),
        ),
    }


FILTERS = {
    "left edge": [[-1, 0, 1]] * 3,
    "top edge": [[-1] * 3, [0] * 3, [1] * 3],
    "spot": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
}


def feature_maps() -> dict[str, Figure]:
    """Return what three filters find in a digit."""
    train = load_digits_split()[0]
    digit = train.images[(train.labels == 4).argmax()].astype(float)

    def grid(values, left, top, size):
        # in eight steps, so that the file stays small
        steps = np.round(8 * values / np.abs(values).max()) / 8
        return [
            (left + size * j, top + size * i, size - 1, size - 1, 1 if v > 0 else 2, s)
            for (i, j), v in np.ndenumerate(steps)
            if (s := abs(float(v)))
        ]

    parts, cells = [label(43, 20, "digit", "middle")], grid(digit, 3, 32, 10)
    for k, (name, weights) in enumerate(FILTERS.items(), 1):
        kernel = np.array(weights, float)
        found = conv.conv(digit[None, None], kernel[None, None], padding=1)[0, 0]
        left = 3 + 91 * k
        parts.append(label(left + 40, 20, name, "middle"))
        cells += [*grid(found, left, 32, 10), *grid(kernel, left + 13, 134, 18)]
    parts += [label(43, 166, "filter", "middle"), tiles(cells)]
    return {
        "feature-maps": scheme(
            "What three filters find in a digit",
            "A four, and its maps under three filters of 3 x 3. The first answers "
            "where it brightens to the right, in the other colour where it darkens; "
            "the second downwards; the third where a pixel stands out from its "
            "neighbours.",
            "".join(parts),
        )
    }


def averages() -> dict[str, Figure]:
    """Return which values are averaged together, by the gradients of the norms."""
    rng = np.random.default_rng(0)
    x, ones, none = rng.normal(size=(4, 6, 3)), np.ones(6), np.zeros(6)
    grad = np.zeros_like(x)
    grad[1, 2, 1] = 1

    def touched(f, **options):
        dx = f(grad, x, ones, none, **options)[0]
        return (np.abs(dx) > 1e-12).any(-1)

    kinds = (
        ("batch", touched(batch_norm.batch_norm_backward)),
        ("layer", touched(group_norm.group_norm_backward, groups=1)),
        ("group", touched(group_norm.group_norm_backward, groups=2)),
        ("instance", touched(group_norm.instance_norm_backward)),
    )
    parts, cells = [], []
    for k, (name, grid) in enumerate(kinds):
        left, top = 12 + 180 * (k % 2), 24 + 106 * (k // 2)
        parts.append(label(left + 66, top - 6, name, "middle"))
        cells += [
            (left + 22 * c, top + 18 * n, 20, 16, 1 if v else 2, 0.8 if v else 0.12)
            for (n, c), v in np.ndenumerate(grid)
        ]
    parts.append(tiles(cells))
    step = np.array([0, 0, 0, 1.0, 1, 1]).reshape(1, 1, 1, 6)

    def enlarged(method, convention):
        found = resize.resize(step, (1, 240), method=method, convention=convention)
        return lambda at: np.interp(at, (np.arange(240) + 0.5) / 40, found[0, 0, 0])

    return {
        "norms": scheme(
            "What each normalisation averages over",
            "Rows are examples, columns are channels. Coloured: the values whose mean "
            "one activation, second row, third column, is measured against. Batch: its "
            "channel in all examples. Layer: all channels of its example. Group: half "
            "of them. Instance: its channel of its example.",
            "".join(parts),
        ),
        "resize": Figure(
            "An edge, enlarged forty times",
            "Bilinear goes straight up. Bicubic overshoots, torch's half as far again "
            "as TensorFlow's.",
            (1, 5),
            (-0.5, 1.5),
            "pixel",
            (
                Curve("TensorFlow", enlarged("bicubic", "tf")),
                Curve("torch", enlarged("bicubic", "torch")),
                Curve("bilinear", enlarged("bilinear", "tf")),
            ),
            (1, 3, 5),
        ),
    }


@cache
def figures() -> dict[str, Figure]:
    """Return every figure by its name on the page."""
    return depths() | patterns() | feature_maps() | averages()


def drawings() -> dict[Path, str]:
    """Return every figure as SVG, by its file."""
    return {FOLDER / f"{slug}.svg": svg(slug, f) for slug, f in figures().items()}
