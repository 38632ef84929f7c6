"""The contract of every schedule: the rate of its definition at every step.

Settings are in `tests/schedules/cases.py`. Beyond the rates: what a resumed run, a
saved model, a compiled step and a bad option do; the range test leaves no trace.
"""

import importlib.util
import json
import math
import pickle
import warnings
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from tests import wings
from tests.schedules import (
    LR,
    STEPS,
    TOLERANCE,
    WALK,
    defined,
    definition,
    recipes,
    torch_optimizer,
)
from tests.schedules.cases import CASES

FRAMEWORKS = [w for w in WALK if importlib.util.find_spec(w)]
PAIRS = [
    pytest.param(case, framework, id=f"{case.schedule}-{i}-{framework}")
    for i, case in enumerate(CASES)
    for framework in FRAMEWORKS
    if getattr(case, framework)
]
needs_torch = pytest.mark.skipif("torch" not in wings.WINGS, reason="needs PyTorch")
needs_keras = pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
# How each class is made, where every option has a value of its own.
TORCH = {
    "WarmupCosine": {"steps": 40, "warmup_steps": 7, "start": 0.25, "end": 0.125},
    "WarmupStableDecay": {"steps": 40, "warmup_steps": 7, "decay_steps": 16}
    | {"start": 0.25, "end": 0.125, "shape": "sqrt"},
    "InverseSqrt": {"warmup_steps": 7, "start": 0.25},
}
KERAS = {
    "WarmupStableDecay": TORCH["WarmupStableDecay"],
    "InverseSqrt": TORCH["InverseSqrt"],
    "OneCycle": {"steps": 40, "warmup": 0.25, "start": 0.125, "end": 0.0625}
    | {"shape": "linear"},
}
DEFINITIONS = {
    "WarmupCosine": "warmup_cosine.warmup_cosine",
    "WarmupStableDecay": "warmup_stable_decay.warmup_stable_decay",
    "InverseSqrt": "inverse_sqrt.inverse_sqrt",
    "OneCycle": "one_cycle.one_cycle",
}
each_of_torch = pytest.mark.parametrize("name", TORCH)
each_of_keras = pytest.mark.parametrize("name", KERAS)


@cache
def shipped(framework: str) -> frozenset[str]:
    """Names of the schedules that a framework ships."""
    if framework == "torch":
        import torch.optim.lr_scheduler as there
    else:
        import keras.optimizers.schedules as there
    base = {"LRScheduler", "LearningRateSchedule"}
    return frozenset(
        n for n, what in vars(there).items() if isinstance(what, type) if n not in base
    )


@pytest.mark.parametrize(("case", "framework"), PAIRS)
def test_every_step_has_the_rate_of_the_definition(case, framework):
    steps = case.until.get(framework, STEPS)
    got = WALK[framework](getattr(case, framework), steps)
    tolerance = TOLERANCE[framework] * LR
    np.testing.assert_allclose(got, defined(case, steps), rtol=0, atol=tolerance)


def test_every_definition_has_a_case_and_keeps_shapes():
    tested = {case.schedule for case in CASES}
    for file in wings.files("reference", "schedules"):
        if file in ("reduce_on_plateau", "range_test"):
            continue
        for name in wings.module("reference", "schedules", file).__all__:
            assert f"{file}.{name}" in tested
    for case in CASES:
        flat = defined(case, 12)
        f = definition(case.schedule)
        table = f(np.arange(12).reshape(3, 4), lr=LR, **case.kwargs)
        np.testing.assert_array_equal(table, flat.reshape(3, 4))
        assert f(5, lr=LR, **case.kwargs) == flat[5]


@pytest.mark.parametrize("wing", wings.WINGS)
def test_every_class_is_asked_with_all_of_its_options(wing):
    made = {"torch": TORCH, "keras": KERAS}[wing]
    classes = {n for n, what in recipes(wing).items() if isinstance(what, type)}
    assert classes == set(made) | ({"ReduceOnPlateau"} if wing == "keras" else set())
    for name, options in made.items():
        file = DEFINITIONS[name].partition(".")[0]
        known = wings.options(wing, f"schedules/{file}.{name}")
        assert set(options) - {"steps"} == set(known)


@pytest.mark.skipif(len(wings.WINGS) < 2, reason="needs both frameworks")
def test_what_a_framework_ships_is_not_written_again():
    for wing in ("torch", "keras"):
        assert not set(recipes(wing)) & shipped(wing)
    assert {"OneCycleLR", "ReduceLROnPlateau"} <= shipped("torch")
    assert "CosineDecay" in shipped("keras")


@needs_torch
@each_of_torch
def test_groups_keep_their_own_rates_in_numbers_and_in_tensors(name):
    import torch

    options = TORCH[name]
    optimizer = torch_optimizer(0.5, 0.125)
    optimizer.param_groups[1]["lr"] = torch.tensor(0.125, dtype=torch.float64)
    schedule = recipes("torch")[name](optimizer, **options)
    want = definition(DEFINITIONS[name])(np.arange(STEPS), lr=1.0, **options)
    for share in want:
        first, second = (float(group["lr"]) for group in optimizer.param_groups)
        assert first == pytest.approx(0.5 * share, abs=1e-15)
        assert second == pytest.approx(0.125 * share, abs=1e-15)
        assert schedule.share(schedule.last_epoch) == pytest.approx(share, abs=1e-15)
        optimizer.step()
        schedule.step()
    assert isinstance(optimizer.param_groups[1]["lr"], torch.Tensor)


@needs_torch
@each_of_torch
@pytest.mark.parametrize("stop", [1, 6, 7, 30])
def test_a_resumed_run_has_the_same_rates_bit_for_bit(name, stop, tmp_path):
    import torch

    make, options = recipes("torch")[name], TORCH[name]
    optimizer = torch_optimizer(0.5)
    schedule, want, moved = make(optimizer, **options), [], []
    for step in range(STEPS):
        if step == stop:
            state = {"o": optimizer.state_dict(), "s": schedule.state_dict()}
            torch.save(state, tmp_path / "state.pt")
        want.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    # another rate and other options than those that were saved
    optimizer = torch_optimizer(0.25)
    schedule = make(optimizer, **options)
    optimizer.load_state_dict(state["o"])
    schedule.load_state_dict(state["s"])
    for _ in range(stop, STEPS):
        moved.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert moved == want[stop:]
    assert not set(options) & set(state["s"])
    assert pickle.loads(pickle.dumps(schedule)).share(9) == schedule.share(9)


@needs_torch
def test_a_resumed_run_can_be_made_longer():
    make = recipes("torch")["WarmupStableDecay"]
    first = make(torch_optimizer(), 40, warmup_steps=5, decay_steps=10)
    for _ in range(20):
        first.optimizer.step()
        first.step()
    second = make(torch_optimizer(), 80, warmup_steps=5, decay_steps=10)
    second.load_state_dict(first.state_dict())
    rates = []
    for _ in range(60):
        second.optimizer.step()
        second.step()
        rates += second.get_last_lr()
    want = definition("warmup_stable_decay.warmup_stable_decay")(
        np.arange(21, 81), lr=LR, steps=80, warmup_steps=5, decay_steps=10
    )
    np.testing.assert_allclose(rates, want, rtol=0, atol=1e-15)


WRONG = {
    "steps": (0, -1, 2.5, "9", True),
    "warmup_steps": (-1, 1.5, 41, True),
    "decay_steps": (0, -3, 2.0, 41),
    "start": (-0.1, 1.5, math.nan),
    "end": (-0.1, 2.0, math.nan),
    "shape": ("square", None),
    "warmup": (0.0, 1.0, 0.02, math.nan),
    "learning_rate": (-1.0, math.nan, math.inf),
}


def refuse(make, options):
    """Assert that every wrong option is refused by its name."""
    for name, values in WRONG.items():
        if name not in options and name != "learning_rate":
            continue
        for value in values:
            if name == "warmup_steps" and value == 41 and "steps" not in options:
                continue
            named = "steps" if value == 41 else name
            with pytest.raises(ValueError, match=rf"{named} .*Received: "):
                make(**options | {name: value})


@needs_torch
@each_of_torch
def test_pytorch_refuses_options_out_of_range(name):
    def make(learning_rate=0.5, **options):
        if not 0 <= learning_rate < math.inf:
            raise ValueError("learning_rate is PyTorch's to refuse. Received: it")
        return recipes("torch")[name](torch_optimizer(), **options)

    refuse(make, TORCH[name])
    for step in (-1, math.nan):
        with pytest.raises(ValueError, match=r"step .*Received: "):
            make(**TORCH[name]).share(step)


@needs_keras
@each_of_keras
def test_keras_refuses_options_out_of_range(name):
    refuse(recipes("keras")[name], {"learning_rate": 0.5, **KERAS[name]})


@needs_keras
@each_of_keras
def test_keras_takes_steps_of_every_kind_and_says_how_it_was_made(name):
    import keras
    from keras import ops

    options = KERAS[name]
    schedule = recipes("keras")[name](LR, **options)
    want = definition(DEFINITIONS[name])(np.arange(STEPS), lr=LR, **options)
    for steps in (np.arange(STEPS), np.arange(STEPS, dtype="int64")):
        got = ops.convert_to_numpy(schedule(ops.convert_to_tensor(steps)))
        np.testing.assert_allclose(got, want, rtol=0, atol=1e-7)
        assert got.dtype == np.float32
    before = ops.convert_to_numpy(schedule(ops.convert_to_tensor([-3, -1, 0])))
    assert np.isnan(before).tolist() == [True, True, False]
    counter = keras.Variable(9, dtype="int32", trainable=False)
    assert float(schedule(counter)) == pytest.approx(want[9], abs=1e-7)
    config = keras.optimizers.schedules.serialize(schedule)
    json.dumps(config)
    again = keras.optimizers.schedules.deserialize(config)
    assert again.get_config() == {"learning_rate": LR, **options}


@needs_keras
@each_of_keras
def test_fit_goes_by_the_schedule_and_a_loaded_model_goes_on(name, tmp_path):
    import keras

    options = KERAS[name]
    schedule = recipes("keras")[name](LR, **options)
    want = definition(DEFINITIONS[name])(np.arange(12), lr=LR, **options)
    # the slope is 1 whatever the weight is: it moves by the rates
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), layer])
    # one of them compiled, as is the default
    eager = name != "OneCycle" and keras.backend.backend() != "jax"
    model.compile(keras.optimizers.SGD(schedule), loss=told_as_it_is, run_eagerly=eager)
    x = np.ones((8, 1), "float32")
    model.fit(x, x, batch_size=2, epochs=2, verbose=0)
    told = float(model.optimizer.learning_rate)
    assert told == pytest.approx(want[8], abs=1e-7)
    model.save(tmp_path / "model.keras")
    custom = {"told_as_it_is": told_as_it_is}
    again = keras.saving.load_model(tmp_path / "model.keras", custom_objects=custom)
    again.fit(x, x, batch_size=2, epochs=1, verbose=0)
    moved = -float(keras.ops.sum(again.layers[0].kernel))
    assert moved == pytest.approx(want.sum(), rel=1e-5)
    assert int(again.optimizer.iterations) == 12


def told_as_it_is(y_true, y_pred):
    """Take the output for the loss."""
    return y_pred[:, 0]


METRICS = (
    [1.0] * 14,
    [5.0, 4.0, 4.0, 3.9, 3.95, 3.95, 3.95, 3.0, 3.0, 3.0, 3.0, 3.0],
    [-10.0, -9.0, -9.5, -10.5, -10.4, -10.4, -10.4, -10.4, -10.4],
    [math.nan, 5.0, 4.0, 3.0, math.nan, math.inf, 3.0, 3.0, 2.0],
    [math.nan] * 6,
    [3.0, -math.inf, 2.0, 1.0, 0.5],
    [2.0, 1.9999, 1.9998, 1.9997, 1.9996, 1.9995, 1.9994],
)
PLATEAUS = (
    {"patience": 2},
    {"patience": 1, "cooldown": 2},
    {"patience": 2, "cooldown": 1, "min_lr": 0.2},
    {"patience": 2, "min_delta": 0.5},
)


def plateau_of_torch(metrics, *, mode="min", patience=10, min_delta=1e-4, **options):
    """Return PyTorch's rates; its patience is one less for the same."""
    import torch

    optimizer = torch_optimizer(1.0)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer,
        mode=mode,
        patience=patience - 1,
        threshold=min_delta,
        threshold_mode="abs",
        **options,
    )
    rates = []
    for value in metrics:
        schedule.step(value)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


def plateau_of_keras(metrics, *, own=False, mode="min", **options):
    """Return the rates of the recipe, or of Keras' own callback."""
    import keras

    # a callback asks its model for nothing else
    model = SimpleNamespace(optimizer=keras.optimizers.SGD(1.0))
    make = recipes("keras")["ReduceOnPlateau"]
    if own:
        make = keras.callbacks.ReduceLROnPlateau
        options["cooldown"] = options.get("cooldown", 0) + 1
    callback = make("loss", mode=mode, **options)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for epoch, value in enumerate(metrics):
            callback.on_epoch_end(epoch, {"loss": value})
            rates.append(float(model.optimizer.learning_rate))
    return rates


@pytest.mark.parametrize("options", PLATEAUS)
@pytest.mark.parametrize("mode", ["min", "max"])
def test_plateau_of_every_framework_follows_the_definition(options, mode):
    sign = 1 if mode == "min" else -1
    for metrics in METRICS:
        metrics = [sign * value for value in metrics]
        want = definition("reduce_on_plateau.reduce_on_plateau")(
            metrics, lr=1.0, factor=0.5, mode=mode, **options
        )
        told = {"factor": 0.5, "mode": mode, **options}
        if "torch" in wings.WINGS and math.inf not in map(abs, metrics):
            np.testing.assert_allclose(plateau_of_torch(metrics, **told), want)
        if "keras" in wings.WINGS:
            got = plateau_of_keras(metrics, **told)
            np.testing.assert_allclose(got, want, rtol=1e-6)
            if all(map(math.isfinite, metrics)):
                got = plateau_of_keras(metrics, own=True, **told)
                np.testing.assert_allclose(got, want, rtol=1e-6)


@needs_keras
def test_plateau_relative_to_the_size_of_the_best():
    options = {"factor": 0.5, "patience": 1, "min_delta": 0.1, "relative": True}
    for metrics in ([-10.0, -10.5, -11.5, -11.0], [10.0, 9.5, 8.9, 9.0], [0.0, -1e-9]):
        want = definition("reduce_on_plateau.reduce_on_plateau")(
            metrics, lr=1.0, **options
        )
        np.testing.assert_allclose(plateau_of_keras(metrics, **options), want)
    assert want.tolist() == [1.0, 1.0]


@needs_keras
def test_plateau_says_what_it_cannot_do():
    import keras

    make = recipes("keras")["ReduceOnPlateau"]
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    x = np.ones((4, 1), "float32")
    with pytest.raises(ValueError, match=r"monitor .*\['loss'\].*Received: 'val_loss'"):
        model.fit(x, x, verbose=0, callbacks=[make("val_loss", mode="min")])
    callback = make("loss", mode="min")
    with pytest.warns(UserWarning, match="loss is nan after epoch 0"):
        model.fit(x, x * math.nan, verbose=0, callbacks=[callback])
    model.layers[0].kernel.assign([[1.0]])
    model.layers[0].bias.assign([0.0])
    told = model.fit(x, x, verbose=0, callbacks=[make("loss", mode="min")])
    assert told.history["learning_rate"] == [1.0]
    rate = keras.optimizers.schedules.ExponentialDecay(1.0, 10, 0.5)
    for optimizer in (keras.optimizers.SGD(rate), wrapped(rate)):
        model.compile(optimizer, "mse")
        with pytest.raises(ValueError, match=r"learning rate\. Received: "):
            model.fit(x, x, verbose=0, callbacks=[callback])
    wrong = {"mode": ("auto",), "factor": (0.0, 1.0, math.nan), "patience": (0, 1.5)}
    wrong |= {"cooldown": (-1,), "min_delta": (-1.0, math.nan), "min_lr": (-1.0,)}
    for name, values in wrong.items():
        for value in values:
            with pytest.raises(ValueError, match=rf"{name} .*Received: "):
                make("loss", **{"mode": "min", name: value})


def wrapped(rate):
    """Return an optimizer whose rate is that of another, inside it."""
    import keras

    return keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(rate))


def regression():
    """Return batches of a regression and first weights, in NumPy."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(24, 3))
    y = x @ np.array([[1.0], [-2.0], [0.5]]) + 1
    return [(x[i : i + 8], y[i : i + 8]) for i in (0, 8, 16)], rng.normal(size=(3, 1))


def swept_by_hand(*, lr, end_lr, steps, smoothing, stop):
    """Walk the range test of that regression with the definitions alone."""
    batches, w = regression()
    sweep, smoothed, suggested = (
        definition(f"range_test.{name}")
        for name in ("sweep", "smoothed", "suggested_rate")
    )
    rates, losses = [], []
    for step in range(steps):
        x, y = batches[step % 3]
        error = x @ w - y
        rates.append(float(sweep(step, lr=lr, end_lr=end_lr, steps=steps)))
        losses.append(float(np.mean(error**2)))
        smooth = smoothed(losses, smoothing=smoothing)
        if smooth[-1] > stop * smooth.min():
            break
        w = w - rates[-1] * 2 * x.T @ error / len(x)
    return rates, losses, smooth, suggested(rates, smooth)


SWEEP = {"lr": 1e-4, "end_lr": 10.0, "steps": 60, "smoothing": 0.75, "stop": 3.0}


@pytest.mark.parametrize("wing", wings.WINGS)
def test_range_test_walks_as_its_definition(wing):
    rates, losses, smooth, suggestion = swept_by_hand(**SWEEP)
    assert 20 < len(rates) < 60
    batches, w = regression()
    test = recipes(wing)["range_test"]
    if wing == "torch":
        import torch

        batches = [tuple(map(torch.tensor, batch)) for batch in batches]
        model = torch.nn.Linear(3, 1, bias=False).double()
        model.weight.data = torch.tensor(w.T)
        optimizer = torch.optim.SGD(model.parameters(), lr=7.0)
        found = test(model, optimizer, iter_again(batches), squares, **SWEEP)
        near = 1e-9
    else:
        import keras

        layer = keras.layers.Dense(1, use_bias=False)
        model = keras.Sequential([keras.Input((3,)), layer])
        layer.kernel.assign(w)
        model.compile(keras.optimizers.SGD(7.0), "mse", metrics=["mae"])
        batches = [tuple(part.astype("float32") for part in b) for b in batches]
        found = test(model, iter_again(batches), **SWEEP)
        near = 1e-3
    np.testing.assert_allclose(found["rates"], rates, rtol=1e-12)
    np.testing.assert_allclose(found["losses"], losses, rtol=near)
    np.testing.assert_allclose(found["smooth"], smooth, rtol=near)
    assert found["suggestion"] == pytest.approx(suggestion)


def squares(model, batch):
    """Loss of a regression."""
    x, y = batch
    return ((model(x) - y) ** 2).mean()


def iter_again(batches):
    """Return what can be begun anew and has no length, as a loader may be."""

    class Batches:
        def __iter__(self):
            return iter(batches)

    return Batches()


@needs_torch
@pytest.mark.parametrize("breaks", [False, True])
def test_range_test_of_pytorch_leaves_no_trace(breaks):
    import torch
    from torch import nn

    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 1)
    )
    model[1].register_buffer("own", torch.ones(2), persistent=False)
    model[2].eval()
    groups = [{"params": model[0].parameters(), "lr": 0.25}]
    groups.append({"params": model[3].parameters(), "lr": 0.125, "betas": (0.5, 0.9)})
    optimizer = torch.optim.AdamW(groups)
    x, y = torch.randn(16, 3), torch.randn(16, 1)
    for _ in range(3):
        optimizer.zero_grad()
        squares(model, (x, y)).backward()
        optimizer.step()
    calls = []

    def loss_of(model, batch):
        calls.append(model)
        if breaks and len(calls) == 5:
            raise KeyboardInterrupt
        assert not model[2].training
        model[1].own.add_(torch.rand(2))
        return (
            squares(model, batch) * math.nan
            if len(calls) == 9
            else squares(model, batch)
        )

    def state():
        told = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        told |= {f"{n}.grad": p.grad for n, p in model.named_parameters()}
        for i, kept in enumerate(optimizer.state.values()):
            told |= {f"{i}.{key}": value for key, value in kept.items()}
        told["random"] = torch.get_rng_state()
        return {key: value.detach().clone() for key, value in told.items()}

    before, hold = state(), json.dumps(optimizer.state_dict()["param_groups"])
    test = recipes("torch")["range_test"]
    if breaks:
        with pytest.raises(KeyboardInterrupt):
            test(model, optimizer, [(x, y)], loss_of)
    else:
        found = test(model, optimizer, [(x, y)], loss_of)
        assert math.isnan(found["losses"][-1])
        assert len(found["rates"]) == len(found["smooth"]) == 9
        assert found["suggestion"] is None or found["suggestion"] < found["rates"][-1]
    after = state()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert before.keys() == after.keys()
    assert json.dumps(optimizer.state_dict()["param_groups"]) == hold
    assert model.training
    assert calls[0] is not model
    # it goes on as if nothing had been
    squares(model, (x, y)).backward()
    optimizer.step()


@needs_torch
def test_range_test_of_pytorch_keeps_proportions_and_refuses():
    import torch

    test = recipes("torch")["range_test"]
    model = torch.nn.Linear(3, 1)
    groups = [{"params": [model.bias], "lr": torch.tensor(0.25)}]
    optimizer = torch.optim.SGD([*groups, {"params": [model.weight]}], lr=1.0)
    shares, batch = [], (torch.ones(4, 3), torch.ones(4, 1))
    step = torch.optim.SGD.step

    class Watched(torch.optim.SGD):
        def step(self, closure=None):
            shares.append([float(group["lr"]) for group in self.param_groups])
            return step(self, closure)

    optimizer.__class__ = Watched
    found = test(model, optimizer, [batch], squares, end_lr=0.1, steps=5)
    for rate, (small, large) in zip(found["rates"], shares, strict=True):
        assert (large, small) == pytest.approx((rate, rate / 4))
    other = torch.nn.Linear(3, 1)
    frozen = torch.optim.SGD(model.parameters(), lr=0.0)
    for message, arguments in {
        "batches": (model, optimizer, [], squares),
        "optimizer": (model, torch.optim.SGD(other.parameters()), [batch], squares),
        "a rate above 0": (model, frozen, [batch], squares),
        "loss_of": (model, optimizer, [batch], lambda _, b: squares(other, b)),
    }.items():
        model.weight.grad = torch.ones(1, 3)  # of an earlier step
        with pytest.raises(ValueError, match=rf"{message}.*Received: "):
            test(*arguments)
    # iterators cannot be begun anew
    with pytest.raises(ValueError, match=r"batches .*Received: 2 of 100"):
        test(model, optimizer, iter([batch, batch]), squares)


@pytest.mark.parametrize("wing", wings.WINGS)
def test_range_test_refuses_options_out_of_range(wing):
    test = recipes(wing)["range_test"]
    ready = (None, []) if wing == "keras" else (None, None, [], None)
    wrong = {"lr": (0.0, -1.0, math.nan, 10.0), "end_lr": (1e-7, math.inf)}
    wrong |= {"steps": (1, 2.5), "smoothing": (1.0, -0.1, math.nan)}
    wrong |= {"stop": (1.0, math.nan)}
    for name, values in wrong.items():
        for value in values:
            with pytest.raises(ValueError, match=rf"{name} .*Received: "):
                test(*ready, **{name: value})
    suggest = recipes(wing)["suggested_rate"]
    nan = math.nan
    for smooth in ([3.0, 2.0, 9.0], [3.0, 2.0, nan], [nan, 2.0, 3.0], [1.0, 2.0, 3.0]):
        want = definition("range_test.suggested_rate")([0.1, 1.0, 10.0], smooth)
        assert suggest([0.1, 1.0, 10.0], smooth) == want
    assert want is None
    for rates, smooth in (([], []), ([1.0], [2.0, 1.0])):
        with pytest.raises(ValueError, match=r"rates .*Received: "):
            suggest(rates, smooth)


@needs_keras
def test_range_test_of_keras_leaves_no_trace():
    import keras
    from keras import ops

    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(8),
            layers.BatchNormalization(),
            layers.Dropout(0.5, seed=1),
            layers.Dense(1),
        ]
    )
    # whatever starts sooner
    eager = keras.backend.backend() != "jax"
    adam = keras.optimizers.Adam(0.25)
    model.compile(adam, "mse", metrics=["mae"], run_eagerly=eager)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 3)), rng.normal(size=(16, 1))
    model.fit(x, y, batch_size=16, epochs=2, verbose=0)

    def state():
        kept = (*model.variables, *model.optimizer.variables, *model.metrics_variables)
        return [np.array(ops.convert_to_numpy(v)) for v in kept]

    def batches(breaks):
        for i in range(30):
            if breaks and i == 1:
                raise KeyboardInterrupt
            yield (x * math.nan, y) if i == 3 else (x, y)

    before = state()
    test = recipes("keras")["range_test"]
    found = test(model, batches(False))
    assert math.isnan(found["losses"][-1])
    assert len(found["rates"]) == 4
    kept = [state()]
    with pytest.raises(KeyboardInterrupt):
        test(model, batches(True))
    for after in (*kept, state()):
        for old, new in zip(before, after, strict=True):
            np.testing.assert_array_equal(old, new)
    kinds = {v.path.rpartition("/")[2] for v in model.variables}
    assert "seed_generator_state" in kinds
    model.fit(x, y, batch_size=16, verbose=0)
    assert int(model.optimizer.iterations) == 3


@needs_keras
def test_range_test_of_keras_refuses_a_model_that_is_not_ready():
    import keras

    test = recipes("keras")["range_test"]
    batch = (np.ones((2, 1), "float32"), np.ones((2, 1), "float32"))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match=r"model .*Received: "):
        test(model, [batch])
    unbuilt = keras.Sequential([keras.layers.Dense(1)])
    unbuilt.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"model .*Received: "):
        test(unbuilt, [batch])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"batches .*Received: 0 of 100"):
        test(model, [])
    rate = keras.optimizers.schedules.ExponentialDecay(1.0, 10, 0.5)
    for optimizer in (keras.optimizers.SGD(rate), wrapped(rate)):
        model.compile(optimizer, "mse")
        with pytest.raises(ValueError, match=r"learning rate\. Received: "):
            test(model, [batch])
    model.trainable = False
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"weights to train\. Received: "):
        test(model, [batch])
