"""Average precision: the mean precision at which the positives are found."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["AveragePrecision", "average_precision"]


class AveragePrecision:
    r"""Average precision of as many batches as there are.

    $\mathrm{AP} = \sum_k (R_k - R_{k-1}) P_k$ over the distinct scores from the highest
    on: the mean, over the positives, of the precision among all that score as high.
    1 is a perfect order; a constant score gives the share of positives.

    Keeps the scores: 4 bytes per example of float32. Scores of float16 or bfloat16 are
    counted by their 65,536 values instead: 1 MB, however many examples there are.

    Parameters
    ----------
    absent : {"nan", "raise"}
        NaN or ValueError where positives are missing.

    Raises
    ------
    ValueError
        If `absent` is none of the above.

    Examples
    --------
    >>> metric = AveragePrecision()
    >>> metric.update([1, 0], [0.9, 0.4])
    >>> metric.update([1, 0], [0.4, 0.1])
    >>> round(metric.compute(), 4)
    0.8333

    References
    ----------
    Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", 2010, section
    4.2. <https://doi.org/10.1007/s11263-009-0275-4>
    """

    def __init__(self, *, absent: str = "nan") -> None:
        if absent not in ("nan", "raise"):
            raise ValueError(f"absent must be 'nan' or 'raise'. Received: {absent}")
        self.absent = absent
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        self.positives: list[np.ndarray] = []
        self.negatives: list[np.ndarray] = []
        # scores, which are positive, weights
        self.weighted: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        # negatives and positives by the bits of their score
        self.half: dict[str, np.ndarray] = {}

    def update(
        self,
        y_true: ArrayLike,
        y_score: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Keep a batch; one that is refused changes nothing.

        Parameters
        ----------
        y_true : array-like, shape (...)
            1 (or True) for a positive, 0 for a negative.
        y_score : array-like, shape (...)
            Higher for what looks positive: logits or probabilities. Prefer logits, as a
            float32 sigmoid makes equal what was not.
        sample_weight : array-like, shape (...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes differ, a target is neither 0 nor 1, a score is NaN or
            infinite, or a weight is negative, NaN or infinite.
        """
        true, score = np.asarray(y_true), np.asarray(y_score)
        weight = None if sample_weight is None else np.asarray(sample_weight, float)
        shapes = [x.shape for x in (true, score, weight) if x is not None]
        if len(set(shapes)) > 1:
            raise ValueError(
                "y_true, y_score and sample_weight must have one shape. Received: "
                + ", ".join(map(str, shapes))
            )
        if not true.size:
            return
        positive = np.ravel(true == 1)
        if true.dtype != bool and not (positive | (np.ravel(true) == 0)).all():
            raise ValueError(
                f"y_true must be 0 or 1. Received: {true.min()} to {true.max()}"
            )
        is_half = score.dtype.name in ("float16", "bfloat16")
        if not is_half:
            score = score if score.dtype.kind == "f" else score.astype(float)
            low, high = score.min(), score.max()  # finds NaN as well
            if not -np.inf < low <= high < np.inf:
                raise ValueError(f"y_score must be finite. Received: {low} to {high}")
        score = score.ravel()
        if weight is not None:
            weight = weight.ravel()
            if not 0 <= weight.min() <= weight.max() < np.inf:
                raise ValueError(
                    "sample_weight must be finite and >= 0. "
                    f"Received: {weight.min()} to {weight.max()}"
                )
        if is_half:
            self._count(score, positive, weight)
        elif weight is None:
            # by index, which is many times faster than by mask
            self.positives.append(score[np.flatnonzero(positive)])
            self.negatives.append(score[np.flatnonzero(~positive)])
        else:
            self.weighted.append((score.copy(), positive, weight.copy()))

    def _count(self, score, positive, weight) -> None:
        counts = self.half.get(score.dtype.name, np.zeros((2, 1 << 16), np.int64))
        bits, step = score.view(np.uint16), 1 << 20
        for start in range(0, len(bits), step):
            inside = slice(start, start + step)
            key = np.multiply(positive[inside], 1 << 16, dtype=np.intp) + bits[inside]
            by = None if weight is None else weight[inside]
            counts = counts + np.bincount(key, by, 1 << 17).reshape(2, -1)
        # NaN and infinity have every bit of the exponent set
        exponent = 0x7C00 if score.dtype == np.float16 else 0x7F80
        endless = np.arange(1 << 16) & exponent == exponent
        if counts[:, endless].any():
            raise ValueError(f"y_score must be finite. Received: {score.max()}")
        self.half[score.dtype.name] = counts

    def compute(self) -> float:
        """Return the average precision of everything so far.

        Returns
        -------
        float
            From 0 to 1. NaN where positives are missing.

        Raises
        ------
        ValueError
            If `absent` is "raise" and positives are missing.
        """
        simple = not self.weighted and not self.half
        found, positives = self._sorted() if simple else self._grouped()
        if positives:
            return float(found / positives)
        if self.absent == "raise":
            raise ValueError(f"y_true must hold positives. Received: {positives}")
        return float("nan")

    def _sorted(self) -> tuple[float, int]:
        for chunks in (self.positives, self.negatives):
            chunks[:] = [np.concatenate(chunks or [np.empty(0)])]
            chunks[0].sort()
        # values sort far faster than indices, and ties are looked up once
        (positive,), (negative,) = self.positives, self.negatives
        found, step, size = 0.0, 1 << 16, len(positive)
        begins = np.flatnonzero(np.append(True, positive[1:] != positive[:-1])[:size])
        times = np.diff(begins, append=size)
        for start in range(0, len(begins), step):
            first = begins[start : start + step]
            true = size - first
            false = len(negative) - negative.searchsorted(positive[first])
            found += float(times[start : start + step] @ (true / (true + false)))
        return found, size

    def _grouped(self) -> tuple[float, float]:
        parts = [(s.astype(float), w * p, w * ~p) for s, p, w in self.weighted]
        for name, counts in self.half.items():
            bits = np.flatnonzero(counts.any(axis=0))
            value = bits.astype(np.uint16).view(np.float16).astype(float)
            if name == "bfloat16":
                value = (bits.astype(np.uint32) << 16).view(np.float32).astype(float)
            parts.append((value, counts[1, bits], counts[0, bits]))
        parts += [(x, np.ones(len(x)), np.zeros(len(x))) for x in self.positives]
        parts += [(x, np.zeros(len(x)), np.ones(len(x))) for x in self.negatives]
        value, *weights = (np.concatenate(x) for x in zip(*parts, strict=True))
        distinct, group = np.unique(value, return_inverse=True)
        positive, negative = (np.bincount(group, w, len(distinct)) for w in weights)
        true, false = (np.cumsum(x[::-1]) for x in (positive, negative))
        found = positive[::-1] @ (true / np.maximum(true + false, np.finfo(float).tiny))
        return float(found), positive.sum()

    def merge(self, other: Self) -> Self:
        """Add what another worker has kept; `other` stays as it is.

        Parameters
        ----------
        other : AveragePrecision
            With the same options.

        Returns
        -------
        AveragePrecision
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        if (mine := self.absent) != (theirs := other.absent):
            raise ValueError(f"other must have absent={mine}. Received: {theirs}")
        self.positives += other.positives
        self.negatives += other.negatives
        self.weighted += other.weighted
        for name, counts in other.half.items():
            self.half[name] = self.half.get(name, 0) + counts
        return self


def average_precision(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    absent: str = "nan",
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Average precision of one batch.

    $\mathrm{AP} = \sum_k (R_k - R_{k-1}) P_k$ over the distinct scores from the highest
    on: the mean, over the positives, of the precision among all that score as high.

    Parameters
    ----------
    y_true : array-like, shape (...)
        1 (or True) for a positive, 0 for a negative.
    y_score : array-like, shape (...)
        Higher for what looks positive: logits or probabilities, finite.
    absent : {"nan", "raise"}
        NaN or ValueError where positives are missing.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 0 to 1. NaN where positives are missing.

    Examples
    --------
    >>> round(average_precision([1, 0, 1, 0], [0.9, 0.4, 0.4, 0.1]), 4)
    0.8333

    References
    ----------
    Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", 2010, section
    4.2. <https://doi.org/10.1007/s11263-009-0275-4>
    """
    metric = AveragePrecision(absent=absent)
    metric.update(y_true, y_score, sample_weight)
    return metric.compute()
