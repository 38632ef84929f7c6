"""Unpack an archive safely: its checksum first, nothing outside, all or nothing."""

import argparse
import errno
import gzip
import hashlib
import os
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

__all__ = ["main", "unpack"]

_ERRORS: tuple[type[Exception], ...] = (
    *(EOFError, NotImplementedError, OSError, OverflowError, RuntimeError),
    *(UnicodeError, tarfile.TarError, zipfile.BadZipFile, zlib.error),
)
with suppress(ImportError):  # some Pythons are built without it
    from lzma import LZMAError

    _ERRORS = (*_ERRORS, LZMAError)
_WINDOWS = {"aux", "con", "conin$", "conout$", "nul", "prn"} | {
    f"{name}{digit}" for name in ("com", "lpt") for digit in "123456789\xb9\xb2\xb3"
}


def unpack(
    archive: str | os.PathLike,
    folder: str | os.PathLike,
    *,
    sha256: str | None = None,
    md5: str | None = None,
    most: int = 20 * 2**30,
) -> Path:
    """Unpack a .zip, .tar, .tar.gz, .tgz or .gz file into a new folder.

    The checksum comes first. Members are then written to a folder beside, which gets
    its name at the end: after an error there is nothing. Files get ordinary rights, no
    owner and no date. A checksum says that a file is the published one, if it comes
    from the publisher; MD5 guards against accidents alone.

    Parameters
    ----------
    archive : path
        What it is, is told by the end of its name.
    folder : path
        Must not be there yet, or be empty; the folder above it is made.
    sha256, md5 : str, optional
        In hexadecimal digits.
    most : int
        Bytes that may come out, all files together: an archive of a few kilobytes can
        hold petabytes.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    FileNotFoundError
        If there is no such archive.
    FileExistsError
        If there is something in the folder.
    ValueError
        If a checksum is another or none, the kind is unknown, the archive is damaged,
        encrypted, holds nothing or does not end where it should, a name leaves the
        folder, comes twice or cannot be one on another system, a member is neither a
        file nor a folder (a link, a device), or more than `most` bytes come out.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as place:
    ...     archive = Path(place) / "two.zip"
    ...     with zipfile.ZipFile(archive, "w") as file:
    ...         file.writestr("a/b.txt", "hello")
    ...     folder = unpack(archive, Path(place) / "two")
    ...     (folder / "a" / "b.txt").read_text()
    'hello'

    References
    ----------
    PEP 706, Filter for tarfile.extractall, 2023. <https://peps.python.org/pep-0706/>
    """
    archive, folder = Path(archive), Path(folder)
    if not archive.is_file():
        raise FileNotFoundError(f"{archive} is not a file: fetch it first")
    if not archive.stat().st_size:
        raise ValueError(f"archive must not be empty. Received: {archive}")
    if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        raise FileExistsError(
            f"folder must be new or empty. Received: {folder}, where something is"
        )
    for name, wanted in (("sha256", sha256), ("md5", md5)):
        if wanted is not None:
            _check(archive, name, wanted)
    place = folder.resolve()  # an empty folder may be there as a link
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        inside = beside / "inside"
        inside.mkdir()
        try:
            _write(archive, inside, most)
        except _ERRORS as error:
            # what is wrong with the disk is not wrong with the archive; a place that
            # cannot be in a file (EINVAL) is
            if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                raise
            raise ValueError(
                "archive must be whole and not encrypted. Received: "
                f"{archive} ({error})"
            ) from None
        if place.is_dir():
            place.rmdir()
        inside.rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def main(argv: list[str] | None = None) -> Path:
    """Unpack what the command line names; exit status 2 and the reason, if it fails.

    Parameters
    ----------
    argv : list of str, optional
        `ARCHIVE FOLDER`, and `--sha256` or `--md5`; those of the process by default.

    Returns
    -------
    Path
        The folder.

    Examples
    --------
    >>> try:
    ...     main(["nowhere.zip", "somewhere"])
    ... except SystemExit as error:
    ...     print(error.code)
    2

    References
    ----------
    <https://docs.python.org/3/library/argparse.html>
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path, help=".zip, .tar, .tar.gz, .tgz or .gz")
    parser.add_argument("folder", type=Path, help="new, or empty")
    parser.add_argument("--sha256", help="checksum, in hexadecimal digits")
    parser.add_argument("--md5", help="checksum, in hexadecimal digits")
    help_most = "GiB that may come out (20)"
    parser.add_argument("--most", type=float, default=20, help=help_most)
    args = parser.parse_args(argv)
    try:
        most = int(args.most * 2**30)
        found = unpack(
            args.archive, args.folder, sha256=args.sha256, md5=args.md5, most=most
        )
    except (OSError, ValueError, OverflowError) as error:
        parser.error(str(error))
    files = [path for path in found.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"{len(files)} files, {size} bytes in {found}")
    return found


def _check(archive: Path, name: str, wanted: str) -> None:
    """Compare a checksum."""
    with archive.open("rb") as stream:
        found = hashlib.file_digest(
            stream, lambda: hashlib.new(name, usedforsecurity=False)
        ).hexdigest()
    if found != wanted.strip().lower():
        raise ValueError(
            f"{name} must be that of {archive}, {found}. Received: {wanted!r}"
        )


def _write(archive: Path, inside: Path, most: int) -> None:
    """Write all members; each is checked before it is."""
    left, files, folders = most, set[str](), set[str]()
    with ExitStack() as stack:
        for name, stream in _members(archive, stack):
            parts = _parts(name)
            # names that differ in case are one file on some systems
            keys = ["/".join(parts[: n + 1]).casefold() for n in range(len(parts))]
            above = keys if stream is None else keys[:-1]
            if not parts and stream is not None:
                raise ValueError(f"archive must name its files. Received: {name!r}")
            if files.intersection(keys) or (above != keys and keys[-1] in folders):
                raise ValueError(f"archive must hold each name once. Received: {name}")
            folders.update(above)
            path = inside.joinpath(*parts)
            if stream is None:
                path.mkdir(parents=True, exist_ok=True)
                continue
            files.add(keys[-1])
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as out:
                # counted as it comes out: what a header says about it can be wrong
                while block := stream.read(2**20):
                    left -= len(block)
                    if not left >= 0:
                        raise ValueError(
                            f"most must be what comes out, or more. Received: {most} "
                            f"bytes, fewer than {archive} holds"
                        )
                    out.write(block)
    if not files:
        raise ValueError(f"archive must hold a file. Received: {archive}")


def _members(archive: Path, stack: ExitStack) -> Iterator[tuple[str, Any]]:
    """Give each name with what is in it, or None for a folder."""
    kind = archive.name.lower()
    if kind.endswith(".zip"):
        file = stack.enter_context(zipfile.ZipFile(archive))
        for item in file.infolist():
            _kind_of(item.filename, item.external_attr >> 16)
            # the name as it stands in the file: ZipFile cuts it at a zero
            name = item.orig_filename
            if item.is_dir():
                if item.file_size:
                    raise ValueError(
                        f"archive must have nothing in {name!r}, which is a folder. "
                        f"Received: {item.file_size} bytes"
                    )
                yield name, None
            else:
                with file.open(item) as stream:
                    yield name, stream
    elif kind.endswith((".tar", ".tar.gz", ".tgz")):
        opened = tarfile.open(archive, "r:*", tarinfo=_Member)  # noqa: SIM115
        tar = stack.enter_context(opened)
        for member in tar:
            if not (member.isreg() or member.isdir()):
                raise ValueError(
                    "archive must hold files and folders alone. Received: "
                    f"{member.name!r} of another type"
                )
            yield member.name, None if member.isdir() else tar.extractfile(member)
        _check_end(archive, tar)
    elif kind.endswith(".gz"):
        with gzip.open(archive) as stream:
            yield archive.name[:-3], stream
    else:
        raise ValueError(
            "archive must end in .zip, .tar, .tar.gz, .tgz or .gz. Received: "
            f"{archive.name}"
        )


class _Member(tarfile.TarInfo):
    """A header; what goes with it, a long name for one, is read into memory at once."""

    @classmethod
    def frombuf(cls, *args: Any) -> Self:
        member = super().frombuf(*args)
        if member.size > 2**20 and member.type in b"xgXLK":
            raise ValueError(
                f"archive must have headers of 1 MiB or less. Received: {member.size} "
                "bytes"
            )
        return member


def _check_end(archive: Path, tar: tarfile.TarFile) -> None:
    """Read on to the end, which is zeros: tarfile stops at a header that is damaged.

    The checksums of gzip stand behind them, and another archive may.
    """
    rest, size = tar.fileobj, 0
    assert rest is not None
    rest.seek(tar.offset)
    while block := rest.read(2**20):
        size += len(block)
        if size > 2**26 or block.strip(b"\0"):
            raise ValueError(
                "archive must be whole, with zeros behind its files. Received: "
                f"{archive}, with other bytes, or too many"
            )
    if size < 512:
        raise ValueError(
            f"archive must be whole, with zeros behind its files. Received: {archive}, "
            f"with {size} of 512"
        )


def _kind_of(name: str, mode: int) -> None:
    """Refuse what a zip file calls a link or a device; 0 says nothing."""
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ValueError(
            f"archive must hold files and folders alone. Received: {name!r}, which is "
            f"{stat.filemode(mode)}"
        )


def _parts(name: str) -> list[str]:
    """Cut a name into its parts, if it stays inside on every system."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    wrong = (
        name.startswith("/")
        or re.search(r'[\x00-\x1f\\:*?"<>|]', name)
        or ".." in parts
        or any(part.endswith((".", " ")) for part in parts)
        or any(len(os.fsencode(part)) > 255 for part in parts)
        or any(part.split(".")[0].strip().lower() in _WINDOWS for part in parts)
    )
    if wrong:
        raise ValueError(
            f"archive must hold names that stay inside the folder. Received: {name!r}"
        )
    return parts


if __name__ == "__main__":
    main()
