"""ROC-AUC: how often a positive scores higher than a negative."""

from typing import Self

import numpy as np
import torch
from torch import Tensor

__all__ = ["RocAuc", "roc_auc"]


class RocAuc:
    r"""Exact area under the ROC curve of as many batches as there are.

    $\mathrm{AUC} = P(s^+ > s^-) + \tfrac12 P(s^+ = s^-)$ over all pairs of a positive
    and a negative. 0.5 is chance, 1 a perfect order; a constant score gives 0.5.

    Keeps the scores where they lie: 5 bytes per example of float32. Scores of float16
    or bfloat16 are counted by their 65,536 values instead: 1 MB, however many.

    Parameters
    ----------
    absent : {"nan", "raise"}
        NaN or ValueError where positives or negatives are missing.

    Raises
    ------
    ValueError
        If `absent` is none of the above.

    Examples
    --------
    >>> metric = RocAuc()
    >>> metric.update(torch.tensor([2.2, -0.4]), torch.tensor([1, 0]))
    >>> metric.update(torch.tensor([-0.4, -2.2]), torch.tensor([1, 0]))
    >>> metric.compute()
    tensor(0.8750, dtype=torch.float64)

    References
    ----------
    Hanley and McNeil, "The Meaning and Use of the Area under a Receiver Operating
    Characteristic (ROC) Curve", 1982. <https://doi.org/10.1148/radiology.143.1.7063747>
    """

    def __init__(self, *, absent: str = "nan") -> None:
        if absent not in ("nan", "raise"):
            raise ValueError(f"absent must be 'nan' or 'raise'. Received: {absent}")
        self.absent = absent
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # scores, which are positive, weights; negatives and positives by a score's bits
        self.kept: list[tuple[Tensor, Tensor, Tensor | None]] = []
        self.half: dict[torch.dtype, Tensor] = {}
        self.bad = torch.zeros((), dtype=torch.int64)  # found on a GPU

    def update(
        self, scores: Tensor, targets: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Keep a batch on the device where it lies.

        Parameters
        ----------
        scores : Tensor, shape (...)
            Higher for what looks positive: logits or probabilities. Prefer logits, as a
            float32 sigmoid makes equal what was not.
        targets : Tensor, shape (...)
            1 (or True) for a positive, 0 for a negative.
        sample_weight : Tensor, shape (...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes differ, a target is neither 0 nor 1, a score is not finite, or
            a weight is negative or not finite. On a GPU `compute` tells of the values:
            to look at them here would be to wait for them.
        """
        parts = [x for x in (scores, targets, sample_weight) if x is not None]
        if len({x.shape for x in parts}) > 1:
            raise ValueError(
                "scores, targets and sample_weight must have one shape. Received: "
                + ", ".join(str(tuple(x.shape)) for x in parts)
            )
        scores, targets = scores.detach().flatten(), targets.flatten()
        if not scores.is_floating_point():
            scores = scores.double()
        positive = targets == 1
        tests = {"scores": scores.isfinite(), "targets": positive | (targets == 0)}
        weight = None
        if sample_weight is not None:
            weight = sample_weight.detach().flatten().double()
            tests["sample_weight"] = (weight >= 0) & weight.isfinite()
        if scores.device.type == "cpu":
            wanted = {"scores": "finite", "targets": "0 or 1"}
            for (name, test), x in zip(tests.items(), parts, strict=True):
                if not test.all():
                    raise ValueError(
                        f"{name} must be {wanted.get(name, 'finite and >= 0')}. "
                        f"Received: {x.flatten()[~test][0].item()}"
                    )
        else:
            fine = torch.stack(list(tests.values())).all(dim=0)
            self.bad = self.bad.to(scores.device) + (~fine).sum()
        if scores.itemsize == 2:
            self._count(scores, positive, weight)
        else:
            self.kept.append((scores.clone(), positive, weight))

    def _count(self, scores: Tensor, positive: Tensor, weight: Tensor | None) -> None:
        counts = self.half.get(scores.dtype, torch.zeros(1 << 17, dtype=torch.int64))
        counts, bits, step = counts.to(scores.device), scores.view(torch.int16), 1 << 20
        for start in range(0, len(bits), step):
            inside = slice(start, start + step)
            key = bits[inside].int() & 0xFFFF | positive[inside].int() << 16
            if key.device.type == "cpu":
                by = None if weight is None else weight[inside]
                counts = counts + torch.bincount(key, by, minlength=1 << 17)
            else:  # bincount would wait for the largest key
                one = torch.ones_like(key) if weight is None else weight[inside]
                kind = torch.promote_types(counts.dtype, one.dtype)
                counts = counts.to(kind).index_add(0, key, one.to(kind))
        self.half[scores.dtype] = counts

    def compute(self) -> Tensor:
        """Return the area over everything so far.

        Returns
        -------
        Tensor of float64, shape ()
            From 0 to 1. NaN where positives or negatives are missing.

        Raises
        ------
        ValueError
            If a GPU met bad values, or `absent` is "raise" and either side is missing.
        """
        if self.bad:
            raise ValueError(
                "scores must be finite, targets 0 or 1, sample_weight finite and >= 0. "
                f"Received: {int(self.bad)} that are not"
            )
        on_cpu = all(s.device.type == "cpu" and w is None for s, _, w in self.kept)
        simple = on_cpu and not self.half
        won, positive, negative = self._sorted() if simple else self._grouped()
        if self.absent == "raise" and not (positive and negative):
            raise ValueError(
                "targets must hold positives and negatives. "
                f"Received: {float(positive)} and {float(negative)}"
            )
        return won / (positive * negative)

    def _sorted(self) -> tuple[Tensor, int, int]:
        scores = [torch.empty(0), *(s for s, _, _ in self.kept)]
        positive = [torch.empty(0, dtype=torch.bool), *(p for _, p, _ in self.kept)]
        # NumPy sorts many times faster than torch.sort on a CPU
        score, mask = torch.cat(scores).numpy(), torch.cat(positive).numpy()
        sides = [score[np.flatnonzero(m)] for m in (mask, ~mask)]
        for one in sides:
            one.sort()
        # equal scores are looked up once
        few, many = sorted(sides, key=len)
        below, step = 0, 1 << 16
        for start in range(0, len(few), step):
            block = few[start : start + step]
            begins = np.flatnonzero(np.append(True, block[1:] != block[:-1]))
            value, times = block[begins], np.diff(begins, append=len(block))
            for side in ("left", "right"):
                below += int(times @ many.searchsorted(value, side))
        pairs = len(few) * len(many)
        won = below / 2 if few is sides[0] else pairs - below / 2
        return torch.tensor(won, dtype=torch.float64), len(sides[0]), len(sides[1])

    def _grouped(self) -> tuple[Tensor, Tensor, Tensor]:
        parts = []
        for score, mask, weight in self.kept:
            weight = torch.ones_like(score).double() if weight is None else weight
            parts.append((score.double(), weight * mask, weight * ~mask))
        for kind, counts in self.half.items():
            negative, positive = counts.reshape(2, -1).double()
            seen = (positive + negative).nonzero().flatten()
            value = seen.to(torch.int16).view(kind).double()
            parts.append((value, positive[seen], negative[seen]))
        value, positive, negative = (torch.cat(x) for x in zip(*parts, strict=True))
        distinct, group = value.unique(return_inverse=True)
        zero = torch.zeros_like(distinct)
        positive, negative = (zero.index_add(0, group, x) for x in (positive, negative))
        below = negative.cumsum(0) - negative / 2
        return positive @ below, positive.sum(), negative.sum()

    def merge(self, other: Self) -> Self:
        """Add what another worker has kept; `other` stays as it is.

        Parameters
        ----------
        other : RocAuc
            With the same options.

        Returns
        -------
        RocAuc
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        if (mine := self.absent) != (theirs := other.absent):
            raise ValueError(f"other must have absent={mine}. Received: {theirs}")
        self.kept += other.kept
        for kind, counts in other.half.items():
            held = self.half.get(kind, torch.zeros_like(counts))
            self.half[kind] = held + counts.to(held.device)
        self.bad = self.bad + other.bad.to(self.bad.device)
        return self


def roc_auc(
    scores: Tensor,
    targets: Tensor,
    *,
    absent: str = "nan",
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""Exact area under the ROC curve of one batch.

    $\mathrm{AUC} = P(s^+ > s^-) + \tfrac12 P(s^+ = s^-)$ over all pairs of a positive
    and a negative.

    Parameters
    ----------
    scores : Tensor, shape (...)
        Higher for what looks positive: logits or probabilities, finite.
    targets : Tensor, shape (...)
        1 (or True) for a positive, 0 for a negative.
    absent : {"nan", "raise"}
        NaN or ValueError where positives or negatives are missing.
    sample_weight : Tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape ()
        From 0 to 1. NaN where positives or negatives are missing.

    Examples
    --------
    >>> roc_auc(torch.tensor([2.2, -0.4, -0.4, -2.2]), torch.tensor([1, 0, 1, 0]))
    tensor(0.8750, dtype=torch.float64)

    References
    ----------
    Hanley and McNeil, "The Meaning and Use of the Area under a Receiver Operating
    Characteristic (ROC) Curve", 1982. <https://doi.org/10.1148/radiology.143.1.7063747>
    """
    metric = RocAuc(absent=absent)
    metric.update(scores, targets, sample_weight)
    return metric.compute()
