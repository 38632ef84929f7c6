"""Cases of metrics/mean_average_precision."""

import numpy as np

from tests.metrics import Case, Refusal


def images(rng, size=9, plain=False):
    """Objects of all sizes, and detections around some of them."""
    pairs = []
    for _ in range(size):
        n = rng.integers(0, 7)
        side = 2.0 ** rng.uniform(3, 8, (n, 2))
        low = rng.uniform(0, 300, (n, 2))
        true = {
            "boxes": np.concatenate([low, low + side], 1),
            "labels": rng.integers(0, 3, n),
        }
        if not plain:
            true["iscrowd"] = rng.random(n) < 0.15
            true["area"] = side.prod(1) * rng.uniform(0.5, 1, n)
        chosen = rng.integers(0, n, 14) if n else np.zeros(0, int)
        boxes = true["boxes"][chosen]
        boxes = boxes + rng.normal(0, 0.08, boxes.shape) * np.tile(side[chosen], 2)
        boxes = np.concatenate([boxes, [[5.0, 5, 20, 20], [9, 9, 200, 100]]])
        labels = np.append(true["labels"][chosen], [1, 4])
        wrong = rng.random(len(labels)) < 0.2
        found = {
            "boxes": boxes,
            "labels": np.where(wrong, rng.integers(0, 3, len(labels)), labels),
            "scores": rng.random(len(labels)),
        }
        pairs.append((true, found))
    return tuple(np.array(part, object) for part in zip(*pairs, strict=True))


def pycocotools_numbers(y_true, y_pred):
    """Twelve numbers, and those of each class, in float64."""
    import contextlib
    import io

    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth, found = [], []
    for i, (true, predicted) in enumerate(zip(y_true, y_pred, strict=True)):
        for j, (a, b, c, d) in enumerate(true["boxes"]):
            truth.append(
                {
                    "id": len(truth) + 1,
                    "image_id": i,
                    "category_id": int(true["labels"][j]),
                    "bbox": [a, b, c - a, d - b],
                    "area": float(true.get("area", {j: (c - a) * (d - b)})[j]),
                    "iscrowd": int(true.get("iscrowd", {j: 0})[j]),
                }
            )
        for j, (a, b, c, d) in enumerate(predicted["boxes"]):
            found.append(
                {
                    "image_id": i,
                    "category_id": int(predicted["labels"][j]),
                    "bbox": [a, b, c - a, d - b],
                    "score": float(predicted["scores"][j]),
                }
            )
    classes = sorted({x["category_id"] for x in truth + found})
    data = COCO()
    data.dataset = {
        "images": [{"id": i} for i in range(len(y_true))],
        "categories": [{"id": c} for c in classes],
        "annotations": truth,
    }
    with contextlib.redirect_stdout(io.StringIO()):
        data.createIndex()
        evaluation = COCOeval(data, data.loadRes(found), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    names = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar_1")
    names += ("ar_10", "ar_100", "ar_small", "ar_medium", "ar_large")
    result = dict(zip(names, evaluation.stats, strict=True))
    result["classes"] = np.array(classes)
    precision = evaluation.eval["precision"][:, :, :, 0, 2].mean((0, 1))
    recall = evaluation.eval["recall"][:, :, 0, 2].mean(0)
    result |= {"ap_per_class": precision, "ar_per_class": recall}
    # its sign for "no true box"
    return {k: np.where(np.equal(v, -1), np.nan, v) for k, v in result.items()}


TRUE = {"boxes": np.array([[0.0, 0, 9, 9]]), "labels": np.array([1])}
FOUND = TRUE | {"scores": np.array([0.5])}


def pair(true=None, found=None):
    true, found = TRUE | (true or {}), FOUND | (found or {})
    return np.array([true], object), np.array([found], object)


CASES = [
    Case(
        function="mean_average_precision",
        metric="MeanAveragePrecision",
        inputs=images,
        oracles=(pycocotools_numbers,),
        refusals=(
            Refusal(by="shape", inputs=(pair()[0], pair()[1][:0]), match="per image"),
            Refusal(by="shape", inputs=(pair()[0], pair()[0]), match="must have"),
            Refusal(
                by="shape",
                inputs=pair(found={"scores": np.array([0.5, 0.6])}),
                match="y_pred must have one entry per box",
            ),
            Refusal(
                by="value",
                inputs=pair(true={"labels": np.array([1.0])}),
                match="labels must be integers",
            ),
            Refusal(
                by="value",
                inputs=pair(true={"boxes": TRUE["boxes"][:, ::-1]}),
                match="boxes of y_true.*x1 <= x2",
            ),
            Refusal(
                by="value",
                inputs=pair(found={"scores": np.array([np.nan])}),
                match="scores must be finite",
            ),
            Refusal(
                by="argument", inputs=(pair()[0][:0], pair()[1][:0]), match="an image"
            ),
        ),
    ),
    Case(
        function="mean_average_precision",
        metric="MeanAveragePrecision",
        inputs=lambda rng: images(rng, 5, plain=True),
        oracles=(pycocotools_numbers,),
    ),
]
