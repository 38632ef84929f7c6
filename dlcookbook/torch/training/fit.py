"""Training loop that goes on bit for bit where it was interrupted."""

import random
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import swa_utils

__all__ = ["Interruption", "evaluate", "fit", "seed_everything"]


def fit(
    model: nn.Module,
    loss: Callable[[Any, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    train: Iterable[tuple[Tensor, Tensor]],
    validation: Iterable[tuple[Tensor, Tensor]] | None = None,
    *,
    epochs: int,
    metrics: Mapping[str, Any] | None = None,
    schedule: Any = None,
    stopping: Any = None,
    clip: float | None = None,
    amp: torch.dtype | None = None,
    ema: float | None = None,
    seed: int = 0,
    save: Callable[..., Any] | None = None,
    load: Callable[..., dict[str, Any] | None] | None = None,
    save_every: int = 1000,
    writer: Any = None,
    progress: Callable[..., Iterable[Any]] | None = None,
    log: Callable[[str], Any] = print,
) -> dict[str, list[float]]:
    """Train `model` in place, where it is; leave it with the weights to keep.

    These are the best ones with `stopping`, else the average with `ema`, else the
    last. Every epoch starts from `seed + epoch`: its order can be had again, and a run
    that was killed and is started by the same call ends with the same weights, bit for
    bit on a CPU, in the middle of an epoch too. Not so with persistent workers.

    Parameters
    ----------
    model, loss, optimizer : nn.Module, callable, Optimizer
        `loss(model(inputs), targets)` gives one number or one per example.
    train, validation : iterable of (Tensor, Tensor), shape (N, ...) each
        Batches, such as a DataLoader; the same ones in every epoch up to the seed.
    epochs : int
        How many in all, those before an interruption included.
    metrics : mapping of str to metric
        For `validation`: objects with `update(outputs, targets)`, `compute`, `reset`.
    schedule : LRScheduler
        Stepped after every batch.
    stopping : EarlyStopping
        Updated after every epoch; its `monitor` must be one of the numbers returned.
    clip : float
        Largest norm of the gradient.
    amp : dtype
        bfloat16, or float16 with scaled losses, for autocast.
    ema : float
        Decay of an average of the weights, which is then what is validated.
    seed : int
        Where the random numbers start.
    save, load : callable
        `functools.partial(save_checkpoint, folder)` and the same of `load_checkpoint`.
    save_every : int
        Batches between checkpoints; one at the start and after every epoch there is.
    writer : SummaryWriter
        Gets every number of an epoch by `add_scalar`.
    progress : callable
        `tqdm.tqdm`, or what takes the same arguments.
    log : callable
        Gets a line per epoch.

    Returns
    -------
    dict of str to list of float
        Per epoch `loss`, averaged over examples as they were trained on, and of
        `validation` `val_loss` and `val_` with the name of each metric.

    Raises
    ------
    ValueError
        If what `stopping` monitors is not among these, or there is no batch.
    FloatingPointError
        If a loss or a weight is infinite or NaN; what was saved before it stays.
    KeyboardInterrupt
        After Ctrl-C, with `save`: the batch is finished and saved.
    SystemExit
        After SIGTERM, in the same way.

    Examples
    --------
    >>> _ = torch.manual_seed(0)
    >>> x = torch.randn(64, 3)
    >>> data = torch.utils.data.TensorDataset(x, x.sum(1, keepdim=True))
    >>> loader = torch.utils.data.DataLoader(data, batch_size=16, shuffle=True)
    >>> line = nn.Linear(3, 1)
    >>> sgd = torch.optim.SGD(line.parameters(), lr=0.1)
    >>> mse = nn.functional.mse_loss
    >>> rows = fit(line, mse, sgd, loader, loader, epochs=20, log=lambda text: None)
    >>> list(rows), len(rows["loss"]), rows["val_loss"][-1] < 1e-3
    (['loss', 'val_loss'], 20, True)

    References
    ----------
    <https://docs.pytorch.org/docs/stable/notes/randomness.html>
    """
    device, metrics = next(model.parameters()).device, metrics or {}
    names = ["loss"]
    if validation is not None:
        names += ["val_loss", *(f"val_{name}" for name in metrics)]
    if stopping is not None and stopping.monitor not in names:
        raise ValueError(
            f"stopping.monitor must be one of {names}. Received: {stopping.monitor!r}"
        )
    scaler = torch.amp.GradScaler(device.type, enabled=amp is torch.float16)
    parts: dict[str, Any] = {"model": model, "optimizer": optimizer, "scaler": scaler}
    judged = model
    if ema is not None:
        mean = swa_utils.get_ema_multi_avg_fn(ema)
        parts["ema"] = average = swa_utils.AveragedModel(model, multi_avg_fn=mean)
        judged = average.module
    optional = {"schedule": schedule, "stopping": stopping}
    parts |= {name: part for name, part in optional.items() if part is not None}
    at: dict[str, Any] = {"epoch": 0, "batch": 0, "total": 0.0, "count": 0}
    at["history"] = {name: [] for name in names}

    found = load(**parts) if load is not None else None
    at |= found or {}
    wide = torch.float32 if device.type == "mps" else torch.float64
    total = torch.tensor(at["total"], dtype=wide, device=device)

    def guard() -> None:
        finite = [weight.detach().isfinite().all() for weight in model.parameters()]
        if not torch.stack([total.isfinite(), *finite]).all():
            raise FloatingPointError(
                f"a loss or a weight is NaN or infinite in epoch {at['epoch'] + 1}, by "
                f"batch {at['batch']}. Received: losses that add up to {total.item()}"
            )

    def checkpoint() -> None:
        guard()
        if save is not None:
            save(**parts, **at | {"total": total.item()})

    if found is None:
        checkpoint()  # a folder that cannot be written to is known now, not in an hour
    with Interruption(save is not None) as interruption:
        for epoch in range(at["epoch"], epochs):
            if stopping is not None and stopping.stop:
                break
            model.train()
            batches: Iterable[Any] = _batches(train, seed + epoch, at["batch"], device)
            if progress is not None:
                length = len(train) if isinstance(train, Sized) else None
                batches = progress(batches, total=length, initial=at["batch"])
            for inputs, targets in batches:
                inputs, targets = inputs.to(device), targets.to(device)
                optimizer.zero_grad()
                with torch.autocast(device.type, amp, enabled=amp is not None):
                    value = loss(model(inputs), targets).mean()
                scaler.scale(value).backward()
                if clip is not None:
                    scaler.unscale_(optimizer)
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                scaler.step(optimizer)
                scaler.update()
                if schedule is not None:
                    schedule.step()
                if ema is not None:
                    average.update_parameters(model)
                # stays on the device: to ask for the number would be to wait for it
                total = total + value.detach() * len(targets)
                at["batch"], at["count"] = at["batch"] + 1, at["count"] + len(targets)
                if interruption.signal or at["batch"] % save_every == 0:
                    checkpoint()
                if interruption.signal:
                    log(f"stopped after batch {at['batch']} and saved: call again")
                    if interruption.signal == signal.SIGINT:
                        raise KeyboardInterrupt(128 + signal.SIGINT)
                    raise SystemExit(128 + interruption.signal)
            if not at["count"]:
                raise ValueError(f"train must give batches. Received: {train!r}")
            guard()
            row = {"loss": total.item() / at["count"]}
            if validation is not None:
                scores = evaluate(judged, loss, validation, metrics=metrics, amp=amp)
                row |= {f"val_{name}": score for name, score in scores.items()}
            numbers = ", ".join(f"{name} {number:.4g}" for name, number in row.items())
            log(f"epoch {epoch + 1}: {numbers}")
            for name, number in row.items():
                at["history"].setdefault(name, []).append(number)
                if writer is not None:
                    writer.add_scalar(name, number, epoch + 1)
            if stopping is not None:
                stopping.update(row, judged)
            at |= {"epoch": epoch + 1, "batch": 0, "count": 0}
            total = torch.zeros_like(total)
            checkpoint()
    best = getattr(stopping, "weights", None)
    if ema is not None or best is not None:
        model.load_state_dict(best or judged.state_dict())
    return at["history"]


def evaluate(
    model: nn.Module,
    loss: Callable[[Any, Tensor], Tensor],
    data: Iterable[tuple[Tensor, Tensor]],
    *,
    metrics: Mapping[str, Any] | None = None,
    amp: torch.dtype | None = None,
) -> dict[str, float]:
    """Measure `model` on all of `data`: in eval mode, without gradients.

    Parameters
    ----------
    model, loss : nn.Module, callable
        `loss(model(inputs), targets)` gives a mean or one number per example.
    data : iterable of (Tensor, Tensor), shape (N, ...) each
        Batches; a smaller last one counts for as many examples as it has.
    metrics : mapping of str to metric
        Objects with `update(outputs, targets)`, `compute` and `reset`.
    amp : dtype
        For autocast.

    Returns
    -------
    dict of str to float
        The `loss` per example, and each metric by its name.

    Raises
    ------
    ValueError
        If there is no batch.

    Examples
    --------
    >>> batches = [(torch.ones(3, 1), torch.ones(3, 1)), (torch.ones(1, 1),) * 2]
    >>> evaluate(nn.Flatten(), nn.functional.mse_loss, batches)
    {'loss': 0.0}

    References
    ----------
    <https://docs.pytorch.org/docs/stable/notes/autograd.html>
    """
    metrics, mode, total, count = metrics or {}, model.training, 0.0, 0
    device = next((weight.device for weight in model.parameters()), torch.device("cpu"))
    for metric in metrics.values():
        metric.reset()
    model.eval()
    with torch.inference_mode(), torch.autocast(device.type, amp, amp is not None):
        for inputs, targets in data:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            total += float(loss(outputs, targets).mean()) * len(targets)
            count += len(targets)
            for metric in metrics.values():
                metric.update(outputs, targets)
    model.train(mode)
    if not count:
        raise ValueError(f"data must give batches. Received: {data!r}")
    scores = {name: float(metric.compute()) for name, metric in metrics.items()}
    return {"loss": total / count} | scores


def seed_everything(seed: int) -> None:
    """Seed the random generators of Python, NumPy and PyTorch, on every device.

    Parameters
    ----------
    seed : int >= 0
        The same seed gives the same numbers; below 2 ** 32, for NumPy.

    Examples
    --------
    >>> seed_everything(0)
    >>> first = torch.rand(3)
    >>> seed_everything(0)
    >>> bool((torch.rand(3) == first).all())
    True

    References
    ----------
    <https://docs.pytorch.org/docs/stable/notes/randomness.html>
    """
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  what data sets draw from
    torch.manual_seed(seed)


class Interruption:
    """Hold back Ctrl-C and SIGTERM until it suits; a second one does as always.

    SIGTERM is what a cluster sends before it takes the machine away. In threads other
    than the main one nothing is held back.

    Parameters
    ----------
    wanted : bool
        False to leave the signals alone.

    Attributes
    ----------
    signal : int
        The one that came, 0 if none.

    Examples
    --------
    >>> with Interruption() as interruption:
    ...     for step in range(100):
    ...         if step == 3:
    ...             signal.raise_signal(signal.SIGINT)
    ...         if interruption.signal:
    ...             break
    >>> step
    3

    References
    ----------
    <https://docs.python.org/3/library/signal.html>
    """

    def __init__(self, wanted: bool = True) -> None:
        self.wanted, self.signal = wanted, 0
        self.usual: dict[int, Any] = {}

    def __enter__(self) -> Self:
        main = threading.current_thread() is threading.main_thread()
        for number in (signal.SIGINT, signal.SIGTERM) if main and self.wanted else ():
            self.usual[int(number)] = signal.signal(number, self._catch)
        return self

    def _catch(self, number: int, frame: Any) -> None:
        self.signal = number
        self.__exit__()

    def __exit__(self, *error: object) -> None:
        for number, handler in self.usual.items():
            signal.signal(number, handler)


def _batches(train: Any, seed: int, done: int, device: torch.device) -> Iterator[Any]:
    """Begin an epoch; pass over what is done, and leave the random numbers alone."""
    legacy: Any = np.random.get_state()  # noqa: NPY002
    states = random.getstate(), legacy
    gpus = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(gpus, enabled=done > 0):
        seed_everything(seed)
        sources: list[Any] = [train, getattr(train, "sampler", None)]
        for source in sources:
            if getattr(source, "generator", None) is not None:
                source.generator.manual_seed(seed)
            if hasattr(source, "set_epoch"):
                source.set_epoch(seed)
        batches = iter(train)
        for _ in range(done):
            next(batches)
    if done:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
    return batches
