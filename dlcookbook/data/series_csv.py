"""A series of your own: a CSV file with a column of dates and one of numbers."""

import csv
import os
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["read_series_csv"]

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d)?)?)?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# By the unit of the dates and the steps of it that lie between two of them.
_SEASONS = {("M", 1): 12, ("M", 3): 4, ("D", 1): 7, ("D", 7): 52, ("s", 3600): 24}


class Series(NamedTuple):
    """Equal steps of time, what was measured at each, and the steps of a season."""

    dates: np.ndarray
    values: np.ndarray
    season: int


def read_series_csv(
    path: str | os.PathLike, *, date: str | None = None, value: str | None = None
) -> Series:
    r"""Read a series from a CSV file, and put NaN where a step is missing.

    The step is the difference that occurs most; years, months (all on one day of the
    month, or each on its last), weeks, days, days without weekends, hours and seconds
    are found by it. Times that are all midnight are days. A date that is left out is a
    gap, as an empty number is.

    Parameters
    ----------
    path : path
        With a header, commas and UTF-8; dates as 2001, 2001-12, 2001-12-31 or
        2001-12-31 23:59:59, rising.
    date, value : str, optional
        Names of the two columns; by default the first, and the only other one.

    Returns
    -------
    (dates, values, season)
        `dates`: ndarray, shape (T,), datetime64, at equal steps; `values`: ndarray,
        shape (T,), float64, NaN where nothing is known; `season`: steps of the usual
        season: 12 months, 4 quarters, 52 weeks, 7 days (5 without weekends), 24 hours,
        else 1.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If there is no header, a column is missing or it is not clear which, a row has
        another number of cells, a date or a number is none, dates do not rise (a double
        one included) or do not fit equal steps, or less than half of the steps are
        there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "sales.csv"
    ...     _ = path.write_text("month,sales\n2001-01,7\n2001-02,9\n2001-04,8.5\n")
    ...     dates, values, season = read_series_csv(path)
    >>> [str(date) for date in dates], values.tolist(), season
    (['2001-01', '2001-02', '2001-03', '2001-04'], [7.0, 9.0, nan, 8.5], 12)

    References
    ----------
    RFC 4180, 2005. <https://www.rfc-editor.org/rfc/rfc4180>
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is not a file. Name a CSV file with a header, a column of dates "
            "and a column of numbers"
        )
    with path.open(encoding="utf-8-sig", newline="") as stream:
        try:
            rows = list(csv.reader(stream, strict=True))
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{path} must be CSV. Received: {error}") from None
    columns = _columns(path, rows[0] if rows else [], date, value)
    words: list[str] = []
    values: list[float] = []
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"{path} must have {len(rows[0])} cells in each row. Received: "
                f"{len(row)} in row {line}"
            )
        when, number = (row[column].strip() for column in columns)
        if not _DATE.fullmatch(when) or (words and len(when) != len(words[0])):
            raise ValueError(
                f"{path} must have dates as 2001-12-31, all alike. Received: {when!r} "
                f"in row {line}"
            )
        if number and not _NUMBER.fullmatch(number):
            raise ValueError(
                f"{path} must have numbers as 12.5 or nothing. Received: {number!r} in "
                f"row {line}"
            )
        words.append(when)
        values.append(float(number) if number else np.nan)
    try:
        times = np.array([word.replace(" ", "T") for word in words], "datetime64")
    except ValueError as error:
        raise ValueError(f"{path} must have true dates. Received: {error}") from None
    if len(times) < 3 or not np.isfinite(values[0]) or np.isinf(values).any():
        raise ValueError(
            f"{path} must have 3 rows or more and begin with a number, none of them "
            f"infinite. Received: {len(times)} rows, {values[:1]}"
        )
    if (still := np.flatnonzero(np.diff(times).astype(int) <= 0)).size:
        raise ValueError(
            f"{path} must have rising dates, each once. Received: {words[still[0]]}, "
            f"then {words[still[0] + 1]} in row {still[0] + 3}"
        )
    return _at_equal_steps(path, times, np.array(values))


def _columns(
    path: Path, header: list[str], date: str | None, value: str | None
) -> tuple[int, int]:
    """Find both columns by their names."""
    names = [name.strip() for name in header]
    date = date if date is not None else (names or [""])[0]
    if _DATE.fullmatch(date):
        raise ValueError(
            f"{path} must have a header, names of columns. Received: {header}"
        )
    others = [name for name in names if name != date]
    if value is None and len(others) == 1:
        value = others[0]
    if value is None or names.count(date) != 1 or names.count(value) != 1:
        raise ValueError(
            f"{path} must have one column of dates and one of numbers; where it has "
            f"more, name them. Received: date={date!r}, value={value!r} and {names}"
        )
    return names.index(date), names.index(value)


def _at_equal_steps(path: Path, times: np.ndarray, values: np.ndarray) -> Series:
    """Find the step, and put what is known in its place."""
    if times.dtype == "M8[m]":
        times = times.astype("M8[s]")
    if times.dtype == "M8[s]" and (times == times.astype("M8[D]")).all():
        times = times.astype("M8[D]")
    if times.dtype == "M8[D]":
        months = times.astype("M8[M]")
        days = (times - months).astype(int)
        nexts = (times + 1).astype("M8[M]") > months
        if (days == days[0]).all() or nexts.all():
            times = months
    if times.dtype == "M8[M]" and not (np.diff(times).astype(int) % 12).any():
        times = times.astype("M8[Y]")
    unit = np.datetime_data(times.dtype)[0]
    steps = np.diff(times).astype(int)
    step = Counter(steps.tolist()).most_common(1)[0][0]
    if unit == "D" and step == 1 and np.is_busday(times).all():
        places, season = np.busday_count(times[0], times), 5
    else:
        places, odd = np.divmod((times - times[0]).astype(int), step)
        if odd.any():
            raise ValueError(
                f"{path} must have equal steps, here of {step} {unit}. Received: "
                f"{times[odd > 0][0]} among them"
            )
        season = _SEASONS.get((unit, step), 1)
    count = int(places[-1]) + 1
    if len(values) < count / 2:  # before the others take the memory
        raise ValueError(
            f"{path} must have half of its steps or more. Received: {len(values)} of "
            f"{count}, {step} {unit} each"
        )
    if season == 5:
        dates = np.busday_offset(times[0], np.arange(count))
    else:
        dates = times[0] + np.arange(count) * step
    found = np.full(count, np.nan)
    found[places] = values
    return Series(dates, found, season)
