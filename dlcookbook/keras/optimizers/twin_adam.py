"""Adam in the convention of either framework, for runs that must agree."""

import math
from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["TwinAdam"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class TwinAdam(keras.optimizers.Optimizer):
    r"""$\hat m / (\sqrt{\hat v} + \epsilon)$, or $\epsilon$ before the hat as in Keras.

    Keras adds $\epsilon$ before the correction, so that it begins 32 times as large.
    `weight_decay` joins the gradient in torch's Adam and shrinks the weights in Keras'
    (as AdamW in both). Keras has no argument for the first. A NaN gradient makes
    its weight NaN for good.

    Parameters
    ----------
    learning_rate : float >= 0 or LearningRateSchedule
        Learning rate.
    beta_1, beta_2 : float in [0, 1)
        What is kept of the two means.
    epsilon : float >= 0
        $\epsilon$.
    weight_decay : float >= 0
        Added to the gradient times the weights (torch), or what the weights shrink by,
        times the rate (Keras).
    convention : {"torch", "keras"}
        Whose rule.
    amsgrad : bool
        Divide by the largest mean square so far.
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
    ...     optimizer = TwinAdam(1.0, 0.5, 0.75, epsilon=1.0, convention=convention)
    ...     optimizer.apply([ops.convert_to_tensor(-1.0)], [w])
    ...     print(round(float(w), 4))
    0.5
    0.3333

    References
    ----------
    Kingma, Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1; end of
    section 2: as Keras. <https://arxiv.org/abs/1412.6980>
    """

    def __init__(
        self,
        learning_rate: Any = 1e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        weight_decay: float = 0.0,
        *,
        convention: str,
        amsgrad: bool = False,
        **kwargs: Any,
    ) -> None:
        if convention not in ("torch", "keras"):
            raise ValueError(
                f"convention must be 'torch' or 'keras'. Received: {convention}"
            )
        rate = learning_rate
        if isinstance(rate, int | float) and not 0 <= rate < float("inf"):
            raise ValueError(f"learning_rate must be >= 0. Received: {rate}")
        for key, value in {"beta_1": beta_1, "beta_2": beta_2}.items():
            if not 0 <= value < 1:
                raise ValueError(f"{key} must be in [0, 1). Received: {value}")
        for key, value in {"epsilon": epsilon, "weight_decay": weight_decay}.items():
            if not 0 <= value < float("inf"):
                raise ValueError(f"{key} must be >= 0. Received: {value}")
        # the base class decays as Keras does; torch's decay is part of the gradient
        shrink = weight_decay if convention == "keras" else None
        super().__init__(learning_rate, weight_decay=shrink, **kwargs)
        self.convention, self.l2 = convention, weight_decay
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.amsgrad = amsgrad

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
        self.means, self.squares, self.peaks = self.add_optimizer_variables(
            variables, ["mean", "square", "peak"]
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
        mean, square, peak = self.means[i], self.squares[i], self.peaks[i]
        g = ops.cast(gradient, variable.dtype)
        if self.convention == "torch":
            g = g + self.l2 * variable
        self.assign_add(mean, (g - mean) * (1 - self.beta_1))
        self.assign_add(square, (ops.square(g) - square) * (1 - self.beta_2))
        if self.amsgrad:
            # Keras' maximum rounds float64 to float32 on PyTorch
            old, new = ops.convert_to_tensor(peak), ops.convert_to_tensor(square)
            self.assign(peak, ops.where(new <= old, old, new))
        # powers of 0.999 need more digits than half precision has
        wide = "float64" if variable.dtype == "float64" else "float32"
        step = ops.cast(self.iterations + 1, wide)
        first, second = (_correction(b, step) for b in (self.beta_1, self.beta_2))
        root = ops.sqrt(ops.cast(peak if self.amsgrad else square, wide))
        if self.convention == "keras":
            root = (root + self.epsilon) / ops.sqrt(second)
        else:
            root = root / ops.sqrt(second) + self.epsilon
        move = ops.cast(learning_rate, wide) * ops.cast(mean, wide) / first / root
        self.assign_sub(variable, ops.cast(move, variable.dtype))

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        options: dict[str, Any] = {"beta_1": self.beta_1, "beta_2": self.beta_2}
        options |= {"epsilon": self.epsilon, "weight_decay": self.l2}
        options |= {"convention": self.convention, "amsgrad": self.amsgrad}
        return {**super().get_config(), **options}


def _correction(beta: float, step: KerasTensor) -> KerasTensor:
    # 1 - beta^step, to the last digit
    return -ops.expm1(step * math.log(beta)) if beta else ops.ones_like(step)
