"""EMA: a moving average of the weights, swapped in for evaluation and out again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["EMA"]


class EMA:
    r"""$\bar w \leftarrow \bar w + (1 - d_t)(w - \bar w)$ after every step $t$.

    $d_t$ is `decay`, unless an option says otherwise. It starts from the weights at
    hand, and at a `decay` of 0 it is the weights. Kept in float32 at least: bfloat16
    loses the small steps. A NaN in a weight stays in its average.

    Parameters
    ----------
    model : nn.Module
        Whose weights are followed, as they are now: on their device, in their dtype.
    decay : float in [0, 1)
        Share that is kept: about the last 1 / (1 - decay) steps count.
    warmup : bool
        $d_t = \min(\mathrm{decay}, (1 + t) / (10 + t))$: short memory at first.
    debias : bool
        $d_t = (d - d^t) / (1 - d^t)$: the exact weighted mean of what was seen, the
        start not counted.
    average_buffers : bool
        Average floating buffers too, such as BatchNorm's running means. Otherwise
        buffers are left alone: the averages are used with the model's own.

    Raises
    ------
    ValueError
        If `decay` is out of its range, or both `warmup` and `debias` are wanted.

    Examples
    --------
    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.zeros_(model.weight)
    >>> ema = EMA(model, decay=0.75)
    >>> _ = nn.init.ones_(model.weight)
    >>> ema.update()
    >>> with ema.swapped():
    ...     print(model.weight.item())
    0.25
    >>> model.weight.item()
    1.0

    References
    ----------
    Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992.
    <https://doi.org/10.1137/0330046>
    Tarvainen and Valpola, "Mean teachers", 2017. <https://arxiv.org/abs/1703.01780>
    """

    def __init__(
        self,
        model: nn.Module,
        decay: float = 0.999,
        *,
        warmup: bool = False,
        debias: bool = False,
        average_buffers: bool = False,
    ) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"decay must be in [0, 1). Received: {decay}")
        if warmup and debias:
            raise ValueError("debias is a warmup already. Received: both")
        self.model, self.decay, self.updates = model, decay, 0
        self.warmup, self.debias = warmup, debias
        self.average_buffers, self.is_swapped = average_buffers, False
        self.average = {
            name: x.detach().to(torch.promote_types(x.dtype, torch.float32), copy=True)
            for name, x in self._followed().items()
        }

    def _followed(self) -> dict[str, Tensor]:
        found: dict[str, Tensor] = dict(self.model.named_parameters())
        if self.average_buffers:
            found |= dict(self.model.named_buffers())
        return {
            name: x
            for name, x in found.items()
            if x.is_floating_point() or x.is_complex()
        }

    def _pairs(self) -> tuple[list[Tensor], list[Tensor]]:
        now = self._followed()
        if names := _others(now, self.average):
            raise ValueError(f"model must keep its weights. Received: {names}")
        return list(self.average.values()), [now[name] for name in self.average]

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights of now. Call it after `optimizer.step()`.

        Raises
        ------
        ValueError
            If the averages stand in the model, or its weights are others.
        """
        if self.is_swapped:
            raise ValueError("update needs the weights back. Received: averages")
        averages, now = self._pairs()
        self.updates += 1
        t, decay = self.updates, self.decay
        if self.warmup:
            decay = min(decay, (1 + t) / (10 + t))
        elif self.debias:
            decay = (decay - decay**t) / (1 - decay**t)
        wide = [x.to(a.dtype) for a, x in zip(averages, now, strict=True)]
        torch._foreach_lerp_(averages, wide, 1 - decay)

    @contextmanager
    def swapped(self) -> Iterator[nn.Module]:
        """Put the averages into the model; the weights come back bit for bit.

        Also after an error. What is changed within is dropped.

        Returns
        -------
        context manager
            Of the model with the averages: evaluate it, save it.

        Raises
        ------
        ValueError
            If they stand there already, or the model's weights are others.
        """
        if self.is_swapped:
            raise ValueError("swapped must not be nested. Received: averages")
        averages, now = self._pairs()
        saved = [x.detach().clone() for x in now]
        self.is_swapped = True
        try:
            with torch.no_grad():
                torch._foreach_copy_(now, averages)
            yield self.model
        finally:
            with torch.no_grad():
                torch._foreach_copy_(now, saved)
            self.is_swapped = False

    def state_dict(self) -> dict[str, Any]:
        """Return what continues exactly here.

        Returns
        -------
        dict
            Copies of the averages, and the number of updates.
        """
        average = {name: x.clone() for name, x in self.average.items()}
        return {"average": average, "updates": self.updates}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a saved state.

        Parameters
        ----------
        state : dict
            What `state_dict` returned.

        Raises
        ------
        ValueError
            If it is of another model.
        """
        if names := _others(state["average"], self.average):
            raise ValueError(f"state must be of this model. Received: {names}")
        for name, x in state["average"].items():
            self.average[name].copy_(x)
        self.updates = state["updates"]


def _others(some: dict[str, Tensor], others: dict[str, Tensor]) -> list[str]:
    pairs = ({(name, x.shape) for name, x in of.items()} for of in (some, others))
    return sorted({name for name, _ in set.symmetric_difference(*pairs)})
