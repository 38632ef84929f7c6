"""Learning-rate range test: raise the rate step by step, see where the loss goes."""

import copy
import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

__all__ = ["range_test", "suggested_rate"]


def range_test(
    model: nn.Module,
    optimizer: Optimizer,
    batches: Iterable[Any],
    loss_of: Callable[[nn.Module, Any], Tensor],
    *,
    lr: float = 1e-6,
    end_lr: float = 10.0,
    steps: int = 100,
    smoothing: float = 0.9,
    stop: float = 4.0,
) -> dict[str, Any]:
    r"""Train a copy at $\eta_0 (\eta_1 / \eta_0)^{t / (N - 1)}$, and note its losses.

    Model (in the mode it is in), optimizer and random numbers stay bit for bit.

    Parameters
    ----------
    model : Module
        What is to be trained.
    optimizer : Optimizer
        Its rates are swept; groups keep their proportions, the largest is reported.
    batches : iterable
        A `DataLoader`, say. It is begun anew where it ends too soon.
    loss_of : callable
        From a model and a batch to the loss, a tensor of shape (). It must use the
        model that it is given: the copy.
    lr : float > 0
        $\eta_0$, rate of the first step.
    end_lr : float > lr
        $\eta_1$, rate of the last step.
    steps : int >= 2
        $N$, length of the test.
    smoothing : float in [0, 1)
        What an old loss counts less with each step in the smoothed one.
    stop : float > 1
        Ends at a smoothed loss that many times the lowest, and at one that is not
        finite.

    Returns
    -------
    dict
        `rates`, `losses` and `smooth`: lists, as long as the test was; each loss is
        from before the step at its rate. And `suggestion`, by `suggested_rate`.

    Raises
    ------
    ValueError
        If an option is out of its range, no batch comes, no rate is above 0, a weight
        is not the model's, or the loss does not depend on the copy.

    Examples
    --------
    >>> model = nn.Linear(1, 1)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> loss_of = lambda model, x: ((model(x) - 2 * x) ** 2).mean()
    >>> found = range_test(model, optimizer, [torch.ones(8, 1)], loss_of)
    >>> 0.01 < found["suggestion"] < 0.5, optimizer.param_groups[0]["lr"]
    (True, 0.1)

    References
    ----------
    Smith, "Cyclical Learning Rates for Training Neural Networks", 2015, section 3.3.
    <https://arxiv.org/abs/1506.01186>
    """
    if not 0 < lr < end_lr < math.inf:
        raise ValueError(f"lr and end_lr must rise from 0. Received: {lr}, {end_lr}")
    if not isinstance(steps, int) or steps < 2:
        raise ValueError(f"steps must be an integer >= 2. Received: {steps!r}")
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must be in [0, 1). Received: {smoothing}")
    if not stop > 1:
        raise ValueError(f"stop must be > 1. Received: {stop}")
    own = {id(p) for p in model.parameters()}
    if any(id(p) not in own for g in optimizer.param_groups for p in g["params"]):
        raise ValueError("optimizer must have weights of model alone. Received: others")
    largest = max(float(group["lr"]) for group in optimizer.param_groups)
    if not largest > 0:
        raise ValueError(f"optimizer must have a rate above 0. Received: {largest}")
    places = {p.device for p in model.parameters() if p.device.type == "cuda"}
    rates: list[float] = []
    losses: list[float] = []
    smooth: list[float] = []
    total = 0.0
    with torch.random.fork_rng(devices=list(places)):
        model, optimizer = copy.deepcopy((model, optimizer))
        shares = [float(group["lr"]) / largest for group in optimizer.param_groups]
        for t, batch in enumerate(_endless(batches, steps)):
            model.zero_grad()
            loss = loss_of(model, batch)
            rates.append(lr * (end_lr / lr) ** (t / (steps - 1)))
            losses.append(loss.item())
            total = smoothing * total + (1 - smoothing) * losses[-1]
            smooth.append(total / (1 - smoothing ** (t + 1)))
            above = smooth[-1] - min(smooth)
            if not math.isfinite(total) or above > (stop - 1) * abs(min(smooth)):
                break
            for group, share in zip(optimizer.param_groups, shares, strict=True):
                if isinstance(group["lr"], Tensor):
                    group["lr"].fill_(share * rates[-1])
                else:
                    group["lr"] = share * rates[-1]
            loss.backward()
            if all(p.grad is None for p in model.parameters()):
                raise ValueError("loss_of must use the model given. Received: another")
            optimizer.step()
    found = {"rates": rates, "losses": losses, "smooth": smooth}
    return {**found, "suggestion": suggested_rate(rates, smooth)}


def suggested_rate(rates: list[float], smooth: list[float]) -> float | None:
    r"""$\eta_i / 10$ for the lowest smoothed loss $i$: a tenth of the last good rate.

    Parameters
    ----------
    rates : list of float
        The rates of the test.
    smooth : list of float
        The smoothed losses; what is not finite is never the lowest.

    Returns
    -------
    float or None
        The rate to start from; None where the loss was lowest at the start.

    Raises
    ------
    ValueError
        If there is not one rate for each loss, or none at all.

    Examples
    --------
    >>> suggested_rate([0.1, 1.0, 10.0], [2.0, 1.0, 9.0])
    0.1

    References
    ----------
    Howard and Gugger, "fastai: A Layered API for Deep Learning", 2020: the learning
    rate finder. <https://arxiv.org/abs/2002.04688>
    """
    if not len(rates) == len(smooth) > 0:
        counts = len(rates), len(smooth)
        raise ValueError(f"rates must be one for each loss. Received: {counts}")
    finite = [loss if math.isfinite(loss) else math.inf for loss in smooth]
    lowest = finite.index(min(finite))
    return rates[lowest] / 10 if lowest else None


def _endless(batches: Iterable[Any], steps: int) -> Iterable[Any]:
    done = 0
    while done < steps:
        before = done
        for batch in batches:
            yield batch
            done += 1
            if done == steps:
                return
        if done == before:
            raise ValueError(f"batches must not run out. Received: {done} of {steps}")
