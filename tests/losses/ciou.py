"""Cases of losses/ciou.

Its gradient takes the weight alpha for a constant, so it is not the slope of its value
and the contract's differences of the definition do not apply (`smooth=False`). The
extremes check the gradient instead: their formula keeps alpha where the boxes began.
"""

import mpmath
import numpy as np

from tests.losses import Case, Extreme
from tests.losses.box_iou import FOUND, REFUSALS, TRUTH, boxes, images, overlap


def keras_ciou(outputs, targets):
    from keras.utils.bounding_boxes import compute_ciou

    return 1 - np.asarray(compute_ciou(outputs, targets, "xyxy"))


def terms(a, truth):
    """IoU, squared distance in hull diagonals and difference of the aspect ratios."""
    b = [mpmath.mpf(float(x)) for x in truth]
    shared, union = overlap(a, b)
    distance = sum(((a[k] + a[k + 2]) / 2 - (b[k] + b[k + 2]) / 2) ** 2 for k in (0, 1))
    diagonal = sum((max(a[k + 2], b[k + 2]) - min(a[k], b[k])) ** 2 for k in (0, 1))
    ratios = [(c[2] - c[0]) / (c[3] - c[1]) for c in (a, b)]
    turn = mpmath.atan(ratios[1]) - mpmath.atan(ratios[0])
    return shared / union, distance / diagonal, 4 / mpmath.pi**2 * turn**2


def formula_around(found):
    def total(outputs, targets):
        loss = mpmath.mpf(0)
        for start, box, truth in zip(found, outputs, targets, strict=True):
            iou, _, aspect = terms([mpmath.mpf(x) for x in start], truth)
            alpha = aspect / (1 - iou + aspect)
            iou, distance, aspect = terms(box, truth)
            loss += 1 - iou + distance + alpha * aspect
        return loss

    return total


CASES = [
    Case(
        function="complete_box_iou_loss",
        inputs=boxes,
        smooth=False,
        oracles=(keras_ciou,),
    ),
    Case(
        function="complete_box_iou_loss",
        inputs=images,
        smooth=False,
        extremes=(
            Extreme(outputs=FOUND, targets=TRUTH, formula=formula_around(FOUND)),
        ),
        refusals=REFUSALS,
    ),
]
