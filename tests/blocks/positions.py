"""Cases for positions."""

import numpy as np

from tests.blocks import MORE
from tests.models import Case, Refusal, images

CASES = (
    Case(
        function="LearnedPositions",
        args=(9, 6),
        inputs=images(3, 7, 6),
        leaves_out=MORE,
        refusals=(
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
