"""Every row of the training step is executed: its calls, tasks, sections, evidence."""

import json
import re
from collections import Counter, OrderedDict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.sheet import steps
from tests import wings
from tools import bench_steps, step_effects, step_figures
from tools.fences import scan

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "steps.md"
ROWS = {row.slug: row for row in steps.ROWS}
SECTIONS = {row.section or row.slug for row in steps.ROWS}
GRADIENTS = [np.array([[3.0, -4.0], [0.25, 0.0]]), np.array([12.0, -0.125])]
WEIGHTS = [np.array([[3.0, 4.0], [0.5, 0.25]]), np.array([1.0, 2.0])]
CLIPS = ("clip-norm", "clip-each", "clip-value")

each_row = pytest.mark.parametrize("row", steps.ROWS, ids=lambda row: row.slug)
needs_torch = pytest.mark.skipif("torch" not in wings.WINGS, reason="needs PyTorch")
needs_keras = pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
each_wing = pytest.mark.parametrize("wing", wings.WINGS)


def made(row, wing, **names):
    """Evaluate a row's call with the names that it mentions."""
    if wing == "torch":
        import torch

        names |= {"torch": torch}
    else:
        import keras

        names |= {"keras": keras}
    return eval(getattr(row, wing), names | wings.names(wing, row.recipe))


def defined(row):
    return wings.function("reference", row.reference)


def model_of(wing):
    """Return a model of three layers with the names that the rows mention."""
    names = ("stem", "body", "head")
    if wing == "torch":
        from torch import nn

        return nn.Sequential(OrderedDict((n, nn.Linear(2, 2)) for n in names))
    import keras

    layers = [keras.layers.Dense(2, name=n) for n in names]
    return keras.Sequential([keras.Input((2,)), *layers])


def clipped(row, wing):
    """Return what a row's call leaves of the gradients."""
    if wing == "torch":
        import torch

        model = torch.nn.ParameterList(torch.tensor(w) for w in WEIGHTS)
        for p, g in zip(model, GRADIENTS, strict=True):
            p.grad = torch.tensor(g)
        made(row, wing, model=model)
        return [p.grad.numpy() for p in model]
    import keras
    from keras import ops

    variables = [keras.Variable(w, dtype="float64") for w in WEIGHTS]
    gradients = [ops.convert_to_tensor(g, "float64") for g in GRADIENTS]
    if row.slug == "adaptive-clip":
        found = made(row, wing, gradients=gradients, variables=variables)
    else:
        found = made(row, wing)._clip_gradients(gradients)
    return [ops.convert_to_numpy(g) for g in found]


@each_wing
@pytest.mark.parametrize("slug", CLIPS)
def test_clipping_follows_its_definition(slug, wing):
    row = ROWS[slug]
    limit = 0.5 if slug == "clip-value" else 1.0
    for got, want in zip(
        clipped(row, wing), defined(row)(GRADIENTS, limit), strict=True
    ):
        np.testing.assert_allclose(got, want, rtol=2e-6)


@each_wing
def test_adaptive_clipping_follows_its_definition(wing):
    row = ROWS["adaptive-clip"]
    for got, g, w in zip(clipped(row, wing), GRADIENTS, WEIGHTS, strict=True):
        turn = np.transpose if wing == "keras" else np.asarray
        want = turn(defined(row)(turn(g), turn(w), clipping=0.01))
        np.testing.assert_allclose(got, want, rtol=1e-12)


@each_wing
@pytest.mark.parametrize(
    ("slug", "old", "new"),
    [("clip-norm", "1.0", "2.0"), ("clip-value", "0.5", "0.25")],
)
def test_a_wrong_limit_is_caught(slug, old, new, wing, monkeypatch):
    wrong = replace(ROWS[slug], **{wing: getattr(ROWS[slug], wing).replace(old, new)})
    monkeypatch.setitem(ROWS, slug, wrong)
    with pytest.raises(AssertionError):
        test_clipping_follows_its_definition(slug, wing)


@needs_torch
def test_groups_of_pytorch_have_the_rates_and_decays_that_they_say():
    model = model_of("torch")
    groups = made(ROWS["no-decay"], "torch", model=model)
    assert {p.ndim: g["weight_decay"] for g in groups for p in g["params"]} == {
        2: 0.05,
        1: 0.0,
    }
    row = ROWS["layer-decay"]
    groups = made(row, "torch", model=model)
    rates = sorted({g["lr"] for g in groups})
    np.testing.assert_allclose(rates, defined(row)(1e-3, 0.75, 3), rtol=1e-12)


@needs_keras
def test_groups_of_keras_have_the_rates_and_decays_that_they_say():
    import keras
    from keras import ops

    model, optimizer = model_of("keras"), keras.optimizers.AdamW(0.1, weight_decay=0.5)
    made(ROWS["no-decay"], "keras", model=model, optimizer=optimizer)
    for v in model.trainable_variables:
        v.assign(ops.ones(v.shape))
    nothing = [ops.zeros(v.shape) for v in model.trainable_variables]
    optimizer.apply(nothing, model.trainable_variables)
    for v in model.trainable_variables:
        want = 0.95 if len(v.shape) == 2 else 1.0
        np.testing.assert_allclose(ops.convert_to_numpy(v), want, rtol=1e-6)
    row, model = ROWS["layer-decay"], model_of("keras")
    optimizer = made(row, "keras")
    kernels = [layer.kernel for layer in model.layers]
    before = [ops.convert_to_numpy(k).copy() for k in kernels]
    ones = [ops.ones(v.shape) for v in model.trainable_variables]
    optimizer.apply(ones, model.trainable_variables)
    moved = [
        float((b - ops.convert_to_numpy(k)).max())
        for b, k in zip(before, kernels, strict=True)
    ]
    # Adam's first step is the rate, and weight decay adds a hundredth at most
    np.testing.assert_allclose(moved, defined(row)(1e-3, 0.75, 3), rtol=0.02)


@needs_torch
def test_accumulation_of_pytorch_follows_its_definition(rng):
    import torch

    w, x = torch.zeros(3, requires_grad=True), torch.tensor(rng.normal(size=(7, 3)))
    parts = x.float().split(3)
    names = {"loss_of": lambda part: (part @ w).mean(), "weight_of": len}
    made(ROWS["accumulation"], "torch", parts=parts, **names)
    means = np.array([part.mean(0).numpy() for part in parts])
    want = defined(ROWS["accumulation"])(means, np.array([3.0, 3.0, 1.0]))
    np.testing.assert_allclose(w.grad.numpy(), want, atol=1e-6)


@needs_keras
def test_accumulation_of_keras_follows_its_definition(rng):
    import keras
    from keras import ops

    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    inner = keras.Sequential([keras.Input((3,)), layer])
    model = made(ROWS["accumulation"], "keras", model=inner)
    model.compile(keras.optimizers.SGD(1.0), loss=lambda t, p: p)
    x = rng.normal(size=(7, 3))
    model.fit(x, x[:, :1], batch_size=7, verbose=0, shuffle=False)
    parts = np.split(x, [1, 3, 5])
    means = np.array([part.mean(0) for part in parts])
    want = defined(ROWS["accumulation"])(means, np.array([1.0, 2.0, 2.0, 2.0]))
    got = -ops.convert_to_numpy(layer.kernel)[:, 0]
    np.testing.assert_allclose(got, want, atol=1e-6)


@needs_torch
def test_averages_of_pytorch_follow_their_definitions():
    import torch

    model = torch.nn.Linear(2, 1, bias=False).double()
    seen = [model.weight.detach().numpy().copy()]
    ema = made(ROWS["ema"], "torch", model=model)
    swa = made(ROWS["swa"], "torch", model=model)
    for _ in range(4):
        torch.nn.init.normal_(model.weight)
        ema.update()
        swa.update_parameters(model)
        seen.append(model.weight.detach().numpy().copy())
    want = defined(ROWS["ema"])(np.array(seen), decay=0.999)
    np.testing.assert_allclose(ema.average["weight"].numpy(), want, atol=1e-14)
    want = defined(ROWS["swa"])(np.array(seen[1:]))
    got = swa.module.weight.detach().numpy()
    np.testing.assert_allclose(got, want, atol=1e-14)


@needs_keras
def test_averages_of_keras_follow_their_definitions():
    import keras
    from keras import ops

    weight, optimizer = keras.Variable([1.0, -2.0]), made(ROWS["ema"], "keras")
    seen = []
    for _ in range(5):
        optimizer.apply([ops.array([1.0, 3.0])], [weight])
        seen.append(ops.convert_to_numpy(weight).copy())
    optimizer.finalize_variable_values([weight])
    # the first weights are those after the first step
    want = defined(ROWS["ema"])(np.array(seen, np.float64), decay=0.999)
    np.testing.assert_allclose(ops.convert_to_numpy(weight), want, rtol=1e-6)
    swa = made(ROWS["swa"], "keras", images=[np.ones((1, 2))])
    assert swa.start == 5


@needs_torch
def test_precision_of_pytorch_is_what_it_says():
    import torch

    model = torch.nn.Linear(2, 1)
    with made(ROWS["bfloat16"], "torch"):
        assert model(torch.ones(1, 2)).dtype == torch.bfloat16
    assert model.weight.dtype == torch.float32
    scaler = made(ROWS["float16"], "torch")
    assert scaler.scale(torch.ones(())) == scaler.get_scale() == 2.0**16


@needs_keras
def test_precision_of_keras_is_what_it_says():
    import keras

    before = keras.config.dtype_policy()
    try:
        made(ROWS["bfloat16"], "keras")
        layer = keras.layers.Dense(1)
        y = layer(np.ones((1, 2), "float32"))
    finally:
        keras.config.set_dtype_policy(before)
    assert keras.backend.standardize_dtype(y.dtype) == "bfloat16"
    assert layer.kernel.dtype == "float32"
    scaler = made(ROWS["float16"], "keras")
    scaler.build([layer.kernel])
    assert float(scaler.scale_loss(keras.ops.ones(()))) == float(scaler.dynamic_scale)


@needs_torch
def test_memory_and_speed_of_pytorch_change_no_number():
    import torch
    import torch.utils.checkpoint

    model, x = model_of("torch"), torch.randn(3, 2, requires_grad=True)
    block = torch.nn.Sequential(model, torch.nn.Dropout())
    slopes = []
    for call in (lambda: made(ROWS["checkpointing"], "torch", block=block, x=x),
                 lambda: block(x)):  # fmt: skip
        torch.manual_seed(0)
        slopes.append(torch.autograd.grad(call().square().sum(), x)[0])
    assert torch.equal(*slopes)
    torch.compiler.reset()
    # its own backend writes kernels, and needs a compiler for that
    call = ROWS["compile"].torch.replace("(model)", "(model, backend='eager')")
    assert call != ROWS["compile"].torch
    fast = eval(call, {"torch": torch, "model": model})
    torch.testing.assert_close(fast(x), model(x))


@needs_keras
def test_memory_and_speed_of_keras_change_no_number():
    import keras
    from keras import ops

    model, x = model_of("keras"), ops.ones((3, 2))
    got = made(ROWS["checkpointing"], "keras", block=model, x=x)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(got), ops.convert_to_numpy(model(x))
    )
    want = ops.convert_to_numpy(model(x)).copy()
    made(ROWS["compile"], "keras", model=model)
    assert model.jit_compile
    # on PyTorch it writes kernels, and needs a compiler for that
    if keras.backend.backend() != "torch":
        got = model.predict(np.ones((3, 2)), verbose=0)
        np.testing.assert_allclose(got, want, rtol=1e-5)


@each_wing
def test_label_smoothing_follows_its_definition(wing, rng):
    row, logits = ROWS["label-smoothing"], rng.normal(size=(5, 4))
    labels = rng.integers(0, 4, 5)
    want = defined(row)(logits, labels, label_smoothing=0.1).mean()
    criterion = made(row, wing)
    if wing == "torch":
        import torch

        got = criterion(torch.tensor(logits), torch.tensor(labels)).item()
    else:
        got = float(criterion(np.eye(4)[labels], logits))
    assert got == pytest.approx(want, rel=1e-6)


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("step", None, task)
        assert row.torch in answer or f"choose step {row.slug}\n" in answer
    assert row.keras in choose.answer("step", row.slug, None)


def test_every_task_is_asked_in_words_and_every_need_is_a_line():
    tasks = choose.tasks(steps)
    assert all(rows[0].needing for rows in tasks.values())
    text = PAGE.read_text("utf-8")
    for row in (row for row in steps.ROWS if row.needing):
        assert f"| {row.needing} | [{row.name}](#{row.slug}) |" in text


def test_every_row_has_an_address_of_its_own():
    assert len(ROWS) == len({row.name for row in steps.ROWS}) == len(steps.ROWS)
    for row in steps.ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug


def test_every_section_is_on_the_page_and_belongs_to_a_row():
    text = PAGE.read_text("utf-8")
    shown = re.findall(r"<!-- sheet:step (\S+) -->", text)
    assert Counter(shown) == Counter(SECTIONS)
    headings = re.findall(r"^### .* \{ #(\S+) \}$", text, re.MULTILINE)
    assert set(headings) >= SECTIONS
    anchors = set(headings) | set(re.findall(r'<a id="([^"]+)">', text))
    assert set(ROWS) <= anchors


def test_every_recipe_and_every_definition_belongs_to_a_row():
    named = {row.recipe.removeprefix("steps/") for row in steps.ROWS if row.recipe}
    assert named == wings.files("torch", "steps") | wings.files("keras", "steps")
    used = {row.reference.partition(".")[0] for row in steps.ROWS if row.reference}
    files = {f"steps/{name}" for name in wings.files("reference", "steps")}
    assert files <= used


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


def test_the_measured_speed_is_within_the_promise():
    found = json.loads(bench_steps.FILE.read_text("utf-8"))
    floors = {row["call"]: row["floor"] for row in found["rows"]}
    for call in ("EMA.update", "clip_grad_norm_, foreach", "adaptive_clip"):
        assert floors[call] <= 1.5
    assert found["tensors"] == len(bench_steps.SHAPES)


def test_a_claim_is_told_by_its_interval():
    seeds = np.arange(10.0)
    for gain, verdict in ((5.0, "holds"), (-5.0, "the opposite"),
                          (0.0, "no difference of a point")):  # fmt: skip
        with_it = list(seeds + gain + 0.1 * np.sin(seeds))
        assert step_effects.claim("b", list(seeds), with_it)["verdict"] == verdict
    wide = list(seeds + 10 * np.cos(3 * seeds))
    assert step_effects.claim("b", list(seeds), wide)["verdict"] == "undecided"
    scipy = pytest.importorskip("scipy.stats")
    degrees = len(step_effects.SEEDS) - 1
    assert pytest.approx(scipy.t.ppf(0.975, degrees), abs=1e-3) == step_effects.T


@needs_torch
def test_a_measured_claim_can_be_measured_again():
    found = json.loads(step_effects.FILE.read_text("utf-8"))
    told = {row["belief"]: row for row in found}
    row = told["sparing biases and norms helps, decay of 0.1"]
    # one start of ten
    assert step_effects.decayed(0, 0.1, True) == pytest.approx(row["with"], abs=3)


def test_the_figure_of_uneven_parts_tells_what_it_shows():
    text = step_figures.figures()["accumulation"].text
    assert "exact at 8 alone" in text
    before, after = step_figures.norms()
    assert after.max() == pytest.approx(5)
    assert (after <= before).all()
    told = re.search(r"longest (\d+): (\d+) of", step_figures.clipping().text)
    assert [int(n) for n in told.groups()] == [round(before.max()), (before > 5).sum()]
