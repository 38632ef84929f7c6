"""Telco churn in the publisher's columns: blanks are gaps, categories are numbered."""

import csv
import random

import numpy as np
import pytest

pytest.importorskip("sklearn")

from dlcookbook.data.telco import CATEGORIES, NUMBERS, load_telco_split

# the order of the published file
HEAD = [
    *("customerID", "gender", "SeniorCitizen", "Partner", "Dependents", "tenure"),
    *("PhoneService", "MultipleLines", "InternetService", "OnlineSecurity"),
    *("OnlineBackup", "DeviceProtection", "TechSupport", "StreamingTV"),
    *("StreamingMovies", "Contract", "PaperlessBilling", "PaymentMethod"),
    *("MonthlyCharges", "TotalCharges", "Churn"),
]
VALUES = {
    "gender": ["Female", "Male"],
    "SeniorCitizen": ["0", "1"],
    "Contract": ["Month-to-month", "One year", "Two year"],
    "InternetService": ["DSL", "Fiber optic", "No"],
    "PaymentMethod": ["Electronic check", "Mailed check", "Credit card (automatic)"],
}


def customers(n=120):
    """Rows like those of the file; those without a month have a blank for a total."""
    draw = random.Random(0)
    for i in range(n):
        row = {
            name: draw.choice(VALUES.get(name, ["No", "Yes"])) for name in CATEGORIES
        }
        row |= {"customerID": f"{i:04d}-ABCDE", "tenure": i % 40}
        row |= {"MonthlyCharges": f"{20 + draw.random() * 90:.2f}"}
        row |= {"TotalCharges": f"{10 + i * 3.5:.2f}" if i % 40 else " "}
        yield row | {"Churn": "Yes" if i % 4 == 0 else "No"}


def put(folder, rows, head=HEAD):
    path = folder / "WA_Fn-UseC_-Telco-Customer-Churn.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, head, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def changed(at, **values):
    rows = list(customers())
    rows[at] |= values
    return rows


def test_every_customer_is_in_one_part(tmp_path):
    parts = load_telco_split(put(tmp_path, customers()), 1)
    assert sum(len(part.targets) for part in parts) == 120
    for part in parts:
        assert part.targets.mean() == pytest.approx(0.25, abs=0.05)
        assert part.numbers.shape == (len(part.targets), len(NUMBERS))
        assert part.categories.shape == (len(part.targets), len(CATEGORIES))
        assert (part.numbers.dtype, part.targets.dtype) == (np.float32, np.int64)
    whole = np.concatenate([part.numbers for part in parts])
    wanted = [
        [float(row[n]) if row[n] != " " else np.nan for n in NUMBERS]
        for row in customers()
    ]
    assert sorted(map(str, whole.tolist())) == sorted(
        map(str, np.array(wanted, "float32").tolist())
    )


def test_a_blank_total_is_a_gap_and_nothing_else_is(tmp_path):
    for part in load_telco_split(put(tmp_path, customers())):
        gaps = np.isnan(part.numbers)
        assert np.array_equal(gaps[:, 2], part.numbers[:, 0] == 0)
        assert not gaps[:, :2].any()


def test_categories_are_numbered_by_the_alphabet_and_blanks_are_zero(tmp_path):
    # all that stays alike is what a row can be told by
    rows = list(customers())
    for row in rows:
        row["MonthlyCharges"] = {"Female": "1", "Male": "2", "": "3"}[row["gender"]]
    rows[5] |= {"gender": "", "MonthlyCharges": "3"}
    for part in load_telco_split(put(tmp_path, rows)):
        said = {1: 1, 2: 2, 3: 0}
        assert [said[int(x)] for x in part.numbers[:, 1]] == part.categories[
            :, 0
        ].tolist()


def test_what_training_has_not_seen_is_zero(tmp_path):
    for at in range(40):
        path = put(tmp_path, changed(at, Contract="Ten years", MonthlyCharges="999"))
        train, validation, test = load_telco_split(path)
        own = CATEGORIES.index("Contract")
        for part in (validation, test):
            if (rare := part.numbers[:, 1] == 999).any():
                assert part.categories[rare, own].tolist() == [0]
                assert train.categories[:, own].max() == 3
                return
        assert train.categories[:, own].max() == 4
    raise AssertionError("no customer of 40 was outside the training part")


def test_customers_alike_in_all_but_their_number_are_in_one_part(tmp_path):
    rows = list(customers())
    twins = [row | {"customerID": f"{i}-TWIN"} for i, row in enumerate(rows)]
    parts = load_telco_split(put(tmp_path, rows + twins))
    seen = [
        {str(row) for row in np.concatenate([p.numbers, p.categories], 1).tolist()}
        for p in parts
    ]
    assert sum(map(len, seen)) == len(set.union(*seen)) == 120


def test_the_order_of_the_columns_is_no_matter(tmp_path):
    first = load_telco_split(put(tmp_path, customers()))
    second = load_telco_split(put(tmp_path, customers(), HEAD[::-1]))
    for one, other in zip(first, second, strict=True):
        for mine, yours in zip(one, other, strict=True):
            assert np.array_equal(mine, yours, equal_nan=True)


def test_a_missing_file_is_told_where_to_fetch(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Fetch WA_Fn.*kaggle"):
        load_telco_split(tmp_path / "telco.csv")


@pytest.mark.parametrize("lost", ["Churn", "TotalCharges", "customerID"])
def test_a_missing_column_is_named(lost, tmp_path):
    path = put(tmp_path, customers(), [name for name in HEAD if name != lost])
    with pytest.raises(ValueError, match=f"Received: no {lost}"):
        load_telco_split(path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (changed(3, Churn="Maybe"), "Churn must be Yes or No. Received: 'Maybe'"),
        (changed(3, Churn=""), "Churn must be Yes or No. Received: ''"),
        (changed(3, tenure="two"), "tenure must be numbers"),
        (
            changed(3, tenure="-2"),
            "tenure must be numbers of 0 or more. Received: '-2'",
        ),
        (changed(3, MonthlyCharges="inf"), "MonthlyCharges must be numbers"),
        (changed(3, MonthlyCharges="1_0"), "MonthlyCharges must be numbers.*'1_0'"),
        (changed(3, MonthlyCharges="1e39"), "MonthlyCharges must be numbers.*'1e39'"),
        (changed(3, MonthlyCharges="1,5"), "MonthlyCharges must be numbers.*'1,5'"),
        (changed(3, TotalCharges="nan"), "TotalCharges must be numbers"),
        (changed(3, customerID="0000-ABCDE"), "every customer once.*119 customers"),
        (list(customers(30)), "ten rows or more"),
        ([], "ten rows or more"),
    ],
)
def test_a_wrong_value_is_refused(rows, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        load_telco_split(put(tmp_path, rows))


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    path = put(tmp_path, customers())
    path.write_text(path.read_text()[:-20])
    with pytest.raises(
        ValueError, match=r"21 fields in every line. Received: \d+ in line 121"
    ):
        load_telco_split(path)
    path.write_text("")
    with pytest.raises(ValueError, match="21 columns"):
        load_telco_split(path)


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    path = put(tmp_path, customers())
    lines = path.read_text().splitlines()
    more = ["gender", *["Female"] * (len(lines) - 1)]
    both = [f"{line},{word}" for line, word in zip(lines, more, strict=True)]
    path.write_text("\n".join(both))
    with pytest.raises(ValueError, match=r"each column once.*'gender'"):
        load_telco_split(path)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_named(encoding, tmp_path):
    path = put(tmp_path, changed(3, Contract="Zw\xf6lf Monate"))
    path.write_text(path.read_text("utf-8"), encoding)
    with pytest.raises(ValueError, match=r"must be CSV in UTF-8. Received: '"):
        load_telco_split(path)


def test_marks_and_line_ends_of_windows_change_nothing(tmp_path):
    path = put(tmp_path, customers())
    plain = load_telco_split(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert b"\r\n" in path.read_bytes()
    for one, other in zip(plain, load_telco_split(path), strict=True):
        assert np.array_equal(one.numbers, other.numbers, equal_nan=True)


def test_customers_who_are_alike_cannot_fill_three_parts(tmp_path):
    rows = list(customers())
    few = [rows[i % 3] | {"customerID": f"{i}"} for i in range(60)]
    with pytest.raises(ValueError, match=r"that differ. Received: 3 kinds"):
        load_telco_split(put(tmp_path, few))
    # all who go are the same one
    one = [rows[0] | {"customerID": f"{i}-GONE"} for i in range(30)]
    stay = [row for row in rows if row["Churn"] == "No"]
    with pytest.raises(ValueError, match=r"differ, for three parts. Received: \[\["):
        load_telco_split(put(tmp_path, stay + one))
