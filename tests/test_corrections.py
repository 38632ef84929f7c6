"""Every correction still holds, has its place, and says what was measured."""

import ast
import importlib
import inspect
import json
import math
import re
import socket
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from dlcookbook.sheet import corrections
from tests.corrections import Gone, Seen, Told
from tests.traps import Shown
from tools.blocks import Block, SyncError
from tools.chapters import corrections as chapter

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "corrections.md"
ROWS = corrections.ROWS
SHOWN = [row for row in ROWS if row.demonstration]
BELIEFS = [row for row in ROWS if not row.demonstration]
# The other files have no numbers of single seeds.
WITH_SEEDS = [
    row
    for row in BELIEFS
    if row.evidence.startswith(("augmentation_effects", "cnn_guidelines"))
]
# Lines of a demonstration with the line that prints; imports are not counted.
LINES = 8

each_shown = pytest.mark.parametrize("row", SHOWN, ids=lambda row: row.slug)
each_belief = pytest.mark.parametrize("row", BELIEFS, ids=lambda row: row.slug)


def function(row):
    """Return the demonstration of a row."""
    node, _ = chapter.demonstration(row)
    is_trap = row.demonstration.startswith("trap:")
    folder = ROOT / "tests" / ("traps" if is_trap else "corrections")
    for file in sorted(folder.glob("[!_]*.py")):
        module = importlib.import_module(f"tests.{folder.name}.{file.stem}")
        if hasattr(module, node.name):
            return getattr(module, node.name)
    raise LookupError(node.name)


def observed(demonstration):
    """Run a demonstration; a call that raises nothing leaves its name unset."""
    try:
        return demonstration()
    except UnboundLocalError as error:
        raise AssertionError("the call is no error any more") from error


def wrong(seen):
    """Assert that what is written is still not true."""
    if isinstance(seen, Gone):
        assert isinstance(seen.raised, Exception)
        assert seen.about in str(seen.raised)
    elif isinstance(seen, Told):
        assert any(seen.about in str(one.message) for one in seen.heard)
    else:
        written, true = (
            (seen.wrong, seen.right)
            if isinstance(seen, Shown)
            else (seen.written, seen.true)
        )
        written, true = float(written), float(true)
        assert math.isfinite(true)
        far = abs(written - true) > 0.01 * max(abs(written), abs(true))
        assert far or not math.isfinite(written)


def holds(row, demonstration):
    """Fail with what is to be done where a row says what is not so any more."""
    try:
        wrong(observed(demonstration))
    except AssertionError as error:
        if row.until:
            return
        pytest.fail(
            f"{row.slug}: {error or 'what is written is true by now'}. Look which "
            "release changed it and fill `until` of its row with that release."
        )
    if row.until:
        pytest.fail(f"{row.slug} is wrong again: empty `until` of its row.")


@each_shown
def test_what_is_written_is_still_wrong(row, tmp_path, monkeypatch):
    def no_network(*_):
        raise OSError("a correction needs no network")

    needs = set(
        re.findall(r"^(?:import|from) (\w+)", chapter.script(row), re.MULTILINE)
    )
    for module in sorted(needs, reverse=True):
        pytest.importorskip(module)
    if row.demonstration.startswith("trap:tensorflow_"):
        backend = pytest.importorskip("keras").backend.backend()
        if backend != "tensorflow":
            pytest.skip(f"not about {backend}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket.socket, "connect", no_network)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        holds(row, function(row))


def call_that_works_again():
    try:
        int("1")
    except ValueError as error:
        raised = error
    return Gone(raised, "int")


@pytest.mark.parametrize(
    "demonstration",
    [
        lambda: Seen(0.5, 0.5),
        lambda: Seen(0.5, 0.5001),
        lambda: Seen(0.5, math.nan),
        lambda: Seen(math.nan, math.inf),
        lambda: Shown(0.5, 0.5),
        lambda: Gone(ValueError("something else"), "lr"),
        lambda: Gone(None, "None"),
        lambda: Told([], "lr"),
        lambda: Told([warnings.WarningMessage("other", UserWarning, "", 1)], "lr"),
        call_that_works_again,
    ],
)
def test_an_entry_that_is_right_by_now_is_caught(demonstration):
    with pytest.raises(pytest.fail.Exception, match="fill `until`"):
        holds(ROWS[0], demonstration)
    holds(replace(ROWS[0], until="Keras 99"), demonstration)


def test_an_entry_that_is_wrong_again_is_caught():
    with pytest.raises(pytest.fail.Exception, match="empty `until`"):
        holds(replace(ROWS[0], until="Keras 99"), lambda: Seen(1.0, 2.0))


def test_another_error_is_not_taken_for_an_answer():
    def breaks():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        holds(ROWS[0], breaks)


@each_shown
def test_its_code_is_short(row):
    assert chapter.length(chapter.script(row)) <= LINES


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        ("import torch\n\nx = 1\nprint(x)\n", 2),
        ("from torch import (\n    nn,\n    optim,\n)\n\nprint(\n    nn\n)\n", 3),
        ("try:\n    import torch\nexcept ImportError:\n    pass\n", 4),
    ],
)
def test_lines_are_counted_without_the_imports_above(script, lines):
    assert chapter.length(script) == lines


@each_shown
def test_its_code_downloads_nothing(row):
    script = chapter.script(row)
    assert not re.search(r"https?://|fetch_|get_file|imagenet|load_boston", script)
    assert not re.search(r"\bpretrained|from_pretrained|load_data\(", script)


def test_rows_and_demonstrations_match():
    named = [row.demonstration for row in SHOWN]
    assert not [name for name, count in Counter(named).items() if count > 1]
    for section in corrections.SECTIONS:
        if not (ROOT / "tests" / "corrections" / f"{section}.py").exists():
            assert section == "beliefs"
            continue
        module = importlib.import_module(f"tests.corrections.{section}")
        mine = {
            name
            for name, found in inspect.getmembers(module, inspect.isfunction)
            if found.__module__ == module.__name__
        }
        rows = {row.demonstration for row in SHOWN if row.section == section}
        assert {name for name in rows if not name.startswith("trap:")} == mine
    files = {file.stem for file in (ROOT / "tests/corrections").glob("[!_]*.py")}
    assert files < set(corrections.SECTIONS)


def test_every_row_has_an_address_of_its_own():
    for field in ("slug", "name", "reading"):
        found = Counter(getattr(row, field) for row in ROWS)
        assert max(found.values()) == 1, field
    for row in ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert row.slug not in corrections.SECTIONS
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug
        assert all(re.fullmatch(r"W\d{3}", item) for item in row.items), row.slug
        assert row.reading.endswith(".")
        assert row.true.endswith(".")
        assert bool(row.demonstration) != bool(row.evidence)


def test_a_claim_is_corrected_once_or_by_neighbours():
    found = Counter(item for row in ROWS for item in row.items)
    assert max(found.values()) == 1


def test_what_to_write_is_python():
    for row in ROWS:
        if not row.instead.endswith("."):
            ast.parse(row.instead.replace("fit(x, y, ...)", "fit(x, y)"))


def test_sections_stand_in_their_order():
    order = list(corrections.SECTIONS)
    found = list(dict.fromkeys(row.section for row in ROWS))
    assert found == order
    assert [row.section for row in ROWS] == sorted(
        (row.section for row in ROWS), key=order.index
    )
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"<!-- sheet:corrections (\w+) -->", page) == order
    assert re.findall(r"^## (.+) \{ #(\w+) \}$", page, re.MULTILINE) == [
        (title, slug) for slug, title in corrections.SECTIONS.items()
    ]


def test_each_stands_on_the_page_once():
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^### .+ \{ #([\w-]+) \}$", page, re.MULTILINE) == [
        row.slug for row in ROWS
    ]
    for row in SHOWN:
        assert page.count(f"```python\n{chapter.script(row)}```") == 1, row.slug


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
def test_what_it_links_to_exists(row):
    assert chapter.more(row).endswith(f"({row.see})")


def test_a_link_to_nothing_is_caught():
    with pytest.raises(SyncError, match="no-such"):
        chapter.more(replace(ROWS[0], see="losses.md#no-such"))


def test_the_costly_ten_run_without_an_error():
    rows = {row.slug: row for row in ROWS}
    assert len(set(corrections.COSTLY)) == len(corrections.COSTLY) == 10
    for slug in corrections.COSTLY:
        script = chapter.script(rows[slug])
        assert "as written" in script


def test_the_contents_count_what_is_there():
    text = chapter.contents(Block("corrections-contents", "", "", {}))
    assert f"| All | {len(ROWS)} | {len(SHOWN)} |" in text
    assert len(SHOWN) >= 40


def test_an_entry_that_was_wrong_says_until_when():
    row = replace(SHOWN[0], until="Keras 99.1")
    assert "**Was wrong until Keras 99.1**" in chapter.entry(row, "")
    assert "```python" not in chapter.entry(row, "")


def test_what_was_measured_on_is_what_is_pinned():
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("torch=="):
            assert chapter.measured_on("import torch\n") == (
                f"PyTorch {line.removeprefix('torch==')}"
            )
    assert chapter.measured_on("print(1)\n") == "Python"


@each_belief
def test_a_belief_says_what_its_interval_says(row):
    found = chapter.measured(row)
    shows_nothing = abs(found.difference) <= found.half
    assert ("did not show" in row.true) == shows_nothing
    # what did show, showed the opposite
    assert shows_nothing or found.difference < 0
    assert found.seeds >= 5
    assert f"{found.difference:+.2f} ± {found.half:.2f}" in PAGE.read_text("utf-8")


def interval(differences, factor):
    """Return the mean and half of the 95 % interval, its variance times a factor."""
    n = len(differences)
    spread = np.std(differences, ddof=1) * math.sqrt(factor / n)
    return np.mean(differences), stats.t.ppf(0.975, n - 1) * spread


@pytest.mark.parametrize("row", WITH_SEEDS, ids=lambda row: row.slug)
def test_its_interval_comes_from_its_seeds(row):
    name, *way = row.evidence.split(" | ")
    read = json.loads((ROOT / f"docs/evidence/{name}.json").read_text("utf-8"))
    found = chapter.measured(row)
    if name == "augmentation_effects":
        kinds = read[way[0]]
        paired = np.subtract(kinds[way[1]]["seeds"], kinds["none"]["seeds"])
        want = interval(paired, 1)
    else:
        rows = {
            r["variant"]: r["accuracy"]["errors"] for r in read["guidelines"][way[0]]
        }
        base = next(iter(rows.values()))
        train, test = read["images"]
        paired = 100 * np.subtract(base, rows[way[1]]) / test
        want = interval(paired, 1 + len(base) * test / train)
    assert found.seeds == len(paired)
    assert (found.difference, found.half) == pytest.approx(want, abs=0.006)


def test_the_seeds_of_the_steps_are_those_that_were_trained():
    tree = ast.parse((ROOT / "tools/step_effects.py").read_text(encoding="utf-8"))
    [seeds] = [
        ast.unparse(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SEEDS"
    ]
    assert seeds == f"range({chapter.SEEDS_OF_STEPS})"
