"""Classes in equal parts: how often every example is drawn in an epoch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import Sampler

__all__ = ["BalancedSampler"]


class BalancedSampler(Sampler[int]):
    r"""Draw m of every class in an epoch, in a random order, another one every epoch.

    An example of class c comes $m / n_c$ times, rounded up or down: none is drawn a
    third time before all were drawn twice, as `WeightedRandomSampler` would. The same
    numbers as the Keras wing for the same seed. Split the data first, and balance the
    training part alone.

    Parameters
    ----------
    labels : ndarray or Tensor of int, shape (N,)
        The class of every example.
    mode : str
        "over": m is the size of the largest class, an epoch gets longer. "under": of
        the smallest class, shorter, other examples every time. "same": their mean.
    seed : int >= 0
        The draws of epoch e are those of (seed, e) and no other.

    Raises
    ------
    ValueError
        If the labels are not a vector of integers of two classes or more, or `mode` or
        `seed` is unknown.

    Examples
    --------
    >>> sampler = BalancedSampler([0, 0, 0, 1], mode="over")
    >>> len(sampler), sorted(sampler)
    (6, [0, 1, 2, 3, 3, 3])

    References
    ----------
    He and Garcia, "Learning from Imbalanced Data", 2009, section 3.1.1.
    <https://doi.org/10.1109/TKDE.2008.239>
    """

    def __init__(self, labels: Any, *, mode: str = "over", seed: int = 0) -> None:
        if isinstance(labels, torch.Tensor):
            labels = labels.cpu().numpy()
        self.groups = _groups(labels)
        self.size = _size(self.groups, mode)
        if seed < 0:
            raise ValueError(f"seed must be >= 0. Received: {seed}")
        self.seed, self.epoch = seed, 0

    def __len__(self) -> int:
        """Count the draws of an epoch."""
        return self.size * len(self.groups)

    def __iter__(self) -> Iterator[int]:
        """Draw one epoch; the next call draws the next one."""
        rng = np.random.default_rng((self.seed, self.epoch))
        self.epoch += 1
        return iter(_draw(self.groups, self.size, rng).tolist())

    def set_epoch(self, epoch: int) -> None:
        """Go on from an epoch, such as that of a checkpoint.

        Parameters
        ----------
        epoch : int >= 0
            The epoch that is drawn next.
        """
        self.epoch = epoch


def _groups(labels: Any) -> list[np.ndarray]:
    y = np.asarray(labels)
    if y.ndim != 1 or y.dtype.kind not in "iub":
        raise ValueError(
            f"labels must be a vector of integers. Received: {y.shape}, {y.dtype}"
        )
    groups = [np.flatnonzero(y == c) for c in np.unique(y)]
    if len(groups) < 2:
        raise ValueError(f"labels must be of two classes. Received: {len(groups)}")
    return groups


def _size(groups: list[np.ndarray], mode: str) -> int:
    counts = [len(group) for group in groups]
    sizes = {"over": max(counts), "under": min(counts)}
    sizes["same"] = sum(counts) // len(counts)
    if mode not in sizes:
        raise ValueError(f"mode must be one of {tuple(sizes)}. Received: {mode!r}")
    return sizes[mode]


def _draw(groups: list[np.ndarray], size: int, rng: np.random.Generator) -> np.ndarray:
    drawn = []
    for group in groups:
        whole, rest = divmod(size, len(group))
        drawn += [group] * whole
        drawn.append(rng.choice(group, rest, replace=False))
    return rng.permutation(np.concatenate(drawn))
