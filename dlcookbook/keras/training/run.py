"""One run of a training: its options, device, folder, log, and how it ends."""

import argparse
import hashlib
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import keras
import numpy as np

__all__ = ["Run"]


class Run:
    """The options that every training has, and what is done with each of them.

    Adds `--epochs --seed --device --precision --batch-size --out` to a parser and
    reads them. As a context it sets the device and the precision of layers that are
    made in it, and turns Ctrl-C into exit status 130 and a line that says how to go on;
    a wrong option ends the process with status 2 and a message that names it.

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
        As given; `seed` starts all random numbers of Keras, NumPy and the backend.
    device : str
        The GPU if there is one and nothing else was asked for.
    policy : str
        Of the layers: `mixed_float16` on a GPU, `float32` on a CPU. Give the last
        layer `dtype="float32"`: a softmax over halves is coarse.
    out, data : Path
        The folder; where the user's data are, or None.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> with Run(parser, ["--epochs", "3"], "runs/line", epochs=9, batch_size=8) as run:
    ...     print(run.epochs, run.batch_size, run.seed)
    3 8 0

    References
    ----------
    <https://keras.io/api/mixed_precision/>
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
        add("--device", default="auto", help="cpu, gpu, gpu:1, ... (a GPU if any)")
        kinds = ["auto", "float32", "bfloat16", "float16"]
        add("--precision", choices=kinds, default="auto", help="of the layers (auto)")
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
        self.device = _device(parser, self.args.device)
        on_gpu = self.device.lower().startswith(("gpu", "cuda"))
        half = "float16" if on_gpu else "float32"
        kind = half if self.args.precision == "auto" else self.args.precision
        self.policy = kind if kind == "float32" else f"mixed_{kind}"
        self.scopes = ExitStack()
        keras.utils.set_random_seed(self.seed)

    def __enter__(self) -> Self:
        before = keras.config.dtype_policy()
        self.scopes.callback(keras.config.set_dtype_policy, before)
        self.scopes.enter_context(keras.device(self.device))
        keras.config.set_dtype_policy(self.policy)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.scopes.close()
        if kind is KeyboardInterrupt:
            saved = [*self.checkpoints().rglob("checkpoint-*")]
            how = "goes on" if saved else "starts anew"
            text = f"stopped; the same command {how} in {self.out}\n"
            self.parser.exit(130, text)

    def checkpoints(self, stage: str = "") -> Path:
        """Return the folder of checkpoints, another one for every other call.

        Parameters
        ----------
        stage : str
            Part of a training that has several, each with its own checkpoints.

        Returns
        -------
        Path
            Below `out`; named by a hash of the options, of precision and backend, and
            of names, sizes and times of the files that an option points to: other data,
            other checkpoints. An edited program has the same; delete them then.
        """
        given = {k: str(v) for k, v in vars(self.args).items() if k != "out"}
        given |= {"precision": self.policy} | self.stamps
        given["backend"] = keras.backend.backend()
        key = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:8]
        return self.out / f"checkpoints-{key}" / stage

    def fit(
        self,
        model: keras.Model,
        data: Any,
        validation: tuple[Any, Any] | None,
        stopping: Any,
        checkpoint: Any,
        *,
        stage: str = "",
        callbacks: Sequence[Any] = (),
    ) -> dict[str, list[float]]:
        """Train `model` in place, from the last checkpoint of the same command on.

        Parameters
        ----------
        model : keras.Model
            Built and compiled.
        data : ShuffledArrays
            Batches whose order is a function of the epoch.
        validation : (ndarray, ndarray), shape (N, ...) each, optional
            Inputs and targets.
        stopping : EarlyStopping
            Puts the best weights back at the end.
        checkpoint : Checkpoint
            Made with `folder`, `data` and `parts={"stopping": stopping}`.
        stage : str
            Part of a training that has several.
        callbacks : sequence of callback
            More of them, before those.

        Returns
        -------
        dict of str to list of float
            Numbers of every epoch, those before an interruption included.
        """
        every = [*callbacks, stopping, checkpoint]
        if find_spec("tensorflow") is None:  # it writes the log, on any backend
            print("no log for TensorBoard. Next: pip install tensorflow")
        else:
            folder = self.out / "tensorboard" / self.checkpoints().name[12:] / stage
            every.insert(0, keras.callbacks.TensorBoard(folder, write_graph=False))
        first = checkpoint.resume(model)
        model.fit(
            data,
            epochs=first if stopping.stop else self.epochs,
            initial_epoch=first,
            validation_data=validation,
            callbacks=every,
            shuffle=False,  # the data are, as a function of the epoch
            verbose=1 if sys.stdout.isatty() else 2,
        )
        return dict(checkpoint.history)

    def keep(self, model: keras.Model, name: str = "model") -> Path:
        """Save the weights and load them back: what is tested is what was saved.

        Parameters
        ----------
        model : keras.Model
            Any.
        name : str
            Of the file, without its ending.

        Returns
        -------
        Path
            For `model.load_weights(path)`.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        path = self.out / f"{name}.weights.h5"
        model.save_weights(part := self.out / f"{name}.tmp.weights.h5")
        # those of an older run are not of these weights
        (self.out / "results.json").unlink(missing_ok=True)
        part.replace(path)
        model.load_weights(path)
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
        options = {name: str(value) for name, value in vars(self.args).items()}
        options |= {"device": self.device, "precision": self.policy}
        content = {"results": found, "options": options, "history": _plain(history)}
        _write(self.out, content, figures)
        shutil.rmtree(self.checkpoints(), ignore_errors=True)
        now = _times(self.out).items()
        print("written", *(path for path, at in now if self.before.get(path) != at))
        return found


def _device(parser: argparse.ArgumentParser, name: str) -> str:
    """Find the device, and try whether it works."""
    if name == "auto":
        try:
            _compute("gpu")
        except Exception:  # there is none; each backend has its own
            return "cpu"
        return "gpu"
    try:
        _compute(name)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        parser.error(f"--device cannot be used. Received: {name} ({reason})")
    return name


def _compute(name: str) -> None:
    """Compute on a device: TensorFlow takes the CPU in silence if it is not there."""
    with keras.device(name):
        value = keras.ops.zeros(1) + 1
    keras.ops.convert_to_numpy(value)
    where = str(getattr(value, "device", name)).lower()
    kind, _, number = name.lower().partition(":")
    other = number and ":" in where and not where.endswith(f":{number}")
    if "cpu" not in kind and ("cpu" in where or other):
        raise ValueError(f"computed on {where}")


def _write(out: Path, content: dict[str, Any], figures: Mapping[str, Any]) -> None:
    """Write the numbers and the pictures, and print what was found."""
    versions = {"python": platform.python_version(), "keras": keras.__version__}
    versions["backend"] = keras.backend.backend()
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
