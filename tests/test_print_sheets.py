"""What is printed is what the rows say, and every row that it promises is on it."""

import re
from dataclasses import replace

import pytest

from dlcookbook.sheet import activations, layers, losses, metrics, optimizers
from tools import print_sheets as sheets

SHEETS = sheets.sheets()


def test_what_was_printed_is_what_the_rows_say():
    assert sheets.stale() == [], "run make sheet"


def test_another_row_makes_it_stale(monkeypatch):
    other = replace(SHEETS["losses"], title="Losses, others")
    monkeypatch.setattr(sheets, "sheets", lambda: SHEETS | {"losses": other})
    assert sheets.stale() == ["losses"]
    assert sheets.main(["--check"]) == 1


def test_a_lost_file_is_noticed(monkeypatch, tmp_path):
    monkeypatch.setattr(sheets, "FOLDER", tmp_path)
    assert {"sheet-a4.pdf", "sheet-letter.pdf", "sheet.webp"} <= {*sheets.stale()}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("sheet", (*losses.ROWS, *activations.ROWS, *optimizers.ROWS, *layers.ROWS)),
        ("activations", activations.ROWS),
        ("losses", losses.ROWS),
        ("metrics", metrics.ROWS),
        ("optimizers", optimizers.ROWS),
    ],
)
def test_every_row_is_on_it(name, rows):
    text = sheets.page(SHEETS[name], "a4", 6.0)
    for row in rows:
        assert sheets.escape(row.name) in text, row.name


@pytest.mark.parametrize("name", SHEETS)
def test_a_file_has_as_many_pages_as_the_sheet_has_sides(name):
    for paper in sheets.PAPERS:
        pdf = (sheets.FOLDER / f"{name}-{paper}.pdf").read_bytes()
        pages = re.findall(rb"/Type\s*/Page\b", pdf)
        assert len(pages) == len(SHEETS[name].sides)


def test_the_loops_that_are_printed_run():
    torch = pytest.importorskip("torch")
    keras = pytest.importorskip("keras")
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    before = model.weight.detach().clone()
    names = {
        "torch": torch,
        "nn": torch.nn,
        "model": model,
        "optimizer": optimizer,
        "scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 1),
        "loss_fn": torch.nn.functional.cross_entropy,
        "train": [(torch.ones(4, 3), torch.tensor([0, 1, 0, 0]))],
        "inputs": torch.ones(4, 3),
    }
    exec(sheets.LOOP, names)
    assert not torch.equal(model.weight, before)
    assert names["logits"].shape == (4, 2)

    x, y = keras.ops.ones((4, 3)), keras.ops.zeros((4, 2))
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    parts = dict.fromkeys(("x", "x_val", "x_test", "x_new"), x)
    parts |= dict.fromkeys(("y", "y_val", "y_test"), y)
    options = {"keras": keras, "model": model, "optimizer": "sgd", "loss": "mse"}
    code = sheets.FIT.replace("metrics=[...]", "metrics=['mae']")
    names = parts | options
    exec(code.replace("epochs=100", "epochs=2, verbose=0"), names)
    assert names["logits"].shape == (4, 2)
