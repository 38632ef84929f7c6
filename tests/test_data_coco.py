"""COCO: gaps between ids, crowds, images without boxes, and files that are not so."""

import json

import numpy as np
import pytest

pytest.importorskip("PIL")

from PIL import Image

from dlcookbook.data.coco import load_coco_split, read_instances

CATEGORIES = [{"id": 90, "name": "toothbrush"}, {"id": 1, "name": "person"}]


def instances(first: int, count: int):
    """Return the content of a file: every image has boxes but the last one."""
    images = [
        {"id": i, "file_name": f"{i:012d}.jpg", "width": 40, "height": 20}
        for i in range(first, first + count)
    ]
    boxes = [
        {"id": i, "image_id": i, "category_id": 90, "bbox": [4, 2, 8, 10], "iscrowd": 0}
        for i in range(first, first + count - 1)
    ]
    crowd = {
        "image_id": first,
        "category_id": 1,
        "bbox": [0, 0, 40.0, 20],
        "iscrowd": 1,
    }
    flat = {"image_id": first, "category_id": 1, "bbox": [3, 3, 0, 5]}
    return {"images": images, "annotations": [*boxes, crowd, flat]}


@pytest.fixture
def coco(tmp_path):
    (tmp_path / "annotations").mkdir()
    for kind, first, count in (("train2017", 1, 10), ("val2017", 20, 3)):
        (tmp_path / kind).mkdir()
        content = instances(first, count) | {"categories": CATEGORIES}
        for image in content["images"]:
            pixels = np.full((20, 40), 5 * image["id"], "uint8")  # some are grey
            Image.fromarray(pixels).save(tmp_path / kind / image["file_name"])
        path = tmp_path / f"annotations/instances_{kind}.json"
        path.write_text(json.dumps(content))
    return tmp_path


def test_boxes_are_corners_of_the_small_picture_and_classes_have_no_gaps(coco):
    train, validation, test = load_coco_split(coco, size=10)
    assert [len(part.targets) for part in (train, validation, test)] == [9, 1, 3]
    assert test.targets.shape == (3, 2, 6)
    # x, y, width, height of 40 x 20 pixels; the toothbrush is the second class
    assert test.targets[0].tolist() == [[1, 1, 3, 6, 1, 0], [0, 0, 10, 10, 0, 1]]
    assert test.targets[1].tolist() == [[1, 1, 3, 6, 1, 0], [-1] * 6]
    # an image without a box stays
    assert (test.targets[2] == -1).all()
    assert test.images.shape == (3, 10, 10, 3)
    assert test.images[2].dtype == np.float32
    assert np.allclose(test.images[-1], 110 / 255, atol=0.02)
    assert test.images[np.array([2, 0])].shape == (2, 10, 10, 3)


def test_parts_are_disjoint_and_the_seed_decides(coco):
    def names(seed):
        parts = load_coco_split(coco, seed, validation=0.3)
        return [[path.name for path in part.images.paths] for part in parts]

    assert names(0) == names(0)
    assert names(0)[1] != names(1)[1]
    assert sum(map(len, names(0))) == len({n for part in names(0) for n in part}) == 13


def change(content, *path_and_value):
    *path, key, value = path_and_value
    for step in path:
        content = content[step]
    content[key] = value


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("images", 0, "file_name", "../secret.jpg"), "in a folder"),
        (("images", 0, "file_name", "/etc/passwd"), "in a folder"),
        (("images", 0, "id", 2), "image ids once|must have 1"),
        (("images", 0, "file_name", "000000000002.jpg"), "files once"),
        (("annotations", 0, "image_id", 99), "must have 99"),
        (("annotations", 0, "category_id", 2), "must have 2"),
        (("annotations", 0, "bbox", [4, 2, 80, 10]), "leaves image 1"),
        (("annotations", 0, "bbox", [4, 2, -8, 10]), "leaves image 1"),
        (("annotations", 0, "bbox", [4, 2, 8]), "as COCO's"),
        (("categories", [*CATEGORIES, CATEGORIES[1]]), "category ids once"),
        (("annotations", 3), "as COCO's"),
        (("annotations", 0, "iscrowd", 2), "iscrowd 2 of image 1"),
        (("annotations", 0, "iscrowd", None), "iscrowd None of image 1"),
        (("annotations", 0, "id", 2), "annotation ids once"),
        (("annotations", 0, "id", []), "as COCO's"),
    ],
)
def test_other_content_is_refused(coco, edit, message):
    path = coco / "annotations/instances_train2017.json"
    content = json.loads(path.read_text())
    change(content, *edit)
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=message) as caught:
        read_instances(path)
    assert "Received: " in str(caught.value)


def test_files_that_are_cut_off_missing_or_of_another_set_are_refused(coco):
    path = coco / "annotations/instances_val2017.json"
    text = path.read_text()
    for other, message in (
        (text[:-9], "as COCO's"),
        (text.replace("toothbrush", "comb"), "same categories"),
        (text.replace("000000000020", "000000000001"), "in both files"),
    ):
        path.write_text(other)
        with pytest.raises(ValueError, match=message):
            load_coco_split(coco)
    path.write_text(text)
    with pytest.raises(ValueError, match="leaves a part empty"):
        load_coco_split(coco, validation=0.01)
    (coco / "val2017/000000000021.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"000000000021\.jpg is not in"):
        load_coco_split(coco)
