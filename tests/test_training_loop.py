"""The training recipes: loops, checkpoints and early stopping do what they promise."""

import functools
import importlib.util
import io
import math
import os
import random
import signal
from pathlib import Path

import numpy as np
import pytest

from tests import wings

torch_only = pytest.mark.skipif("torch" not in wings.WINGS, reason="needs PyTorch")
keras_only = pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
each_wing = pytest.mark.parametrize("wing", wings.WINGS)
# Keras asks TensorFlow's variables in a spelling of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")
NAN = float("nan")


def recipe(wing, file):
    """Import one recipe of this topic."""
    return wings.module(wing, "training", file)


# --- early stopping


def fed(wing, values, **options):
    """Feed values to early stopping; return how many were taken, and itself."""
    stopping = recipe(wing, "early_stopping").EarlyStopping(**options)
    if wing == "torch":
        for at, value in enumerate(values, 1):
            stopping.update({stopping.monitor: value})
            if stopping.stop:
                return at, stopping
        return len(values), stopping

    class Model:
        stop_training = False

        def get_weights(self):
            return []

    stopping.set_model(Model())
    for at, value in enumerate(values, 1):
        stopping.on_epoch_end(at - 1, {stopping.monitor: value})
        assert stopping.model.stop_training == stopping.stop
        if stopping.stop:
            return at, stopping
    return len(values), stopping


CASES = [
    # by hand: the epoch after which it stops, and the best one
    ([0.9, 0.8, 0.7, 0.8, 0.9], {"mode": "min", "patience": 2}, 5, 3),
    ([0.9, 0.8, 0.8, 0.8, 0.1], {"mode": "min", "patience": 2}, 4, 2),
    ([0.5, 0.5, 0.5, 0.5, 0.5], {"mode": "max", "patience": 3}, 4, 1),
    ([-1, -2, -3, -2.5, -2], {"mode": "min", "patience": 2}, 5, 3),
    ([-3, -2, -1, -2], {"mode": "max", "patience": 5}, 4, 3),
    ([NAN, 0.9, 0.8, 0.7, 0.6], {"mode": "min", "patience": 2}, 5, 5),
    ([0.9, NAN, 0.8, NAN, NAN], {"mode": "min", "patience": 2}, 5, 3),
    ([NAN, NAN, NAN, 0.1], {"mode": "max", "patience": 3}, 3, 0),
    ([math.inf, 5.0, math.inf], {"mode": "min", "patience": 2}, 3, 2),
    ([1, 0.95, 0.89, 0.8], {"mode": "min", "patience": 2, "min_delta": 0.1}, 4, 3),
    ([1, 0.95, 0.92, 0.91], {"mode": "min", "patience": 2, "min_delta": 0.1}, 3, 1),
    ([0.1, 0.9, 0.8, 0.9], {"mode": "min", "patience": 1, "start_from": 1}, 4, 3),
    ([0.1, 0.15, 0.3, 0.35], {"mode": "max", "patience": 2, "min_delta": 0.1}, 4, 3),
    ([0.3, 0.2, 0.4, 0.5], {"mode": "min"}, 4, 2),
]


@each_wing
@pytest.mark.parametrize(("values", "options", "taken", "best"), CASES)
def test_early_stopping_takes_the_best_and_stops_in_time(
    wing, values, options, taken, best
):
    count, stopping = fed(wing, values, **options)
    assert (count, stopping.epoch) == (taken, best)
    if best:
        assert stopping.value == values[best - 1]


@each_wing
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("mode", {"mode": "maximum"}),
        ("mode", {"mode": "auto"}),
        ("patience", {"mode": "min", "patience": 0}),
        ("patience", {"mode": "min", "patience": 1.5}),
        ("min_delta", {"mode": "min", "min_delta": -0.1}),
        ("min_delta", {"mode": "min", "min_delta": NAN}),
        ("start_from", {"mode": "min", "start_from": -1}),
    ],
)
def test_early_stopping_refuses_what_it_cannot_mean(wing, name, options):
    with pytest.raises(ValueError, match=rf"^{name} must .*Received: "):
        fed(wing, [], **options)


@each_wing
def test_what_is_not_there_cannot_be_monitored(wing):
    stopping = recipe(wing, "early_stopping").EarlyStopping("val_los", mode="min")
    take = (
        stopping.update
        if wing == "torch"
        else functools.partial(stopping.on_epoch_end, 0)
    )
    with pytest.raises(
        ValueError, match=r"one of loss, val_loss\. Received: 'val_los'"
    ):
        take({"loss": 1.0, "val_loss": 2.0})


# --- checkpoints


def small(wing, width=4):
    """Return a model with an optimizer that has state, by their names in calls."""
    if wing == "torch":
        import torch
        from torch import nn

        model = nn.Sequential(nn.Linear(3, width), nn.BatchNorm1d(width), nn.Dropout())
        optimizer = torch.optim.AdamW(model.parameters())
        model(torch.randn(8, 3)).square().sum().backward()
        optimizer.step()
        return {"model": model, "optimizer": optimizer}
    import keras

    layers = [keras.layers.Dense(width), keras.layers.BatchNormalization()]
    model = keras.Sequential([keras.Input((3,)), *layers, keras.layers.Dropout(0.5)])
    model.compile("adam", "mse")
    model.train_on_batch(np.random.rand(8, 3), np.zeros((8, width)))  # noqa: NPY002
    return {"model": model}


def everything(wing, parts):
    """All numbers of a model and its optimizer."""
    if wing == "torch":
        from tools.training_victim import tensors

        return [
            t.numpy().copy() for p in parts.values() for t in tensors(p.state_dict())
        ]
    import keras

    model = parts["model"]
    variables = [*model.variables, *model.optimizer.variables]
    return [np.array(keras.ops.convert_to_numpy(v)) for v in variables]


def same(a, b):
    """Whether two lists of arrays are equal to the bit."""
    return len(a) == len(b) and all(map(np.array_equal, a, b))


def drawn(wing):
    """One number of each random generator."""
    numbers = [random.random(), np.random.rand(), np.random.randn()]  # noqa: NPY002
    if wing == "torch":
        import torch

        numbers.append(torch.rand(()).item())
    return numbers


@each_wing
def test_a_checkpoint_gives_back_every_number_and_the_random_ones(wing, tmp_path):
    home = recipe(wing, "checkpoint")
    parts = small(wing)
    np.random.randn()  # noqa: NPY002  half of a pair is kept
    state = {"epoch": 3, "best": -0.1, "rows": [1.0, NAN], "text": "a", "none": None}
    home.save_checkpoint(tmp_path, **parts, **state)
    numbers, want = drawn(wing), everything(wing, parts)
    other = small(wing)
    assert not same(everything(wing, other), want)
    values = home.load_checkpoint(tmp_path, **other)
    assert drawn(wing) == numbers
    assert same(everything(wing, other), want)
    assert repr(values) == repr(state)
    home.load_checkpoint(tmp_path, rng=False, **other)
    assert drawn(wing) != numbers


@each_wing
def test_the_last_good_ones_are_kept_and_nothing_else_is_touched(wing, tmp_path):
    home = recipe(wing, "checkpoint")
    parts = small(wing)
    mine = [tmp_path / name for name in ("notes.txt", "checkpoint-best.pt", "a.npz")]
    for file in mine:
        file.write_text("mine")
    for epoch in range(5):
        last = home.save_checkpoint(tmp_path, **parts, keep=2, epoch=epoch)
        assert last.is_file()
    written = set(tmp_path.iterdir()) - set(mine)
    assert len(written) == 2
    assert last in written
    assert all(file.read_text() == "mine" for file in mine)


@each_wing
@pytest.mark.parametrize("fault", ["empty", "half", "bit", "foreign", "text"])
def test_a_damaged_file_is_passed_over_and_the_one_before_it_taken(
    wing, fault, tmp_path
):
    home = recipe(wing, "checkpoint")
    parts = small(wing)
    home.save_checkpoint(tmp_path, **parts, epoch=1)
    want = everything(wing, parts)
    last = home.save_checkpoint(tmp_path, **parts, epoch=2)
    data = bytearray(last.read_bytes())
    if fault == "bit":
        # in the middle of a number of a weight
        weight = max(everything(wing, parts), key=np.size).tobytes()
        data[data.index(weight) + len(weight) // 2] ^= 16
    elif fault == "foreign":
        np.savez(tmp_path / "x.npz", x=np.zeros(3))
        data = (tmp_path / "x.npz").read_bytes()
    damaged = {"empty": b"", "half": data[: len(data) // 2], "text": b"hello\n" * 99}
    last.write_bytes(damaged.get(fault, data))
    other = small(wing)
    with pytest.warns(UserWarning, match=r"cannot be read, passed over: .*checkpoint-"):
        values = home.load_checkpoint(tmp_path, **other)
    assert values == {"epoch": 1}
    assert same(everything(wing, other), want)
    # neither is it overwritten, nor does it cost a good one
    kept = last.read_bytes()
    home.save_checkpoint(tmp_path, **parts, epoch=3)
    assert last.read_bytes() == kept
    assert home.load_checkpoint(tmp_path, **other) == {"epoch": 3}


@each_wing
def test_only_damaged_files_are_one_clear_error(wing, tmp_path):
    home = recipe(wing, "checkpoint")
    parts = small(wing)
    file = home.save_checkpoint(tmp_path, **parts)
    file.write_bytes(b"")
    before = everything(wing, parts)
    with (
        pytest.warns(UserWarning, match="passed over"),
        pytest.raises(ValueError, match=r"^no checkpoint can be read\. .*\Z") as error,
    ):
        home.load_checkpoint(tmp_path, **parts)
    assert "\n" not in str(error.value)
    assert same(everything(wing, parts), before)


@each_wing
def test_a_checkpoint_of_another_model_changes_nothing(wing, tmp_path):
    home = recipe(wing, "checkpoint")
    home.save_checkpoint(tmp_path, **small(wing), epoch=1)
    other = small(wing, width=5)
    before = everything(wing, other)
    with pytest.raises(ValueError, match=r"is of another training\. Rec.*\Z") as error:
        home.load_checkpoint(tmp_path, **other)
    assert "\n" not in str(error.value)
    assert same(everything(wing, other), before)
    parts = small(wing)
    stopping = recipe(wing, "early_stopping").EarlyStopping(mode="min")
    with pytest.raises(ValueError, match=r"another training.*(no stopping|nothing)"):
        home.load_checkpoint(tmp_path, **parts, stopping=stopping)


@torch_only
def test_another_optimizer_is_refused(tmp_path):
    import torch

    home = recipe("torch", "checkpoint")
    parts = small("torch")
    home.save_checkpoint(tmp_path, **parts)
    weights = [*parts["model"].parameters()]
    for optimizer in (torch.optim.SGD(weights), torch.optim.AdamW(weights[:2])):
        with pytest.raises(ValueError, match=r"optimizer (was a AdamW|has \[4\])"):
            home.load_checkpoint(tmp_path, optimizer=optimizer)


@torch_only
def test_what_could_not_be_loaded_is_not_saved(tmp_path):
    home = recipe("torch", "checkpoint")
    for value in (np.float64(1), [np.zeros(2)], {"a": np.int64(1)}, object()):
        with pytest.raises(ValueError, match="best must hold tensors and plain values"):
            home.save_checkpoint(tmp_path, best=value)
    assert not [*tmp_path.iterdir()]
    with pytest.raises(ValueError, match=r"keep must be .* Received: 0"):
        home.save_checkpoint(tmp_path, keep=0)


@torch_only
def test_a_file_of_code_is_not_run(tmp_path):
    import torch

    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'ran'}",)

    torch.save({"format": Evil()}, tmp_path / "checkpoint-00000001.pt")
    home = recipe("torch", "checkpoint")
    with (
        pytest.warns(UserWarning, match="passed over"),
        pytest.raises(ValueError, match="no checkpoint can be read"),
    ):
        home.load_checkpoint(tmp_path)
    assert not (tmp_path / "ran").exists()


@keras_only
def test_bfloat16_variables_come_back(tmp_path):
    import keras

    home = recipe("keras", "checkpoint")
    layers = [keras.Input((2,)), keras.layers.Dense(3, dtype="bfloat16")]
    models = [keras.Sequential(layers)]
    home.save_checkpoint(tmp_path, models[0])
    want = everything_of(models[0])
    models[0].set_weights([0 * w for w in models[0].get_weights()])
    home.load_checkpoint(tmp_path, models[0])
    assert same(everything_of(models[0]), want)


def everything_of(model):
    """Variables of a Keras model as float32."""
    import keras

    return [
        keras.ops.convert_to_numpy(keras.ops.cast(v, "float32"))
        for v in model.variables
    ]


@each_wing
def test_a_full_disk_costs_no_checkpoint(wing, tmp_path, monkeypatch):
    resource = pytest.importorskip("resource")
    home = recipe(wing, "checkpoint")
    parts = small(wing)
    home.save_checkpoint(tmp_path, **parts, epoch=1)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    size = len(next(iter(before.values())))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, limits[1]))
    try:
        with pytest.raises(
            OSError, match=r"no checkpoint was written to .* remain"
        ) as e:
            home.save_checkpoint(tmp_path, **parts, epoch=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "\n" not in str(e.value)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before
    assert home.load_checkpoint(tmp_path, **parts) == {"epoch": 1}


@each_wing
def test_a_folder_that_cannot_be_written_to_is_one_clear_error(wing, tmp_path):
    if not hasattr(os, "geteuid"):
        pytest.skip("other rights there")
    home = recipe(wing, "checkpoint")
    parts = small(wing)
    home.save_checkpoint(tmp_path / "run", **parts, epoch=1)
    root = os.geteuid() == 0
    places = [tmp_path / "run"] + [tmp_path] * root  # to reach it, as somebody else
    modes = [place.stat().st_mode for place in places]
    try:
        for place in places:
            place.chmod(0o555)
        if root:
            for parent in tmp_path.parents[:-2]:
                parent.chmod(parent.stat().st_mode | 0o555)
            os.seteuid(65534)
        with pytest.raises(
            OSError, match=r"no checkpoint .*Permission denied"
        ) as error:
            home.save_checkpoint(tmp_path / "run", **parts, epoch=2)
    finally:
        if root:
            os.seteuid(0)
        for place, mode in zip(places, modes, strict=True):
            place.chmod(mode)
    assert "\n" not in str(error.value)
    assert home.load_checkpoint(tmp_path / "run", **parts) == {"epoch": 1}


@each_wing
def test_the_file_and_the_folder_reach_the_disk_before_the_name_counts(
    wing, tmp_path, monkeypatch
):
    home = recipe(wing, "checkpoint")
    parts = small(wing)
    order = []
    replace, fsync = Path.replace, os.fsync

    def note(name, call):
        def noted(*args):
            order.append(name)
            return call(*args)

        return noted

    monkeypatch.setattr(Path, "replace", note("rename", replace))
    monkeypatch.setattr(os, "fsync", note("fsync", fsync))
    home.save_checkpoint(tmp_path, **parts)
    assert order == ["fsync", "rename", "fsync"]


# --- the loop in PyTorch


def loop(folder=None, *, epochs=4, stop_at=None, workers=0, **options):
    """Train a small model; with `stop_at`, until so many checkpoints are written."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    fit, home = recipe("torch", "fit").fit, recipe("torch", "checkpoint")
    torch.manual_seed(3)
    x = torch.randn(40, 4)
    y = (x.sum(1) > 0).long()
    layers = [nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2)]
    model = nn.Sequential(*layers, nn.Linear(8, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    written = []

    loss = options.pop("loss", nn.functional.cross_entropy)

    def noisy(outputs, targets):
        # of every kind of random number
        noise = 1 + 0.1 * random.random() + 0.1 * np.random.rand()  # noqa: NPY002
        return noise * loss(outputs, targets)

    def save(**state):
        file = home.save_checkpoint(folder, **state)
        written.append(file)
        if len(written) == stop_at:
            raise InterruptedError

    if folder is not None:
        options |= {
            "save": save,
            "load": functools.partial(home.load_checkpoint, folder),
        }
    train = options.pop("train", None) or DataLoader(
        TensorDataset(x, y),
        8,
        shuffle=True,
        num_workers=workers,
        generator=options.pop("generator", None),
    )
    history = fit(
        model,
        noisy,
        optimizer,
        train,
        options.pop("validation", DataLoader(TensorDataset(x, y), 16)),
        epochs=epochs,
        log=options.pop("log", lambda text: None),
        **options,
    )
    return model, history


def numbers(model):
    """Return all numbers of a model."""
    return [value.numpy().copy() for value in model.state_dict().values()]


@torch_only
@pytest.mark.parametrize("stop_at", [1, 3, 6, 9, 12])
@pytest.mark.parametrize("own_generator", [False, True])
def test_it_goes_on_bit_for_bit_from_any_checkpoint(stop_at, own_generator, tmp_path):
    import torch

    options = {"save_every": 2, "ema": 0.7, "clip": 1.0}
    if own_generator:
        options["generator"] = torch.Generator()
    want, history = loop(tmp_path / "a", **options)
    with pytest.raises(InterruptedError):
        loop(tmp_path / "b", stop_at=stop_at, **options)
    torch.manual_seed(stop_at)
    random.seed(stop_at)
    got, resumed = loop(tmp_path / "b", **options)
    assert same(numbers(got), numbers(want))
    assert resumed == history


@torch_only
def test_each_epoch_has_another_order_and_a_seed_is_a_seed():
    import torch

    seen = []

    def spy(outputs, targets):
        seen.append(targets.tolist())
        return torch.nn.functional.cross_entropy(outputs, targets)

    a, _ = loop(loss=spy, epochs=2, validation=None)
    first, second = seen[:5], seen[5:]
    assert first != second
    b, _ = loop(epochs=2, validation=None)
    c, _ = loop(epochs=2, validation=None, seed=5)
    assert same(numbers(a), numbers(b))
    assert not same(numbers(a), numbers(c))
    # nor do neighbouring seeds share an epoch
    seen.clear()
    loop(loss=spy, epochs=1, validation=None, seed=1)
    assert len(seen) == len(second)
    assert seen not in (first, second)


@torch_only
def test_the_loop_does_what_ten_lines_by_hand_do():
    import torch
    from torch import nn

    x = torch.randn(20, 3)
    y = x.sum(1, keepdim=True)
    batches = [*zip(x.split(8), y.split(8), strict=True)]
    models = [nn.Linear(3, 1) for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    optimizers = [torch.optim.Adam(m.parameters(), lr=0.1) for m in models]
    schedules = [torch.optim.lr_scheduler.ExponentialLR(o, 0.9) for o in optimizers]
    fit = recipe("torch", "fit").fit
    history = fit(
        models[0], nn.MSELoss(), optimizers[0], batches, batches, epochs=3, clip=0.5,
        schedule=schedules[0], log=lambda text: None,
    )  # fmt: skip
    for _ in range(3):
        losses = []
        for inputs, targets in batches:
            optimizers[1].zero_grad()
            loss = ((models[1](inputs) - targets) ** 2).mean()
            loss.backward()
            norm = sum(p.grad.square().sum() for p in models[1].parameters()).sqrt()
            for p in models[1].parameters():
                p.grad *= min(1, 0.5 / (norm.item() + 1e-6))
            optimizers[1].step()
            schedules[1].step()
            losses += [loss.item()] * len(inputs)
    for ours, byhand in zip(numbers(models[0]), numbers(models[1]), strict=True):
        np.testing.assert_allclose(ours, byhand, rtol=1e-5)
    assert history["loss"][-1] == pytest.approx(np.mean(losses), rel=1e-5)
    whole = ((models[1](x) - y) ** 2).mean().item()
    assert history["val_loss"][-1] == pytest.approx(whole, rel=1e-5)
    assert optimizers[0].param_groups[0]["lr"] == pytest.approx(0.1 * 0.9**9)


@torch_only
def test_the_average_is_the_exponential_one_and_is_what_remains():
    import torch
    from torch import nn

    walked = []
    model = nn.Linear(1, 1, bias=False)

    def spy(outputs, targets):
        walked.append(model.weight.item())
        return nn.functional.mse_loss(outputs, targets)

    batches = [(torch.ones(2, 1), torch.zeros(2, 1))] * 5
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    fit = recipe("torch", "fit").fit
    fit(model, spy, optimizer, batches, epochs=1, ema=0.6, log=lambda text: None)
    steps = [*walked[1:], walked[-1] * 0.8]  # the gradient of w ** 2 is 2 w
    average = steps[0]
    for weight in steps[1:]:
        average = 0.6 * average + 0.4 * weight
    assert model.weight.item() == pytest.approx(average, rel=1e-5)


@torch_only
def test_best_weights_remain_and_it_stops():
    stopping = recipe("torch", "early_stopping").EarlyStopping(mode="min", patience=2)
    snaps = []
    scores = iter([0.5, 0.3, 0.9, 0.8, 0.1])

    class Spy:
        def reset(self):
            pass

        def update(self, outputs, targets):
            pass

        def compute(self):
            return next(scores)

    stopping.monitor = "val_score"
    update = stopping.update

    def noting(row, model):
        snaps.append(numbers(model))
        return update(row, model)

    stopping.update = noting
    model, history = loop(epochs=9, stopping=stopping, metrics={"score": Spy()})
    assert history["val_score"] == [0.5, 0.3, 0.9, 0.8]
    assert same(numbers(model), snaps[1])


@torch_only
def test_a_finished_or_stopped_training_is_not_trained_on(tmp_path):
    for options in ({}, {"patience": 1, "min_delta": 9.0}):
        ends = []
        for _ in range(2):
            Stopping = recipe("torch", "early_stopping").EarlyStopping
            stopping = Stopping(mode="min", **options)
            ends.append(loop(tmp_path / str(len(options)), stopping=stopping))
        assert same(numbers(ends[0][0]), numbers(ends[1][0]))
        assert ends[0][1] == ends[1][1]
        assert len(ends[1][1]["loss"]) == (2 if options else 4)


@torch_only
def test_what_is_not_measured_cannot_be_monitored_and_is_known_at_once():
    Stopping = recipe("torch", "early_stopping").EarlyStopping
    said = r"one of \['loss', 'val_loss'\]\. Received: 'val_acc'"
    with pytest.raises(ValueError, match=said):
        loop(stopping=Stopping("val_acc", mode="max"), epochs=0)
    with pytest.raises(ValueError, match=r"one of \['loss'\]\. Received: 'val_loss'"):
        loop(stopping=Stopping(mode="min"), validation=None)


@torch_only
@pytest.mark.parametrize("what", ["loss", "gradient", "scaled"])
def test_nan_stops_it_and_never_gets_into_a_checkpoint(what, tmp_path):
    import torch

    calls = []

    class Root(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, grad):
            return grad * NAN

    def loss(outputs, targets):
        value = torch.nn.functional.cross_entropy(outputs.float(), targets)
        calls.append(1)
        if len(calls) >= 12:
            return Root.apply(value) if what == "gradient" else value * NAN
        return value

    # where losses are scaled, a step that gives NaN is left out
    amp = torch.float16 if what == "scaled" else None
    with pytest.raises(FloatingPointError, match=r"NaN or infinite in epoch 3, by"):
        loop(tmp_path, loss=loss, save_every=1, validation=None, amp=amp)
    model = small_of_loop()
    values = recipe("torch", "checkpoint").load_checkpoint(tmp_path, model=model)
    assert (values["epoch"], values["batch"]) == (2, 1)
    assert all(np.isfinite(n).all() for n in numbers(model))


def small_of_loop():
    """Return the model of `loop`, untrained."""
    return loop(epochs=0)[0]


@torch_only
@pytest.mark.parametrize(
    ("number", "error"),
    [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)],
)
def test_ctrl_c_finishes_the_batch_saves_and_says_how_to_go_on(number, error, tmp_path):
    import torch

    handlers = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    want, history = loop(tmp_path / "a")
    calls, said = [], []

    def loss(outputs, targets):
        calls.append(1)
        if len(calls) == 11:  # the third batch after a validation of three
            signal.raise_signal(number)
        return torch.nn.functional.cross_entropy(outputs, targets)

    with pytest.raises(error):
        loop(tmp_path / "b", loss=loss, log=said.append)
    assert said[-1] == "stopped after batch 3 and saved: call again"
    assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)] == handlers
    got, resumed = loop(tmp_path / "b")
    assert same(numbers(got), numbers(want))
    assert resumed == history


@torch_only
def test_a_second_ctrl_c_goes_through():
    Interruption = recipe("torch", "fit").Interruption
    # a shell starts what runs in the background with Ctrl-C ignored
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Interruption() as interruption:
            signal.raise_signal(signal.SIGINT)
            assert interruption.signal == signal.SIGINT
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, usual)


@torch_only
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_mixed_precision_trains_and_keeps_float32_weights(dtype):
    import torch

    kinds = []

    def loss(outputs, targets):
        kinds.append(outputs.dtype)
        return torch.nn.functional.cross_entropy(outputs.float(), targets)

    model, history = loop(amp=getattr(torch, dtype), loss=loss, epochs=6, clip=1.0)
    assert set(kinds) == {getattr(torch, dtype)}
    assert all(p.dtype == torch.float32 for p in model.parameters())
    assert history["loss"][-1] < history["loss"][0]


@torch_only
def test_what_is_clipped_is_not_scaled():
    import torch
    from torch import nn

    x = torch.randn(16, 3)
    batches = [(x, 9 * x.sum(1, keepdim=True))]
    model = nn.Linear(3, 1)
    start = model.weight.detach().clone()
    recipe("torch", "fit").fit(
        model,
        lambda outputs, targets: (outputs.float() - targets).square().mean(),
        torch.optim.SGD(model.parameters(), lr=0.1),
        batches,
        epochs=40,
        clip=1.0,
        amp=torch.float16,
        log=lambda text: None,
    )
    # at most 0.1 per step, some are left out until the scale fits
    moved = (model.weight - start).norm().item()
    assert 0.5 < moved <= 4.0


@torch_only
def test_evaluating_is_without_dropout_and_counts_examples():
    import torch
    from torch import nn

    evaluate = recipe("torch", "fit").evaluate
    model = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.9)).train()
    x, y = torch.randn(7, 3), torch.tensor([0, 1, 1, 0, 1, 0, 1])
    accuracy = wings.module("torch", "metrics", "accuracy").Accuracy()
    batches = [*zip(x.split(4), y.split(4), strict=True)]
    for _ in range(2):
        scores = evaluate(
            model, nn.functional.cross_entropy, batches, metrics={"accuracy": accuracy}
        )
        assert model.training
        logits = model[0](x).detach().numpy().astype(float)
        logs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        want = -logs[np.arange(7), y.numpy()].mean()
        assert scores["loss"] == pytest.approx(want, rel=1e-5)
        assert scores["accuracy"] == pytest.approx(
            (logits.argmax(1) == y.numpy()).mean()
        )
    with pytest.raises(ValueError, match=r"data must give batches\. Received: \[\]"):
        evaluate(model, nn.functional.cross_entropy, [])
    with pytest.raises(ValueError, match="train must give batches"):
        loop(train=iter(()))


@torch_only
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", -1),
        ("epochs", True),
        ("save_every", 0),
        ("seed", -1),
        ("seed", 2**31),
        ("clip", -1.0),
        ("clip", NAN),
        ("ema", 1.0),
        ("ema", NAN),
        ("amp", True),
        ("metrics", {"loss": None}),
    ],
)
def test_the_loop_refuses_what_it_cannot_mean(name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be .*Received: "):
        loop(**{name: value})


@torch_only
def test_the_loop_refuses_batches_and_weights_that_it_would_misread():
    import torch

    x, y = torch.zeros(3, 4), torch.zeros(3, dtype=torch.long)
    for batch in ((x, y, y), (x, y[:0]), (x,)):
        with pytest.raises(ValueError, match=r"^train must give pairs .*Received: \["):
            loop(train=[batch])
    stranger = torch.optim.SGD([torch.zeros(1, requires_grad=True)])
    with pytest.raises(ValueError, match=r"^optimizer must have weights of model"):
        recipe("torch", "fit").fit(
            torch.nn.Linear(4, 2), torch.nn.CrossEntropyLoss(), stranger, [], epochs=1
        )


@torch_only
def test_tensorboard_and_the_bar_get_what_they_need():
    shown, written = [], []

    class Writer:
        def add_scalar(self, name, number, step):
            written.append((name, step))

    def bar(batches, total, initial):
        shown.append((total, initial))
        return batches

    loop(epochs=2, writer=Writer(), progress=bar)
    assert shown == [(5, 0), (5, 0)]
    assert written == [(n, e) for e in (1, 2) for n in ("loss", "val_loss")]
    if importlib.util.find_spec("tqdm"):
        from tqdm import tqdm

        text = io.StringIO()
        loop(epochs=1, progress=functools.partial(tqdm, file=text))
        assert "5/5" in text.getvalue()


# --- the callbacks in Keras


def keras_run(folder, *, epochs=5, stop_at=None, patience=None, poison=None):
    """Train a small model with dropout and early stopping; return its numbers."""
    import keras

    checkpoints = recipe("keras", "checkpoint")
    stopping = recipe("keras", "early_stopping").EarlyStopping(
        mode="min", patience=patience
    )
    keras.utils.set_random_seed(3)
    x = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
    y = (x.sum(1, keepdims=True) > 0).astype("float32")
    layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.3, seed=1)]
    model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss)
    data = checkpoints.ShuffledArrays(x, y, batch_size=8, seed=1)
    checkpoint = checkpoints.Checkpoint(folder, data, parts={"stopping": stopping})

    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == stop_at:
                raise InterruptedError
            if epoch == poison:
                layer = model.layers[0]
                layer.kernel.assign(layer.kernel * NAN)

    first = checkpoint.resume(model)
    history = model.fit(
        data,
        validation_data=(x, y),
        initial_epoch=first,
        epochs=epochs,
        callbacks=[stopping, checkpoint, Stop()],
        verbose=0,
    )
    return [*model.get_weights(), [stopping.value, stopping.epoch]], history.epoch


@keras_only
@pytest.mark.parametrize("stop_at", [0, 3])
def test_keras_goes_on_bit_for_bit_from_the_end_of_any_epoch(stop_at, tmp_path):
    want, _ = keras_run(tmp_path / "a")
    with pytest.raises(InterruptedError):
        keras_run(tmp_path / "b", stop_at=stop_at)
    got, epochs = keras_run(tmp_path / "b")
    assert epochs == [*range(stop_at, 5)]
    assert same(got, want)


@keras_only
def test_nan_stops_keras_and_never_gets_into_a_checkpoint(tmp_path):
    with pytest.raises(FloatingPointError, match=r"NaN or infinite in epoch 3; "):
        keras_run(tmp_path, poison=2)
    got, epochs = keras_run(tmp_path)
    assert epochs == [2, 3, 4]
    assert all(np.isfinite(n).all() for n in got)


@keras_only
def test_keras_stops_and_has_the_best_weights():
    import keras

    Stopping = recipe("keras", "early_stopping").EarlyStopping
    values = [0.5, 0.1, 0.6, 0.7, 0.0]
    snaps = []

    class Feed(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_loss"] = values[epoch]
            snaps.append(self.model.get_weights())

    for patience, ran in ((2, 4), (None, 5)):
        snaps.clear()
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        stopping = Stopping(mode="min", patience=patience)
        x = np.ones((4, 1))
        calls = [Feed(), stopping]
        history = model.fit(x, x, epochs=5, callbacks=calls, verbose=0)
        assert len(history.epoch) == ran
        assert same(model.get_weights(), snaps[stopping.epoch - 1])
        assert stopping.epoch == (2 if patience else 5)


@keras_only
def test_shuffled_arrays_have_every_example_once_in_their_own_order():
    Shuffled = recipe("keras", "checkpoint").ShuffledArrays
    x = np.arange(10)
    data = Shuffled(x, -x, batch_size=4, seed=0)
    orders = []
    for _ in range(2):
        batches = [data[at] for at in range(len(data))]
        assert [len(a) for a, _ in batches] == [4, 4, 2]
        assert all((a == -b).all() for a, b in batches)
        orders.append(np.concatenate([a for a, _ in batches]))
        assert sorted(orders[-1]) == x.tolist()
        data.on_epoch_end()
    assert not np.array_equal(*orders)
    again = Shuffled(x, -x, batch_size=10, seed=0)
    again.epoch = 1
    np.testing.assert_array_equal(again[0][0], orders[1])
    for bad, word in (((x, x[1:]), "long"), ((x[:0], x[:0]), "long")):
        with pytest.raises(ValueError, match=word):
            Shuffled(*bad)
    with pytest.raises(ValueError, match=r"batch_size must be positive\. Received: 0"):
        Shuffled(x, x, batch_size=0)
