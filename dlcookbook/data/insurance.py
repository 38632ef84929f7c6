"""Who bought an insurance at which age: a file of two columns, split into three."""

import csv
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

__all__ = ["load_insurance_split"]

_COLUMNS = ("age", "bought_insurance")


class Part(NamedTuple):
    """Ages and who bought, in the same order."""

    inputs: np.ndarray
    targets: np.ndarray


def load_insurance_split(
    path: str | os.PathLike,
    seed: int = 0,
    *,
    validation: float = 0.2,
    test: float = 0.2,
) -> tuple[Part, Part, Part]:
    r"""Read a CSV file with the columns `age` and `bought_insurance`, and split it.

    Two people may have the same age and the same answer: such rows are kept, as they
    are no copies. Ages are not scaled. With some thirty rows a test part has six:
    its score says little.

    Parameters
    ----------
    path : path
        The file, in UTF-8, its first line the names of the columns; others than these
        two are passed over.
    seed : int in [0, 2**32)
        Decides which row goes where.
    validation, test : float in (0, 1)
        Shares of all rows, rounded; both answers are in every part.

    Returns
    -------
    tuple of (inputs, targets), three of them: training, validation, test
        `inputs`: ndarray, shape (N, 1), float32, years; `targets`: ndarray, shape (N,),
        int64, 1 for bought.

    Raises
    ------
    FileNotFoundError
        If there is no such file: what to put there.
    ValueError
        If a column is missing, a line has not as many fields as the first, an age is
        not a number of 0 to 130, an answer is not 0 or 1, or there are fewer than five
        rows of an answer; or if a share leaves a part empty.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "insurance_data.csv"
    ...     rows = "".join(f"{age},{int(age > 40)}\n" for age in range(20, 60))
    ...     _ = path.write_text("age,bought_insurance\n" + rows)
    ...     parts = load_insurance_split(path)
    >>> [(part.inputs.shape, int(part.targets.sum())) for part in parts]
    [((24, 1), 11), ((8, 1), 4), ((8, 1), 4)]

    References
    ----------
    The table of the seventh lesson of codebasics' course on machine learning.
    <https://github.com/codebasics/py/tree/master/ML/7_logistic_reg>
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is not a file. Put a table there as comma-separated text, its "
            f"first line {','.join(_COLUMNS)}, then a line for each person: an age in "
            "years, and 1 for bought or 0. One of 27 people is insurance_data.csv in "
            "https://github.com/codebasics/py/tree/master/ML/7_logistic_reg"
        )
    ages, answers = [], []
    # what is no UTF-8 is no number either
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = csv.DictReader(file)
        if missing := [
            name for name in _COLUMNS if name not in (rows.fieldnames or [])
        ]:
            raise ValueError(
                f"{path} must have the columns {_COLUMNS}. Received: no {missing}, "
                f"only {rows.fieldnames}"
            )
        for row in rows:
            if None in row:  # an age of 33,5 would be one of 33
                raise ValueError(
                    f"{path} must have {len(rows.fieldnames or [])} fields in every "
                    f"line. Received: {len(row[None])} more in line {rows.line_num}"
                )
            age, answer = (row[name] or "" for name in _COLUMNS)
            try:
                ages.append(float(age))
            except ValueError:
                ages.append(float("nan"))
            if not 0 <= ages[-1] <= 130 or answer.strip() not in ("0", "1"):
                raise ValueError(
                    f"{path} must have an age of 0 to 130 and 0 or 1 in every line. "
                    f"Received: {age!r}, {answer!r} in line {rows.line_num}"
                )
            answers.append(int(answer))
    whole = Part(np.array(ages, "float32")[:, None], np.array(answers, "int64"))
    counts = np.bincount(whole.targets, minlength=2)
    if counts.min() < 5:
        raise ValueError(
            f"{path} must have five rows or more of both answers. Received: {counts}"
        )
    sizes = [round(share * len(answers)) for share in (validation, test)]
    if not (min(sizes) >= 2 and sum(sizes) <= len(answers) - 2):
        raise ValueError(
            "validation and test must leave two rows in every part. Received: "
            f"{validation}, {test} of {len(answers)} rows"
        )

    def cut(part: Part, size: int) -> tuple[Part, Part]:
        pieces = train_test_split(
            *part, test_size=size, stratify=part.targets, random_state=seed
        )
        return Part(*pieces[0::2]), Part(*pieces[1::2])

    rest, tested = cut(whole, sizes[1])
    train, validated = cut(rest, sizes[0])
    return train, validated, tested
