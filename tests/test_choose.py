"""The advisor: from a topic and a task to one row, with words for every wrong turn."""

import re
import sys

import pytest

from dlcookbook import catalog, choose, sheet
from dlcookbook.catalog import CookbookError

HATS = '''"""Hats: what to wear."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hat:
    name: str
    slug: str
    tasks: tuple = ()
    predicting: str = ""
    brim: str = ""
    given: tuple = ()
    torch: str = ""
    when: str = ""
    when_not: str = ""
    recipe: str = ""
    trap: tuple = ()


ROWS = (
    Hat("Straw hat", "straw", ("sun", "rain"), "the sun", torch="straw()"),
    Hat("Sou'wester", "souwester", ("rain",), "the rain", when="it pours"),
    Hat(
        "Bowler",
        "bowler",
        ("office",),
        brim="narrow",
        given=(("size", "float32, a scalar"),),
        torch="bowl()",
        when_not="it storms",
        recipe="hats/bowler",
        trap=("wind",),
    ),
)
'''


@pytest.fixture
def hats(tmp_path, monkeypatch):
    """Make hats the only topic of the sheet, and a bowler the only recipe."""
    (tmp_path / "hats.py").write_text(HATS)
    recipe = tmp_path / "torch" / "hats" / "bowler.py"
    recipe.parent.mkdir(parents=True)
    recipe.touch()
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    monkeypatch.setattr(sheet, "__path__", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "dlcookbook.sheet.hats", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    yield
    sys.modules.pop("dlcookbook.sheet.hats", None)


def test_topics_are_the_files_of_the_sheet_in_the_singular(hats):
    assert list(choose.topics()) == ["hat"]
    assert choose.answer(None, None, None) == (
        "What do you want to choose?\n  Hats: what to wear.  dlcookbook choose hat\n"
    )


@pytest.mark.parametrize(
    ("file", "topic"),
    [
        ("losses", "loss"),
        ("schedules", "schedule"),
        ("optimizers", "optimizer"),
        ("debugging", "debugging"),
    ],
)
def test_singular_of_a_file(file, topic, tmp_path, monkeypatch):
    (tmp_path / f"{file}.py").write_text('"""A topic."""\nROWS = ()\n')
    monkeypatch.setattr(sheet, "__path__", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, f"dlcookbook.sheet.{file}", raising=False)
    assert list(choose.topics()) == [topic]
    sys.modules.pop(f"dlcookbook.sheet.{file}")


def test_a_topic_asks_for_the_task_in_plain_words(hats):
    for topic in ("hat", "hats"):
        assert choose.answer(topic, None, None) == (
            "What are you predicting?\n"
            "  the sun  dlcookbook choose hat --task sun\n"
            "  the sun  dlcookbook choose hat --task rain\n"
            "  office   dlcookbook choose hat --task office\n"
        )


def test_commands_stand_below_the_words_where_the_terminal_is_narrow(hats, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert "  the sun\n    dlcookbook choose hat --task sun\n" in choose.answer(
        "hat", None, None
    )


def test_a_task_gives_its_first_row_and_names_the_others(hats):
    assert choose.answer("hat", None, "rain") == (
        "Straw hat\n"
        "  PyTorch      straw()\n"
        "\n"
        "Instead of it, for a reason:\n"
        "  Sou'wester: it pours  dlcookbook choose hat souwester\n"
    )
    assert "Instead" not in choose.answer("hat", None, "sun")


def test_a_name_gives_all_that_helps_to_use_it(hats):
    assert choose.answer("hat", "bowler", None) == (
        "Bowler\n"
        "  brim         narrow\n"
        "  size         float32, a scalar\n"
        "  PyTorch      bowl()\n"
        "  not when     it storms\n"
        "  copy         dlcookbook copy torch/hats/bowler\n"
    )


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (("hut", None, None), "'hut'; there are: hat. Next: dlcookbook choose hat"),
        (("hat", "bowla", None), "Next: dlcookbook choose hat bowler"),
        (("hat", None, "snow"), "'snow'; there are: sun, rain, office. Next: "),
        (("hat", None, "offce"), "Next: dlcookbook choose hat --task office"),
    ],
)
def test_a_wrong_turn_is_told_with_what_there_is(hats, question, words):
    with pytest.raises(CookbookError) as caught:
        choose.answer(*question)
    assert words in str(caught.value)


def test_completions_follow_the_question(hats):
    assert choose.completions([]) == ["hat"]
    assert choose.completions(["hat"]) == ["straw", "souwester", "bowler"]
    assert choose.completions(["hat", "--task"]) == ["sun", "rain", "office"]
    assert choose.completions(["gloves"]) == []


ANSWERS = [
    (topic, task)
    for topic, module in choose.topics().items()
    for task in choose.tasks(module)
]


@pytest.mark.parametrize(("topic", "task"), ANSWERS)
def test_every_task_of_the_sheet_has_a_whole_answer(topic, task):
    row = choose.tasks(choose.topics()[topic])[task][0]
    card = choose.answer(topic, None, task).partition("\n\n")[0]
    for field in ("last_layer", "outputs", "targets", "torch", "keras", "when_not"):
        assert getattr(row, field, "") in card
    assert ("dlcookbook copy" in card) == bool(getattr(row, "recipe", ""))


def test_every_recipe_that_an_answer_names_exists():
    for module in choose.topics().values():
        for row in (row for row in module.ROWS if getattr(row, "recipe", "")):
            named = re.findall(rf"\w+/{row.recipe}\b", choose.card(row))
            assert named
            for name in named:
                assert catalog.find(name).name == name
