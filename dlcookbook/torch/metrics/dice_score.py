"""Dice score: twice the shared area of regions by the sum of their areas."""

from typing import Self

import torch
from torch import Tensor

__all__ = ["DiceScore", "dice_score"]


class DiceScore:
    r"""Dice score of as many label maps as there are.

    $2 |A \cap B| / (|A| + |B|)$ of the pixels $A$ of a class and the pixels $B$ that
    were taken for it, averaged over classes. Equal maps give 1; keeps no square matrix.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target whose pixels do not count; if it is a class, it has no value either.
    empty : {"skip", "zero", "one"}
        What a class counts that is neither in the truth nor in the prediction.
    per : {"dataset", "image"}
        Count over all pixels, or average the value of each image, the first axis.
    average : {"macro"}, optional
        None returns one value per class.
    include_background : bool
        False leaves class 0 out of the mean.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or an option is none of the above.

    Examples
    --------
    >>> metric = DiceScore(2)
    >>> metric.update(torch.tensor([[0, 1]]), torch.tensor([[0, 0]]))
    >>> metric.update(torch.tensor([[1, 1]]), torch.tensor([[1, 1]]))
    >>> round(float(metric.compute()), 4)
    0.7333

    References
    ----------
    Dice, "Measures of Ecologic Association", 1945. <https://doi.org/10.2307/1932409>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        ignore_index: int | None = None,
        empty: str = "skip",
        per: str = "dataset",
        average: str | None = "macro",
        include_background: bool = True,
    ) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        for name, value, known in (
            ("empty", empty, ("skip", "zero", "one")),
            ("per", per, ("dataset", "image")),
            ("average", average, ("macro", None)),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {known}. Received: {value}")
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.empty, self.per, self.average = empty, per, average
        self.include_background = include_background
        self.reset()

    def reset(self) -> None:
        """Forget every image."""
        kind = torch.int64 if self.per == "dataset" else torch.float64
        # what to divide by what: pixels, or values by images, the last for their means
        self.sums = torch.zeros((2, self.num_classes + 1), dtype=kind)
        # what a GPU found out of range
        self.bad = torch.zeros((), dtype=torch.int64)

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Count a batch on the device where it lies.

        Parameters
        ----------
        predictions : Tensor, shape (N, ...)
            Predicted classes, any integer dtype. Not logits: take their argmax first.
        targets : Tensor, shape (N, ...)
            True classes, from 0 to `num_classes` - 1, or `ignore_index`.

        Raises
        ------
        ValueError
            If the shapes differ or a class is no integer or out of range. On a GPU
            `compute` tells of the range: to look at it here would be to wait for it.
        """
        shapes = tuple(predictions.shape), tuple(targets.shape)
        if shapes[0] != shapes[1]:
            raise ValueError(
                f"targets must have predictions' shape. Received: {shapes}"
            )
        for name, x in (("predictions", predictions), ("targets", targets)):
            if x.is_floating_point():
                raise ValueError(f"{name} must be integers. Received: {x.dtype}")
        per, classes = len(targets) if self.per == "image" else 1, self.num_classes
        shape = per, targets.numel() // max(per, 1)
        predicted, true = (x.detach().reshape(shape) for x in (predictions, targets))
        kept = torch.ones_like(true, dtype=torch.bool)
        if self.ignore_index is not None:
            kept = true != self.ignore_index
        for name, x in (("predictions", predicted), ("targets", true)):
            wrong = kept & ((x < 0) | (x > classes - 1))
            if x.device.type == "cpu" and wrong.any():
                raise ValueError(
                    f"{name} must be in [0, {classes}). "
                    f"Received: {int(x[kept].min())} to {int(x[kept].max())}"
                )
            self.bad = self.bad.to(x.device) + wrong.sum()
            kept = kept & ~wrong
        image = torch.arange(per, device=true.device)[:, None] * classes
        counts: list[Tensor] = []
        hits = kept & (true == predicted)
        for x, where in ((true, hits), (true, kept), (predicted, kept)):
            ids = torch.where(where, image + x, per * classes).flatten()
            zeros = ids.new_zeros(per * classes + 1)
            found = zeros.index_add(0, ids, torch.ones_like(ids))
            counts.append(found[:-1].reshape(per, classes))
        hits, areas = 2 * counts[0], counts[1] + counts[2]
        if self.per == "dataset":
            rows = torch.stack([hits.sum(0), areas.sum(0)])
            rows = torch.cat([rows, torch.zeros_like(rows[:, :1])], 1)
        else:
            values = self._values(hits, areas)
            rows = torch.stack([values.nansum(0), (~values.isnan()).sum(0)])
        self.sums = self.sums.to(rows.device) + rows

    def compute(self) -> Tensor:
        """Return the value of everything so far.

        Returns
        -------
        Tensor of float64, shape () or (num_classes,)
            From 0 to 1. NaN where nothing counts.

        Raises
        ------
        ValueError
            If no pixel was counted, or a batch on a GPU held classes out of range.
        """
        if self.bad:
            raise ValueError(
                f"predictions and targets must be in [0, {self.num_classes}). "
                f"Received: {int(self.bad)} that are not"
            )
        if not self.sums[1].any():
            raise ValueError("update must have counted a pixel. Received: none")
        values = self.sums[0] / self.sums[1].double()
        if self.per == "dataset":
            values = self._values(*self.sums[:, :-1])
        return values[:-1] if self.average is None else values[-1]

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : DiceScore
            With the same options.

        Returns
        -------
        DiceScore
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        names = "num_classes", "ignore_index", "empty", "per", "average"
        for name in (*names, "include_background"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.sums = self.sums + other.sums.to(self.sums.device)
        self.bad = self.bad + other.bad.to(self.bad.device)
        return self

    def _values(self, shared: Tensor, areas: Tensor) -> Tensor:
        values = shared / areas.double()
        if self.empty != "skip":
            values = torch.where(areas == 0, float(self.empty == "one"), values)
        out = (self.ignore_index, None if self.include_background else 0)
        values[..., [c for c in range(self.num_classes) if c in out]] = torch.nan
        return torch.cat([values, values.nanmean(-1, keepdim=True)], -1)


def dice_score(
    predictions: Tensor,
    targets: Tensor,
    num_classes: int,
    *,
    ignore_index: int | None = None,
    empty: str = "skip",
    per: str = "dataset",
    average: str | None = "macro",
    include_background: bool = True,
) -> Tensor:
    r"""Mean of $2 |A \cap B| / (|A| + |B|)$ over the classes; equal maps give 1.

    Parameters
    ----------
    predictions : Tensor, shape (N, ...)
        Predicted classes, any integer dtype. Not logits: take their argmax first.
    targets : Tensor, shape (N, ...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target whose pixels do not count; if it is a class, it has no value either.
    empty : {"skip", "zero", "one"}
        What a class counts that is neither in the truth nor in the prediction.
    per : {"dataset", "image"}
        Count over all pixels, or average the value of each image, the first axis.
    average : {"macro"}, optional
        None returns one value per class.
    include_background : bool
        False leaves class 0 out of the mean.

    Returns
    -------
    Tensor of float64, shape () or (num_classes,)
        From 0 to 1. NaN where nothing counts.

    Raises
    ------
    ValueError
        If shapes, classes or options are wrong or no pixel counts.

    Examples
    --------
    >>> predictions = torch.tensor([[0, 1], [1, 1]])
    >>> round(float(dice_score(predictions, torch.tensor([[0, 0], [1, 1]]), 2)), 4)
    0.7333

    References
    ----------
    Dice, "Measures of Ecologic Association", 1945. <https://doi.org/10.2307/1932409>
    """
    metric = DiceScore(
        num_classes,
        ignore_index=ignore_index,
        empty=empty,
        per=per,
        average=average,
        include_background=include_background,
    )
    metric.update(predictions, targets)
    return metric.compute()
