"""Every line against chance is run: with it two runs agree, and the page says so."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.sheet import repeating

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "repeating.md"
ROWS = {row.slug: row for row in repeating.ROWS}

each_row = pytest.mark.parametrize("row", repeating.ROWS, ids=lambda row: row.slug)


def numbers(batches):
    """Return what a loader gave, in its order."""
    return [np.asarray(part).tolist() for batch in batches for part in batch]


def examples():
    """Return forty examples and their targets."""
    return np.arange(40.0).reshape(40, 1), np.arange(40)


def torch_line(slug):
    """Run PyTorch's line and return what is drawn, ordered or split by it."""
    import torch

    call = ROWS[slug].torch
    data = torch.utils.data.TensorDataset(torch.arange(40))
    made = eval(call, {"torch": torch, "data": data})
    if slug == "seeds":
        return torch.rand(4).tolist() + torch.nn.Linear(2, 2).weight.tolist()
    if slug == "split":
        return [list(part.indices) for part in made]
    # two epochs
    return numbers(made) + numbers(made)


def keras_line(slug):
    """Run Keras' line and return what is drawn, ordered or split by it."""
    import keras

    names = {"keras": keras}
    if slug != "seeds":
        names["tf"] = pytest.importorskip("tensorflow")
    x, y = examples()
    made = eval(ROWS[slug].keras, names | {"x": x, "y": y})
    if slug == "seeds":
        layer = keras.layers.Dense(2)
        layer.build((None, 2))
        drawn = keras.ops.convert_to_numpy(keras.random.uniform((4,)))
        return [drawn.tolist(), keras.ops.convert_to_numpy(layer.kernel).tolist()]
    if slug == "split":
        return [numbers(part) for part in made]
    return numbers(made) + numbers(made)


LINES = {"torch": torch_line, "keras": keras_line}


@pytest.mark.parametrize("wing", LINES)
@pytest.mark.parametrize("slug", ["seeds", "order", "split"])
def test_the_line_gives_the_same_twice_and_another_with_another_seed(
    slug, wing, monkeypatch
):
    pytest.importorskip(wing)
    first, again = LINES[wing](slug), LINES[wing](slug)
    assert first == again
    row = ROWS[slug]
    other = re.sub(r"seed([(=])0", r"seed\g<1>1", getattr(row, wing))
    assert other != getattr(row, wing)
    changed = type(row)(**{f: getattr(row, f) for f in row.__slots__} | {wing: other})
    monkeypatch.setitem(ROWS, slug, changed)
    assert LINES[wing](slug) != first


@pytest.mark.parametrize("wing", LINES)
def test_every_epoch_has_an_order_of_its_own(wing):
    pytest.importorskip(wing)
    both = LINES[wing]("order")
    one, two = (
        np.concatenate([np.ravel(part) for part in epoch])
        for epoch in (both[: len(both) // 2], both[len(both) // 2 :])
    )
    assert not np.array_equal(one, two)
    assert np.array_equal(np.sort(one), np.sort(two))


def test_the_operations_and_threads_of_both_lines_exist():
    torch = pytest.importorskip("torch")
    code = (
        f"import torch\n{ROWS['operations'].torch}\n{ROWS['threads'].torch}\n"
        "print(torch.are_deterministic_algorithms_enabled(), torch.get_num_threads())"
    )
    assert run(code) == "True 1"
    assert not torch.are_deterministic_algorithms_enabled()


def test_the_operations_and_threads_of_tensorflow_exist():
    pytest.importorskip("tensorflow")
    code = (
        f"import tensorflow as tf\n{ROWS['threads'].keras}\n"
        f"{ROWS['operations'].keras}\n"
        "print(tf.config.threading.get_intra_op_parallelism_threads())"
    )
    assert run(code) == "1"


def run(code):
    """Run code in a process of its own and return its last line."""
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return ran.stdout.strip().splitlines()[-1]


NOISE = """
import sys
import numpy as np
import torch

class Noisy(torch.utils.data.Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return float(torch.rand(())), float(np.random.rand())

if __name__ == "__main__":
    data = Noisy()
    torch.manual_seed(int(sys.argv[1]))
    loader = LINE
    print([[float(x) for x in batch] for batch in loader])
"""


def test_workers_draw_by_the_seed_of_the_loader_alone(tmp_path):
    pytest.importorskip("torch")
    file = tmp_path / "noisy.py"
    drawn = []
    for line, seed in ((ROWS["workers"].torch, "1"), (ROWS["workers"].torch, "2")):
        file.write_text(NOISE.replace("LINE", line))
        ran = subprocess.run(
            [sys.executable, str(file), seed],
            capture_output=True,
            text=True,
            check=True,
        )
        drawn.append(ran.stdout)
    assert drawn[0] == drawn[1]
    values = np.array(eval(drawn[0]))
    assert values.shape == (8, 2)
    # no worker repeats another: neither with torch nor with NumPy's global state
    assert len(np.unique(values)) == 16


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("repeating", None, task)
        assert row.torch in answer or f"choose repeating {row.slug}\n" in answer
    assert row.keras in choose.answer("repeating", row.slug, None)


def test_every_row_has_a_line_of_the_table_and_a_section():
    text = PAGE.read_text("utf-8")
    for row in repeating.ROWS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source)
        assert f"| {row.repeating} | [{row.name}](#{row.slug}) |" in text
    sections = re.findall(r"<!-- sheet:repeating (\S+) -->", text)
    assert sections == list(ROWS)
    assert re.findall(r"^## .* \{ #(\S+) \}$", text, re.MULTILINE) == sections
