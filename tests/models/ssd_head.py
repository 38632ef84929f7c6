"""Cases for the head of a single-shot detector."""

import numpy as np

from tests.models import Case, Refusal

ONE = np.array([[0, 0, 2, 2]], "float32")
TWO = np.concatenate([ONE, ONE])


def maps(rng):
    shapes = ((2, 8, 7, 9), (2, 12, 4, 5))
    return tuple(rng.standard_normal(shape).astype("float32") for shape in shapes)


def anchors(sizes=((2, 2),), strides=(8,), scales=((4,),), **ratios):
    """Return what makes anchors that must be refused."""
    return lambda module, model, tensor: module.ssd_anchors(
        sizes, strides, scales, **ratios
    )


def varied(call, variances):
    """Return what codes one box with variances that must be refused."""
    return lambda module, model, tensor: getattr(module, call)(
        tensor(ONE), tensor(ONE), variances=variances
    )


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
            Refusal(args=((8, 12), 0), match="num_classes.*>= 1.*Received: .* 0, "),
            Refusal(kwargs={"anchors": (4, 0)}, match=r"anchors be >= 1.*\(4, 0\)"),
            Refusal(args=((), 5), kwargs={"anchors": ()}, match="in_channels must not"),
            *(
                Refusal(match="sizes, ratios and scales.* Received: ", run=wrong)
                for wrong in (
                    anchors(strides=(0,)),
                    anchors(scales=((4, -1),)),
                    anchors(scales=((),)),
                    anchors(sizes=(), strides=(), scales=()),
                    anchors(ratios=(1.0, -1.0)),
                    anchors(ratios=()),
                )
            ),
            *(
                Refusal(match="variances.*Received: ", run=varied(call, variances))
                for call in ("encode_boxes", "decode_boxes")
                for variances in ((0.0, 0.2), (0.1, 0.1, 0.2, 0.2), (0.1, -0.2))
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
