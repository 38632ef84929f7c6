"""Cases for the head of a single-shot detector."""

import numpy as np

from tests.models import Case, Refusal

ONE = np.array([[0, 0, 2, 2]], "float32")
TWO = np.concatenate([ONE, ONE])


def maps(rng):
    shapes = ((2, 8, 7, 9), (2, 12, 4, 5))
    return tuple(rng.standard_normal(shape).astype("float32") for shape in shapes)


CASES = (
    Case(
        function="ssd_head",
        args=((8, 12), 5),
        kwargs={"anchors": (4, 6)},
        inputs=maps,
        refusals=(
            Refusal(kwargs={"anchors": (4,)}, match=r"anchors .*Received: "),
            Refusal(
                match="one entry for each of sizes. Received: 2 sizes, 1 strides",
                run=lambda module, model, tensor: module.ssd_anchors(
                    [(2, 2), (1, 1)], [8], [[4], [8]]
                ),
            ),
            # one box would be compared with every anchor
            *(
                Refusal(
                    match=rf"{name} must have the shape .* Received: {name} \(1, 4\)",
                    run=lambda module, model, tensor, call=call: getattr(module, call)(
                        tensor(ONE), tensor(TWO)
                    ),
                )
                for call, name in (
                    ("encode_boxes", "boxes"),
                    ("decode_boxes", "offsets"),
                )
            ),
        ),
    ),
)
