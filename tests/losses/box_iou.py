"""Cases of losses/box_iou, with the boxes and refusals that its kin share."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def boxes(rng, shape=(8,)):
    """Draw boxes that overlap, lie apart and lie inside each other."""
    corner = rng.uniform(-2, 2, (2, *shape, 2))
    side = rng.uniform(0.5, 4, (2, *shape, 2))
    outputs, targets = np.concatenate([corner, corner + side], axis=-1)
    # inside, and apart
    outputs[0] = targets[0] + np.array([0.1, 0.05, -0.1, -0.15])
    outputs[1] = targets[1] + 9
    return outputs, targets


def images(rng):
    return boxes(rng, (2, 3))


def points(rng):
    """Boxes without an area: one twice, two apart, one in a box that has some."""
    outputs, targets = boxes(rng, (3,))
    outputs[:, 2:] = outputs[:, :2]
    targets[0], targets[1, 2:] = outputs[0], targets[1, :2]
    targets[2] = [-3, -3, 7, 7]
    return outputs, targets


def monai_iou(outputs, targets):
    import torch
    from monai.data.box_utils import box_iou

    return 1 - box_iou(torch.tensor(outputs), torch.tensor(targets)).diagonal()


def keras_iou(outputs, targets):
    from keras.utils.bounding_boxes import compute_iou

    return 1 - np.diagonal(np.asarray(compute_iou(outputs, targets, "xyxy")))


def overlap(a, b):
    """Shared area and area of the union, in arbitrary precision."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    return shared, areas[0] + areas[1] - shared


def formula(outputs, targets):
    pairs = zip(outputs, targets, strict=True)
    shares = (overlap(a, [mpmath.mpf(float(x)) for x in b]) for a, b in pairs)
    return mpmath.fsum(1 - shared / union for shared, union in shares)


# Areas above 65,504, small boxes, one inside the other, boxes apart. Every number is
# exact in all dtypes.
FOUND = [
    [8.0, 16.0, 1000.0, 992.0],
    [-9984.0, -9984.0, 9984.0, 8192.0],
    [0.125, 0.25, 0.5, 0.75],
    [0.25, 0.25, 0.375, 0.5],
    [0.0, 0.0, 0.0625, 0.125],
    [-4.0, 3.0, -2.0, 5.0],
]
TRUTH = [
    [64.0, 0.0, 960.0, 1008.0],
    [-8192.0, -8192.0, 8192.0, 9984.0],
    [0.25, 0.125, 0.625, 0.625],
    [0.125, 0.125, 0.5, 0.75],
    [0.5, 0.5, 0.75, 0.625],
    [1.0, 1.0, 7.0, 2.0],
]

REFUSALS = (
    Refusal(
        by="shape",
        outputs=np.zeros((3, 4)),
        targets=np.zeros((1, 4)),
        match=r"(target_boxes|y_true) must have the shape.*\(1, 4\)",
    ),
    Refusal(
        by="shape",
        outputs=np.zeros((4, 5)),
        targets=np.zeros((4, 5)),
        match=r"(target_boxes|y_true) must have the shape.*\(4, 5\)",
    ),
    Refusal(
        by="value",
        outputs=np.array([[0.0, 0.0, 1.0, 1.0], [2.0, 0.0, 1.0, 1.0]]),
        targets=np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]),
        match=r"^boxes must have x1 <= x2.*\[2.0, 0.0, 1.0, 1.0\] at \[1\]",
    ),
    Refusal(
        by="value",
        outputs=np.array([[0.0, 0.0, 1.0, 1.0]]),
        targets=np.array([[0.0, 3.0, 1.0, 1.0]]),
        match=r"target_boxes must have x1 <= x2.*3.0",
    ),
    Refusal(
        by="value",
        outputs=np.array([[0.0, 0.0, 1.0, float("nan")]]),
        targets=np.array([[0.0, 0.0, 1.0, 1.0]]),
        match="boxes must have x1 <= x2.*nan",
    ),
)

CASES = [
    Case(function="box_iou_loss", inputs=boxes, oracles=(monai_iou, keras_iou)),
    Case(
        function="box_iou_loss",
        inputs=images,
        extremes=(Extreme(outputs=FOUND, targets=TRUTH, formula=formula),),
        refusals=REFUSALS,
    ),
]
