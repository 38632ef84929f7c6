"""Checkpoints that survive: written whole or not at all, the last good ones kept."""

import contextlib
import os
import random
import warnings
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import torch

__all__ = ["load_checkpoint", "random_state", "save_checkpoint", "set_random_state"]

_FORMAT = "dlcookbook-checkpoint-1"
# What torch.load(weights_only=True) gives back.
_PLAIN = (bool, int, float, complex, str, bytes, type(None), torch.Size, torch.dtype)


def save_checkpoint(folder: str | os.PathLike, *, keep: int = 2, **state: Any) -> Path:
    """Write all that a training needs to go on, whole or not at all.

    The file is written beside the others under a temporary name, forced to the disk
    and then renamed; the folder is forced to the disk too. At every moment the newest
    `checkpoint-*.pt` is complete: a crash while writing costs this one, never the one
    before. The states of the random generators (Python, NumPy, PyTorch on the CPU and
    on every GPU) are put in. Of several processes, let one write.

    Parameters
    ----------
    folder : path
        Made if it is not there. One training, one folder.
    keep : int >= 1
        How many good checkpoints stay; the disk must have room for one more.
    **state : Any
        By name: what has a `state_dict` (model, optimizer, schedule, scaler, average),
        a `torch.Generator`, or tensors, numbers, strings, None and lists, tuples and
        dicts of them (epoch, step, best value). Not NumPy's: they cannot be loaded
        without running the file's own code.

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
    >>> model = torch.nn.Linear(3, 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for epoch in range(3):
    ...         file = save_checkpoint(folder, model=model, epoch=epoch)
    ...     print(file.name, load_checkpoint(folder, model=model))
    checkpoint-00000003.pt {'epoch': 2}

    References
    ----------
    Pillai et al., All file systems are not created equal, OSDI 2014.
    <https://www.usenix.org/conference/osdi14/technical-sessions/presentation/pillai>
    """
    if not isinstance(keep, int) or keep < 1:
        raise ValueError(f"keep must be a positive integer. Received: {keep!r}")
    parts = {name: part for name, part in state.items() if hasattr(part, "state_dict")}
    content: dict[str, Any] = {"format": _FORMAT, "random": random_state()}
    content["kinds"] = {name: type(part).__name__ for name, part in parts.items()}
    content["parts"] = {name: part.state_dict() for name, part in parts.items()}
    content["values"] = {
        name: value.get_state() if isinstance(value, torch.Generator) else value
        for name, value in state.items()
        if name not in parts
    }
    for name, value in {**content["values"], **content["parts"]}.items():
        if foreign := _foreign(value):
            raise ValueError(
                f"{name} must hold tensors and plain values only. Received: {foreign}"
            )
    folder = Path(folder)
    temporary = folder / "checkpoint.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        last = max((_number(file) for file in _files(folder)), default=0)
        path = folder / f"checkpoint-{last + 1:08d}.pt"
        with temporary.open("wb") as stream:
            torch.save(content, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        if os.name != "nt":  # a rename lasts once the folder is on the disk
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    except (OSError, RuntimeError) as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        cause = error.__context__ if isinstance(error, RuntimeError) else error
        reason = str(cause or error).partition("\n")[0]
        raise OSError(
            f"no checkpoint was written to {folder}, those before it remain. "
            f"Received: {reason}"
        ) from None
    # what cannot be read is no reason to delete what can
    good = [file for file in _files(folder) if zipfile.is_zipfile(file)]
    for file in good[:-keep]:
        file.unlink(missing_ok=True)
    return path


def load_checkpoint(
    folder: str | os.PathLike, *, rng: bool = True, **parts: Any
) -> dict[str, Any] | None:
    """Put the newest good checkpoint into `parts` and return its plain values.

    A file that cannot be read (empty, cut off, with a bit flipped, of something else)
    is passed over with a warning, and the one before it is taken. Nothing in a file is
    run.

    Parameters
    ----------
    folder : path
        The one given to `save_checkpoint`.
    rng : bool
        Set the random generators as they were. Not to evaluate a model: False.
    **parts : Any
        What has a `load_state_dict`, or a `torch.Generator`, under the names that they
        were saved by. What was saved and is not asked for is left alone.

    Returns
    -------
    dict or None
        The plain values by name; None if there is no checkpoint yet.

    Raises
    ------
    ValueError
        In one line, if a part is of another model or was not saved (nothing has been
        loaded then), or if there are files and none can be read.

    Examples
    --------
    >>> print(load_checkpoint("a folder that is not there yet"))
    None

    References
    ----------
    <https://docs.pytorch.org/docs/stable/notes/serialization.html>
    """
    saved, damaged = None, []
    for path in reversed(_files(Path(folder))):
        try:
            with zipfile.ZipFile(path) as archive:  # torch.load sees no flipped bit
                if broken := archive.testzip():
                    raise ValueError(f"{broken} has changed")
            saved = torch.load(path, map_location="cpu", weights_only=True)
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
    values = dict(saved["values"])
    loads = {name: saved["parts"].get(name, values.get(name)) for name in parts}
    for name, part in parts.items():
        if problem := _problem(name, part, loads[name], saved["kinds"]):
            raise ValueError(f"{path} is of another training. Received: {problem}")
    for name, part in parts.items():
        if isinstance(part, torch.Generator):
            part.set_state(values.pop(name))
        else:
            part.load_state_dict(loads[name])
    if rng:
        set_random_state(saved["random"])
    return values


def random_state() -> dict[str, Any]:
    """Return where Python's, NumPy's and PyTorch's random generators are.

    Returns
    -------
    dict
        Tensors and plain values, for `set_random_state` and for a file that is loaded
        with `weights_only=True`. All GPUs are in it if one is in use.

    Examples
    --------
    >>> state = random_state()
    >>> first = torch.rand(3)
    >>> set_random_state(state)
    >>> bool((torch.rand(3) == first).all())
    True

    References
    ----------
    <https://docs.pytorch.org/docs/stable/notes/randomness.html>
    """
    legacy: Any = np.random.get_state()  # noqa: NPY002  the one that others draw from
    name, keys, *rest = legacy
    gpus = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    return {
        "python": random.getstate(),
        "numpy": (str(name), keys.tolist(), *map(float, rest)),
        "torch": torch.get_rng_state(),
        "cuda": gpus,
    }


def set_random_state(state: dict[str, Any]) -> None:
    """Set the random generators to where they were.

    Parameters
    ----------
    state : dict
        From `random_state`. GPUs that are not here are left out.

    Examples
    --------
    >>> set_random_state(random_state())

    References
    ----------
    <https://docs.pytorch.org/docs/stable/notes/randomness.html>
    """
    random.setstate(state["python"])
    name, keys, place, has_gauss, gauss = state["numpy"]
    legacy = (name, np.array(keys, np.uint32), int(place), int(has_gauss), gauss)
    np.random.set_state(legacy)  # noqa: NPY002
    torch.set_rng_state(state["torch"])
    for device, gpu in enumerate(state["cuda"][: torch.cuda.device_count()]):
        torch.cuda.set_rng_state(gpu, device)


def _files(folder: Path) -> list[Path]:
    """Return the checkpoints of a folder, the newest last."""
    found = (file for file in folder.glob("checkpoint-*.pt") if _number(file))
    return sorted(found, key=_number)


def _number(file: Path) -> int:
    """Return the number of a checkpoint, 0 for any other file."""
    digits = file.stem.removeprefix("checkpoint-")
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _foreign(value: Any) -> str:
    """Name the first type within that cannot be loaded as weights only."""
    if hasattr(value, "device_mesh"):
        return "one process' part of a sharded tensor"
    if isinstance(value, torch.Tensor) or type(value) in _PLAIN:
        return ""
    if type(value) in (dict, OrderedDict, Counter):
        return _foreign([*value.keys(), *value.values()])
    if type(value) in (list, tuple, set):
        return next(filter(None, map(_foreign, value)), "")
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _problem(name: str, part: Any, saved: Any, kinds: dict[str, str]) -> str:
    """Say why a saved state does not fit, or nothing."""
    if saved is None:
        return f"no {name} was saved"
    if isinstance(part, torch.Generator):
        return ""
    kind = type(part).__name__
    if isinstance(part, torch.nn.Module):
        shapes = [
            {k: tuple(v.shape) for k, v in s.items() if isinstance(v, torch.Tensor)}
            for s in (saved, part.state_dict())
        ]
        for key in [*shapes[1], *shapes[0]]:
            there, here = (s.get(key, "nothing") for s in shapes)
            if there != here:
                return f"{name}: {key} is {there} in the file, {here} here"
    elif kinds[name] != kind:
        return f"{name} was a {kinds[name]}, now it is a {kind}"
    elif isinstance(part, torch.optim.Optimizer):
        sizes = [
            [len(group["params"]) for group in s["param_groups"]]
            for s in (saved, part.state_dict())
        ]
        if sizes[0] != sizes[1]:
            return f"{name} has {sizes[0]} weights per group, now {sizes[1]}"
    return ""
