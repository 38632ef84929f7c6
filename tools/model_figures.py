"""Draw the models: a bar for each stage, as high as its image, as wide as it is deep.

The shapes are those that the models of PyTorch give, without computing anything.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

from tools.svg import Figure, box, label, scheme, svg

FOLDER = Path(__file__).resolve().parent.parent / "docs/assets/figures/models"
# Builder, what it is given, one input, and the modules whose outputs are drawn.
DRAWN: dict[str, tuple[str, str, tuple, dict, tuple[int, ...], tuple[str, ...]]] = {
    "mlp": (
        "mlp",
        "mlp",
        (784, 10),
        {},
        (1, 784),
        ("linear1", "linear2", "linear3", "fc"),
    ),
    "lenet": (
        "lenet",
        "lenet5",
        (),
        {},
        (1, 1, 32, 32),
        ("c1", "s2", "c3", "s4", "c5", "f6", "output"),
    ),
    "cifar-cnn": (
        "cifar_cnn",
        "cifar_cnn",
        (),
        {},
        (1, 3, 32, 32),
        ("conv1", "pool1", "conv2", "pool2", "conv3", "fc1", "fc2"),
    ),
    "vgg": (
        "vgg",
        "vgg_small",
        (),
        {},
        (1, 3, 32, 32),
        ("conv1_2", "pool1", "conv2_2", "pool2", "conv3_2", "pool3", "fc"),
    ),
    "resnet": (
        "resnet",
        "resnet50",
        (),
        {},
        (1, 3, 224, 224),
        ("conv1", "maxpool", "layer1", "layer2", "layer3", "layer4", "fc"),
    ),
    "efficientnet": (
        "efficientnet",
        "efficientnet",
        ("b0",),
        {},
        (1, 3, 224, 224),
        (
            "conv_stem",
            *(f"blocks.{i}" for i in range(7)),
            "conv_head",
            "classifier",
        ),
    ),
    "unet": (
        "unet",
        "unet",
        (2,),
        {},
        (1, 3, 256, 256),
        (
            *(f"encoder.{i}" for i in range(5)),
            *(f"decoder.{i}" for i in range(4)),
            "head",
        ),
    ),
    "autoencoder": (
        "autoencoder",
        "denoising_autoencoder",
        (),
        {},
        (1, 1, 28, 28),
        ("encoder.0", "encoder.1", "encoder.2", "decoder.0", "decoder.1", "head"),
    ),
}
TEXTS = {
    "mlp": "784 numbers become 512, 256, 128 and at last 10.",
    "lenet": "32 pixels shrink to 5 in four steps while one channel becomes 16; three "
    "linear layers follow.",
    "cifar-cnn": "32 pixels shrink to 4 while 3 channels become 64; two linear layers "
    "follow.",
    "vgg": "32 pixels are halved three times, the channels doubled from 64 to 256.",
    "resnet": "224 pixels are halved five times to 7 while the channels grow to 2048.",
    "efficientnet": "224 pixels are halved five times to 7; the stages have 16 to 320 "
    "channels, the head 1280.",
    "unet": "Down from 256 pixels and 64 channels to 16 and 1024, and up again.",
    "autoencoder": "28 pixels shrink to 7 and 16 channels, and come back.",
}


@cache
def shapes(slug: str) -> tuple[tuple[int, ...], ...]:
    """Return the input's shape and what each drawn module puts out, without batch."""
    import importlib

    import torch

    file, function, args, kwargs, given, names = DRAWN[slug]
    module = importlib.import_module(f"dlcookbook.torch.models.{file}")
    with torch.device("meta"):
        model, x = getattr(module, function)(*args, **kwargs), torch.zeros(given)
    found: list[tuple[int, ...]] = [given[1:]]
    for name in names:
        model.get_submodule(name).register_forward_hook(
            lambda _, __, out: found.append(tuple(out.shape[1:]))
        )
    model.eval()(x)
    return tuple(found)


def bars(slug: str) -> str:
    """Return a bar for each stage, channels below and pixels above."""
    stages = shapes(slug)
    pixels = [shape[1] if len(shape) > 1 else 1 for shape in stages]
    widths = [4 + 3 * math.log2(shape[0]) for shape in stages]
    gap = (332 - sum(widths)) / (len(stages) - 1)
    unit = 120 / math.log2(max(*pixels, 2))
    x, parts = 14.0, []
    for i, (shape, side, width) in enumerate(zip(stages, pixels, widths, strict=True)):
        height = 8 + unit * math.log2(side)
        flat = len(shape) == 1
        parts.append(
            box(x, 104 - height / 2, width, height, 2 if flat else 1, 0.35 + 0.4 * flat)
        )
        middle = x + width / 2
        if side > 1:
            above = 98 - height / 2 - 12 * (i % 2)
            parts.append(label(middle, above, str(side), "middle"))
        # in two rows, so that long numbers do not touch
        below = 118 + height / 2 if height > 60 else 150
        parts.append(label(middle, below + 14 * (i % 2), str(shape[0]), "middle"))
        x += width + gap
    images = max(pixels) > 1
    said = "above: pixels a side; below: channels" if images else "numbers per layer"
    parts.append(label(8, 212, said, "start"))
    return "".join(parts)


@cache
def figures() -> dict[str, Figure]:
    """Return every figure by the section that shows it."""
    return {
        slug: scheme(f"Stages of {slug}", TEXTS[slug], bars(slug)) for slug in DRAWN
    }


def drawings() -> dict[Path, str]:
    """Return what every file of the folder holds."""
    return {FOLDER / f"{slug}.svg": svg(slug, f) for slug, f in figures().items()}
