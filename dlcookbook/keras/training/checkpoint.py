"""Checkpoints that survive: written whole or not at all, the last good ones kept."""

import contextlib
import json
import math
import os
import random
import warnings
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

__all__ = ["Checkpoint", "ShuffledArrays", "load_checkpoint", "save_checkpoint"]

_FORMAT = "dlcookbook-checkpoint-1"


def save_checkpoint(
    folder: str | os.PathLike, model: keras.Model, *, keep: int = 2, **state: Any
) -> Path:
    """Write all that a training needs to go on, whole or not at all.

    The file is written beside the others under a temporary name, forced to the disk
    and then renamed; the folder is forced to the disk too. At every moment the newest
    `checkpoint-*.npz` is complete: a crash while writing costs this one, never the one
    before. In it are the variables of the model (weights, statistics, seeds of its
    dropouts) and of its optimizer (moments, iterations, learning rate), and where the
    random generators of Python and NumPy are.

    Parameters
    ----------
    folder : path
        Made if it is not there. One training, one folder.
    model : keras.Model
        Built and compiled.
    keep : int >= 1
        How many good checkpoints stay; the disk must have room for one more.
    **state : Any
        By name: numbers, strings, None and lists and dicts of them, lists of arrays,
        and what has a `state_dict` of these, such as `EarlyStopping`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If `keep` is not positive or `state` holds what could not be loaded again.
    OSError
        In one line, if the file cannot be written; the checkpoints before it remain.

    Examples
    --------
    >>> import tempfile
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> model.compile("adam", "mse")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for epoch in range(3):
    ...         file = save_checkpoint(folder, model, epoch=epoch)
    ...     print(file.name, load_checkpoint(folder, model))
    checkpoint-00000003.npz {'epoch': 2}

    References
    ----------
    Pillai et al., All file systems are not created equal, OSDI 2014.
    <https://www.usenix.org/conference/osdi14/technical-sessions/presentation/pillai>
    """
    if not isinstance(keep, int) or keep < 1:
        raise ValueError(f"keep must be a positive integer. Received: {keep!r}")
    arrays = {
        f"variable {at}": keras.ops.convert_to_numpy(variable)
        for at, (_, variable) in enumerate(_variables(model))
    }
    legacy: Any = np.random.get_state()  # noqa: NPY002  the one that others draw from
    arrays["random"] = legacy[1]
    plain: dict[str, Any] = {
        "format": _FORMAT,
        "names": [name for name, _ in _variables(model)],
        "random": [random.getstate(), legacy[0], *map(float, legacy[2:])],
        "values": {},
    }
    for name, value in state.items():
        value = value.state_dict() if hasattr(value, "state_dict") else value
        plain["values"][name] = _without_arrays(name, value, arrays)
    try:
        text = json.dumps(plain)
    except TypeError as error:
        raise ValueError(
            f"state must hold arrays in lists and plain values. Received: {error}"
        ) from None
    folder = Path(folder)
    temporary = folder / "checkpoint.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        last = max((_number(file) for file in _files(folder)), default=0)
        path = folder / f"checkpoint-{last + 1:08d}.npz"
        with temporary.open("wb") as stream:
            np.savez(stream, plain=np.array(text), **arrays)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        if os.name != "nt":  # a rename lasts once the folder is on the disk
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise OSError(
            f"no checkpoint was written to {folder}, those before it remain. "
            f"Received: {error}"
        ) from None
    # what cannot be read is no reason to delete what can
    good = [file for file in _files(folder) if zipfile.is_zipfile(file)]
    for file in good[:-keep]:
        file.unlink(missing_ok=True)
    return path


def load_checkpoint(
    folder: str | os.PathLike, model: keras.Model, *, rng: bool = True, **parts: Any
) -> dict[str, Any] | None:
    """Put the newest good checkpoint into `model` and return its plain values.

    A file that cannot be read (empty, cut off, with a bit flipped, of something else)
    is passed over with a warning, and the one before it is taken. Nothing in a file is
    run.

    Parameters
    ----------
    folder : path
        The one given to `save_checkpoint`.
    model : keras.Model
        Built and compiled as the one that was saved.
    rng : bool
        Set the random generators as they were. Not to evaluate a model: False.
    **parts : Any
        What has a `load_state_dict`, under the names that they were saved by.

    Returns
    -------
    dict or None
        The values by name; None if there is no checkpoint yet.

    Raises
    ------
    ValueError
        In one line, if the file is of another model or a part was not saved (nothing
        has been loaded then), or if there are files and none can be read.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> print(load_checkpoint("a folder that is not there yet", model))
    None

    References
    ----------
    <https://keras.io/guides/serialization_and_saving/>
    """
    saved, damaged = None, []
    for path in reversed(_files(Path(folder))):
        try:
            with (
                path.open("rb") as stream,
                np.load(stream, allow_pickle=False) as archive,
            ):
                arrays = {name: archive[name] for name in archive.files}
            saved = json.loads(str(arrays["plain"]))
            if saved["format"] != _FORMAT:
                raise ValueError("another format")
            break
        except Exception as error:  # whatever a damaged file makes of it
            saved = None
            damaged.append(f"{path} ({str(error).partition(chr(10))[0][:80]})")
            warnings.warn(f"cannot be read, passed over: {damaged[-1]}", stacklevel=2)
    if saved is None:
        if damaged:
            raise ValueError(f"no checkpoint can be read. Received: {damaged[0]}")
        return None
    own, names = _variables(model), saved["names"]
    here = {name: tuple(variable.shape) for name, variable in own}
    there = {name: arrays[f"variable {at}"].shape for at, name in enumerate(names)}
    there |= {name: "nothing" for name in parts if name not in saved["values"]}
    for name in [*here, *there]:
        if there.get(name) != here.get(name):
            raise ValueError(
                f"{path} is of another training. Received: {name} is "
                f"{there.get(name, 'nothing')} in the file, {here.get(name)} here"
            )
    for at, (_, variable) in enumerate(own):
        array = arrays[f"variable {at}"]
        if array.dtype.kind == "V":  # NumPy has no name for bfloat16
            array = array.view(keras.ops.convert_to_numpy(variable).dtype)
        variable.assign(array)
    values = {n: _with_arrays(n, v, arrays) for n, v in saved["values"].items()}
    for name, part in parts.items():
        part.load_state_dict(values.pop(name))
    if rng:
        (version, numbers, gauss), kind, *rest = saved["random"]
        random.setstate((version, tuple(numbers), gauss))
        legacy = (kind, arrays["random"], int(rest[0]), int(rest[1]), rest[2])
        np.random.set_state(legacy)  # noqa: NPY002
    return values


class Checkpoint(keras.callbacks.Callback):
    """Save every epoch, and go on in `fit` where the folder ends.

    A loss that is NaN or infinite stops the training with an error before it can get
    into a checkpoint. Exact at the ends of epochs, if the batches of an epoch are a
    function of its number: `ShuffledArrays`. What `fit` shuffles itself can have
    another order after a restart. On the torch backend give each dropout a `seed`:
    without one it draws from PyTorch's own generator, which is not saved.

    Parameters
    ----------
    folder : path
        One training, one folder.
    data : ShuffledArrays, optional
        Told which epoch it is.
    keep : int >= 1
        How many good checkpoints stay.
    parts : dict of str to callback, optional
        What has `state_dict` and `load_state_dict`, such as `EarlyStopping`. It comes
        before this one in the list of callbacks.

    Attributes
    ----------
    history : dict of str to list of float
        Numbers of every epoch, those before an interruption included.

    Examples
    --------
    >>> import tempfile
    >>> x = np.ones((8, 1), "float32")
    >>> def train(folder, epochs):
    ...     model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    ...     model.compile("sgd", "mse")
    ...     data = ShuffledArrays(x, x, batch_size=4, seed=0)
    ...     checkpoint = Checkpoint(folder, data)
    ...     first = checkpoint.resume(model)
    ...     return model.fit(data, epochs=epochs, initial_epoch=first, verbose=0,
    ...                      callbacks=[checkpoint])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     train(folder, 2).epoch, train(folder, 5).epoch
    ([0, 1], [2, 3, 4])

    References
    ----------
    <https://keras.io/api/callbacks/>
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        data: Any = None,
        keep: int = 2,
        parts: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.folder, self.data, self.keep, self.parts = folder, data, keep, parts or {}
        self.history: dict[str, list[float]] = {}
        self.random: Any = None

    def resume(self, model: keras.Model) -> int:
        """Load the newest good checkpoint, or write the first one.

        Parameters
        ----------
        model : keras.Model
            Built and compiled.

        Returns
        -------
        int
            For `initial_epoch` of `fit`; 0 in an empty folder.

        Raises
        ------
        ValueError
            If the folder holds another training, or nothing that can be read.
        OSError
            If the folder cannot be written to.
        """
        found = load_checkpoint(self.folder, model, **self.parts)
        if found is None:
            save_checkpoint(
                self.folder, model, keep=self.keep, epoch=0, history={}, **self.parts
            )
        legacy: Any = np.random.get_state()  # noqa: NPY002
        self.random = random.getstate(), legacy
        self.history = (found or {}).get("history", {})
        return found["epoch"] if found else 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Take back what building the model has drawn; Keras calls it.

        Parameters
        ----------
        logs : dict
            Not used.
        """
        if self.random is not None:
            random.setstate(self.random[0])
            np.random.set_state(self.random[1])  # noqa: NPY002

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Tell the data which epoch it is; Keras calls it.

        Parameters
        ----------
        epoch : int
            Number of the epoch that begins, from 0.
        logs : dict
            Not used.
        """
        if self.data is not None:
            self.data.epoch = epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save; Keras calls it.

        Parameters
        ----------
        epoch : int
            Number of the epoch that ends, from 0.
        logs : dict
            Numbers of this epoch, by name.

        Raises
        ------
        FloatingPointError
            If the loss or a weight is NaN or infinite.
        """
        loss = (logs or {}).get("loss", 0.0)
        finite = all(np.isfinite(weight).all() for weight in self.model.get_weights())
        if not (finite and math.isfinite(loss)):
            raise FloatingPointError(
                f"the loss or a weight is NaN or infinite in epoch {epoch + 1}; "
                f"{self.folder} is from before it. Received: a loss of {loss}"
            )
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(float(value))
        now = {"epoch": epoch + 1, "history": self.history}
        save_checkpoint(self.folder, self.model, keep=self.keep, **now, **self.parts)


class ShuffledArrays(keras.utils.PyDataset):
    """Batches of arrays in an order that is a function of the seed and the epoch.

    Parameters
    ----------
    x, y : ndarray, shape (N, ...)
        As `fit` takes them.
    batch_size : int >= 1
        Examples per batch; the last one may have fewer.
    seed : int >= 0
        Another seed, another order.

    Raises
    ------
    ValueError
        If there is nothing in them, or not as much in both, or no batch size.

    Examples
    --------
    >>> data = ShuffledArrays(np.arange(4), np.arange(4), batch_size=2, seed=0)
    >>> first = [data[0][0].tolist(), data[1][0].tolist()]
    >>> data.on_epoch_end()
    >>> data.epoch, sorted(sum(first, []))
    (1, [0, 1, 2, 3])

    References
    ----------
    <https://keras.io/api/utils/python_utils/>
    """

    def __init__(self, x: Any, y: Any, batch_size: int = 32, seed: int = 0) -> None:
        super().__init__()
        if len(x) != len(y) or not len(x):
            raise ValueError(
                f"x and y must be as long as each other. Received: {len(x)}, {len(y)}"
            )
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size must be positive. Received: {batch_size!r}")
        self.x, self.y, self.batch_size, self.seed = x, y, batch_size, seed
        self.epoch = 0

    def __len__(self) -> int:
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.x))
        rows = order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.x[rows], self.y[rows]

    def on_epoch_end(self) -> None:
        """Go on to the order of the next epoch; Keras calls it."""
        self.epoch += 1


def _variables(model: keras.Model) -> list[tuple[str, Any]]:
    """Return the variables of a model and its optimizer, by names that come again."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and not optimizer.built:
        optimizer.build(model.trainable_variables)
    kind, moments = type(optimizer).__name__, getattr(optimizer, "variables", [])
    named = [(f"model/{at}/{v.name}", v) for at, v in enumerate(model.variables)]
    return named + [(f"{kind}/{at}", v) for at, v in enumerate(moments)]


def _without_arrays(name: str, value: Any, arrays: dict[str, Any]) -> Any:
    """Put lists of arrays aside and leave their number in their place."""
    if isinstance(value, dict):
        return {k: _without_arrays(f"{name}/{k}", v, arrays) for k, v in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
        arrays |= {f"{name} {at}": array for at, array in enumerate(value)}
        return {"arrays": len(value)}
    return value


def _with_arrays(name: str, value: Any, arrays: dict[str, Any]) -> Any:
    """Put them back."""
    if isinstance(value, dict):
        if [*value] == ["arrays"]:
            return [arrays[f"{name} {at}"] for at in range(value["arrays"])]
        return {k: _with_arrays(f"{name}/{k}", v, arrays) for k, v in value.items()}
    return value


def _files(folder: Path) -> list[Path]:
    """Return the checkpoints of a folder, the newest last."""
    found = (file for file in folder.glob("checkpoint-*.npz") if _number(file))
    return sorted(found, key=_number)


def _number(file: Path) -> int:
    """Return the number of a checkpoint, 0 for any other file."""
    digits = file.stem.removeprefix("checkpoint-")
    return int(digits) if digits.isascii() and digits.isdigit() else 0
