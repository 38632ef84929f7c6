# /// script
# dependencies = ["keras>=3.10", "matplotlib", "pillow", "scikit-image",
#   "scikit-learn", "tensorflow"]
# ///
"""Noisy photographs: train a small U-Net to take the noise away, and measure it."""

import argparse
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure

from dlcookbook.data.image_folder import list_images, read_image
from dlcookbook.data.photographs import Part, load_photographs_split, split_patches
from dlcookbook.keras.metrics.psnr import psnr
from dlcookbook.keras.metrics.ssim import ssim
from dlcookbook.keras.models.autoencoder import denoising_autoencoder
from dlcookbook.keras.models.unet import unet
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

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


class Denoiser(keras.Model):
    """A U-Net on four pictures of half the size; what it finds is taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.unet = unet(4, in_channels=4, widths=(24, 48))
        # it starts as the identity: nothing is found, nothing is taken away
        head = self.unet.layers[-1]
        head.set_weights([np.zeros(weight.shape) for weight in head.weights])

    def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
        """Map noisy images (N, H, W, 1) to clean ones; H and W must be even."""
        # each 2 x 2 pixels become 4 channels: no pixel is lost, a quarter of the work
        number, height, width, _ = ops.shape(x)
        pixels = ops.reshape(x, (number, height // 2, 2, width // 2, 2))
        pixels = ops.transpose(pixels, (0, 1, 3, 2, 4))
        pixels = ops.reshape(pixels, (number, height // 2, width // 2, 4))
        found = self.unet(pixels, training=training)
        found = ops.reshape(found, (number, height // 2, width // 2, 2, 2))
        found = ops.transpose(found, (0, 1, 3, 2, 4))
        return ops.cast(x, found.dtype) - ops.reshape(found, ops.shape(x))

    def compute_output_spec(
        self, x: KerasTensor, training: bool = False
    ) -> KerasTensor:
        """Return what `call` gives, unasked: a backend would try it on odd sizes."""
        return KerasTensor(x.shape, dtype=self.compute_dtype)


def make_model(kind: str = "unet") -> keras.Model:
    """Return an untrained network, from noisy images (N, H, W, 1) to clean ones.

    With a way around its narrow middle, or the "bottleneck" that has none:

    >>> for kind in ("unet", "bottleneck"):
    ...     sum(weight.numpy().size for weight in make_model(kind).trainable_variables)
    57820
    42245
    """
    if kind == "unet":
        return Denoiser()
    # 4 numbers for 4 x 4 pixels
    return denoising_autoencoder(in_channels=1, widths=(32, 64), latent_channels=4)


def denoise(model: keras.Model, noisy: np.ndarray) -> np.ndarray:
    """Return images, shape (N, H, W), 0 to 1: each the mean of 8 views."""

    def restore(part: np.ndarray) -> np.ndarray:
        found = model.predict(part[..., None], batch_size=16, verbose=0)
        return found[..., 0].astype("float32")

    total = np.zeros_like(noisy)
    for turns in range(8):
        side = 1 if turns < 4 else -1
        view = np.rot90(noisy, turns, (1, 2))[:, :, ::side]
        total += np.rot90(restore(view)[:, :, ::side], -turns, (1, 2))
    return (total / 8).clip(0, 1)


def measure(found: np.ndarray, clean: np.ndarray) -> tuple[float, float]:
    """Return PSNR in decibels and SSIM of images, shape (N, H, W), 0 to 1."""
    pair = clean[..., None], found[..., None]
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
    data, out = "a folder of pictures", "runs/denoising_keras"
    with Run(parser, argv, out, epochs=10, batch_size=8, data=data) as run:
        if not 0 < run.args.sigma <= 1:
            parser.error(f"--sigma must be in (0, 1]. Received: {run.args.sigma}")
        train, validation, test = load_data(run.seed, run.data, sigma=run.args.sigma)
        model = make_model(run.args.model)
        # clean patches go in; in training each gets noise that was never there before
        noise = layers.GaussianNoise(run.args.sigma, seed=run.seed)
        augmented = keras.Sequential([keras.Input((None, None, 1)), noise, model])
        clean = train.clean[..., None]
        data = ShuffledArrays(clean, clean, run.batch_size, run.seed)
        # larger steps end, on some seeds, with a narrow middle that is always zero
        rate = 1e-2 if run.args.model == "unet" else 1e-3
        schedule = keras.optimizers.schedules.CosineDecay(rate, run.epochs * len(data))
        augmented.compile(
            keras.optimizers.Adam(schedule, epsilon=1e-8, global_clipnorm=0.1),
            keras.losses.MeanSquaredError(),
        )
        stopping = EarlyStopping("val_loss", mode="min", patience=6)
        checkpoint = Checkpoint(run.checkpoints(), data, parts={"stopping": stopping})
        held = validation.noisy[..., None], validation.clean[..., None]
        history = run.fit(augmented, data, held, stopping, checkpoint)
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
