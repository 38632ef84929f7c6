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


@pytest.mark.parametrize(("share", "apart"), [(20, 3), (50, 0), (2, 6), (98, 1.5)])
def test_the_curves_are_those_of_scikit_learn(explorer, share, apart):
    for knob, value in {"share": share, "apart": apart}.items():
        explorer.locator(f"input.confusion-{knob}").fill(str(value))
    yes = round(250 * share / 100)
    p = [(np.arange(n) + 0.5) / n for n in (yes, 250 - yes)]
    bells = [np.log(q / (1 - q)) for q in p]
    want = bells[0] + apart / 2, bells[1] - apart / 2
    drawn = explorer.evaluate(
        "([share, apart]) => window.confusionExplorer.sample(share, apart)",
        [share / 100, apart],
    )
    assert drawn["yes"] == pytest.approx(want[0], abs=1e-12)
    assert drawn["no"] == pytest.approx(want[1], abs=1e-12)
    scores = np.concatenate([drawn["yes"], drawn["no"]])
    true = np.repeat([1, 0], [yes, 250 - yes])
    found = explorer.evaluate(
        "scores => { const e = window.confusionExplorer;"
        "return e.areas(e.sweep(scores)) }",
        drawn,
    )
    assert found["roc"] == pytest.approx(sk.roc_auc_score(true, scores), abs=1e-12)
    average = sk.average_precision_score(true, scores)
    assert found["average"] == pytest.approx(average, abs=1e-12)
    assert f"area {found['roc']:.3f}" in explorer.inner_text(".confusion-roc-read")
    assert f"{found['average']:.3f}" in explorer.inner_text(".confusion-pr-read")
    # what is drawn, from pixels back to rates
    path = explorer.get_attribute(".confusion-roc .confusion-line", "d")
    x, y = np.array([point.split() for point in path[1:].split("L")], float).T
    false, hit, _ = sk.roc_curve(true, scores, drop_intermediate=False)
    assert (x - 34) / 198 == pytest.approx(false, abs=6e-4)
    assert (206 - y) / 198 == pytest.approx(hit, abs=6e-4)


def test_the_points_stand_at_the_rates(explorer):
    for threshold in (-2, 0.5, 3):
        explorer.locator("input.confusion-threshold").fill(str(threshold))
        agrees(explorer)
        recall = value_of(explorer, "recall")
        places = {
            "roc": (1 - value_of(explorer, "specificity"), recall),
            "pr": (recall, value_of(explorer, "precision")),
        }
        for name, (x, y) in places.items():
            point = explorer.locator(f".confusion-{name} .confusion-point")
            at = [float(point.get_attribute(side)) for side in ("cx", "cy")]
            assert (at[0] - 34) / 198 == pytest.approx(x, abs=2e-3)
            assert (206 - at[1]) / 198 == pytest.approx(y, abs=2e-3)


def test_a_model_that_never_says_yes_has_no_precision(explorer):
    explorer.locator("input.confusion-threshold").focus()
    explorer.keyboard.press("End")
    for name in ("precision", "mcc"):
        shown = explorer.locator(f".confusion-of-{name} .value").inner_text()
        assert shown == "undefined (0/0)"
    assert value_of(explorer, "recall") == value_of(explorer, "f1") == 0
    assert not explorer.locator(".confusion-pr .confusion-point").is_visible()
    explorer.locator("input.confusion-share").focus()
    explorer.keyboard.press("Home")
    for name in ("recall", "balanced", "f1"):
        assert "0/0" in explorer.locator(f".confusion-of-{name} .value").inner_text()


def test_what_is_no_count_becomes_one(explorer):
    explorer.locator("input[name=confusion-from][value=hand]").check()
    box = explorer.locator("input.confusion-tp")
    for typed, counted in {"-3": "0", "": "0", "2.7": "2", "1e9": "999999"}.items():
        box.fill(typed)
        box.blur()
        assert box.input_value() == counted


def test_it_speaks_and_has_names(explorer):
    assert explorer.get_attribute(".confusion-read", "aria-live") == "polite"
    before = explorer.inner_text(".confusion-read")
    curve = explorer.get_attribute(".confusion-roc", "aria-label")
    explorer.locator("input.confusion-threshold").press("ArrowLeft")
    assert explorer.inner_text(".confusion-read") != before
    assert explorer.get_attribute(".confusion-roc", "aria-label") != curve
    for control in explorer.locator(".confusion input").all():
        assert control.evaluate("e => e.labels[0].innerText.trim()")
    for picture in explorer.locator(".confusion .explorer-plot").all():
        assert picture.get_attribute("aria-label")


def test_it_is_there_after_instant_navigation(visit, address):
    page = visit(address)
    page.evaluate("window.same = true")
    page.locator('a[href$="metrics/"]').first.click()
    page.wait_for_selector(".confusion input")
    assert page.evaluate("window.same")
    assert page.locator(".confusion-matrix").count() == 1
    assert page.problems == []


def test_without_scripts_a_picture_stands_in_its_place(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}metrics/")
    assert page.locator(".confusion :is(img, svg)").first.is_visible()
    context.close()
