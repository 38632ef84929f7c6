"""Perplexity: among how many equally likely tokens a language model hesitates."""

import math
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Perplexity", "perplexity"]


class Perplexity:
    r"""Perplexity of as many batches as there are.

    $\exp(-\operatorname{mean} \ln p(y))$ over all tokens of all batches, long texts and
    short ones. A model that knows nothing has one of the size of the vocabulary, a
    perfect one 1. Its logarithm to base 2 is the number of bits per token.

    Parameters
    ----------
    ignore_index : int, optional
        Target to leave out, such as the padding.

    Examples
    --------
    >>> metric = Perplexity(ignore_index=-100)
    >>> metric.update([[0, -100]], [[[0.0, 0.0, 0.0], [5.0, 1.0, 2.0]]])
    >>> metric.update([[1, 2]], [[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    >>> round(metric.compute(), 6)
    3.0

    References
    ----------
    Jelinek et al., "Perplexity: a measure of the difficulty of speech recognition
    tasks", 1977. <https://doi.org/10.1121/1.2016299>
    """

    def __init__(self, *, ignore_index: int | None = None) -> None:
        self.ignore_index = ignore_index
        self.reset()

    def reset(self) -> None:
        """Forget every token."""
        self.loss, self.tokens = 0.0, 0.0

    def update(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Add a batch; a batch that is refused leaves the sums as they were.

        Parameters
        ----------
        y_true : array-like of int, shape (...)
            The token that came next, or `ignore_index`.
        y_pred : array-like, shape (..., tokens of the vocabulary)
            Logits, any floating dtype: no probabilities, these would pass for logits.
            Those of `y_true`'s own positions: shift one of the two by a token before.
        sample_weight : array-like, shape of the first axes of `y_true`, optional
            What a text or a token counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, a target is no integer or out of range, a logit
            gives no probability or a weight is negative.
        """
        true, logits = np.asarray(y_true), np.asarray(y_pred)
        weight = np.ones(()) if sample_weight is None else np.asarray(sample_weight)
        if true.shape != logits.shape[:-1] or weight.shape != true.shape[: weight.ndim]:
            raise ValueError(
                "y_pred must have the shape of y_true and the vocabulary last, "
                f"sample_weight its first axes. Received: y_true {true.shape}, "
                f"y_pred {logits.shape}, sample_weight {weight.shape}"
            )
        if true.dtype.kind not in "iu":
            raise ValueError(f"y_true must be integers. Received: {true.dtype}")
        if not (weight >= 0).all():
            raise ValueError(f"sample_weight must be >= 0. Received: {weight.min()}")
        weight = weight.reshape(weight.shape + (1,) * (true.ndim - weight.ndim))
        weight = np.ravel(np.broadcast_to(weight, true.shape))
        true, logits = true.ravel(), logits.reshape(-1, logits.shape[-1])
        loss, tokens = self.loss, self.tokens
        # small enough for the cache
        step = max(1, (1 << 16) // logits.shape[1])
        for start in range(0, len(true), step):
            inside = slice(start, start + step)
            rows, block, share = true[inside], logits[inside], weight[inside]
            if self.ignore_index is not None:
                keep = rows != self.ignore_index
                rows, block, share = rows[keep], block[keep], share[keep]
            if rows.size:
                loss += float(share @ self._losses(rows, block))
                tokens += float(share.sum())
        if not math.isfinite(tokens) or math.isnan(loss):
            raise ValueError(
                "y_pred must be logits without NaN or +inf, one of them finite, and "
                f"sample_weight be finite. Received: a loss of {loss}"
            )
        self.loss, self.tokens = loss, tokens

    def _losses(self, true: np.ndarray, logits: np.ndarray) -> np.ndarray:
        low, high, size = true.min(), true.max(), logits.shape[1]
        if low < 0 or high >= size:
            raise ValueError(
                f"y_true must be in [0, {size}). Received: {low} to {high}"
            )
        with np.errstate(invalid="ignore"):
            moved = logits.astype(np.float64)
            moved -= moved.max(axis=1, keepdims=True)
            own = moved[np.arange(len(true)), true]
            return np.log(np.exp(moved, out=moved).sum(axis=1)) - own

    def compute(self) -> float:
        """Return the perplexity of everything so far.

        Returns
        -------
        float
            From 1; infinite if a token came that had a logit of -inf.

        Raises
        ------
        ValueError
            If there is no token.
        """
        if not self.tokens:
            raise ValueError("y_true must hold a token that counts. Received: none")
        return float(np.exp(self.loss / self.tokens))

    def merge(self, other: Self) -> Self:
        """Add what another worker has seen; `other` stays as it is.

        Parameters
        ----------
        other : Perplexity
            With the same options.

        Returns
        -------
        Perplexity
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        if (mine := self.ignore_index) != (theirs := other.ignore_index):
            raise ValueError(f"other must have ignore_index={mine}. Received: {theirs}")
        self.loss, self.tokens = self.loss + other.loss, self.tokens + other.tokens
        return self


def perplexity(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Perplexity of one batch.

    $\exp(-\operatorname{mean} \ln p(y))$ over all tokens. A model that knows nothing
    has one of the size of the vocabulary, a perfect one 1. Its logarithm to base 2 is
    the number of bits per token.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        The token that came next, or `ignore_index`.
    y_pred : array-like, shape (..., tokens of the vocabulary)
        Logits, any floating dtype: no probabilities, these would pass for logits. Those
        of `y_true`'s own positions: shift one of the two by a token before.
    ignore_index : int, optional
        Target to leave out, such as the padding.
    sample_weight : array-like, shape of the first axes of `y_true`, optional
        What a text or a token counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 1; infinite if a token came that had a logit of -inf.

    Raises
    ------
    ValueError
        If the shapes do not fit, a target is no integer or out of range, a logit gives
        no probability, a weight is negative or there is no token.

    Examples
    --------
    >>> round(perplexity([0, 1], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), 6)
    3.0

    References
    ----------
    Jelinek et al., "Perplexity: a measure of the difficulty of speech recognition
    tasks", 1977. <https://doi.org/10.1121/1.2016299>
    """
    metric = Perplexity(ignore_index=ignore_index)
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
