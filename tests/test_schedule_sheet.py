"""Every row of schedules is executed: calls, rules, tasks, and what was measured."""

import importlib.util
import inspect
import json
import math
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.sheet import schedules
from tests import wings
from tests.schedules import torch_optimizer
from tools import schedule_agreement, schedule_evidence, schedule_figures
from tools.chapters import schedules as chapter
from tools.fences import scan

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "schedules.md"
ROWS = schedules.ROWS
SLUGS = {row.slug: row for row in ROWS}
MOVES = [row for row in ROWS if row.slug not in ("plateau", "range-test")]
SECTIONS = {row.section or row.slug for row in ROWS}
STEPS = 160
NEAR = {"torch": 1e-16, "keras": 5e-8}

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
each_rule = pytest.mark.parametrize(
    "row", [row for row in ROWS if row.rule], ids=lambda row: row.slug
)
each_call = pytest.mark.parametrize(
    ("row", "wing"),
    [(row, wing) for row in MOVES for wing in schedule_agreement.WINGS],
    ids=lambda part: getattr(part, "slug", part),
)


def given(row):
    """Return what the definition is given, its defaults with it."""
    definition = wings.function("reference", row.reference)
    defaults = {
        name: one.default
        for name, one in inspect.signature(definition).parameters.items()
        if one.default is not one.empty
    }
    return defaults | eval(f"dict({row.arguments})")


def same(row, wing):
    """Up to which step a call has to agree: the table says what comes after it."""
    after = chapter.agreement()[row.slug]["after"][wing]
    return 100 if after == "rises again" or "error" in after else STEPS


@each_call
def test_the_call_has_the_rates_of_the_definition(row, wing):
    pytest.importorskip(wing)
    steps = same(row, wing)
    want = schedule_agreement.defined(row)[:steps]
    got = schedule_agreement.walked(getattr(row, wing), row.recipe, wing)[:steps]
    np.testing.assert_allclose(got, want, rtol=0, atol=NEAR[wing])


@pytest.mark.parametrize(
    ("slug", "wing", "old", "new"),
    [
        ("warmup-cosine", "keras", "90", "100"),
        ("warmup-cosine", "torch", "warmup_steps=10", "warmup_steps=9"),
        ("linear", "keras", "end_learning_rate=0.0", "end_learning_rate=1e-4"),
        ("multi-step", "keras", "[49, 74]", "[50, 75]"),
        ("one-cycle", "torch", "total_steps=100", "total_steps=101"),
        ("cosine-restarts", "keras", ", t_mul=1.0", ""),
        ("warmup-constant", "torch", "1 / 11", "1 / 3"),
    ],
)
def test_a_wrong_row_is_caught(slug, wing, old, new):
    pytest.importorskip(wing)
    row = SLUGS[slug]
    assert old in getattr(row, wing)
    wrong = replace(row, **{wing: getattr(row, wing).replace(old, new)})
    with pytest.raises(AssertionError):
        test_the_call_has_the_rates_of_the_definition(wrong, wing)


@each_rule
def test_the_rule_as_code_is_the_definition(row):
    names = {"lr": 0.1} | given(row)
    names |= {name: getattr(math, name) for name in ("pi", "cos", "sqrt")}
    f = wings.function("reference", row.reference)
    options = {"lr": 0.1} | eval(f"dict({row.arguments})")
    for step in range(100 if row.slug == "range-test" else STEPS):
        told = eval(row.rule, names | {"t": step})
        assert told == pytest.approx(float(f(step, **options)), abs=1e-15), step


@each_rule
def test_a_rule_with_another_number_is_noticed(row):
    wrong = replace(row, rule=f"1e-6 + ({row.rule})")
    with pytest.raises(AssertionError):
        test_the_rule_as_code_is_the_definition(wrong)


def test_the_plateau_of_both_calls_is_that_of_the_definition():
    torch = pytest.importorskip("torch")
    keras = pytest.importorskip("keras")
    row = SLUGS["plateau"]
    metrics = [2.0, 1.0] + [1.0 - 1e-6 * i for i in range(25)]
    want = wings.function("reference", row.reference)(
        metrics, lr=0.1, **eval(f"dict({row.arguments})")
    )
    optimizer = torch_optimizer(0.1)
    schedule = eval(row.torch, {"torch": torch, "optimizer": optimizer})
    names = schedule_agreement.scope(row.recipe, "keras")
    callback, got = eval(row.keras, names), []
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(metrics):
        schedule.step(value)
        callback.on_epoch_end(epoch, {"val_loss": value})
        rates = optimizer.param_groups[0]["lr"], float(model.optimizer.learning_rate)
        got.append(rates)
    np.testing.assert_allclose(np.array(got).T, [want, want], rtol=1e-5)
    assert want[-1] < 0.01


@pytest.mark.parametrize("wing", wings.WINGS)
def test_the_range_test_sweeps_as_the_definition_does(wing):
    row = SLUGS["range-test"]
    names = schedule_agreement.scope(row.recipe, wing)
    x = np.ones((4, 1), "float32")
    if wing == "torch":
        import torch

        model = torch.nn.Linear(1, 1)
        names["optimizer"] = torch.optim.SGD(model.parameters(), lr=1.0)
        names["loss_of"] = lambda model, x: model(x).square().mean()
        names["batches"] = [torch.tensor(x)]
    else:
        import keras

        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        names["batches"] = [(x, x)]
    found = eval(getattr(row, wing), names | {"model": model})
    want = wings.function("reference", row.reference)(
        np.arange(len(found["rates"])), **eval(f"dict({row.arguments})")
    )
    assert len(want) > 50
    np.testing.assert_allclose(found["rates"], want)


def test_what_is_said_of_the_frameworks_is_measured_again():
    for module in ("torch", "keras", "optax"):
        if not importlib.util.find_spec(module):
            pytest.skip(f"needs {module}")
    again = schedule_agreement.measure()
    told = chapter.agreement()
    assert list(again) == list(told)
    for slug, row in again.items():
        assert {k: v for k, v in row.items() if not k.endswith("apart")} == {
            k: v for k, v in told[slug].items() if not k.endswith("apart")
        }
        for key in ("torch_apart", "keras_apart", "optax_apart", "naive_apart"):
            if row[key] is None:
                assert told[slug][key] is None
            else:
                assert row[key] == pytest.approx(told[slug][key], rel=0.2, abs=1e-8)


def test_a_compiled_polynomial_of_optax_can_be_nan_from_its_end_on():
    jax = pytest.importorskip("jax")
    optax = pytest.importorskip("optax")
    ends = []
    for steps in (70, 90, 1000):
        schedule = optax.polynomial_schedule(0.1, 0.0, 0.9, steps)
        assert schedule(steps) == 0
        ends.append(float(jax.jit(schedule)(steps)))
    assert any(map(math.isnan, ends))


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("schedule", None, task)
        assert row.torch in answer or f"choose schedule {row.slug}\n" in answer
    assert row.keras in choose.answer("schedule", row.slug, None)


def test_every_task_is_asked_in_words_and_has_a_line_of_the_table():
    tasks = choose.tasks(schedules)
    assert all(rows[0].planning for rows in tasks.values())
    lines = [row for row in ROWS if row.planning]
    assert [rows[0] for rows in tasks.values()] == lines
    text = PAGE.read_text("utf-8")
    for row in lines:
        assert f"| {row.planning} | [{row.name}](#{row.slug}) | `{row.torch}` |" in text


def test_every_row_has_an_address_of_its_own():
    assert len(SLUGS) == len({row.name for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug


def test_every_section_is_on_the_page_and_belongs_to_a_row():
    text = PAGE.read_text("utf-8")
    shown = re.findall(r"<!-- sheet:schedule (\S+) -->", text)
    assert Counter(shown) == Counter(SECTIONS)
    headings = re.findall(r"^### .* \{ #(\S+) \}$", text, re.MULTILINE)
    assert set(headings) >= SECTIONS
    anchors = set(headings) | set(re.findall(r'<a id="([^"]+)">', text))
    assert set(SLUGS) <= anchors
    drawn = re.findall(r"<!-- sheet:schedule-figure (\S+) -->", text)
    assert Counter(drawn) == Counter(list(schedule_figures.figures()))


def test_every_recipe_belongs_to_a_row():
    named = {row.recipe.removeprefix("schedules/") for row in ROWS if row.recipe}
    either = wings.files("torch", "schedules") | wings.files("keras", "schedules")
    assert named == either
    defined = {row.reference.partition(".")[0].split("/")[1] for row in ROWS}
    assert defined == wings.files("reference", "schedules")


def test_every_section_has_both_tabs_and_they_show_the_same_numbers():
    fences = scan(PAGE.read_text("utf-8"))
    shown = [fence for fence in fences if fence.is_output and fence.tab]
    pairs = [
        (a, b) for a, b in pairwise(shown) if (a.tab, b.tab) == ("PyTorch", "Keras")
    ]
    assert 2 * len(pairs) == len(shown)
    assert len(pairs) >= len(SECTIONS)
    for torch, keras in pairs:
        assert torch.code == keras.code, f"lines {torch.line} and {keras.line}"


def measured(optimizer, epochs, plan):
    """Return one line of what was measured."""
    [row] = [
        row
        for row in chapter.measured()["schedules"]
        if (row["optimizer"], row["epochs"], row["schedule"])
        == (optimizer, epochs, plan)
    ]
    return row


def test_what_the_page_says_of_the_measurement_is_what_was_measured():
    settings = [(o, e) for o in schedule_evidence.MIDDLES for e in (3, 15)]
    shapes = ("cosine", "linear", "one-cycle", "warmup-stable-decay")
    for setting in settings:
        gains = [measured(*setting, plan)["gain"] for plan in shapes]
        # coming down helps, and no shape is beyond the others' intervals
        assert all(gain > 0 for gain, _ in gains)
        assert max(g - w for g, w in gains) < min(g + w for g, w in gains)
    for plan in shapes:
        assert 0.01 < measured("momentum", 3, plan)["gain"][0] < 0.02
        assert measured("momentum", 15, plan)["gain"][0] < 0.006
        # at a rate that is not lower than the constant one, twice at a higher
        for setting in settings:
            best = measured(*setting, "constant")["best"]
            higher = setting in (("momentum", 3), ("adamw", 15))
            assert measured(*setting, plan)["best"] >= best + higher
        for epochs in (3, 15):
            slow = measured("momentum", epochs, "inverse-sqrt")["gain"]
            assert slow[0] < measured("momentum", epochs, plan)["gain"][0]
    lowest = [measured("momentum", 3, p)["accuracy"][0] for p in ("cosine", "constant")]
    assert [round(100 * a, 1) for a in lowest] == [50.6, 72.3]
    assert sum(measured("adamw", 3, "exponential")["gain"]) < -0.01
    for optimizer in schedule_evidence.MIDDLES:
        assert measured(optimizer, 15, "exponential")["gain"][0] < 0
    for optimizer, epochs in settings:
        for plan in ("warmup-constant", "warmup-cosine"):
            *_, (gain, width) = measured(optimizer, epochs, plan)["warmup"]
            earns = gain - width > 0
            assert earns == ((optimizer, plan) == ("adamw", "warmup-cosine"))
            lost = [g for g, w in measured(optimizer, epochs, plan)["warmup"] if g < -w]
            assert all(g > -0.0105 for g in lost)
            surely = measured(optimizer, epochs, plan)["warmup"][1:]
            assert all(g > -0.003 for g, w in surely if g < -w)
    ratios = {
        row["optimizer"]: row["suggestion"] / row["best_rate"]
        for row in chapter.measured()["range_test"]
    }
    high = {name for name, ratio in ratios.items() if ratio > 1}
    assert high == {"lamb", "radam"}
    assert len(ratios) == 15
    assert 12.5 < 1 / min(ratios.values()) < 13.5
    assert all(3 < ratios[name] < 4 for name in high)
    assert all(
        row["best_accuracy"] - row["accuracy"] < 0.025
        for row in chapter.measured()["range_test"]
        if row["optimizer"] not in high
    )


def test_one_of_the_measurements_can_be_made_again():
    pytest.importorskip("torch")
    steps = 3 * (schedule_evidence.TRAIN // schedule_evidence.BATCH)
    plans = schedule_evidence.plans(steps)
    rate = schedule_evidence.rates_of("adamw")[3]
    for plan in ("cosine", "exponential"):
        row = measured("adamw", 3, plan)
        again = schedule_evidence.accuracy("adamw", plans[plan](rate), seeds=4)
        assert again.mean() == pytest.approx(row["accuracy"][3], abs=0.02)


def test_the_figures_show_what_their_texts_say():
    figures = schedule_figures.figures()
    drawn = {c.label: c.f for c in figures["warmup-cosine"].curves}
    past = np.array([100.0, 150.0])
    np.testing.assert_allclose(drawn["warm-up"](past), 0, atol=1e-12)
    np.testing.assert_allclose(drawn["CosineAnnealingLR"](past), [0, 0.5], atol=1e-9)
    rate = figures["plateau"].curves[0].f
    cuts = [t for t in range(1, 60) if rate(np.array(t)) < rate(np.array(t - 1))]
    assert len(cuts) > 1
    curve = chapter.measured()["curve"]
    lowest = curve["rates"][int(np.argmin(curve["smooth"]))]
    assert f"lowest at {lowest:.2g}" in figures["range-test"].text
    for path, text in schedule_figures.drawings().items():
        assert path.read_text("utf-8") == text
    assert json.loads(schedule_evidence.FILE.read_text("utf-8"))["seeds"] == 16
