"""Scenes of digits and tiles of coins: what is known is so, and parts share nothing."""

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("skimage")

from dlcookbook.data import digit_scenes
from dlcookbook.data.coins import load_coins_split
from dlcookbook.data.digit_scenes import load_digit_scenes_split, load_photographs

SMALL = {"counts": (60, 20, 30)}


@pytest.fixture(scope="module")
def scenes():
    return [load_digit_scenes_split(3, targets=t, **SMALL) for t in ("masks", "boxes")]


def test_shapes_and_ranges(scenes):
    for masks, boxes, count in zip(*scenes, SMALL["counts"], strict=True):
        assert masks.images.shape == (count, 48, 48, 3)
        assert masks.images.dtype == boxes.targets.dtype == np.float32
        assert masks.targets.dtype == np.int64
        assert masks.targets.shape == (count, 48, 48)
        assert set(np.unique(masks.targets)) == {0, 1}
        assert masks.images.min() >= 0
        assert masks.images.max() <= 1
        assert (masks.images == boxes.images).all()


def test_boxes_are_the_tight_ones_of_the_masks(scenes):
    found = 0
    for masks, boxes in zip(*scenes, strict=True):
        for mask, rows in zip(masks.targets, boxes.targets, strict=True):
            left = mask.copy()
            for x1, y1, x2, y2, digit, ignored in rows[rows[:, 4] >= 0].astype(int):
                inside = mask[y1:y2, x1:x2]
                for rim in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
                    assert rim.any()
                assert 0 <= digit <= 9
                assert ignored == 0
                left[y1:y2, x1:x2] = 0
                found += 1
            # unused rows come last and hold -1; no ink is outside of the boxes
            assert (rows[(rows[:, 4] >= 0).sum() :] == -1).all()
            assert not left.any()
    assert found > 100
    empty = [(part.targets.sum((1, 2)) == 0).mean() for part in scenes[0]]
    assert 0.05 < np.mean(empty) < 0.5


def test_no_digit_and_no_photograph_is_in_two_parts(monkeypatch):
    seen = []
    real = digit_scenes._scenes

    def spy(digits, photographs, *rest):
        seen.append(
            ({d.tobytes() for d in digits[0]}, {p.tobytes() for p in photographs})
        )
        return real(digits, photographs, *rest)

    monkeypatch.setattr(digit_scenes, "_scenes", spy)
    load_digit_scenes_split(3, **SMALL)
    for kind, total in ((0, 1797), (1, len(load_photographs()))):
        sets = [part[kind] for part in seen]
        assert sum(map(len, sets)) == len(set.union(*sets)) == total


def test_the_seed_decides_and_nothing_else(scenes):
    again = load_digit_scenes_split(3, counts=(10, 20, 30))
    assert (again[2].images == scenes[0][2].images).all()
    other = load_digit_scenes_split(4, **SMALL)
    assert not (other[2].images == scenes[0][2].images).all()


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"seed": -1}, "seed"),
        ({"targets": "both"}, "targets"),
        ({"counts": (1, 0, 1)}, "counts"),
        ({"size": 16}, "size"),
        ({"most": 0}, "most"),
    ],
)
def test_arguments_are_checked(options, name):
    with pytest.raises(ValueError, match=rf"{name} .*Received: "):
        load_digit_scenes_split(**options)


def test_tiles_of_coins_share_no_pixel():
    for seed in range(3):
        parts = load_coins_split(seed)
        # a row of 64 pixels is rarely there twice, unless it is the same place
        rows = [
            {row.tobytes() for image in part.images for row in image[:, 16:48, 0]}
            for part in parts
        ]
        assert not rows[0] & rows[1]
        assert not rows[0] & rows[2]
        assert not rows[1] & rows[2]
        for part in parts:
            assert set(np.unique(part.targets)) == {0, 1}
            assert 0.1 < part.targets.mean() < 0.5
    places = {load_coins_split(seed)[2].images.tobytes() for seed in range(8)}
    assert len(places) > 1
    with pytest.raises(ValueError, match="size"):
        load_coins_split(size=65)
