"""Reduce on plateau: the rate falls when a metric has not become better for a while."""

import math
import warnings
from typing import Any

import keras

__all__ = ["ReduceOnPlateau"]


class ReduceOnPlateau(keras.callbacks.Callback):
    r"""$\eta \leftarrow \max(f \eta, \eta_0)$ after that many epochs without progress.

    With a patience of 1 every epoch that is no better than the best cuts the rate. A
    metric that does not exist is an error, as is a rate that cannot be set; one that is
    not finite is warned of, is no progress and never the best.

    Parameters
    ----------
    monitor : str
        Name of the metric, as `fit` reports it: `val_loss`, say.
    mode : {"min", "max"}
        Whether smaller or larger is better.
    factor : float in (0, 1)
        $f$, what is left after a cut.
    patience : int >= 1
        The rate is cut at the end of that many epochs without progress.
    min_delta : float >= 0
        What is less of an improvement than this is none.
    relative : bool
        Take `min_delta` as a share of the size of the best value.
    cooldown : int >= 0
        Epochs after a cut that are not counted, all of them.
    min_lr : float >= 0
        $\eta_0$: lower than this is never gone.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(0.5), "mse")
    >>> callback = ReduceOnPlateau("loss", mode="min", patience=2)
    >>> callback.set_model(model)
    >>> callback.on_train_begin()
    >>> for epoch, loss in enumerate([3.0, 2.0, 2.0, 2.0]):
    ...     callback.on_epoch_end(epoch, {"loss": loss})
    >>> round(float(model.optimizer.learning_rate), 4)
    0.05

    References
    ----------
    Keras, "ReduceLROnPlateau"; torch has it as `torch.optim.lr_scheduler`.
    <https://keras.io/api/callbacks/reduce_lr_on_plateau/>
    """

    def __init__(
        self,
        monitor: str,
        *,
        mode: str,
        factor: float = 0.1,
        patience: int = 10,
        min_delta: float = 1e-4,
        relative: bool = False,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__()
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max'. Received: {mode!r}")
        if not 0 < factor < 1:
            raise ValueError(f"factor must be in (0, 1). Received: {factor}")
        for name, count, least in (
            ("patience", patience, 1),
            ("cooldown", cooldown, 0),
        ):
            if not isinstance(count, int) or isinstance(count, bool) or count < least:
                raise ValueError(
                    f"{name} must be an integer >= {least}. Received: {count!r}"
                )
        for name, value in {"min_delta": min_delta, "min_lr": min_lr}.items():
            if not 0 <= value < math.inf:
                raise ValueError(f"{name} must be >= 0. Received: {value}")
        self.monitor, self.sign = monitor, 1.0 if mode == "min" else -1.0
        self.factor, self.patience, self.cooldown = factor, patience, cooldown
        self.min_delta, self.relative, self.min_lr = min_delta, relative, min_lr

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forget what another training had, and see whether the rate can be set.

        Parameters
        ----------
        logs : dict, optional
            Of Keras, unused.

        Raises
        ------
        ValueError
            If the optimizer goes by a schedule.
        """
        self.best, self.waited, self.resting = math.inf, 0, 0
        optimizer = self.model.optimizer
        try:
            optimizer.learning_rate = float(optimizer.learning_rate)
        except (TypeError, AttributeError) as error:
            kind = type(
                optimizer
            ).__name__  # one that wraps others has no rate of its own
            raise ValueError(
                "the optimizer must have a number as its learning rate. Received: "
                f"{optimizer.get_config().get('learning_rate', kind)}"
            ) from error

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Compare with the best, and cut the rate when it is time.

        Parameters
        ----------
        epoch : int
            Number of the epoch, from 0.
        logs : dict
            What was measured; the rate of the epoch is added.

        Raises
        ------
        ValueError
            If the metric is not among them.
        """
        logs = {} if logs is None else logs
        if self.monitor not in logs:
            raise ValueError(
                f"monitor must be one of {sorted(logs)}. Received: {self.monitor!r}"
            )
        rate = logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        value = self.sign * float(logs[self.monitor])
        delta = self.min_delta
        if self.relative and math.isfinite(self.best):
            delta *= abs(self.best)
        if not math.isfinite(value):
            warnings.warn(
                f"{self.monitor} is {logs[self.monitor]} after epoch {epoch}: "
                "counted as no progress",
                stacklevel=2,
            )
        better = math.isfinite(value) and value < self.best - delta
        self.best = value if better else self.best
        self.waited = 0 if better or self.resting else self.waited + 1
        self.resting = max(self.resting - 1, 0)
        if self.waited >= self.patience:
            lowest = min(rate, self.min_lr)
            self.model.optimizer.learning_rate = max(rate * self.factor, lowest)
            self.waited, self.resting = 0, self.cooldown
