"""COCO from its own files: boxes of objects, as `instances_*.json` lists them."""

import json
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

__all__ = ["load_coco_split", "read_instances"]


class Part(NamedTuple):
    """Pictures, read when they are indexed, and their boxes, in the same order."""

    images: Any
    targets: np.ndarray


def load_coco_split(
    folder: str | os.PathLike,
    seed: int = 0,
    *,
    size: int = 64,
    validation: float = 0.1,
    year: str = "2017",
) -> tuple[Part, Part, Part]:
    """Read the boxes of `train` and `val`, which is the test part here.

    The boxes of COCO's own test are not published. Pictures are read when they are
    indexed, and brought to `size` x `size`, and boxes with them. Pictures without a
    box stay: there is something to learn from them.

    Parameters
    ----------
    folder : path
        With `annotations/instances_train2017.json` and `_val2017`, and the pictures in
        `train2017` and `val2017`.
    seed : int
        Decides which pictures of `train` are for validation.
    size : int
        Rows and columns of the pictures.
    validation : float in (0, 1)
        Share of `train`.
    year : str
        In the names of the files.

    Returns
    -------
    tuple of (images, targets), three of them: training, validation, test
        `images[i]`: ndarray, shape (size, size, 3), float32, 0 to 1. `targets`:
        ndarray, shape (N, M, 6), float32: x1, y1, x2, y2 in pixels of the small
        picture, the class from 0, without gaps, in the order of the ids of both files,
        and 1 where a box is around a crowd, else 0. Rows that are not used are -1.

    Raises
    ------
    FileNotFoundError
        If a file is missing: what to fetch, and where to put it.
    ValueError
        If a file is not as its format says, both have different categories or an image
        in common, or a part would be empty.

    Examples
    --------
    >>> load_coco_split("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: annotations/instances_train2017.json is not in nowhere...

    References
    ----------
    Lin et al., "Microsoft COCO", 2014. <https://cocodataset.org/#format-data>
    """
    folder, found = Path(folder), []
    for kind in (f"train{year}", f"val{year}"):
        path = _find(folder, f"annotations/instances_{kind}.json")
        found.append((kind, *read_instances(path)))
    (_, names, files), (_, others, tested) = found
    if names != others:
        raise ValueError(
            "both files must have the same categories. Received: "
            f"{sorted(set(names) ^ set(others))[:3]} in one of them"
        )
    if shared := {name for name, *_ in files} & {name for name, *_ in tested}:
        raise ValueError(
            f"no image may be in both files. Received: {sorted(shared)[:3]}"
        )
    if size < 1:
        raise ValueError(f"size must be >= 1. Received: {size}")
    count = round(validation * len(files))
    if not 0 < count < len(files) or not tested:
        raise ValueError(
            f"validation leaves a part empty. Received: {validation} for {len(files)} "
            f"and {len(tested)} images"
        )
    order = np.random.default_rng(seed).permutation(len(files))
    most = max(1, *(len(boxes) for _, _, images in found for *_, boxes in images))
    parts = []
    for at, rows in ((0, order[count:]), (0, order[:count]), (1, range(len(tested)))):
        kind, _, images = found[at]
        targets = np.full((len(rows), most, 6), -1, "float32")
        paths = []
        for target, row in zip(targets, rows, strict=True):
            name, width, height, boxes = images[row]
            paths.append(_find(folder, f"{kind}/{name}"))
            scale = [size / width, size / height] * 2 + [1, 1]
            target[: len(boxes)] = boxes * scale
        parts.append(Part(_Files(paths, size), targets))
    return parts[0], parts[1], parts[2]


def read_instances(
    path: str | os.PathLike,
) -> tuple[list[str], list[tuple[str, int, int, np.ndarray]]]:
    """Read one file of instances: categories, and for each image its boxes.

    Ids of categories have gaps (1 to 90 for 80 of them): the class is the place of the
    id in their order. Boxes are x, y, width, height and become corners.

    Parameters
    ----------
    path : path
        The JSON.

    Returns
    -------
    tuple of list of str, and list of (str, int, int, ndarray)
        Names of the classes; for each image its file, width, height and boxes, shape
        (M, 6), float64: x1, y1, x2, y2, class, and 1 for a crowd, else 0. A box without
        an area is left out.

    Raises
    ------
    ValueError
        If the file is no JSON or lacks a list or a key; an id or a file is there twice;
        an annotation has an image or a category that is not there, or an `iscrowd` that
        is neither 0 nor 1; a box leaves its image by more than a pixel; or a file is
        not in the folder.

    Examples
    --------
    >>> import tempfile
    >>> image = {"id": 7, "file_name": "a.jpg", "width": 30, "height": 20}
    >>> box = {"image_id": 7, "category_id": 90, "bbox": [1, 2, 10, 5], "iscrowd": 0}
    >>> kinds = [{"id": 90, "name": "toothbrush"}, {"id": 1, "name": "person"}]
    >>> data = {"images": [image], "annotations": [box], "categories": kinds}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "instances.json"
    ...     _ = path.write_text(json.dumps(data))
    ...     read_instances(path)
    (['person', 'toothbrush'],
     [('a.jpg', 30, 20, array([[ 1.,  2., 11.,  7.,  1.,  0.]]))])

    References
    ----------
    Lin et al., "Microsoft COCO", 2014. <https://cocodataset.org/#format-data>
    """
    try:
        content = json.loads(Path(path).read_text("utf-8"))
        kinds = sorted((int(k["id"]), str(k["name"])) for k in content["categories"])
        places = {key: at for at, (key, _) in enumerate(kinds)}
        images = {int(image["id"]): image for image in content["images"]}
        boxes: dict[int, list[tuple[float, ...]]] = {key: [] for key in images}
        for one in content["annotations"]:
            image = images[int(one["image_id"])]
            x, y, width, height = map(float, one["bbox"])
            inside = -1 <= x <= x + width <= image["width"] + 1
            if not (inside and -1 <= y <= y + height <= image["height"] + 1):
                raise ValueError(f"bbox {one['bbox']} leaves image {one['image_id']}")
            place = places[int(one["category_id"])]
            crowd = one.get("iscrowd", 0)
            if crowd not in (0, 1):
                raise ValueError(f"iscrowd {crowd!r} of image {one['image_id']}")
            if width > 0 and height > 0:
                box = x, y, x + width, y + height, place, crowd
                boxes[int(one["image_id"])].append(box)
        ids = [int(one["id"]) for one in content["annotations"] if "id" in one]
        rows = [
            (
                str(image["file_name"]),
                int(image["width"]),
                int(image["height"]),
                np.array(boxes[key], float).reshape(-1, 6),
            )
            for key, image in images.items()
        ]
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} must be as COCO's. Received: {error}") from None
    except KeyError as error:
        raise ValueError(f"{path} must have {error}. Received: none") from None
    for what, count, different in (
        ("image ids", len(content["images"]), len(images)),
        ("files", len(rows), len({name for name, *_ in rows})),
        ("category ids", len(kinds), len(places)),
        ("annotation ids", len(ids), len(set(ids))),
    ):
        if count != different:
            raise ValueError(
                f"{path} must have {what} once. Received: {count}, {different} of them "
                "different"
            )
    for name, width, height, _ in rows:
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or "\\" in name or not pure.name:
            raise ValueError(f"{path} must name files in a folder. Received: {name!r}")
        if width < 1 or height < 1:
            raise ValueError(
                f"{path} must have sizes >= 1. Received: {width} x {height} of {name}"
            )
    return [name for _, name in kinds], rows


class _Files:
    """Pictures of files, read when they are indexed."""

    def __init__(self, paths: Sequence[Path], size: int) -> None:
        self.paths, self.shape = np.array(paths, object), (len(paths), size, size, 3)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, at: Any) -> np.ndarray:
        if not isinstance(at, int | np.integer):
            return np.stack([self[int(i)] for i in np.arange(len(self))[at]])
        with Image.open(self.paths[at]) as picture:
            small = picture.convert("RGB").resize(
                (self.shape[2], self.shape[1]), Image.Resampling.BILINEAR
            )
        return np.asarray(small, "float32") / np.float32(255)


def _find(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise FileNotFoundError(
            f"{name} is not in {folder}. Fetch train2017.zip, val2017.zip and "
            "annotations_trainval2017.zip from https://cocodataset.org/#download, "
            "unpack them into one folder, and name that folder"
        )
    return folder / name
