"""Docstrings of the standard library, few of them labelled: of which package."""

import ast
import functools
import os
import re
import sysconfig
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = [
    "load_docstrings_split",
    "read_docstrings",
]

CLASSES = (
    *("asyncio", "email", "http", "importlib"),
    *("logging", "multiprocessing", "unittest", "xml"),
)
# Tests, what only some installations have, and what later versions no longer have.
_LEFT_OUT = {
    *("__pycache__", "distutils", "ensurepip", "idlelib", "lib2to3", "pydoc_data"),
    *("site-packages", "dist-packages", "test", "tests", "tkinter", "turtledemo"),
}


class Part(NamedTuple):
    """Texts and their labels, in the same order."""

    texts: np.ndarray
    labels: np.ndarray


def load_docstrings_split(
    seed: int = 0, *, labelled: int = 5, validation: int = 5, test: int = 60
) -> tuple[Part, Part, Part, np.ndarray]:
    """Split the docstrings of eight packages: few have a label to learn from.

    The label of a text is the package that its file is in, as `CLASSES` counts them.
    The fourth part are texts without a label, those that are left of these packages and
    those of all other modules; none of them is in the first three. All are texts of the
    Python that runs this: another version has others, and gives other scores.

    Parameters
    ----------
    seed : int in [0, 2**32)
        Decides which text goes where. Never choose it by the score that it gives.
    labelled, validation, test : int >= 1
        Texts of each class in the three parts.

    Returns
    -------
    tuple of three (texts, labels), and texts: training, validation, test, unlabelled
        `texts`: ndarray of str, shape (N,); `labels`: ndarray, shape (N,), int64, 0 to
        7, each as often.

    Raises
    ------
    ValueError
        If `seed` is outside its range, or a class has fewer texts than asked for.
    FileNotFoundError
        If this Python has not got the files of its library.

    Examples
    --------
    >>> train, validation, test, unlabelled = load_docstrings_split(seed=0)
    >>> [len(part.labels) for part in (train, validation, test)]
    [40, 40, 480]
    >>> np.bincount(test.labels).tolist()
    [60, 60, 60, 60, 60, 60, 60, 60]
    >>> len(unlabelled) > 2000, bool(np.isin(test.texts, unlabelled).any())
    (True, False)

    References
    ----------
    <https://docs.python.org/3/library/>
    """
    sizes = {"labelled": labelled, "validation": validation, "test": test}
    texts, modules = (np.array(column) for column in zip(*_library(), strict=True))
    places = _places(seed, sizes, modules)
    train, held, tested = (
        Part(texts[place], np.repeat(np.arange(len(CLASSES)), size))
        for place, size in zip(places, sizes.values(), strict=True)
    )
    return train, held, tested, np.delete(texts, np.concatenate(places))


def read_docstrings(folder: str | os.PathLike | None = None) -> list[tuple[str, str]]:
    """Collect the docstrings of Python files, without running any of them.

    Of each text the first 60 words are kept; what has fewer than 6 is left out, and
    what is there more than once, be it with other capitals or marks, is left out
    altogether: in two packages it would have two labels, and in two parts the answer
    would be known.

    Parameters
    ----------
    folder : path, optional
        The standard library of the Python that runs this, if none is named.

    Returns
    -------
    list of (str, str)
        Text, and the package or module right below `folder` that it is from, in the
        order of the files' names.

    Raises
    ------
    FileNotFoundError
        If there is no docstring below the folder.

    Examples
    --------
    >>> rows = read_docstrings()
    >>> texts = [text for text, _ in rows]
    >>> len(set(texts)) == len(texts), set(CLASSES) < {module for _, module in rows}
    (True, True)

    References
    ----------
    <https://docs.python.org/3/library/ast.html#ast.get_docstring>
    """
    root = Path(sysconfig.get_path("stdlib") if folder is None else folder)
    kinds = ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef
    rows = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if not _LEFT_OUT.isdisjoint(parts):
            continue
        try:
            tree = ast.parse(path.read_text("utf-8"))
        except (SyntaxError, UnicodeDecodeError):  # files that are wrong on purpose
            continue
        for node in ast.walk(tree):
            text = ast.get_docstring(node) if isinstance(node, kinds) else None
            words = (text or "").split()[:60]
            if len(words) >= 6:
                rows.append((" ".join(words), parts[0].removesuffix(".py")))
    if not rows:
        raise FileNotFoundError(
            f"no docstring of 6 words is below {root}. Take a Python that was "
            "installed with the source files of its library"
        )
    keys = [" ".join(re.findall(r"\w+", text.lower())) for text, _ in rows]
    count = Counter(keys)
    return [row for row, key in zip(rows, keys, strict=True) if count[key] == 1]


@functools.cache
def _library() -> list[tuple[str, str]]:
    """Read the standard library once: it takes seconds."""
    return read_docstrings()


def _places(seed: int, sizes: dict[str, int], modules: np.ndarray) -> list[np.ndarray]:
    """Draw which texts are in the three parts."""
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be an integer in [0, 2**32). Received: {seed!r}")
    for name, size in sizes.items():
        if not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(f"{name} must be an integer >= 1. Received: {size!r}")
    rng, places = np.random.default_rng(seed), []
    for name in CLASSES:
        own = rng.permutation(np.flatnonzero(modules == name))
        if len(own) < sum(sizes.values()):
            raise ValueError(
                f"labelled + validation + test must be {len(own)} or less, the number "
                f"of texts of {name}. Received: {sum(sizes.values())}"
            )
        places.append(np.split(own, np.cumsum(list(sizes.values()))))
    *chosen, _ = (np.concatenate(part) for part in zip(*places, strict=True))
    return chosen
