"""SGD in the convention of either framework, for runs that must agree."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["TwinSGD"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class TwinSGD(keras.optimizers.Optimizer):
    r"""$\theta - \eta b$ as torch has it, or $\theta - b$ with rates inside, as Keras.

    Keras' buffer keeps the rate of the day each gradient came on, torch's is multiplied
    by today's: equal until the rate changes. Keras' decay shrinks the weights, torch's
    joins the gradient and so the buffer. No argument of either framework turns one into
    the other. A NaN gradient makes
    its weight NaN for good.

    Parameters
    ----------
    learning_rate : float >= 0 or LearningRateSchedule
        Learning rate.
    momentum : float in [0, 1)
        What is kept of the buffer.
    weight_decay : float >= 0
        Added to the gradient times the weights (torch), or what the weights shrink by,
        times the rate (Keras).
    convention : {"torch", "keras"}
        Whose rule.
    nesterov : bool
        Step along the new gradient plus momentum times the buffer.
    **kwargs
        Of `keras.optimizers.Optimizer`: `clipnorm`, `use_ema`, `name` and so on.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> for convention in ("torch", "keras"):
    ...     w = keras.Variable(0.0)
    ...     optimizer = TwinSGD(1.0, momentum=0.5, convention=convention)
    ...     for lr in (1.0, 0.5):
    ...         optimizer.learning_rate = lr
    ...         optimizer.apply([ops.convert_to_tensor(-1.0)], [w])
    ...     print(float(w))
    1.75
    2.0

    References
    ----------
    Sutskever et al., 2013, eq. 1-4: as Keras. <https://proceedings.mlr.press/v28/sutskever13.html>
    <https://keras.io/api/optimizers/sgd/>
    """

    def __init__(
        self,
        learning_rate: Any,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        *,
        convention: str,
        nesterov: bool = False,
        **kwargs: Any,
    ) -> None:
        if convention not in ("torch", "keras"):
            raise ValueError(
                f"convention must be 'torch' or 'keras'. Received: {convention}"
            )
        rate = learning_rate
        if isinstance(rate, int | float) and not 0 <= rate < float("inf"):
            raise ValueError(f"learning_rate must be >= 0. Received: {rate}")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be in [0, 1). Received: {momentum}")
        if not 0 <= weight_decay < float("inf"):
            raise ValueError(f"weight_decay must be >= 0. Received: {weight_decay}")
        # the base class decays as Keras does; torch's decay is part of the gradient
        shrink = weight_decay if convention == "keras" else None
        super().__init__(learning_rate, weight_decay=shrink, **kwargs)
        self.convention, self.l2 = convention, weight_decay
        self.momentum, self.nesterov = momentum, nesterov

    def build(self, variables: list[Any]) -> None:
        """Make the state of every variable.

        Parameters
        ----------
        variables : list of keras.Variable
            What is trained.
        """
        if self.built:
            return
        super().build(variables)
        self.buffers = self.add_optimizer_variables(variables, "buffer")

    def update_step(
        self, gradient: KerasTensor, variable: Any, learning_rate: KerasTensor
    ) -> None:
        """Change one variable, as the base class asks.

        Parameters
        ----------
        gradient : tensor, shape (...)
            Slope of the loss.
        variable : keras.Variable, shape (...)
            Weights to change.
        learning_rate : tensor, shape ()
            Rate of this step.
        """
        i = self._get_variable_index(variable)
        lr, buffer = ops.cast(learning_rate, variable.dtype), self.buffers[i]
        g = ops.cast(gradient, variable.dtype)
        if self.convention == "torch":
            g = g + self.l2 * variable
        # the rate enters the buffer, or leaves it
        inside, outside = (lr, 1.0) if self.convention == "keras" else (1.0, lr)
        self.assign(buffer, self.momentum * buffer + g * inside)
        move = g * inside + self.momentum * buffer if self.nesterov else buffer
        self.assign_sub(variable, move * outside)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        options: dict[str, Any] = {"momentum": self.momentum, "weight_decay": self.l2}
        options |= {"convention": self.convention, "nesterov": self.nesterov}
        return {**super().get_config(), **options}
