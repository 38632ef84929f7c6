# /// script
# dependencies = ["pillow", "scikit-image", "scikit-learn"]
# ///
"""Noisy photographs without a net: total variation, non-local means, cosines."""

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from scipy.fft import dctn, idctn
from skimage.metrics import structural_similarity
from skimage.restoration import (
    denoise_bilateral,
    denoise_nl_means,
    denoise_tv_chambolle,
)

from dlcookbook.data.image_folder import list_images, read_image
from dlcookbook.data.photographs import load_photographs_split, split_patches

__all__ = ["decibels", "denoise_cosines", "main"]


def decibels(found: np.ndarray, clean: np.ndarray) -> float:
    """Return the mean PSNR of images, shape (N, H, W), cut to 0 to 1; white is 1."""
    errors = ((found.clip(0, 1) - clean).astype("float64") ** 2).mean((1, 2))
    return float(-10 * np.log10(errors).mean())


def similarity(found: np.ndarray, clean: np.ndarray) -> float:
    """Return the mean SSIM: Gaussian windows of 11 x 11 that lie inside the image."""
    options = {"data_range": 1.0, "gaussian_weights": True, "sigma": 1.5}
    options |= {"use_sample_covariance": False, "full": True}
    maps = [
        structural_similarity(true.astype("float64"), x.astype("float64"), **options)[1]
        for x, true in zip(found.clip(0, 1), clean, strict=True)
    ]
    return float(np.mean([inner[5:-5, 5:-5].mean() for inner in maps]))


def denoise_cosines(noisy: np.ndarray, threshold: float, size: int = 8) -> np.ndarray:
    """Drop small cosines of every window of an image, shape (H, W); mean of windows.

    Each pixel is in up to 64 windows of 8 x 8. A window counts for the more, the fewer
    cosines it needs (Yaroslavsky et al., 2001).
    """
    edge = size - 1
    padded = np.pad(noisy, edge, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
    cosines = dctn(windows, axes=(2, 3), norm="ortho")
    kept = np.abs(cosines) > threshold
    kept[..., 0, 0] = True  # the mean
    weights = 1 / kept.sum((2, 3)).astype(noisy.dtype)
    restored = idctn(cosines * kept, axes=(2, 3), norm="ortho")
    total, weight = np.zeros_like(padded), np.zeros_like(padded)
    height, width = weights.shape
    for i in range(size):
        for j in range(size):
            place = slice(i, i + height), slice(j, j + width)
            total[place] += weights * restored[:, :, i, j]
            weight[place] += weights
    return (total / weight)[edge:-edge, edge:-edge]


def methods(sigma: float) -> dict[str, list[Callable[[np.ndarray], np.ndarray]]]:
    """Return the denoisers by name, each with the settings to choose from."""
    means = partial(denoise_nl_means, sigma=sigma, fast_mode=True)
    return {
        "noisy": [lambda image: image],
        "bilateral": [
            partial(denoise_bilateral, sigma_color=color * sigma, sigma_spatial=space)
            for color in (1.5, 2.5, 4, 6)
            for space in (1, 1.5, 2)
        ],
        "tv": [
            partial(denoise_tv_chambolle, weight=weight * sigma, max_num_iter=200)
            for weight in (0.6, 0.8, 0.9, 1.0, 1.2)
        ],
        "cosines": [
            partial(denoise_cosines, threshold=factor * sigma)
            for factor in (2.6, 2.8, 3.0, 3.2)
        ],
        "means": [
            partial(means, patch_size=size, patch_distance=11, h=height * sigma)
            for size in (7, 9)
            for height in (0.5, 0.6, 0.7, 0.8)
        ],
    }


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Choose settings and method by the validation part, and test each method once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of split and noise (0)")
    parser.add_argument("--sigma", type=float, default=0.1, help="of the noise (0.1)")
    parser.add_argument("--data", type=Path, help="a folder of pictures")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    if args.data is None:
        parts = load_photographs_split(args.seed, sigma=args.sigma)
    else:
        read = partial(read_image, grey=True)
        names = list_images(args.data)
        parts = split_patches(names, read, args.seed, sigma=args.sigma)
    _, validation, test = parts

    def apply(method: Callable[[np.ndarray], np.ndarray], part: np.ndarray):
        return np.stack([method(image) for image in part])

    chosen, scores = {}, {}
    for name, settings in methods(args.sigma).items():
        found = [
            decibels(apply(s, validation.noisy), validation.clean) for s in settings
        ]
        chosen[name] = settings[int(np.argmax(found))]
        scores[name] = max(found)
    best = max(scores, key=scores.__getitem__)

    # Nothing is chosen below this line.
    results = {"test_psnr": 0.0, "test_ssim": 0.0, "val_psnr": scores[best]}
    for name, method in chosen.items():
        found = apply(method, test.noisy)
        results[f"test_psnr_{name}"] = decibels(found, test.clean)
        results[f"test_ssim_{name}"] = similarity(found, test.clean)
    results["test_psnr"] = results[f"test_psnr_{best}"]
    results["test_ssim"] = results[f"test_ssim_{best}"]
    print("best on validation:", best)
    for name, value in results.items():
        print(f"{name:20} {value:.5g}")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return results


if __name__ == "__main__":
    main()
