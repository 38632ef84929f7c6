"""NIH ChestX-ray14 from its folders and its table: one finding, split by patient."""

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

__all__ = ["LazyImages", "load_chest_xray_split"]

FINDINGS = (
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Effusion",
    "Emphysema",
    "Fibrosis",
    "Hernia",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pleural_Thickening",
    "Pneumonia",
    "Pneumothorax",
)
_TABLES = "Data_Entry_2017.csv", "Data_Entry_2017_v2020.csv"
_COLUMNS = "Image Index", "Finding Labels", "Patient ID"


class LazyImages:
    """Pictures that are read when they are asked for: paths that index like an array.

    Parameters
    ----------
    paths : sequence of path
        Files of any size.
    size : int
        Height and width of what comes out; averages of what was there.

    Attributes
    ----------
    shape : tuple of int
        (N, size, size).

    Raises
    ------
    ValueError
        If `size` is not positive, or a file is no picture or has more than 8 bits.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "grey.png"
    ...     Image.new("L", (40, 40), 51).save(path)
    ...     images = LazyImages([path, path], size=8)
    ...     print(images.shape, images[0].shape, images[[1, 0]].max())
    (2, 8, 8) (8, 8) 0.2

    References
    ----------
    <https://pillow.readthedocs.io/en/stable/reference/Image.html>
    """

    def __init__(self, paths: Iterable[str | os.PathLike], size: int = 64) -> None:
        self.paths = [Path(path) for path in paths]
        if size < 1:
            raise ValueError(f"size must be positive. Received: {size}")
        self.shape = (len(self.paths), size, size)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: Any) -> np.ndarray:
        if isinstance(index, int | np.integer):
            return _read(self.paths[index], self.shape[1])
        rows = np.arange(len(self))[index]
        images = [_read(self.paths[row], self.shape[1]) for row in rows]
        return np.array(images, "float32").reshape(-1, *self.shape[1:])


class Part(NamedTuple):
    """Images, what each of them counts, and whether the finding is there."""

    images: LazyImages
    weights: np.ndarray
    labels: np.ndarray


def load_chest_xray_split(
    folder: str | os.PathLike,
    seed: int = 0,
    *,
    finding: str = "Pneumonia",
    validation: float = 0.1,
    size: int = 64,
) -> tuple[Part, Part, Part]:
    """Read the table and the official lists; set patients aside for validation.

    The test part is the published one. It and the rest have no patient in common,
    which is checked; validation patients are drawn from the rest, those with and
    without the finding apart, so that no patient is in two parts. Pictures are not
    read before they are used: all of them, at full size, would take 117 GB.

    The labels were taken from reports by a program; its authors expect more than nine
    of ten to be right. "No Finding" is not "healthy".

    Parameters
    ----------
    folder : path
        With `Data_Entry_2017.csv`, `train_val_list.txt`, `test_list.txt` and the
        pictures in `images/` or in `images_001/images/` to `images_012/images/`.
    seed : int >= 0
        Decides which patients become validation patients.
    finding : str
        One of `FINDINGS`; it may be there beside others.
    validation : float in (0, 1)
        Share of the patients who are not in the test part.
    size : int
        Height and width that pictures of 1024 x 1024 are shrunk to.

    Returns
    -------
    tuple of (images, weights, labels), three of them: training, validation, test
        `images`: `LazyImages`, shape (N, size, size), float32, 0 to 1 when read;
        `weights`: ndarray, shape (N,), float32, all 1; `labels`: ndarray, shape (N,),
        int64, 1 where the finding is.

    Raises
    ------
    FileNotFoundError
        If a file or a picture is missing: what to fetch, and where to put it.
    ValueError
        If a column is missing, a picture is listed twice, is in no row, or has a path
        for a name; if a label or `finding` is unknown, a patient is in both lists,
        `validation` is out of its range, or a part would be left without the finding.

    Examples
    --------
    >>> load_chest_xray_split("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: Data_Entry_2017.csv is not in nowhere...

    References
    ----------
    Wang et al., ChestX-ray8: hospital-scale chest X-ray database and benchmarks, 2017.
    <https://arxiv.org/abs/1705.02315>; the files:
    <https://nihcc.app.box.com/v/ChestXray-NIHCC>
    """
    folder = Path(folder)
    if finding not in FINDINGS:
        raise ValueError(
            f"finding must be one of {', '.join(FINDINGS)}. Received: {finding!r}"
        )
    if not 0 < validation < 1:
        raise ValueError(f"validation must be in (0, 1). Received: {validation}")
    table = _table(folder)
    listed, tested = (
        _listed(folder, name, table) for name in ("train_val_list.txt", "test_list.txt")
    )
    both = {table[name][0] for name in listed} & {table[name][0] for name in tested}
    if both:
        raise ValueError(
            "train_val_list.txt and test_list.txt must have no patient in common. "
            f"Received: {len(both)}, such as {min(both)}"
        )
    ill = {table[name][0] for name in listed if finding in table[name][1]}
    rng, held = np.random.default_rng(seed), set()
    for patients in (ill, {table[name][0] for name in listed} - ill):
        order = rng.permutation(sorted(patients)).tolist()
        held.update(order[: round(validation * len(order))])
    places = _places(folder)
    chosen = {
        "training": [name for name in listed if table[name][0] not in held],
        "validation": [name for name in listed if table[name][0] in held],
        "test": tested,
    }
    parts = []
    for part, names in chosen.items():
        labels = np.array([finding in table[name][1] for name in names], "int64")
        if not 0 < labels.sum() < len(labels):
            raise ValueError(
                f"the {part} part must have pictures with {finding} and without. "
                f"Received: {labels.sum()} with it, of {len(labels)}"
            )
        missing = [name for name in names if name not in places]
        if missing:
            raise FileNotFoundError(
                f"{missing[0]} and {len(missing) - 1} more are in no folder images of "
                f"{folder}. Fetch images_001.tar.gz to images_012.tar.gz from "
                "https://nihcc.app.box.com/v/ChestXray-NIHCC and unpack them there"
            )
        images = LazyImages([places[name] for name in names], size)
        parts.append(Part(images, np.ones(len(labels), "float32"), labels))
    train, checked, last = parts
    return train, checked, last


def _table(folder: Path) -> dict[str, tuple[str, set[str]]]:
    """Return patient and findings by the name of the picture."""
    path = next((folder / x for x in _TABLES if (folder / x).is_file()), None)
    if path is None:
        raise _absent(folder, _TABLES[0])
    found: dict[str, tuple[str, set[str]]] = {}
    # what is no UTF-8 is in no known name, finding or patient
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        rows = csv.DictReader(file)
        lacking = [x for x in _COLUMNS if x not in (rows.fieldnames or [])]
        if lacking:
            raise ValueError(
                f"{path} must have the columns {', '.join(_COLUMNS)}. Received: "
                f"{', '.join(rows.fieldnames or [])}"
            )
        for row in rows:
            name, text, patient = (row[column] or "" for column in _COLUMNS)
            findings = set(text.split("|"))
            unknown = findings - {*FINDINGS, "No Finding"}
            if len(findings) > 1 and "No Finding" in findings:
                unknown = findings
            if unknown or not patient or name in found or Path(name).name != name:
                raise ValueError(
                    f"line {rows.line_num} of {path} must have a name that is no path "
                    "and comes once, known findings, and a patient. Received: "
                    f"{name!r}, {text!r}, {patient!r}"
                )
            found[name] = patient, findings
    return found


def _listed(folder: Path, name: str, table: dict[str, Any]) -> list[str]:
    """Return the pictures that a list names, each of them once and in the table."""
    if not (folder / name).is_file():
        raise _absent(folder, name)
    names = (folder / name).read_text("utf-8").split()
    unknown = [x for x in names if x not in table]
    if unknown or len(set(names)) != len(names):
        wrong = unknown[:1] or [x for x in names if names.count(x) > 1][:1]
        raise ValueError(
            f"{folder / name} must name pictures of the table, each once. Received: "
            f"{wrong[0]}"
        )
    return names


def _places(folder: Path) -> dict[str, Path]:
    """Return where each picture lies, by its name."""
    folders = [folder / "images", *sorted(folder.glob("images_*/images"))]
    return {path.name: path for place in folders for path in place.glob("*.png")}


def _absent(folder: Path, name: str) -> FileNotFoundError:
    return FileNotFoundError(
        f"{name} is not in {folder}. Fetch Data_Entry_2017.csv, train_val_list.txt and "
        "test_list.txt, and the pictures images_001.tar.gz to images_012.tar.gz, from "
        "https://nihcc.app.box.com/v/ChestXray-NIHCC, put all into one folder, unpack "
        "the archives, and name that folder"
    )


def _read(path: Path, size: int) -> np.ndarray:
    """Return one picture, shape (size, size), 0 to 1, whatever mode it is in."""
    try:
        with Image.open(path) as image:
            if image.mode.startswith(("I", "F")):
                # Pillow would cut them at 255: all white
                raise ValueError(f"mode {image.mode}, more than 8 bits")
            grey = image.convert("L").resize((size, size), Image.Resampling.BOX)
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(
            f"{path} must be a picture of 8 bits. Received: {error}"
        ) from None
    return np.asarray(grey, "float32") / 255
