"""Accumulation: the gradient of a large batch from small ones, also uneven ones."""

from collections.abc import Callable
from typing import Any

import keras
from keras import KerasTensor, ops, tree

__all__ = ["Accumulate"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class Accumulate(keras.Model):
    r"""$\nabla \sum_i w_i L_i / \sum_i w_i$, one step for each batch of `fit`.

    $L_i$ is the mean loss of part $i$ of the batch and $w_i$ what that mean was divided
    by: then it is the mean over all of them. The last batch of an epoch may have any
    size. Exact but for BatchNorm, which normalises each part by itself, and for
    dropout's random numbers. The trained model is `.model`.

    Parameters
    ----------
    model : keras.Model
        What is trained.
    parts : int >= 1
        Into how many pieces a batch is cut, as even as can be. In TensorFlow a batch of
        fewer examples shows BatchNorm and the metrics some of them twice, at no weight.
    weight_of : callable, optional
        From `(x, y, sample_weight)` of a part to what its mean was divided by: for
        tokens `lambda x, y, w: ops.sum(y != 0)`. By default the number of examples. A
        part of weight 0 adds nothing; a batch of weight 0, and a negative weight, make
        the gradient NaN. The logged loss counts examples all the same. Not saved with
        the model.
    **kwargs
        Of `keras.Model`: `name` and so on.

    Raises
    ------
    ValueError
        If `parts` is no positive integer, or a weight not one number.

    Examples
    --------
    >>> import numpy as np
    >>> layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    >>> model = Accumulate(keras.Sequential([keras.Input((1,)), layer]), parts=2)
    >>> model.compile(keras.optimizers.SGD(0.5), lambda y, p: p[:, 0])
    >>> x = np.array([[1.0], [2.0], [3.0], [10.0], [4.0]])
    >>> history = model.fit(x, x, batch_size=5, verbose=0)
    >>> layer.kernel.numpy().item(), -0.5 * x.mean().item()
    (-2.0, -2.0)

    References
    ----------
    Ott et al., "Scaling Neural Machine Translation", 2018, section 3: delayed updates.
    <https://arxiv.org/abs/1806.00187>
    """

    optimizer: Any  # set by compile

    def __init__(
        self,
        model: Any,
        parts: int,
        weight_of: Callable[[Any, Any, Any], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if isinstance(parts, bool) or not isinstance(parts, int) or parts < 1:
            raise ValueError(f"parts must be an integer >= 1. Received: {parts}")
        super().__init__(**kwargs)
        if isinstance(model, dict):  # as saved by get_config
            model = keras.saving.deserialize_keras_object(model)
        self.model, self.parts, self.weight_of = model, parts, weight_of
        if model.built:
            self.build(model.input_shape)

    def build(self, input_shape: Any) -> None:
        """Build the model inside.

        Parameters
        ----------
        input_shape : tuple
            Of a batch.
        """
        if not self.model.built:
            self.model.build(input_shape)
        self.built = True

    def call(self, inputs: KerasTensor, training: bool | None = None) -> KerasTensor:
        """Call the model inside.

        Parameters
        ----------
        inputs : tensor, shape (N, ...)
            A batch.
        training : bool, optional
            As for the model.

        Returns
        -------
        tensor, shape (N, ...)
            Its outputs.
        """
        return self.model(inputs, training=training)

    def train_step(self, *arguments: Any) -> Any:
        """Add up the gradients of the parts, then let the optimizer step.

        Parameters
        ----------
        *arguments
            As the backend's trainer gives them: JAX adds the state.

        Returns
        -------
        dict, or on JAX a tuple of dict and state
            Metrics of the whole batch.
        """
        *state, data = arguments
        optimizer, kept = self.optimizer, state[0] if state else None
        self.optimizer = total = _Sum(optimizer)
        size = ops.shape(tree.flatten(data)[0])[0]
        # a number, or a tensor in a graph of TensorFlow
        lower, upper = (
            (min, max) if isinstance(size, int) else (ops.minimum, ops.maximum)
        )
        try:
            for i in range(self.parts):
                first, last = size * i // self.parts, size * (i + 1) // self.parts
                count = last - first
                if isinstance(size, int) and count == 0:
                    continue
                # none is empty: a mean of nothing is 0 / 0
                first = lower(first, size - 1)
                last = upper(last, first + 1)
                part = tree.map_structure(
                    lambda x, a=first, b=last: None if x is None else x[a:b], data
                )
                total.weight = self._weight(part, count)
                if state:
                    logs, state[0] = super().train_step(state[0], part)
                else:
                    logs = super().train_step(part)
        finally:
            self.optimizer = optimizer
        if kept is None:
            optimizer.apply(total.mean(), self.trainable_variables)
            return logs
        moved = optimizer.stateless_apply(kept[2], total.mean(), kept[0])
        return logs, (moved[0], state[0][1], moved[1], state[0][3])

    def _weight(self, part: Any, count: Any) -> Any:
        if self.weight_of is None:
            return count
        weight = self.weight_of(*keras.utils.unpack_x_y_sample_weight(part))
        weight = ops.cast(weight, "float32")
        if shape := tuple(weight.shape):
            raise ValueError(f"weight_of must give one number. Received: {shape}")
        weight = ops.where(weight >= 0, weight, float("nan"))
        return ops.where(ops.equal(count, 0), ops.zeros_like(weight), weight)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        model = keras.saving.serialize_keras_object(self.model)
        return {**super().get_config(), "model": model, "parts": self.parts}


class _Sum:
    """Stands in for the optimizer and only adds up."""

    def __init__(self, optimizer: Any) -> None:
        self.optimizer, self.weight = optimizer, None
        self.gradients: list[Any] = []
        self.weights: Any = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.optimizer, name)

    def apply(self, gradients: list[Any], variables: Any = None) -> None:
        weight = ops.cast(self.weight, "float64" if _is_wide(gradients) else "float32")
        shares = [g if g is None else _share(g, weight) for g in gradients]
        self.weights = self.weights + weight
        if self.gradients:
            pairs = zip(self.gradients, shares, strict=True)
            shares = [b if a is None else a if b is None else a + b for a, b in pairs]
        self.gradients = shares

    def apply_gradients(self, pairs: Any) -> None:
        self.apply([g for g, _ in pairs])

    def stateless_apply(self, state: Any, gradients: Any, weights: Any) -> Any:
        self.apply(gradients)
        return weights, state

    def mean(self) -> list[Any]:
        return [g if g is None else g / self.weights for g in self.gradients]


def _is_wide(gradients: list[Any]) -> bool:
    return any("float64" in str(g.dtype) for g in gradients if g is not None)


def _share(gradient: Any, weight: Any) -> Any:
    g = gradient
    if hasattr(g, "dense_shape"):  # rows of an embedding: the same one can come twice
        g = ops.add(g, ops.zeros(g.shape, g.dtype))
    g = ops.cast(g, weight.dtype)
    # the gradient of a part without weight may be NaN
    return ops.where(weight == 0, ops.zeros_like(g), g * weight)
