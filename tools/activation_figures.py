"""Draw the activations and their slopes, computed by the reference wing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from dlcookbook.reference.activations import (
    elu,
    gelu,
    glu,
    mish,
    relu,
    rrelu,
    sigmoid,
    silu,
    softmax,
    softplus,
    sparse_plus,
    sparsemax,
    squareplus,
    step,
    tanh,
)
from tools.svg import Curve, Figure, svg

FOLDER = Path(__file__).resolve().parent.parent / "docs/assets/figures/activations"
Line = Callable[[np.ndarray], np.ndarray]


def with_slope(name: str, line: Line, slope: Line) -> tuple[Curve, Curve]:
    """Return a function and its derivative, dashed."""
    # the definition of the slope, not a difference: it stands at a kink as well
    return Curve(name, line), Drawn("slope", slope, slope=True)


class Drawn(Curve):
    """A dashed line that is drawn as it is."""

    def y(self, x: np.ndarray) -> np.ndarray:
        """Return the height of the line."""
        return self.f(x)


def with_option(f: Callable[..., np.ndarray], **kwargs: float) -> Line:
    """Return a function of x alone."""
    return lambda x: f(x, **kwargs)


def against(f: Callable[..., np.ndarray], place: int, **kwargs: float) -> Line:
    """Return the share of one of two scores, the other 0."""
    return lambda x: f(np.stack([x, np.zeros_like(x)], -1), **kwargs)[..., place]


def gated(gate: str) -> Line:
    """Return what a gate makes of the value 1."""
    return lambda b: glu.glu(np.stack([np.ones_like(b), b], -1), gate=gate)[..., 0]


def squashing() -> dict[str, Figure]:
    """Return the figures of what stays between two ends."""
    return {
        "sigmoid": Figure(
            "Sigmoid",
            "An S from 0 to 1 through 0.5; its slope is a bell of at most 0.25.",
            (-6, 6),
            (0, 1),
            "x",
            with_slope("sigmoid", sigmoid.sigmoid, sigmoid.sigmoid_slope),
        ),
        "hard-sigmoid": Figure(
            "Hard sigmoid and sparse sigmoid",
            "Straight lines from 0 to 1, between -3 and 3 and between -1 and 1; their "
            "slopes are boxes of height 1/6 and 1/2.",
            (-4, 4),
            (0, 1),
            "x",
            (
                *with_slope("hard", sigmoid.hard_sigmoid, sigmoid.hard_sigmoid_slope),
                *with_slope(
                    "sparse",
                    sparse_plus.sparse_sigmoid,
                    sparse_plus.sparse_sigmoid_slope,
                ),
            ),
        ),
        "tanh": Figure(
            "Tanh",
            "An S from -1 to 1 through 0; its slope is a bell of at most 1.",
            (-4, 4),
            (-1, 1),
            "x",
            with_slope("tanh", tanh.tanh, tanh.tanh_slope),
        ),
        "softsign": Figure(
            "Softsign",
            "An S from -1 to 1 that takes its time; its slope has a point of height 1 "
            "at 0.",
            (-8, 8),
            (-1, 1),
            "x",
            with_slope("softsign", tanh.softsign, tanh.softsign_slope),
        ),
    }


def rectifiers() -> dict[str, Figure]:
    """Return the figures of ReLU and its straight relatives."""
    leaky = {"negative_slope": 0.2}
    return {
        "relu": Figure(
            "ReLU and ReLU6",
            "0 left of 0 and x right of it; ReLU6 stays at 6 from there on. The slopes "
            "are 0 and 1.",
            (-3, 8),
            (0, 8),
            "x",
            (
                *with_slope("ReLU", relu.relu, relu.relu_slope),
                *with_slope("ReLU6", relu.relu6, relu.relu6_slope),
            ),
            ticks=(-3, 0, 6, 8),
        ),
        "leaky-relu": Figure(
            "Leaky ReLU and RReLU",
            "x right of 0; left of it 0.2 x and, for RReLU at inference, 0.23 x.",
            (-4, 2),
            (-1, 2),
            "x",
            (
                *with_slope(
                    "leaky",
                    with_option(relu.leaky_relu, **leaky),
                    with_option(relu.leaky_relu_slope, **leaky),
                ),
                *with_slope("RReLU", rrelu.rrelu, rrelu.rrelu_slope),
            ),
        ),
        "prelu": Figure(
            "PReLU",
            "x right of 0; left of it a line whose slope is learnt, here 0.25 at the "
            "start and -0.5 and 0.8 later.",
            (-4, 2),
            (-3, 2),
            "x",
            (
                *(
                    Curve(f"{a:g}", with_option(relu.leaky_relu, negative_slope=a))
                    for a in (0.25, -0.5, 0.8)
                ),
                Drawn(
                    "slope of 0.8",
                    with_option(relu.leaky_relu_slope, negative_slope=0.8),
                    slope=True,
                ),
            ),
        ),
        "elu": Figure(
            "ELU and CELU",
            "x right of 0, left of it a curve down to -1 for ELU, to -2 for CELU with "
            "an alpha of 2; both slopes pass through 1.",
            (-5, 2),
            (-2, 2),
            "x",
            (
                *with_slope("ELU", elu.elu, elu.elu_slope),
                *with_slope(
                    "CELU",
                    with_option(elu.celu, alpha=2.0),
                    with_option(elu.celu_slope, alpha=2.0),
                ),
            ),
        ),
        "selu": Figure(
            "SELU",
            "1.05 x right of 0, left of it a curve down to -1.76; the slope jumps from "
            "1.76 to 1.05.",
            (-5, 2),
            (-2, 2),
            "x",
            with_slope("SELU", elu.selu, elu.selu_slope),
        ),
    }


def smooth() -> dict[str, Figure]:
    """Return the figures of the smooth rectifiers."""
    tanh_form = {"approximate": True}
    return {
        "gelu": Figure(
            "GELU",
            "A smooth ReLU that dips to -0.17; its slope overshoots to 1.13. The tanh "
            "form lies on top of it.",
            (-4, 3),
            (-1, 3),
            "x",
            (
                *with_slope("GELU", gelu.gelu, gelu.gelu_slope),
                *with_slope(
                    "tanh form",
                    with_option(gelu.gelu, **tanh_form),
                    with_option(gelu.gelu_slope, **tanh_form),
                ),
            ),
        ),
        "silu": Figure(
            "SiLU and hard swish",
            "Smooth ReLUs that dip to -0.28 and -0.38; the slope of hard swish is made "
            "of straight lines.",
            (-6, 4),
            (-1, 4),
            "x",
            (
                *with_slope("SiLU", silu.silu, silu.silu_slope),
                *with_slope("hard swish", silu.hard_silu, silu.hard_silu_slope),
            ),
        ),
        "mish": Figure(
            "Mish",
            "A smooth ReLU that dips to -0.31; its slope at 0 is 0.6.",
            (-6, 4),
            (-1, 4),
            "x",
            with_slope("mish", mish.mish, mish.mish_slope),
        ),
        "softplus": Figure(
            "Softplus and log-sigmoid",
            "Softplus is a smooth ReLU above 0, log-sigmoid the same turned around "
            "below 0; their slopes are sigmoids.",
            (-5, 5),
            (-5, 5),
            "x",
            (
                *with_slope("softplus", softplus.softplus, softplus.softplus_slope),
                *with_slope(
                    "log-sigmoid", softplus.log_sigmoid, softplus.log_sigmoid_slope
                ),
            ),
        ),
        "squareplus": Figure(
            "Squareplus and sparse plus",
            "Smooth ReLUs: squareplus passes 0 at 1 and never touches the axis, sparse "
            "plus is 0 up to -1 and x from 1 on.",
            (-4, 4),
            (0, 4),
            "x",
            (
                *with_slope(
                    "squareplus", squareplus.squareplus, squareplus.squareplus_slope
                ),
                *with_slope(
                    "sparse plus",
                    sparse_plus.sparse_plus,
                    sparse_plus.sparse_plus_slope,
                ),
            ),
        ),
    }


def others() -> dict[str, Figure]:
    """Return the figures of gates, shares and outputs."""

    def own(x, slope=softmax.softmax_slope, **kwargs):
        return slope(np.stack([x, np.zeros_like(x)], -1), **kwargs)[..., 0, 0]

    return {
        "glu": Figure(
            "What a gate makes of the value 1",
            "Against the gate: GLU rises from 0 to 1; SwiGLU, GEGLU and ReGLU rise "
            "without end.",
            (-4, 3),
            (-1, 3),
            "gate",
            (
                Curve("GLU", gated("sigmoid")),
                Curve("SwiGLU", gated("silu")),
                Curve("GEGLU", gated("gelu")),
                Curve("ReGLU", gated("relu")),
            ),
        ),
        "softmax": Figure(
            "Softmax of two scores",
            "The share of a score against its lead over the other: an S, steeper at a "
            "temperature of 0.5 and flatter at 3.",
            (-6, 6),
            (0, 1),
            "lead over the other score",
            (
                *with_slope("T = 1", against(softmax.softmax, 0), own),
                Curve("T = 0.5", against(softmax.softmax, 0, temperature=0.5)),
                Curve("T = 3", against(softmax.softmax, 0, temperature=3.0)),
            ),
        ),
        "sparsemax": Figure(
            "Sparsemax and softmax of two scores",
            "The share of a score against its lead over the other: a straight line "
            "from 0 to 1 between -1 and 1, where softmax bends and never arrives.",
            (-3, 3),
            (0, 1),
            "lead over the other score",
            (
                *with_slope(
                    "sparsemax",
                    against(sparsemax.sparsemax, 0),
                    lambda x: own(x, sparsemax.sparsemax_slope),
                ),
                *with_slope("softmax", against(softmax.softmax, 0), own),
            ),
        ),
        "linear": Figure(
            "Linear and step",
            "A straight line through 0 with the slope 1, and a step from 0 to 1 with "
            "the slope 0.",
            (-2, 2),
            (-2, 2),
            "x",
            (
                *with_slope("linear", step.linear, step.linear_slope),
                *with_slope("step", step.step, step.step_slope),
            ),
        ),
    }


def figures() -> dict[str, Figure]:
    """Return the figure of every section of the activations page."""
    return squashing() | rectifiers() | smooth() | others()


def drawings() -> dict[Path, str]:
    """Return every figure's file and its text."""
    return {
        FOLDER / f"{slug}.svg": svg(slug, figure) for slug, figure in figures().items()
    }
