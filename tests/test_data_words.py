"""Texts as numbers, docstrings as texts: the rules that the pages state hold."""

import ast
import re
import textwrap

import numpy as np
import pytest

pytest.importorskip("sklearn")

from dlcookbook.data import library_text
from dlcookbook.data.library_text import (
    TOPICS,
    load_returns_split,
    load_topics_split,
)
from dlcookbook.data.words import encode, make_vocabulary, split_words


def test_words_keep_their_apostrophes_and_numbers_their_digits():
    said = "It isn\u2019t O'Neill's 1st_try: 3.5 naïve 'quotes'!"
    wanted = "it isn\u2019t o'neill's 1 st try : 3 . 5 naïve ' quotes ' !"
    assert " ".join(split_words(said)) == wanted


def test_a_mark_of_its_own_is_a_sign():
    assert split_words("caf\u00e9") == ["caf\u00e9"]
    assert split_words("cafe\u0301") == ["cafe", "\u0301"]


def test_a_vocabulary_is_counted_cut_and_ordered():
    texts = ["b a a c", "c b a d", "e"]
    assert make_vocabulary(texts) == {"a": 2, "b": 3, "c": 4}
    assert make_vocabulary(texts, size=4) == {"a": 2, "b": 3}
    assert make_vocabulary(texts, at_least=1) == dict(
        zip("abcde", range(2, 7), strict=True)
    )


def test_texts_are_cut_and_filled_at_their_end_and_unknown_words_are_1():
    rows = encode(["a b x a", "b", ""], {"a": 2, "b": 3}, 3)
    assert rows.tolist() == [[2, 3, 1], [3, 0, 0], [0, 0, 0]]
    assert rows.dtype == np.int64


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: make_vocabulary(["a a"], size=2), "size must .*Received: 2, 2"),
        (
            lambda: make_vocabulary(["a a"], at_least=0),
            "at_least >= 1. Received: 10000, 0",
        ),
        (lambda: make_vocabulary(["a b"]), "texts must hold a word 2 times"),
        (lambda: encode(["a"], {}, 0), "length must be >= 1. Received: 0"),
    ],
)
def test_bad_options_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


MODULE = '''
"""Module about sockets and nothing more, really nothing."""

def gives(x):
    """Return the value of this thing."""
    return x

def takes(x):
    """Put the value somewhere else.

    >>> return_of_an_example
    """
    x.append(1)

def ends(x):
    """Leave early if nothing is left."""
    if not x:
        return None
    x.pop()

def outer(x):
    """Set an inner function as callback."""
    def inner():
        """Return what the callback returns."""
        return x
    x.callback = inner
    x.other = lambda: 3

def makes(x):
    """Go through all the things there are."""
    yield from x

class Thing:
    """A file that raises ValueErrors when it is closed twice, profile aside."""

    def abstract(self):
        """Return something in a subclass, perhaps."""
        raise NotImplementedError

    def short(self):
        """Two words"""
        return 1

    async def later(self):
        """Wait until the thing is there."""
        return await self.x

    if True:
        def copied(self):
            """Said of both kinds alike."""
            return 1

def copied_too(x):
    """Said of both kinds alike."""
    x.pop()
'''


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Stand a small library in the place of Python's."""
    folder = tmp_path / "lib"
    folder.mkdir()
    monkeypatch.setattr(library_text.sysconfig, "get_path", lambda name: str(folder))
    (folder / "many.py").write_text(
        "\n".join(
            f'def f{i}():\n    """Do the thing number {i}."""' for i in range(999)
        )
    )
    (folder / "one.py").write_text(MODULE)
    for aside in ("test", "site-packages"):
        (folder / aside).mkdir()
        (folder / aside / "hidden.py").write_text(MODULE.replace("value", "HIDDEN"))
    return folder


def found_in(parts):
    return {
        text: np.asarray(target).tolist()
        for part in parts
        for text, target in zip(*part, strict=True)
    }


def spread(folder, code, count=30):
    """Write modules with a text of their own each, so that every part gets some."""
    for i in range(count):
        (folder / f"m{i}.py").write_text(textwrap.dedent(code.format(i=i)))


def test_what_a_function_gives_back_is_read_from_its_own_body(library):
    spread(
        library, 'def f():\n    """Return the answer of module {i}."""\n    return 1'
    )
    found = found_in(load_returns_split(0))
    wanted = {
        "return the value of this thing .": 1,
        "put the value somewhere else .": 0,
        "leave early if nothing is left .": 0,
        "set an inner function as callback .": 0,
        "return what the callback returns .": 1,
        "go through all the things there are .": 1,
        "wait until the thing is there .": 1,
    }
    texts = {text: kind for text, kind in found.items() if "module" not in text}
    assert texts == wanted


def test_topics_are_the_words_that_are_taken_out(library):
    spread(library, '"""The cats and the dogs of this house are {i}."""')
    found = found_in(load_topics_split(0))
    topics = list(TOPICS)
    (row,) = (r for text, r in found.items() if "profile aside" in text)
    assert [t for t, yes in zip(topics, row, strict=True) if yes] == ["errors", "files"]
    (row,) = (r for text, r in found.items() if text.startswith("module about and"))
    assert [t for t, yes in zip(topics, row, strict=True) if yes] == ["network"]
    words = {word for text in found for word in text.split()}
    given = re.compile("|".join(f"(?:{p})" for p in TOPICS.values()))
    assert not [word for word in words if given.fullmatch(word)]
    assert "profile" in words


@pytest.mark.parametrize("load", [load_returns_split, load_topics_split])
def test_without_source_files_it_says_so(load, library):
    (library / "many.py").unlink()
    with pytest.raises(FileNotFoundError, match=r"Install Python .* Received: \d+ doc"):
        load(0)


@pytest.mark.parametrize("load", [load_returns_split, load_topics_split])
def test_modules_are_in_one_part_each_and_the_seed_decides(load, monkeypatch):
    every = list(library_text._docstrings())
    monkeypatch.setattr(library_text, "_docstrings", lambda: iter(every))
    seen: dict[str, str] = {}
    split = library_text._split

    def watched(modules, texts, *others):
        seen.update(zip(texts, modules, strict=True))
        return split(modules, texts, *others)

    monkeypatch.setattr(library_text, "_split", watched)
    parts = load(3)
    modules = [{seen[text] for text in part.texts} for part in parts]
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert not modules[i] & modules[j]
    texts = np.concatenate([part.texts for part in parts])
    assert len(set(texts)) == len(texts) == len(seen)
    shares = [len(part.texts) / len(texts) for part in parts]
    assert shares == pytest.approx([0.65, 0.15, 0.2], abs=0.055)
    again, other = load(3), load(4)
    for mine, yours in zip(parts, again, strict=True):
        assert np.array_equal(mine.texts, yours.texts)
        assert np.array_equal(mine.targets, yours.targets)
    assert set(other[2].texts) != set(parts[2].texts)


@pytest.mark.parametrize("shares", [(0.15, 1.0), (0.0, 0.2), (1.0, 0.2)])
def test_shares_that_leave_nothing_are_refused(shares, library):
    spread(
        library, 'def f():\n    """Return the answer of module {i}."""\n    return 1'
    )
    with pytest.raises(ValueError, match="validation and test must leave texts"):
        load_returns_split(0, validation=shares[0], test=shares[1])


def test_an_empty_body_is_known():
    body = ast.parse("'doc'\n...\npass\nraise ValueError").body
    assert library_text._empty(body)
    assert not library_text._empty(ast.parse("'doc'\nx = 1").body)
