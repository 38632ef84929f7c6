"""Measure trainings of two processes beside one for docs/evidence/distributed.json.

`python -m tools.distributed_evidence` takes some minutes; with `--quick` it leaves the
times out and prints, which is what the tests read.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from dlcookbook.torch.training.checkpoint import save_checkpoint
from dlcookbook.torch.training.fit import _Ranks, evaluate, fit
from tools import training_ranks as ranks
from tools.blocks import ROOT
from tools.training_ranks import apart, together, train

FILE = ROOT / "docs" / "evidence" / "distributed.json"


def agreement() -> dict[str, Any]:
    """Compare two processes with one at the same global batch, in float64."""
    one, two = train(), together(train)
    alike = max(apart(*two).values())
    return {"whole": apart(one, two[0]), "uneven": uneven(), "processes": alike}


def uneven() -> dict[str, float]:
    """Cut each batch at 12 of 32 examples, and compare with the whole batches."""
    batches = [*ranks.parts(ranks.Digits(0, 64), 32, shuffle=False)]

    def cut() -> list[tuple[torch.Tensor, ...]]:
        here = slice(0, 12) if distributed.get_rank() == 0 else slice(12, None)
        return [(x[here], y[here]) for x, y in batches]

    return apart(train(data=batches), together(lambda: train(data=cut()))[0])


def interrupted(folder: Path) -> dict[str, Any]:
    """Stop two processes in the middle of an epoch, by an error and by a signal."""
    chance = ranks.CHANCE
    whole = together(lambda: train(folder / "whole", **chance))
    found: dict[str, Any] = {"alike": max(apart(*whole).values())}
    stopped = lambda: train(folder / "error", save=full_at(5), **chance)  # noqa: E731
    found["full_disk"] = together(stopped)
    again = together(lambda: train(folder / "error", **chance))
    found["after_full_disk"] = max(apart(again[0], whole[0]).values())

    def terminated() -> dict[str, Any]:
        seen = 0

        def loss(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            nonlocal seen
            seen += len(targets) == 16
            if seen == 8 and distributed.get_rank() == 1:
                signal.raise_signal(signal.SIGTERM)
            return nn.functional.cross_entropy(outputs, targets)

        return train(folder / "signal", loss=loss, **chance)

    found["terminated"] = together(terminated)
    again = together(lambda: train(folder / "signal", **chance))
    found["after_terminated"] = max(apart(again[0], whole[0]).values())
    times, ends = killed(folder)
    found |= {"restarts": times, "ends": len(ends)}
    found["after_killed"] = max(max(apart(x, whole[0]).values()) for x in ends)
    return found


def killed(folder: Path) -> tuple[int, list[dict[str, Any]]]:
    """Kill one of two workers; return how often they began again, and their ends."""
    home = folder / "killed"
    home.mkdir(parents=True)
    if not (pid := os.fork()):
        try:
            ranks.launch(home, 0.05, restarts=1)
        finally:
            os._exit(0)
    end = time.monotonic() + 30
    while not (home / "checkpoint-00000006.pt").exists() and time.monotonic() < end:
        time.sleep(0.01)
    os.kill(int((home / "pid-0-1").read_text()), signal.SIGKILL)
    while not os.waitpid(pid, os.WNOHANG)[0] and time.monotonic() < end:
        time.sleep(0.01)
    starts = len([*home.glob("pid-*-1")])
    files = sorted(home.glob("end-*.pt"))
    return starts - 1, [torch.load(f, weights_only=False) for f in files]


def full_at(count: int) -> Callable[..., Any]:
    """Return what saves checkpoints until the disk is full."""
    written: list[Path] = []

    def save(folder: Path, **state: Any) -> Path:
        if len(written) == count:
            raise OSError("the disk is full")
        written.append(save_checkpoint(folder, **state))
        return written[-1]

    return save


def moved(folder: Path) -> dict[str, float]:
    """Begin with two processes and end with one, and the other way round."""
    want = train(epochs=4)
    together(lambda: train(folder / "a", epochs=2))
    train(folder / "b", epochs=2)
    return {
        "two_then_one": max(apart(train(folder / "a", epochs=4), want).values()),
        "one_then_two": max(
            apart(together(lambda: train(folder / "b", epochs=4))[0], want).values()
        ),
    }


def refusals() -> dict[str, list[Any]]:
    """Return what each process says to what would be wrong without a word."""
    data = ranks.Digits(0, 64)

    def nan(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        bad = distributed.get_rank() == 1 and len(targets) == 11
        return nn.functional.cross_entropy(outputs, targets) * (torch.nan if bad else 1)

    def unequal() -> Any:
        batches = [*ranks.parts(data, 32, shuffle=False)]
        return train(data=batches[: 2 - distributed.get_rank()])

    def bare() -> Any:
        model = nn.Linear(64, 10)
        loss, sgd = nn.functional.cross_entropy, torch.optim.SGD(model.parameters())
        return fit(model, loss, sgd, [], epochs=1)

    def elsewhere() -> Any:
        first = {"epoch": 1, "batch": 0, "totals": [0.0, 0.0], "count": 0}
        found = None if distributed.get_rank() else first
        model = ranks.network()
        loss, sgd = nn.functional.cross_entropy, torch.optim.SGD(model.parameters())
        return fit(model, loss, sgd, [], epochs=1, load=lambda **parts: found)

    class Mean:
        reset = update = compute = lambda self, *parts: None

    return {
        "nan": together(lambda: train(loss=nan, clip=None)),
        "unequal": together(unequal),
        "same": together(lambda: train(data=[*torch.utils.data.DataLoader(data, 32)])),
        "bare": together(bare),
        "merge": together(lambda: train(metrics={"f1": Mean()})),
        "elsewhere": together(elsewhere),
    }


def measured() -> dict[str, Any]:
    """Return the numbers of `evaluate` for two processes, and for one."""

    def work() -> dict[str, float]:
        model, data = ranks.network(), ranks.Digits(1, ranks.VALIDATION)
        loader = ranks.parts(data, 32, shuffle=False)
        loss = nn.functional.cross_entropy
        return evaluate(model, loss, loader, metrics=ranks.measures())

    return {"one": work(), "two": together(work)}


def draws() -> list[Any]:
    """Return what each process drew in its batches, and what it said."""

    def work() -> tuple[list[float], list[str]]:
        said: list[str] = []
        drawn: list[float] = []

        def loss(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            if outputs.requires_grad:
                drawn.append(float(torch.rand(())))
            return nn.functional.cross_entropy(outputs, targets)

        train(epochs=2, loss=loss, log=said.append)
        return drawn, said

    return together(work)


def repeated() -> float:
    """Return the share of draws that two processes have in common."""
    one, two = (set(drawn) for drawn, said in draws())
    return len(one & two) / len(one)


def resumed() -> float:
    """Return how far two processes that were stopped end from two that were not."""
    with tempfile.TemporaryDirectory() as home:
        whole = together(lambda: train(Path(home, "a"), **ranks.CHANCE))
        together(lambda: train(Path(home, "b"), save=full_at(5), **ranks.CHANCE))
        again = together(lambda: train(Path(home, "b"), **ranks.CHANCE))
    return max(apart(whole[0], again[0]).values())


# By what the loop is changed, and the number that must not be near 0 then.
BUGS: dict[str, tuple[str, str, Callable[[], float]]] = {
    "a mean of means": (
        "ranks.count * len(targets) / size",
        "1",
        lambda: uneven()["weights"],
    ),
    "repeated examples count": (
        "inputs[: int(left)], targets[: int(left)]",
        "inputs, targets",
        lambda: apart(train(), together(train)[0])["val_loss"],
    ),
    "batch norm of each process": (
        "if self.count > 1:\n                distributed.broadcast",
        "if self.count < 1:\n                distributed.broadcast",
        lambda: max(apart(*together(lambda: train(norm=True))).values()),
    ),
    "one chance for all": ("[seed, batch, ranks.rank]", "[seed, batch]", repeated),
    "chance goes on elsewhere": ("seed_everything(own(done))", "pass", resumed),
}


def noticed() -> dict[str, tuple[float, float]]:
    """Return the number with the loop as it is, and with a bug in it."""
    file, right = ROOT / "dlcookbook/torch/training/fit.py", ranks.fit
    found = {}
    for name, (old, new, number) in BUGS.items():
        source, planted = file.read_text(encoding="utf-8"), ModuleType("planted")
        assert source.count(old) == 1, name
        exec(compile(source.replace(old, new), name, "exec"), planted.__dict__)
        without = number()
        ranks.fit = planted.fit
        try:
            found[name] = (without, number())
        finally:
            ranks.fit = right
    return found


def scaling(repeats: int = 8) -> dict[str, Any]:
    """Time the same training with one process and with two, in turns.

    The fastest step of each run counts: others may use the cores too.
    """
    size, width, steps = 512, 1024, 12

    def work() -> float:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        hidden = [nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width)]
        model: nn.Module = nn.Sequential(*hidden, nn.ReLU(), nn.Linear(width, 10))
        count = ranks.processes()
        if count > 1:
            model = DistributedDataParallel(model)
        sgd = torch.optim.SGD(model.parameters(), lr=0.01)
        x, y = torch.randn(size // count, width), torch.zeros(size // count).long()
        times = []
        for _ in range(steps):
            begin = time.perf_counter()
            sgd.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            sgd.step()
            times.append(time.perf_counter() - begin)
        return min(times)

    ones, twos = [], []
    for _ in range(repeats):
        ones += together(work, 1)
        twos.append(max(together(work, 2)))
    ratios = [one / two for one, two in zip(ones, twos, strict=True)]
    return {
        "batch": size,
        "parameters": 2 * (width * width + width) + 10 * width + 10,
        "cores": os.cpu_count(),
        "one_ms": round(1000 * min(ones), 1),
        "two_ms": round(1000 * min(twos), 1),
        "faster": round(min(ones) / min(twos), 2),
        "range": [round(min(ratios), 2), round(max(ratios), 2)],
    }


def rates(seeds: int = 5, epochs: int = 10, grown: int = 8) -> list[dict[str, Any]]:
    """Train digits with a batch of 32 and one of 256, by three rules for the rate."""
    (x, y), (x_val, y_val) = (
        (torch.tensor(part.images).flatten(1), torch.tensor(part.labels).long())
        for part in ranks.PARTS[:2]
    )

    def accuracy(kind: Callable[..., Any], rate: float, batch: int, seed: int) -> float:
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        optimizer = kind(model.parameters(), lr=rate)
        for _ in range(epochs):
            for at in torch.randperm(len(x)).split(batch):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(x[at]), y[at]).backward()
                optimizer.step()
        with torch.no_grad():
            return float((model(x_val).argmax(1) == y_val).float().mean())

    found = []
    kinds = {"SGD": (torch.optim.SGD, 0.1), "AdamW": (torch.optim.AdamW, 1e-3)}
    for name, (kind, rate) in kinds.items():
        rules = {"r": 1.0, f"{grown} r": grown, f"\u221a{grown} r": grown**0.5}
        cases = [
            ("r", 1.0, 32),
            *((rule, by, 32 * grown) for rule, by in rules.items()),
        ]
        for rule, by, batch in cases:
            numbers = [accuracy(kind, rate * by, batch, seed) for seed in range(seeds)]
            half = 2.776 * statistics.stdev(numbers) / seeds**0.5  # Student's t, 95 %
            row = {"optimizer": name, "batch": batch, "rate": rule}
            found.append(row | {"mean": statistics.mean(numbers), "half": half})
    return found


def talk(repeats: int = 300) -> float:
    """Return the milliseconds that the loop's two questions per batch take."""

    def work() -> float:
        both = _Ranks()
        both.gather(1)
        begin = time.perf_counter()
        for _ in range(repeats):
            both.gather(1)
            both.gather(1)
        return 1000 * (time.perf_counter() - begin) / repeats

    return round(max(together(work)), 2)


def main() -> None:
    """Measure and write or print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="no times; print")
    args = parser.parse_args()
    torch.set_num_threads(1)
    train(epochs=1)  # what is imported late is imported before the processes part
    with tempfile.TemporaryDirectory() as home:
        found: dict[str, Any] = {
            "agreement": agreement(),
            "interrupted": interrupted(Path(home, "interrupted")),
            "moved": moved(Path(home, "moved")),
        }
    if args.quick:
        found |= {"refusals": refusals(), "measured": measured(), "draws": draws()}
        found["noticed"] = noticed()
        for name in ("full_disk", "terminated"):
            answers = found["interrupted"][name]
            found["interrupted"][name] = [str(answer) for answer in answers]
        print(json.dumps(found, default=str))
        return
    for name in ("full_disk", "terminated"):
        del found["interrupted"][name]
    found |= {"scaling": scaling(), "talk_ms": talk(), "rates": rates()}
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
