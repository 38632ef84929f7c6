"""Pairs of words: every neighbour once, strangers with the same frequencies."""

from collections import Counter

import numpy as np
import pytest

from dlcookbook.data.word_pairs import word_pairs


@pytest.fixture
def words():
    # unknown words (1) among them; the frequent ones are very frequent
    return np.minimum(np.random.default_rng(0).geometric(0.1, 500), 30)


def pairs(inputs, targets, value):
    rows, columns = np.nonzero(targets == value)
    found = zip(inputs[rows, 0], inputs[rows, 1 + columns], strict=True)
    return Counter((int(a), int(b)) for a, b in found)


@pytest.mark.parametrize("window", [1, 2, 5])
def test_neighbours_are_those_of_the_text(words, window):
    inputs, targets = word_pairs(words, window=window, negatives=2)
    wanted = Counter()
    for at, word in enumerate(words.tolist()):
        for other in range(max(0, at - window), min(len(words), at + window + 1)):
            if other != at and min(word, words[other]) > 1:
                wanted[word, int(words[other])] += 1
    assert pairs(inputs, targets, 1) == wanted
    assert inputs.shape[1] - 1 == targets.shape[1] == 2 * window * 3
    assert inputs.dtype == targets.dtype == np.int64


def test_strangers_are_as_frequent_as_neighbours_on_both_sides(words):
    inputs, targets = word_pairs(words, window=2, negatives=3)
    near, far = (pairs(inputs, targets, value) for value in (1, 0))
    for side in (0, 1):
        counts = [Counter() for _ in range(2)]
        for count, found in zip(counts, (near, far), strict=True):
            for pair, times in found.items():
                count[pair[side]] += times
        assert {word: 3 * n for word, n in counts[0].items()} == counts[1]
    assert set(far) != set(near)
    assert ((inputs[:, 1:] > 1) == (targets >= 0)).all()


def test_nothing_but_chance_gives_no_score(words):
    inputs, targets = word_pairs(words, window=2, negatives=5)
    frequency = np.bincount(words, minlength=31)[inputs[:, 1:]]
    near, far = (np.sort(frequency[targets == value]) for value in (1, 0))
    assert np.array_equal(np.repeat(near, 5), far)


def test_the_seed_shuffles_strangers_alone(words):
    first, again, other = (word_pairs(words, seed) for seed in (0, 0, 1))
    assert np.array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    assert np.array_equal(first[1], other[1])
    assert pairs(*first, 1) == pairs(*other, 1)


def test_what_has_no_pairs_is_refused():
    for few in ([], [1, 1, 1], [2, 1, 1, 1, 3]):
        with pytest.raises(ValueError, match="words must have two known ones"):
            word_pairs(np.array(few, "int64"), window=2)
    for option in ({"window": 0}, {"negatives": 0}):
        with pytest.raises(ValueError, match="window and negatives must be >= 1"):
            word_pairs(np.arange(9), **option)
