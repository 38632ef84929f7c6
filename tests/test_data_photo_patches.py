"""Patches of photographs: parts share no pixel, and the careless split does."""

import numpy as np
import pytest

pytest.importorskip("skimage")
pytest.importorskip("sklearn")

from sklearn.neighbors import KNeighborsClassifier

from dlcookbook.data import photo_patches
from dlcookbook.data.photo_patches import CLASSES, load_photo_patches_split

SIZES = [(512, 512), (300, 451), (400, 600), (427, 640), (436, 500)]
SIZES += [(500, 741), (470, 470), (427, 640), (427, 640), (512, 512)]


def numbered() -> list[np.ndarray]:
    """Pictures in which every pixel has a colour of its own, and none is flat."""
    pictures = []
    for label, (height, width) in enumerate(SIZES):
        places = np.arange(height * width)
        channels = [places % 251, places // 251 % 251, places // 251**2 * 10 + label]
        pictures.append(np.stack(channels, -1).reshape(height, width, 3).astype("u1"))
    return pictures


def pixels(images: np.ndarray) -> np.ndarray:
    """Return a number per pixel, which no other pixel has."""
    return images.reshape(-1, 3).astype(int) @ (1, 256, 65536)


@pytest.mark.parametrize("seed", [0, 7])
def test_parts_share_no_pixel(seed, monkeypatch):
    monkeypatch.setattr(photo_patches, "_photographs", numbered)
    parts = load_photo_patches_split(seed)
    seen = [set(pixels(part.images)) for part in parts]
    whole = [part.labels.tolist() for part in parts]
    for picture, label in zip(numbered(), range(10), strict=True):
        assert len(set(pixels(picture))) == picture.shape[0] * picture.shape[1]
        # nine patches from each of 14, 5 and 5 squares
        assert [labels.count(label) for labels in whole] == [126, 45, 45]
    # a square of 64 x 64 is covered by its patches, and by those of no other square
    assert [len(part) for part in seen] == [n * 10 * 64 * 64 for n in (14, 5, 5)]
    assert not seen[0] & seen[1]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]


def test_squares_of_different_parts_have_a_gap_between_them(monkeypatch):
    monkeypatch.setattr(photo_patches, "_photographs", numbered)
    parts = load_photo_patches_split(0)
    pictures = numbered()
    owner = np.full((10, 800, 800), -1)
    for number, part in enumerate(parts):
        own = pixels(part.images)
        for label, picture in enumerate(pictures):
            mine = np.isin(pixels(picture), own).reshape(picture.shape[:2])
            owner[label, : mine.shape[0], : mine.shape[1]][mine] = number
    for axis in (1, 2):
        for step in range(1, 9):
            here = np.take(owner, range(800 - step), axis)
            there = np.take(owner, range(step, 800), axis)
            assert not ((here != there) & (here >= 0) & (there >= 0)).any()


def test_patches_dealt_out_one_by_one_overlap(monkeypatch):
    monkeypatch.setattr(photo_patches, "_photographs", numbered)
    fair = load_photo_patches_split(0)
    train, _, test = careless = load_photo_patches_split(0, by="patch")
    assert [len(x.labels) for x in fair] == [len(x.labels) for x in careless]
    seen = np.unique(pixels(train.images))
    known = np.isin(pixels(test.images), seen).reshape(-1, 32 * 32).any(1)
    assert np.mean(known) > 0.9
    patches = [{i.tobytes() for p in x for i in p.images} for x in (fair, careless)]
    assert patches[0] == patches[1]


def histograms(images: np.ndarray) -> np.ndarray:
    """Return roots of how often each of 64 colours is there."""
    index = (images.astype(int) // 64 @ (16, 4, 1)).reshape(len(images), -1)
    return np.sqrt([np.bincount(row, minlength=64) for row in index])


def test_the_careless_split_flatters():
    scores = {}
    for by in ("region", "patch"):
        train, _, test = load_photo_patches_split(0, by=by)
        x, unseen = (histograms(p.images) for p in (train, test))
        nearest = KNeighborsClassifier(1).fit(x, train.labels)
        scores[by] = nearest.score(unseen, test.labels)
    assert scores["patch"] > scores["region"] + 0.1


def test_labels_are_those_of_the_photographs():
    train, validation, test = load_photo_patches_split(0)
    pictures = photo_patches._photographs()
    assert len(pictures) == len(CLASSES) == 10
    for images, labels in (train, validation, test):
        assert images.dtype == np.uint8
        assert images.shape == (len(labels), 32, 32, 3)
        assert labels.dtype == np.int64
        assert set(labels) == set(range(10))
        for image, label in list(zip(images, labels, strict=True))[::97]:
            picture = pictures[label]
            starts = np.argwhere((picture[:-31, :-31] == image[0, 0]).all(-1))
            found = (picture[y : y + 32, x : x + 32] for y, x in starts)
            assert any(np.array_equal(patch, image) for patch in found)


def test_flat_patches_are_left_out_and_none_is_there_twice():
    parts = load_photo_patches_split(1)
    images = np.concatenate([part.images for part in parts])
    assert images.std(axis=(1, 2)).mean(axis=1).min() > 5
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)


def test_the_seed_decides():
    first, again, other = (load_photo_patches_split(seed)[2] for seed in (0, 0, 1))
    assert np.array_equal(first.images, again.images)
    assert first.images.shape != other.images.shape or (
        not np.array_equal(first.images, other.images)
    )


def test_an_unknown_way_is_refused():
    with pytest.raises(ValueError, match=r"by must be .* Received: 'photo'"):
        load_photo_patches_split(0, by="photo")
