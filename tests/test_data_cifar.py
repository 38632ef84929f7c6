"""CIFAR's binary files: written here byte by byte, read back, and refused if broken."""

import numpy as np
import pytest

from dlcookbook.data.cifar import load_cifar_split, read_cifar_names

TEN = [f"data_batch_{i}.bin" for i in range(1, 6)]


def record(*head: int, rng) -> tuple[bytes, np.ndarray]:
    """One record as the page of the data set has it, and its picture."""
    picture = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    planes = b"".join(picture[..., channel].tobytes() for channel in range(3))
    return bytes(head) + planes, picture


def write_ten(folder, count: int = 20) -> dict[bytes, int]:
    """Write the six files; return the label of every picture."""
    rng, known = np.random.default_rng(0), {}
    folder.mkdir(exist_ok=True)
    for name in [*TEN, "test_batch.bin"]:
        content = b""
        for i in range(count):
            row, picture = record(i % 10, rng=rng)
            content, known[picture.tobytes()] = content + row, i % 10
        (folder / name).write_bytes(content)
    return known


def write_hundred(folder) -> dict[bytes, tuple[int, int]]:
    rng, known = np.random.default_rng(1), {}
    folder.mkdir(exist_ok=True)
    for name, count in (("train.bin", 400), ("test.bin", 100)):
        content = b""
        for i in range(count):
            head = i % 100 // 5, i % 100
            row, picture = record(*head, rng=rng)
            content, known[picture.tobytes()] = content + row, head
        (folder / name).write_bytes(content)
    return known


def test_ten_classes_are_read_and_keep_their_labels(tmp_path):
    known = write_ten(tmp_path)
    train, validation, test = load_cifar_split(tmp_path, 0, validation=0.2)
    assert [len(x.labels) for x in (train, validation, test)] == [80, 20, 20]
    for images, labels in (train, validation, test):
        assert images.shape == (len(labels), 32, 32, 3)
        assert (images.dtype, labels.dtype) == (np.uint8, np.int64)
        assert [known[image.tobytes()] for image in images] == labels.tolist()
    # the published test part, in its order
    raw = np.fromfile(tmp_path / "test_batch.bin", "u1").reshape(-1, 3073)
    assert np.array_equal(test.images[..., 1].reshape(20, -1), raw[:, 1025:2049])


@pytest.mark.parametrize(("labels", "place"), [("coarse", 0), ("fine", 1)])
def test_a_hundred_classes_have_two_labels(labels, place, tmp_path):
    known = write_hundred(tmp_path)
    parts = load_cifar_split(tmp_path, 0, validation=0.25, labels=labels)
    for part in parts:
        found = [known[image.tobytes()][place] for image in part.images]
        assert found == part.labels.tolist()
    assert parts[2].labels.max() == (19, 99)[place]


def test_parts_are_stratified_disjoint_and_decided_by_the_seed(tmp_path):
    write_ten(tmp_path)
    first, again, other = (
        load_cifar_split(tmp_path, seed, validation=0.2) for seed in (3, 3, 4)
    )
    rows = [{image.tobytes() for image in part.images} for part in first]
    assert sum(map(len, rows)) == len(set.union(*rows)) == 120
    assert np.bincount(first[1].labels).tolist() == [2] * 10
    assert np.array_equal(first[1].images, again[1].images)
    assert not np.array_equal(first[1].images, other[1].images)
    assert np.array_equal(first[2].images, other[2].images)


def test_copies_are_left_out_of_training(tmp_path):
    write_ten(tmp_path)
    test = (tmp_path / "test_batch.bin").read_bytes()
    path = tmp_path / "data_batch_2.bin"
    own = path.read_bytes()
    # two pictures of the test part, one of them with another label; one twice
    path.write_bytes(own + test[:3073] + bytes([9]) + test[3074:6146] + own[:3073])
    parts = load_cifar_split(tmp_path, 0, validation=0.2)
    assert [len(x.labels) for x in parts] == [80, 20, 20]
    rows = [{image.tobytes() for image in part.images} for part in parts]
    assert sum(map(len, rows)) == len(set.union(*rows))


@pytest.mark.parametrize("change", [-1, 1, -3073 * 20])
def test_a_file_of_another_length_is_refused(change, tmp_path):
    write_ten(tmp_path)
    path = tmp_path / "data_batch_3.bin"
    content = path.read_bytes()
    path.write_bytes(content[:change] if change < 0 else content + b"\0")
    with pytest.raises(ValueError, match=r"data_batch_3.bin must consist of records "):
        load_cifar_split(tmp_path)


def test_a_file_of_the_other_data_set_is_refused(tmp_path):
    write_hundred(tmp_path)
    ten = tmp_path / "ten"
    write_ten(ten)
    (tmp_path / "test.bin").write_bytes((ten / "test_batch.bin").read_bytes())
    with pytest.raises(ValueError, match=r"of 3074 bytes. Received: 61460"):
        load_cifar_split(tmp_path)


@pytest.mark.parametrize(
    ("file", "part"), [("data_batch_1.bin", "training"), ("test_batch.bin", "test")]
)
def test_a_label_that_is_too_high_is_refused(file, part, tmp_path):
    write_ten(tmp_path)
    content = bytearray((tmp_path / file).read_bytes())
    content[3073] = 10
    (tmp_path / file).write_bytes(content)
    with pytest.raises(ValueError, match=f"labels of the {part} files .* Received: 10"):
        load_cifar_split(tmp_path)


@pytest.mark.parametrize(("labels", "place"), [("coarse", 0), ("fine", 1)])
def test_each_kind_of_label_has_its_own_limit(labels, place, tmp_path):
    write_hundred(tmp_path)
    content = bytearray((tmp_path / "train.bin").read_bytes())
    content[place] = (20, 100)[place]
    (tmp_path / "train.bin").write_bytes(content)
    with pytest.raises(ValueError, match=f"must be below {(20, 100)[place]}"):
        load_cifar_split(tmp_path, labels=labels)


def test_a_missing_file_is_named_with_what_to_fetch(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data_batch_1.bin and train.bin are"):
        load_cifar_split(tmp_path)
    write_ten(tmp_path)
    (tmp_path / "data_batch_4.bin").unlink()
    with pytest.raises(FileNotFoundError, match=r"data_batch_4.bin is not .* binary"):
        load_cifar_split(tmp_path)


@pytest.mark.parametrize("validation", [0.0, 1.0, 0.001])
def test_a_share_that_leaves_a_part_empty_is_refused(validation, tmp_path):
    write_ten(tmp_path)
    with pytest.raises(ValueError, match=f"Received: {validation}"):
        load_cifar_split(tmp_path, validation=validation)


def test_other_labels_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r'"fine" or "coarse". Received: .super'):
        load_cifar_split(tmp_path, labels="super")
    for other in ("super", "ten"):
        with pytest.raises(
            ValueError, match=rf'"fine" or "coarse". Received: .{other}'
        ):
            read_cifar_names(tmp_path, labels=other)


def test_names_are_read_where_they_are(tmp_path):
    write_ten(tmp_path / "ten")
    (tmp_path / "ten" / "batches.meta.txt").write_text("airplane\nautomobile\n\n")
    assert read_cifar_names(tmp_path / "ten") == ["airplane", "automobile"]
    write_hundred(tmp_path / "hundred")
    assert read_cifar_names(tmp_path / "hundred") == []
    (tmp_path / "hundred" / "coarse_label_names.txt").write_text("fish\nflowers\n")
    names = read_cifar_names(tmp_path / "hundred", labels="coarse")
    assert names == ["fish", "flowers"]
