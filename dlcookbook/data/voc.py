"""Pascal VOC from its own files: boxes of 20 classes, and a class for each pixel."""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np
from PIL import Image

__all__ = ["load_voc_boxes_split", "load_voc_masks_split", "read_annotation"]

CLASSES = [
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tvmonitor",
]


class Part(NamedTuple):
    """Pictures, read when they are indexed, and what is on them, in the same order."""

    images: Any
    targets: Any


def load_voc_boxes_split(
    folder: str | os.PathLike, seed: int = 0, *, size: int = 64, validation: float = 0.1
) -> tuple[Part, Part, Part]:
    """Read the boxes of `train` and `val`, which is the test part here.

    The boxes of the test of 2012 are not published. Pictures are read when they are
    indexed, and brought to `size` x `size`, and boxes with them. The files count pixels
    from 1, both corners included: 1, 1, 10, 20 are ten columns and twenty rows, and
    become 0, 0, 10, 20.

    Parameters
    ----------
    folder : path
        A year, with `Annotations/*.xml`, `JPEGImages/*.jpg`, `ImageSets/Main/train.txt`
        and `val.txt`.
    seed : int
        Decides which pictures of `train` are for validation.
    size : int
        Rows and columns of the pictures.
    validation : float in (0, 1)
        Share of `train`.

    Returns
    -------
    tuple of (images, targets), three of them: training, validation, test
        `images[i]`: ndarray, shape (size, size, 3), float32, 0 to 1. `targets`:
        ndarray, shape (N, M, 6), float32: x1, y1, x2, y2 in pixels of the small
        picture, the class, 0 to 19 in the order of the alphabet, and 1 where it is
        `difficult`, else 0. Rows that are not used are -1.

    Raises
    ------
    FileNotFoundError
        If a file is missing: what to fetch, and where to put it.
    ValueError
        If a list or an annotation is not as its format says, its size is not that of
        the picture, or a part would be empty.

    Examples
    --------
    >>> load_voc_boxes_split("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: ImageSets/Main/train.txt is not in nowhere...

    References
    ----------
    Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", 2010.
    <http://host.robots.ox.ac.uk/pascal/VOC/>
    """
    folder = Path(folder)
    lists = _split(folder, "Main", seed, validation)
    notes = {
        name: read_annotation(_find(folder, f"Annotations/{name}.xml"))
        for names in lists
        for name in names
    }
    most = max(1, *(len(boxes) for _, boxes in notes.values()))
    parts = []
    for names in lists:
        targets = np.full((len(names), most, 6), -1, "float32")
        for row, name in zip(targets, names, strict=True):
            (width, height), boxes = notes[name]
            with Image.open(_find(folder, f"JPEGImages/{name}.jpg")) as picture:
                if picture.size != (width, height):
                    raise ValueError(
                        f"Annotations/{name}.xml must have the size of its picture, "
                        f"{picture.size}. Received: {width, height}"
                    )
            scale = [size / width, size / height] * 2 + [1, 1]
            row[: len(boxes)] = boxes * scale
        parts.append(Part(_images(folder, names, size), targets))
    return parts[0], parts[1], parts[2]


def load_voc_masks_split(
    folder: str | os.PathLike, seed: int = 0, *, size: int = 64, validation: float = 0.1
) -> tuple[Part, Part, Part]:
    """Find the pictures with a class for each pixel; `val` is the test part here.

    Pictures and masks are read when they are indexed, and brought to `size` x `size`:
    bilinear for pictures, the nearest pixel for masks.

    Parameters
    ----------
    folder : path
        A year, with `SegmentationClass/*.png`, `JPEGImages/*.jpg`,
        `ImageSets/Segmentation/train.txt` and `val.txt`.
    seed : int
        Decides which pictures of `train` are for validation.
    size : int
        Rows and columns.
    validation : float in (0, 1)
        Share of `train`.

    Returns
    -------
    tuple of (images, targets), three of them: training, validation, test
        Like arrays with `len`, `shape` and indices that are numbers, slices or arrays.
        `images[i]`: ndarray, shape (size, size, 3), float32, 0 to 1; `targets[i]`:
        ndarray, shape (size, size), int64, 0 background, 1 to 20 a class, 255 the
        border, which does not count.

    Raises
    ------
    FileNotFoundError
        If a file is missing: what to fetch, and where to put it.
    ValueError
        If a list is not as its format says, or a part would be empty; when a mask is
        read, if it has no palette or another value.

    Examples
    --------
    >>> load_voc_masks_split("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: ImageSets/Segmentation/train.txt is not in nowhere...

    References
    ----------
    Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", 2010.
    <http://host.robots.ox.ac.uk/pascal/VOC/>
    """
    folder, parts = Path(folder), []
    for names in _split(folder, "Segmentation", seed, validation):
        paths = [_find(folder, f"SegmentationClass/{name}.png") for name in names]
        masks = _Files(paths, _read_mask, (size, size))
        parts.append(Part(_images(folder, names, size), masks))
    return parts[0], parts[1], parts[2]


def read_annotation(path: str | os.PathLike) -> tuple[tuple[int, int], np.ndarray]:
    """Read one file of boxes. A document type is refused: entities can be bombs.

    Parameters
    ----------
    path : path
        The XML.

    Returns
    -------
    tuple of (int, int) and ndarray, shape (M, 6), float64
        Width and height of the picture; and x1, y1, x2, y2 from 0, the last column and
        row not included, the class, 0 to 19, and 1 for `difficult`, else 0.

    Raises
    ------
    ValueError
        If the file is no XML, has a document type, lacks a number, names another
        class, or a box leaves the picture or has no area.

    Examples
    --------
    >>> import tempfile
    >>> box = "<xmin>1</xmin><ymin>1</ymin><xmax>10</xmax><ymax>20</ymax>"
    >>> size = "<size><width>30</width><height>40</height></size>"
    >>> thing = f"<object><name>cat</name><bndbox>{box}</bndbox></object>"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cat.xml"
    ...     _ = path.write_text(f"<annotation>{size}{thing}</annotation>")
    ...     read_annotation(path)
    ((30, 40), array([[ 0.,  0., 10., 20.,  7.,  0.]]))

    References
    ----------
    <https://docs.python.org/3/library/xml.html#xml-security>
    """
    path, data = Path(path), Path(path).read_bytes()
    try:
        # before anything is expanded, in whatever encoding
        check = expat.ParserCreate()
        check.StartDoctypeDeclHandler = _refuse
        check.Parse(data, True)
        root = ElementTree.fromstring(data)
    except (expat.ExpatError, ElementTree.ParseError, ValueError) as error:
        raise ValueError(f"{path} must be plain XML. Received: {error}") from None
    width, height = (
        _number(path, root, f"size/{name}") for name in ("width", "height")
    )
    if not (width >= 1 <= height and width % 1 == height % 1 == 0):
        raise ValueError(
            f"{path} must have a size in whole pixels. Received: {width:g} x {height:g}"
        )
    rows = []
    for thing in root.findall("object"):
        name = (thing.findtext("name") or "").strip()
        if name not in CLASSES:
            raise ValueError(f"{path} must name one of VOC's classes. Received: {name}")
        corners = ("xmin", "ymin", "xmax", "ymax")
        x1, y1, x2, y2 = (_number(path, thing, f"bndbox/{key}") for key in corners)
        if not (1 <= x1 <= x2 <= width and 1 <= y1 <= y2 <= height):
            raise ValueError(
                f"{path} must have boxes in {width:g} x {height:g}, counted from 1. "
                f"Received: {x1, y1, x2, y2}"
            )
        hard = (thing.findtext("difficult") or "0").strip()
        if hard not in ("0", "1"):
            raise ValueError(f"{path} must have difficult as 0 or 1. Received: {hard}")
        rows.append((x1 - 1, y1 - 1, x2, y2, CLASSES.index(name), hard == "1"))
    return (int(width), int(height)), np.array(rows, float).reshape(-1, 6)


class _Files:
    """Pictures of files, read when they are indexed."""

    def __init__(self, paths: list[Path], read: Callable, shape: Sequence[int]) -> None:
        self.paths, self.read = np.array(paths, object), read
        self.shape = len(paths), *shape

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, at: Any) -> np.ndarray:
        if isinstance(at, int | np.integer):
            return self.read(self.paths[at], self.shape[1:])
        return np.stack([self.read(path, self.shape[1:]) for path in self.paths[at]])


def _images(folder: Path, names: list[str], size: int) -> _Files:
    if size < 1:
        raise ValueError(f"size must be >= 1. Received: {size}")
    paths = [_find(folder, f"JPEGImages/{name}.jpg") for name in names]
    return _Files(paths, _read_image, (size, size, 3))


def _read_image(path: Path, shape: Sequence[int]) -> np.ndarray:
    with Image.open(path) as picture:
        small = picture.convert("RGB").resize(
            (shape[1], shape[0]), Image.Resampling.BILINEAR
        )
    return np.asarray(small, "float32") / np.float32(255)


def _read_mask(path: Path, shape: Sequence[int]) -> np.ndarray:
    with Image.open(path) as picture:
        # as colours, the numbers of the classes would be gone
        if picture.mode != "P":
            raise ValueError(f"{path} must have a palette. Received: {picture.mode}")
        small = picture.resize((shape[1], shape[0]), Image.Resampling.NEAREST)
    values = np.asarray(small).astype("int64")
    if ((values > 20) & (values != 255)).any():
        raise ValueError(
            f"{path} must have values 0 to 20 and 255. Received: {np.unique(values)}"
        )
    return values


def _split(folder: Path, kind: str, seed: int, validation: float) -> list[list[str]]:
    """Read both lists, and take a part of the first one for validation."""
    lists = []
    for part in ("train", "val"):
        path = _find(folder, f"ImageSets/{kind}/{part}.txt")
        names = path.read_text("utf-8", "replace").split()
        for name in names:
            if not re.fullmatch(r"[\w-]+", name, re.ASCII):
                raise ValueError(f"{path} must list names. Received: {name!r}")
        lists.append(names)
    both = [*lists[0], *lists[1]]
    if len(set(both)) < len(both):
        raise ValueError(
            f"lists must have each name once. Received: {len(both)} names, "
            f"{len(set(both))} of them different"
        )
    # a NaN is not between them either
    count = round(validation * len(lists[0])) if 0 < validation < 1 else 0
    if not 0 < count < len(lists[0]) or not lists[1]:
        raise ValueError(
            f"validation leaves a part empty. Received: {validation} for "
            f"{[len(names) for names in lists]} pictures"
        )
    order = np.random.default_rng(seed).permutation(lists[0]).tolist()
    return [order[count:], order[:count], lists[1]]


def _refuse(*declared: object) -> None:
    raise ValueError("a document type")


def _number(path: Path, at: ElementTree.Element, name: str) -> float:
    text = at.findtext(name)
    try:
        return float(text or "")
    except ValueError:
        raise ValueError(
            f"{path} must have a number as {name}. Received: {text}"
        ) from None


def _find(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise FileNotFoundError(
            f"{name} is not in {folder}. Fetch VOCtrainval_11-May-2012.tar from "
            "http://host.robots.ox.ac.uk/pascal/VOC/voc2012/, unpack it, and name its "
            "folder VOCdevkit/VOC2012"
        )
    return folder / name
