# /// script
# dependencies = ["scikit-image>=0.25", "scikit-learn"]
# ///
"""Detection without a net: sliding windows, gradients in cells (HOG), SVMs, NMS."""

import argparse
import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from skimage.feature import hog, match_template
from skimage.transform import resize
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from dlcookbook.data.coco import load_coco_split
from dlcookbook.data.digit_scenes import load_digit_scenes_split
from dlcookbook.data.voc import load_voc_boxes_split
from dlcookbook.numpy.metrics.mean_average_precision import mean_average_precision
from dlcookbook.numpy.metrics.nms import batched_nms, nms

__all__ = ["Cascade", "load_data", "main", "windows"]

CELLS, CELL = 5, 4
SIDE = CELLS * CELL
SIDES = (14, 17, 20, 24, 29)


def load_data(seed: int, folder: Path | None = None, size: int = 64) -> tuple:
    """Return the three parts of the project: images (N, H, W, 3), targets (N, M, 6)."""
    if folder is None:
        return load_digit_scenes_split(seed, targets="boxes", size=64, most=4)
    coco = (folder / "annotations").is_dir()
    return (load_coco_split if coco else load_voc_boxes_split)(folder, seed, size=size)


def windows(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return square windows, corners (W, 4), and HOG features, (W, F), of a picture."""
    boxes, features = [], []
    # a window may reach outside, as things at the rim are there to be found
    edge = 4
    wide = np.pad(image.mean(-1), edge, "edge")
    for side in SIDES:
        scale = SIDE / side
        shape = [round(length * scale) for length in wide.shape]
        if min(shape) < SIDE:
            continue
        small = resize(wide, shape, order=1, anti_aliasing=scale < 1)
        blocks = hog(small, 9, (CELL, CELL), (2, 2), feature_vector=False)
        n = CELLS - 1
        views = np.lib.stride_tricks.sliding_window_view(blocks, (n, n), (0, 1))
        rows, columns = views.shape[:2]
        features.append(views.reshape(rows * columns, -1))
        y, x = np.divmod(np.arange(rows * columns), columns)
        first = np.stack([x, y], 1) * CELL / scale - edge
        boxes.append(np.concatenate([first, first + side], 1))
    return np.concatenate(boxes), np.concatenate(features).astype("float32")


def shared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the IoU of each box of `a`, (A, 4), with each of `b`, (B, 4)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    inner = np.clip(np.minimum(a[:, None, 2:], b[None, :, 2:]) - low, 0, None).prod(-1)
    areas = [(x[:, 2:] - x[:, :2]).prod(-1) for x in (a, b)]
    return inner / (areas[0][:, None] + areas[1] - inner)


def squares(boxes: np.ndarray) -> np.ndarray:
    """Return squares around boxes, a little larger than the longer side."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = 0.55 * (boxes[:, 2:] - boxes[:, :2]).max(1, keepdims=True)
    return np.concatenate([middle - half, middle + half], 1)


class Cascade:
    """A linear SVM that asks whether, a curved one that asks which, a line for where.

    Parameters
    ----------
    train : (images, targets)
        Part to learn from.
    seed : int
        Of the scenes and windows that are taken.
    scenes : int
        How many.
    """

    def __init__(self, train: Any, seed: int, scenes: int = 500) -> None:
        rng = np.random.default_rng(seed)
        found: dict[str, list] = {"x": [], "kind": [], "box": []}
        rows = rng.permutation(len(train.targets))[:scenes]
        for at, row in enumerate(rows):
            target = train.targets[row]
            target = target[(target[:, 4] >= 0) & (target[:, 5] == 0)]
            boxes, features = windows(train.images[row])
            iou = np.zeros((len(boxes), 1))
            if len(target):
                iou = shared(boxes, squares(target[:, :4]))
            best, which = iou.max(1), iou.argmax(1)
            good = rng.permutation(np.flatnonzero(best > 0.65))[:12]
            bad = rng.permutation(np.flatnonzero(best < 0.4))
            if at == scenes // 2:
                self.first = self._linear(found)
            # later, those that the first half would have taken for something
            if at >= scenes // 2:
                bad = bad[np.argsort(-self.first.decision_function(features[bad]))]
            for some, is_thing in ((good, True), (bad[:8], False)):
                found["x"].append(features[some])
                count = len(some)
                kinds = (
                    target[which[some], 4] if is_thing and count else np.full(count, -1)
                )
                found["kind"].append(kinds)
                place = np.zeros((count, 4))
                if is_thing and count:
                    window = boxes[some]
                    side = window[:, 2:] - window[:, :2]
                    place = (target[which[some], :4] - window) / np.tile(side, 2)
                found["box"].append(place)
        self.first = self._linear(found)
        x, kind, box = (np.concatenate(found[k]) for k in ("x", "kind", "box"))
        few = rng.permutation(len(x))[:6000]
        self.second = make_pipeline(
            StandardScaler(), PCA(100, random_state=seed), SVC(C=10, cache_size=500)
        )
        self.second.fit(x[few], kind[few])
        self.where = Ridge(alpha=10).fit(x[kind >= 0], box[kind >= 0])

    @staticmethod
    def _linear(found: dict[str, list]) -> LinearSVC:
        x, kind = np.concatenate(found["x"]), np.concatenate(found["kind"])
        model = LinearSVC(C=0.1, dual=False, class_weight="balanced")
        return model.fit(x, kind >= 0)

    def __call__(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """Return boxes, scores and labels of one picture."""
        boxes, features = windows(image)
        sure = self.first.decision_function(features)
        some = nms(boxes, sure, 0.6)[:25]
        scores = self.second.decision_function(features[some])
        if scores.ndim == 1:  # of two classes only the second one's is given
            scores = np.stack([-scores, scores], 1)
        names = self.second.classes_
        # the three likeliest of a window; that there is nothing is no answer
        least = np.sort(scores, 1)[:, [max(0, len(names) - 3)]]
        places, kinds = np.nonzero((scores >= least) & (names >= 0))
        side = np.tile(boxes[:, 2:] - boxes[:, :2], 2)[some]
        better = boxes[some] + self.where.predict(features[some]) * side
        better[:, 2:] = np.maximum(better[:, 2:], better[:, :2] + 1)
        # how much surer than that there is nothing
        nothing = scores[:, list(names).index(-1)]
        values = scores[places, kinds] - nothing[places]
        labels = names[kinds].astype(int)
        return {"boxes": better[places], "scores": values, "labels": labels}


class Templates:
    """The mean picture of each class, laid over everything at several sizes."""

    def __init__(self, train: Any, scenes: int = 1000) -> None:
        sums: dict[int, list[np.ndarray]] = {}
        for image, target in zip(
            train.images[:scenes], train.targets[:scenes], strict=True
        ):
            for row in target[(target[:, 4] >= 0) & (target[:, 5] == 0)]:
                x1, y1, x2, y2 = np.maximum(row[:4].round().astype(int), 0)
                crop = image[y1:y2, x1:x2].mean(-1)
                if min(crop.shape) < 4:
                    continue
                small = resize(crop, (16, 12), order=1)
                # ink may be darker or lighter: it is what the rim is not
                small = (small - small.mean()) / (small.std() + 1e-6)
                rim = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
                sums.setdefault(int(row[4]), []).append(small * -np.sign(rim.mean()))
        self.means = {kind: np.mean(some, 0) for kind, some in sums.items()}

    def __call__(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """Return boxes, scores and labels of one picture."""
        grey, boxes, scores, labels = image.mean(-1), [], [], []
        for (kind, mean), height in product(self.means.items(), (14, 20)):
            shape = height, round(0.75 * height)
            fit = abs(match_template(grey, resize(mean, shape, order=1)))
            for at in np.argsort(-fit, axis=None)[:5]:
                y, x = np.unravel_index(at, fit.shape)
                boxes.append((x, y, x + shape[1], y + shape[0]))
                scores.append(fit[y, x])
                labels.append(kind)
        parts = {"boxes": boxes, "scores": scores, "labels": labels}
        return {name: np.array(part) for name, part in parts.items()}


def suppress(found: dict[str, np.ndarray], overlap: float) -> dict[str, np.ndarray]:
    """Keep of overlapping boxes of a class the surest."""
    kept = batched_nms(found["boxes"], found["scores"], found["labels"], overlap)
    return {name: part[kept] for name, part in found.items()}


def measure(targets: np.ndarray, found: list[dict[str, np.ndarray]]) -> dict[str, Any]:
    """Return COCO's numbers, such as "ap" and "ap50"; targets (N, M, 6)."""
    true = []
    for rows in (target[target[:, 4] >= 0] for target in targets):
        kinds = {"labels": rows[:, 4].astype(int), "iscrowd": rows[:, 5]}
        true.append({"boxes": rows[:, :4], **kinds})
    return mean_average_precision(true, found)


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Tune the suppression on the validation part, and measure on the test part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of split and windows (0)")
    parser.add_argument("--data", type=Path, help="COCO or VOCdevkit/VOC2012")
    parser.add_argument("--size", type=int, default=64, help="side of --data's (64)")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    train, validation, test = load_data(args.seed, args.data, args.size)
    models: dict[str, Any] = {
        "hog": Cascade(train, args.seed),
        "template": Templates(train),
    }
    few = min(100, len(validation.targets))
    tuned = {}
    for name, model in models.items():
        tries = []
        raw = [model(image) for image in validation.images[:few]]
        for overlap in (0.1, 0.2, 0.3, 0.4, 0.5):
            found = [suppress(one, overlap) for one in raw]
            score = measure(validation.targets[:few], found)["ap"]
            tries.append((float(np.nan_to_num(score)), overlap))
        # The test part decides nothing: this is chosen, and is measured once.
        score, overlap = max(tries)
        found = [suppress(model(image), overlap) for image in test.images[:]]
        tuned[name] = score, measure(test.targets, found)
    best = max(tuned, key=lambda name: tuned[name][0])
    results = {f"test_{k}": float(tuned[best][1][k]) for k in ("ap", "ap50", "ap75")}
    for name, (_, score) in tuned.items():
        results[f"test_ap_{name}"] = float(score["ap"])
        results[f"test_ap50_{name}"] = float(score["ap50"])
    # the trivial answer, no box at all, finds nothing
    results["test_ap_nothing"] = 0.0
    for name, value in results.items():
        print(f"{name:20} {value:.5g}")
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return results


if __name__ == "__main__":
    main()
