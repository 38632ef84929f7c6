"""Kill a training at random moments, resume it, and compare the end bit for bit.

`python -m tools.training_crashes` kills fifty times in each framework and writes
docs/evidence/training_crashes.json; `torch --kills 6 --out FILE` is what the tests do.
Keras runs on PyTorch here: a process that has begun with TensorFlow cannot be copied.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from tools.blocks import ROOT

FILE = ROOT / "docs" / "evidence" / "training_crashes.json"
# Seconds that a write and a batch are made to take: most kills hit one or the other.
WRITE, BATCH = 0.04, 0.02
KILLS_PER_RUN = 5
VICTIMS = {"torch": "tools.training_victim", "keras": "tools.training_victim_keras"}


class Pieces:
    """A stream to which every write takes a while, half of it done."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, data: Any) -> int:
        """Write in two halves and say how much."""
        data = memoryview(data).cast("B")
        half = len(data) // 2
        self.stream.write(data[:half])
        self.stream.flush()
        time.sleep(WRITE / 40)
        self.stream.write(data[half:])
        return len(data)


def slow(folder: Path, home: Any, name: str) -> None:
    """Let every write of a checkpoint take its time, and `writing` tell of it."""
    fsync, plain, mark = os.fsync, vars(home)[name], folder / "writing"

    def write(*given: Any, **named: Any) -> None:
        mark.touch()
        plain(*(Pieces(x) if hasattr(x, "write") else x for x in given), **named)
        time.sleep(WRITE / 2)

    def late(descriptor: int) -> None:
        fsync(descriptor)
        time.sleep(WRITE / 2)
        with contextlib.suppress(OSError):
            mark.unlink()

    stand_ins: list[tuple[Any, str, Callable[..., None]]]
    stand_ins = [(home, name, write), (os, "fsync", late)]
    for module, called, stand_in in stand_ins:
        setattr(module, called, stand_in)


def started(victim: Any, folder: Path) -> int:
    """Go on with a training in a process of its own; its end goes to `folder/end`."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        slow(folder, *victim.WRITER)
        end = victim.train(folder, wait=BATCH)
        (folder / "end").write_text(end)
        code = 0
    except Exception:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def killed(victim: Any, folder: Path, after: float) -> str:
    """Kill a training after so many seconds and say what it was doing."""
    mark = folder / "writing"
    mark.unlink(missing_ok=True)
    pid = started(victim, folder)
    time.sleep(after)
    done, _ = os.waitpid(pid, os.WNOHANG)
    if done:
        return "at its end"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "writing" if mark.exists() else "training"


def run(victim: Any, kills: int, seed: int = 0) -> dict[str, int]:
    """Kill so many times in all and count what became of it."""
    dice = random.Random(seed)
    torch.set_num_threads(1)
    count = {"kills": 0, "while_writing": 0, "runs": 0, "survived": 0, "identical": 0}
    with tempfile.TemporaryDirectory() as home:
        # what is imported late is imported here, before the processes part
        victim.train(Path(home, "warm"), epochs=1)
        undisturbed = Path(home, "undisturbed")
        undisturbed.mkdir()
        begin = time.monotonic()
        os.waitpid(started(victim, undisturbed), 0)
        whole = time.monotonic() - begin
        want = (undisturbed / "end").read_text()
        while count["kills"] < kills:
            folder = Path(home, str(count["runs"]))
            folder.mkdir()
            for _ in range(min(KILLS_PER_RUN, kills - count["kills"])):
                what = killed(victim, folder, dice.uniform(0.02, 0.6) * whole)
                if what == "at its end":
                    break
                count["kills"] += 1
                count["while_writing"] += what == "writing"
            _, status = os.waitpid(started(victim, folder), 0)
            count["runs"] += 1
            count["survived"] += status == 0
            same = status == 0 and (folder / "end").read_text() == want
            count["identical"] += same
    return count


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wings", nargs="*", default=list(VICTIMS), help="torch, keras")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--out", type=Path, default=FILE)
    forget = "leave the optimizer out, to see that it shows"
    parser.add_argument("--forget", action="store_true", help=forget)
    args = parser.parse_args()
    os.environ["KERAS_BACKEND"] = "torch"
    found = {}
    for wing in args.wings:
        victim = importlib.import_module(VICTIMS[wing])
        if args.forget:
            victim.forget()
        found[wing] = run(victim, args.kills)
    args.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
