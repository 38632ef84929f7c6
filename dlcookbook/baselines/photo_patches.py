# /// script
# dependencies = ["scikit-image", "scikit-learn"]
# ///
"""Patches of photographs by their colours and edges: histograms, SVM and trees."""

import argparse
import json
from pathlib import Path

import numpy as np
from skimage.feature import hog
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from dlcookbook.data.cifar import load_cifar_split
from dlcookbook.data.photo_patches import load_photo_patches_split

__all__ = ["colours", "edges", "main"]

BINS = 6


def colours(images: np.ndarray) -> np.ndarray:
    """Return how often each of 216 colours is there: roots of shares, (N, 216).

    Parameters
    ----------
    images : ndarray, shape (N, H, W, 3)
        Bytes.

    Returns
    -------
    ndarray, shape (N, 216), float32
        Squares add up to 1: the product of two rows says how like they are.
    """
    bins = images.astype(int) * BINS // 256
    index = (bins[..., 0] * BINS + bins[..., 1]) * BINS + bins[..., 2]
    counts = [np.bincount(rows.ravel(), minlength=BINS**3) for rows in index]
    return np.sqrt(np.array(counts, "float32") / index[0].size)


def edges(images: np.ndarray) -> np.ndarray:
    """Return histograms of oriented gradients, of unit length, (N, 324).

    Parameters
    ----------
    images : ndarray, shape (N, 32, 32, 3)
        Bytes.

    Returns
    -------
    ndarray, shape (N, 324), float32
        Nine directions in cells of 8 x 8, normalised in blocks of 2 x 2 cells.
    """
    options = {"pixels_per_cell": (8, 8), "cells_per_block": (2, 2), "channel_axis": -1}
    rows = np.array([hog(image, **options) for image in images], "float32")
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Fit each on the training part, choose by validation, and test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of split and trees (0)")
    parser.add_argument("--data", type=Path, help="a folder with CIFAR's binary files")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    parts = (
        load_photo_patches_split(args.seed)
        if args.data is None
        else load_cifar_split(args.data, args.seed)
    )
    y = [part.labels for part in parts]
    found = [(colours(part.images), edges(part.images)) for part in parts]
    inputs = {
        "colours": [c for c, _ in found],
        "edges": [e for _, e in found],
        # colours say more: edges get a third and a ninth of their weight
        "both": [np.hstack([c, e / 3**0.5]) for c, e in found],
        "both_less_edges": [np.hstack([c, e / 3]) for c, e in found],
    }
    # a kernel between all pairs of 45,000 pictures would take hours
    small = len(y[0]) <= 10_000
    scores: dict[str, tuple[float, float]] = {}
    for name, x in inputs.items():
        candidates: list = [
            SVC(C=c, gamma=gamma) if small else LinearSVC(C=c / 100)
            for c in (1, 10, 100)
            for gamma in ((1.0, 3.0) if small else (1.0,))
        ]
        models = {f"svm_{name}": candidates}
        if name == "both":
            trees = ExtraTreesClassifier(300, random_state=args.seed)
            models["trees"] = [trees]
        for kind, options in models.items():
            fitted = [model.fit(x[0], y[0]) for model in options]
            best = max(fitted, key=lambda model: model.score(x[1], y[1]))
            scores[kind] = best.score(x[1], y[1]), best.score(x[2], y[2])
    pixels = [part.images.reshape(len(part.images), -1) for part in parts]
    line = make_pipeline(StandardScaler(), LinearSVC(C=1e-4)).fit(pixels[0], y[0])
    scores["linear_pixels"] = line.score(pixels[1], y[1]), line.score(pixels[2], y[2])
    winner = max(scores, key=lambda name: scores[name][0])
    results = {
        "test_accuracy": scores[winner][1],
        "val_accuracy": scores[winner][0],
        "test_accuracy_majority": float(np.mean(y[2] == np.bincount(y[0]).argmax())),
    }
    results |= {f"test_accuracy_{name}": test for name, (_, test) in scores.items()}
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
