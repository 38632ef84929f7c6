"""A copy knows where it came from, stands alone, and says how it has aged."""

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import dlcookbook
from dlcookbook import catalog, copies
from dlcookbook.catalog import CookbookError

DICE = '"""Dice."""\n\n__all__ = ["dice"]\n\n\ndef dice(x):\n    return x + 1\n'


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Make a cookbook of our own: `shelf(name, text)` writes one of its files."""
    root = tmp_path / "upstream" / "dlcookbook"

    def write(name: str, text: str) -> catalog.Recipe:
        path = root / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return catalog.find(name)

    monkeypatch.setattr(catalog, "ROOT", root)
    return write


@pytest.fixture
def copy(shelf, tmp_path):
    """Make a fresh copy of a recipe, in a folder with a space in its name."""
    path = tmp_path / "my project" / "dice.py"
    recipe = shelf("torch/losses/dice", DICE)
    copies.write(copies.place(recipe, path))
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_stamp_is_the_first_line_and_holds_the_hash_of_the_rest(copy):
    first, rest = copy.read_text("utf-8").split("\n", 1)
    digest = hashlib.sha256(DICE.encode()).hexdigest()[:12]
    assert rest == DICE
    assert first == (
        f"# dlcookbook {dlcookbook.__version__}: torch/losses/dice sha256={digest} "
        "(yours to edit; MIT)"
    )


def test_up_to_date(copy):
    age = copies.compare(copy)
    assert age.words.startswith("up to date (torch/losses/dice, ")
    assert (age.moved, age.changes) == (False, "")


def test_edited_shows_what_the_user_changed(copy):
    edit(copy, "x + 1", "x + 2")
    age = copies.compare(copy)
    assert age.words.startswith("edited by you; upstream has not changed")
    assert not age.moved
    assert "-    return x + 1\n+    return x + 2\n" in age.changes


def test_update_available_shows_what_upstream_would_change(copy, shelf):
    shelf("torch/losses/dice", DICE.replace("x + 1", "x + 3"))
    age = copies.compare(copy)
    assert age.words.startswith("update available; you have not edited it")
    assert age.moved
    assert "-    return x + 1\n+    return x + 3\n" in age.changes


def test_diverged_shows_both_and_its_stamp_ends_the_matter(copy, shelf):
    edit(copy, "x + 1", "x + 2")
    shelf("torch/losses/dice", DICE.replace("Dice.", "The Dice loss."))
    age = copies.compare(copy)
    assert age.words.startswith("diverged: edited by you, and upstream has changed")
    assert age.moved
    assert "-    return x + 2\n+    return x + 1\n" in age.changes
    edit(copy, "Dice.", "The Dice loss.")
    edit(copy, copy.read_text("utf-8").partition("\n")[0], age.stamp)
    assert copies.compare(copy).words.startswith("edited by you; upstream has not")


def test_an_update_made_by_hand_is_up_to_date(copy, shelf):
    shelf("torch/losses/dice", DICE.replace("x + 1", "x + 3"))
    edit(copy, "x + 1", "x + 3")
    age = copies.compare(copy)
    assert age.words.startswith("up to date")
    assert not age.moved


def test_another_version_with_the_same_text_is_up_to_date(copy, monkeypatch):
    monkeypatch.setattr(copies, "__version__", "99.0")
    age = copies.compare(copy)
    assert age.words.startswith("up to date")
    assert f"copied at {dlcookbook.__version__}, upstream at 99.0" in age.words


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n\n",
        lambda text: "\ufeff" + text,
    ],
    ids=["CRLF", "no final newline", "more newlines", "byte order mark"],
)
def test_what_editors_and_systems_do_to_a_file_is_no_edit(copy, change):
    copy.write_bytes(change(copy.read_text("utf-8")).encode())
    assert copies.compare(copy).words.startswith("up to date")
    assert not copies.differs(
        copy, copies.bundle(catalog.find("torch/dice"))["dice.py"]
    )


def test_reading_is_strict_enough_to_see_one_changed_space(copy):
    edit(copy, "x + 1", "x +  1")
    assert copies.compare(copy).words.startswith("edited")


def test_a_file_without_stamp_or_of_a_recipe_that_is_gone_is_refused(copy, tmp_path):
    stray = tmp_path / "stray.py"
    stray.write_bytes(b"\xff\xfe no stamp")
    with pytest.raises(CookbookError, match=r"stray\.py has no dlcookbook stamp"):
        copies.compare(stray)
    edit(copy, "torch/losses/dice", "torch/losses/dicey")
    with pytest.raises(CookbookError, match="'torch/losses/dicey'"):
        copies.compare(copy)


def test_shebang_stays_first_and_inline_metadata_stays_valid(shelf):
    script = (
        "#!/usr/bin/env python3\n# /// script\n"
        '# dependencies = ["torch>=2.6"]\n# ///\n"""Train."""\n'
    )
    recipe = shelf("torch/projects/train", script)
    text = copies.bundle(recipe)["train.py"]
    lines = text.splitlines()
    assert lines[0] == "#!/usr/bin/env python3"
    assert lines[1].startswith("# dlcookbook ")
    # the expression that the specification of inline metadata gives
    block = r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"
    content = re.search(block, text)["content"]
    metadata = "".join(line[2:] for line in content.splitlines(keepends=True))
    assert tomllib.loads(metadata) == {"dependencies": ["torch>=2.6"]}
    assert copies.plain(text) == script


PROJECT = '''"""Train on {wing}."""

import json

from dlcookbook.data.digits import load as load_digits
from dlcookbook.torch.losses import dice, json as loss_json
from dlcookbook.torch.losses.focal import (
    focal,
    hard,  # the other one
)

__all__ = ["main"]


def main():
    from dlcookbook.data import digits

    seen = digits.load() + load_digits()
    print(json.dumps([dice.dice(1), loss_json.j(), focal(), hard(), seen]))


if __name__ == "__main__":
    main()
'''


@pytest.fixture
def project(shelf):
    """Add a project that imports in every way that is allowed."""
    shelf("data/digits", '"""Digits."""\n\n\ndef load():\n    return 10\n')
    shelf("torch/losses/dice", DICE)
    shelf(
        "torch/losses/json",
        '"""A name that Python has."""\n\n\ndef j():\n    return 3\n',
    )
    shelf(
        "torch/losses/focal",
        '"""F."""\n\n\ndef focal():\n    return 4\n\n\ndef hard():\n    return 5\n',
    )
    return shelf("torch/projects/train", PROJECT)


def test_a_project_runs_where_dlcookbook_cannot_be_imported(project, tmp_path):
    folder = tmp_path / "copied"
    copies.write(copies.place(project, folder))
    assert {path.name for path in folder.iterdir()} == {
        "train.py",
        "digits.py",
        "dice.py",
        "losses_json.py",
        "focal.py",
    }
    # as empty as an import of it can be: -I drops the paths, and this the name
    code = (
        "import runpy, sys; sys.modules['dlcookbook'] = None; "
        f"sys.path.insert(0, {str(folder)!r}); "
        f"runpy.run_path({str(folder / 'train.py')!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout == "[2, 3, 4, 5, 20]\n"


def test_rewriting_touches_nothing_but_the_imports(project):
    text = copies.plain(copies.bundle(project)["train.py"])
    before, after = PROJECT.splitlines(), text.splitlines()
    changed = [line for line in after if line not in before]
    assert changed == [
        "from digits import load as load_digits",
        "import dice",
        "import losses_json as loss_json",
        "from focal import (",
        "    import digits",
    ]
    assert "dlcookbook" not in text
    ast.parse(text)


def test_diff_works_for_rewritten_files_under_any_name(project, shelf, tmp_path):
    path = tmp_path / "deep" / "er" / "mine.py"
    copies.write(copies.place(project, path))
    for file in path.parent.iterdir():
        assert copies.compare(file).words.startswith("up to date"), file
    edit(path, "print(", "print(  ")
    assert copies.compare(path).words.startswith("edited")
    shelf("torch/projects/train", PROJECT.replace("seen", "both"))
    age = copies.compare(path)
    assert age.words.startswith("diverged")
    assert "dlcookbook.data" not in age.changes


def test_a_file_of_the_bundle_never_has_the_name_of_what_it_imports(shelf):
    shelf("data/digits", '"""Digits."""\n')
    shelf("data/torch", '"""Tensors."""\nimport torch\n')
    recipe = shelf(
        "torch/projects/digits",
        '"""A project called like its loader."""\n'
        "from dlcookbook.data.digits import load\n"
        "from dlcookbook.data.torch import tensors\n",
    )
    assert list(copies.bundle(recipe)) == [
        "digits.py",
        "data_digits.py",
        "data_torch.py",
    ]


def test_all_is_written_or_nothing(tmp_path):
    blocked = tmp_path / "file.txt"
    blocked.write_text("in the way")
    old = tmp_path / "old.py"
    old.write_text("old\n")
    wanted = {
        old: "new\n",
        tmp_path / "first.py": "1\n",
        blocked / "second.py": "2\n",
    }
    with pytest.raises(OSError, match=r"file\.txt"):
        copies.write(wanted)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.txt", "old.py"]
    assert old.read_text() == "old\n"
    del wanted[blocked / "second.py"]
    copies.write(wanted)
    assert old.read_text() == "new\n"
    assert sorted(p.name for p in tmp_path.glob("*.py")) == ["first.py", "old.py"]
