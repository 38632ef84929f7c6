"""Accuracy and top-k accuracy from scores, with a rule for equal scores."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["Accuracy", "TopKAccuracy", "accuracy", "top_k_accuracy"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class TopKAccuracy(keras.metrics.Metric):
    r"""Top-k accuracy of as many batches as there are.

    An example counts if its true class is among the $k$ highest scores. Its place is
    the number of classes with a higher score, and nothing is sorted. A model that gives
    all $C$ classes one score gets $k / C$, as guessing does.

    Parameters
    ----------
    k : int
        How many of the highest scores are looked at.
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If `k` is less than 1 or `ties` is none of the above.

    Examples
    --------
    >>> metric = TopKAccuracy(2)
    >>> metric.update_state([2], [[0.1, 0.6, 0.3]])
    >>> metric.update_state([2], [[0.5, 0.3, 0.2]])
    >>> float(metric.result())
    0.5

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """

    def __init__(
        self,
        k: int,
        *,
        ties: str = "fraction",
        ignore_index: int | None = None,
        name: str = "top_k_accuracy",
    ) -> None:
        super().__init__(name=name, dtype="float64")
        if k < 1:
            raise ValueError(f"k must be >= 1. Received: {k}")
        if ties not in ("fraction", "pessimistic", "optimistic"):
            raise ValueError(
                "ties must be 'fraction', 'pessimistic' or 'optimistic'. "
                f"Received: {ties}"
            )
        self.k, self.ties, self.ignore_index = k, ties, ignore_index
        # hits, examples, and what was bad; float64 counts to 9e15 without a gap
        self.sums = self.add_variable(
            (3,), initializer="zeros", dtype="float64", name="sums"
        )

    def update_state(
        self,
        y_true: KerasTensor,
        y_pred: KerasTensor,
        sample_weight: KerasTensor | None = None,
    ) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : tensor of int, shape (...) or (..., 1)
            True classes, or `ignore_index`.
        y_pred : tensor, shape (..., num_classes)
            Logits or probabilities: only their order counts.
        sample_weight : tensor, shape (...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit or there are fewer than `k` classes.
        """
        true, scores = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        if len(true.shape) == len(scores.shape) and true.shape[-1] == 1:
            true = ops.squeeze(true, -1)
        if len(true.shape) != len(scores.shape) - 1 or any(
            a != b and None not in (a, b)
            for a, b in zip(true.shape, scores.shape[:-1], strict=True)
        ):
            raise ValueError(
                "y_pred must have the shape of y_true and an axis of classes more. "
                f"Received: y_true {true.shape}, y_pred {scores.shape}"
            )
        classes = scores.shape[-1]
        if self.k > classes:
            raise ValueError(f"k must be <= {classes} classes. Received: {self.k}")
        # 1.5 is no class: the cast alone would count it as 1
        labels = ops.cast(ops.ravel(true), "int64")
        true = ops.where(ops.equal(labels, ops.ravel(true)), labels, -(2**31))
        scores = ops.reshape(scores, (-1, classes))
        if sample_weight is None:
            weight = ops.ones_like(true, dtype="float64")
        else:
            weight = ops.reshape(ops.cast(sample_weight, "float64"), ops.shape(true))
        known = ops.logical_and(true >= 0, true < classes)
        known = ops.logical_and(known, ops.all(ops.isfinite(scores), axis=-1))
        known = known & (weight >= 0) & (weight < float("inf"))
        bad = ops.logical_not(known)
        if self.ignore_index is not None:
            counted = true != self.ignore_index
            known, bad = (ops.logical_and(x, counted) for x in (known, bad))
        place = ops.expand_dims(ops.where(known, true, 0), -1)
        mine = ops.take_along_axis(scores, place, axis=-1)
        higher, equal = (
            ops.sum(ops.cast(x, "float64"), axis=-1)
            for x in (scores > mine, scores == mine)
        )
        if self.ties == "fraction":
            hit = ops.clip((self.k - higher) / equal, 0, 1)
        elif self.ties == "optimistic":
            hit = ops.cast(higher < self.k, "float64")
        else:
            hit = ops.cast(higher + equal <= self.k, "float64")
        weight = ops.where(known, weight, 0.0)
        hits = ops.where(known, hit * weight, 0.0)
        found = ops.stack([hits, weight, ops.cast(bad, "float64")])
        self.sums.assign_add(ops.sum(found, axis=1))

    def result(self) -> KerasTensor:
        """Return the accuracy of everything so far.

        Returns
        -------
        tensor of float64, shape ()
            From 0 to 1. NaN if nothing has been counted, and after classes out of
            range, scores that are not finite or bad weights.
        """
        good = ops.logical_and(self.sums[2] == 0, self.sums[1] > 0)
        return ops.where(good, self.sums[0] / self.sums[1], float("nan"))

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of Accuracy or TopKAccuracy
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            for name in ("k", "ties", "ignore_index"):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self.sums.assign_add(other.sums)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {
            "k": self.k,
            "ties": self.ties,
            "ignore_index": self.ignore_index,
            "name": self.name,
        }


@keras.saving.register_keras_serializable(package="dlcookbook")
class Accuracy(TopKAccuracy):
    r"""Accuracy of as many batches as there are.

    An example counts if no class has a higher score than the true one. A model that
    gives all $C$ classes one score gets $1 / C$, as guessing does, and one that gives
    NaN gets an error instead of the share of class 0.

    Parameters
    ----------
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If `ties` is none of the above.

    Examples
    --------
    >>> metric = Accuracy()
    >>> metric.update_state([1], [[0.1, 0.6, 0.3]])
    >>> metric.update_state([2], [[0.5, 0.3, 0.2]])
    >>> float(metric.result())
    0.5

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """

    def __init__(
        self,
        *,
        ties: str = "fraction",
        ignore_index: int | None = None,
        name: str = "accuracy",
    ) -> None:
        super().__init__(1, ties=ties, ignore_index=ignore_index, name=name)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        config = super().get_config()
        del config["k"]
        return config


def accuracy(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    ties: str = "fraction",
    ignore_index: int | None = None,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Accuracy of one batch.

    An example counts if no class has a higher score than the true one. A model that
    gives all $C$ classes one score gets $1 / C$, as guessing does, and one that gives
    NaN gets an error instead of the share of class 0.

    Parameters
    ----------
    y_true : tensor of int, shape (...) or (..., 1)
        True classes, or `ignore_index`.
    y_pred : tensor, shape (..., num_classes)
        Logits or probabilities: only their order counts.
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        From 0 to 1.
        NaN for no examples, classes out of range, scores that are not finite and bad
        weights.

    Examples
    --------
    >>> float(accuracy([1, 2], [[0.1, 0.6, 0.3], [0.5, 0.3, 0.2]]))
    0.5

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """
    metric = Accuracy(ties=ties, ignore_index=ignore_index)
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()


def top_k_accuracy(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    k: int,
    *,
    ties: str = "fraction",
    ignore_index: int | None = None,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Top-k accuracy of one batch.

    An example counts if its true class is among the $k$ highest scores. Its place is
    the number of classes with a higher score, and nothing is sorted. A model that gives
    all $C$ classes one score gets $k / C$, as guessing does.

    Parameters
    ----------
    y_true : tensor of int, shape (...) or (..., 1)
        True classes, or `ignore_index`.
    y_pred : tensor, shape (..., num_classes)
        Logits or probabilities: only their order counts.
    k : int
        How many of the highest scores are looked at.
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        From 0 to 1.
        NaN for no examples, classes out of range, scores that are not finite and bad
        weights.

    Examples
    --------
    >>> float(top_k_accuracy([2, 2], [[0.1, 0.6, 0.3], [0.5, 0.3, 0.2]], 2))
    0.5

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """
    metric = TopKAccuracy(k, ties=ties, ignore_index=ignore_index)
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
