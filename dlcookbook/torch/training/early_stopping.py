"""Early stopping that keeps the best weights and takes no NaN for an improvement."""

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

__all__ = ["EarlyStopping"]


class EarlyStopping:
    r"""Remember the best epoch, and say when to stop.

    With `mode="min"` an epoch is better if $v < v_{best} - \delta$, with `mode="max"`
    if $v > v_{best} + \delta$; the first number counts as better than none. NaN and
    the infinity that is worst are never better and use up patience. A constant value
    is better once, so training stops `patience` epochs after the first.

    Parameters
    ----------
    monitor : str
        Name of the number to watch; one that is not there is an error.
    mode : {"min", "max"}
        Whether less or more of it is better. Nothing is guessed from the name.
    patience : int >= 1, optional
        Epochs in a row without a better one until `stop` is true; None for never.
    min_delta : float >= 0
        By how much a better epoch must be better.
    start_from : int >= 0
        Epochs at the start that are not looked at.

    Attributes
    ----------
    value, epoch : float, int
        The best value and its epoch, counted from 1; 0 if there is none.
    weights : dict of str to Tensor, or None
        Weights of that epoch, on the CPU.
    stop : bool
        Whether patience has run out.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> stopping = EarlyStopping("val_loss", mode="min", patience=2)
    >>> for val_loss in (0.9, float("nan"), 0.7, 0.8, 0.7):
    ...     better = stopping.update({"val_loss": val_loss})
    >>> stopping.value, stopping.epoch, stopping.stop
    (0.7, 3, True)

    References
    ----------
    Prechelt, Early stopping - but when?, 1998.
    <https://doi.org/10.1007/3-540-49430-8_3>
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        *,
        mode: str,
        patience: int | None = None,
        min_delta: float = 0.0,
        start_from: int = 0,
    ) -> None:
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max'. Received: {mode!r}")
        if patience is not None and not (isinstance(patience, int) and patience >= 1):
            raise ValueError(
                f"patience must be a positive integer or None. Received: {patience!r}"
            )
        if not 0 <= min_delta < math.inf:
            raise ValueError(f"min_delta must be >= 0. Received: {min_delta!r}")
        if not isinstance(start_from, int) or start_from < 0:
            raise ValueError(
                f"start_from must be an integer >= 0. Received: {start_from!r}"
            )
        self.monitor, self.mode, self.patience = monitor, mode, patience
        self.min_delta, self.start_from = min_delta, start_from
        self.value = math.inf if mode == "min" else -math.inf
        self.epoch, self.seen, self.wait, self.stop = 0, 0, 0, False
        self.weights: dict[str, Tensor] | None = None

    def update(self, row: Mapping[str, float], model: nn.Module | None = None) -> bool:
        """Take the numbers of one epoch, once per epoch.

        Parameters
        ----------
        row : mapping of str to float
            Numbers of this epoch, by name.
        model : nn.Module, optional
            Its weights are copied if this epoch is the best.

        Returns
        -------
        bool
            Whether this epoch is the best so far.

        Raises
        ------
        ValueError
            If what is monitored is not there.
        """
        if self.monitor not in row:
            raise ValueError(
                f"monitor must be one of {', '.join(row)}. Received: {self.monitor!r}"
            )
        self.seen += 1
        if self.seen <= self.start_from:
            return False
        value = float(row[self.monitor])
        if self.mode == "min":
            better = value < self.value - self.min_delta
        else:
            better = value > self.value + self.min_delta
        self.wait = 0 if better else self.wait + 1
        self.stop = self.patience is not None and self.wait >= self.patience
        if better:
            self.value, self.epoch = value, self.seen
            if model is not None:
                state = model.state_dict()
                self.weights = {k: v.detach().cpu().clone() for k, v in state.items()}
        return better

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint needs.

        Returns
        -------
        dict
            Best value and epoch, epochs seen and waited, best weights.
        """
        names = ("value", "epoch", "seen", "wait", "weights")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint.

        Parameters
        ----------
        state : mapping
            From `state_dict`.
        """
        for name, value in state.items():
            setattr(self, name, value)
        self.stop = self.patience is not None and self.wait >= self.patience
