"""Draw photographs before and after each augmentation, by the recipes themselves.

`python -m tools.augmentation_pictures` writes docs/assets/figures/augmentation/*.jpg.
The photographs are the two that scikit-learn ships.
"""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np

from tools.places import ROOT

FOLDER = ROOT / "docs" / "assets" / "figures" / "augmentation"
HEIGHT, WIDTH, GAP = 112, 160, 6
# Neutral on a light page and on a dark one.
GREY = 128
QUALITY = 72
MASK = (0.05, 0.75, 0.65)
BOX = (1.0, 0.85, 0.1)


@cache
def photographs() -> tuple[np.ndarray, np.ndarray]:
    """Return the temple and the flower, (3, HEIGHT, WIDTH) in [0, 1]."""
    from PIL import Image
    from sklearn.datasets import load_sample_images

    small = [
        Image.fromarray(photo).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        for photo in load_sample_images().images
    ]
    temple, flower = (np.asarray(p, "float32").transpose(2, 0, 1) / 255 for p in small)
    return temple, flower


def outline(flower: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mask of the flower, by its colour, and the box around it."""
    red, green, _ = flower
    mask = (red - green > 0.12) & (red > 0.35)
    # another one stands below it
    whole = mask[:92]
    rows, columns = (np.flatnonzero(whole.mean(axis=a) > 0.1) for a in (1, 0))
    box = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
    return mask.astype("int64"), np.array(box, "float32")


def framed(image: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Draw a box into an image."""
    image = image.copy()
    left, top, right, bottom = box.round().astype(int)
    for rows, columns in (
        (slice(top, top + 2), slice(left, right)),
        (slice(bottom - 2, bottom), slice(left, right)),
        (slice(top, bottom), slice(left, left + 2)),
        (slice(top, bottom), slice(right - 2, right)),
    ):
        image[:, rows, columns] = np.array(BOX)[:, None, None]
    return image


def shaded(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Colour what a mask has; what is to be ignored is grey."""
    colour = np.array(MASK)[:, None, None]
    shown = np.where(mask == 1, 0.35 * image + 0.65 * colour, 0.5 * image)
    return np.where(mask == 255, GREY / 255, shown)


def sheets() -> dict[str, list[list[np.ndarray]]]:
    """Return the rows of pictures of every sheet."""
    import torch

    from dlcookbook.torch.augmentation.color_jitter import color_jitter
    from dlcookbook.torch.augmentation.cutmix import cutmix
    from dlcookbook.torch.augmentation.mixup import mixup
    from dlcookbook.torch.augmentation.random_affine import random_affine
    from dlcookbook.torch.augmentation.random_erasing import random_erasing
    from dlcookbook.torch.augmentation.random_resized_crop import random_resized_crop
    from dlcookbook.torch.augmentation.warp import warp_boxes, warp_images, warp_masks

    temple, flower = (torch.tensor(p) for p in photographs())
    mask, box = (torch.tensor(p) for p in outline(flower.numpy()))
    size = (HEIGHT, WIDTH)
    draws = torch.Generator().manual_seed(8)
    still: dict[str, Any] = {"degrees": (0, 0), "scale": (1, 1), "shift": (0, 0)}
    matrices = torch.cat(
        [
            random_affine(1, size, **still),
            random_affine(1, size, **still, flips=(1, 0)),
            random_affine(1, size, **still | {"degrees": (20, 20)}),
            random_affine(1, size, **still | {"shift": (0.3, 0.3)}),
            random_resized_crop(1, size, size, draws, area=(0.3, 0.4)),
        ]
    )
    flowers, masks = flower.expand(5, -1, -1, -1), mask.expand(5, -1, -1)
    moved = warp_images(flowers, matrices, fill=GREY / 255)
    boxes, _ = warp_boxes(box.expand(5, 1, 4), matrices, size)
    maps = warp_masks(masks, matrices)
    geometry = [
        [framed(i, b) for i, b in zip(moved.numpy(), boxes[:, 0].numpy(), strict=True)],
        [shaded(i, m) for i, m in zip(moved.numpy(), maps.numpy(), strict=True)],
    ]
    temples = temple.expand(4, -1, -1, -1)
    colour = [
        [temple.numpy(), *color_jitter(temples, draws, hue=(-0.1, 0.1)).numpy()],
        [
            flower.numpy(),
            *random_erasing(flowers[:4], draws, chance=1, fill=GREY / 255).numpy(),
        ],
    ]
    pair, labels = torch.stack([temple, flower]), torch.eye(2)
    mixing: list[list[np.ndarray]] = []
    for mix in (mixup, cutmix):
        row = [temple.numpy(), flower.numpy()]
        while len(row) < 5:
            images, soft = mix(pair, labels, draws, alpha=1.0)
            if 0.2 < soft[0, 0] < 0.8:
                row.append(images[0].numpy())
        mixing.append(row)
    return {"geometry": geometry, "colour": colour, "mixing": mixing}


def sheet(rows: list[list[np.ndarray]]) -> np.ndarray:
    """Put pictures side by side on grey."""
    columns = len(rows[0])
    height = len(rows) * (HEIGHT + GAP) - GAP
    whole = np.full((height, columns * (WIDTH + GAP) - GAP, 3), GREY, np.uint8)
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            top, left = i * (HEIGHT + GAP), j * (WIDTH + GAP)
            pixels = (image.transpose(1, 2, 0) * 255).round().clip(0, 255)
            whole[top : top + HEIGHT, left : left + WIDTH] = pixels
    return whole


def encoded(picture: np.ndarray) -> bytes:
    """Return a picture as the bytes of a JPEG."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=QUALITY, optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, rows in sheets().items():
        (FOLDER / f"{name}.jpg").write_bytes(encoded(sheet(rows)))
