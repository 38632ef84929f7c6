"""Confusion matrix: how often each class was taken for which."""

from typing import Self

import numpy as np
import torch
from torch import Tensor

__all__ = ["ConfusionMatrix", "confusion_matrix"]


class ConfusionMatrix:
    r"""Confusion matrix of as many batches as there are.

    $C_{ij}$ counts the examples of class $i$ that were taken for class $j$: the truth
    goes down, the prediction across. A perfect model fills the diagonal alone.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    normalize : {"true", "pred", "all"}, optional
        Divide by the sum of the row, of the column or of all. None counts.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `normalize` is none of the above.

    Examples
    --------
    >>> metric = ConfusionMatrix(2)
    >>> metric.update(torch.tensor([0, 1]), torch.tensor([0, 0]))
    >>> metric.update(torch.tensor([1]), torch.tensor([1]))
    >>> metric.compute()
    tensor([[1, 1],
            [0, 1]])

    References
    ----------
    Stehman, 1997. <https://doi.org/10.1016/S0034-4257(97)00083-7>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        ignore_index: int | None = None,
        normalize: str | None = None,
    ) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if normalize not in (None, "true", "pred", "all"):
            raise ValueError(
                "normalize must be 'true', 'pred', 'all' or None. "
                f"Received: {normalize}"
            )
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.normalize = normalize
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # the last one counts what a GPU found out of range
        self.counts = torch.zeros(self.num_classes**2 + 1, dtype=torch.int64)

    def update(
        self, predictions: Tensor, targets: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Count a batch on the device where it lies.

        Parameters
        ----------
        predictions : Tensor, shape (...)
            Predicted classes, any integer dtype. Not logits: take their argmax first.
        targets : Tensor, shape (...)
            True classes, from 0 to `num_classes` - 1, or `ignore_index`.
        sample_weight : Tensor, shape (...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes differ, a class is no integer or out of range, or a weight is
            negative or not finite. On a GPU `compute` tells of values: not to wait.
        """
        parts = [x for x in (predictions, targets, sample_weight) if x is not None]
        if len({x.shape for x in parts}) > 1:
            raise ValueError(
                "predictions, targets and sample_weight must have one shape. Received: "
                + ", ".join(str(tuple(x.shape)) for x in parts)
            )
        for name, x in (("predictions", predictions), ("targets", targets)):
            if x.is_floating_point():
                raise ValueError(f"{name} must be integers. Received: {x.dtype}")
        predicted, true, *weight = (x.detach().flatten() for x in parts)
        if true.device.type == "cpu":
            arrays = (x.double().numpy() for x in weight)
            self._count_on_cpu(predicted.numpy(), true.numpy(), *arrays)
        else:
            self._count_on_device(predicted, true, *weight)

    def _count_on_cpu(self, *parts: np.ndarray) -> None:
        # NumPy is several times faster; a negative number read as unsigned is huge
        if len(parts) > 2 and not ((parts[2] >= 0) & (parts[2] < np.inf)).all():
            raise ValueError(f"sample_weight must be in [0, inf). Received: {parts[2]}")
        counts, bins = self.counts.cpu().numpy(), self.num_classes**2
        # small enough for the cache, large enough to outweigh the bins of a block
        step = max(1 << 18 if self.num_classes <= 16 else 1 << 16, bins)
        for start in range(0, len(parts[0]), step):
            block = [x[start : start + step] for x in parts]
            if self.ignore_index is not None:
                keep = block[1] != self.ignore_index
                block = [x[keep] for x in block]
            for name, x in zip(("predictions", "targets"), block, strict=False):
                if len(x) and x.view(f"u{x.itemsize}").max() >= self.num_classes:
                    raise ValueError(
                        f"{name} must be in [0, {self.num_classes}). "
                        f"Received: {x.min()} to {x.max()}"
                    )
            counts = counts + np.append(self._count(*block), 0)
        self.counts = torch.from_numpy(counts)

    def _count(
        self, predicted: np.ndarray, true: np.ndarray, weight: np.ndarray | None = None
    ) -> np.ndarray:
        size, classes = len(true), self.num_classes
        if weight is None and classes <= 16 and size >= 1 << 15:
            # keys of one byte: two examples side by side count as one number
            key = true.astype(np.uint8) * np.uint8(classes) + predicted.astype(np.uint8)
            pairs = np.bincount(key[: size & ~1].view(np.uint16), minlength=1 << 16)
            pairs = pairs.reshape(256, 256)
            found = pairs.sum(axis=0) + pairs.sum(axis=1)
            found[key[size & ~1 :]] += 1
            return found[: classes**2]
        true, predicted = true.astype(np.intp), predicted.astype(np.intp, copy=False)
        return np.bincount(true * classes + predicted, weight, classes**2)

    def _count_on_device(self, predicted: Tensor, true: Tensor, *rest: Tensor) -> None:
        true, predicted, size = true.long(), predicted.long(), self.num_classes
        weight = rest[0].double() if rest else torch.ones_like(true)
        known = (true >= 0) & (true < size) & (weight >= 0) & (weight < torch.inf)
        known &= (predicted >= 0) & (predicted < size)
        key = torch.where(known, true * size + predicted, size**2)
        weight = torch.where(known, weight, 1)
        if self.ignore_index is not None:
            weight = torch.where(true == self.ignore_index, 0, weight)
        kind = torch.promote_types(weight.dtype, self.counts.dtype)
        counts = self.counts.to(true.device, kind)
        self.counts = counts.index_add(0, key, weight.to(kind))

    def compute(self) -> Tensor:
        """Return the matrix of everything so far.

        Returns
        -------
        Tensor, shape (num_classes, num_classes)
            Counts, int64 unless weighted. Shares if normalised: NaN where there is
            nothing to divide by.

        Raises
        ------
        ValueError
            If a batch on a GPU held classes out of range or bad weights.
        """
        if self.counts[-1]:
            raise ValueError(
                f"predictions and targets must be in [0, {self.num_classes}), "
                f"sample_weight in [0, inf). Received: {int(self.counts[-1])} others"
            )
        matrix = self.counts[:-1].reshape(self.num_classes, -1)
        if self.normalize is None:
            return matrix
        axis = {"true": (1,), "pred": (0,), "all": (0, 1)}[self.normalize]
        return matrix / matrix.sum(dim=axis, keepdim=True, dtype=torch.float64)

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : ConfusionMatrix
            With the same options.

        Returns
        -------
        ConfusionMatrix
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "ignore_index", "normalize"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.counts = self.counts + other.counts.to(self.counts.device)
        return self


def confusion_matrix(
    predictions: Tensor,
    targets: Tensor,
    num_classes: int,
    *,
    ignore_index: int | None = None,
    normalize: str | None = None,
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""Confusion matrix of one batch.

    $C_{ij}$ counts the examples of class $i$ that were taken for class $j$.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted classes, any integer dtype. Not logits: take their argmax first.
    targets : Tensor, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    normalize : {"true", "pred", "all"}, optional
        Divide by the sum of the row, of the column or of all. None counts.
    sample_weight : Tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor, shape (num_classes, num_classes)
        Counts, int64 unless weighted. Shares if normalised: NaN where there is
        nothing to divide by.

    Raises
    ------
    ValueError
        If the shapes differ, a class is no integer or out of range, a weight is
        negative or not finite, or an option is none of the above.

    Examples
    --------
    >>> confusion_matrix(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), 2)
    tensor([[1, 1],
            [0, 1]])

    References
    ----------
    Stehman, 1997. <https://doi.org/10.1016/S0034-4257(97)00083-7>
    """
    metric = ConfusionMatrix(
        num_classes, ignore_index=ignore_index, normalize=normalize
    )
    metric.update(predictions, targets, sample_weight)
    return metric.compute()
