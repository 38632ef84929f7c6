"""The help topics that come with Python, as text: training, validation, test part."""

import sys
from pydoc_data.topics import topics
from typing import NamedTuple

import numpy as np

__all__ = ["distinct_topics", "load_python_docs_split"]


class Part(NamedTuple):
    """A text in bytes: what comes before each byte, and the byte."""

    inputs: np.ndarray
    targets: np.ndarray


def distinct_topics() -> dict[str, str]:
    """Return the topics of `help("topics")` without what another topic says too.

    Many a topic is a chapter of a larger one. The longest comes first; a topic with
    more than half of its letters in paragraphs of longer ones is left out, and of any
    other such paragraphs are. Paragraphs are equal if their words are: they are
    indented and broken differently. Those of less than 20 letters, `Example:`, stay.

    Returns
    -------
    dict of str to str
        Texts by name, from the longest topic to the shortest.

    Examples
    --------
    >>> texts = distinct_topics()
    >>> "compound" in texts, "class" in texts  # the statement is a chapter of the first
    (True, False)

    References
    ----------
    The Python Language Reference, of which these topics are excerpts.
    <https://docs.python.org/3/reference/>
    """
    seen: set[str] = set()
    found = {}
    for name in sorted(topics, key=lambda name: (-len(topics[name]), name)):
        paragraphs = topics[name].strip("\n").split("\n\n")
        keys = [" ".join(paragraph.split()) for paragraph in paragraphs]
        sizes = np.array([len(key) for key in keys])
        old = np.array([len(key) >= 20 and key in seen for key in keys])
        if 2 * sizes[old].sum() > sizes.sum():
            continue
        kept = []
        for key, paragraph in zip(keys, paragraphs, strict=True):
            if len(key) < 20 or key not in seen:
                kept.append(paragraph)
            seen.add(key)
        found[name] = "\n\n".join(kept) + "\n"
    return found


def load_python_docs_split(
    seed: int = 0, *, validation: float = 0.1, test: float = 0.1
) -> tuple[Part, Part, Part]:
    r"""Split the help topics of Python into three parts: a topic is in one of them.

    The topics are put in an order by `seed`. Each goes to the test part if this does
    not get larger than its share by more than a twentieth, else to the validation part
    on the same condition, else to training: so do those that are longer than a share.
    Letters or lines drawn at random would leave every sentence's neighbours in
    training. Another version of Python has another text: `sys.version_info` belongs to
    every number that is got from it.

    Parameters
    ----------
    seed : int in [0, 2**32)
        Decides which topic goes where. Never choose it by the score that it gives.
    validation, test : float in [0.05, 0.4]
        Shares of all letters; training gets the rest.

    Returns
    -------
    tuple of (inputs, targets), three of them: training, validation, test
        `targets`: ndarray, shape (N,), int64, 0 to 255: the text in UTF-8.
        `inputs`: the same, later by one: the byte before, a line's end at the start.

    Raises
    ------
    ValueError
        If `seed` is outside its range or no integer, or a share is.

    Examples
    --------
    >>> train, validation, test = load_python_docs_split(seed=0)
    >>> len(train.targets) > 5 * len(test.targets) > 5 * 20_000
    True
    >>> bool((test.inputs[1:] == test.targets[:-1]).all())
    True
    >>> text = bytes(test.targets.astype("uint8")).decode()
    >>> "statement" in text, "\r" in text
    (True, False)

    References
    ----------
    Python Software Foundation, `pydoc_data/topics.py`; under Python's own licence.
    <https://docs.python.org/3/license.html>
    """
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be an integer in [0, 2**32). Received: {seed!r}")
    for name, share in {"validation": validation, "test": test}.items():
        if not 0.05 <= share <= 0.4:
            raise ValueError(f"{name} must be in [0.05, 0.4]. Received: {share}")
    texts = [text.encode() for text in distinct_topics().values()]
    total = sum(map(len, texts))
    parts: dict[str, list[bytes]] = {"test": [], "validation": [], "training": []}
    most = {"test": 1.05 * test * total, "validation": 1.05 * validation * total}
    for at in np.random.default_rng(seed).permutation(len(texts)):
        text = texts[at]
        for name, part in parts.items():
            if sum(map(len, part)) + len(text) <= most.get(name, total):
                part.append(text)
                break
    if empty := [name for name, part in parts.items() if not part]:
        raise ValueError(
            f"the help topics must fill every part. Received: none for {empty} of "
            f"Python {sys.version.split()[0]}"
        )
    found = {name: _part(b"\n\n".join(part)) for name, part in parts.items()}
    return found["training"], found["validation"], found["test"]


def _part(text: bytes) -> Part:
    """Put each byte beside the one before it."""
    targets = np.frombuffer(text, "uint8").astype("int64")
    return Part(np.append(ord("\n"), targets[:-1]), targets)
