"""Cases for positions."""

import numpy as np

from tests.blocks import MORE
from tests.models import Case, Refusal, images


def learned(*shape):
    """Return what adds rows to tokens of a shape that must be refused."""
    return lambda module, model, tensor: model(tensor(np.zeros(shape, "float32")))


def sines(length, dim, base=1e4):
    """Return what draws a table that must be refused."""
    return lambda module, model, tensor: module.sinusoidal_positions(
        length, dim, base=base
    )


def turned(dtype, shape, positions=None):
    """Return what turns features, or by positions, that must be refused."""

    def run(module, model, tensor):
        at = None if positions is None else tensor(np.zeros(positions, "int64"))
        module.rotary_positions(tensor(np.zeros(shape, dtype)), positions=at)

    return run


CASES = (
    Case(
        function="LearnedPositions",
        args=(9, 6),
        inputs=images(3, 7, 6),
        leaves_out=MORE,
        refusals=(
            Refusal(match=r"\(N, T, 6\).*\(3, 7, 1\)", run=learned(3, 7, 1)),
            Refusal(match=r"\(N, T, 6\).*\(2, 3, 7, 6\)", run=learned(2, 3, 7, 6)),
            *(
                Refusal(match="length.*dim.*base.*Received", run=sines(*given))
                for given in ((-1, 4), (3, 0), (3, 4, -2.0))
            ),
            Refusal(match="x must be floating.*int", run=turned("int32", (4, 6))),
            *(
                Refusal(
                    match=r"positions must.*Received",
                    run=turned("float32", (2, 2, 4, 6), at),
                )
                for at in ((2, 4), (1,), (1, 2, 1))
            ),
            Refusal(match="at most 9.*10", inputs=images(1, 10, 6)),
            Refusal(
                match="dim must be even.*5",
                run=lambda module, model, tensor: module.sinusoidal_positions(4, 5),
            ),
            Refusal(
                match="even number of features.*5",
                run=lambda module, model, tensor: module.rotary_positions(
                    tensor(np.zeros((4, 5), "float32"))
                ),
            ),
        ),
    ),
)
