"""Telco customer churn from its CSV file: 20 columns about a customer, gone or not."""

import csv
import os
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

__all__ = ["load_telco_split"]

NUMBERS = ("tenure", "MonthlyCharges", "TotalCharges")
CATEGORIES = (
    "gender",
    "SeniorCitizen",
    "Partner",
    "Dependents",
    "PhoneService",
    "MultipleLines",
    "InternetService",
    "OnlineSecurity",
    "OnlineBackup",
    "DeviceProtection",
    "TechSupport",
    "StreamingTV",
    "StreamingMovies",
    "Contract",
    "PaperlessBilling",
    "PaymentMethod",
)
COLUMNS = (*NUMBERS, *CATEGORIES)
_NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class Part(NamedTuple):
    """Columns and what is to be told from them, in the same order."""

    numbers: np.ndarray
    categories: np.ndarray
    targets: np.ndarray


def load_telco_split(path: str | os.PathLike, seed: int = 0) -> tuple[Part, Part, Part]:
    r"""Read the CSV file, number its categories, and split it.

    `TotalCharges` is blank for customers of no full month: NaN. Names of categories are
    numbered in the order of the alphabet as the training part has them, from 1; what is
    blank, and what it has not seen, is 0. `customerID` is not an input. Customers alike
    in all else are in the same part. Parts have three, one and one fifth of the rows.

    Parameters
    ----------
    path : path
        The file, in UTF-8, its first line the names of its 21 columns, in any order.
    seed : int in [0, 2**32)
        Decides which row goes where.

    Returns
    -------
    tuple of (numbers, categories, targets), three: training, validation, test
        `numbers`: ndarray, shape (N, 3), float32, not scaled, NaN where blank, in the
        order of `NUMBERS`; `categories`: ndarray, shape (N, 16), int64, from 0, in the
        order of `CATEGORIES`; `targets`: ndarray, shape (N,), int64, 1 for gone.

    Raises
    ------
    FileNotFoundError
        If there is no such file: what to fetch.
    ValueError
        If it is no CSV in UTF-8, a column is missing or there twice, a line has not as
        many fields as the first, a customer is there twice, a number is none or below
        0, `Churn` is not Yes or No, there are fewer than ten customers who stay or who
        go, or one of the parts would have none of them, so many are alike.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "telco.csv"
    ...     head = ",".join(["customerID", *COLUMNS, "Churn"]) + "\n"
    ...     rows = [
    ...         f"{i},{i % 7},{i},{i or ' '},{'No,' * 16}{('Yes', 'No')[i % 2]}\n"
    ...         for i in range(100)
    ...     ]
    ...     _ = path.write_text(head + "".join(rows))
    ...     train, validation, test = load_telco_split(path)
    >>> train.numbers.shape, train.categories.shape, len(test.targets)
    ((60, 3), (60, 16), 20)

    References
    ----------
    IBM, "Telco customer churn". <https://github.com/IBM/telco-customer-churn-on-icp4d>
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is not a file. Fetch WA_Fn-UseC_-Telco-Customer-Churn.csv from "
            "https://www.kaggle.com/datasets/blastchar/telco-customer-churn (or "
            "data/Telco-Customer-Churn.csv from "
            "https://github.com/IBM/telco-customer-churn-on-icp4d) and name that file"
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            head, *lines = list(csv.reader(file, strict=True)) or [[]]
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(
                f"{path} must be CSV in UTF-8. Received: {error}"
            ) from None
    names = ["customerID", *COLUMNS, "Churn"]
    if lost := [name for name in names if name not in head]:
        raise ValueError(
            f"{path} must have {len(names)} columns. Received: no {', '.join(lost)}"
        )
    if twice := [name for at, name in enumerate(head) if name in head[:at]]:
        raise ValueError(f"{path} must have each column once. Received: {twice} twice")
    if odd := [i for i, line in enumerate(lines, 2) if len(line) != len(head)]:
        raise ValueError(
            f"{path} must have {len(head)} fields in every line. Received: "
            f"{len(lines[odd[0] - 2])} in line {odd[0]}"
        )
    columns = {
        name: [line[at].strip() for line in lines] for at, name in enumerate(head)
    }
    if len(set(columns["customerID"])) < len(lines):
        raise ValueError(
            f"{path} must have every customer once. Received: "
            f"{len(lines)} lines of {len(set(columns['customerID']))} customers"
        )
    if other := set(columns["Churn"]) - {"Yes", "No"}:
        raise ValueError(f"{path}: Churn must be Yes or No. Received: {min(other)!r}")
    targets = np.array([answer == "Yes" for answer in columns["Churn"]], "int64")
    if min(counts := np.bincount(targets, minlength=2)) < 10:
        raise ValueError(
            f"{path} must have ten rows or more of both answers. Received: {counts}"
        )
    numbers = np.stack([_floats(path, name, columns[name]) for name in NUMBERS], axis=1)
    texts = np.array([columns[name] for name in CATEGORIES]).T
    rows = np.concatenate([numbers.astype(str), texts], axis=1)
    same = np.unique(rows, axis=0, return_inverse=True)[1].ravel()
    if same.max() < 4:
        raise ValueError(
            f"{path} must have customers that differ. Received: {same.max() + 1} kinds"
        )
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    held = [rows for _, rows in folds.split(rows, targets, same)]
    order = np.concatenate(held[2:]), held[1], held[0]
    shares = [np.bincount(targets[at], minlength=2).tolist() for at in order]
    if not all(map(all, shares)):
        raise ValueError(
            f"{path} must have customers of both answers that differ, for three parts. "
            f"Received: {shares} who stay and who go"
        )
    categories = np.zeros(texts.shape, "int64")
    for at, column in enumerate(texts.T):
        known = sorted(set(column[order[0]]) - {""})
        numbered = {name: number for number, name in enumerate(known, 1)}
        categories[:, at] = [numbered.get(name, 0) for name in column]
    parts = [Part(numbers[at], categories[at], targets[at]) for at in order]
    return parts[0], parts[1], parts[2]


def _floats(path: Path, name: str, texts: list[str]) -> np.ndarray:
    """Return the numbers of a column; a blank one is NaN."""
    most = float(np.finfo("float32").max)
    for text in texts:
        if text and not (_NUMBER.fullmatch(text) and float(text) <= most):
            raise ValueError(
                f"{path}: {name} must be numbers of 0 or more. Received: {text!r}"
            )
    return np.array([text or "nan" for text in texts], "float32")
