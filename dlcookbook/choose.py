"""Rows of the sheet that fit an answer, and what each of them says."""

import dataclasses
import pkgutil
import re
from importlib import import_module
from shutil import get_terminal_size
from types import ModuleType
from typing import Any

from dlcookbook import catalog, sheet
from dlcookbook.catalog import CookbookError, closest

LABELS = {
    "torch": "PyTorch",
    "keras": "Keras",
    "numpy": "NumPy",
    "sklearn": "scikit-learn",
    "when_not": "not when",
    "agree_torch": "agree, PyTorch",
    "agree_keras": "agree, Keras",
}
# The field that tells a task in plain words, and what it answers.
QUESTIONS = {
    "predicting": "What are you predicting?",
    "asking": "What do you want to know?",
    "shaping": "What comes in, and what is wanted?",
    "building": "What are you building?",
    "deciding": "What do you have to decide?",
    "training": "What are you training?",
    "planning": "How should the learning rate move?",
    "needing": "What do you need in a step?",
    "seeing": "What do you see?",
    "augmenting": "What do you train on?",
    "wanting": "What should the training do?",
    "handing": "Who reads the file?",
    "repeating": "What must be the same?",
    "lacking": "What is there too little of?",
    "solving": "What is to be solved?",
    "comparing": "What do you compare?",
    "converting": "Which layer is to be moved?",
    "reading": "What have you read?",
}
# Said in another way, or for the pages and the tests.
UNSPOKEN = {"name", "slug", "section", "tasks", "recipe", *QUESTIONS}
UNSPOKEN |= {"reference", "arguments", "trap", "items", "demonstration", "shows"}
UNSPOKEN |= {"evidence"}


def topics() -> dict[str, ModuleType]:
    """Return the sheet's modules by the word for one of their rows."""
    return {
        re.sub(r"(?<=ss)es$|s$", "", m.name): import_module(
            f"{sheet.__name__}.{m.name}"
        )
        for m in pkgutil.iter_modules(sheet.__path__)
    }


def tasks(module: ModuleType) -> dict[str, list[Any]]:
    """Return the rows of a sheet by task, the one to start with first."""
    found: dict[str, list[Any]] = {}
    for row in module.ROWS:
        for task in row.tasks:
            found.setdefault(task, []).append(row)
    return found


def answer(topic: str | None, name: str | None, task: str | None) -> str:
    """Answer as much as was asked, or ask the next question.

    Parameters
    ----------
    topic : str, optional
        What is to be chosen, in the singular or the plural. None lists the topics.
    name : str, optional
        The slug of one row, to see all of it.
    task : str, optional
        What the row must serve. With neither name nor task, the tasks are listed.

    Returns
    -------
    str
        What to print; a question has the command that gives each answer.

    Raises
    ------
    CookbookError
        If the topic, the name or the task is unknown.
    """
    shelf = topics()
    if topic is None:
        about = {
            t: (module.__doc__ or "").partition("\n")[0] for t, module in shelf.items()
        }
        return "What do you want to choose?\n" + replies("", about)
    plurals = {module.__name__.rpartition(".")[2]: t for t, module in shelf.items()}
    topic = known("topic", plurals.get(topic, topic), shelf, "")
    if name:
        rows = {row.slug: row for row in shelf[topic].ROWS}
        return card(rows[known(topic, name, rows, f" {topic}")])
    by_task = tasks(shelf[topic])
    if task is None:
        first_row = next(iter(by_task.values()))[0]
        field = next((word for word in QUESTIONS if getattr(first_row, word, "")), "")
        asked = {t: getattr(r[0], field, "") or t for t, r in by_task.items()}
        question = QUESTIONS.get(field, "What is it for?")
        if places := {p.task: p.place for p in getattr(shelf[topic], "PLACES", ())}:
            asked, question = asked | places, "Where does it stand?"
        return f"{question}\n{replies(f' {topic} --task', asked)}"
    first, *rest = by_task[known("task", task, by_task, f" {topic} --task")]
    also = {row.slug: f"{row.name}: {row.when}" for row in rest}
    more = f"\nInstead of it, for a reason:\n{replies(f' {topic}', also)}"
    return card(first) + more * bool(also)


def completions(before: list[str]) -> list[str]:
    """Return what can follow the words of an unfinished question."""
    shelf = topics()
    if not before or before[0] not in shelf:
        return [] if before else list(shelf)
    module, asks_for_task = shelf[before[0]], before[-1] == "--task"
    return list(tasks(module)) if asks_for_task else [row.slug for row in module.ROWS]


def replies(asked: str, lines: dict[str, str]) -> str:
    """Return each reply in words with the command that gives it."""
    commands = {
        f"dlcookbook choose{asked} {word}": text for word, text in lines.items()
    }
    left = max(map(len, lines.values()), default=0) + 2
    fits = left + max(map(len, commands), default=0) < get_terminal_size().columns
    gap = "\n    "
    return "".join(
        f"  {text.ljust(left) if fits else text + gap}{command}\n"
        for command, text in commands.items()
    )


def known(kind: str, word: str, words: dict[str, Any], asked: str) -> str:
    """Return `word` if it is one of `words`, else raise with what there is."""
    if word in words:
        return word
    best = next(iter([*closest(word, words), *words]), "--help")
    raise CookbookError(
        f"No {kind} is called {word!r}; there are: {', '.join(words)}. "
        f"Next: dlcookbook choose{asked} {best}"
    )


def card(row: Any) -> str:
    """Return all of a row that helps to use it."""
    lines = [row.name]
    for field in dataclasses.fields(row):
        value = getattr(row, field.name)
        if value and field.name not in UNSPOKEN:
            label = LABELS.get(field.name, field.name.replace("_", " "))
            words: Any = [value] if isinstance(value, str) else value
            if isinstance(words[0], str):
                words = [(label, ", ".join(words))]
            lines += [f"  {left:<12} {right}" for left, right in words]
    if getattr(row, "recipe", ""):
        found = {entry.name for entry in catalog.recipes()}
        names = (f"{wing}/{row.recipe}" for wing in ("torch", "keras", "numpy"))
        wings = " or ".join(name for name in names if name in found)
        lines.append(f"  {'copy':<12} dlcookbook copy {wings}")
    return "\n".join(lines) + "\n"
