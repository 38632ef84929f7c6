"""Every row of optimizers is executed: calls, rules, defaults, state, decay, tasks."""

import functools
import inspect
import json
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.sheet import optimizers
from tests import wings
from tools import optimizer_facts, optimizer_figures, optimizer_rates
from tools.chapters import optimizers as chapter
from tools.fences import scan

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "optimizers.md"
ROWS = optimizers.ROWS
CALLS = [
    (row, wing)
    for row in ROWS
    for wing in optimizer_facts.WINGS
    if row.reference and optimizer_facts.is_optimizer(row, wing)
]
SECTIONS = {row.section or row.slug for row in ROWS}
START = np.array([[1.0, -2.0, 0.5], [3.0, -0.7, 1.5]])
GOAL = np.array([[0.0, 1.0, -1.0], [0.5, 2.0, 3.0]])
BEND = np.array([[0.5, 1.0, 2.0], [3.0, 0.7, 1.3]])
# The slope at step t is multiplied by these: means of gradients need some that differ.
FACTORS = (1.0, -0.5, 2.0, 0.3, 1.5)
# Share of the way; Keras has another epsilon and keeps its rate in float32.
NEAR = 2e-5
# Five products of matrices in bfloat16.
BFLOAT16 = 0.05
# Of twins and of what else follows the other framework's defaults.
CONVENTIONS = re.compile(r"twin_\w+|nadam")

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
each_call = pytest.mark.parametrize(
    ("row", "wing"), CALLS, ids=lambda part: getattr(part, "slug", part)
)
each_rule = pytest.mark.parametrize(
    "row", [row for row in ROWS if row.rule], ids=lambda row: row.slug
)


def slope(w, factor=1.0):
    """Return the gradient of a bowl that is not round."""
    return factor * BEND * (w - GOAL)


def given(row):
    """Return what the definition is given."""
    return eval(f"dict({row.arguments})")


def definition(row):
    """Return the step of a row's definition."""
    return wings.function("reference", row.reference)


def defined(row):
    """Walk by the definition."""
    step, options = definition(row), given(row)
    w, state = START, {}
    if row.slug == "sam":
        sgd = wings.function("reference", "optimizers/sgd.sgd")
        options["step"] = functools.partial(sgd, lr=0.1)
    for factor in FACTORS:
        towards = functools.partial(slope, factor=factor)
        if row.slug != "sam":
            towards = towards(w)
        w, state = step(w, towards, state, **options)
    return w


def walked(row, wing):
    """Walk by the row's call."""
    kind = "float32" if (row.slug, wing) == ("muon", "keras") else "float64"
    home = optimizer_facts.made(row, wing, START.astype(kind))
    for factor in FACTORS:
        home.step(lambda w, factor=factor: slope(w, factor).astype(kind))
    return home.numbers()


def close(got, want, near, slack=0.0):
    """Compare two ends relative to the way that was gone."""
    way = np.abs(want - START).max()
    assert way > 0
    assert np.abs(got - want).max() < near * way + slack


@each_call
def test_the_call_walks_as_the_definition_does(row, wing):
    pytest.importorskip(wing)
    near = BFLOAT16 if row.slug == "muon" else NEAR
    slack = 0.0
    backend = pytest.importorskip("keras").backend.backend() if wing == "keras" else ""
    if backend == "torch" and "weight_decay" in row.arguments:
        # there it takes 1 - rate x decay in float32, at every step
        slack = len(FACTORS) * np.abs(START).max() * 2.0**-24
    close(walked(row, wing), defined(row), near, slack)


@pytest.mark.parametrize(
    ("slug", "wing", "old", "new"),
    [
        ("nesterov", "torch", ", nesterov=True", ""),
        ("adamw-transformer", "keras", "0.95", "0.94"),
        ("adagrad", "keras", "initial_accumulator_value=0.0", ""),
        ("rmsprop", "torch", "0.99", "0.9"),
        ("nadam", "torch", "momentum_decay=1.0", ""),
        ("muon", "torch", "adjust_lr_fn='match_rms_adamw'", ""),
        ("lars", "keras", "weight_decay=1e-4", "weight_decay=1e-3"),
    ],
)
def test_a_wrong_row_is_caught(slug, wing, old, new):
    pytest.importorskip(wing)
    [row] = [row for row in ROWS if row.slug == slug]
    assert old in getattr(row, wing)
    wrong = replace(row, **{wing: getattr(row, wing).replace(old, new)})
    with pytest.raises(AssertionError):
        test_the_call_walks_as_the_definition_does(wrong, wing)


def test_sam_of_keras_walks_as_the_definition_does():
    keras = pytest.importorskip("keras")
    [row] = [row for row in ROWS if row.slug == "sam"]
    x = np.random.default_rng(0).normal(size=(6, 3))
    layer = keras.layers.Dense(1, use_bias=False)
    names = optimizer_facts.scope(row, "keras")
    inner = keras.Sequential([keras.Input((3,)), layer])
    model = eval(row.keras, names | {"model": inner})
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    w = keras.ops.convert_to_numpy(layer.kernel)
    model.fit(x, x[:, :1] - 1, batch_size=6, epochs=3, verbose=0)

    def towards(w):
        return 2 * x.T @ (x @ w - x[:, :1] + 1) / 6

    sgd = wings.function("reference", "optimizers/sgd.sgd")
    step, state = functools.partial(sgd, lr=0.1), {}
    for _ in range(3):
        w, state = definition(row)(w, towards, state, step=step, **given(row))
    got = keras.ops.convert_to_numpy(layer.kernel)
    np.testing.assert_allclose(got, w, rtol=1e-5)


def test_lbfgs_finds_the_lowest_point():
    pytest.importorskip("torch")
    scipy = pytest.importorskip("scipy")
    [row] = [row for row in ROWS if row.slug == "lbfgs"]

    def loss(w):
        return (BEND * (w - GOAL) ** 2).sum() / 2

    home = optimizer_facts.made(row, "torch", START)
    home.step(slope, loss)
    np.testing.assert_allclose(home.numbers(), GOAL, atol=1e-5)

    def loss_and_gradient(w):
        w = w.reshape(GOAL.shape)
        return loss(w), slope(w).ravel()

    names = {"scipy": scipy, "start": START.ravel()}
    names["loss_and_gradient"] = loss_and_gradient
    found = eval(row.keras, names).x
    np.testing.assert_allclose(found, GOAL.ravel(), atol=1e-4)


def words(row):
    """Return what the rule of a row may mention, the options as defined."""
    step = definition(row)
    defaults = {
        name: one.default
        for name, one in inspect.signature(step).parameters.items()
        if one.kind is one.KEYWORD_ONLY
    }
    options = defaults | given(row)
    if "betas" in options:
        options["beta1"], options["beta2"] = options["betas"]
    if isinstance(options.get("eps"), tuple):
        options["eps"] = options["eps"][0]
    if row.slug == "sam":
        options["lr"] = 0.1
    return options | {
        **{name: getattr(np, name) for name in ("sqrt", "sign", "abs", "where")},
        **{name: getattr(np, name) for name in ("maximum", "minimum", "mean")},
        "norm": np.linalg.norm,
        "rms": lambda x: np.sqrt(np.mean(x**2)),
        "orthogonal": wings.function("reference", "optimizers/muon.newton_schulz"),
        "max": max,
    }


@each_rule
def test_the_rule_as_code_is_the_definition(row):
    zero = np.zeros_like(START)
    # what each rule keeps, and what does not start at 0
    names = dict.fromkeys(("m", "v", "s", "u", "r", "c", "d"), zero)
    names |= {"w": START, "x": START, "z": START, "p": 1.0} | words(row)
    if row.slug == "ftrl":
        names |= {"z": zero, "s": names["initial_accumulator_value"] + zero}
    for t, factor in enumerate(FACTORS, 1):
        names["gradient"] = functools.partial(slope, factor=factor)
        names |= {"t": t, "g": names["gradient"](names["w"])}
        with np.errstate(invalid="ignore", divide="ignore"):
            exec(row.rule, names)
    close(names["w"], defined(row), 1e-6)


@each_row
def test_a_rule_with_another_number_is_noticed(row):
    if not row.rule:
        assert row.slug == "lbfgs"
        return
    wrong = replace(row, rule=row.rule.replace("w = ", "w = 1e-3 + ", 1))
    with pytest.raises(AssertionError):
        test_the_rule_as_code_is_the_definition(wrong)


@pytest.fixture(scope="module")
def facts():
    """Everything that the page says of the classes, read anew."""
    pytest.importorskip("torch")
    pytest.importorskip("keras")
    return json.loads(json.dumps(optimizer_facts.facts()))


def test_state_defaults_and_decay_are_those_of_the_classes(facts):
    assert json.loads(optimizer_facts.FILE.read_text("utf-8")) == facts


@pytest.mark.parametrize(
    ("slug", "wing", "numbers"),
    [("sgd", "torch", 0), ("momentum", "keras", 1), ("adam", "torch", 2)],
)
def test_state_is_counted_in_numbers_of_four_bytes(slug, wing, numbers):
    [row] = [row for row in ROWS if row.slug == slug]
    assert chapter.kept(row, wing) == f"{4 * numbers}"


def test_the_table_of_defaults_has_what_differs_and_no_more():
    text = chapter.default_table(None)
    lines = {line.split("](#")[1].split(")")[0]: line for line in text.split("\n")[2:]}
    assert "`eps=1e-08` | `epsilon=1e-07`" in lines["adam"]
    assert "beta" not in lines["adam"]
    assert "lr=" not in lines["adam"]
    assert "lr=0.001` | `learning_rate=0.01`" in lines["sgd"]
    assert "alpha=0.99" in lines["rmsprop"]
    assert "rho=0.9," in lines["rmsprop"]
    assert not {"lion", "radam", "sam"} & set(lines)


@each_row
def test_the_rate_to_try_is_that_of_the_calls(row):
    if row.slug in ("lbfgs", "sam"):
        return
    rate = float(re.match(r"[\de.-]*\d", row.rate)[0])
    assert rate == given(row)["lr"]


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("optimizer", None, task)
        assert row.torch in answer or f"choose optimizer {row.slug}\n" in answer
    assert row.keras in choose.answer("optimizer", row.slug, None)


def test_every_task_is_asked_in_words_and_has_a_line_of_the_table():
    tasks = choose.tasks(optimizers)
    assert all(rows[0].training for rows in tasks.values())
    lines = [row for row in ROWS if row.training]
    assert [rows[0] for rows in tasks.values()] == lines
    text = PAGE.read_text("utf-8")
    for row in lines:
        assert f"| {row.training} | [{row.name}](#{row.slug}) | {row.rate} |" in text


def test_every_row_has_an_address_of_its_own():
    assert (
        len({row.slug for row in ROWS}) == len({row.name for row in ROWS}) == len(ROWS)
    )
    for row in ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug
        assert 1950 < chapter.year(row) < 2030


def test_every_section_is_on_the_page_and_belongs_to_a_row():
    text = PAGE.read_text("utf-8")
    shown = re.findall(r"<!-- sheet:optimizer (\S+) -->", text)
    assert Counter(shown) == Counter(SECTIONS)
    headings = re.findall(r"^### .* \{ #(\S+) \}$", text, re.MULTILINE)
    assert set(headings) >= SECTIONS
    anchors = set(headings) | set(re.findall(r'<a id="([^"]+)">', text))
    assert {row.slug for row in ROWS} <= anchors


def test_every_recipe_belongs_to_a_row():
    named = {row.recipe.removeprefix("optimizers/") for row in ROWS if row.recipe}
    for wing in ("torch", "keras"):
        files = wings.files(wing, "optimizers")
        assert {name for name in files if not CONVENTIONS.fullmatch(name)} <= named
    either = wings.files("torch", "optimizers") | wings.files("keras", "optimizers")
    assert named <= either


def test_every_section_has_both_tabs_and_they_show_the_same_numbers():
    fences = scan(PAGE.read_text("utf-8"))
    shown = [fence for fence in fences if fence.is_output and fence.tab]
    pairs = [
        (a, b) for a, b in pairwise(shown) if (a.tab, b.tab) == ("PyTorch", "Keras")
    ]
    assert 2 * len(pairs) == len(shown)
    assert len(pairs) >= len(SECTIONS)
    for torch, keras in pairs:
        # the number of gradients is L-BFGS' own
        a, b = (re.sub(r"after \d+", "", fence.code) for fence in (torch, keras))
        assert a == b, f"lines {torch.line} and {keras.line}"


def test_a_surface_slopes_as_its_loss_does():
    for name, surface in optimizer_figures.SURFACES.items():
        for place in np.random.default_rng(0).uniform(-3, 3, (20, 2)):
            for axis in np.eye(2):
                ends = [surface.loss(place + s * 1e-6 * axis) for s in (1, -1)]
                rise = (ends[0] - ends[1]) / 2e-6
                assert surface.slope(place) @ axis == pytest.approx(rise, abs=1e-6), (
                    name
                )


def test_the_measured_rates_are_of_rows_and_can_be_measured_again():
    measured = json.loads(optimizer_rates.FILE.read_text("utf-8"))
    pytest.importorskip("torch")
    makers = optimizer_rates.makers()
    assert list(measured) == list(makers) == list(optimizer_rates.MIDDLES)
    assert set(measured) <= {row.slug for row in ROWS}
    for slug in ("momentum", "lion"):
        found = measured[slug]
        assert len(found["rates"]) == len(found["accuracy"]) == 9
        for at in (0, int(np.argmax(found["accuracy"]))):
            rate = optimizer_rates.MIDDLES[slug] * optimizer_rates.STEP ** (at - 4)
            again = optimizer_rates.accuracy(makers[slug], rate, 0)
            # one start of three
            assert again == pytest.approx(found["accuracy"][at], abs=0.05)


def test_the_figure_of_the_ravine_tells_how_many_steps_each_takes():
    ravine = optimizer_figures.SURFACES["ravine"]
    text = optimizer_figures.figures()["ravine"].text
    for name, title in optimizer_figures.TITLES.items():
        rate, count = optimizer_figures.best(name)
        step = optimizer_figures.STEPS[name](rate, 0.9)
        places = optimizer_figures.path(ravine, step, 400)
        losses = [ravine.loss(place) for place in places]
        assert max(losses[count:]) <= optimizer_figures.NEAR < losses[count - 1]
        assert f"{title} {count}" in text
