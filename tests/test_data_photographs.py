"""Photographs and folders of pictures: whole pictures apart, bad files named."""

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("skimage")
pytest.importorskip("PIL")

from PIL import Image

from dlcookbook.data.image_folder import (
    list_images,
    load_image_folder_split,
    read_image,
)
from dlcookbook.data.photographs import (
    NAMES,
    load_photograph,
    load_photographs_split,
    split_patches,
)


def flat(number: int) -> np.ndarray:
    """Return a picture that tells its name by its grey value."""
    return np.full((100, 130), number / 16, "float32")


def names(part) -> set[int]:
    return set((part.clean * 16).round().astype(int).ravel().tolist())


@pytest.mark.parametrize("seed", range(3))
def test_a_picture_is_in_one_part_only(seed):
    parts = [names(part) for part in split_patches(range(12), flat, seed)]
    assert [len(part) for part in parts] == [8, 2, 2]
    assert set.union(*parts) == set(range(12))


def test_the_photographs_are_real_and_differ():
    marks = set()
    for name in NAMES:
        picture = load_photograph(name)
        assert picture.dtype == np.float32
        assert min(picture.shape) >= 300
        assert 0 <= picture.min() < picture.max() <= 1
        assert len(np.unique(picture)) > 50
        marks.add(picture.tobytes())
    assert len(marks) == len(NAMES) == 14
    with pytest.raises(ValueError, match=r"name must be .* Received: 'page'$"):
        load_photograph("page")


def test_noise_is_as_said_and_stays_for_a_seed():
    parts, again = load_photographs_split(3, sigma=0.2), load_photographs_split(3)
    for part, other in zip(parts, again, strict=True):
        noise = part.noisy - part.clean
        assert noise.std() == pytest.approx(0.2, rel=0.02)
        assert abs(noise.mean()) < 0.005
        # not clipped: it goes below black and above white
        assert part.noisy.min() < 0 < 1 < part.noisy.max()
        # the same places and the same draw, half as strong
        assert np.array_equal(part.clean, other.clean)
        np.testing.assert_allclose(other.noisy - other.clean, noise / 2, atol=1e-6)
    other = load_photographs_split(4)[2]
    assert not np.array_equal(again[2].clean, other.clean)


def test_held_patches_do_not_overlap():
    def ramp(name):
        return (np.arange(200 * 300).reshape(200, 300) + name) / 70_000

    _, validation, _ = split_patches([0, 1, 2], ramp, held=90, held_patches=6)
    pixels = (validation.clean * 70_000).round().astype(int)
    assert len(pixels) == 6
    assert len(np.unique(pixels)) == pixels.size


def test_what_cannot_be_cut_is_refused():
    for wrong, message in (
        (lambda name: np.zeros((100, 100, 3)), "must be in grey and"),
        (lambda name: np.zeros((100, 39)) + name / 9, "96 x 96 or larger|40 x 40 or"),
        (lambda name: np.full((100, 100), 255.0 + name), "must be of 0 to 1"),
        (lambda name: np.full((100, 100), np.nan), "must be of 0 to 1"),
        (lambda name: np.zeros((100, 100)), r"must differ. Received: \d is \d again"),
    ):
        with pytest.raises(ValueError, match=message):
            split_patches([0, 1, 2, 3], wrong)
    with pytest.raises(ValueError, match=r"names must be three or more. Received: 2"):
        split_patches([0, 1], flat)
    with pytest.raises(ValueError, match=r"sigma 0"):
        split_patches(range(5), flat, sigma=0)
    with pytest.raises(ValueError, match=r"Received: .*-1"):
        split_patches(range(5), flat, -1)


def test_files_are_found_in_one_order_and_links_do_not_lead_out(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    for path in ("b.png", "a/z.JPG", "a/c.png", ".hidden/d.png"):
        (inside / path).parent.mkdir(parents=True, exist_ok=True)
        (inside / path).write_bytes(b"")
    (inside / "notes.txt").write_text("no picture")
    outside.mkdir()
    (outside / "secret.png").write_bytes(b"")
    (inside / "link.png").symlink_to(outside / "secret.png")
    (inside / "near.png").symlink_to(inside / "b.png")
    found = [path.relative_to(inside).as_posix() for path in list_images(inside)]
    assert found == ["a/c.png", "a/z.JPG", "b.png", "near.png"]
    with pytest.raises(FileNotFoundError, match=r"must be a folder with pictures"):
        list_images(tmp_path / "nowhere")


def test_a_picture_is_upright_and_without_transparency(tmp_path):
    wide = np.zeros((4, 8), "uint8")
    wide[:, 0] = 200
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it a quarter clockwise
    Image.fromarray(wide).save(tmp_path / "turned.png", exif=exif)
    turned = read_image(tmp_path / "turned.png", grey=True)
    assert turned.shape == (8, 4)
    assert turned[0].tolist() == [np.float32(200) / np.float32(255)] * 4
    clear = Image.new("RGBA", (5, 5), (0, 0, 0, 0))
    clear.putpixel((2, 2), (255, 0, 0, 255))
    clear.save(tmp_path / "clear.png")
    assert read_image(tmp_path / "clear.png")[2, 2].tolist() == [1, 0, 0]
    assert read_image(tmp_path / "clear.png")[0, 0].tolist() == [1, 1, 1]
    clear.convert("P").save(tmp_path / "palette.gif", transparency=0)
    assert read_image(tmp_path / "palette.gif").shape == (5, 5, 3)


def test_sixteen_bits_are_scaled_and_not_cut_off(tmp_path):
    deep = np.array([[0, 32768, 65535]], "uint16")
    Image.fromarray(deep).save(tmp_path / "deep.png")
    found = read_image(tmp_path / "deep.png", grey=True)
    np.testing.assert_allclose(found, [[0, 0.5, 1]], atol=0.003)


@pytest.mark.parametrize("wrong", [255.0, -0.5, float("nan")])
def test_floats_that_are_no_grey_are_refused_and_not_made_white(tmp_path, wrong):
    values = np.array([[0, 0.5, wrong]], "float32")
    Image.fromarray(values).save(tmp_path / "deep.tif")
    with pytest.raises(ValueError, match=r"deep.tif .* not within 0 to 1"):
        read_image(tmp_path / "deep.tif")
    Image.fromarray(values[:, :2]).save(tmp_path / "deep.tif")
    found = read_image(tmp_path / "deep.tif", grey=True)
    np.testing.assert_allclose(found, [[0, 0.5]], atol=0.003)


def test_a_picture_is_cut_and_not_stretched(tmp_path):
    tall = np.zeros((40, 10), "uint8")
    tall[15:25] = 255
    Image.fromarray(tall).save(tmp_path / "tall.png")
    found = read_image(tmp_path / "tall.png", size=(10, 10), grey=True)
    assert found.shape == (10, 10)
    assert found.min() == 1


def test_bad_files_are_named(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype("uint8")
    for name in ("whole.png", "whole.jpg"):
        Image.fromarray(noise).save(tmp_path / name)
        data = (tmp_path / name).read_bytes()
        (tmp_path / f"cut-{name}").write_bytes(data[: len(data) // 2])
        with pytest.raises(ValueError, match=rf"cut-{name} must be a whole picture"):
            read_image(tmp_path / f"cut-{name}")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ValueError, match=r"text.png must be a whole picture"):
        read_image(tmp_path / "text.png")
    with pytest.raises(ValueError, match=r"64 x 64 pixels, too many"):
        read_image(tmp_path / "whole.png", max_pixels=4095)
    with pytest.raises(FileNotFoundError):
        read_image(tmp_path / "gone.png")


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("name", ["L.tif", "I;16.tif", "F.tif", "L.png", "I;16.png"])
def test_a_camera_held_sideways_is_turned_in_every_format(tmp_path, orientation, name):
    """Pillow maps grey TIFF into memory, and those on their side in a wrong order."""
    grey = np.arange(32).reshape(4, 8) / 31
    kind = {"L": "uint8", "I;16": "uint16", "F": "float32"}[name.split(".")[0]]
    top = 1 if kind == "float32" else np.iinfo(kind).max
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray((grey * top).astype(kind)).save(tmp_path / name, exif=exif)
    found = read_image(tmp_path / name, grey=True)
    wanted = np.rot90(grey, {1: 0, 3: 2, 6: 3, 8: 1}[orientation])
    assert found.shape == wanted.shape
    assert np.allclose(found, wanted, atol=0.01)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path):
    path = tmp_path / "bomb.png"
    Image.new("1", (9000, 9000)).save(path)
    assert path.stat().st_size < 50_000
    with pytest.raises(ValueError, match=r"bomb.png .* 9000 x 9000 pixels, too many"):
        read_image(path)


def fill(folder, counts: dict[str, int], number: int = 0) -> None:
    """Put pictures into a folder per class; their grey values count up."""
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for at in range(count):
            Image.new("L", (20, 24), number).save(folder / name / f"{at}.png")
            number += 1


def test_a_folder_is_split_in_every_class_alike(tmp_path):
    fill(tmp_path, {"b": 10, "a": 20})
    parts = load_image_folder_split(tmp_path, 0, size=(8, 8), grey=True)
    assert [np.bincount(part.labels).tolist() for part in parts] == [
        [12, 6],
        [4, 2],
        [4, 2],
    ]
    values = [(part.images[:, 0, 0, 0] * 255).round().astype(int) for part in parts]
    # class a is number 0 by its name and was numbered from 10 on
    for part, found in zip(parts, values, strict=True):
        assert ((found >= 10) == (part.labels == 0)).all()
        assert part.images.shape[1:] == (8, 8, 1)
    assert sorted(np.concatenate(values)) == list(range(30))
    few = load_image_folder_split(tmp_path, 0, size=(8, 8), per_class=3)
    assert np.bincount(few[0].labels).tolist() == [3, 3]
    assert few[0].images.shape[1:] == (8, 8, 3)
    assert len(few[2].labels) == 6
    again = load_image_folder_split(tmp_path, 0, size=(8, 8), grey=True)
    assert np.array_equal(again[2].images, parts[2].images)


def test_copies_count_once_and_must_agree(tmp_path):
    fill(tmp_path, {"a": 5, "b": 5})
    copy = (tmp_path / "a" / "0.png").read_bytes()
    (tmp_path / "a" / "copy.png").write_bytes(copy)
    parts = load_image_folder_split(tmp_path, size=(8, 8))
    assert sum(len(part.labels) for part in parts) == 10
    (tmp_path / "b" / "copy.png").write_bytes(copy)
    with pytest.raises(ValueError, match=r"a picture must be in one class"):
        load_image_folder_split(tmp_path, size=(8, 8))


def test_folders_of_another_form_are_refused(tmp_path):
    fill(tmp_path, {"a": 5})
    with pytest.raises(ValueError, match=r"two classes or more. Received: a$"):
        load_image_folder_split(tmp_path, size=(8, 8))
    fill(tmp_path, {"b": 2}, number=50)
    with pytest.raises(ValueError, match=r"b must have 1 pictures .* Received: 2$"):
        load_image_folder_split(tmp_path, size=(8, 8))
    with pytest.raises(ValueError, match=r"must be shares"):
        load_image_folder_split(tmp_path, size=(8, 8), validation=0.6, test=0.4)
    for few in (0, -1):
        with pytest.raises(
            ValueError, match=rf"per_class must be 1 .* Received: {few}$"
        ):
            load_image_folder_split(tmp_path, size=(8, 8), per_class=few)
    Image.new("L", (9, 9), 99).save(tmp_path / "stray.png")
    with pytest.raises(ValueError, match=r"Received: stray.png outside"):
        load_image_folder_split(tmp_path, size=(8, 8))
