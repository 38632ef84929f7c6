"""Cases of losses/giou."""

import mpmath

from tests.losses import Case, Extreme
from tests.losses.box_iou import FOUND, REFUSALS, TRUTH, boxes, images, overlap, points


def monai_giou(outputs, targets):
    import torch
    from monai.losses import BoxGIoULoss

    return BoxGIoULoss(reduction="none")(torch.tensor(outputs), torch.tensor(targets))


def formula(outputs, targets):
    loss = mpmath.mpf(0)
    for a, truth in zip(outputs, targets, strict=True):
        b = [mpmath.mpf(float(x)) for x in truth]
        shared, union = overlap(a, b)
        hull = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
        loss += 2 - shared / union - union / hull
    return loss


CASES = [
    Case(function="generalized_box_iou_loss", inputs=boxes, oracles=(monai_giou,)),
    Case(
        function="generalized_box_iou_loss",
        inputs=images,
        extremes=(Extreme(outputs=FOUND, targets=TRUTH, formula=formula),),
        refusals=REFUSALS,
    ),
    Case(function="generalized_box_iou_loss", inputs=points, smooth=False),
]
