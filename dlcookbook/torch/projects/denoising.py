# /// script
# dependencies = ["matplotlib", "pillow", "scikit-image", "scikit-learn", "torch>=2.6",
#   "tqdm"]
# ///
"""Noisy photographs: train a small U-Net to take the noise away, and measure it."""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from dlcookbook.data.image_folder import list_images, read_image
from dlcookbook.data.photographs import Part, load_photographs_split, split_patches
from dlcookbook.torch.metrics.psnr import psnr
from dlcookbook.torch.metrics.ssim import ssim
from dlcookbook.torch.models.autoencoder import denoising_autoencoder
from dlcookbook.torch.models.unet import unet
from dlcookbook.torch.regularization.gaussian_noise import GaussianNoise
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

__all__ = ["Denoiser", "denoise", "draw", "load_data", "main", "make_model", "show"]


def load_data(
    seed: int, folder: Path | None = None, *, sigma: float = 0.1
) -> tuple[Part, Part, Part]:
    """Return training, validation and test part: shipped photographs, or a folder's.

    Each part is (noisy, clean): patches, shape (N, H, W), float32; the clean ones are 0
    to 1. A folder needs three pictures or more, each 96 x 96 or larger.
    """
    if folder is None:
        return load_photographs_split(seed, sigma=sigma)
    read = partial(read_image, grey=True)
    return split_patches(list_images(folder), read, seed, sigma=sigma)


class Denoiser(nn.Module):
    """A U-Net on four pictures of half the size; what it finds is taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.unet = unet(4, in_channels=4, widths=(24, 48))
        # it starts as the identity: nothing is found, nothing is taken away
        nn.init.zeros_(self.unet.head.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Map noisy images (N, 1, H, W) to clean ones; H and W must be even."""
        # each 2 x 2 pixels become 4 channels: no pixel is lost, a quarter of the work
        return x - F.pixel_shuffle(self.unet(F.pixel_unshuffle(x, 2)), 2)


def make_model(kind: str = "unet") -> nn.Module:
    """Return an untrained network, from noisy images (N, 1, H, W) to clean ones.

    With a way around its narrow middle, or the "bottleneck" that has none:

    >>> for kind in ("unet", "bottleneck"):
    ...     sum(weight.numel() for weight in make_model(kind).parameters())
    57820
    42245
    """
    if kind == "unet":
        return Denoiser()
    # 4 numbers for 4 x 4 pixels
    return denoising_autoencoder(in_channels=1, widths=(32, 64), latent_channels=4)


def denoise(model: nn.Module, noisy: np.ndarray) -> np.ndarray:
    """Return images, shape (N, H, W), 0 to 1: each the mean of 8 views."""
    device = next(model.parameters()).device
    model.eval()

    def restore(part: np.ndarray) -> np.ndarray:
        pieces = torch.from_numpy(part.copy())[:, None].split(16)
        with torch.inference_mode():
            found = torch.cat([model(x.to(device)).float().cpu() for x in pieces])
        return found[:, 0].numpy()

    total = np.zeros_like(noisy)
    for turns in range(8):
        side = 1 if turns < 4 else -1
        view = np.rot90(noisy, turns, (1, 2))[:, :, ::side]
        total += np.rot90(restore(view)[:, :, ::side], -turns, (1, 2))
    return (total / 8).clip(0, 1)


def measure(found: np.ndarray, clean: np.ndarray) -> tuple[float, float]:
    """Return PSNR in decibels and SSIM of images, shape (N, H, W), 0 to 1."""
    pair = torch.from_numpy(found)[:, None], torch.from_numpy(clean)[:, None]
    return float(psnr(*pair, data_range=1.0)), float(ssim(*pair, data_range=1.0))


def draw(
    history: dict, noisy: np.ndarray, found: np.ndarray, clean: np.ndarray
) -> Figure:
    """Return the learning curves beside the gain of each patch, in decibels."""
    before, after = (
        -10 * np.log10(((part - clean) ** 2).mean((1, 2))) for part in (noisy, found)
    )
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.semilogy(epochs, history["loss"], epochs, history["val_loss"])
    left.set(xlabel="epoch", ylabel="mean squared error")
    left.legend(["training, new noise", "validation"])
    right.scatter(before, after, s=12)
    ends = [min(before.min(), after.min()) - 1, max(before.max(), after.max()) + 1]
    right.plot(ends, ends, "--", color="C1", label="nothing gained")
    right.set(xlabel="PSNR of a noisy test patch (dB)", ylabel="denoised (dB)")
    right.legend()
    return figure


def show(noisy: np.ndarray, found: np.ndarray, clean: np.ndarray) -> Figure:
    """Return the worst, the middle and the best patch: noisy, denoised, true."""
    order = np.argsort(((found - clean) ** 2).mean((1, 2)))
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.subplots(3, 3)
    rows = order[[-1, len(order) // 2, 0]]
    for row, at, name in zip(axes, rows, ["worst", "middle", "best"], strict=True):
        for ax, part, text in zip(
            row, (noisy, found, clean), ["noisy", "denoised", "true"], strict=True
        ):
            options = {"cmap": "gray", "vmin": 0, "vmax": 1}
            ax.imshow(part[at][:48, :48], interpolation="none", **options)
            ax.set(xticks=[], yticks=[], xlabel=f"{name}: {text}")
    return figure


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train on patches, save everything, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 1")
    kinds = ["unet", "bottleneck"]
    parser.add_argument("--model", choices=kinds, default="unet", help="which (unet)")
    parser.add_argument(
        "--sigma", type=float, default=0.1, help="deviation of the noise (0.1)"
    )
    data, out = "a folder of pictures", "runs/denoising_torch"
    with Run(parser, argv, out, epochs=10, batch_size=8, data=data) as run:
        if not 0 < run.args.sigma <= 1:
            parser.error(f"--sigma must be in (0, 1]. Received: {run.args.sigma}")
        train, validation, test = load_data(run.seed, run.data, sigma=run.args.sigma)
        model = make_model(run.args.model)
        # clean patches go in; in training each gets noise that was never there before
        augmented = run.parallel(nn.Sequential(GaussianNoise(run.args.sigma), model))
        clean = train.clean[:, None]
        batches = run.batches(clean, clean, shuffle=True)
        # larger steps end, on some seeds, with a narrow middle that is always zero
        rate = 1e-2 if run.args.model == "unet" else 1e-3
        optimizer = torch.optim.Adam(model.parameters(), rate, eps=1e-8)
        steps = run.epochs * len(batches)
        history = fit(
            augmented,
            nn.MSELoss(),
            optimizer,
            batches,
            run.batches(validation.noisy[:, None], validation.clean[:, None]),
            schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
            stopping=EarlyStopping("val_loss", mode="min", patience=6),
            clip=0.1,
            **run.options(save_checkpoint, load_checkpoint, tqdm),
        )
        run.keep(model)
        chosen = measure(denoise(model, validation.noisy), validation.clean)

        # Nothing is chosen below this line: here, once, the test part may be seen.
        found = denoise(model, test.noisy)
        given = test.noisy.clip(0, 1)
        decibels, similarity = measure(found, test.clean)
        results = {
            "test_psnr": decibels,
            "test_ssim": similarity,
            "test_psnr_noisy": measure(given, test.clean)[0],
            "val_psnr": chosen[0],
            "best_epoch": int(np.argmin(history["val_loss"])) + 1,
        }
        figures = {
            "curves": draw(history, given, found, test.clean),
            "errors": show(test.noisy, found, test.clean),
        }
        return run.finish(results, history, figures)


if __name__ == "__main__":
    main()
