"""SAM: steps by the gradient of the worst place nearby, so that flat minima win."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["SAM"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class SAM(keras.Model):
    r"""Two slopes for one step: $\mathrm{step}(\theta, g(\theta + \rho g / \|g\|))$.

    Wraps the model; `compile` it with any optimizer, which makes the step and counts it
    once. Costs two passes. Metrics, BatchNorm's running means and dropout's seeds are
    those of the first pass, at the weights. The trained model is `.model`.

    Parameters
    ----------
    model : keras.Model
        What is trained.
    rho : float >= 0
        Distance $\rho$ to the neighbour, in one norm over all weights.
    adaptive : bool
        Measure it relative to each weight's size: $\rho \theta^2 g / \||\theta| g\|$.
    **kwargs
        Of `keras.Model`: `name` and so on.

    Raises
    ------
    ValueError
        If `rho` is negative or not finite.

    Examples
    --------
    >>> layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    >>> model = SAM(keras.Sequential([keras.Input((1,)), layer]), rho=0.5)
    >>> model.compile(keras.optimizers.SGD(0.25), "mse")
    >>> loss = model.train_on_batch(ops.ones((1, 1)), ops.zeros((1, 1)))
    >>> float(loss), layer.kernel.numpy().item()
    (1.0, 0.25)

    References
    ----------
    Foret et al., "Sharpness-Aware Minimization for Efficiently Improving
    Generalization", 2021, algorithm 1. <https://arxiv.org/abs/2010.01412>
    Kwon et al., 2021, eq. 5: adaptive. <https://arxiv.org/abs/2102.11600>
    """

    optimizer: Any  # set by compile

    def __init__(
        self,
        model: Any,
        *,
        rho: float = 0.05,
        adaptive: bool = False,
        **kwargs: Any,
    ) -> None:
        if not 0 <= rho < float("inf"):
            raise ValueError(f"rho must be >= 0. Received: {rho}")
        super().__init__(**kwargs)
        if isinstance(model, dict):  # as saved by get_config
            model = keras.saving.deserialize_keras_object(model)
        self.model, self.rho, self.adaptive = model, rho, adaptive
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
        """Go to the neighbour, come back, and let the optimizer step.

        Parameters
        ----------
        *arguments
            As the backend's trainer gives them: JAX adds the state.

        Returns
        -------
        dict, or on JAX a tuple of dict and state
            Metrics at the weights, not at the neighbour.
        """
        optimizer = self.optimizer
        self.optimizer = climb = _Climb(optimizer, self.rho, self.adaptive)
        try:
            if keras.backend.backend() == "jax":
                state, data = arguments
                logs, near = super().train_step(state, data)
                _, after = super().train_step(near, data)
                # weights and optimizer of the second pass, the rest of the first
                return logs, (after[0], near[1], after[2], near[3])
            logs = super().train_step(*arguments)
            kept = [*self.non_trainable_variables, *self.metrics_variables]
            values = [ops.copy(v) for v in kept]
            super().train_step(*arguments)
            for v, value in zip(kept, values, strict=True):
                v.assign(value)
            return logs
        finally:
            climb.descend()
            self.optimizer = optimizer

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        model = keras.saving.serialize_keras_object(self.model)
        return {
            **super().get_config(),
            "model": model,
            "rho": self.rho,
            "adaptive": self.adaptive,
        }


class _Climb:
    """Stands in for the optimizer: first climbs, then lets it step from below."""

    def __init__(self, optimizer: Any, rho: float, adaptive: bool) -> None:
        self.optimizer, self.rho, self.adaptive = optimizer, rho, adaptive
        self.saved: list[Any] = []
        self.variables: list[Any] = []
        self.below: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.optimizer, name)

    def neighbours(self, weights: list[Any], gradients: list[Any]) -> list[Any]:
        sizes = [ops.abs(w) if self.adaptive else ops.ones_like(w) for w in weights]
        pairs = list(zip(sizes, gradients, strict=True))
        # sums of half precision overflow
        lengths = [
            ops.sum(ops.square(ops.cast(s * g, "float32")))
            for s, g in pairs
            if g is not None
        ]
        norm = ops.sqrt(sum(lengths)) if lengths else 1.0
        share = ops.where(
            ops.equal(norm, 0), 0.0, self.rho / ops.where(ops.equal(norm, 0), 1.0, norm)
        )
        return [
            w if g is None else w + s * s * g * ops.cast(share, w.dtype)
            for w, (s, g) in zip(weights, pairs, strict=True)
        ]

    def apply(self, gradients: list[Any], variables: list[Any]) -> None:
        if self.saved:
            self.descend()
            self.optimizer.apply(gradients, variables)
            return
        # copies, since what is added and taken off again is rounded twice
        self.variables, self.saved = variables, [ops.copy(v) for v in variables]
        for v, near in zip(
            variables, self.neighbours(self.saved, gradients), strict=True
        ):
            v.assign(near)

    def apply_gradients(self, pairs: Any) -> None:
        gradients, variables = zip(*pairs, strict=True)
        self.apply(list(gradients), list(variables))

    def descend(self) -> None:
        for v, old in zip(self.variables, self.saved, strict=True):
            v.assign(old)
        self.variables = []
        self.saved = []

    def stateless_apply(self, state: Any, gradients: Any, weights: Any) -> Any:
        if self.below is not None:
            return self.optimizer.stateless_apply(state, gradients, self.below)
        self.below = weights
        return self.neighbours(weights, gradients), state
