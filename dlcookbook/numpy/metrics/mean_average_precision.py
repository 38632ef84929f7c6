"""Mean average precision of detected boxes, as COCO defines it."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

__all__ = ["MeanAveragePrecision", "mean_average_precision"]

IOU = np.linspace(0.5, 0.95, 10)
RECALL = np.linspace(0, 1, 101)
LIMITS = 1, 10, 100
AREAS = np.array([[0, 1e10], [0, 32**2], [32**2, 96**2], [96**2, 1e10]])


class MeanAveragePrecision:
    r"""COCO's mean average precision of as many images as there are.

    Detections, by falling score, take the true box of their class that they cover best,
    if $\mathrm{IoU} \ge t$. AP is the mean of $\max_{r' \ge r} p(r')$ over 101 recalls
    $r$, then over ten $t$ from .5 to .95 and the classes. If every box is found and
    nothing else, it is 1. Keeps about 100 bytes per detection.

    Examples
    --------
    >>> metric = MeanAveragePrecision()
    >>> true = {"boxes": [[0, 0, 10, 10]], "labels": [3]}
    >>> metric.update([true], [{**true, "boxes": [[0, 0, 10, 8]], "scores": [0.9]}])
    >>> {name: round(float(metric.compute()[name]), 4) for name in ("ap", "ap50")}
    {'ap': 0.7, 'ap50': 1.0}

    References
    ----------
    Lin et al., "Microsoft COCO", 2014. <https://arxiv.org/abs/1405.0312>
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget every image."""
        # by label, for each image: true boxes by area, scores, and whether detections
        # are right (1), wrong (0) or not counted (-1)
        self.found: dict[int, list[tuple[np.ndarray, ...]]] = {}
        self.images = 0

    def update(
        self, y_true: Sequence[Mapping[str, Any]], y_pred: Sequence[Mapping[str, Any]]
    ) -> None:
        """Match the boxes of some images; what is refused changes nothing.

        Parameters
        ----------
        y_true : sequence of dict
            For each image "boxes" (T, 4), corners (x1, y1, x2, y2) in pixels, and
            "labels" (T,), integers. May have "iscrowd" (T,), for boxes around many
            objects, and "area" (T,), else that of the box.
        y_pred : sequence of dict
            For each image "boxes" (D, 4), "labels" (D,) and "scores" (D,). The first of
            equal scores wins; of a class, the best 100 in an image count.

        Raises
        ------
        ValueError
            If lengths, keys, shapes or dtypes do not fit, scores are not finite, or a
            box has x1 > x2, y1 > y2 or NaN.
        """
        sizes = len(y_true), len(y_pred)
        if sizes[0] != sizes[1]:
            raise ValueError(f"y_pred must have one entry per image. Received: {sizes}")
        pairs = [
            (_checked("y_true", true), _checked("y_pred", predicted))
            for true, predicted in zip(y_true, y_pred, strict=True)
        ]
        for true, predicted in pairs:
            for label in np.union1d(true["labels"], predicted["labels"]).tolist():
                one = {k: v[true["labels"] == label] for k, v in true.items()}
                order = np.argsort(-predicted["scores"], kind="stable")
                order = order[predicted["labels"][order] == label][: max(LIMITS)]
                scores, boxes = predicted["scores"][order], predicted["boxes"][order]
                counts, kinds = _match(one, boxes)
                entries = self.found.setdefault(label, [])
                entries.append((counts, scores, kinds))
        self.images += len(pairs)

    def compute(self) -> dict[str, np.ndarray]:
        """Return the twelve numbers of COCO, and those of each class.

        Returns
        -------
        dict of ndarray, shape () or (classes,)
            "ap", "ap50", "ap75", "ap_small" (up to 32 x 32 pixels), "ap_medium",
            "ap_large" (from 96 x 96), recalls "ar_1", "ar_10", "ar_100" with as many
            boxes per image and class, "ar_small", "ar_medium", "ar_large", "classes"
            and for each "ap_per_class", "ar_per_class". NaN where no true box is.

        Raises
        ------
        ValueError
            If there was no image.
        """
        if not self.images:
            raise ValueError("update must have seen an image. Received: none")
        classes = sorted(self.found)
        each = [_curve(self.found[label]) for label in classes]
        shape = len(AREAS), len(LIMITS), len(IOU)
        ap, ar = np.array(each).reshape(-1, 2, *shape).swapaxes(0, 1)
        result = {"ap50": _mean(ap[:, 0, 2, 0]), "ap75": _mean(ap[:, 0, 2, 5])}
        result["ap"] = _mean(ap[:, 0, 2])
        for i, size in enumerate(("small", "medium", "large"), 1):
            result |= {
                f"ap_{size}": _mean(ap[:, i, 2]),
                f"ar_{size}": _mean(ar[:, i, 2]),
            }
        result |= {f"ar_{n}": _mean(ar[:, 0, i]) for i, n in enumerate(LIMITS)}
        return result | {
            "classes": np.array(classes, np.int64),
            "ap_per_class": ap[:, 0, 2].mean(-1),
            "ar_per_class": ar[:, 0, 2].mean(-1),
        }

    def merge(self, other: Self) -> Self:
        """Add the images of another worker; `other` stays as it is.

        Parameters
        ----------
        other : MeanAveragePrecision
            Of other images.

        Returns
        -------
        MeanAveragePrecision
            This one.
        """
        for label, entries in other.found.items():
            self.found[label] = [*self.found.get(label, []), *entries]
        self.images += other.images
        return self


def mean_average_precision(
    y_true: Sequence[Mapping[str, Any]], y_pred: Sequence[Mapping[str, Any]]
) -> dict[str, np.ndarray]:
    """COCO's mean average precision; 1 if every box is found and nothing else.

    Parameters
    ----------
    y_true : sequence of dict
        "boxes" and "labels" of each image, as for `MeanAveragePrecision.update`.
    y_pred : sequence of dict
        "boxes", "labels" and "scores" of each image, likewise.

    Returns
    -------
    dict of ndarray, shape () or (classes,)
        The numbers of `MeanAveragePrecision.compute`: "ap", "ap50", ...

    Raises
    ------
    ValueError
        As for `MeanAveragePrecision.update`, and if there is no image.

    Examples
    --------
    >>> true = {"boxes": [[0, 0, 10, 10]], "labels": [3]}
    >>> found = {"boxes": [[0, 0, 10, 8]], "labels": [3], "scores": [0.9]}
    >>> round(float(mean_average_precision([true], [found])["ap"]), 4)
    0.7

    References
    ----------
    Lin et al., "Microsoft COCO", 2014. <https://arxiv.org/abs/1405.0312>
    """
    metric = MeanAveragePrecision()
    metric.update(y_true, y_pred)
    return metric.compute()


def _curve(entries: list[tuple[np.ndarray, ...]]) -> np.ndarray:
    """AP and AR of a class by area, limit and threshold."""
    values = np.full((2, len(AREAS), len(LIMITS), len(IOU)), np.nan)
    counts = np.sum([entry[0] for entry in entries], axis=0)
    score = np.concatenate([entry[1] for entry in entries])
    place = np.concatenate([np.arange(len(entry[1])) for entry in entries])
    kind = np.concatenate([entry[2] for entry in entries], axis=-1)
    order = np.argsort(-score, kind="stable")
    for area in np.flatnonzero(counts):
        for j, limit in enumerate(LIMITS):
            for k, row in enumerate(kind[area][:, order[place[order] < limit]]):
                right = np.cumsum(row[row >= 0])
                recall = right / counts[area]
                precision = right / np.arange(1, len(right) + 1)
                best = np.maximum.accumulate(precision[::-1])[::-1]
                at = np.searchsorted(recall, RECALL)
                values[0, area, j, k] = np.append(best, 0)[at].mean()
                values[1, area, j, k] = recall[-1] if len(recall) else 0
    return values


def _mean(values: np.ndarray) -> np.ndarray:
    known = values[~np.isnan(values)]
    return np.asarray(known.mean() if len(known) else np.nan)


def _checked(name: str, image: Mapping[str, Any]) -> dict[str, np.ndarray]:
    keys = {"boxes", "labels"} | ({"scores"} if name == "y_pred" else set())
    if not keys <= set(image):
        raise ValueError(f"{name} must have {sorted(keys)}. Received: {sorted(image)}")
    boxes, labels = np.asarray(image["boxes"], np.float64), np.asarray(image["labels"])
    if boxes.size == labels.size == 0:
        boxes, labels = np.zeros((0, 4)), np.zeros(0, np.int64)
    sides = boxes[..., 2:] - boxes[..., :2]
    found = {"boxes": boxes, "labels": labels}
    for key in ("scores",) if name == "y_pred" else ("iscrowd", "area"):
        default = sides.prod(-1) if key == "area" else np.zeros(len(boxes))
        found[key] = np.asarray(image.get(key, default), np.float64)
    shapes = {key: x.shape for key, x in found.items()}
    size = labels.shape[:1]
    if any(s != ((*size, 4) if k == "boxes" else size) for k, s in shapes.items()):
        raise ValueError(f"{name} must have one entry per box. Received: {shapes}")
    if labels.dtype.kind not in "iu":
        raise ValueError(f"labels must be integers. Received: {labels.dtype}")
    if not np.isfinite(boxes).all() or (sides < 0).any():
        text = f"boxes of {name} must have finite x1 <= x2 and y1 <= y2."
        raise ValueError(f"{text} Received: {boxes.tolist()}")
    if name == "y_pred" and not np.isfinite(found["scores"]).all():
        raise ValueError(f"scores must be finite. Received: {found['scores']}")
    return found


def _match(true: dict[str, np.ndarray], boxes: np.ndarray) -> tuple:
    """Count true boxes by area, and say what others are, by area and threshold."""
    a, b, crowd = boxes[:, None], true["boxes"][None], true["iscrowd"] > 0
    sides = np.minimum(a, b)[..., 2:] - np.maximum(a, b)[..., :2]
    shared = np.maximum(sides, 0).prod(-1)
    own, other = ((x[..., 2:] - x[..., :2]).prod(-1) for x in (a, b))
    # a crowd may be covered in part
    union = np.where(crowd, own, own + other - shared)
    iou = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    low, high = AREAS.T[:, :, None]
    ignored = crowd | (true["area"] < low) | (true["area"] > high)
    outside = (own[:, 0] < low) | (own[:, 0] > high)
    kinds = np.zeros((len(AREAS), len(IOU), len(iou)), np.int8)
    kinds[:] = -outside[:, None].astype(np.int8)
    taken = np.zeros((len(AREAS), len(IOU), len(crowd)), bool)
    for d, row in enumerate(iou if len(crowd) else ()):
        free = (row >= IOU[:, None]) & (~taken | crowd)
        # a box that counts goes before one that is ignored; the last of equal ones
        value = np.where(free, row + 2 * ~ignored[:, None], 0)[..., ::-1]
        best = len(crowd) - 1 - value.argmax(-1)[..., None]
        hit = np.take_along_axis(free, best, -1)
        spare = np.take_along_axis(
            np.broadcast_to(ignored[:, None], free.shape), best, -1
        )
        kinds[..., d] = np.where(hit, np.where(spare, -1, 1), kinds[..., d, None])[
            ..., 0
        ]
        was = np.take_along_axis(taken, best, -1)
        np.put_along_axis(taken, best, was | hit, -1)
    return (~ignored).sum(1), kinds
