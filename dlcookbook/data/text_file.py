"""Any text file in UTF-8, cut in order into training, validation and test part."""

import os
import warnings
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["load_text_split", "read_text", "text_windows"]


class Part(NamedTuple):
    """A text in bytes: what comes before each byte, and the byte."""

    inputs: np.ndarray
    targets: np.ndarray


def load_text_split(
    path: str | os.PathLike, *, validation: float = 0.1, test: float = 0.1
) -> tuple[Part, Part, Part]:
    r"""Cut a text at two lines' ends: the last part is tested.

    Nothing is drawn at random: sentences from between those of the training part would
    be half known. Paragraphs of 100 letters and more, between blank lines, that an
    earlier part has word for word are taken out of the later one, and a warning says
    how many: a score of what was learned by heart tells nothing of new text.

    Parameters
    ----------
    path : path
        A text in UTF-8. All of it is held in memory, in 16 bytes for one.
    validation, test : float in [0.01, 0.4]
        Shares of the text; training gets what is before.

    Returns
    -------
    tuple of (inputs, targets), three of them: training, validation, test
        `targets`: ndarray, shape (N,), int64, 0 to 255: the text in UTF-8.
        `inputs`: the same, later by one: the byte before, a line's end at the start.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no text in UTF-8 or is empty, a share is outside its range, or there
        are too few lines for three parts.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "lines.txt"
    ...     _ = path.write_text("".join(f"line {i}\n" for i in range(10, 40)))
    ...     train, validation, test = load_text_split(path)
    >>> [len(part.targets) for part in (train, validation, test)]
    [192, 24, 24]
    >>> bytes(test.targets.astype("uint8"))
    b'line 37\nline 38\nline 39\n'

    References
    ----------
    Lee et al., "Deduplicating Training Data Makes Language Models Better", 2022.
    <https://arxiv.org/abs/2107.06499>
    """
    for name, share in {"validation": validation, "test": test}.items():
        if not 0.01 <= share <= 0.4:
            raise ValueError(f"{name} must be in [0.01, 0.4]. Received: {share}")
    text = read_text(path)
    cuts = [0, len(text)]
    for share in (test, validation + test):
        cuts.insert(1, text.find("\n", round((1 - share) * len(text)) - 1, cuts[1]) + 1)
    if cuts != sorted(set(cuts)):
        raise ValueError(
            f"{path} must have lines for three parts. Received: "
            f"{len(text.splitlines())} lines, {len(text)} characters"
        )
    seen: set[str] = set()
    parts, dropped = [], 0
    for start, end in pairwise(cuts):
        paragraphs = text[start:end].split("\n\n")
        keys = [" ".join(paragraph.split()) for paragraph in paragraphs]
        kept = [
            paragraph
            for key, paragraph in zip(keys, paragraphs, strict=True)
            if len(key) < 100 or key not in seen
        ]
        dropped += len(paragraphs) - len(kept)
        seen |= set(keys)
        if not "".join(kept).strip():
            raise ValueError(
                f"{path} must have text of its own in every part. Received: one that "
                "repeats earlier ones"
            )
        targets = np.frombuffer("\n\n".join(kept).encode(), "uint8").astype("int64")
        parts.append(Part(np.append(ord("\n"), targets[:-1]), targets))
    if dropped:
        warnings.warn(
            f"{dropped} paragraphs of {path} were taken out: an earlier part has them",
            stacklevel=2,
        )
    return parts[0], parts[1], parts[2]


def read_text(path: str | os.PathLike) -> str:
    r"""Read a text file strictly: in UTF-8, or not at all.

    A byte order mark at the start is dropped; the ends of lines of Windows and of old
    Macs become `\n`.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    str
        Its text, not empty.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a byte is no UTF-8 or is 0, or there is nothing but white space.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.txt"
    ...     _ = path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\r")
    ...     read_text(path)
    'one\ntwo\n'

    References
    ----------
    <https://docs.python.org/3/library/codecs.html#encodings-and-unicode>
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} must be a text file. Save any text in UTF-8, such as a book from "
            "https://www.gutenberg.org/, and name that file"
        )
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} must be in UTF-8: save it so in an editor. Received: "
            f"{data[error.start : error.start + 4].hex(' ')} at byte {error.start}"
        ) from None
    if "\0" in text:
        raise ValueError(
            f"{path} must be a text. Received: a zero at character {text.index(chr(0))}"
        )
    if not text.strip():
        raise ValueError(f"{path} must have text. Received: {len(data)} bytes, blank")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_windows(
    inputs: np.ndarray, targets: np.ndarray, length: int, step: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a text into windows that begin every `step` bytes, the last at its end.

    No target is in two windows: a window's first `length - step` targets are those of
    the window before, which has more context for them, and become -1. So every byte is
    predicted once, from `length - step` bytes before it at least, but for the text's
    own beginning.

    Parameters
    ----------
    inputs, targets : ndarray, shape (N,), int64
        As the loaders give them.
    length : int >= 1
        Of a window; of all of the text if that is shorter.
    step : int in [1, length]
        From one window to the next.

    Returns
    -------
    ndarray, ndarray, shape (windows, length), int64
        Inputs; targets, or -1.

    Raises
    ------
    ValueError
        If `step` is outside its range, or the shapes differ.

    Examples
    --------
    >>> x, y = text_windows(np.arange(7), np.arange(1, 8), length=4, step=2)
    >>> x.tolist()
    [[0, 1, 2, 3], [2, 3, 4, 5], [3, 4, 5, 6]]
    >>> y.tolist()
    [[1, 2, 3, 4], [-1, -1, 5, 6], [-1, -1, -1, 7]]

    References
    ----------
    Baevski & Auli, "Adaptive Input Representations for Neural Language Modeling",
    2019, section 5.4. <https://arxiv.org/abs/1809.10853>
    """
    if not 1 <= step <= length:
        raise ValueError(f"step must be in [1, length]. Received: {step}, {length}")
    if inputs.shape != targets.shape or not len(targets):
        raise ValueError(
            "inputs and targets must have one shape and not be empty. Received: "
            f"{inputs.shape}, {targets.shape}"
        )
    length = min(length, len(targets))
    last = len(targets) - length
    starts = np.minimum(np.arange(0, last + step, step), last)
    rows = starts[:, None] + np.arange(length)
    known = rows <= np.append(-1, rows[:-1, -1])[:, None]
    return inputs[rows], np.where(known, -1, targets[rows])
