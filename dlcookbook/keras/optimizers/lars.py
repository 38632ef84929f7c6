"""LARS: SGD whose step is a fixed share of each tensor's length: for huge batches."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["LARS"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class LARS(keras.optimizers.Optimizer):
    r"""$b \leftarrow \mu b + \eta r (g + \lambda \theta)$, $\theta - b$: one step.

    $r = \kappa \|\theta\| / (\|g\| + \lambda \|\theta\|)$ for each variable, 1 where a
    length is 0. Without momentum and decay a variable moves by the share
    $\eta \kappa$ of its length. One NaN makes a whole variable NaN for good.

    Parameters
    ----------
    learning_rate : float >= 0 or LearningRateSchedule
        $\eta$: about 1 and more, since $\kappa$ multiplies it. Today's rate enters the
        buffer and stays in it.
    momentum : float in [0, 1)
        $\mu$, what is kept of the last moves.
    weight_decay : float >= 0
        $\lambda$: added to the gradient (L2) and counted in the ratio, unlike that of
        Keras' own optimizers.
    epsilon : float >= 0
        Added to the denominator; the paper has none.
    trust_coefficient : float > 0 or None
        $\kappa$. None takes $r = 1$: SGD.
    nesterov : bool
        Step along the new gradient plus $\mu$ times the buffer.
    **kwargs
        Of `keras.optimizers.Optimizer`: `clipnorm`, `use_ema`, `name` and so on.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> w = keras.Variable([3.0, 4.0])
    >>> optimizer = LARS(1.0, trust_coefficient=0.1)
    >>> optimizer.apply([ops.convert_to_tensor([7.0, 0.0])], [w])
    >>> ops.convert_to_numpy(w).tolist()
    [2.5, 4.0]

    References
    ----------
    You et al., "Large Batch Training of Convolutional Networks", 2017, algorithm 1.
    <https://arxiv.org/abs/1708.03888>
    """

    def __init__(
        self,
        learning_rate: Any,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        epsilon: float = 0.0,
        *,
        trust_coefficient: float | None = 0.001,
        nesterov: bool = False,
        **kwargs: Any,
    ) -> None:
        rate = learning_rate
        if isinstance(rate, int | float) and not 0 <= rate < float("inf"):
            raise ValueError(f"learning_rate must be >= 0. Received: {rate}")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be in [0, 1). Received: {momentum}")
        for key, value in {"weight_decay": weight_decay, "epsilon": epsilon}.items():
            if not 0 <= value < float("inf"):
                raise ValueError(f"{key} must be >= 0. Received: {value}")
        trust = trust_coefficient
        if trust is not None and not 0 < trust < float("inf"):
            raise ValueError(f"trust_coefficient must be > 0. Received: {trust}")
        super().__init__(learning_rate, **kwargs)
        self.momentum, self.l2, self.epsilon = momentum, weight_decay, epsilon
        self.trust_coefficient, self.nesterov = trust_coefficient, nesterov

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
        g, buffer = ops.cast(gradient, variable.dtype), self.buffers[i]
        move = (g + self.l2 * variable) * ops.cast(learning_rate, variable.dtype)
        if self.trust_coefficient is not None:
            # sums of half precision overflow
            wide = "float64" if variable.dtype == "float64" else "float32"
            own, slope = (
                ops.sqrt(ops.sum(ops.square(ops.cast(x, wide)))) for x in (variable, g)
            )
            against = slope + self.l2 * own + self.epsilon
            zero = ops.logical_or(ops.equal(own, 0), ops.equal(slope, 0))
            ratio = own / ops.where(zero, 1.0, against)
            ratio = ops.where(zero, 1.0, self.trust_coefficient * ratio)
            move = move * ops.cast(ratio, variable.dtype)
        self.assign(buffer, self.momentum * buffer + move)
        if self.nesterov:
            self.assign_sub(variable, move + self.momentum * buffer)
        else:
            self.assign_sub(variable, buffer)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        options: dict[str, Any] = {"momentum": self.momentum, "weight_decay": self.l2}
        options |= {"epsilon": self.epsilon, "nesterov": self.nesterov}
        options["trust_coefficient"] = self.trust_coefficient
        return {**super().get_config(), **options}
