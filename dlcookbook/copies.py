"""Copies of recipes in other people's projects: the stamp, and how a copy ages."""

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from dlcookbook import __version__
from dlcookbook.catalog import CookbookError, Recipe, find

STAMP = re.compile(
    r"^# dlcookbook (\S+): (\S+) sha256=([0-9a-f]{12})\b.*(?:\n|\Z)", re.M
)
STATES = {
    # edited by the user, moved upstream
    (False, False): "up to date",
    (False, True): "update available; you have not edited it",
    (True, False): "edited by you; upstream has not changed",
    (True, True): "diverged: edited by you, and upstream has changed",
}


@dataclass(frozen=True)
class Age:
    """How a copy stands to its recipe.

    Attributes
    ----------
    name : str
        The recipe.
    words : str
        One of the four states, and the versions.
    moved : bool
        Whether upstream has changed since the copy was made.
    changes : str
        A diff: what upstream would change if it has moved, else what you changed.
    stamp : str
        The first line that a copy of today would have.
    """

    name: str
    words: str
    moved: bool
    changes: str
    stamp: str


def plain(text: str) -> str:
    """Return `text` without its stamp and with one newline at its end."""
    return STAMP.sub("", text, count=1).rstrip() + "\n"


def digest(text: str) -> str:
    """Return the part of the hash of `text` that a stamp holds."""
    return hashlib.sha256(plain(text).encode()).hexdigest()[:12]


def stamp(recipe: Recipe, text: str) -> str:
    """Return the line that says where `text` comes from and what it was."""
    origin = f"# dlcookbook {__version__}: {recipe.name} sha256={digest(text)}"
    return f"{origin} (yours to edit; MIT)"


def bundle(recipe: Recipe) -> dict[str, str]:
    """Return the files to write for `recipe`, stamped: names and texts, its own first.

    What it imports of dlcookbook lies next to it, and the imports say so. No file is
    called like a module that one of them imports from elsewhere.
    """
    taken = {*sys.stdlib_module_names, *recipe.modules}
    flat: dict[str, str] = {}
    for file in recipe.files:
        topic = file.path.parent.name
        flat[file.name] = f"{topic}_{file.short}" if file.short in taken else file.short
        taken.add(flat[file.name])
    texts = {}
    for file in recipe.files:
        body = "".join(standalone(file, flat))
        shebang = body[: body.index("\n") + 1] if body.startswith("#!") else ""
        line = stamp(file, body)
        texts[f"{flat[file.name]}.py"] = f"{shebang}{line}\n{body[len(shebang) :]}"
    return texts


def standalone(recipe: Recipe, flat: dict[str, str]) -> Iterator[str]:
    """Yield the lines of `recipe` with imports of neighbours in place of dlcookbook."""
    lines, done = recipe.text.splitlines(keepends=True), 0
    for node, names in recipe.uses:
        start, end = node.lineno - 1, node.end_lineno or node.lineno
        yield from lines[done:start]
        done = end
        module = f"dlcookbook.{names[0].replace('/', '.')}"
        if node.module == module:
            yield "".join(lines[start:end]).replace(module, flat[names[0]], 1)
            continue
        for alias, name in zip(node.names, names, strict=True):
            known = alias.asname or alias.name
            rest = "" if known == flat[name] else f" as {known}"
            yield f"{' ' * node.col_offset}import {flat[name]}{rest}\n"
    yield from lines[done:]


def place(recipe: Recipe, destination: Path) -> dict[Path, str]:
    """Return the texts of `bundle` by path: a ``.py`` is a file, all else a folder."""
    texts = bundle(recipe)
    if destination.suffix != ".py":
        return {destination / name: text for name, text in texts.items()}
    own, *brought = texts
    folder = {destination.parent / name: texts[name] for name in brought}
    return {destination: texts[own], **folder}


def current(path: Path) -> str:
    """Return what a file of the user holds, be it text or not."""
    return path.read_text("utf-8-sig", errors="replace")


def differs(path: Path, text: str) -> bool:
    """Whether `path` is not there or holds something else than `text`."""
    return plain(text) != (plain(current(path)) if path.exists() else None)


def write(files: dict[Path, str]) -> None:
    """Write all of `files`, or none of them if one cannot be written."""
    parts = {path: path.with_name(f".{path.name}.part") for path in files}
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            parts[path].write_text(text, "utf-8", newline="\n")
        for path, part in parts.items():
            part.replace(path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def compare(path: Path) -> Age:
    """Tell how a copy has aged.

    Parameters
    ----------
    path : Path
        A file that `copy` wrote, wherever it is now and whatever it is called.

    Returns
    -------
    Age
        Its state.

    Raises
    ------
    CookbookError
        If the file has no stamp, or its recipe is gone.
    """
    text = current(path)
    found = STAMP.search(text)
    if not found:
        raise CookbookError(
            f"{path} has no dlcookbook stamp, so its origin is unknown. "
            "Stamped copies are made by: dlcookbook copy NAME DEST"
        )
    version, name, original = found.groups()
    recipe = find(name, "copy")
    yours, theirs = plain(text), plain(next(iter(bundle(recipe).values())))
    edited, moved = digest(yours) != original, digest(theirs) != original
    state = STATES[edited, moved]
    if yours == theirs:
        state, moved = STATES[False, False], False
    sides = [(yours, f"{path} (yours)"), (theirs, f"{name} {__version__} (upstream)")]
    (before, from_name), (after, to_name) = sides if moved else sides[::-1]
    return Age(
        name,
        f"{state} ({name}, copied at {version}, upstream at {__version__})",
        moved,
        difference(before, after, from_name, to_name),
        stamp(recipe, theirs),
    )


def difference(before: str, after: str, from_name: str, to_name: str) -> str:
    """Return the unified diff of two texts."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "".join(unified_diff(old, new, from_name, to_name))
