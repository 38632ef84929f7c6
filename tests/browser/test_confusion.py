"""The confusion explorer shows what scikit-learn computes, for every way to set it."""

import numpy as np
import pytest
import sklearn.metrics as sk

COUNTS = [
    {"tn": 90, "fp": 5, "fn": 2, "tp": 3},
    {"tn": 0, "fp": 7, "fn": 3, "tp": 40},
    {"tn": 1000, "fp": 1, "fn": 50, "tp": 1},
]
MEASURES = {
    "accuracy": sk.accuracy_score,
    "balanced": sk.balanced_accuracy_score,
    "precision": sk.precision_score,
    "recall": sk.recall_score,
    "f1": sk.f1_score,
    "mcc": sk.matthews_corrcoef,
    "specificity": lambda t, p: sk.recall_score(1 - t, 1 - p),
}


@pytest.fixture
def explorer(visit, address):
    page = visit(address + "metrics/")
    page.locator(".confusion input").first.wait_for(state="attached")
    yield page
    assert page.problems == []


def labels(counts):
    """Examples that have these counts."""
    cells = [(0, 0, "tn"), (0, 1, "fp"), (1, 0, "fn"), (1, 1, "tp")]
    rows = [[t, p] for t, p, name in cells for _ in range(counts[name])]
    return np.array(rows).T


def counts_of(page):
    return {
        name: int(page.locator(f"input.confusion-{name}").input_value())
        for name in ("tn", "fp", "fn", "tp")
    }


def value_of(page, name):
    text = page.locator(f".confusion-of-{name} .value").inner_text()
    return float(text.replace("\N{MINUS SIGN}", "-"))


def agrees(page):
    true, predicted = labels(counts_of(page))
    for name, measure in MEASURES.items():
        assert value_of(page, name) == pytest.approx(measure(true, predicted), abs=6e-4)


@pytest.mark.parametrize("counts", COUNTS)
def test_your_own_counts_give_what_scikit_learn_gives(explorer, counts):
    explorer.locator("input[name=confusion-from][value=hand]").check()
    for name, count in counts.items():
        explorer.locator(f"input.confusion-{name}").fill(str(count))
    assert counts_of(explorer) == counts
    agrees(explorer)


def test_nothing_over_nothing_is_undefined(explorer):
    explorer.locator("input[name=confusion-from][value=hand]").check()
    for name, count in {"tn": 9, "fp": 0, "fn": 4, "tp": 0}.items():
        explorer.locator(f"input.confusion-{name}").fill(str(count))
    shown = explorer.locator(".confusion-of-precision .value").inner_text()
    assert "0/0" in shown


@pytest.mark.parametrize("knob", ["threshold", "share", "apart"])
def test_a_knob_moves_by_keyboard_and_the_measures_follow(explorer, knob):
    before = counts_of(explorer)
    slider = explorer.locator(f"input.confusion-{knob}")
    slider.focus()
    for _ in range(9):
        explorer.keyboard.press("ArrowRight")
    assert counts_of(explorer) != before
    assert sum(counts_of(explorer).values()) == sum(before.values())
    agrees(explorer)
