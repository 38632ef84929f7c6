"""RMSprop in the convention of either framework, for runs that must agree."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["TwinRMSprop"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class TwinRMSprop(keras.optimizers.Optimizer):
    r"""$g / (\sqrt v + \epsilon)$ as torch has it, $g / \sqrt{v + \epsilon}$ as Keras.

    An $\epsilon$ of 1e-7 inside acts like one of 3e-4 outside: gradients below that
    move less in Keras. Momentum and decay differ as in SGD: Keras' buffer holds the
    rate, Keras' decay shrinks. No argument turns one into the other. A NaN gradient
    makes its weight NaN for good.

    Parameters
    ----------
    learning_rate : float >= 0 or LearningRateSchedule
        Learning rate.
    rho : float in [0, 1)
        What is kept of the mean square: `alpha` in torch, whose default is 0.99.
    epsilon : float >= 0
        $\epsilon$.
    momentum : float in [0, 1)
        What is kept of the last moves.
    weight_decay : float >= 0
        Added to the gradient times the weights (torch), or what the weights shrink by,
        times the rate (Keras).
    convention : {"torch", "keras"}
        Whose rule.
    centered : bool
        Divide by the standard deviation. Rounding cannot make it NaN here.
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
    ...     optimizer = TwinRMSprop(1.0, rho=0.0, epsilon=1.0, convention=convention)
    ...     optimizer.apply([ops.convert_to_tensor(-1.0)], [w])
    ...     print(round(float(w), 4))
    0.5
    0.7071

    References
    ----------
    Tieleman, Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012.
    <https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf>
    Graves, 2013, eq. 38-41: inside. <https://arxiv.org/abs/1308.0850>
    """

    def __init__(
        self,
        learning_rate: Any,
        rho: float = 0.9,
        epsilon: float = 1e-7,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        *,
        convention: str,
        centered: bool = False,
        **kwargs: Any,
    ) -> None:
        if convention not in ("torch", "keras"):
            raise ValueError(
                f"convention must be 'torch' or 'keras'. Received: {convention}"
            )
        rate = learning_rate
        if isinstance(rate, int | float) and not 0 <= rate < float("inf"):
            raise ValueError(f"learning_rate must be >= 0. Received: {rate}")
        for key, value in {"rho": rho, "momentum": momentum}.items():
            if not 0 <= value < 1:
                raise ValueError(f"{key} must be in [0, 1). Received: {value}")
        for key, value in {"epsilon": epsilon, "weight_decay": weight_decay}.items():
            if not 0 <= value < float("inf"):
                raise ValueError(f"{key} must be >= 0. Received: {value}")
        # the base class decays as Keras does; torch's decay is part of the gradient
        shrink = weight_decay if convention == "keras" else None
        super().__init__(learning_rate, weight_decay=shrink, **kwargs)
        self.convention, self.l2 = convention, weight_decay
        self.rho, self.epsilon, self.momentum = rho, epsilon, momentum
        self.centered = centered

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
        self.squares, self.means, self.buffers = self.add_optimizer_variables(
            variables, ["square", "mean", "buffer"]
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
        lr, square = ops.cast(learning_rate, variable.dtype), self.squares[i]
        mean, buffer = self.means[i], self.buffers[i]
        g = ops.cast(gradient, variable.dtype)
        if self.convention == "torch":
            g = g + self.l2 * variable
        self.assign(square, self.rho * square + (1 - self.rho) * ops.square(g))
        spread = ops.convert_to_tensor(square)
        if self.centered:
            self.assign(mean, self.rho * mean + (1 - self.rho) * g)
            spread = spread - ops.square(mean)
            # Keras' maximum rounds float64 to float32 on PyTorch
            spread = ops.where(spread < 0, 0.0, spread)
        if self.convention == "keras":
            root, inside, outside = ops.sqrt(spread + self.epsilon), lr, 1.0
        else:
            root, inside, outside = ops.sqrt(spread) + self.epsilon, 1.0, lr
        self.assign(buffer, self.momentum * buffer + g * inside / root)
        self.assign_sub(variable, buffer * outside)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        options: dict[str, Any] = {"rho": self.rho, "epsilon": self.epsilon}
        options |= {"momentum": self.momentum, "weight_decay": self.l2}
        options |= {"convention": self.convention, "centered": self.centered}
        return {**super().get_config(), **options}
