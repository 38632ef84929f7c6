"""Pascal VOC and the pets: files as they are published, and files that are not."""

import numpy as np
import pytest

pytest.importorskip("PIL")

from PIL import Image

from dlcookbook.data.pets import load_pets_split, read_trimap
from dlcookbook.data.voc import (
    load_voc_boxes_split,
    load_voc_masks_split,
    read_annotation,
)

OBJECT = """<object><name>{name}</name><pose>Left</pose><difficult>{hard}</difficult>
<bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox>
</object>"""


def note(objects, width=40, height=20):
    size = (
        f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
    )
    return f"<annotation><folder>VOC2012</folder>{size}{''.join(objects)}</annotation>"


def thing(name="dog", hard=0, x1=1, y1=1, x2=10, y2=20):
    return OBJECT.format(name=name, hard=hard, x1=x1, y1=y1, x2=x2, y2=y2)


@pytest.fixture
def voc(tmp_path):
    """Write twelve pictures, the first with a box, the second with none."""
    folders = ("Annotations", "JPEGImages", "SegmentationClass")
    for name in (*folders, "ImageSets/Main", "ImageSets/Segmentation"):
        (tmp_path / name).mkdir(parents=True)
    names = [f"2007_{i:06d}" for i in range(12)]
    for i, name in enumerate(names):
        pixels = np.full((20, 40, 3), 20 * i, "uint8")
        Image.fromarray(pixels).save(tmp_path / f"JPEGImages/{name}.jpg", quality=100)
        mask = np.zeros((20, 40), "uint8")
        mask[:10], mask[10:12] = 12, 255
        picture = Image.fromarray(mask, "L")
        picture.putpalette(np.random.default_rng(0).integers(0, 256, 768).tolist())
        picture.save(tmp_path / f"SegmentationClass/{name}.png")
        objects = [] if i == 1 else [thing(), thing("person", 1, 31, 11, 40, 20)]
        (tmp_path / f"Annotations/{name}.xml").write_text(note(objects[: 1 + (i > 2)]))
    for kind in ("Main", "Segmentation"):
        lists = tmp_path / "ImageSets" / kind
        (lists / "train.txt").write_text("\n".join(names[:10]) + "\n")
        (lists / "val.txt").write_text("\n".join(names[10:]) + "\n")
    return tmp_path


def test_corners_count_from_one_and_scale_with_the_picture(voc):
    train, validation, test = load_voc_boxes_split(voc, seed=0, size=10)
    assert [len(part.targets) for part in (train, validation, test)] == [9, 1, 2]
    assert test.targets.shape == (2, 2, 6)
    # ten columns of forty, all twenty rows: dog is the 12th of the alphabet
    assert test.targets[0, 0].tolist() == [0, 0, 2.5, 10, 11, 0]
    assert test.targets[0, 1].tolist() == [7.5, 5, 10, 10, 14, 1]
    assert test.images.shape == (2, 10, 10, 3)
    assert test.images[0].dtype == np.float32
    assert np.allclose(test.images[0], 200 / 255, atol=0.02)
    assert test.images[:1].shape == (1, 10, 10, 3)
    assert np.allclose(test.images[np.array([1, 0])][1], test.images[0])


def test_boxes_of_a_picture_of_another_size_are_refused(voc):
    path = voc / "Annotations/2007_000004.xml"
    path.write_text(note([thing()], width=400, height=200))
    with pytest.raises(
        ValueError, match=r"2007_000004.xml must .* \(40, 20\). Received"
    ):
        load_voc_boxes_split(voc)


def test_a_picture_without_a_box_is_kept(voc):
    parts = load_voc_boxes_split(voc, size=10)
    empty = [(part.targets[:, :, 4] < 0).all(1).sum() for part in parts]
    assert sum(empty) == 1


def test_the_seed_decides_which_pictures_validate(voc):
    def held(seed):
        return load_voc_masks_split(voc, seed, validation=0.3)[1].images.paths.tolist()

    assert held(0) == held(0)
    assert held(0) != held(1)
    parts = load_voc_masks_split(voc, 0, validation=0.3)
    sets = [set(part.images.paths) for part in parts]
    assert [len(names) for names in sets] == [7, 3, 2]
    assert len(set.union(*sets)) == 12


def test_masks_are_numbers_of_classes_and_not_colours(voc):
    _, _, test = load_voc_masks_split(voc, size=20)
    assert test.targets[0].dtype == np.int64
    assert np.unique(test.targets[0]).tolist() == [0, 12, 255]
    assert (test.targets[0] == 12).sum() == 200
    (voc / "SegmentationClass/2007_000010.png").unlink()
    rgb = Image.fromarray(np.zeros((20, 40, 3), "uint8"))
    rgb.save(voc / "SegmentationClass/2007_000010.png")
    part = load_voc_masks_split(voc)[2]
    with pytest.raises(ValueError, match="palette"):
        part.targets[0]


BOMB = (
    "<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;&b;'>]><annotation>&c;</annotation>"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "a document type"),
        (note([thing()])[:-20], "plain XML"),
        (note([thing("unicorn")]), "unicorn"),
        (note([thing(x1=0)]), "counted from 1"),
        (note([thing(x2=41)]), "40 x 20"),
        (note([thing(x1=11)]), "boxes in"),
        (note([thing(x1="left")]), "bndbox/xmin"),
        (note([thing()]).replace("width", "breadth"), "size/width"),
        (note([thing(hard="yes")]), "difficult as 0 or 1. Received: yes"),
        (note([], 0, 0), "whole pixels. Received: 0 x 0"),
        (note([], "inf", 20), "whole pixels. Received: inf x 20"),
        (note([], "nan", 20), "whole pixels. Received: nan x 20"),
        (note([], 40, 20.5), "whole pixels. Received: 40 x 20.5"),
    ],
)
def test_other_annotations_are_refused(tmp_path, text, message):
    path = tmp_path / "a.xml"
    for encoding in ("utf-8", "utf-16"):
        head = f"<?xml version='1.0' encoding='{encoding}'?>"
        path.write_bytes((head + text).encode(encoding))
        with pytest.raises(ValueError, match=message) as caught:
            read_annotation(path)
        assert "Received: " in str(caught.value)


def test_lists_and_files_are_checked(voc):
    path = voc / "ImageSets/Main/val.txt"
    path.write_text("../../secret\n")
    with pytest.raises(ValueError, match="must list names"):
        load_voc_boxes_split(voc)
    path.write_text("2007_000001\n")
    with pytest.raises(ValueError, match="each name once"):
        load_voc_boxes_split(voc)
    path.write_text("2007_000099\n")
    with pytest.raises(FileNotFoundError, match=r"2007_000099\.xml is not in"):
        load_voc_boxes_split(voc)
    path.write_bytes("caf\xe9\n".encode("latin-1"))
    with pytest.raises(ValueError, match="must list names"):
        load_voc_boxes_split(voc)
    for share in (0.01, 1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="leaves a part empty"):
            load_voc_masks_split(voc, validation=share)


def test_a_part_of_an_object_is_not_an_object_and_a_flag_may_lack(tmp_path):
    inner = "<part><name>head</name><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>3</xmax>"
    inner += "<ymax>3</ymax></bndbox></part>"
    text = thing().replace("<difficult>0</difficult>", inner)
    path = tmp_path / "a.xml"
    path.write_text(note([text, thing("cat", 1, 5.5, 2, 40, 20)]))
    size, boxes = read_annotation(path)
    assert size == (40, 20)
    assert boxes.tolist() == [[0, 0, 10, 20, 11, 0], [4.5, 1, 40, 20, 7, 1]]


@pytest.fixture
def pets(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "annotations/trimaps").mkdir(parents=True)
    names = [f"{kind}_{i}" for kind in ("Abyssinian", "pug") for i in range(6)]
    for i, name in enumerate(names):
        Image.fromarray(np.full((30, 20, 3), 20 * i, "uint8")).save(
            tmp_path / f"images/{name}.jpg", quality=100
        )
        trimap = np.full((30, 20), 2, "uint8")
        trimap[5:20, 5:15], trimap[20:22] = 1, 3
        Image.fromarray(trimap).save(tmp_path / f"annotations/trimaps/{name}.png")
    lines = [f"{name} 1 1 1\n" for name in names]
    (tmp_path / "annotations/trainval.txt").write_text("".join(lines[:10]))
    (tmp_path / "annotations/test.txt").write_text(
        "#Image CLASS\n" + "".join(lines[10:])
    )
    return tmp_path


def test_pets_are_ones_and_borders_do_not_count(pets):
    train, validation, test = load_pets_split(pets, validation=0.2, size=30)
    assert [len(part.targets) for part in (train, validation, test)] == [8, 2, 2]
    mask = test.targets[0]
    assert np.unique(mask).tolist() == [0, 1, 255]
    assert (mask[20:22] == 255).all()
    assert mask[10, 15] == 1
    assert mask[0, 0] == 0
    assert np.allclose(test.images[1], 220 / 255, atol=0.02)
    names = [{p.stem for p in part.images.paths} for part in (train, validation, test)]
    assert len(set.union(*names)) == 12
    for part in (train, validation):
        assert [p.stem for p in part.images.paths] == [
            p.stem for p in part.targets.paths
        ]


def test_other_files_of_pets_are_refused(pets):
    path = pets / "annotations/trimaps/pug_5.png"
    Image.fromarray(np.zeros((3, 3), "uint8")).save(path)
    with pytest.raises(ValueError, match="values 1, 2 and 3"):
        read_trimap(path)
    Image.fromarray(np.ones((3, 3, 3), "uint8")).save(path)
    with pytest.raises(ValueError, match="must be grey"):
        read_trimap(path)
    lists = pets / "annotations/test.txt"
    for share in (0.0, 1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="leaves a part empty"):
            load_pets_split(pets, validation=share)
    for line, message in (
        ("../../etc/passwd 1 1 1", "lines as"),
        ("pug_5 1 1 \u00bd", "lines as"),
        ("pug_5", "lines as"),
        ("pug_1 1 1 1", "each name once"),
    ):
        lists.write_text(line + "\n")
        with pytest.raises(ValueError, match=message):
            load_pets_split(pets)
    lists.write_text("pug_99 1 1 1\n")
    with pytest.raises(FileNotFoundError, match=r"images/pug_99\.jpg is not in"):
        load_pets_split(pets)
