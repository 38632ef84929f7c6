# /// script
# dependencies = ["matplotlib", "scikit-image", "scikit-learn", "torch>=2.6", "tqdm"]
# ///
"""Segmentation: cut digits out of photographs with a U-Net, empty scenes included."""

import argparse
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import Dataset
from tqdm import tqdm

from dlcookbook.data.coins import load_coins_split
from dlcookbook.data.digit_scenes import load_digit_scenes_split
from dlcookbook.data.pets import load_pets_split
from dlcookbook.data.voc import load_voc_masks_split
from dlcookbook.torch.losses.dice import binary_dice_loss
from dlcookbook.torch.models.unet import UNet, unet
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

__all__ = ["choose", "cut", "draw", "load_data", "main", "make_model", "mask_loss"]
__all__ += ["overlaps", "predict", "show"]
IGNORED = 255


def load_data(
    seed: int, folder: Path | None = None, task: str = "digits", size: int = 64
) -> tuple[Any, Any, Any]:
    """Return training, validation and test part, each of images and targets.

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
        Shapes (N, H, W, C), float32, 0 to 1, and (N, H, W), int64: 0, more for things,
        255 where nothing counts. What is in `folder` is read when it is indexed.
    """
    if folder is None:
        return (
            load_coins_split(seed) if task == "coins" else load_digit_scenes_split(seed)
        )
    pets = (folder / "annotations").is_dir()
    return (load_pets_split if pets else load_voc_masks_split)(folder, seed, size=size)


def make_model(channels: int = 3) -> UNet:
    """Return an untrained U-Net: images (N, C, H, W) to logits (N, 1, H, W)."""
    model = unet(1, in_channels=channels, widths=(8, 16, 32), norm_eps=1e-5)
    # the channels of a pixel lie side by side: a third faster on a CPU
    layout: Any = {"memory_format": torch.channels_last}
    return model.to(**layout)


class _Pairs(Dataset):
    """One image, channels first, and its target at a time, read when they are asked."""

    def __init__(self, part: Any) -> None:
        self.part = part

    def __len__(self) -> int:
        return len(self.part.targets)

    def __getitem__(self, at: int) -> tuple[Tensor, Tensor]:
        image, target = self.part.images[at], self.part.targets[at]
        return torch.from_numpy(image).permute(2, 0, 1), torch.from_numpy(target)


def mask_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy plus Dice, (N,): logits (N, 1, H, W), targets (N, H, W)."""
    known = targets != IGNORED
    # sure of the background where nothing counts: no loss there, and no gradient
    logits = logits[:, 0].float().masked_fill(~known, -1e4)
    wanted = ((targets > 0) & known).float()
    each = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    mean = each.sum((1, 2)) / known.sum((1, 2)).clamp(min=1)
    return mean + binary_dice_loss(logits, wanted)


def predict(model: nn.Module, images: Any) -> np.ndarray:
    """Return probabilities, shape (N, H, W), of images, shape (N, H, W, C), 0 to 1."""
    device, found = next(model.parameters()).device, []
    model.eval()
    for at in range(0, len(images), 100):
        batch = torch.from_numpy(images[at : at + 100]).permute(0, 3, 1, 2)
        with torch.inference_mode():
            found.append(model(batch.to(device))[:, 0].float().sigmoid().cpu())
    return torch.cat(found).numpy()


def overlaps(targets: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return IoU and Dice of each picture, (N,); nothing found in nothing is 1."""
    thing, found = targets % IGNORED > 0, found & (targets != IGNORED)
    shared, both = (x.sum((1, 2)) for x in (thing & found, thing * 1 + found))
    dice = np.where(both > 0, 2 * shared / np.maximum(both, 1), 1.0)
    return dice / (2 - dice), dice


def cut(p: np.ndarray, threshold: float, least: int) -> np.ndarray:
    """Return masks, (N, H, W); one of fewer than `least` pixels becomes empty."""
    found = p > threshold
    return found & (found.sum((1, 2), keepdims=True) >= least)


def choose(targets: np.ndarray, p: np.ndarray) -> tuple[float, int]:
    """Return the threshold and the least number of pixels with the best mean IoU."""
    rules = product((0.3, 0.5, 0.7), (1, 20, 40, 80))
    return max(rules, key=lambda rule: overlaps(targets, cut(p, *rule))[0].mean())


def draw(history: dict, iou: np.ndarray) -> Figure:
    """Return the learning curves beside a histogram of the pictures' IoU, (N,)."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.plot(epochs, history["loss"], epochs, history["val_loss"])
    left.set(xlabel="epoch", ylabel="cross-entropy + Dice")
    left.legend(["training", "validation"])
    right.hist(iou, bins=20, range=(0, 1))
    right.set(xlabel="IoU of a test picture", ylabel="pictures")
    return figure


def show(images: np.ndarray, targets: np.ndarray, found: np.ndarray) -> Figure:
    """Return pictures, (N, H, W, C), and below them hits, misses and false alarms."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    bare: Any = {"xticks": [], "yticks": []}
    axes = figure.subplots(2, len(images), squeeze=False, subplot_kw=bare)
    colours = ListedColormap(["none", "C0", "C1", "C3"])
    for (above, below), *one in zip(axes.T, images, targets, found, strict=True):
        above.imshow(one[0], cmap="gray", vmin=0, vmax=1, interpolation="none")
        kinds = np.where(one[1] % IGNORED > 0, 2 - one[2], 3 * (one[2] & (one[1] == 0)))
        below.imshow(kinds, colours, vmin=0, vmax=3, interpolation="none")
    marks = [above.plot([], [], "s", color=f"C{i}")[0] for i in (0, 1, 3)]
    figure.legend(marks, ["found", "missed", "false alarm"], loc="outside right upper")
    return figure


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train the U-Net, save everything, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 3")
    parser.add_argument("--task", choices=["digits", "coins"], default="digits")
    parser.add_argument("--size", type=int, default=64, help="side of --data's (64)")
    options: dict[str, Any] = {"epochs": 5, "batch_size": 16, "data": "pets, VOC2012"}
    with Run(parser, argv, "runs/segmentation_torch", **options) as run:
        args = run.args
        train, validation, test = load_data(run.seed, run.data, args.task, args.size)
        network = run.parallel(model := make_model(train.images.shape[-1]))
        batches = run.batches(_Pairs(train), shuffle=True)
        optimizer = torch.optim.AdamW(model.parameters(), 5e-3, weight_decay=1e-2)
        steps = run.epochs * len(batches)
        history = fit(
            network,
            mask_loss,
            optimizer,
            batches,
            run.batches(_Pairs(validation)),
            schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
            stopping=EarlyStopping("val_loss", mode="min", patience=10),
            **run.options(save_checkpoint, load_checkpoint, tqdm),
        )
        run.keep(model)
        rule = choose(validation.targets[:], predict(model, validation.images))

        # Nothing is chosen below this line: here, once, the test images may be seen.
        targets, found = test.targets[:], cut(predict(model, test.images), *rule)
        iou, dice = overlaps(targets, found)
        results = {
            "test_iou": iou.mean(),
            "test_dice": dice.mean(),
            "best_epoch": int(np.argmin(history["val_loss"])) + 1,
            **dict(zip(("threshold", "least_pixels"), rule, strict=True)),
        }
        if (empty := (targets % IGNORED == 0).all((1, 2))).any():
            results["test_iou_empty"] = iou[empty].mean()
        figures, worst = {"curves": draw(history, iou)}, iou.argsort(stable=True)[:6]
        for name, at in (("masks", np.arange(6)), ("errors", worst)):
            figures[name] = show(test.images[at], targets[at], found[at])
        return run.finish(results, history, figures)


if __name__ == "__main__":
    main()
