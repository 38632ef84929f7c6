"""What goes wrong in detection, without an error. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def the_first_bias_of_a_dense_head():
    """Bias 0 where 2 of 10,000 places hold an object: the first loss for each object.

    Every place begins with a chance of a half, and the empty ones drown the two. With
    a bias of -log 99 each begins at 0.01.
    """
    import math

    import torch

    from dlcookbook.torch.losses.focal import sigmoid_focal_loss

    targets = torch.zeros(10_000)
    targets[:2] = 1.0
    lost = []
    for bias in (0.0, -math.log(99)):
        logits = torch.full((10_000,), bias)
        loss = sigmoid_focal_loss(logits, targets, alpha=0.25)
        lost.append(float(loss.sum() / targets.sum()))
    wrong, right = lost
    return Shown(wrong, right)


def focal_loss_divided_by_places():
    """The mean over all places, where 2 of 10,000 hold an object.

    The loss, and with it the step, is 5000 times too small, and another one for each
    size of the map. Divide the sum by the number of objects.
    """
    import torch

    from dlcookbook.torch.losses.focal import sigmoid_focal_loss

    targets = torch.zeros(10_000)
    targets[:2] = 1.0
    loss = sigmoid_focal_loss(torch.full((10_000,), -4.6), targets, alpha=0.25)
    wrong = float(loss.mean())
    right = float(loss.sum() / targets.sum())
    return Shown(wrong, right, "factor", factor=2 / 10_000)


def two_objects_at_one_place():
    """Two people before each other, one place: how many the targets still hold.

    The second overwrites the first. Finer maps, several anchors at a place, or maps
    for each size of object (a feature pyramid) keep both.
    """
    import numpy as np

    boxes = np.array([[32.0, 10, 60, 90], [40.0, 30, 58, 74]])
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    held = []
    for stride in (32, 4):
        target = np.zeros((128 // stride, 128 // stride))
        for x, y in (centres // stride).astype(int):
            target[y, x] = 1
        held.append(target.sum())
    wrong, right = held
    return Shown(wrong, right)


def suppression_across_classes():
    """A rider on a horse: finds that are left when all classes are thinned together.

    Suppress within each class: `batched_nms`.
    """
    import numpy as np

    from dlcookbook.numpy.metrics.nms import batched_nms, nms

    boxes = np.array([[20.0, 10, 80, 100], [15.0, 20, 90, 100], [16.0, 22, 90, 99]])
    scores = np.array([0.9, 0.8, 0.7])
    labels = np.array([0, 1, 1])  # a rider, and a horse that was found twice
    wrong = len(nms(boxes, scores, iou_threshold=0.5))
    right = len(batched_nms(boxes, scores, labels, iou_threshold=0.5))
    return Shown(wrong, right)


def coco_boxes_read_as_corners():
    """x, y, width, height of COCO taken for two corners: IoU with the object itself.

    The width stands where the right side is expected. As long as it is larger than x,
    nothing complains.
    """
    import numpy as np

    from dlcookbook.numpy.metrics.box_iou import box_iou

    x, y, width, height = 20.0, 30.0, 60.0, 40.0
    truth = np.array([[x, y, x + width, y + height]])
    wrong = box_iou(np.array([[x, y, width, height]]), truth).item()
    right = box_iou(np.array([[x, y, x + width, y + height]]), truth).item()
    return Shown(wrong, right)


def average_precision_of_the_sure_finds():
    """Finds under a score of 0.5 thrown away before mAP is computed.

    The metric goes through all thresholds itself. Give it everything down to a score
    of 0.001 or so; set the threshold for use, afterwards.
    """
    import numpy as np

    from dlcookbook.numpy.metrics.mean_average_precision import mean_average_precision

    boxes = np.array([[10.0 * i, 0, 10 * i + 8, 8] for i in range(5)])
    labels, scores = np.zeros(5, int), np.array([0.9, 0.8, 0.45, 0.4, 0.3])
    results = []
    for least in (0.5, 0.001):
        kept = scores > least
        found = {"boxes": boxes[kept], "labels": labels[kept], "scores": scores[kept]}
        known = {"boxes": boxes, "labels": labels}
        results.append(float(mean_average_precision([known], [found])["ap"]))
    wrong, right = results
    return Shown(wrong, right)
