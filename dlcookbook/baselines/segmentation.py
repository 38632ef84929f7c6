# /// script
# dependencies = ["scikit-image>=0.25", "scikit-learn"]
# ///
"""Segmentation without a net: thresholds, watershed, a forest on features of pixels."""

import argparse
import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage
from skimage.feature import multiscale_basic_features
from skimage.filters import sobel, threshold_local, threshold_otsu
from skimage.segmentation import watershed
from sklearn.ensemble import RandomForestClassifier

from dlcookbook.data.coins import load_coins_split
from dlcookbook.data.digit_scenes import load_digit_scenes_split
from dlcookbook.data.pets import load_pets_split
from dlcookbook.data.voc import load_voc_masks_split

__all__ = ["load_data", "main", "overlaps"]

IGNORED = 255


def load_data(
    seed: int, folder: Path | None = None, task: str = "digits", size: int = 64
) -> tuple[Any, Any, Any]:
    """Return the three parts of the project: images (N, H, W, C), targets (N, H, W).

    Parameters
    ----------
    seed : int
        Of the split.
    folder, size : path and int, optional
        Of Oxford-IIIT Pet or of a year of Pascal VOC, and the side of its pictures.
    task : {"digits", "coins"}
        Digits on photographs, or coins and print; not used with `folder`.

    Returns
    -------
    tuple of (images, targets), three of them
        Targets: 0, more for things, 255 where nothing counts.
    """
    if folder is None:
        return (
            load_coins_split(seed) if task == "coins" else load_digit_scenes_split(seed)
        )
    pets = (folder / "annotations").is_dir()
    return (load_pets_split if pets else load_voc_masks_split)(folder, seed, size=size)


def overlaps(targets: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return the IoU of each picture, (N,); nothing found in nothing is 1."""
    thing, found = targets % IGNORED > 0, found & (targets != IGNORED)
    shared, union = (x.sum((1, 2)) for x in (thing & found, thing | found))
    return np.where(union > 0, shared / np.maximum(union, 1), 1.0)


def distance(grey: np.ndarray) -> np.ndarray:
    """Return how far each pixel is from the picture's median, either way."""
    return abs(grey - np.median(grey))


def otsu(grey: np.ndarray, blur: float) -> np.ndarray:
    """Return what is beyond Otsu's threshold of the distance from the background."""
    far = distance(ndimage.gaussian_filter(grey, blur))
    return far > threshold_otsu(far)


def local(grey: np.ndarray, window: float, offset: float) -> np.ndarray:
    """Return what differs from the mean around it by more than `offset`."""
    return abs(grey - threshold_local(grey, int(window), "mean")) > offset


def flood(grey: np.ndarray, near: float, far: float) -> np.ndarray:
    """Return the basins of what is surely a thing, up to the ridges of the gradient."""
    off = distance(grey)
    sure = np.where(off > far, 2, np.where(off < near, 1, 0))
    return watershed(sobel(grey), sure) == 2


RULES: dict[str, tuple[Callable[..., np.ndarray], list[tuple[float, ...]]]] = {
    "otsu": (otsu, [(0.5,), (1,), (2,)]),
    "local": (local, [*product((15, 31), (0.1, 0.2))]),
    "watershed": (flood, [*product((0.05, 0.1), (0.2, 0.3, 0.4))]),
}


def features(image: np.ndarray) -> np.ndarray:
    """Return brightness, edges and texture at several scales: (H * W, F)."""
    found = multiscale_basic_features(
        image, sigma_min=0.5, sigma_max=8, num_sigma=5, channel_axis=-1
    )
    # what a thing stands out from: the middle of its picture
    off = image - np.median(image, axis=(0, 1))
    return np.concatenate([found, off], axis=-1).reshape(image[..., 0].size, -1)


def grow(train: Any, seed: int, pixels: int = 60000) -> RandomForestClassifier:
    """Fit a forest on pixels, where there are enough half of them of things."""
    rng = np.random.default_rng(seed)
    rows, x, y = rng.permutation(len(train.targets))[:500], [], []
    for row in rows:
        target = train.targets[row].ravel()
        kinds = [np.flatnonzero(k) for k in (target % IGNORED > 0, target == 0)]
        few = pixels // (2 * len(rows))
        at = np.concatenate([rng.permutation(kind)[:few] for kind in kinds])
        x.append(features(train.images[row])[at])
        y.append(target[at] > 0)
    model = RandomForestClassifier(60, min_samples_leaf=5, random_state=seed)
    return model.fit(np.concatenate(x), np.concatenate(y))


def clean(found: np.ndarray, least: int) -> np.ndarray:
    """Drop what is one pixel thin; a mask with fewer than `least` pixels is empty."""
    found = ndimage.binary_opening(found, np.ones((1, 2, 2)))
    return found & (found.sum((1, 2), keepdims=True) >= least)


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Tune each on the validation part, and measure it once on the test part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of split and forest (0)")
    parser.add_argument("--data", type=Path, help="pets or VOCdevkit/VOC2012")
    parser.add_argument("--task", choices=["digits", "coins"], default="digits")
    parser.add_argument("--size", type=int, default=64, help="side of --data's (64)")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    train, *parts = load_data(args.seed, args.data, args.task, args.size)
    model = grow(train, args.seed)

    def run(name: str, options: tuple[float, ...], images: Any) -> np.ndarray:
        if name != "forest":
            grey = (image.mean(-1) for image in images)
            return np.stack([RULES[name][0](one, *options) for one in grey])
        found = []
        for image in images:
            p = model.predict_proba(features(image))[:, 1].reshape(image.shape[:2])
            found.append(ndimage.gaussian_filter(p, 1))
        return np.stack(found)

    tuned: dict[str, tuple[float, np.ndarray]] = {}
    grids = {name: grid for name, (_, grid) in RULES.items()} | {"forest": [()]}
    for name, grid in grids.items():
        # thresholds of a forest are tried on its probabilities, computed once
        cuts = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9) if name == "forest" else (0.5,)
        tries = []
        for options in grid:
            p = run(name, options, parts[0].images)
            for at, least in product(cuts, (1, 20, 40, 80, 160)):
                iou = overlaps(parts[0].targets[:], clean(p > at, least)).mean()
                tries.append((iou, options, at, least))
        score, options, at, least = max(tries)
        # The test part decides nothing: this is chosen, and is measured once.
        found = clean(run(name, options, parts[1].images) > at, least)
        tuned[name] = score, overlaps(parts[1].targets[:], found)
    best = max(tuned, key=lambda name: tuned[name][0])
    targets = parts[1].targets[:]
    results = {"test_iou": tuned[best][1].mean()}
    results |= {f"test_iou_{name}": each.mean() for name, (_, each) in tuned.items()}
    # the trivial answers: nothing at all, and everything
    for name, answer in (("nothing", False), ("everything", True)):
        same = np.full(targets.shape, answer)
        results[f"test_iou_{name}"] = overlaps(targets, same).mean()
    results = {name: float(value) for name, value in results.items()}
    for name, value in results.items():
        print(f"{name:20} {value:.5g}")
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return results


if __name__ == "__main__":
    main()
