"""Archives that would write where they must not, or more than they may, are refused."""

import gzip
import hashlib
import io
import os
import stat
import struct
import subprocess
import sys
import tarfile
import warnings
import zipfile

import pytest

from dlcookbook.data.archive import main, unpack
from tests.wings import PACKAGE


def zip_of(path, *members, mode=None):
    """Write a zip file of (name, bytes) as they are, however bad the names."""
    with (
        warnings.catch_warnings(action="ignore"),
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file,
    ):
        for name, content in members:
            item = zipfile.ZipInfo(name)
            item.filename = name
            if mode is not None:
                item.external_attr = mode << 16
            file.writestr(item, content, zipfile.ZIP_DEFLATED)
    return path


def tar_of(path, *members, kind=tarfile.REGTYPE, target=""):
    """Write a tar file; the last member is of another kind."""
    with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as file:
        for number, (name, content) in enumerate(members, start=1):
            item = tarfile.TarInfo(name)
            if number == len(members):
                item.type, item.linkname = kind, target
            item.size = len(content) if item.isreg() else 0
            file.addfile(item, io.BytesIO(content))
    return path


def refused(tmp_path, archive, match, **options):
    """Whether nothing is left of an archive that is refused, and nothing outside."""
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match=match):
        unpack(archive, tmp_path / "out", **options)
    assert sorted(tmp_path.rglob("*")) == before


GOOD = ("a.txt", b"first")


@pytest.mark.parametrize("end", [".zip", ".tar", ".tar.gz", ".tgz", ".ZIP"])
def test_files_come_out_as_they_went_in(tmp_path, end):
    make = zip_of if end.lower() == ".zip" else tar_of
    archive = make(tmp_path / f"x{end}", GOOD, ("deep/er/b.bin", bytes(range(256))))
    folder = unpack(archive, tmp_path / "new" / "out")
    assert folder == tmp_path / "new" / "out"
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert files == {"a.txt", "deep/er/b.bin"}
    assert (folder / "deep/er/b.bin").read_bytes() == bytes(range(256))
    assert [path.name for path in folder.parent.iterdir()] == ["out"]


def test_a_single_file_loses_its_gz(tmp_path):
    archive = tmp_path / "train-images.gz"
    archive.write_bytes(gzip.compress(b"pixels"))
    assert (unpack(archive, tmp_path / "o") / "train-images").read_bytes() == b"pixels"


@pytest.mark.parametrize(
    "name",
    [
        "../out.txt",
        "a/../../out.txt",
        "a/../b.txt",
        "/etc/passwd",
        "//server/share",
        "C:/x.txt",
        "c:x.txt",
        "a\\..\\..\\x.txt",
        "\\x.txt",
        "a/nul.txt",
        "COM1",
        "com\xb9.txt",
        "CONOUT$",
        "long" * 64,
        "dot./x",
        "stream.txt:hidden",
        "line\nbreak",
    ],
)
@pytest.mark.parametrize("make", [zip_of, tar_of])
def test_names_that_leave_the_folder_are_refused(tmp_path, make, name):
    end = ".zip" if make is zip_of else ".tar"
    archive = make(tmp_path / f"x{end}", GOOD, (name, b"evil"))
    refused(tmp_path, archive, "names that stay inside the folder. Received: ")


@pytest.mark.parametrize(
    "kind",
    [getattr(tarfile, f"{name}TYPE") for name in ("SYM", "LNK", "CHR", "BLK", "FIFO")],
)
@pytest.mark.parametrize("target", ["../../outside", "a.txt", "/etc/passwd"])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind, target):
    archive = tar_of(tmp_path / "x.tar", GOOD, ("link", b""), kind=kind, target=target)
    refused(tmp_path, archive, "files and folders alone. Received: 'link'")


def test_a_file_cannot_be_written_through_a_link(tmp_path):
    (tmp_path / "outside").mkdir()
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as file:
        link = tarfile.TarInfo("door")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "outside")
        file.addfile(link)
        item = tarfile.TarInfo("door/evil")
        item.size = 4
        file.addfile(item, io.BytesIO(b"evil"))
    refused(tmp_path, path, "files and folders alone")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_in_a_zip_are_refused(tmp_path, kind):
    archive = zip_of(tmp_path / "x.zip", ("link", b"/etc/passwd"), mode=kind | 0o777)
    refused(tmp_path, archive, "files and folders alone. Received: 'link'")


@pytest.mark.parametrize("make", [zip_of, tar_of])
@pytest.mark.parametrize("second", ["a.txt", "A.TXT", "./a.txt"])
def test_a_name_that_comes_twice_is_refused(tmp_path, make, second):
    end = ".zip" if make is zip_of else ".tar"
    archive = make(tmp_path / f"x{end}", GOOD, (second, b"other"))
    refused(tmp_path, archive, "each name once")


@pytest.mark.parametrize("make", [zip_of, tar_of])
def test_a_file_is_no_folder_as_well(tmp_path, make):
    end = ".zip" if make is zip_of else ".tar"
    archive = make(tmp_path / f"x{end}", GOOD, ("a.txt/b.txt", b"below a file"))
    refused(tmp_path, archive, "each name once")


@pytest.mark.parametrize("end", [".zip", ".tar.gz", ".gz"])
def test_a_bomb_is_stopped_when_it_has_grown_too_large(tmp_path, end):
    content, path = bytes(20 * 2**20), tmp_path / f"x{end}"
    if end == ".gz":
        path.write_bytes(gzip.compress(content))
    else:
        (zip_of if end == ".zip" else tar_of)(path, ("zeros", content))
    assert path.stat().st_size < 2**18
    refused(tmp_path, path, r"^most must be .* Received: 1000000 bytes", most=10**6)
    assert unpack(path, tmp_path / "out", most=len(content)).is_dir()


def test_many_small_files_count_together(tmp_path):
    archive = zip_of(tmp_path / "x.zip", *((f"{i}", bytes(100)) for i in range(11)))
    refused(tmp_path, archive, "^most", most=1000)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    archive = zip_of(tmp_path / "x.zip", ("zeros", bytes(10**6)))
    data, size = bytearray(archive.read_bytes()), struct.pack("<I", 10**6)
    assert data.count(size) == 2
    archive.write_bytes(data.replace(size, struct.pack("<I", 10)))
    refused(tmp_path, archive, "most must be|whole", most=1000)


@pytest.mark.parametrize("end", [".zip", ".tar", ".tar.gz", ".gz"])
@pytest.mark.parametrize("part", [0.0, 0.5, 0.98])
def test_what_is_cut_off_is_refused(tmp_path, end, part):
    content, path = os.urandom(200_000), tmp_path / f"x{end}"
    if end == ".gz":
        path.write_bytes(gzip.compress(content))
    else:
        make = zip_of if end == ".zip" else tar_of
        make(path, ("a", content), ("b", content))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * 0.95 * len(whole))])
    refused(tmp_path, path, "archive must")


def test_a_changed_byte_is_found_by_the_zip_itself(tmp_path):
    archive = zip_of(tmp_path / "x.zip", ("a", os.urandom(1000)))
    data = bytearray(archive.read_bytes())
    data[500] ^= 1
    archive.write_bytes(data)
    refused(tmp_path, archive, "whole")


@pytest.mark.parametrize("end", [".tar", ".tar.gz"])
def test_a_tar_whose_later_header_is_damaged_or_missing_is_refused(tmp_path, end):
    """Python's module takes either for the end: the files behind it would be lost."""
    path = tar_of(tmp_path / "x.tar", GOOD, ("b", bytes(600)), ("c", b"3"))
    whole, out = path.read_bytes(), tmp_path / f"x{end}"
    second = 1024  # a header and a block of content
    assert whole[second : second + 1] == b"b"
    for wrong in (
        whole[:second] + b"B" + whole[second + 1 :],
        whole[:second],
        whole[: second + 100],
        whole + whole.replace(b"a.txt", b"d.txt"),
    ):
        path.unlink(missing_ok=True)
        out.write_bytes(gzip.compress(wrong) if end == ".tar.gz" else wrong)
        refused(tmp_path, out, "archive must be whole, with zeros behind its files")
    out.write_bytes(gzip.compress(whole) if end == ".tar.gz" else whole)
    assert len(list(unpack(out, tmp_path / "out").iterdir())) == 3


def test_a_changed_byte_is_found_by_the_checksum_of_gzip(tmp_path):
    archive = tar_of(tmp_path / "x.tar.gz", ("a", os.urandom(100_000)))
    data = bytearray(archive.read_bytes())
    data[50_000] ^= 1
    archive.write_bytes(data)
    refused(tmp_path, archive, "whole .*CRC")


def test_zeros_without_end_behind_a_tar_are_refused(tmp_path):
    path = tar_of(tmp_path / "x.tar", GOOD)
    out = tmp_path / "x.tgz"
    out.write_bytes(gzip.compress(path.read_bytes() + bytes(2**26), 1))
    refused(tmp_path, out, "or too many")


@pytest.mark.parametrize("kind", [b"x", b"g", b"X", b"L", b"K"])
def test_a_header_larger_than_memory_is_refused(tmp_path, kind):
    """Python's module would read it at once; it is no file, so `most` cannot count."""
    head = tarfile.TarInfo("a")
    head.type, head.size = kind, 2**20 + 1
    path, plain = tmp_path / "x.tar", tar_of(tmp_path / "y.tar", GOOD).read_bytes()
    for first in (b"", plain[:1024]):
        path.write_bytes(first + head.tobuf() + bytes(2**20 + 512) + plain)
        refused(tmp_path, path, "headers of 1 MiB or less. Received: 1048577")


def test_a_folder_of_a_zip_with_bytes_in_it_is_refused(tmp_path):
    archive = zip_of(tmp_path / "x.zip", GOOD, ("folder/", b"lost"))
    refused(tmp_path, archive, "nothing in 'folder/', .* Received: 4 bytes")


def test_damage_of_any_kind_is_named(tmp_path):
    """LZMA, names that are no UTF-8, places before the start of the file."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("\xe9.txt", os.urandom(1000), zipfile.ZIP_LZMA)
    whole = path.read_bytes()
    place = whole.rindex(struct.pack("<I", whole.index(b"PK\x01\x02")))
    for wrong in (
        whole[:50] + b"\xff" * 10 + whole[60:],
        whole.replace("\xe9".encode(), b"\xff\xff"),
        whole[:place] + b"\xff\xff\0\0" + whole[place + 4 :],
    ):
        path.write_bytes(wrong)
        refused(tmp_path, path, "^archive must be whole")


@pytest.mark.parametrize("name", ["sha256", "md5"])
def test_the_checksum_comes_before_anything_else(tmp_path, name, monkeypatch):
    archive = zip_of(tmp_path / "x.zip", GOOD)
    right = hashlib.new(name, archive.read_bytes()).hexdigest()
    for wrong in ("0" * len(right), "", right[:-1]):
        with monkeypatch.context() as patch:
            patch.setattr(zipfile, "ZipFile", None)
            refused(tmp_path, archive, f"^{name} must be that of", **{name: wrong})
    assert unpack(archive, tmp_path / "out", **{name: right.upper()}).is_dir()


def test_what_is_there_stays(tmp_path):
    archive = zip_of(tmp_path / "x.zip", GOOD)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    with pytest.raises(FileExistsError, match=r"new or empty. Received: .*out"):
        unpack(archive, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]
    with pytest.raises(FileExistsError):
        unpack(archive, tmp_path / "out" / "mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        unpack(archive, tmp_path / "dangling")
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far")
    assert unpack(archive, tmp_path / "link") == tmp_path / "link"
    assert (tmp_path / "far" / "a.txt").read_bytes() == b"first"
    (tmp_path / "empty").mkdir()
    assert (unpack(archive, tmp_path / "empty") / "a.txt").read_bytes() == b"first"


def test_rights_are_ordinary(tmp_path):
    archive = zip_of(tmp_path / "x.zip", GOOD, mode=stat.S_IFREG | 0o6777)
    mode = (unpack(archive, tmp_path / "out") / "a.txt").stat().st_mode
    assert not mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IXUSR)


@pytest.mark.parametrize("name", ["x.rar", "x", "x.7z", "x.zip.part"])
def test_other_kinds_are_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK")
    refused(tmp_path, tmp_path / name, f"must end in .zip, .tar.*Received: {name}$")


def test_an_archive_of_nothing_is_refused(tmp_path):
    refused(tmp_path, zip_of(tmp_path / "x.zip"), "must hold a file")


def test_a_missing_archive_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"x.zip is not a file"):
        unpack(tmp_path / "x.zip", tmp_path / "out")


def test_the_command_line(tmp_path, capsys):
    archive = zip_of(tmp_path / "x.zip", GOOD, ("b/c", b"12"))
    for options in (["--sha256", "00"], ["--most", "0.000000001"]):
        with pytest.raises(SystemExit, match=r"^2$"):
            main([str(archive), str(tmp_path / "out"), *options])
    assert "sha256 must be that of" in capsys.readouterr().err
    code = [sys.executable, "-m", "dlcookbook.data.archive", archive, tmp_path / "out"]
    done = subprocess.run(
        code, capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert done.stdout == f"2 files, 7 bytes in {tmp_path / 'out'}\n"
