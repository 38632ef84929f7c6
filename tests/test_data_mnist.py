"""MNIST's files: what is cut off, of another kind, or does not fit, is refused."""

import gzip
import itertools
import struct

import numpy as np
import pytest

from dlcookbook.data.mnist import load_mnist_split, read_idx

NAMES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "t10k": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
CODES = {"u1": 8, "i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}


def idx(array, code=None) -> bytes:
    """Write an array as the format says: zeros, type, axes, lengths, numbers."""
    array = np.asarray(array)
    found = {np.dtype(kind): number for kind, number in CODES.items()}
    code = found[array.dtype] if code is None else code
    head = bytes([0, 0, code, array.ndim]) + struct.pack(
        f">{array.ndim}I", *array.shape
    )
    return head + array.tobytes()


@pytest.fixture
def content():
    """Return what the four files hold, by their names; no image comes twice."""
    rng, found = np.random.default_rng(0), {}
    for (images, labels), count in zip(NAMES.values(), (60, 10), strict=True):
        found[images] = rng.integers(0, 256, (count, 28, 28)).astype("u1")
        found[labels] = rng.permutation(np.arange(count) % 10).astype("u1")
    return found


def write(folder, content, name="{}", pack=bytes):
    for file, array in content.items():
        data = array if isinstance(array, bytes) else idx(array)
        (folder / name.format(file)).write_bytes(pack(data))
    return folder


@pytest.mark.parametrize(("end", "pack"), [("", bytes), (".gz", gzip.compress)])
@pytest.mark.parametrize("dotted", [False, True])
def test_every_image_keeps_its_label(tmp_path, content, end, pack, dotted):
    files = {k.replace("-idx", ".idx") if dotted else k: v for k, v in content.items()}
    parts = load_mnist_split(write(tmp_path, files, "{}" + end, pack), 0)
    assert [len(part.labels) for part in parts] == [50, 10, 10]
    for part in parts:
        assert (part.images.dtype, part.labels.dtype) == (np.float32, np.int64)
        assert part.images.shape == (len(part.labels), 28, 28)
    images, labels = (content[name] for name in NAMES["train"])
    known = {
        image.tobytes(): label for image, label in zip(images, labels, strict=True)
    }
    back = [np.round(part.images * 255).astype("u1") for part in parts]
    told = [{image.tobytes() for image in part} for part in back]
    assert not told[0] & told[1]
    assert told[0] | told[1] == set(known)
    for part, images in zip(parts[:2], back, strict=False):
        assert [known[image.tobytes()] for image in images] == part.labels.tolist()
    assert np.array_equal(back[2], content[NAMES["t10k"][0]])
    assert np.array_equal(parts[2].labels, content[NAMES["t10k"][1]])


def test_the_seed_decides_and_the_test_part_stays(tmp_path, content):
    write(tmp_path, content)
    first, again, other = (load_mnist_split(tmp_path, seed) for seed in (0, 0, 1))
    for mine, yours in zip(first, again, strict=True):
        assert np.array_equal(mine.images, yours.images)
    assert not np.array_equal(first[1].images, other[1].images)
    assert np.array_equal(first[2].images, other[2].images)


@pytest.mark.parametrize("file", list(itertools.chain(*NAMES.values())))
def test_a_missing_file_says_what_to_fetch(tmp_path, content, file):
    write(tmp_path, content)
    (tmp_path / file).unlink()
    with pytest.raises(FileNotFoundError, match=f"^{file} is not in .*Fetch the four"):
        load_mnist_split(tmp_path)


@pytest.mark.parametrize("file", list(itertools.chain(*NAMES.values())))
@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_cut_off_is_refused(tmp_path, content, file, share, pack):
    write(tmp_path, content, "{}.gz" if pack is gzip.compress else "{}", pack)
    (path,) = tmp_path.glob(f"{file}*")
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(ValueError, match=f"{file}.*Received: "):
        load_mnist_split(tmp_path)


def test_more_than_it_says_is_refused(tmp_path):
    path = tmp_path / "labels"
    path.write_bytes(idx(np.zeros(3, "u1")) + b"\0")
    with pytest.raises(ValueError, match=r"must have 11 bytes .* Received: 12"):
        read_idx(path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\x08",
        b"\x1f\x8b\x08\0more",
        b"PK\x03\x04more",
        b"\0\0\x07\x01\0\0\0\0",
    ],
)
def test_a_wrong_magic_number_is_refused(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(ValueError, match=r"magic number of IDX\. Received: "):
        read_idx(tmp_path / "file")


def test_what_is_no_gz_is_refused(tmp_path):
    (tmp_path / "file.gz").write_bytes(idx(np.zeros(3, "u1")))
    with pytest.raises(ValueError, match="cannot be decompressed"):
        read_idx(tmp_path / "file.gz")


def test_axes_that_no_array_has_are_refused(tmp_path):
    (tmp_path / "file").write_bytes(bytes([0, 0, 8, 200]) + bytes(800))
    with pytest.raises(ValueError, match="axes"):
        read_idx(tmp_path / "file")


def test_lengths_that_no_memory_has_are_refused(tmp_path):
    huge = struct.pack(">4I", *[2**32 - 1] * 4)
    (tmp_path / "file").write_bytes(bytes([0, 0, 14, 4]) + huge + bytes(8))
    with pytest.raises(ValueError, match=r"must have .* bytes for the shape"):
        read_idx(tmp_path / "file")


@pytest.mark.parametrize("kind", CODES)
def test_every_type_is_read_in_the_order_of_this_machine(tmp_path, kind):
    array = np.array([[1, -2, 3], [4, 5, 100]]).astype(kind)
    (tmp_path / "file").write_bytes(idx(array))
    found = read_idx(tmp_path / "file")
    assert found.dtype == np.dtype(kind).newbyteorder("=")
    assert np.array_equal(found, array)
    found[0, 0] = 7  # a copy


@pytest.mark.parametrize("name", ["train", "t10k"])
@pytest.mark.parametrize(
    ("which", "change", "message"),
    [
        (1, lambda x: np.where(x == 9, 10, x).astype("u1"), "labels of 0 to 9.*10"),
        (1, lambda x: x.astype("i1") - np.int8(1), "labels of 0 to 9.*-1"),
        (1, lambda x: x[1:], "one label per image"),
        (1, lambda x: x[:, None], "one label per image"),
        (1, lambda x: x.astype(">f4"), "whole numbers.*float32"),
        (0, lambda x: x[:0], "one label per image"),
        (0, lambda x: x.reshape(len(x), 784), "images of bytes, shape"),
        (0, lambda x: x.astype(">f4"), "images of bytes.*float32"),
        (0, lambda x: x.astype(">i4"), "images of bytes.*int32"),
        (0, lambda x: x[:, :20], "images of one size"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, content, name, which, change, message):
    file = NAMES[name][which]
    write(tmp_path, content | {file: change(content[file])})
    with pytest.raises(ValueError, match=message):
        load_mnist_split(tmp_path)


def test_images_without_pixels_are_refused(tmp_path, content):
    none = {k: v[:, :0] if v.ndim == 3 else v for k, v in content.items()}
    write(tmp_path, none)
    with pytest.raises(ValueError, match="images"):
        load_mnist_split(tmp_path)


@pytest.mark.parametrize("swapped", ["train", "t10k"])
def test_images_and_labels_in_each_others_place_are_refused(tmp_path, content, swapped):
    first, second = NAMES[swapped]
    write(tmp_path, content | {first: content[second], second: content[first]})
    with pytest.raises(ValueError, match="images of bytes"):
        load_mnist_split(tmp_path)


@pytest.mark.parametrize("validation", [0, 1, -0.5, 0.001, 1.5, np.inf, np.nan])
def test_a_part_that_would_be_empty_is_refused(tmp_path, content, validation):
    write(tmp_path, content)
    with pytest.raises(ValueError, match=r"^validation .*Received: "):
        load_mnist_split(tmp_path, validation=validation)


def test_the_whole_file_comes_before_its_gz(tmp_path, content):
    """Both are there after unpacking; the one that is read is one of them, whole."""
    write(tmp_path, content)
    write(tmp_path, dict.fromkeys(content, b"broken"), "{}.gz")
    assert len(load_mnist_split(tmp_path)[2].labels) == 10
