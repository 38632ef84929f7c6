"""What goes wrong in segmentation, without an error. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def half_as_the_threshold_of_logits():
    """Logits cut at 0.5 in place of 0: the share of the pixels of a mask.

    0.5 is for probabilities; a logit of 0.5 is a chance of 0.62.
    """
    import torch

    torch.manual_seed(0)
    logits = torch.randn(64, 64)
    wrong = float((logits > 0.5).double().mean())
    right = float((logits.sigmoid() > 0.5).double().mean())
    return Shown(wrong, right)


def masks_scaled_like_pictures():
    """A mask of 0 and 1 divided by 255 as the picture is: pixels of class 1 left.

    What turns pictures to floats does it to masks too. Class numbers are no
    brightness: read them as integers and leave them.
    """
    import numpy as np

    mask = np.zeros((8, 8), "uint8")
    mask[2:6, 2:6] = 1
    wrong = int((mask / 255).astype("int64").sum())
    right = int(mask.astype("int64").sum())
    return Shown(wrong, right, "vanishes")


def labels_resized_in_place_of_logits():
    """Coarse labels made large, where the logits could be: IoU with a disc.

    Between two coarse places the logits cross 0 somewhere; labels have forgotten where.
    Resize first, decide then.
    """
    import torch
    import torch.nn.functional as F

    from dlcookbook.torch.metrics.mean_iou import mean_iou

    off = torch.arange(64) - 31.5
    logits = (20 - torch.hypot(off[:, None], off))[None, None]
    truth = (logits[0] > 0).long()
    coarse = F.avg_pool2d(logits, 8)  # what a net of stride 8 gives
    labels = F.interpolate((coarse > 0).double(), scale_factor=8)[0].long()
    large = F.interpolate(coarse, scale_factor=8, mode="bilinear")[0]
    wrong = float(mean_iou(labels, truth, num_classes=2))
    right = float(mean_iou((large > 0).long(), truth, num_classes=2))
    return Shown(wrong, right)


def tiles_without_a_margin():
    """A large picture answered in tiles: how far the answers are off at the seams.

    Zeros stand where the neighbour tile should. Cut tiles with a margin of half the
    receptive field, here 3 pixels, and throw the margin away.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    model = nn.Sequential(*(nn.Conv2d(1, 1, 3, padding=1) for _ in range(3)))
    picture = torch.rand(1, 1, 16, 32)
    off = []
    with torch.no_grad():
        whole = model(picture)[..., :16]
        for margin in (0, 3):
            tile = model(picture[..., : 16 + margin])[..., :16]
            off.append(float((tile - whole).abs().max()))
    wrong, right = off
    return Shown(wrong, right)


def mean_over_pictures_is_not_the_mean_iou():
    """One large thing found, three small ones missed: the mean of the pictures' IoU.

    Counts are added over all pictures, then IoU is computed once. Both are reported
    under the same name; say which one.
    """
    import numpy as np

    from dlcookbook.numpy.metrics.mean_iou import mean_iou

    truth = np.zeros((4, 32, 32), int)
    truth[0, 4:28, 4:28] = 1
    truth[1:, 10:13, 10:13] = 1
    found = truth.copy()
    found[1:] = 0
    pairs = zip(truth, found, strict=True)
    wrong = float(np.mean([mean_iou(t, f, num_classes=2) for t, f in pairs]))
    right = float(mean_iou(truth, found, num_classes=2))
    return Shown(wrong, right)
