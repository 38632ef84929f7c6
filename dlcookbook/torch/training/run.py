"""One run of a training: its options, device, folder, log, and how it ends."""

import argparse
import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler

__all__ = ["Run"]


class Run:
    """The options that every training has, and what is done with each of them.

    Adds `--epochs --seed --device --precision --batch-size --out` to a parser and
    reads them; a wrong one ends the process with status 2 and a message that names it.
    As a context it turns Ctrl-C into exit status 130 and a line that says how to go
    on. Under `torchrun` every process makes the same calls: `parallel` and
    `batches` share the work, and only the first process writes and prints.

    Parameters
    ----------
    parser : ArgumentParser
        With what is special to this training; these values are in `args`.
    argv : sequence of str, optional
        Words of the command line; those of the process by default.
    out : path
        Default of `--out`: the folder for all that is written.
    epochs, batch_size : int
        Defaults.
    data : str, optional
        What `--data` points to, for `--help`; without it there is no such option.

    Attributes
    ----------
    epochs, batch_size, seed : int
        As given; batches are those of all processes together, and `seed` starts the
        random numbers of PyTorch.
    device : torch.device
        The accelerator if there is one and nothing else was asked for.
    amp : dtype or None
        For autocast: bfloat16 on a GPU that has it, float16 on another, None on a CPU.
    out : Path
        The folder; `data` is a path or None.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> with Run(parser, ["--epochs", "3"], "runs/line", epochs=9, batch_size=8) as run:
    ...     print(run.epochs, run.batch_size, run.seed, len(run.batches(range(20))))
    3 8 0 3

    References
    ----------
    <https://docs.pytorch.org/docs/stable/elastic/run.html>
    """

    def __init__(
        self,
        parser: argparse.ArgumentParser,
        argv: Sequence[str] | None,
        out: str | os.PathLike,
        *,
        epochs: int,
        batch_size: int,
        data: str | None = None,
    ) -> None:
        self.parser, self.started = parser, time.perf_counter()
        add = parser.add_argument
        add("--epochs", type=int, default=epochs, help=f"most passes ({epochs})")
        add("--seed", type=int, default=0, help="of split and training (0)")
        add("--device", default="auto", help="cpu, cuda, ... (the accelerator if any)")
        kinds = ["auto", "float32", "bfloat16", "float16"]
        add("--precision", choices=kinds, default="auto", help="of autocast (auto)")
        text = f"examples per step ({batch_size})"
        add("--batch-size", type=int, default=batch_size, help=text)
        add("--out", type=Path, default=Path(out), help=f"folder ({out})")
        if data is not None:
            add("--data", type=Path, help=f"{data}; without it, data that is shipped")
        self.args = parser.parse_args(argv)
        self.epochs, self.batch_size = self.args.epochs, self.args.batch_size
        self.seed, self.out = self.args.seed, self.args.out
        self.data = getattr(self.args, "data", None)
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
            if not least <= (value := getattr(self, name)) < 2**31:
                name, rule = name.replace("_", "-"), f"{least} or more"
                rule = rule if value < least else "below 2**31"
                parser.error(f"--{name} must be {rule}. Received: {value}")
        if self.data is not None:
            if not os.access(self.data, os.F_OK):
                parser.error(f"--data must exist. Received: {self.data}")
            # checkpoints are of these data, wherever it is called
            self.data = self.args.data = self.data.resolve()
        # the folder is made later, but that it can be is known before anything is read
        there = next(p for p in (self.out, *self.out.parents) if os.path.lexists(p))
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            reason = f"Received: {self.out} ({there} is none)"
            parser.error(f"--out must be a folder that can be written to. {reason}")
        self.before = _times(self.out)
        self.stamps = {
            f"{name} files": _stamp(value, self.out.resolve())
            for name, value in vars(self.args).items()
            if name != "out" and isinstance(value, Path)
        }
        self.rank, self.ranks = _ranks(parser, self.batch_size)
        self.device = _device(parser, self.args.device, self.ranks)
        self.amp = _precision(parser, self.args.precision, self.device)
        self.writers: list[Any] = []
        torch.manual_seed(self.seed)

    def __enter__(self) -> Self:
        if self.ranks > 1:
            on_gpu = self.device.type == "cuda"
            if on_gpu:
                torch.cuda.set_device(self.device)
            distributed.init_process_group("nccl" if on_gpu else "gloo")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for writer in self.writers:
            writer.close()
        if self.ranks > 1 and kind is None:
            distributed.destroy_process_group()
        if kind is KeyboardInterrupt:
            saved = [*self.checkpoints().rglob("checkpoint-*")]
            how = "goes on" if saved else "starts anew"
            text = f"stopped; the same command {how} in {self.out}\n"
            self.parser.exit(130, text if self.rank == 0 else None)

    def checkpoints(self, stage: str = "") -> Path:
        """Return the folder of checkpoints, another one for every other call.

        Parameters
        ----------
        stage : str
            Part of a training that has several, each with its own checkpoints.

        Returns
        -------
        Path
            Below `out`; named by a hash of the options, of the precision, and of names,
            sizes and times of the files that an option points to: other data, other
            checkpoints. An edited program has the same; delete them then.
        """
        given = {k: str(v) for k, v in vars(self.args).items() if k != "out"}
        given |= {"precision": str(self.amp)} | self.stamps
        key = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:8]
        return self.out / f"checkpoints-{key}" / stage

    def batches(self, *arrays: Any, shuffle: bool = False) -> DataLoader:
        """Return a loader of batches, of this process' part if there are several.

        Parameters
        ----------
        *arrays : ndarray or Tensor, shape (N, ...) each; or one Dataset
            What a batch consists of.
        shuffle : bool
            In another order in every epoch: for training.

        Returns
        -------
        DataLoader
            Of tensors, in batches of `batch_size` over all processes.
        """
        data: Any = arrays[0]
        if len(arrays) > 1 or isinstance(data, np.ndarray | torch.Tensor):
            data = TensorDataset(*map(torch.as_tensor, arrays))
        size = self.batch_size
        sampler: DistributedSampler | None = None
        if self.ranks > 1:
            size = max(1, size // self.ranks)
            sampler = DistributedSampler(data, shuffle=shuffle, seed=self.seed)
        shuffle = shuffle and sampler is None
        return DataLoader(data, size, shuffle=shuffle, sampler=sampler)

    def parallel(self, model: nn.Module) -> nn.Module:
        """Put `model` on the device; wrap it, if there are several processes.

        Parameters
        ----------
        model : nn.Module
            Moved in place: the optimizer takes its weights after this call.

        Returns
        -------
        nn.Module
            `model`, or DistributedDataParallel around it.
        """
        model.to(self.device)
        return DistributedDataParallel(model) if self.ranks > 1 else model

    def options(
        self, save: Callable, load: Callable, bar: Any = None, stage: str = ""
    ) -> dict[str, Any]:
        """Return what `fit` gets from the command line.

        Parameters
        ----------
        save, load : callable
            `save_checkpoint` and `load_checkpoint`.
        bar : type, optional
            `tqdm.tqdm`, for the progress and for lines above it.
        stage : str
            Part of a training that has several.

        Returns
        -------
        dict
            Keywords: `epochs`, `seed`, `amp`, `save`, `load`, `writer`, `log` and,
            with `bar`, `progress`.
        """
        folder = self.checkpoints(stage)
        options: dict[str, Any] = {"epochs": self.epochs, "seed": self.seed}
        options |= {"amp": self.amp, "save": partial(save, folder)}
        options |= {"load": partial(load, folder), "log": print}
        if bar is not None:
            options |= {"progress": partial(bar, leave=False), "log": bar.write}
        if self.rank == 0:
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError:
                self.log("no log for TensorBoard. Next: pip install tensorboard")
            else:
                folder = self.out / "tensorboard" / self.checkpoints().name[12:] / stage
                self.writers.append(SummaryWriter(folder))
                options["writer"] = self.writers[-1]
        return options

    def log(self, *parts: Any) -> None:
        """Print, in the first process.

        Parameters
        ----------
        *parts : Any
            As `print` takes them.
        """
        if self.rank == 0:
            print(*parts, flush=True)

    def keep(self, model: nn.Module, name: str = "model") -> Path:
        """Save the weights and load them back: what is tested is what was saved.

        Parameters
        ----------
        model : nn.Module
            Not wrapped; left in eval mode.
        name : str
            Of the file, without its ending.

        Returns
        -------
        Path
            A `state_dict`, for `torch.load(path, weights_only=True)`.
        """
        path = self.out / f"{name}.pt"
        if self.rank == 0:
            self.out.mkdir(parents=True, exist_ok=True)
            torch.save(model.state_dict(), part := self.out / f"{name}.tmp")
            # those of an older run are not of these weights
            (self.out / "results.json").unlink(missing_ok=True)
            part.replace(path)
        if self.ranks > 1:
            distributed.barrier()
        state = torch.load(path, weights_only=True, map_location=self.device)
        model.load_state_dict(state)
        model.eval()
        return path

    def finish(
        self,
        results: Mapping[str, float],
        history: Mapping[str, Any],
        figures: Mapping[str, Any],
    ) -> dict[str, float]:
        """Write and print what came out, and drop the checkpoints.

        Parameters
        ----------
        results : mapping of str to float
            Finite numbers. `seconds` since the start are put in.
        history : mapping of str to list
            What `fit` returned.
        figures : mapping of str to Figure
            Written as `<name>.svg`.

        Returns
        -------
        dict of str to float
            `results`, which `results.json` holds too, with options and versions.

        Raises
        ------
        ValueError
            If a result is NaN or infinite; weights and checkpoints stay.
        """
        found = {name: float(value) for name, value in results.items()}
        wrong = {name: value for name, value in found.items() if not np.isfinite(value)}
        if wrong:
            raise ValueError(
                f"results must be finite; weights stay in {self.out}. Received: {wrong}"
            )
        found["seconds"] = time.perf_counter() - self.started
        if self.rank == 0:
            options = {name: str(value) for name, value in vars(self.args).items()}
            options |= {"device": str(self.device), "precision": str(self.amp)}
            content = {"results": found, "options": options, "history": _plain(history)}
            _write(self.out, content, figures)
            shutil.rmtree(self.checkpoints(), ignore_errors=True)
            now = _times(self.out).items()
            print("written", *(path for path, at in now if self.before.get(path) != at))
        return found


def _device(parser: argparse.ArgumentParser, name: str, ranks: int) -> torch.device:
    """Find the device, and try whether it works."""
    if name == "auto":
        found = torch.accelerator.is_available()
        kind = torch.accelerator.current_accelerator() if found else None
        name = kind.type if kind is not None else "cpu"
    if name == "cuda" and ranks > 1:
        name = f"cuda:{os.environ.get('LOCAL_RANK', 0)}"
    try:
        (torch.zeros(1, device=name) + 1).item()
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        parser.error(f"--device cannot be used. Received: {name} ({reason})")
    return torch.device(name)


def _precision(
    parser: argparse.ArgumentParser, name: str, device: torch.device
) -> torch.dtype | None:
    """Halves where they are computed by the hardware; None is float32."""
    if name == "auto":
        if device.type != "cuda":
            return None
        has = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if has else torch.float16
    if name == "float32":
        return None
    half, one = getattr(torch, name), torch.ones(1, 1, device=device)
    try:
        with torch.autocast(device.type, half):
            found = str((one @ one).dtype)
    except RuntimeError as error:
        found = str(error).partition("\n")[0]
    if found != str(half):  # autocast only warns, and computes in float32
        parser.error(f"--precision cannot be used. Received: {name} (gives {found})")
    return half


def _ranks(parser: argparse.ArgumentParser, batch_size: int) -> tuple[int, int]:
    """Return which process this is, and of how many."""
    given = os.environ.get("RANK", "0"), os.environ.get("WORLD_SIZE", "1")
    rank, ranks = (int(word) if word.isdecimal() else -1 for word in given)
    if not 0 <= rank < ranks or (ranks > 1 and "RANK" not in os.environ):
        parser.error(
            "RANK and WORLD_SIZE must be as torchrun sets them, or not be set. "
            f"Received: {os.environ.get('RANK')}, {os.environ.get('WORLD_SIZE')}"
        )
    if batch_size % ranks:
        parser.error(
            f"--batch-size must be a multiple of the {ranks} processes. "
            f"Received: {batch_size}"
        )
    return rank, ranks


def _write(out: Path, content: dict[str, Any], figures: Mapping[str, Any]) -> None:
    """Write the numbers and the pictures, and print what was found."""
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content | {"versions": versions}, indent=1)
    (part := out / "results.tmp").write_text(text + "\n", "utf-8")
    part.replace(out / "results.json")
    for name, figure in figures.items():
        figure.savefig(out / f"{name}.svg")
    width = max(20, *map(len, content["results"]))
    for name, value in content["results"].items():
        print(f"{name:{width}} {value:.5g}")


def _plain(value: Any) -> Any:
    """Put null where JSON has no number: a loss of validation may be NaN."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _times(folder: Path) -> dict[str, int]:
    """Return when each thing in a folder was written."""
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return {str(path): path.lstat().st_mtime_ns for path in found}


def _stamp(path: Path, out: Path) -> str:
    """Return a hash of names, sizes and times of a file, or of those in a folder."""
    found, files = hashlib.sha256(), [path.resolve()] if path.is_file() else []
    for folder, _, names in os.walk(path):
        # what a run writes is not what it reads
        if out not in (where := Path(folder).resolve(), *where.parents):
            files += [where / name for name in names]
    for file in sorted(files):
        try:
            at = file.stat()
        except OSError:  # a link to nowhere
            continue
        found.update(os.fsencode(file) + f"\0{at.st_size}\0{at.st_mtime_ns}\0".encode())
    return found.hexdigest()
