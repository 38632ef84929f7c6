"""AdaBelief: Adam that divides by how far the gradient is from the expected one."""

import math
from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["AdaBelief"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class AdaBelief(keras.optimizers.Optimizer):
    r"""$\theta - \eta \hat m / (\sqrt{\hat s} + \epsilon)$, $s$ a mean of $(g - m)^2$.

    Large steps where gradients come as expected, small ones where they surprise. A NaN
    gradient makes its weight NaN for good.

    Parameters
    ----------
    learning_rate : float >= 0 or LearningRateSchedule
        $\eta$.
    beta_1, beta_2 : float in [0, 1)
        What is kept of the two means.
    epsilon : float >= 0
        Added to the root, and to $s$ at every step. 1e-16 is meant: Adam's 1e-7 is
        large beside the square of a small difference.
    weight_decay : float >= 0, optional
        Shrinks the weights by $1 - \eta \lambda$ first.
    **kwargs
        Of `keras.optimizers.Optimizer`: `clipnorm`, `use_ema`, `name` and so on.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> w = keras.Variable(1.0)
    >>> optimizer = AdaBelief(0.09)
    >>> optimizer.apply([ops.convert_to_tensor(5.0)], [w])
    >>> round(float(w), 4)
    0.9

    References
    ----------
    Zhuang et al., "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed
    Gradients", 2020, algorithm 2. <https://arxiv.org/abs/2010.07468>
    """

    def __init__(
        self,
        learning_rate: Any = 1e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-16,
        weight_decay: float | None = None,
        **kwargs: Any,
    ) -> None:
        for key, value in {"beta_1": beta_1, "beta_2": beta_2}.items():
            if not 0 <= value < 1:
                raise ValueError(f"{key} must be in [0, 1). Received: {value}")
        decay = weight_decay or 0.0
        rate = learning_rate
        if isinstance(rate, int | float) and not 0 <= rate < float("inf"):
            raise ValueError(f"learning_rate must be >= 0. Received: {rate}")
        for key, value in {"epsilon": epsilon, "weight_decay": decay}.items():
            if not 0 <= value < float("inf"):
                raise ValueError(f"{key} must be >= 0. Received: {value}")
        super().__init__(learning_rate, weight_decay=weight_decay, **kwargs)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

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
        self.means, self.surprises = self.add_optimizer_variables(
            variables, ["mean", "surprise"]
        )

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
        g = ops.cast(gradient, variable.dtype)
        mean, surprise = self.means[i], self.surprises[i]
        self.assign_add(mean, (g - mean) * (1 - self.beta_1))
        off = ops.square(g - mean)
        self.assign_add(surprise, (off - surprise) * (1 - self.beta_2) + self.epsilon)
        # powers of 0.999 need more digits than half precision has
        wide = "float64" if variable.dtype == "float64" else "float32"
        step = ops.cast(self.iterations + 1, wide)
        first, second = (_correction(b, step) for b in (self.beta_1, self.beta_2))
        root = ops.sqrt(ops.cast(surprise, wide) / second) + self.epsilon
        move = ops.cast(learning_rate, wide) * ops.cast(mean, wide) / first / root
        self.assign_sub(variable, ops.cast(move, variable.dtype))

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        options = {"beta_1": self.beta_1, "beta_2": self.beta_2}
        return {**super().get_config(), **options, "epsilon": self.epsilon}


def _correction(beta: float, step: KerasTensor) -> KerasTensor:
    # 1 - beta^step, to the last digit
    return -ops.expm1(step * math.log(beta)) if beta else ops.ones_like(step)
