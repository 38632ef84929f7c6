"""Mean average precision of detected boxes, as COCO defines it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["mean_average_precision"]

AREAS = {"": (0, 1e10), "_small": (0, 1024), "_medium": (1024, 9216)}
AREAS["_large"] = (9216, 1e10)


def mean_average_precision(
    y_pred: Sequence[Mapping[str, Any]], y_true: Sequence[Mapping[str, Any]]
) -> dict[str, np.ndarray]:
    r"""Mean of $\max_{r' \ge r} p(r')$ over recalls, thresholds and classes.

    Parameters
    ----------
    y_pred : sequence of dict
        For each image "boxes" (D, 4), "labels" (D,) and "scores" (D,).
    y_true : sequence of dict
        For each image "boxes" (T, 4), corners (x1, y1, x2, y2), "labels" (T,), and if
        need be "iscrowd" (T,) and "area" (T,).

    Returns
    -------
    dict of ndarray, shape () or (classes,)
        COCO's twelve numbers, and "ap_per_class" and "ar_per_class" of the "classes".

    Examples
    --------
    >>> true = {"boxes": [[0, 0, 10, 10]], "labels": [3]}
    >>> found = {"boxes": [[0, 0, 10, 8]], "labels": [3], "scores": [0.9]}
    >>> round(float(mean_average_precision([found], [true])["ap"]), 4)
    0.7

    References
    ----------
    Lin et al., "Microsoft COCO", 2014. <https://arxiv.org/abs/1405.0312>
    """
    images = list(zip(y_true, y_pred, strict=True))
    labels = sorted({int(c) for pair in images for x in pair for c in x["labels"]})
    steps = np.linspace(0.5, 0.95, 10)

    def table(area, limit):
        rows = [[curve(images, c, t, area, limit) for t in steps] for c in labels]
        return np.array(rows, float).reshape(-1, 10, 2)

    def mean(x):
        return np.mean(x[~np.isnan(x)]) if not np.isnan(x).all() else np.nan

    whole = table((0, 1e10), 100)
    result = {"ap50": mean(whole[:, 0, 0]), "ap75": mean(whole[:, 5, 0])}
    for name, area in AREAS.items():
        ap, ar = np.moveaxis(table(area, 100), -1, 0)
        result |= {f"ap{name}": mean(ap), f"ar{name or '_100'}": mean(ar)}
    for limit in (1, 10):
        result[f"ar_{limit}"] = mean(table((0, 1e10), limit)[..., 1])
    result |= {"ap_per_class": whole[..., 0].mean(1), "classes": np.array(labels)}
    return result | {"ar_per_class": whole[..., 1].mean(1)}


def curve(images, label, threshold, area, limit):
    """Average precision and highest recall of one class at one threshold."""
    verdicts, positives = [], 0
    for true, found in images:
        objects = []
        for i in np.flatnonzero(np.asarray(true["labels"]) == label):
            a, b, c, d = true["boxes"][i]
            crowd = bool(np.asarray(true.get("iscrowd", np.zeros(i + 1)))[i])
            size = true["area"][i] if "area" in true else (c - a) * (d - b)
            counts = not crowd and area[0] <= size <= area[1]
            objects.append({"box": (a, b, c, d), "crowd": crowd, "counts": counts})
        positives += sum(bool(o["counts"]) for o in objects)
        mine = [k for k, c in enumerate(found["labels"]) if c == label]
        for k in sorted(mine, key=lambda k: -found["scores"][k])[:limit]:
            a, b, c, d = found["boxes"][k]
            fits = []
            for n, o in enumerate(objects):
                iou = overlap(found["boxes"][k], o["box"], o["crowd"])
                if iou >= threshold and (o["crowd"] or "taken" not in o):
                    fits.append((o["counts"], iou, n))
            verdict = 0 if area[0] <= (c - a) * (d - b) <= area[1] else None
            if fits:
                best = objects[max(fits)[2]]
                best["taken"] = True
                verdict = 1 if best["counts"] else None
            verdicts.append((-found["scores"][k], verdict))
    if not positives:
        return np.nan, np.nan
    right, points = 0, []
    counted = [v for _, v in sorted(verdicts, key=lambda v: v[0]) if v is not None]
    for n, verdict in enumerate(counted, 1):
        right += verdict
        points.append((right / positives, right / n))
    heights = [
        max([p for recall, p in points if recall >= r], default=0.0)
        for r in np.linspace(0, 1, 101)
    ]
    return np.mean(heights), right / positives


def overlap(a, b, crowd):
    """IoU of two boxes; of a crowd, the covered part of the first one."""
    sides = [max(0.0, min(a[k + 2], b[k + 2]) - max(a[k], b[k])) for k in (0, 1)]
    shared, own = sides[0] * sides[1], (a[2] - a[0]) * (a[3] - a[1])
    union = own if crowd else own + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / union if union > 0 else 0.0
