"""Measure the torch recipes against peers: ratios from one run, one thread.

A ratio compares the fastest of several interleaved rounds, forward and backward. Times
of different runs or machines mean nothing beside each other; nothing is asserted.
"""

import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from dlcookbook.torch.losses.cross_entropy import cross_entropy_loss
from dlcookbook.torch.losses.dice import dice_loss
from dlcookbook.torch.losses.focal import sigmoid_focal_loss, softmax_focal_loss
from dlcookbook.torch.losses.lovasz import lovasz_softmax_loss

ROUNDS = 7
Loss = Callable[[Tensor, Tensor], Tensor]


def naive_focal(logits: Tensor, targets: Tensor) -> Tensor:
    """Softmax focal loss as it is often written: one-hot, log of a softmax."""
    p = logits.softmax(1)
    one_hot = F.one_hot(targets, logits.shape[1])
    return -(one_hot * (1 - p) ** 2 * torch.log(p + 1e-7)).sum(1)


def naive_dice(logits: Tensor, targets: Tensor) -> Tensor:
    """Dice loss as it is often written: one-hot masks of every class."""
    p = logits.softmax(1)
    masks = F.one_hot(targets, logits.shape[1]).movedim(-1, 1).to(p)
    overlap = (p * masks).sum((2, 3))
    return (1 - 2 * overlap / (p + masks).sum((2, 3)).clamp(min=1e-5)).mean(1)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy by PyTorch itself."""
    return F.cross_entropy(logits, targets, reduction="none")


def binary_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy by PyTorch itself."""
    return F.binary_cross_entropy_with_logits(
        logits, targets.to(logits), reduction="none"
    )


def classes(n: int, c: int, *size: int) -> tuple[Tensor, Tensor]:
    """Random logits and class indices."""
    return torch.randn(n, c, *size), torch.randint(c, (n, *size))


def labels(n: int) -> tuple[Tensor, Tensor]:
    """Random logits and labels 0 or 1."""
    return torch.randn(n), torch.randint(2, (n,))


def best(functions: list[Loss], data: tuple[Tensor, Tensor]) -> list[float]:
    """Return the fastest forward and backward pass of each function, in seconds."""
    times = [float("inf")] * len(functions)
    for _ in range(ROUNDS):
        for i, function in enumerate(functions):
            logits = data[0].clone().requires_grad_()
            start = time.perf_counter()
            function(logits, data[1]).sum().backward()
            times[i] = min(times[i], time.perf_counter() - start)
    return times


def main() -> int:
    """Print one line for each comparison."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows: list[tuple[Loss, Loss, tuple[Tensor, Tensor]]] = [
        (softmax_focal_loss, cross_entropy, classes(20_000, 100)),
        (softmax_focal_loss, naive_focal, classes(20_000, 100)),
        (cross_entropy_loss, cross_entropy, classes(20_000, 100)),
        (sigmoid_focal_loss, binary_cross_entropy, labels(1_000_000)),
        (dice_loss, naive_dice, classes(4, 21, 128, 128)),
        (lovasz_softmax_loss, dice_loss, classes(2, 5, 128, 128)),
    ]
    print(f"{'recipe':<22}{'peer':<24}{'ms':>9}{'peer ms':>9}{'ratio':>8}")
    for ours, peer, data in rows:
        mine, theirs = best([ours, peer], data)
        print(
            f"{ours.__name__:<22}{peer.__name__:<24}"
            f"{1e3 * mine:>9.2f}{1e3 * theirs:>9.2f}{mine / theirs:>8.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
