"""Classes in equal parts: how often every example is drawn in an epoch."""

from typing import Any

import keras
import numpy as np

__all__ = ["BalancedSampler"]


class BalancedSampler(keras.utils.PyDataset):
    r"""Draw m of every class in an epoch, in a random order, another one every epoch.

    An example of class c comes $m / n_c$ times, rounded up or down. A data set for
    `model.fit(sampler, epochs=...)`. The same numbers as the torch wing for the same
    seed. Split the data first, and balance the training part alone; no `class_weight`
    on top of it.

    Parameters
    ----------
    x, y : ndarray, shape (N, ...)
        Inputs and targets.
    labels : ndarray of int, shape (N,), optional
        The class of every example; `y` if not given.
    batch_size : int >= 1
        Examples per batch; the last one may have fewer.
    mode : str
        "over": m is the size of the largest class, an epoch gets longer. "under": of
        the smallest class, shorter, other examples every time. "same": their mean.
    seed : int >= 0
        The draws of epoch e are those of (seed, e) and no other.
    **kwargs
        Of `keras.utils.PyDataset`: `workers` and so on.

    Raises
    ------
    ValueError
        If the labels are not a vector of integers of two classes or more, one for each
        input and target, or `mode`, `seed` or `batch_size` is unknown.

    Examples
    --------
    >>> y = np.array([0, 0, 0, 1])
    >>> sampler = BalancedSampler(np.zeros((4, 2)), y, batch_size=6, mode="over")
    >>> len(sampler), sorted(sampler.indices.tolist())
    (1, [0, 1, 2, 3, 3, 3])

    References
    ----------
    He and Garcia, "Learning from Imbalanced Data", 2009, section 3.1.1.
    <https://doi.org/10.1109/TKDE.2008.239>
    """

    def __init__(
        self,
        x: np.ndarray,
        y: np.ndarray,
        labels: Any = None,
        batch_size: int = 32,
        *,
        mode: str = "over",
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        labels = np.asarray(y if labels is None else labels)
        self.groups = _groups(labels)
        self.size = _size(self.groups, mode)
        if not len(x) == len(y) == len(labels):
            sizes = (len(x), len(y), len(labels))
            raise ValueError(f"x, y and labels must be as long. Received: {sizes}")
        for name, value, least in (("seed", seed, 0), ("batch_size", batch_size, 1)):
            if value < least:
                raise ValueError(f"{name} must be >= {least}. Received: {value}")
        self.x, self.y, self.batch_size = x, y, batch_size
        self.seed = seed
        self.set_epoch(0)

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return -(-self.size * len(self.groups) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return one batch."""
        start = index * self.batch_size
        some = self.indices[start : start + self.batch_size]
        return self.x[some], self.y[some]

    def on_epoch_end(self) -> None:
        """Draw the next epoch: `fit` asks after each, and once before the first."""
        self.set_epoch(self.epoch + 1)

    def set_epoch(self, epoch: int) -> None:
        """Go on from an epoch, such as that of a checkpoint.

        Parameters
        ----------
        epoch : int >= 0
            The epoch that is drawn next.
        """
        self.epoch = epoch
        rng = np.random.default_rng((self.seed, epoch))
        self.indices = _draw(self.groups, self.size, rng)


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
