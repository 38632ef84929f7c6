"""NAdam: Adam that looks one step ahead, with a momentum that warms up."""

import math
from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["NAdam"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class NAdam(keras.optimizers.Optimizer):
    r"""$\theta - \eta \bar m / (\sqrt{\hat v} + \epsilon)$: Adam with a look ahead.

    $\bar m = \mu_{t+1} m / (1 - \Pi_{t+1}) + (1 - \mu_t) g / (1 - \Pi_t)$, where
    $\mu_t = \beta_1 (1 - 0.96^{t \psi} / 2)$. Keras' own Nadam fixes $\psi = 1$, which
    warms up 250 times as fast as the paper and torch. A NaN gradient makes its weight
    NaN for good.

    Parameters
    ----------
    learning_rate : float >= 0 or LearningRateSchedule
        $\eta$.
    beta_1, beta_2 : float in [0, 1)
        What is kept of the two means.
    epsilon : float >= 0
        $\epsilon$.
    weight_decay : float >= 0, optional
        Shrinks the weights by $1 - \eta \lambda$ first: torch's
        `decoupled_weight_decay=True`.
    momentum_decay : float >= 0
        $\psi$.
    **kwargs
        Of `keras.optimizers.Optimizer`: `clipnorm`, `use_ema`, `name` and so on.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> w = keras.Variable(0.0)
    >>> optimizer = NAdam(1.0, beta_1=0.5, beta_2=0.5, momentum_decay=0)
    >>> optimizer.apply([ops.convert_to_tensor(-1.0)], [w])
    >>> round(float(w), 4)
    1.1333

    References
    ----------
    Dozat, "Incorporating Nesterov Momentum into Adam", 2016, algorithm 2.
    <https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ>
    """

    def __init__(
        self,
        learning_rate: Any = 2e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float | None = None,
        momentum_decay: float = 0.004,
        **kwargs: Any,
    ) -> None:
        for key, value in {"beta_1": beta_1, "beta_2": beta_2}.items():
            if not 0 <= value < 1:
                raise ValueError(f"{key} must be in [0, 1). Received: {value}")
        decay = weight_decay or 0.0
        rate = learning_rate
        if isinstance(rate, int | float) and not 0 <= rate < float("inf"):
            raise ValueError(f"learning_rate must be >= 0. Received: {rate}")
        for key, value in {
            "epsilon": epsilon,
            "weight_decay": decay,
            "momentum_decay": momentum_decay,
        }.items():
            if not 0 <= value < float("inf"):
                raise ValueError(f"{key} must be >= 0. Received: {value}")
        super().__init__(learning_rate, weight_decay=weight_decay, **kwargs)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.momentum_decay = momentum_decay

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
        self.means, self.squares = self.add_optimizer_variables(
            variables, ["mean", "square"]
        )
        self.products = [
            self.add_variable((), "ones", _wide(v), name="product") for v in variables
        ]

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
        mean, square, product = self.means[i], self.squares[i], self.products[i]
        wide = _wide(variable)
        step = ops.cast(self.iterations + 1, wide)
        now, then = (
            self.beta_1 * (1 - 0.5 * ops.exp(t * self.momentum_decay * math.log(0.96)))
            for t in (step, step + 1)
        )
        self.assign(product, product * now)
        self.assign_add(mean, (g - mean) * (1 - self.beta_1))
        self.assign_add(square, (ops.square(g) - square) * (1 - self.beta_2))
        ahead = ops.cast(mean, wide) * (then / (1 - product * then))
        ahead = ahead + ops.cast(g, wide) * ((1 - now) / (1 - product))
        second = 1.0
        if self.beta_2:
            # 1 - beta^step, to the last digit
            second = -ops.expm1(step * math.log(self.beta_2))
        root = ops.sqrt(ops.cast(square, wide) / second) + self.epsilon
        move = ops.cast(learning_rate, wide) * ahead / root
        self.assign_sub(variable, ops.cast(move, variable.dtype))

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        options = {"beta_1": self.beta_1, "beta_2": self.beta_2}
        options |= {"epsilon": self.epsilon, "momentum_decay": self.momentum_decay}
        return {**super().get_config(), **options}


def _wide(variable: Any) -> str:
    # powers of 0.999 need more digits than half precision has
    return "float64" if variable.dtype == "float64" else "float32"
