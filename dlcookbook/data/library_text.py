"""Docstrings of Python's standard library: what a function gives back, topics."""

import ast
import re
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["load_returns_split", "load_topics_split"]

# What a text is about, by the words that give it away.
TOPICS = {
    "errors": r"errors?|exceptions?|raise[sd]?|raising|fail(?:s|ed|ures?)?|warnings?"
    r"|tracebacks?|\w+(?:error|exception|warning)",
    "files": r"files?|filenames?|paths?|pathnames?|director(?:y|ies)|dirs?|folders?",
    "numbers": r"numbers?|ints?|integers?|floats?|floating|decimals?|digits?|numeric",
    "text": r"str|strings?|texts?|characters?|chars?|unicode|words?",
    "time": r"times?|timeouts?|seconds?|dates?|datetimes?|days?|hours?|minutes?"
    r"|timestamps?|clocks?",
    "network": r"sockets?|servers?|clients?|hosts?|hostnames?|urls?|https?"
    r"|connections?|ports?|networks?|address(?:es)?",
    "threads": r"threads?|threading|process(?:es)?|subprocess(?:es)?|locks?|tasks?"
    r"|coroutines?|async\w*|concurrent\w*",
}
# Tests, tools and tables, what is not part of it, and what later versions have not got.
_ASIDE = {
    *("test", "tests", "idle_test", "idlelib", "turtledemo", "lib2to3", "ensurepip"),
    *("site-packages", "dist-packages", "encodings", "pydoc_data", "distutils"),
}
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")


class Part(NamedTuple):
    """Texts and what is asked about them, in the same order."""

    texts: np.ndarray
    targets: np.ndarray


def load_returns_split(
    seed: int = 0, *, validation: float = 0.15, test: float = 0.2
) -> tuple[Part, Part, Part]:
    """Split docstrings of functions: does the code below give a value back.

    1 if the function's own body, functions in it aside, has a `yield` or a `return`
    with a value that is not the word None; else 0. Left out are: functions with nothing
    but `pass` and `raise`, texts of fewer than three words, examples (from the first
    `>>>` on), copies of a text, word for word, and texts that stand above both kinds.
    A few near copies stay, some of them in two parts.

    Whole modules go to one part, so that nothing is learned about a test text from its
    neighbours; a module with more than a twentieth of all texts goes to training. The
    files are those of the Python that runs: another version has other texts, and its
    numbers differ a little.

    Parameters
    ----------
    seed : int >= 0
        Decides which module goes where.
    validation, test : float in (0, 1)
        Shares of the texts, roughly: modules are not cut.

    Returns
    -------
    tuple of (texts, targets), three of them: training, validation, test
        `texts`: ndarray, shape (N,), of str; `targets`: ndarray, shape (N,), int64, 1
        if a value is given back.

    Raises
    ------
    FileNotFoundError
        If this Python has come without its source files.
    ValueError
        If a share leaves a part empty.

    Examples
    --------
    >>> train, validation, test = load_returns_split(seed=0)
    >>> len(train.texts) > 2000, set(train.texts) & set(test.texts)
    (True, set())
    >>> [set(part.targets.tolist()) for part in (train, validation, test)]
    [{0, 1}, {0, 1}, {0, 1}]

    References
    ----------
    Goodger & van Rossum, PEP 257, Docstring Conventions, 2001.
    <https://peps.python.org/pep-0257/>
    """
    found: dict[str, set[tuple[str, int]]] = {}
    for module, text, node in _docstrings():
        if isinstance(node, _FUNCTIONS) and not _empty(node.body):
            words = _WORD.findall(text.lower())
            if len(words) >= 3:
                known = found.setdefault(" ".join(words), set())
                known.add((module, int(_gives(node))))
    modules, texts, targets = [], [], []
    for text, known in found.items():
        # a text of two modules would be in two parts
        if len({kind for _, kind in known}) == 1:
            module, kind = min(known)
            modules.append(module)
            texts.append(text)
            targets.append(kind)
    return _split(modules, texts, np.array(targets, np.int64), seed, validation, test)


def load_topics_split(
    seed: int = 0, *, validation: float = 0.15, test: float = 0.2
) -> tuple[Part, Part, Part]:
    """Split docstrings by module, without the words that give their topics away.

    A text has a topic if one of its words, in lower case, matches the topic's pattern
    in `TOPICS` as a whole. All words that match any pattern are then taken out: what is
    left must tell. Left out are examples (from the first `>>>` on), what has fewer than
    five words left, and copies, word for word. Modules are kept together, as
    `load_returns_split` does; here, too, a few near copies stay, and another version of
    Python has other texts.

    Parameters
    ----------
    seed : int >= 0
        Decides which module goes where.
    validation, test : float in (0, 1)
        Shares of the texts, roughly: modules are not cut.

    Returns
    -------
    tuple of (texts, targets), three of them: training, validation, test
        `texts`: ndarray, shape (N,), of str; `targets`: ndarray, shape (N, 7), float32,
        1 for each topic that a text has, in the order of `TOPICS`.

    Raises
    ------
    FileNotFoundError
        If this Python has come without its source files.
    ValueError
        If a share leaves a part empty.

    Examples
    --------
    >>> train, validation, test = load_topics_split(seed=0)
    >>> train.targets.shape[1] == len(TOPICS), set(train.texts) & set(test.texts)
    (True, set())

    References
    ----------
    Goodger & van Rossum, PEP 257, Docstring Conventions, 2001.
    <https://peps.python.org/pep-0257/>
    """
    patterns = [re.compile(rf"(?:{pattern})\Z") for pattern in TOPICS.values()]
    found: dict[str, tuple[str, list[bool]]] = {}
    for module, text, _ in _docstrings():
        words = _WORD.findall(text.lower())
        hits = [[bool(p.match(word)) for p in patterns] for word in words]
        left = [w for w, hit in zip(words, hits, strict=True) if not any(hit)]
        if sum(word.isalpha() for word in left) >= 5:
            row = [any(column) for column in zip(*hits, strict=True)]
            found.setdefault(" ".join(left), (module, row))
    modules = [module for module, _ in found.values()]
    targets = np.array([row for _, row in found.values()], np.float32)
    return _split(modules, list(found), targets, seed, validation, test)


def _docstrings() -> Iterator[tuple[str, str, ast.AST]]:
    """Read every docstring with the name of its module and what it stands in."""
    root, count = Path(sysconfig.get_path("stdlib")), 0
    for path in sorted(root.rglob("*.py")):
        names = path.relative_to(root).parts
        if not _ASIDE.isdisjoint(names):
            continue
        tree = ast.parse(path.read_bytes())
        for node in (tree, *_definitions(tree.body)):
            text = ast.get_docstring(node)
            if text:
                count += 1
                text = re.split(r"^\s*>>>", text, maxsplit=1, flags=re.M)[0]
                yield names[0].removesuffix(".py"), text, node
    if count < 1000:
        raise FileNotFoundError(
            f"the source files of Python are not in {root}. Install Python with its "
            f"standard library as .py files. Received: {count} docstrings"
        )


def _definitions(body: list[ast.stmt]) -> Iterator[ast.ClassDef | _FUNCTIONS]:
    """Find functions and classes, also those in classes and behind an `if`."""
    for node in body:
        if isinstance(node, ast.ClassDef | _FUNCTIONS):
            yield node
        if isinstance(node, ast.ClassDef | _FUNCTIONS | ast.If | ast.With | ast.Try):
            for name in ("body", "orelse", "finalbody"):
                yield from _definitions(getattr(node, name, []))
            for handler in getattr(node, "handlers", []):
                yield from _definitions(handler.body)


def _empty(body: list[ast.stmt]) -> bool:
    """Say whether there is nothing but a docstring, `...`, `pass` and `raise`."""

    def idle(node: ast.stmt) -> bool:
        constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        return constant or isinstance(node, ast.Pass | ast.Raise)

    return all(map(idle, body))


def _gives(function: ast.AST) -> bool:
    """Say whether a function's own body gives a value back."""
    nodes = list(ast.iter_child_nodes(function))
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if isinstance(node, ast.Return) and node.value is not None:
            value = node.value
            if not (isinstance(value, ast.Constant) and value.value is None):
                return True
        if not isinstance(node, ast.ClassDef | ast.Lambda | _FUNCTIONS):
            nodes += ast.iter_child_nodes(node)
    return False


def _split(
    modules: list[str],
    texts: list[str],
    targets: np.ndarray,
    seed: int,
    validation: float,
    test: float,
) -> tuple[Part, Part, Part]:
    """Fill test and validation part with whole modules; the rest is for training."""
    counts = Counter(modules)
    names = sorted(name for name in counts if counts[name] <= len(texts) / 20)
    order = np.random.default_rng(seed).permutation(names).tolist()
    held: list[set[str]] = []
    for share in (validation, test):
        taken: set[str] = set()
        while order and sum(counts[name] for name in taken) < share * len(texts):
            taken.add(order.pop())
        held.append(taken)
    first, second = (np.isin(modules, sorted(taken)) for taken in held)
    if not first.any() or not second.any() or not order:
        raise ValueError(
            "validation and test must leave texts for each part. Received: "
            f"{validation}, {test}"
        )
    every = np.array(texts, object)
    rows = ~(first | second), first, second
    train, kept, tested = (Part(every[row], targets[row]) for row in rows)
    return train, kept, tested
