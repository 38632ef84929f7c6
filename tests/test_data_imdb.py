"""The reviews are read as they are published: films apart, faults named."""

import numpy as np
import pytest

from dlcookbook.data.imdb import load_imdb_split

FILMS = 10
REVIEWS = 40


@pytest.fixture
def folder(tmp_path):
    """Write a small aclImdb: review i of the training part is about film i // 4."""
    root = tmp_path / "aclImdb"
    for part in ("train", "test"):
        for name, rating in (("neg", 2), ("pos", 9)):
            (root / part / name).mkdir(parents=True)
            for i in range(REVIEWS):
                text = f"{part} {name} film{i // 4}<br /><br />a review, number {i}."
                (root / part / name / f"{i}_{rating}.txt").write_text(text, "utf-8")
            lines = [
                f"http://www.imdb.com/title/tt{i // 4:07}/usercomments"
                for i in range(REVIEWS)
            ]
            (root / part / f"urls_{name}.txt").write_text("\n".join(lines) + "\n")
    return root


def test_reviews_have_their_classes_and_no_tags(folder):
    train, validation, test = load_imdb_split(folder)
    for part, word in ((train, "train"), (validation, "train"), (test, "test")):
        for text, target in zip(*part, strict=True):
            assert text.startswith(f"{word} {('neg', 'pos')[target]} film")
            assert "<" not in text
            assert "  " not in text
        assert part.targets.dtype == np.int64
    assert len(test.texts) == 2 * REVIEWS
    assert len(train.texts) + len(validation.texts) == 2 * REVIEWS


def test_a_film_is_in_one_part_whatever_is_said_of_it(folder):
    def films(part):
        return {text.split()[2] for text in part.texts}

    for seed in range(3):
        train, validation, _ = load_imdb_split(folder, seed)
        assert len(films(validation)) == 2
        assert not films(train) & films(validation)
        assert set(validation.targets) == {0, 1}
    one, two = (set(load_imdb_split(folder, s)[1].texts) for s in (0, 0))
    assert one == two
    assert len({frozenset(films(load_imdb_split(folder, s)[1])) for s in range(6)}) > 1


def test_a_line_of_the_list_belongs_to_the_number_in_the_name(folder):
    """Files are listed as 0, 1, 10, 11, ...: their order is not that of the list."""
    lines = [f"http://x/title/tt{i:07}/usercomments" for i in range(REVIEWS)]
    for name in ("neg", "pos"):
        (folder / "train" / f"urls_{name}.txt").write_text("\n".join(lines))
    _, validation, _ = load_imdb_split(folder, validation=0.5)
    numbers = {0: set(), 1: set()}
    for text, target in zip(*validation, strict=True):
        numbers[target].add(text.rsplit(maxsplit=1)[1])
    assert numbers[0] == numbers[1]
    assert len(numbers[0]) == REVIEWS // 2


def test_copies_leave_the_training_part(folder):
    test = (folder / "test/pos/7_9.txt").read_text()
    (folder / "train/pos/3_9.txt").write_text(test)
    (folder / "train/pos/4_9.txt").write_text(
        (folder / "train/pos/30_9.txt").read_text()
    )
    train, validation, tested = load_imdb_split(folder)
    texts = [*train.texts, *validation.texts]
    assert len(texts) == len(set(texts)) == 2 * REVIEWS - 2
    assert not set(texts) & set(tested.texts)
    assert len(tested.texts) == 2 * REVIEWS


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("train/pos/99_9.txt", "new", r"urls_pos.txt must have a film in line 99"),
        ("train/neg/1_9.txt", "new", r"ratings of 1 to 4. Received: 1_9.txt"),
        ("test/pos/1_5.txt", "new", r"ratings of 7 to 10. Received: 1_5.txt"),
        ("train/pos/3_8.txt", "new", r"train/pos must have an ID once. Received: 3 "),
        ("test/pos/notes.txt", "new", r"ID_RATING.txt .* Received: notes.txt"),
        ("test/pos/1_9.txt", " <br /> ", r"1_9.txt must hold a review"),
        ("test/pos/1_9.txt", b"\xff\xfe", r"1_9.txt must be UTF-8"),
        ("train/urls_neg.txt", "http://imdb\n" * 40, r"urls_neg.txt must have a film"),
    ],
)
def test_faults_are_named(folder, file, content, message):
    content = content.encode() if isinstance(content, str) else content
    (folder / file).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_imdb_split(folder)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_part_without_films_is_refused(folder, share):
    with pytest.raises(ValueError, match="validation must leave films"):
        load_imdb_split(folder, validation=share)


@pytest.mark.parametrize("name", ["train/urls_pos.txt", "test/neg"])
def test_what_is_missing_is_named_and_where_it_is_to_be_had(folder, name):
    path = folder / name
    if path.is_dir():
        for file in path.iterdir():
            file.unlink()
    else:
        path.unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} is not in .*aclImdb_v1"):
        load_imdb_split(folder)
