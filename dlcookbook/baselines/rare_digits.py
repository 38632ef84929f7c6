# /// script
# dependencies = ["pillow", "scikit-learn", "scipy"]
# ///
"""A rare kind of picture by its pixels: SVM, trees, boosting, logistic regression."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import affine_transform
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, precision_recall_curve
from sklearn.svm import SVC

from dlcookbook.data.chest_xray import load_chest_xray_split
from dlcookbook.data.rare_digits import load_rare_digits_split

__all__ = ["candidates", "main", "moved"]


def candidates(seed: int, small: bool = True) -> dict[str, list[Any]]:
    """Return untrained models, several settings of each kind.

    Parameters
    ----------
    seed : int
        Of the trees.
    small : bool
        Also those whose time grows with the square of the examples.

    Returns
    -------
    dict of str to list of estimator
        By kind.
    """
    weights = None, "balanced"
    logistic = [
        LogisticRegression(C=c, class_weight=w, max_iter=5000)
        for c in (0.1, 1, 10)
        for w in weights
    ]
    svm = [
        SVC(C=c, gamma=gamma, class_weight=w)
        for c in (1, 10, 100)
        for gamma in (0.01, 0.03, 0.1, 0.3)
        for w in weights
    ]
    trees = [
        ExtraTreesClassifier(300, class_weight=w, random_state=seed) for w in weights
    ]
    boosting = [
        HistGradientBoostingClassifier(learning_rate=rate, random_state=seed)
        for rate in (0.03, 0.1)
    ]
    found = {"logistic": logistic, "trees": trees, "boosting": boosting}
    return found | ({"svm": svm} if small else {})


def moved(images: np.ndarray, seed: int) -> np.ndarray:
    """Return each image turned, scaled and moved a little, as for the network.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)
        With 0 for the background.
    seed : int
        Of the draws.

    Returns
    -------
    ndarray, shape (N, H, W), float32
        Turned by up to 10 degrees, scaled by 0.9 to 1.1, moved by 6 % of the side.
    """
    rng, found = np.random.default_rng(seed), []
    size = np.array(images.shape[1:])
    middle = (size - 1) / 2
    for image in images:
        angle, factor = np.deg2rad(rng.uniform(-10, 10)), rng.uniform(0.9, 1.1)
        c, s = np.cos(angle) / factor, np.sin(angle) / factor
        matrix = np.array([[c, -s], [s, c]])
        start = middle - matrix @ (middle + rng.uniform(-0.06, 0.06, 2) * size)
        found.append(affine_transform(image, matrix, start, order=1))
    return np.array(found, "float32")


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Fit each on the training part, choose by validation, and test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of split and trees (0)")
    parser.add_argument("--data", type=Path, help="the folder of ChestX-ray14")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    parts: Any = (
        load_rare_digits_split(args.seed)
        if args.data is None
        # pixels as columns: at 32 x 32 they fit into memory
        else load_chest_xray_split(args.data, args.seed, size=32)
    )
    x = [np.asarray(part.images[:]).reshape(len(part.labels), -1) for part in parts]
    train, held, test = parts

    def score(part: Any, scores: np.ndarray) -> float:
        ranked = average_precision_score(
            part.labels, scores, sample_weight=part.weights
        )
        return float(ranked)

    def scores(model: Any, rows: np.ndarray) -> np.ndarray:
        if hasattr(model, "decision_function"):
            return model.decision_function(rows)
        return model.predict_proba(rows)[:, 1]

    best: dict[str, tuple[float, Any]] = {}
    small = len(train.labels) <= 10_000
    jobs = [
        (kind, models, x[0], train.labels)
        for kind, models in candidates(args.seed, small).items()
    ]
    if small:  # nine copies of each image: what the network gets in its epochs
        more = [moved(train.images, args.seed + i) for i in range(9)]
        rows = np.concatenate([train.images, *more]).reshape(-1, x[0].shape[1])
        models = [SVC(C=c, gamma=gamma) for c in (10, 100) for gamma in (0.1, 0.3, 1.0)]
        jobs.append(("svm_moved", models, rows, np.tile(train.labels, 10)))
    for kind, models, rows, labels in jobs:
        fitted = [model.fit(rows, labels) for model in models]
        values = [score(held, scores(model, x[1])) for model in fitted]
        best[kind] = max(values), fitted[int(np.argmax(values))]
    winner = max(best, key=lambda kind: best[kind][0])
    model = best[winner][1]
    p, r, cuts = precision_recall_curve(
        held.labels, scores(model, x[1]), sample_weight=held.weights
    )
    cut = cuts[np.argmax(2 * p[:-1] * r[:-1] / np.maximum(p[:-1] + r[:-1], 1e-12))]

    # Nothing is chosen below this line.
    y, w, yes = test.labels, test.weights, scores(model, x[2]) >= cut
    results = {
        "test_average_precision": score(test, scores(model, x[2])),
        "val_average_precision": best[winner][0],
        "test_precision": w[yes & (y == 1)].sum() / max(w[yes].sum(), 1e-12),
        "test_recall": np.mean(yes[y == 1]),
        "test_accuracy": np.average(yes == y, weights=w),
        "test_accuracy_never": np.average(y == 0, weights=w),
        # the same score for all: what is found first is as good as a guess
        "test_average_precision_guess": score(test, np.zeros(len(y))),
    }
    for kind, (_, model) in best.items():
        name = f"test_average_precision_{kind}"
        results[name] = score(test, scores(model, x[2]))
    results = {name: float(value) for name, value in results.items()}
    for name, value in results.items():
        print(f"{name:32} {value:.5g}")
    print(f"{'chosen by validation':32} {winner}")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return results


if __name__ == "__main__":
    main()
