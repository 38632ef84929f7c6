"""ChestX-ray14: table, lists and folders as published, and what is wrong with them."""

import numpy as np
import pytest

pytest.importorskip("PIL")

from PIL import Image

from dlcookbook.data.chest_xray import LazyImages, load_chest_xray_split

HEADER = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,"
    "View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],"
)


def write(folder, patients: int = 40, size: int = 48) -> dict[str, tuple[int, str]]:
    """Write two pictures of each patient; the last ten patients are the test part."""
    lines, lists, known = [HEADER], {"train_val": [], "test": []}, {}
    for patient in range(1, patients + 1):
        for follow in range(2):
            name = f"{patient:08d}_{follow:03d}.png"
            labels = "No Finding"
            if patient % 5 == 0:
                labels = ("Pneumonia", "Infiltration|Pneumonia")[follow]
            elif patient % 5 == 1:
                labels = "Cardiomegaly|Effusion"
            lines.append(
                f"{name},{labels},{follow},{patient},58,M,PA,2682,2749,0.1,0.1,"
            )
            part = "test" if patient > patients - 10 else "train_val"
            lists[part].append(name)
            place = folder / f"images_{1 + patient % 2:03d}" / "images"
            place.mkdir(parents=True, exist_ok=True)
            mode = "RGBA" if patient == 3 else "L"
            grey = (patient, patient, patient, 255) if mode == "RGBA" else patient
            Image.new(mode, (size, size), grey).save(place / name)
            known[name] = patient, labels
    (folder / "Data_Entry_2017.csv").write_text("\n".join(lines) + "\n")
    for part, names in lists.items():
        (folder / f"{part}_list.txt").write_text("\n".join(names) + "\n")
    return known


def names(part) -> list[str]:
    return [path.name for path in part.images.paths]


def change(path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_no_patient_is_in_two_parts_and_the_lists_are_kept(tmp_path):
    known = write(tmp_path)
    parts = load_chest_xray_split(tmp_path, 0, validation=0.25)
    patients = [{known[name][0] for name in names(part)} for part in parts]
    assert sum(map(len, patients)) == len(set.union(*patients)) == 40
    listed = (tmp_path / "test_list.txt").read_text().split()
    assert names(parts[2]) == listed
    # of the 6 patients with it and the 24 without, a quarter each
    assert len(patients[1]) == 8
    ill = {p for p in patients[1] if p % 5 == 0}
    assert len(ill) == 2
    for part in parts:
        assert part.labels.tolist() == [
            "Pneumonia" in known[name][1] for name in names(part)
        ]
        assert (part.weights == 1).all()


def test_the_seed_decides_and_another_finding_is_another_label(tmp_path):
    known = write(tmp_path)
    first, again, other = (
        names(load_chest_xray_split(tmp_path, seed)[1]) for seed in (0, 0, 1)
    )
    assert first == again != other
    for part in load_chest_xray_split(tmp_path, 0, finding="Effusion"):
        said = ["Effusion" in known[name][1] for name in names(part)]
        assert part.labels.tolist() == said


def test_pictures_are_read_when_they_are_asked_for(tmp_path):
    known = write(tmp_path)
    train, validation, _ = load_chest_xray_split(tmp_path, 0, size=16)
    victim = validation.images.paths[1]
    victim.write_bytes(b"no picture")
    assert train.images.shape == (len(train.labels), 16, 16)
    grey = [known[name][0] / 255 for name in names(train)]
    everything = train.images[:]
    assert everything.shape == train.images.shape
    assert everything.dtype == np.float32
    assert everything[:, 5, 7] == pytest.approx(grey)
    assert np.array_equal(train.images[[4, 0]], everything[[4, 0]])
    assert np.array_equal(train.images[2:5], everything[2:5])
    assert np.array_equal(train.images[-1], everything[-1])
    assert train.images[[]].shape == (0, 16, 16)
    assert validation.images[0].shape == (16, 16)
    with pytest.raises(ValueError, match=f"{victim.name} must be a picture"):
        validation.images[1]


def test_shrinking_averages(tmp_path):
    board = (np.indices((32, 32)).sum(0) % 2 * 254).astype("uint8")
    Image.fromarray(board).save(tmp_path / "board.png")
    small = LazyImages([tmp_path / "board.png"], size=8)[0]
    assert small == pytest.approx(np.full((8, 8), 127 / 255))
    # Pillow makes all of them white
    Image.fromarray(np.full((9, 9), 30_000, "uint16")).save(tmp_path / "deep.png")
    with pytest.raises(ValueError, match=r"deep.png must be a picture of 8 bits"):
        LazyImages([tmp_path / "deep.png"], size=8)[0]
    with pytest.raises(ValueError, match=r"size must be positive. Received: 0"):
        LazyImages([], size=0)


@pytest.mark.parametrize(
    "name", ["Data_Entry_2017.csv", "train_val_list.txt", "test_list.txt"]
)
def test_a_missing_file_is_named_with_what_to_fetch(name, tmp_path):
    write(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"{name} is not .* Fetch"):
        load_chest_xray_split(tmp_path)


def test_a_missing_picture_is_named(tmp_path):
    write(tmp_path)
    (path,) = tmp_path.glob("images_*/images/00000007_001.png")
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"00000007_001.png and 0 more"):
        load_chest_xray_split(tmp_path)


def test_a_table_that_is_no_utf8_is_named(tmp_path):
    write(tmp_path)
    path = tmp_path / "Data_Entry_2017.csv"
    path.write_bytes(path.read_bytes().replace(b"00000004_001", b"0000000\xff_001", 1))
    with pytest.raises(ValueError, match=r"00000004_001.png"):
        load_chest_xray_split(tmp_path)


def test_a_patient_in_both_lists_is_found(tmp_path):
    write(tmp_path)
    # the two pictures of patient 31 are dealt out to both
    change(tmp_path / "test_list.txt", "00000031_000.png\n", "")
    with (tmp_path / "train_val_list.txt").open("a") as file:
        file.write("00000031_000.png\n")
    with pytest.raises(ValueError, match=r"no patient in common. Received: 1, such as"):
        load_chest_xray_split(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Patient ID", "Patient", "must have the columns Image Index, .* Patient,"),
        (
            "No Finding",
            "Nothing",
            "line 4 .* Received: '00000002_000.png', 'Nothing', '2'",
        ),
        ("00000004_001.png", "../00000004.png", r"no path .* '../00000004.png'"),
        ("00000004_001.png", "00000004_000.png", "comes once, .* '00000004_000.png'"),
        (
            "00000002_000.png,No Finding",
            "00000002_000.png,No Finding|Mass",
            "known find",
        ),
        (",1,4,58", ",1,,58", "and a patient. Received: '00000004_001.png'"),
    ],
)
def test_a_broken_table_is_refused(old, new, said, tmp_path):
    write(tmp_path)
    change(tmp_path / "Data_Entry_2017.csv", old, new)
    with pytest.raises(ValueError, match=said):
        load_chest_xray_split(tmp_path)


@pytest.mark.parametrize("extra", ["00000099_000.png", "00000002_000.png"])
def test_a_broken_list_is_refused(extra, tmp_path):
    write(tmp_path)
    with (tmp_path / "train_val_list.txt").open("a") as file:
        file.write(f"{extra}\n")
    with pytest.raises(ValueError, match=rf"each once. Received: {extra}"):
        load_chest_xray_split(tmp_path)


def test_a_part_without_the_finding_is_refused(tmp_path):
    write(tmp_path)
    with pytest.raises(
        ValueError, match=r"training part must .* Hernia .* Received: 0"
    ):
        load_chest_xray_split(tmp_path, finding="Hernia")
    with pytest.raises(ValueError, match=r"finding must be one of .* Received: 'Flu'"):
        load_chest_xray_split(tmp_path, finding="Flu")
    with pytest.raises(ValueError, match=r"the validation part must have"):
        load_chest_xray_split(tmp_path, validation=0.01)
    for share in (-0.1, 0.0, 1.0, float("nan")):
        with pytest.raises(ValueError, match=rf"^validation must .* {share}$"):
            load_chest_xray_split(tmp_path, validation=share)
