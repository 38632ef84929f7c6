"""Cases of losses/diou."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme
from tests.losses.box_iou import FOUND, REFUSALS, TRUTH, boxes, images, overlap


def squares(rng):
    """Draw squares: their aspect ratios agree."""
    outputs, targets = boxes(rng)
    for box in (outputs, targets):
        box[:, 3] = box[:, 1] + box[:, 2] - box[:, 0]
    return outputs, targets


def keras_ciou_of_squares(outputs, targets):
    from keras.utils.bounding_boxes import compute_ciou

    return 1 - np.asarray(compute_ciou(outputs, targets, "xyxy"))


def formula(outputs, targets):
    loss = mpmath.mpf(0)
    for a, truth in zip(outputs, targets, strict=True):
        b = [mpmath.mpf(float(x)) for x in truth]
        shared, union = overlap(a, b)
        shifts = [(a[k] + a[k + 2]) / 2 - (b[k] + b[k + 2]) / 2 for k in (0, 1)]
        diagonal = sum((max(a[k + 2], b[k + 2]) - min(a[k], b[k])) ** 2 for k in (0, 1))
        loss += 1 - shared / union + (shifts[0] ** 2 + shifts[1] ** 2) / diagonal
    return loss


CASES = [
    Case(
        function="distance_box_iou_loss",
        inputs=squares,
        oracles=(keras_ciou_of_squares,),
    ),
    Case(
        function="distance_box_iou_loss",
        inputs=images,
        extremes=(Extreme(outputs=FOUND, targets=TRUTH, formula=formula),),
        refusals=REFUSALS,
    ),
]
