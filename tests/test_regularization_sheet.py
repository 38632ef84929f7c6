"""Every row of regularization is executed: calls, rules, tasks, page and figures."""

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
from dlcookbook.sheet import regularization
from tests import wings
from tests.regularization import LABELS, sequences
from tools import regularization_evidence, regularization_figures
from tools.fences import scan
from tools.svg import Figure

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "regularization.md"
ROWS = regularization.ROWS
SECTIONS = {row.section or row.slug for row in ROWS}
LR = 0.25
WEIGHT = np.random.default_rng(3).normal(size=(4, 6)).astype("float32")
RATE = 0.3

by_slug = {row.slug: row for row in ROWS}
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
each_call = pytest.mark.parametrize(
    ("row", "wing"),
    [(row, wing) for row in ROWS for wing in wings.WINGS],
    ids=lambda part: getattr(part, "slug", part),
)


def scope(row, wing):
    """Return the names that a call may mention."""
    names = wings.names("numpy", row.recipe) | wings.names(wing, row.recipe)
    if wing == "torch":
        import torch
        from torch import nn
        from torch.nn import functional as F

        return names | {"torch": torch, "nn": nn, "F": F, "lr": LR, "C": 4, "K": 3}
    import keras
    from keras import layers, ops

    return names | {"keras": keras, "layers": layers, "ops": ops, "lr": LR, "K": 3}


def run(row, wing, **names):
    """Evaluate the call of a row."""
    return eval(getattr(row, wing), scope(row, wing) | names)


def definition(row):
    return wings.function("reference", row.reference)


def given(row):
    """Return what the definition is given."""
    return eval(f"dict({row.arguments})", {"lr": LR})


def array(tensor):
    """Return one tensor as NumPy."""
    return wings.numbers(tensor)[0]


def linear(wing, constraint=None):
    """Return a model of one layer with known weights."""
    if wing == "torch":
        import torch

        model = torch.nn.Linear(6, 4)
        model.weight.data = torch.tensor(WEIGHT)
        return model
    import keras

    layer = keras.layers.Dense(4, kernel_constraint=constraint)
    model = keras.Sequential([keras.Input((6,)), layer])
    layer.kernel.assign(WEIGHT.T)
    return model


def trained(layer, wing, x):
    """Call a layer in training mode."""
    if wing == "torch":
        return array(layer.train()(wings.tensor("torch", x, "float32")))
    return array(layer(wings.tensor("keras", x, "float32"), training=True))


# How each kind of row is executed: what the call gives, and what it should.


def stopping(row, wing):
    rng = np.random.default_rng(0)
    ends = []
    for noise in (0.02, 0.2, 0.5):
        losses = 1 / np.arange(1, 40) + np.abs(noise * rng.normal(size=39))
        losses[7] = math.nan
        want = definition(row)(losses, **given(row))
        if wing == "torch":
            stop = run(row, wing)
            end = -1
            for loss in losses:
                stop.update({"val_loss": loss})
                end += 1
                if stop.stop:
                    break
            got = end, stop.epoch - 1
        else:
            import keras

            model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
            model.compile(loss="mse")
            stop = run(row, wing)
            stop.set_model(model)
            stop.on_train_begin()
            for epoch, loss in enumerate(losses):
                model.layers[0].kernel.assign([[epoch]])
                stop.on_epoch_end(epoch, {"val_loss": loss})
                if model.stop_training:
                    break
            stop.on_train_end()
            got = epoch, float(array(model.layers[0].kernel)[0, 0])
        ends.append((got, want))
    got, want = zip(*ends, strict=True)
    assert min(end for end, _ in want) < 38
    return got, want


def decay(row, wing):
    step, options = definition(row), given(row)
    w, state = WEIGHT.astype(float), {}
    for _ in range(3):
        w, state = step(w, 0.5 * w - 1, state, **options)
    if wing == "torch":
        import torch

        p = torch.tensor(WEIGHT, requires_grad=True)
        optimizer = run(row, wing, parameters=[p])
        for _ in range(3):
            p.grad = 0.5 * p.detach() - 1
            optimizer.step()
        return array(p), w
    import keras

    p = keras.Variable(WEIGHT)
    optimizer = run(row, wing)
    for _ in range(3):
        optimizer.apply([0.5 * keras.ops.convert_to_tensor(p) - 1], [p])
    return array(p.value), w


def in_the_loss(row, wing):
    want = definition(row)(WEIGHT, **given(row))
    if wing == "torch":
        model = linear(wing)
        return array(run(row, wing, model=model, weight=model.weight)), want
    return array(run(row, wing)(linear(wing).layers[0].kernel.value)), want


def after_the_step(row, wing):
    want = definition(row)(WEIGHT, **given(row))
    if row.slug == "max-norm":
        if wing == "torch":
            return array(run(row, wing, weight=wings.tensor("torch", WEIGHT))), want
        return array(run(row, wing)(WEIGHT.T)).T, want
    if wing == "torch":
        model = linear(wing)
        run(row, wing, model=model)
        return array(model.weight), want
    # a step of a rate of 0 leaves the constraint alone
    layer = run(replace(row, keras=row.keras.replace("Dense(1", "Dense(4")), wing)
    model = linear(wing, layer.kernel_constraint)
    import keras

    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.train_on_batch(np.zeros((1, 6)), np.zeros((1, 4)))
    return array(model.layers[0].kernel.value).T, want


def drops(row, wing):
    rng = np.random.default_rng(4)
    shape = (40, 16, 5, 5) if row.slug == "spatial-dropout" else (60, 8, 30)
    x = rng.normal(size=shape).astype("float32") + 5
    last = row.slug == "spatial-dropout" and wing == "keras"
    y = trained(run(row, wing), wing, np.moveaxis(x, 1, -1) if last else x)
    y = np.moveaxis(y, -1, 1) if last else y
    axes = {
        "dropout": (),
        "spatial-dropout": (2, 3),
        "variational-dropout": (1,),
        "stochastic-depth": (1, 2),
    }[row.slug]
    keep = (y != 0).any(axis=axes)
    assert abs(keep.mean() - (1 - RATE)) < (0.2 if len(axes) == 2 else 0.05)
    return y, definition(row)(x, keep, **given(row))


def noisy(row, wing):
    x = np.full((200, 500), 2.0, "float32")
    y = trained(run(row, wing), wing, x)
    draws = np.random.default_rng(0).normal(size=x.shape)
    want = definition(row)(x, draws, **given(row))
    # other draws of the same kind: their moments agree
    found = [[f(z) for f in (np.mean, np.std)] for z in (y, want)]
    assert abs((y - y.mean()) ** 3).mean() > 0
    return np.round(found[0], 1), np.round(found[1], 1)


def recurrent(row, wing):
    x = sequences(np.random.default_rng(1)).astype("float32")
    if wing == "torch":
        import torch

        model = run(row, wing)
        model.generator = torch.Generator().manual_seed(1)
        again = torch.Generator().manual_seed(1)
        masks = [
            torch.full(shape, 1 - RATE).bernoulli(generator=again).bool().numpy()
            for shape in ((4, 3, 4), (4, 3, 3))
        ]
        p = [array(w) for w in model.parameters()]
        of = (p[0], p[1], p[2] + p[3])
        got = array(model(torch.tensor(x))[0])
    else:
        from keras import ops

        cell = run(row, wing).cell
        cell.build((3, 4))
        state = [ops.zeros((3, 3)), ops.zeros((3, 3))]
        states = []
        for t in range(5):
            h, state = cell(ops.convert_to_tensor(x[:, t]), state, training=True)
            states.append(array(h))
        got = np.stack(states, axis=1)
        masks = [
            np.stack([array(mask) != 0 for mask in of_gates])
            for of_gates in (cell._dropout_mask, cell._recurrent_dropout_mask)
        ]
        of = [array(w.value).T for w in cell.weights]
    return got, definition(row)(x, of, *masks, **given(row))


def loss_of(row, wing):
    rng = np.random.default_rng(2)
    if row.slug == "label-smoothing":
        outputs, targets = rng.normal(size=(8, 5)), rng.integers(0, 5, 8)
    else:
        outputs, targets = rng.normal(size=(8, 1)), rng.integers(0, 2, (8, 1)) * 1.0
    a, b = (wings.tensor(wing, z, "float64") for z in (outputs, targets))
    got = array(run(row, wing, outputs=a, logits=a, targets=b, labels=b))
    want = definition(row)(outputs, targets, **given(row))
    return got.mean(), np.mean(want)


def by_samples(row, wing):
    x = np.full((300, 20), 2.0, "float32")
    if wing == "torch":
        from torch import nn

        model = nn.Sequential(nn.Dropout(RATE)).eval()
    else:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dropout(RATE)])
    draws = array(run(row, wing, model=model, x=wings.tensor(wing, x, "float32")))
    assert draws.shape == (20, 300, 20)
    assert (draws.mean(axis=0) - x).std() < 1
    return draws, definition(row)(draws * 0 + 2, draws != 0, **given(row))


def prior(row, wing):
    rng = np.random.default_rng(5)
    outputs, (trained_, true) = rng.normal(size=(8, 3)), rng.dirichlet([1] * 3, 2)
    a, b, c = (wings.tensor(wing, z, "float64") for z in (outputs, trained_, true))
    got = array(run(row, wing, outputs=a, trained=b, true=c))
    odds = np.exp(outputs)
    shares = odds / odds.sum(axis=1, keepdims=True)
    return got, definition(row)(shares, trained=trained_, true=true)


def drawn(row, wing):
    counts = np.zeros(len(LABELS))
    sampler = run(row, wing, labels=LABELS, x=LABELS)
    for epoch in range(42):
        sampler.set_epoch(epoch)
        found = list(sampler) if wing == "torch" else sampler.indices
        counts += np.bincount(found, minlength=len(LABELS)) / 42
    return counts.round(), definition(row)(LABELS, **given(row)).round()


def fitted(row, wing):
    rng = np.random.default_rng(6)
    scores = rng.normal(size=60)
    labels = (rng.random(60) < 1 / (1 + np.exp(-scores / 2))).astype(int)
    got = run(row, wing, targets=labels, labels=labels, outputs=scores, logits=scores)
    if row.slug == "temperature":
        cells = [
            np.log1p(np.exp(-(2 * labels - 1) * scores / t)).mean()
            for t in np.linspace(0.2, 5, 481)
        ]
        return round(got, 1), round(
            float(np.linspace(0.2, 5, 481)[np.argmin(cells)]), 1
        )
    f1 = pytest.importorskip("sklearn.metrics").f1_score
    return got[1], max(f1(labels, scores >= cut) for cut in scores)


RUN = {
    "early-stopping": stopping,
    "weight-decay": decay,
    **dict.fromkeys(("l2", "l1", "elastic-net", "orthogonal"), in_the_loss),
    **dict.fromkeys(("l1-step", "max-norm"), after_the_step),
    **dict.fromkeys(
        ("dropout", "spatial-dropout", "variational-dropout", "stochastic-depth"), drops
    ),
    **dict.fromkeys(("gaussian-dropout", "noise"), noisy),
    "recurrent-dropout": recurrent,
    **dict.fromkeys(("label-smoothing", "class-weights", "focal"), loss_of),
    "mc-dropout": by_samples,
    "prior": prior,
    **dict.fromkeys(("oversampling", "undersampling"), drawn),
    **dict.fromkeys(("temperature", "threshold"), fitted),
}


@each_call
def test_the_call_does_what_its_definition_says(row, wing):
    pytest.importorskip(wing)
    got, want = RUN[row.slug](row, wing)
    np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize(
    ("slug", "wing", "old", "new"),
    [
        ("early-stopping", "keras", "patience=10", "patience=9"),
        ("early-stopping", "torch", "mode='min'", "mode='max'"),
        ("weight-decay", "torch", "AdamW", "Adam"),
        ("l2", "keras", "1e-4", "5e-5"),
        ("elastic-net", "torch", "l1=1e-4", "l1=2e-4"),
        ("l1-step", "torch", "0.001", "0.1"),
        ("orthogonal", "keras", ", mode='columns'", ""),
        ("max-norm", "torch", "dim=0", "dim=1"),
        ("max-norm", "keras", "axis=0", "axis=1"),
        ("spatial-dropout", "torch", "Dropout2d", "Dropout"),
        ("variational-dropout", "keras", ", noise_shape=(None, 1, None)", ""),
        ("gaussian-dropout", "keras", "0.3", "0.5"),
        ("noise", "torch", "0.3", "0.6"),
        ("class-weights", "torch", "9.0", "3.0"),
        ("prior", "torch", "true / trained", "trained / true"),
        ("undersampling", "keras", "under", "same"),
    ],
)
def test_a_wrong_row_is_caught(slug, wing, old, new):
    pytest.importorskip(wing)
    row = by_slug[slug]
    assert old in getattr(row, wing)
    wrong = replace(row, **{wing: getattr(row, wing).replace(old, new)})
    if slug == "max-norm":
        wrong = replace(wrong, **{wing: getattr(wrong, wing).replace("3.0", "1.0")})
        wrong = replace(wrong, arguments="max_value=1.0")
    with pytest.raises(AssertionError):
        test_the_call_does_what_its_definition_says(wrong, wing)


RULES = [row for row in ROWS if row.rule]


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.slug)
def test_the_rule_as_code_is_the_definition(row):
    rng = np.random.default_rng(7)
    names = {n: getattr(np, n) for n in ("abs", "sum", "sqrt", "sign", "where")}
    names |= {n: getattr(np, n) for n in ("maximum", "minimum")} | given(row)
    x = rng.normal(size=(4, 3))
    if "draws" in row.rule:
        names |= {"x": x, "draws": rng.normal(size=x.shape)}
        inputs = (x, names["draws"])
    elif "where(keep" in row.rule:
        shape, mask = {
            "dropout": ((4, 3), (4, 3)),
            "variational-dropout": ((4, 3, 2), (4, 2)),
            "stochastic-depth": ((4, 3), (4,)),
        }[row.slug]
        x = rng.normal(size=shape)
        names |= {"x": x, "keep": rng.random(mask) < 0.5}
        inputs = (x, names["keep"])
    elif row.slug == "prior":
        p, (trained_, true) = rng.dirichlet([1] * 3, 4), rng.dirichlet([1] * 3, 2)
        names |= {"probabilities": p, "trained": trained_, "true": true}
        inputs = (p,)
        want = definition(row)(p, trained=trained_, true=true)
    else:
        names |= {"w": 5 * x}
        inputs = (5 * x,)
    if row.slug != "prior":
        want = definition(row)(*inputs, **given(row))
    exec(row.rule, names)
    np.testing.assert_allclose(names["y"], want, rtol=1e-12, atol=1e-14)


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("regularization", None, task)
        assert row.torch in answer or f"choose regularization {row.slug}\n" in answer
    assert row.keras in choose.answer("regularization", row.slug, None)


def test_every_task_is_asked_in_words_and_has_a_line_of_the_table():
    tasks = choose.tasks(regularization)
    assert all(rows[0].seeing for rows in tasks.values())
    text = PAGE.read_text("utf-8")
    for row in ROWS:
        if row.seeing:
            assert f"| {row.seeing} | [{row.name}](#{row.slug}) |" in text
    assert "What do you see?" in choose.answer("regularization", None, None)


def test_every_row_has_an_address_of_its_own():
    assert len(by_slug) == len({row.name for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug


def test_every_section_is_on_the_page_and_belongs_to_a_row():
    text = PAGE.read_text("utf-8")
    shown = re.findall(r"<!-- sheet:regularization (\S+) -->", text)
    assert Counter(shown) == Counter(SECTIONS)
    headings = re.findall(r"^##+ .* \{ #(\S+) \}$", text, re.MULTILINE)
    assert set(headings) >= SECTIONS
    anchors = set(headings) | set(re.findall(r'<a id="([^"]+)">', text))
    assert set(by_slug) <= anchors


def test_every_recipe_belongs_to_a_row():
    named = {row.recipe.removeprefix("regularization/") for row in ROWS}
    for wing in ("torch", "keras"):
        assert wings.files(wing, "regularization") <= named


def test_both_tabs_show_the_same_numbers():
    fences = scan(PAGE.read_text("utf-8"))
    shown = [fence for fence in fences if fence.is_output and fence.tab]
    pairs = [
        (a, b) for a, b in pairwise(shown) if (a.tab, b.tab) == ("PyTorch", "Keras")
    ]
    assert 2 * len(pairs) == len(shown)
    assert len(pairs) >= len(SECTIONS)
    for torch, keras in pairs:
        assert torch.code == keras.code, f"lines {torch.line} and {keras.line}"


def measured():
    return json.loads(regularization_evidence.FILE.read_text("utf-8"))


def test_what_was_measured_is_told_of_every_method():
    found = measured()
    names = list(regularization_evidence.METHODS)
    for kind in ("clean", "wrong_labels"):
        assert [row["method"] for row in found[kind]] == names
    assert [row["method"] for row in found["rare"]] == list(
        regularization_evidence.RARE_METHODS
    )
    assert found["seeds"] == len(regularization_evidence.SEEDS)
    text = PAGE.read_text("utf-8")
    for kind in ("clean", "wrong_labels"):
        assert f"<!-- sheet:regularization-effects {kind} -->" in text


def test_what_the_page_says_of_the_measurements_holds():
    """Every sentence about what helped, as a comparison of intervals."""
    found = measured()
    clean = {row["method"]: row for row in found["clean"]}
    wrong = {row["method"]: row for row in found["wrong_labels"]}

    def moved(rows, measure):
        signs = {}
        for name, row in rows.items():
            middle, half = row[f"{measure}_change"]
            signs[name] = 0 if abs(middle) <= half else 1 if middle > 0 else -1
        return signs

    accuracy, loss = moved(clean, "accuracy"), moved(clean, "loss")
    assert {n for n in accuracy if accuracy[n] > 0} == {"label smoothing 0.1"}
    assert {n for n in accuracy if accuracy[n] < 0} == {
        "weight decay 3",
        "early stopping",
    }
    milder = {n for n in clean if re.match("dropout|noise|max-norm|weight decay 1", n)}
    assert len(milder) == 5
    assert {loss[n] for n in milder} == {-1}
    assert loss["label smoothing 0.1"] > 0
    assert max(clean, key=lambda n: clean[n]["loss"]) == "weight decay 3"
    assert 0 < clean["nothing"]["sureness"] < -clean["label smoothing 0.1"]["sureness"]
    helped = moved(wrong, "accuracy")
    assert {n for n in helped if helped[n] <= 0} == {"nothing", "early stopping"}
    order = sorted(wrong, key=lambda n: -wrong[n]["accuracy"])
    assert order[:2] == ["noise 0.3 on the inputs", "dropout 0.5"]
    blurred = [max(r, key=lambda n: r[n]["blurred"]) for r in (clean, wrong)]
    assert blurred == ["noise 0.3 on the inputs"] * 2
    assert accuracy["noise 0.3 on the inputs"] == 0
    unseen = found["curves"]["unseen"]
    assert min(unseen) < 0.8 * unseen[-1]
    rare = {row["method"]: row for row in found["rare"]}
    plain = rare.pop("nothing")
    assert plain["f1"][0] < 0.01
    for name, row in rare.items():
        middle, half = row["average_precision_change"]
        assert middle > half
        assert row["said"][0] > 1.9 * regularization_evidence.SHARE
        if name != "focal loss":
            assert row["said_corrected"][0] < regularization_evidence.SHARE
            assert row["loss_corrected"][0] < row["loss"][0]
        if name.startswith("sampling"):
            assert row["average_precision"] > rare["class weights"]["average_precision"]


def test_what_was_measured_can_be_measured_again():
    pytest.importorskip("torch")
    pytest.importorskip("sklearn")
    found = measured()
    data = regularization_evidence.split(0, 0.0)
    again = regularization_evidence.train(data, 0)
    # one start of ten
    assert again["accuracy"] == pytest.approx(found["clean"][0]["accuracy"], abs=0.04)
    assert again["loss"] == pytest.approx(found["clean"][0]["loss"], abs=0.12)
    rare = regularization_evidence.train_rare(0, "sampling: over")
    [row] = [r for r in found["rare"] if r["method"] == "sampling: over"]
    assert rare["said"] == pytest.approx(row["said"][0], abs=0.05)


def test_the_interval_is_that_of_student():
    stats = pytest.importorskip("scipy.stats")
    numbers = np.random.default_rng(0).normal(size=10).tolist()
    middle, half = regularization_evidence.interval(numbers)
    low, high = stats.t.interval(0.95, 9, np.mean(numbers), stats.sem(numbers))
    assert middle == pytest.approx((low + high) / 2, abs=1e-3)
    assert half == pytest.approx((high - low) / 2, abs=1e-3)


def test_figures_say_what_they_show():
    figures = regularization_figures.figures()
    assert all(isinstance(figure, Figure) for figure in figures.values())
    unseen = measured()["curves"]["unseen"]
    assert (
        f"after epoch {int(np.argmin(unseen)) + 1}," in figures["early-stopping"].text
    )
    for curve, rate in zip(figures["dropout"].curves, (0.1, 0.3, 0.5), strict=True):
        x = np.linspace(0, 80, 8001)
        y = curve.f(x)
        total = np.trapezoid(y, x)
        mean = np.trapezoid(x * y, x) / total
        spread = math.sqrt(np.trapezoid((x - mean) ** 2 * y, x) / total)
        # the drawn line joins the steps of a histogram
        assert total == pytest.approx(1, abs=0.02)
        assert mean == pytest.approx(regularization_figures.INPUTS, abs=0.3)
        assert spread == pytest.approx(regularization_figures.spread(rate), rel=0.06)
