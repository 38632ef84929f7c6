"""Series: split in time, gaps without a look ahead, CSV files read strictly."""

import re

import numpy as np
import pytest

pytest.importorskip("statsmodels")

from dlcookbook.data.co2 import load_co2
from dlcookbook.data.series import split_windows
from dlcookbook.data.series_csv import read_series_csv
from dlcookbook.data.sunspots import load_sunspots


@pytest.mark.parametrize(("window", "horizon"), [(1, 1), (7, 3), (104, 52)])
def test_no_target_is_in_two_parts_and_all_are_in_order(window, horizon):
    parts = split_windows(np.arange(1000.0), window, horizon)
    for part in parts:
        whole = np.c_[part.inputs, part.targets]
        assert (np.diff(whole, axis=1) == 1).all()
        assert (np.diff(whole, axis=0) == 1).all()
    train, validation, test = (part.targets for part in parts)
    assert train.max() + 1 == validation.min() == 600
    assert validation.max() + 1 == test.min() == 800
    assert test.max() == 999


def test_what_comes_later_changes_no_window_before_it():
    """Whatever is learnt from the training part knows nothing of the other two."""
    values = load_co2().values
    spoiled = values.copy()
    spoiled[1371:] = 1e9
    for mine, yours in zip(
        split_windows(values, 104, 52)[0],
        split_windows(spoiled, 104, 52)[0],
        strict=True,
    ):
        assert np.array_equal(mine, yours, equal_nan=True)


def test_a_gap_holds_the_last_known_value_and_is_no_target():
    values = np.arange(20.0)
    values[[4, 5, 9]] = np.nan
    train = split_windows(values, 3, 2)[0]
    assert train.inputs[1].tolist() == [2, 3, 3]
    assert train.inputs[2].tolist() == [3, 3, 3]
    assert np.isnan(train.targets[1]).tolist() == [True, False]
    # a window of which no target is known teaches nothing
    assert not np.isnan(train.targets).all(axis=1).any()
    assert len(train.inputs) == 12 - 3 - 2 + 1 - 1
    assert (train.inputs.dtype, train.targets.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (np.zeros((9, 2)), {}, "values must have one axis.*shape (9, 2)"),
        ([], {}, "values must have one axis"),
        ([np.nan, *range(30)], {}, "begin with a number"),
        ([*range(30), np.inf], {}, "finite in float32. Received: [inf]"),
        ([*range(20), 1e39, *range(20)], {}, "finite in float32. Received: [1.e+39]"),
        (
            range(30),
            {"window": 0},
            "window and horizon must be 1 or more. Received: 0, 2",
        ),
        (range(30), {"horizon": 0}, "window and horizon must be 1 or more"),
        (range(30), {"test": 0.0}, "validation and test must be"),
        (range(30), {"validation": 0.6, "test": 0.4}, "Received: 0.6, 0.4"),
        (range(30), {"validation": float("nan")}, "Received: nan, 0.2"),
        (range(30), {"window": 17}, "for training. Received: 30 steps"),
        (range(30), {"horizon": 7}, "for validation. Received: 30 steps"),
        ([*range(24), *[np.nan] * 6], {}, "for test. Received: 30 steps"),
    ],
)
def test_what_cannot_be_split_is_named(values, options, message):
    arguments = {"window": 3, "horizon": 2} | options
    with pytest.raises(ValueError, match=re.escape(message).replace(r"\.\*", ".*")):
        split_windows(np.array(values, float), **arguments)


def test_the_shipped_series_are_as_described():
    dates, values, season = load_sunspots()
    assert (len(dates), len(values), season) == (309, 309, 11)
    assert (np.diff(dates).astype(int) == 1).all()
    assert np.isfinite(values).all()
    assert values.min() >= 0
    dates, values, season = load_co2()
    assert (len(dates), np.isnan(values).sum(), season) == (2284, 59, 52)
    assert (np.diff(dates).astype(int) == 7).all()
    assert ((dates.astype(int) + 4) % 7 == 6).all()  # 1970 began on a Thursday
    assert 310 < np.nanmin(values) < np.nanmax(values) < 375


def write(tmp_path, text, **options):
    path = tmp_path / "series.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_series_csv(path, **options)


def rows(dates):
    return "date,value\n" + "".join(f"{date},{i}\n" for i, date in enumerate(dates))


@pytest.mark.parametrize(
    ("dates", "season"),
    [
        (np.arange("1990", "2000", dtype="M8[Y]"), 1),
        (np.arange("1990-01-01", "2000-01-01", dtype="M8[Y]").astype("M8[D]"), 1),
        (np.arange("1990-01", "1992-01", dtype="M8[M]"), 12),
        (np.arange("1990-01", "1992-01", dtype="M8[M]").astype("M8[D]") + 14, 12),
        (np.arange("1990-02", "1992-02", dtype="M8[M]").astype("M8[D]") - 1, 12),
        (np.arange("1990-01", "1993-01", 3, dtype="M8[M]"), 4),
        (np.arange("1990-01-01", "1991-01-01", 7, dtype="M8[D]"), 52),
        (np.arange("1990-01-01", "1990-02-01", dtype="M8[D]"), 7),
        (np.busday_offset("1990-01-01", np.arange(30)), 5),
        # as some programs write days and months: at midnight
        (np.arange("1990-01-01", "1990-02-01", dtype="M8[D]").astype("M8[s]"), 7),
        (np.arange("1990-01", "1992-01", dtype="M8[M]").astype("M8[s]"), 12),
        (
            np.arange("1990-01-01T00", "1990-01-04T00", dtype="M8[h]").astype("M8[s]"),
            24,
        ),
    ],
)
def test_steps_seasons_and_gaps_are_found(tmp_path, dates, season):
    kept = np.delete(np.arange(len(dates)), [2, 6])
    found = write(tmp_path, rows(dates[kept]))
    assert found.season == season
    assert len(found.dates) == len(dates)
    assert (found.dates == dates.astype(found.dates.dtype)).all()
    assert np.flatnonzero(np.isnan(found.values)).tolist() == [2, 6]
    assert found.values[kept].tolist() == list(range(len(kept)))


def test_the_dates_are_those_of_the_file(tmp_path):
    found = write(tmp_path, rows(["2001-01-31", "2001-02-28", "2001-04-30"]))
    months = ["2001-01", "2001-02", "2001-03", "2001-04"]
    assert [str(d) for d in found.dates] == months


def test_columns_quotes_and_marks_of_order(tmp_path):
    text = '\ufeff"day","a","b"\r\n2001-01-01,1,"-2.5"\r\n2001-01-02,,+3\r\n'
    text += "2001-01-03,7,1e-2\r\n"
    assert write(tmp_path, text, value="b").values.tolist() == [-2.5, 3.0, 0.01]
    assert np.isnan(write(tmp_path, text, date="day", value="a").values[1])


GOOD = "date,value\n2001-01-01,1\n2001-01-02,2\n2001-01-03,3\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must have one column of dates"),
        ("date\n2001\n", "must have one column of dates"),
        ("date,a,b\n2001,1,2\n", "where it has more, name them"),
        ("date,date\n2001,1\n", "must have one column of dates"),
        (GOOD + "2001-01-03,4\n", "each once. Received: 2001-01-03, then 2001-01-03"),
        (GOOD + "2000-12-31,4\n", "in row 5"),
        (GOOD + "2001-01-04,4,5\n", "2 cells in each row. Received: 3 in row 5"),
        (GOOD + "\n", "Received: 0 in row 5"),
        (GOOD + "2001-02-30,4\n", "must have true dates"),
        (GOOD + "04.01.2001,4\n", "Received: '04.01.2001' in row 5"),
        (GOOD + "2001-01,4\n", "all alike. Received: '2001-01' in row 5"),
        (GOOD + "2001-01-04,nan\n", "must have numbers as 12.5"),
        (GOOD + "2001-01-04,inf\n", "must have numbers as 12.5"),
        (GOOD + "2001-01-04,1_000\n", "Received: '1_000' in row 5"),
        (GOOD + '2001-01-04,"1,5"\n', "Received: '1,5' in row 5"),
        (GOOD + "2001-01-04,0x1\n", "must have numbers"),
        (GOOD + "2001-01-04,٣\n", "must have numbers"),
        (GOOD + "2001-01-04,1e999\n", "infinite"),
        (GOOD.replace(",1\n", ",\n"), "begin with a number"),
        ("date,value\n2001,1\n2002,2\n", "3 rows or more"),
        ("date,value\n2001,1\n2003,2\n2005,3\n2008,4\n", "equal steps, here of 2 Y"),
        (GOOD + "2081-01-03,4\n", "half of its steps or more. Received: 4 of"),
        ("2001-01,1\n2001-02,2\n2001-03,3\n2001-04,4\n", "must have a header"),
        (
            rows(
                [f"2001-01-01 00:00:0{i}" for i in range(3)] + ["2900-01-01 00:00:00"]
            ),
            "half of its steps or more. Received: 4 of 28369699201, 1 s each",
        ),
        ('date,value\n2001-01-01,"1\n', "must be CSV"),
        (GOOD.encode() + b"2001-01-04,\xff\n", "must be CSV"),
    ],
)
def test_bad_files_are_refused(tmp_path, text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        write(tmp_path, text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"is not a file. Name a CSV"):
        read_series_csv(tmp_path)
