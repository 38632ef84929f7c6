"""Trainings of two processes that talk by gloo, beside the same training of one.

`together` starts them by fork, so that PyTorch is imported once; what each ends with
comes back. `launch` is what torchrun does: it starts them again when one is killed.
"""

from __future__ import annotations

import functools
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import distributed, nn
from torch.distributed.launcher.api import LaunchConfig, elastic_launch
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, Dataset, DistributedSampler

from dlcookbook.data.digits import load_digits_split
from dlcookbook.torch.metrics.precision_recall import PrecisionRecall
from dlcookbook.torch.metrics.roc_auc import RocAuc
from dlcookbook.torch.training import checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit

PARTS = load_digits_split()
# A batch of all processes together; the sampler repeats an example in validation.
BATCH, TRAIN, VALIDATION = 32, 150, 97
# What is random in a training, and batch norm.
CHANCE: dict[str, Any] = {"dropout": 0.3, "noise": 0.1, "norm": True}


class Digits(Dataset):
    """The first digits of a part; with noise, random ones at each reading."""

    def __init__(self, part: int, size: int, noise: float = 0.0) -> None:
        self.images = torch.tensor(PARTS[part].images[:size]).double().flatten(1)
        self.labels = torch.tensor(PARTS[part].labels[:size]).long()
        self.noise = noise

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, at: int) -> tuple[torch.Tensor, torch.Tensor]:
        noise = self.noise * torch.rand(64) if self.noise else 0
        return self.images[at] + noise, self.labels[at]


class Told:
    """One number of a metric that is told something of outputs and targets."""

    def __init__(self, metric: Any, ask: Callable[..., Any], number: str = "") -> None:
        self.metric, self.ask, self.number = metric, ask, number

    def reset(self) -> None:
        """Forget every example."""
        self.metric.reset()

    def update(self, outputs: torch.Tensor, targets: torch.Tensor) -> None:
        """Take a batch."""
        self.metric.update(*self.ask(outputs, targets))

    def compute(self) -> torch.Tensor:
        """Return the number."""
        found = self.metric.compute()
        return found[self.number] if self.number else found

    def merge(self, other: Told) -> None:
        """Add what another one has counted."""
        self.metric.merge(other.metric)


def classes(outputs: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return the predicted and the true classes."""
    return outputs.argmax(1), targets


def zero(outputs: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return the score of the class 0, and what belongs to it."""
    return outputs[:, 0], (targets == 0).long()


def measures() -> dict[str, Any]:
    """Return metrics that are no mean over examples."""
    f1 = Told(PrecisionRecall(10, absent="zero"), classes, "f_beta")
    return {"f1": f1, "auc": Told(RocAuc(), zero)}


def together(work: Callable[[], Any], count: int = 2, limit: float = 60.0) -> list[Any]:
    """Run `work` in so many processes; return what each gave, or its error as text."""
    with tempfile.TemporaryDirectory() as home:
        pids = []
        for rank in range(count):
            if pid := os.fork():
                pids.append(pid)
                continue
            try:
                sys.stdout.flush()
                result = _child(work, home, rank, count)
                torch.save(result, Path(home, f"{rank}.pt"))
            finally:
                os._exit(0)
        end = time.monotonic() + limit
        for pid in pids:
            while not os.waitpid(pid, os.WNOHANG)[0]:
                if time.monotonic() > end:
                    os.kill(pid, 9)
                time.sleep(0.002)
        files = [Path(home, f"{rank}.pt") for rank in range(count)]
        return [
            torch.load(f, weights_only=False) if f.is_file() else "no answer: it hung"
            for f in files
        ]


def _child(work: Callable[[], Any], home: str, rank: int, count: int) -> Any:
    distributed.init_process_group(
        "gloo", init_method=f"file://{home}/store", rank=rank, world_size=count
    )
    try:
        return work()
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


def processes() -> int:
    """Return how many train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def parts(dataset: Dataset, batch: int, shuffle: bool) -> DataLoader:
    """Return this process' part; a batch of all processes is `batch`."""
    count, rank = processes(), distributed.get_rank() if processes() > 1 else 0
    sampler: DistributedSampler = DistributedSampler(dataset, count, rank, shuffle)
    return DataLoader(dataset, batch // count, sampler=sampler)


def network(dropout: float = 0.0, norm: bool = False) -> nn.Module:
    """Return the same small model each time, wrapped where there are several."""
    torch.manual_seed(7)
    layers: list[nn.Module] = [nn.Linear(64, 32), nn.ReLU()]
    layers += [nn.BatchNorm1d(32)] * norm + [nn.Dropout(dropout)] * bool(dropout)
    model = nn.Sequential(*layers, nn.Linear(32, 10)).double()
    return DistributedDataParallel(model) if processes() > 1 else model


def train(
    folder: Path | None = None,
    *,
    epochs: int = 3,
    dropout: float = 0.0,
    norm: bool = False,
    noise: float = 0.0,
    clip: float | None = 1.0,
    loss: Callable[..., torch.Tensor] = nn.functional.cross_entropy,
    save: Callable[..., Any] = checkpoint.save_checkpoint,
    **options: Any,
) -> dict[str, Any]:
    """Train with everything; return the history and all numbers at the end."""
    model = network(dropout, norm)
    bare = getattr(model, "module", model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    steps = 8 * -(-TRAIN // BATCH)
    stopping = EarlyStopping("val_f1", mode="max", patience=9)
    if folder is not None:
        load = functools.partial(checkpoint.load_checkpoint, folder)
        options |= {"save": functools.partial(save, folder), "load": load}
    history = fit(
        model,
        loss,
        optimizer,
        options.pop("data", parts(Digits(0, TRAIN, noise), BATCH, shuffle=True)),
        parts(Digits(1, VALIDATION), BATCH, shuffle=False),
        epochs=epochs,
        metrics=options.pop("metrics", measures()),
        schedule=torch.optim.lr_scheduler.OneCycleLR(
            optimizer, 1e-2, total_steps=steps
        ),
        stopping=stopping,
        ema=0.9,
        clip=clip,
        save_every=2,
        log=options.pop("log", lambda text: None),
        **options,
    )
    kept = stopping.weights
    assert kept is not None
    return {"history": history, "weights": dict(bare.state_dict()), "best": kept}


def apart(one: dict[str, Any], two: dict[str, Any]) -> dict[str, float]:
    """Return the largest difference of weights and of the numbers of epochs."""
    weights = max(
        float((one["weights"][k].double() - two["weights"][k]).abs().max())
        for k in one["weights"]
    )
    numbers = {
        name: max(abs(a - b) for a, b in zip(values, two["history"][name], strict=True))
        for name, values in one["history"].items()
    }
    return {"weights": weights, **numbers}


def restartable(folder: Path, wait: float) -> None:
    """Train as a worker of torchrun; leave its number, and what it ends with."""
    distributed.init_process_group("gloo")
    rank, times = distributed.get_rank(), os.environ["TORCHELASTIC_RESTART_COUNT"]
    (folder / f"pid-{times}-{rank}").write_text(str(os.getpid()))

    def loss(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        time.sleep(wait)
        return nn.functional.cross_entropy(outputs, targets)

    torch.save(train(folder, loss=loss, **CHANCE), folder / f"end-{rank}.pt")
    distributed.destroy_process_group()


def launch(folder: Path, wait: float, restarts: int) -> None:
    """Do what torchrun does for two processes, by fork."""
    # with one store for all starts, those that come again call those that are dead
    os.environ["TORCH_DISABLE_SHARE_RDZV_TCP_STORE"] = "1"
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=2,
        max_restarts=restarts,
        monitor_interval=0.05,
        start_method="fork",
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        run_id=folder.name,
    )
    elastic_launch(config, restartable)(folder, wait)
