"""Cases of metrics/boundary_iou."""

import numpy as np

from tests.metrics import Case, Refusal


def masks(rng, size=(3, 17, 19)):
    """Blots, of which some touch the edge of the image."""
    from scipy import ndimage

    noise = ndimage.gaussian_filter(rng.normal(size=(2, *size)), (0, 0, 2, 2))
    true, predicted = noise > -0.03
    return true, predicted


def with_empty(rng):
    true, predicted = masks(rng)
    true[:2], predicted[1:] = False, False
    return true, predicted


def scipy_boundary_iou(y_true, y_pred, distance=None):
    from scipy import ndimage

    distance = distance or max(1, round(0.02 * np.hypot(*y_true.shape[1:])))
    values = []
    for pair in zip(y_true, y_pred, strict=True):
        edges = []
        for mask in pair:
            depth = ndimage.distance_transform_cdt(np.pad(mask, 1), "chessboard")
            edges.append((depth[1:-1, 1:-1] <= distance) & mask)
        values.append((edges[0] & edges[1]).sum() / (edges[0] | edges[1]).sum())
    return np.array(values)


Y = np.eye(3, dtype=int)[None]
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[..., :1]), match="must be .N, H, W."),
    Refusal(by="shape", inputs=(Y[0], Y[0]), match="must be .N, H, W."),
    Refusal(by="value", inputs=(255 * Y, Y), match="y_true must be 0 or 1"),
    Refusal(by="value", inputs=(Y, 0.5 * Y), match="y_pred must be 0 or 1"),
    Refusal(by="argument", inputs=(Y, Y), match="distance", kwargs={"distance": 0}),
    Refusal(by="argument", inputs=(Y, Y), match="empty", kwargs={"empty": "skip"}),
)
CASES = [
    *(
        Case(
            function="boundary_iou",
            inputs=inputs,
            kwargs=kwargs,
            oracles=(scipy_boundary_iou,),
            ordered=True,
            refusals=() if kwargs else REFUSALS,
        )
        for inputs, kwargs in (
            (masks, {}),
            (masks, {"distance": 3}),
            (lambda rng: masks(rng, (2, 60, 80)), {}),
            (masks, {"distance": 30}),
        )
    ),
    *(
        Case(
            function="boundary_iou",
            inputs=with_empty,
            kwargs={"empty": empty},
            ordered=True,
        )
        for empty in ("nan", "zero", "one")
    ),
]
