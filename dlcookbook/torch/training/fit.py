"""Training loop that goes on bit for bit where it was interrupted."""

import functools
import io
import math
import random
import signal
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import swa_utils
from torch.utils.data.distributed import DistributedSampler

__all__ = ["Interruption", "evaluate", "fit", "seed_everything"]

_HALVES = (None, torch.bfloat16, torch.float16)


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
    last. The random numbers of an epoch follow from `seed` and its number alone: its
    order can be had again, and a run that was killed and is started by the same call
    ends with the same weights, bit for bit on a CPU, in the middle of an epoch too. Not
    so with persistent workers.

    Under `torchrun` every process makes the same call, with `model` wrapped in
    DistributedDataParallel. It follows one process that takes the batches of all
    together; what is drawn at random (dropout, augmentation) differs by process.
    Losses and metrics are those of all; the first process alone saves and logs.

    Parameters
    ----------
    model, loss, optimizer : nn.Module, callable, Optimizer
        `loss(model(inputs), targets)` gives one number or one per example.
    train, validation : iterable of (Tensor, Tensor), shape (N, ...) each
        Batches, such as a DataLoader; the same ones in every epoch up to the seed. Of
        several processes each gives its own part, by a DistributedSampler; the
        examples that it repeats count in training, and not in validation.
    epochs : int
        How many in all, those before an interruption included.
    metrics : mapping of str to metric
        For `validation`: objects with `update(outputs, targets)`, `compute`, `reset`;
        for several processes `merge` too.
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
        `functools.partial(save_checkpoint, folder)` and the same of `load_checkpoint`;
        of several processes all must reach the folder.
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
        If an option is out of its range, `optimizer` has no weight of `model`, what
        `stopping` monitors is not among these, there is no batch, or a batch has no
        example or not two parts; if there are several processes and `model` is not
        wrapped, a metric cannot be merged, or they have the same data, another number
        of batches or another checkpoint.
    FloatingPointError
        If a loss or a weight is infinite or NaN, in any process; what was saved before
        it stays.
    RuntimeError
        In the other processes, if the first one could not save.
    KeyboardInterrupt
        After Ctrl-C, with `save`: the batch is finished and saved.
    SystemExit
        After SIGTERM, in the same way. All processes stop after the same batch.

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
    device, metrics, ranks = next(model.parameters()).device, metrics or {}, _Ranks()
    for name, rule, given, is_right in (
        ("epochs", "an integer >= 0", epochs, _is_whole(epochs, 0)),
        ("save_every", "an integer >= 1", save_every, _is_whole(save_every, 1)),
        ("seed", "an integer in [0, 2 ** 31)", seed, _is_whole(seed, 0)),
        ("clip", "a number > 0 or None", clip, clip is None or clip > 0),
        ("ema", "in [0, 1) or None", ema, ema is None or 0 <= ema < 1),
        ("amp", "bfloat16, float16 or None", amp, amp in _HALVES),
        ("metrics", "called other than 'loss'", metrics, "loss" not in metrics),
    ):
        if not is_right:
            raise ValueError(f"{name} must be {rule}. Received: {given!r}")
    own, groups = set(model.parameters()), optimizer.param_groups
    if own.isdisjoint(weight for group in groups for weight in group["params"]):
        raise ValueError(
            "optimizer must have weights of model. Received: an optimizer of others"
        )
    bare = _bare(model)
    if ranks.count > 1 and bare is model:
        raise ValueError(
            "model must be wrapped in DistributedDataParallel, or each process trains "
            f"one of its own. Received: {type(model).__name__}"
        )
    ranks.check(metrics)
    if ranks.rank:
        writer = progress = None
        log = str  # says nothing
    names = ["loss"]
    if validation is not None:
        names += ["val_loss", *(f"val_{name}" for name in metrics)]
    if stopping is not None and stopping.monitor not in names:
        raise ValueError(
            f"stopping.monitor must be one of {names}. Received: {stopping.monitor!r}"
        )
    scaler = torch.amp.GradScaler(device.type, enabled=amp is torch.float16)
    parts: dict[str, Any] = {"model": bare, "optimizer": optimizer, "scaler": scaler}
    judged = bare
    if ema is not None:
        mean = swa_utils.get_ema_multi_avg_fn(ema)
        parts["ema"] = average = swa_utils.AveragedModel(bare, multi_avg_fn=mean)
        judged = average.module
    optional = {"schedule": schedule, "stopping": stopping}
    parts |= {name: part for name, part in optional.items() if part is not None}
    at: dict[str, Any] = {"epoch": 0, "batch": 0, "totals": [], "count": 0}
    at["history"] = {name: [] for name in names}

    found = load(**parts) if load is not None else None
    at |= found or {}
    places = ranks.gather((at["epoch"], at["batch"]))
    if len(set(places)) > 1:
        raise ValueError(
            "load must find the same checkpoint in every process. Received: "
            f"(epoch, batch) = {places}"
        )
    # of this process; from a run with another number of them the first takes the sum
    totals = at["totals"]
    mine = sum(totals) * (not ranks.rank)
    mine = totals[ranks.rank] if len(totals) == ranks.count else mine
    wide = torch.float32 if device.type == "mps" else torch.float64
    total = torch.tensor(mine, dtype=wide, device=device)

    def guard() -> list[float]:
        weights = [weight.detach().isfinite().all() for weight in bare.parameters()]
        fine = bool(torch.stack([total.isfinite(), *weights]).all())
        totals, every = zip(*ranks.gather((total.item(), fine)), strict=True)
        if not all(every):
            raise FloatingPointError(
                f"a loss or a weight is NaN or infinite in epoch {at['epoch'] + 1}, by "
                f"batch {at['batch']}. Received: losses that add up to {sum(totals)}"
            )
        return list(totals)

    def checkpoint() -> None:
        totals, saved = guard(), False
        ranks.share(bare, judged)
        try:
            if save is not None and ranks.rank == 0:
                save(**parts, **at | {"totals": totals})
            saved = True
        finally:
            everywhere = ranks.gather(saved)
        if not all(everywhere):
            raise RuntimeError("the first process could not save, and says why")

    if found is None:
        checkpoint()  # a folder that cannot be written to is known now, not in an hour
    with Interruption(save is not None) as interruption:
        for epoch in range(at["epoch"], epochs):
            if stopping is not None and stopping.stop:
                break
            model.train()
            # not seed + epoch: two seeds would share all epochs but one
            start = int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0])
            batches: Iterable[Any] = _batches(train, start, at["batch"], device, ranks)
            if progress is not None:
                length = len(train) if isinstance(train, Sized) else None
                batches = progress(batches, total=length, initial=at["batch"])
            for inputs, targets, size in batches:
                inputs, targets = inputs.to(device), targets.to(device)
                optimizer.zero_grad()
                with torch.autocast(device.type, amp, enabled=amp is not None):
                    value = loss(model(inputs), targets).mean()
                # the mean of the processes' means is not that of their examples
                share = ranks.count * len(targets) / size
                scaler.scale(value * share).backward()
                if clip is not None:
                    scaler.unscale_(optimizer)
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                scaler.step(optimizer)
                scaler.update()
                if schedule is not None:
                    schedule.step()
                if ema is not None:
                    average.update_parameters(bare)
                # stays on the device: to ask for the number would be to wait for it
                total = total + value.detach() * len(targets)
                at["batch"], at["count"] = at["batch"] + 1, at["count"] + size
                caught = max(ranks.gather(interruption.signal))
                if caught or at["batch"] % save_every == 0:
                    checkpoint()
                if caught:
                    log(f"stopped after batch {at['batch']} and saved: call again")
                    if caught == signal.SIGINT:
                        raise KeyboardInterrupt(128 + signal.SIGINT)
                    raise SystemExit(128 + caught)
            if not at["count"]:
                raise ValueError(f"train must give batches. Received: {train!r}")
            row = {"loss": sum(guard()) / at["count"]}
            ranks.share(bare, judged)
            if validation is not None:
                scores = _measure(judged, loss, validation, metrics, amp, ranks)
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
        bare.load_state_dict(best or judged.state_dict())
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

    With a model in DistributedDataParallel every process makes this call, each with its
    part of the data, and gets the numbers of all; what a DistributedSampler repeats is
    left out. Any other model is measured here alone.

    Parameters
    ----------
    model, loss : nn.Module, callable
        `loss(model(inputs), targets)` gives a mean or one number per example.
    data : iterable of (Tensor, Tensor), shape (N, ...) each
        Batches; a smaller last one counts for as many examples as it has.
    metrics : mapping of str to metric
        Objects with `update(outputs, targets)`, `compute` and `reset`, for several
        processes `merge` too.
    amp : dtype
        For autocast.

    Returns
    -------
    dict of str to float
        The `loss` per example, and each metric by its name.

    Raises
    ------
    ValueError
        If there is no batch, or several processes have a metric without `merge`.

    Examples
    --------
    >>> batches = [(torch.ones(3, 1), torch.ones(3, 1)), (torch.ones(1, 1),) * 2]
    >>> evaluate(nn.Flatten(), nn.functional.mse_loss, batches)
    {'loss': 0.0}

    References
    ----------
    <https://docs.pytorch.org/docs/stable/notes/autograd.html>
    """
    bare = _bare(model)
    ranks = _Ranks(bare is not model)
    ranks.check(metrics or {})
    return _measure(bare, loss, data, metrics or {}, amp, ranks)


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


class _Ranks:
    """The processes that train together; one, where `torch.distributed` is not used."""

    def __init__(self, wanted: bool = True) -> None:
        self.rank, self.count = 0, 1
        if wanted and distributed.is_available() and distributed.is_initialized():
            self.rank, self.count = distributed.get_rank(), distributed.get_world_size()

    def gather(self, value: Any) -> list[Any]:
        """Return what each process has here, in all of them; none goes on before."""
        if self.count == 1:
            return [value]
        found = [None] * self.count
        distributed.all_gather_object(found, value, _talk(distributed.group.WORLD))
        return found

    def share(self, *models: nn.Module) -> None:
        """Let all have the first one's buffers, as batch norm's; weights are alike."""
        for buffer in (b for model in models for b in model.buffers()):
            if self.count > 1:
                distributed.broadcast(buffer, 0)

    def check(self, metrics: Mapping[str, Any]) -> None:
        """Refuse metrics that could only be those of one process."""
        lacking = [name for name in metrics if not hasattr(metrics[name], "merge")]
        if lacking and self.count > 1:
            raise ValueError(
                f"metrics must have `merge` to be those of {self.count} processes. "
                f"Received without it: {', '.join(lacking)}"
            )


@functools.cache
def _talk(world: Any) -> Any:
    """Return a group for what CPUs tell each other: a GPU is not waited for."""
    return distributed.new_group(backend="gloo")


def _is_whole(given: Any, least: int) -> bool:
    return type(given) is int and least <= given < 2**31


def _bare(model: nn.Module) -> nn.Module:
    return model.module if isinstance(model, DistributedDataParallel) else model


def _measure(
    model: nn.Module,
    loss: Callable[[Any, Tensor], Tensor],
    data: Iterable[tuple[Tensor, Tensor]],
    metrics: Mapping[str, Any],
    amp: torch.dtype | None,
    ranks: _Ranks,
) -> dict[str, float]:
    mode, total, count = model.training, 0.0, 0
    device = next((weight.device for weight in model.parameters()), torch.device("cpu"))
    source: Any = data
    sampler, left = getattr(source, "sampler", None), math.inf
    if isinstance(sampler, DistributedSampler) and ranks.count > 1:
        # examples of its own; what comes after them is there twice
        left = len(range(sampler.rank, len(source.dataset), sampler.num_replicas))
    for metric in metrics.values():
        metric.reset()
    model.eval()
    with torch.inference_mode(), torch.autocast(device.type, amp, amp is not None):
        for inputs, targets in data:
            if len(targets) > left:
                inputs, targets = inputs[: int(left)], targets[: int(left)]
            left -= len(targets)
            if not len(targets):
                continue
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            total += float(loss(outputs, targets).mean()) * len(targets)
            count += len(targets)
            for metric in metrics.values():
                metric.update(outputs, targets)
    model.train(mode)
    if ranks.count > 1:
        # written as a file, so that they can be read on another device
        torch.save(dict(metrics), file := io.BytesIO())
        totals, counts, files = zip(
            *ranks.gather((total, count, file.getvalue())), strict=True
        )
        total, count = sum(totals), sum(counts)
        metrics, *others = (
            torch.load(io.BytesIO(file), map_location=device, weights_only=False)
            for file in files
        )
        for other in others:
            for name, metric in metrics.items():
                metric.merge(other[name])
    if not count:
        raise ValueError(f"data must give batches. Received: {data!r}")
    scores = {name: float(metric.compute()) for name, metric in metrics.items()}
    return {"loss": total / count} | scores


def _batches(
    train: Any, seed: int, done: int, device: torch.device, ranks: _Ranks
) -> Iterator[tuple[Tensor, Tensor, int]]:
    """Begin an epoch; pass over what is done, and leave the random numbers alone.

    Each batch comes with its size in all processes. With several of them the random
    numbers start anew in every batch: no checkpoint has those of all processes.
    """

    def own(batch: int) -> int:
        numbers = np.random.SeedSequence([seed, batch, ranks.rank]).generate_state(1)
        return int(numbers[0]) if ranks.count > 1 else seed

    legacy: Any = np.random.get_state()  # noqa: NPY002
    states = random.getstate(), legacy
    gpus = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(gpus, enabled=done > 0):
        seed_everything(own(0))
        sources: list[Any] = [train, getattr(train, "sampler", None)]
        for source, number in zip(sources, (own(0), seed), strict=True):
            if getattr(source, "generator", None) is not None:
                source.generator.manual_seed(number)
            if hasattr(source, "set_epoch"):
                source.set_epoch(seed)
        batches = iter(train)
        for number in range(done):
            if next(batches, None) is None:
                raise ValueError(
                    f"train must give the {done} batches that were trained on before. "
                    f"Received: {number}"
                )
    if done:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
    first = ranks.count > 1
    while True:
        if ranks.count > 1:
            seed_everything(own(done))
        batch = next(batches, None)
        if batch is not None and (len(batch) != 2 or not len(batch[1])):
            raise ValueError(
                "train must give pairs of inputs and targets, an example or more. "
                f"Received: {[tuple(getattr(part, 'shape', ())) for part in batch]}"
            )
        sizes = ranks.gather(len(batch[1]) if batch else None)
        if not batch or None in sizes:
            break
        if first and len(set(ranks.gather(_mark(batch)))) == 1:
            raise ValueError(
                "train must give each process examples of its own, by a "
                "DistributedSampler. Received: the same batch in every process"
            )
        yield batch[0], batch[1], sum(sizes)
        done, first = done + 1, False
    if any(size is not None for size in sizes):
        raise ValueError(
            "train must give every process as many batches. Received: after "
            f"{done}, None among the sizes {sizes}"
        )


def _mark(batch: Sequence[Tensor]) -> tuple[int, ...]:
    """Return what tells the numbers of one batch from those of another."""
    parts = (part.detach().cpu().contiguous().view(torch.uint8) for part in batch[:2])
    return tuple(zlib.crc32(part.numpy().tobytes()) for part in parts)
