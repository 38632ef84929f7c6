"""Healthy trainings in PyTorch and the same with a planted fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.preflight_evidence import batch, bits, number

CE, BCE = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()
Build = Callable[[int], tuple[Any, ...]]


class Call(nn.Module):
    """A function of the input and the layers, as a model."""

    def __init__(self, call: Callable[..., Tensor], *layers: nn.Module) -> None:
        super().__init__()
        self.layers, self.function = nn.ModuleList(layers), call

    def forward(self, x: Tensor) -> Tensor:
        """Call it."""
        return self.function(self, x)


def tensors(*arrays: np.ndarray) -> tuple[Tensor, ...]:
    """Return arrays as tensors."""
    return tuple(torch.as_tensor(array) for array in arrays)


def mlp(out: int = 10, middle: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Return the model that most faults are planted in."""
    return nn.Sequential(nn.Linear(64, 32), middle(), nn.Linear(32, out))


def cnn(norm: bool = False) -> nn.Sequential:
    """Return two convolutions, with BatchNorm or with dropout."""
    between = [nn.BatchNorm2d(16) if norm else nn.Identity() for _ in range(2)]
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), between[0], nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 16, 3, padding=1), between[1], nn.ReLU(), nn.Flatten()),
        *(nn.Identity() if norm else nn.Dropout(0.5), nn.Linear(256, 10)),
    )


def transformer() -> nn.Module:
    """Return one encoder layer over the rows of a picture."""
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    place = nn.Embedding(8, 32)
    return Call(
        lambda m, x: m.layers[3](
            m.layers[2](m.layers[0](x) + m.layers[1].weight).mean(1)
        ),
        *(nn.Linear(8, 32), place, layer, nn.Linear(32, 10)),
    )


def case(
    model: Callable[[], nn.Module],
    loss: Any = CE,
    task: str = "multiclass",
    x: Callable[[np.ndarray], np.ndarray] = lambda x: x,
    y: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda x, y: y,
    **options: Any,
) -> Build:
    """Return what makes a training from a seed."""

    def build(seed: int) -> tuple[Any, ...]:
        torch.manual_seed(seed)
        inputs, classes = batch(seed)
        arrays = tensors(x(inputs), y(inputs, classes))
        return model(), loss, *arrays, task, {"lr": 1e-3} | options

    return build


def picture(x: np.ndarray) -> np.ndarray:
    """Return the digits as pictures."""
    return x.reshape(-1, 1, 8, 8)


def changed(model: nn.Module, change: Callable[[Any], Any]) -> nn.Module:
    """Return a model after a change of it."""
    with torch.no_grad():
        change(model)
    return model


def slow_norm() -> nn.Module:
    """Return a CNN whose averages hardly move."""
    model = cnn(norm=True)
    for layer in model:
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1e-4
    return model


def broadcast(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return a squared error that does not look at shapes."""
    return (outputs - targets).square().mean()


HEALTHY: dict[str, Build] = {
    "MLP, 10 classes": case(mlp),
    "CNN with dropout": case(cnn, x=picture),
    "CNN with BatchNorm": case(lambda: cnn(norm=True), x=picture),
    "transformer layer": case(transformer, x=lambda x: x.reshape(-1, 8, 8)),
    "regression": case(
        lambda: mlp(1, nn.Tanh), nn.MSELoss(), "regression", y=lambda x, y: number(y)
    ),
    "binary": case(lambda: mlp(1), BCE, "binary", y=lambda x, y: bits(y, 1)),
    "multi-label": case(lambda: mlp(4), BCE, "binary", y=lambda x, y: bits(y)),
    "segmentation": case(
        lambda: nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 3, 1)
        ),
        x=picture,
        y=lambda x, y: (x.reshape(-1, 8, 8) * 2.99).astype(np.int64),
    ),
    "probabilities and their logarithm": case(
        lambda: mlp().append(nn.LogSoftmax(1)), nn.NLLLoss()
    ),
}
FAULTS: dict[str, tuple[str, Build]] = {
    "a mask of 0 and 255": (
        "targets",
        case(lambda: mlp(1), BCE, "binary", y=lambda x, y: 255 * bits(y, 1)),
    ),
    "targets in thousands": (
        "targets",
        case(
            lambda: mlp(1), nn.MSELoss(), "regression", y=lambda x, y: 5000 * number(y)
        ),
    ),
    "targets (N,), outputs (N, 1)": (
        "shapes",
        case(lambda: mlp(1), broadcast, "regression", y=lambda x, y: number(y)[:, 0]),
    ),
    "softmax before a loss of logits": (
        "head",
        case(lambda: mlp().append(nn.Softmax(1))),
    ),
    "sigmoid before a loss of logits": (
        "head",
        case(
            lambda: mlp(1).append(nn.Sigmoid()),
            *(BCE, "binary"),
            y=lambda x, y: bits(y, 1),
        ),
    ),
    "logits for a loss of probabilities": ("head", case(mlp, nn.NLLLoss())),
    "ReLU after the last layer": ("head", case(lambda: mlp().append(nn.ReLU()))),
    "a reshape that mixes examples": (
        "batch",
        case(lambda: Call(lambda m, x: m.layers[0](x.T.reshape(x.shape)), mlp())),
    ),
    "outputs that ignore their inputs": (
        "batch",
        case(lambda: Call(lambda m, x: m.layers[0](0 * x), mlp())),
    ),
    "dead ReLU": (
        "dead units",
        case(lambda: changed(mlp(), lambda m: m[0].bias.fill_(-10))),
    ),
    "twelve layers of sigmoid": (
        "gradient flow",
        case(
            lambda: nn.Sequential(
                *(nn.Linear(64, 32), nn.Sigmoid()),
                *(
                    layer
                    for _ in range(10)
                    for layer in (nn.Linear(32, 32), nn.Sigmoid())
                ),
                nn.Linear(32, 10),
            )
        ),
    ),
    "a layer that no output uses": (
        "parameters",
        case(lambda: Call(lambda m, x: m.layers[0](x), mlp(), nn.Linear(64, 10))),
    ),
    "a graph cut in the middle": (
        "parameters",
        case(
            lambda: Call(
                lambda m, x: m.layers[1](m.layers[0](x).relu().detach()),
                *(nn.Linear(64, 32), nn.Linear(32, 10)),
            )
        ),
    ),
    "all parameters frozen": ("parameters", case(lambda: mlp().requires_grad_(False))),
    "all weights zero": (
        "overfit",
        case(lambda: changed(mlp(), lambda m: [w.zero_() for w in m.parameters()])),
    ),
    "weights of deviation 1": (
        "first loss",
        case(
            lambda: changed(
                mlp(), lambda m: [w.normal_() for w in m.parameters() if w.ndim > 1]
            )
        ),
    ),
    "a loss with the wrong sign": (
        "first loss",
        case(mlp, lambda outputs, targets: -F.cross_entropy(outputs, targets)),
    ),
    "SGD at a rate of 100": (
        "learning rate",
        case(mlp, lr=100.0, optimizer=torch.optim.SGD),
    ),
    "Adam at a rate of 1e-8": ("learning rate", case(mlp, lr=1e-8)),
    "dropout that is always on": (
        "repeatable",
        case(lambda: Call(lambda m, x: F.dropout(m.layers[0](x), 0.5), mlp())),
    ),
    "BatchNorm with slow averages": ("modes", case(slow_norm, x=picture)),
    "scaled in training mode alone": (
        "modes",
        case(lambda: Call(lambda m, x: m.layers[0](x / (1 + 9 * m.training)), mlp())),
    ),
}
