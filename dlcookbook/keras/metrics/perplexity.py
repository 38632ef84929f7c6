"""Perplexity: among how many equally likely tokens a language model hesitates."""

import math
from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["Perplexity", "perplexity"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class Perplexity(keras.metrics.Metric):
    r"""Perplexity of as many batches as there are.

    $\exp(-\operatorname{mean} \ln p(y))$ over all tokens of all batches, long texts and
    short ones. A model that knows nothing has one of the size of the vocabulary, a
    perfect one 1. Its logarithm to base 2 is the number of bits per token.

    Parameters
    ----------
    ignore_index : int, optional
        Target to leave out, such as the padding.
    from_logits : bool
        False if `y_pred` holds probabilities, as a softmax puts them out.
    name : str
        What the metric is called in the history.

    Examples
    --------
    >>> metric = Perplexity(ignore_index=-100)
    >>> metric.update_state([[0, -100]], [[[0.0, 0.0, 0.0], [5.0, 1.0, 2.0]]])
    >>> metric.update_state([[1, 2]], [[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    >>> round(float(metric.result()), 6)
    3.0

    References
    ----------
    Jelinek et al., "Perplexity: a measure of the difficulty of speech recognition
    tasks", 1977. <https://doi.org/10.1121/1.2016299>
    """

    def __init__(
        self,
        *,
        ignore_index: int | None = None,
        from_logits: bool = True,
        name: str = "perplexity",
    ) -> None:
        super().__init__(name=name, dtype="float64")
        self.ignore_index, self.from_logits = ignore_index, from_logits
        # loss and tokens
        self.sums = self.add_variable(
            (2,), initializer="zeros", dtype="float64", name="sums"
        )

    def update_state(
        self,
        y_true: KerasTensor,
        y_pred: KerasTensor,
        sample_weight: KerasTensor | None = None,
    ) -> None:
        """Add a batch.

        Parameters
        ----------
        y_true : tensor of int, shape (...)
            The token that came next, or `ignore_index`.
        y_pred : tensor, shape (..., tokens of the vocabulary)
            Logits, or probabilities without `from_logits`. Those of `y_true`'s own
            positions: shift one of the two by a token before.
        sample_weight : tensor, shape of the first axes of `y_true`, optional
            What a text or a token counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        true, logits = ops.convert_to_tensor(y_true), ops.cast(y_pred, "float64")
        # 1.5 is no token: the cast alone would count it as 1
        tokens = ops.cast(true, "int64")
        true = ops.where(ops.equal(tokens, true), tokens, -(2**31))
        weight = ops.cast(1.0 if sample_weight is None else sample_weight, "float64")
        axes, size = tuple(true.shape), logits.shape[-1]
        wanted = (*axes, size), axes[: len(weight.shape)]
        for x, want in zip((logits, weight), wanted, strict=True):
            if len(x.shape) != len(want) or any(
                a != b and None not in (a, b)
                for a, b in zip(x.shape, want, strict=True)
            ):
                raise ValueError(
                    "y_pred must have the shape of y_true and the vocabulary last, "
                    f"sample_weight its first axes. Received: y_true {axes}, "
                    f"y_pred {tuple(logits.shape)}, sample_weight {tuple(weight.shape)}"
                )
        weight = ops.reshape(
            weight, (*ops.shape(weight), *(1,) * (len(axes) - len(weight.shape)))
        )
        weight = ops.broadcast_to(weight, ops.shape(true))
        if not self.from_logits:
            logits = ops.log(logits)
        inside = ops.clip(true, 0, size - 1)
        own = ops.take_along_axis(logits, ops.expand_dims(inside, -1), axis=-1)
        loss = ops.logsumexp(logits, axis=-1) - ops.squeeze(own, -1)
        # NumPy and torch have NaN for these, and a graph may not
        loss = ops.where(
            ops.max(logits, axis=-1, initial=-math.inf) < math.inf, loss, math.nan
        )
        known = ops.logical_and(true == inside, weight >= 0)
        known = ops.logical_and(known, weight < math.inf)
        loss = ops.where(known, weight * loss, math.nan)
        if self.ignore_index is not None:
            ignored = true == self.ignore_index
            loss = ops.where(ignored, 0.0, loss)
            weight = ops.where(ignored, 0.0, weight)
        self.sums.assign_add(ops.stack([ops.sum(loss), ops.sum(weight)]))

    def result(self) -> KerasTensor:
        """Return the perplexity of everything so far.

        Returns
        -------
        tensor of float64, shape ()
            From 1; infinite if a token came that had a logit of -inf. NaN without a
            token, after targets out of range, weights below 0 or logits that give no
            probability.
        """
        return ops.exp(self.sums[0] / self.sums[1])

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have seen; they stay as they are.

        Parameters
        ----------
        metrics : iterable of Perplexity
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            for name in ("ignore_index", "from_logits"):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self.sums.assign_add(other.sums)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {
            "ignore_index": self.ignore_index,
            "from_logits": self.from_logits,
            "name": self.name,
        }


def perplexity(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    ignore_index: int | None = None,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Perplexity of one batch.

    $\exp(-\operatorname{mean} \ln p(y))$ over all tokens. A model that knows nothing
    has one of the size of the vocabulary, a perfect one 1. Its logarithm to base 2 is
    the number of bits per token.

    Parameters
    ----------
    y_true : tensor of int, shape (...)
        The token that came next, or `ignore_index`.
    y_pred : tensor, shape (..., tokens of the vocabulary)
        Logits: no probabilities, these would pass for logits. Those of `y_true`'s own
        positions: shift one of the two by a token before.
    ignore_index : int, optional
        Target to leave out, such as the padding.
    sample_weight : tensor, shape of the first axes of `y_true`, optional
        What a text or a token counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        From 1; infinite if a token came that had a logit of -inf. NaN without a token,
        after targets out of range, weights below 0 or logits that give no probability.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> logits = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    >>> round(float(perplexity([0, 1], logits)), 6)
    3.0

    References
    ----------
    Jelinek et al., "Perplexity: a measure of the difficulty of speech recognition
    tasks", 1977. <https://doi.org/10.1121/1.2016299>
    """
    metric = Perplexity(ignore_index=ignore_index)
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
