"""Find the code fences of a Markdown page: the one scanner that every tool shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

OPENING = re.compile(
    r"(?P<prefix>(?:[ \t]|>[ \t]?)*)(?P<marks>`{3,}|~{3,})(?P<info>.*)"
)
TAB = re.compile(
    r"\s*(?P<marks>/{3,})\s*(?:(?P<kind>\w[\w-]*)(?:\s*\|\s*(?P<title>.*))?)?"
)
VALUE = re.compile(r"""([\w-]+)=("[^"]*"|'[^']*'|[^\s}]+)""")
PYTHON = {"py", "python", "python3"}


@dataclass(frozen=True)
class Fence:
    """A fence as its author wrote it, and the code as its reader sees it.

    Attributes
    ----------
    line : int
        Line of the opening marks, counted from 1.
    end : int
        Line of the closing marks; one past the last line when they are missing.
    prefix : str
        What stands before the marks: spaces, tabs and the ``>`` of a quotation.
    tab : str or None
        Label of the content tab around the fence, such as ``"PyTorch"``.
    language : str
        First word of the info string, lower case.
    code : str
        The lines between the marks, without the prefix.
    words : tuple of str
        Options without a value, such as ``"continuation"`` or ``".output"``.
    values : dict of str to str
        Options with a value, such as ``title``.
    braced : bool
        Whether all options without a value stand in braces.
    closed : bool
        Whether closing marks were found.
    """

    line: int
    end: int
    prefix: str
    tab: str | None
    language: str
    code: str
    words: tuple[str, ...]
    values: dict[str, str]
    braced: bool
    closed: bool

    @property
    def is_python(self) -> bool:
        """Whether the block is marked as Python."""
        return self.language in PYTHON

    @property
    def is_output(self) -> bool:
        """Whether the block shows what the snippet above it prints."""
        return ".output" in self.words

    @property
    def continues(self) -> bool:
        """Whether the block goes on with the names of the block before it."""
        return "continuation" in self.words

    @property
    def is_run(self) -> bool:
        """Whether the block is a snippet that must run."""
        return self.is_python and ".notest" not in self.words


def scan(text: str) -> list[Fence]:
    r"""List the fences of a Markdown text in the order of its lines.

    A fence counts at any depth: at the margin, in the indented body of a tab, an
    admonition or a list, and in a quotation.

    Parameters
    ----------
    text : str
        A whole page.

    Returns
    -------
    list of Fence
        A fence without closing marks runs to the end of the text.

    Examples
    --------
    >>> [fence] = scan('```python {continuation title="x"}\ny = x + 1\n```')
    >>> fence.language, fence.words, fence.values, fence.code
    ('python', ('continuation',), {'title': 'x'}, 'y = x + 1\n')
    """
    return list(_fences(text.split("\n")))


def _fences(lines: list[str]) -> Iterator[Fence]:
    blocks: list[tuple[str, str | None]] = []
    at = 0
    while at < len(lines):
        opening = OPENING.fullmatch(lines[at])
        # Backticks after the marks make it inline code, not a fence.
        if not opening or (opening["marks"][0] == "`" and "`" in opening["info"]):
            _follow_blocks(blocks, lines[at])
            at += 1
            continue
        mark, width = opening["marks"][0], len(opening["marks"])
        closing = re.compile(rf"(?:[ \t]|>[ \t]?)*{mark}{{{width},}}[ \t]*")
        end = at + 1
        while end < len(lines) and not closing.fullmatch(lines[end]):
            end += 1
        language, words, values, braced = _read_info(opening["info"])
        yield Fence(
            line=at + 1,
            end=end + 1,
            prefix=opening["prefix"],
            tab=next((tab for _, tab in reversed(blocks) if tab is not None), None),
            language=language,
            code="".join(
                _without_prefix(line, opening["prefix"]) + "\n"
                for line in lines[at + 1 : end]
            ),
            words=words,
            values=values,
            braced=braced,
            closed=end < len(lines),
        )
        at = end + 1


def _follow_blocks(blocks: list[tuple[str, str | None]], line: str) -> None:
    """Keep the stack of open ``/// kind | title`` blocks in step with a line."""
    found = TAB.fullmatch(line)
    if not found:
        return
    if found["kind"]:
        label = (found["title"] or "").strip() if found["kind"] == "tab" else None
        blocks.append((found["marks"], label))
    elif any(marks == found["marks"] for marks, _ in blocks):
        while blocks.pop()[0] != found["marks"]:
            pass


def _read_info(info: str) -> tuple[str, tuple[str, ...], dict[str, str], bool]:
    values = {name: value.strip("\"'") for name, value in VALUE.findall(info)}
    rest = VALUE.sub(" ", info)
    outside = re.sub(r"\{[^}]*\}", " ", rest).split()
    inside = " ".join(re.findall(r"\{([^}]*)\}", rest)).split()
    # `{.python .extra}` names the language by its first class.
    first, *others = [*outside, *inside] or [""]
    return first.removeprefix(".").lower(), tuple(others), values, len(outside) < 2


def _without_prefix(line: str, prefix: str) -> str:
    if ">" in prefix:
        return re.sub(rf"^(?:[ \t]*>[ \t]?){{1,{prefix.count('>')}}}", "", line)
    width = len(prefix.expandtabs(4))
    spaced = line.expandtabs(4) if "\t" in line[: width + 1] else line
    return spaced[width:] if not spaced[:width].strip() else spaced.lstrip()
