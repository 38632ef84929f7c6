"""Write curves as a small SVG that follows light and dark.

Colours are CSS variables with fallbacks, so a figure follows the page it is part of and
the reader's scheme where it stands alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 32, 352, 28, 184
# How far a drawn line may be from the curve, in pixels.
TOLERANCE = 0.15
# In light and in dark, where no page says otherwise.
COLOURS = {
    "1": ("#0e7c70", "#58c4b3"),
    "2": ("#b4530f", "#f0a35e"),
    "3": ("#5b5fc7", "#a3a6ff"),
    "4": ("#a8326b", "#f08ab8"),
    "ink": ("#505c67", "#a9b4bd"),
    "axis": ("#c5ccca", "#414c55"),
}


def palette(scheme: int) -> str:
    """Declare the colours of one scheme, 0 for light and 1 for dark."""
    names = (f"--{n}:var(--fig-{n},{pair[scheme]})" for n, pair in COLOURS.items())
    return f".fig{{{';'.join(names)}}}"


STYLE = (
    f"{palette(0)}@media(prefers-color-scheme:dark){{{palette(1)}}}"
    ".fig text{font:12px system-ui,sans-serif;fill:var(--ink)}"
    ".fig path{fill:none;stroke:var(--axis)}"
    ".fig .c{stroke-width:2.2;stroke-linejoin:round}"
    ".fig .s{stroke-dasharray:5 4}"
    + "".join(f".fig .k{n}{{stroke:var(--{n})}}" for n in "1234")
)


@dataclass(frozen=True)
class Curve:
    """A line of a figure.

    Attributes
    ----------
    label : str
        Its name in the legend.
    f : callable
        From an array of x to an array of y, float64.
    slope : bool
        Draw the derivative of `f`, dashed.
    """

    label: str
    f: Callable[[np.ndarray], np.ndarray]
    slope: bool = False

    def y(self, x: np.ndarray) -> np.ndarray:
        """Return the height of the line."""
        if not self.slope:
            return self.f(x)
        step = 1e-5
        return (self.f(x + step) - self.f(x - step)) / (2 * step)


@dataclass(frozen=True)
class Figure:
    """A picture of one section.

    Attributes
    ----------
    title, text : str
        Read aloud instead of the picture.
    x, y : tuple of float
        Ranges of the axes.
    across : str
        What x is.
    curves : tuple of Curve
        At most four lines.
    ticks : tuple of float
        Marked values of x; by default the ends and 0.
    points : int
        At how many places the curves are computed.
    shapes : str
        SVG that stands under the lines.
    axes : bool
        Draw the axes.
    """

    title: str
    text: str
    x: tuple[float, float]
    y: tuple[float, float]
    across: str
    curves: tuple[Curve, ...]
    ticks: tuple[float, ...] = ()
    points: int = 401
    shapes: str = ""
    axes: bool = True


def scheme(title: str, text: str, shapes: str) -> Figure:
    """Return a figure of shapes alone."""
    return Figure(title, text, (0, 1), (0, 1), "", (), shapes=shapes, axes=False)


def svg(slug: str, figure: Figure) -> str:
    """Return a figure as SVG.

    Parameters
    ----------
    slug : str
        Makes its ids unique on a page.
    figure : Figure
        What to draw.

    Returns
    -------
    str
        One line of SVG, the same for the same figure.
    """
    (x0, x1), (y0, y1) = figure.x, figure.y

    def across(x):
        return LEFT + (np.asarray(x, float) - x0) / (x1 - x0) * (RIGHT - LEFT)

    def down(y):
        return BOTTOM - (np.asarray(y, float) - y0) / (y1 - y0) * (BOTTOM - TOP)

    ground = min(max(y0, 0.0), y1)
    x = np.linspace(x0, x1, figure.points)
    parts = [figure.shapes]
    if figure.axes:
        parts.append(
            f'<path d="M{LEFT} {down(ground):.0f}H{RIGHT}M{LEFT} {TOP}V{BOTTOM}"/>'
        )
        for tick in figure.ticks or sorted({x0, x1, min(max(0.0, x0), x1)}):
            anchor = "end" if tick == x1 else "middle"
            parts.append(label(float(across(tick)), BOTTOM + 15, f"{tick:g}", anchor))
        for tick in sorted({y0, y1, ground}):
            parts.append(label(LEFT - 5, float(down(tick)) + 4, f"{tick:g}", "end"))
        parts.append(label((LEFT + RIGHT) / 2, HEIGHT - 4, figure.across, "middle"))
    place = float(LEFT)
    colour = 0
    for curve in figure.curves:
        # a slope has the colour of its loss, which stands before it
        colour += not curve.slope
        kind = f"c k{colour}" + " s" * curve.slope
        drawn = path(across(x), down(curve.y(x)))
        parts.append(f'<path class="{kind}" d="{drawn}"/>')
        parts.append(f'<path class="{kind}" d="M{place:.0f} 11h14"/>')
        parts.append(label(place + 18, 15, curve.label, "start"))
        place += 34 + 6.2 * len(curve.label)
    if place > WIDTH + 12:
        raise ValueError(f"the legend is too long for the figure. Received: {slug}")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="fig" role="img" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'aria-labelledby="{slug}-title {slug}-desc">'
        f'<title id="{slug}-title">{escape(figure.title)}</title>'
        f'<desc id="{slug}-desc">{escape(figure.text)}</desc>'
        f"<style>{STYLE}</style>{''.join(parts)}</svg>\n"
    )


def label(x: float, y: float, text: str, anchor: str) -> str:
    """Return a piece of text."""
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(text)}</text>'


def box(
    x: float, y: float, width: float, height: float, colour: int, strength: float
) -> str:
    """Return a filled rectangle."""
    return (
        f'<rect x="{x:.4g}" y="{y:.4g}" width="{width:.4g}" height="{height:.4g}" '
        f'style="fill:var(--{colour})" fill-opacity="{strength:g}"/>'
    )


def path(x: np.ndarray, y: np.ndarray) -> str:
    """Return the visible part of a line, cut at the edges of the frame."""
    lines: list[list[tuple[float, float]]] = []
    pen = False
    for i in range(len(x)):
        inside = bool(TOP <= y[i] <= BOTTOM)
        if inside and not pen:
            lines.append([])
            if i and np.isfinite(y[i - 1]):
                lines[-1].append(edge(x, y, i, i - 1))
        if inside:
            lines[-1].append((float(x[i]), float(y[i])))
        elif pen and np.isfinite(y[i]):
            lines[-1].append(edge(x, y, i - 1, i))
        pen = inside
    return "".join(
        "M" + "L".join(f"{u:.5g} {v:.5g}" for u, v in rounded(thin(np.array(line))))
        for line in lines
        if len(line) > 1
    )


def rounded(line: np.ndarray) -> np.ndarray:
    """Round to tenths of a pixel; adding 0 turns -0 into 0."""
    return np.round(line, 1) + 0.0


def edge(
    x: np.ndarray, y: np.ndarray, inside: int, outside: int
) -> tuple[float, float]:
    """Return where the line between two points leaves the frame."""
    limit = TOP if y[outside] < TOP else BOTTOM
    share = (limit - y[inside]) / (y[outside] - y[inside])
    return float(x[inside] + share * (x[outside] - x[inside])), float(limit)


def thin(line: np.ndarray) -> np.ndarray:
    """Drop the points that a straight line replaces (Douglas and Peucker's method)."""
    first, last = line[0], line[-1]
    along = (last - first) / max(np.hypot(*(last - first)), 1e-9)
    off = np.abs(along[0] * (line - first)[:, 1] - along[1] * (line - first)[:, 0])
    far = int(off.argmax())
    if off[far] <= TOLERANCE:
        return np.stack([first, last])
    return np.concatenate([thin(line[: far + 1])[:-1], thin(line[far:])])
