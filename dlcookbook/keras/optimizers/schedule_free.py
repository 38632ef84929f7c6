"""Schedule-Free: averages its own path instead of lowering the learning rate."""

import math
from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["ScheduleFreeAdamW"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class ScheduleFreeAdamW(keras.optimizers.Optimizer):
    r"""$z - \gamma (g(y) / (\sqrt{\hat v} + \epsilon) + \lambda y)$, averaged to $x$.

    Gradients are taken at $y = (1 - \beta_1) z + \beta_1 x$. `fit` ends with the mean
    $x$ of all $z$ in the model; `eval()` and `train()` switch by hand. The next step
    after `eval()` brings $y$ back, but its gradient was that of $x$: call `train()`
    before. BatchNorm's running means belong to $y$. A NaN gradient makes its weight NaN
    for good. Keras' own never puts $x$ into the model, decays $x$ and not $z$, and on
    TensorFlow and PyTorch mixes up the old and the new $z$.

    Parameters
    ----------
    learning_rate : float >= 0
        $\gamma$, without a schedule: one to ten times AdamW's.
    beta_1 : float in (0, 1)
        How near to the average the slope is taken.
    beta_2 : float in [0, 1)
        What is kept of the mean square.
    epsilon : float >= 0
        $\epsilon$.
    weight_decay : float >= 0
        $\lambda$, decoupled: takes $\gamma \lambda y$ from $z$.
    warmup_steps : int >= 0
        Steps in which the rate rises to its full size.
    weight_lr_power : float >= 0
        A step enters the mean with the weight of its (largest) rate to this power.
    **kwargs
        Of `keras.optimizers.Optimizer`: `clipnorm`, `use_ema`, `name` and so on.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> w = keras.Variable([1.0, 1.0])
    >>> optimizer = ScheduleFreeAdamW(0.5)
    >>> for _ in range(2):
    ...     optimizer.apply([ops.convert_to_tensor([5.0, -0.01])], [w])
    >>> optimizer.eval()
    >>> [round(x, 4) for x in ops.convert_to_numpy(w).tolist()]
    [0.25, 1.75]

    References
    ----------
    Defazio et al., "The Road Less Scheduled", 2024, algorithm 1.
    <https://arxiv.org/abs/2405.15682>
    """

    def __init__(
        self,
        learning_rate: Any = 2.5e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        warmup_steps: int = 0,
        weight_lr_power: float = 2.0,
        **kwargs: Any,
    ) -> None:
        if not 0 < beta_1 < 1:
            raise ValueError(f"beta_1 must be in (0, 1). Received: {beta_1}")
        if not 0 <= beta_2 < 1:
            raise ValueError(f"beta_2 must be in [0, 1). Received: {beta_2}")
        rate = learning_rate
        if isinstance(rate, int | float) and not 0 <= rate < float("inf"):
            raise ValueError(f"learning_rate must be >= 0. Received: {rate}")
        sizes = {"epsilon": epsilon, "weight_decay": weight_decay}
        sizes |= {"warmup_steps": warmup_steps, "weight_lr_power": weight_lr_power}
        for key, value in sizes.items():
            if not 0 <= value < float("inf"):
                raise ValueError(f"{key} must be >= 0. Received: {value}")
        super().__init__(learning_rate, **kwargs)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.l2, self.warmup_steps = weight_decay, warmup_steps
        self.weight_lr_power = weight_lr_power

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
        self.zs, self.squares = self.add_optimizer_variables(variables, ["z", "square"])
        for z, v in zip(self.zs, variables, strict=True):
            z.assign(v)
        # the largest rate and the sum of weights, in digits enough to count
        self.largest, self.totals = (
            [self.add_variable((), "zeros", _wide(v), name=name) for v in variables]
            for name in ("largest", "total")
        )
        self.averaged = self.add_variable((), "zeros", "float32", name="averaged")

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Step from $y$, also if $x$ is in the model.

        Parameters
        ----------
        grads : list of tensor, shape (...)
            Slopes of the loss.
        trainable_variables : list of keras.Variable, optional
            What to change, if that is not all.
        """
        if self.built:
            for v, z in zip(self._trainable_variables, self.zs, strict=True):
                share = (1 - self.beta_1) * ops.cast(self.averaged, v.dtype)
                v.assign(v + share * (z - v))
            self.averaged.assign(0.0)
        super().apply(grads, trainable_variables)

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
        wide, beta, z, square = (
            _wide(variable),
            self.beta_1,
            self.zs[i],
            self.squares[i],
        )
        largest, total = self.largest[i], self.totals[i]
        step = ops.cast(self.iterations + 1, wide)
        lr = ops.cast(learning_rate, wide)
        if self.warmup_steps:
            part = step / self.warmup_steps
            lr = lr * ops.where(part < 1, part, 1.0)
        top = ops.convert_to_tensor(largest)
        self.assign(largest, ops.where(lr > top, lr, top))
        weight = ops.power(largest, self.weight_lr_power)
        self.assign(total, total + weight)
        share = weight / ops.where(
            ops.equal(total, 0), 1.0, ops.convert_to_tensor(total)
        )
        g = ops.cast(gradient, variable.dtype)
        self.assign_add(square, (ops.square(g) - square) * (1 - self.beta_2))
        second = 1.0
        if self.beta_2:
            # 1 - beta^step, to the last digit
            second = -ops.expm1(step * math.log(self.beta_2))
        root = ops.sqrt(ops.cast(square, wide) / second) + self.epsilon
        y, old = ops.cast(variable, wide), ops.cast(z, wide)
        x = (y - (1 - beta) * old) / beta
        new = old - lr * (ops.cast(g, wide) / root + self.l2 * y)
        y = (1 - beta) * new + beta * (x + share * (new - x))
        self.assign(z, ops.cast(new, variable.dtype))
        self.assign(variable, ops.cast(y, variable.dtype))

    def eval(self) -> None:
        """Put the average $x$ into the model; nothing if it is there already."""
        self._switch(1.0, 1 - 1 / self.beta_1)

    def train(self) -> None:
        """Put $y$, where training goes on, into the model; nothing if it is there."""
        self._switch(0.0, 1 - self.beta_1)

    def _switch(self, averaged: float, share: float) -> None:
        if self.built and float(ops.convert_to_numpy(self.averaged)) != averaged:
            self.averaged.assign(averaged)
            for v, z in zip(self._trainable_variables, self.zs, strict=True):
                v.assign(v + share * (z - v))

    def finalize_variable_values(self, var_list: list[Any]) -> None:
        """Put the average into the model: `fit` calls this at its end.

        Parameters
        ----------
        var_list : list of keras.Variable
            What was trained.
        """
        super().finalize_variable_values(var_list)
        self.eval()

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        options: dict[str, Any] = {"beta_1": self.beta_1, "beta_2": self.beta_2}
        options |= {"epsilon": self.epsilon, "weight_decay": self.l2}
        options |= {"warmup_steps": self.warmup_steps}
        options |= {"weight_lr_power": self.weight_lr_power}
        return {**super().get_config(), **options}


def _wide(variable: Any) -> str:
    # powers of 0.999 need more digits than half precision has
    return "float64" if variable.dtype == "float64" else "float32"
