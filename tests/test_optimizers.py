"""The contract of every optimizer: it follows its definition, and can be trusted.

The settings are in `tests/optimizers/cases.py`; what else is asked of a recipe is asked
of every class that the wings hold.
"""

import importlib.util
import inspect
import io
import json
import math
import re
from functools import partial

import numpy as np
import pytest

from tests import wings
from tests.optimizers import (
    FOLLOW,
    apart,
    definition,
    follow_reference,
    follow_torch,
    problem,
    recipes,
)
from tests.optimizers.cases import CASES

FRAMEWORKS = [w for w in FOLLOW if importlib.util.find_spec(w)]
FOLLOWED = [
    pytest.param(case, framework, id=f"{case.optimizer}-{i}-{framework}")
    for i, case in enumerate(CASES)
    for framework in FRAMEWORKS
    if getattr(case, framework)
    and not (framework == "torch" and case.is_bfloat16)
    and not (framework == "keras" and case.mixed_up)
]
OURS = {wing: sorted(set(recipes(wing)) - {"SAM"}) for wing in wings.WINGS}
each_of_torch = pytest.mark.parametrize("name", OURS.get("torch", []))
each_of_keras = pytest.mark.parametrize("name", OURS.get("keras", []))
# They walk by something else than a rule for given gradients: a search along a line,
# the signs of two gradients, an average at the end, or rows that were touched.
OTHER_KINDS = {"torch": {"Optimizer", "LBFGS", "Rprop", "ASGD", "SparseAdam"}}
# They wrap others.
OTHER_KINDS["keras"] = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer"}


def backend():
    import keras

    return keras.backend.backend()


def shipped(framework):
    """Names of the optimizers that a framework ships."""
    if framework == "torch":
        import torch.optim as there
    else:
        import keras.optimizers as there
    found = {
        name
        for name, what in vars(there).items()
        if inspect.isclass(what) and issubclass(what, there.Optimizer)
    }
    return found - OTHER_KINDS[framework]


def setting(wing, name):
    """Return the first case in which a wing's recipe is called, and its rate."""
    start = f"{name}(" + ("params" if wing == "torch" else "lr")
    return next(c for c in CASES if getattr(c, wing).startswith(start))


@pytest.mark.parametrize(("case", "framework"), FOLLOWED)
def test_follows_its_definition(case, framework):
    tolerance = case.tolerance
    if framework == "keras" and backend() != "tensorflow":
        tolerance = max(tolerance, case.elsewhere)
    got = FOLLOW[framework](getattr(case, framework), case)
    assert apart(follow_reference(case), got) <= tolerance


@pytest.mark.parametrize("wing", wings.WINGS)
def test_every_optimizer_has_two_settings(wing):
    calls = [getattr(case, wing) for case in CASES]
    module = {"torch": "torch.optim.", "keras": "keras.optimizers."}[wing]
    names = {module + name for name in shipped(wing)} | set(OURS[wing])
    few = {n for n in names if sum(call.startswith(f"{n}(") for call in calls) < 2}
    assert not few


@pytest.mark.skipif(len(wings.WINGS) < 2, reason="needs both frameworks")
def test_a_file_of_one_wing_is_what_the_other_framework_ships():
    for wing, other in (("torch", "keras"), ("keras", "torch")):
        alone = wings.files(wing, "optimizers") - wings.files(other, "optimizers")
        for file in alone:
            names = set(wings.module(wing, "optimizers", file).__all__)
            assert names <= shipped(other), file
        # what the framework ships itself, right, is not written again
        assert not set(recipes(wing)) & shipped(wing) - {"ScheduleFreeAdamW"}


def test_every_definition_has_a_case():
    tested = {case.optimizer for case in CASES}
    for file in wings.files("reference", "optimizers") - {"sam"}:
        for name in wings.module("reference", "optimizers", file).__all__:
            if name not in ("newton_schulz", "schedule_free_average"):
                assert f"{file}.{name}" in tested


@pytest.mark.parametrize("case", CASES[::9])
def test_a_definition_changes_nothing_that_it_is_given(case):
    weights, gradients = problem(case)
    step, state = definition(case.optimizer), {}
    for slopes in gradients[:3]:
        before = weights[0].copy(), slopes[0].copy(), dict(state)
        new, after = step(weights[0], slopes[0], state, lr=case.lr, **case.kwargs)
        assert new is not weights[0]
        assert after is not state
        np.testing.assert_array_equal(weights[0], before[0])
        np.testing.assert_array_equal(slopes[0], before[1])
        assert all(state[key] is value for key, value in before[2].items())
        weights[0], state = new, after


@pytest.mark.skipif("torch" not in wings.WINGS, reason="needs PyTorch")
@pytest.mark.parametrize("case", [c for c in CASES if c.is_bfloat16])
def test_only_bfloat16_separates_muon_of_pytorch(case, monkeypatch):
    import torch

    ours = follow_reference(case)
    told = apart(ours, follow_torch(case.torch, case))
    # each step may be off by some units of bfloat16, relative to a direction of about 1
    assert 1e-6 < told < 100 * case.lr * wings.unit("bfloat16")
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
    assert apart(ours, follow_torch(case.torch, case)) <= case.tolerance


@pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
@pytest.mark.parametrize("case", [c for c in CASES if c.mixed_up])
def test_keras_schedule_free_takes_the_new_z_for_the_old(case):
    got = FOLLOW["keras"](case.keras, case)
    right = apart(follow_reference(case), got)
    if backend() == "jax":
        assert right <= case.tolerance
        return
    assert right > 0.05
    weights, gradients = problem(case)
    (first, second), eps = case.kwargs["betas"], case.kwargs["eps"]
    warm = case.kwargs.get("warmup_steps", 1)
    for y, given, slopes in zip(
        weights, got, zip(*gradients, strict=True), strict=True
    ):
        z, v = y.copy(), 0.0
        for t, g in enumerate(slopes, start=1):
            v = second * v + (1 - second) * g**2
            root = np.sqrt(v / (1 - second**t)) + eps
            z = z - case.lr * min(1, t / warm) * g / root
            x = (y - (1 - first) * z) / first  # with the z of this step
            y = (1 - first) * z + first * (x + (z - x) / t)
        np.testing.assert_allclose(given, y, rtol=0, atol=1e-12)


@pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
@pytest.mark.parametrize(
    ("name", "stands"),
    [("Adam", True), ("AdamW", True), ("Lamb", True), ("TwinAdam", False)],
)
def test_adam_of_keras_stands_still_in_bfloat16_and_ours_does_not(name, stands):
    import keras
    from keras import ops

    v = keras.Variable([1.0, 1.0], dtype="bfloat16")
    if name == "TwinAdam":
        optimizer = recipes("keras")[name](0.125, convention="keras")
    else:
        optimizer = getattr(keras.optimizers, name)(0.125)
    optimizer.apply([ops.ones((2,), dtype="bfloat16")], [v])
    got = ops.convert_to_numpy(ops.cast(v, "float32"))
    # 0.999 is 1 in bfloat16, and the rate is multiplied by sqrt(1 - 1)
    np.testing.assert_array_equal(got, 1.0 if stands else 0.875)


@pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
def test_relative_step_of_keras_adafactor_changes_nothing():
    from tests.optimizers import follow_keras

    case = next(c for c in CASES if c.optimizer.startswith("adafactor"))
    one, two = (
        follow_keras(f"keras.optimizers.Adafactor(lr, relative_step={flag})", case)
        for flag in (True, False)
    )
    assert apart(one, two) == 0


def sam_problem():
    """Return a regression: features, targets, first weights, and its slope."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 1))
    return x, y, rng.normal(size=(3, 1)), lambda w: 2 * x.T @ (x @ w - y) / len(x)


def walk_sam(rho, adaptive):
    sam, sgd = definition("sam.sam"), definition("sgd.sgd")
    *_, w, slope = sam_problem()
    state = {}
    for _ in range(20):
        step = partial(sgd, lr=0.0625, momentum=0.5)
        w, state = sam(w, slope, state, step=step, rho=rho, adaptive=adaptive)
    return w


each_sam = pytest.mark.parametrize(("rho", "adaptive"), [(0.5, False), (0.25, True)])


@pytest.mark.skipif("torch" not in wings.WINGS, reason="needs PyTorch")
@each_sam
def test_sam_of_pytorch_follows_its_definition(rho, adaptive):
    import torch

    x, y, w, _ = sam_problem()
    x, y = torch.tensor(x), torch.tensor(y)
    # two tensors, one norm
    parts = [torch.tensor(p, requires_grad=True) for p in (w[:1], w[1:])]
    unused = torch.ones(2, requires_grad=True)
    base = torch.optim.SGD([*parts, unused], lr=0.0625, momentum=0.5)
    optimizer = recipes("torch")["SAM"](base, rho=rho, adaptive=adaptive)
    losses = []

    def closure():
        optimizer.zero_grad()
        loss = ((x @ torch.cat(parts) - y) ** 2).mean()
        loss.backward()
        losses.append(loss.item())
        return loss

    for t in range(20):
        assert optimizer.step(closure).item() == losses[2 * t]
        assert losses[2 * t + 1] > losses[2 * t]
    got = torch.cat(parts).detach().numpy()
    np.testing.assert_allclose(got, walk_sam(rho, adaptive), rtol=0, atol=1e-12)
    assert unused.tolist() == [1.0, 1.0]


@pytest.mark.skipif("torch" not in wings.WINGS, reason="needs PyTorch")
def test_sam_of_pytorch_comes_back_exactly_and_shares_all():
    import torch

    w = torch.randn(50, requires_grad=True)
    before, calls = w.detach().clone(), []
    base = torch.optim.Adam([w], lr=0.0)
    optimizer = recipes("torch")["SAM"](base, rho=1e4)

    def closure(scale=1.0):
        calls.append(w.detach().clone())
        optimizer.zero_grad()
        loss = (scale * w**3).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert torch.equal(w, before)
    assert abs((calls[1] - before).norm().item() / 1e4 - 1) < 1e-5
    torch.optim.lr_scheduler.StepLR(optimizer, 1)
    assert optimizer.param_groups is base.param_groups
    assert len(optimizer.state) == len(base.state) == 1
    fresh = recipes("torch")["SAM"](torch.optim.Adam([w], lr=1.0))
    fresh.load_state_dict(optimizer.state_dict())
    assert fresh.param_groups[0]["lr"] == 0.0
    assert fresh.optimizer.state[w]["step"] == 1
    # no slope at all: no place is worse, and nothing is divided by 0
    w.data.zero_()
    optimizer.step(closure)
    assert w.tolist() == [0.0] * 50

    def breaks():
        if len(calls) % 2:
            calls.append(None)
            raise KeyboardInterrupt
        return closure()

    w.data.copy_(before)
    del calls[:]
    with pytest.raises(KeyboardInterrupt):
        optimizer.step(breaks)
    assert torch.equal(w, before)
    with pytest.raises(ValueError, match=r"closure .*Received: None"):
        optimizer.step()
    with pytest.raises(ValueError, match=r"rho .*Received: -1"):
        recipes("torch")["SAM"](base, rho=-1)


@pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
@pytest.mark.parametrize(
    ("rho", "adaptive", "eager"), [(0.5, False, False), (0.25, True, True)]
)
def test_sam_of_keras_follows_its_definition(rho, adaptive, eager):
    import keras

    x, y, w, _ = sam_problem()
    dense = keras.layers.Dense(1, use_bias=False, dtype="float64")
    model = keras.Sequential([keras.Input((3,), dtype="float64"), dense])
    dense.kernel.assign(w)
    model = recipes("keras")["SAM"](model, rho=rho, adaptive=adaptive)
    optimizer = keras.optimizers.SGD(0.0625, momentum=0.5)
    model.compile(optimizer, "mse", metrics=["mse"], run_eagerly=eager)
    first = model.train_on_batch(x, y, return_dict=True)
    model.fit(x, y, batch_size=6, epochs=19, verbose=0)
    got = keras.ops.convert_to_numpy(dense.kernel)
    np.testing.assert_allclose(got, walk_sam(rho, adaptive), rtol=0, atol=1e-6)
    assert int(model.optimizer.iterations) == 20
    # metrics are those of the weights, not of the neighbour
    assert abs(first["mse"] - ((x @ w - y) ** 2).mean()) < 1e-5


@pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
def test_sam_of_keras_comes_back_and_shows_batch_norm_one_pass(tmp_path):
    import keras

    def batch_norm():
        layer = keras.layers.BatchNormalization()
        head = keras.layers.Dense(1, kernel_initializer="ones")
        return layer, keras.Sequential([keras.Input((3,)), layer, head])

    x, y, *_ = sam_problem()
    plain, model = batch_norm()
    wrapped, inner = batch_norm()
    model.compile(keras.optimizers.SGD(0.0), "mse", run_eagerly=True)
    sam = recipes("keras")["SAM"](inner, rho=3.0)
    sam.compile(keras.optimizers.SGD(0.0), "mse", run_eagerly=True)
    sam.save(tmp_path / "sam.keras")
    again = keras.saving.load_model(tmp_path / "sam.keras")
    assert (again.rho, again.adaptive) == (3.0, False)
    before = [keras.ops.convert_to_numpy(v) for v in sam.trainable_variables]
    for v, old in zip(again.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(v), old)
    model.train_on_batch(x, y)
    sam.train_on_batch(x, y)
    for v, old in zip(sam.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(v), old)
    for mine, theirs in zip(
        wrapped.non_trainable_variables, plain.non_trainable_variables, strict=True
    ):
        np.testing.assert_allclose(
            *(keras.ops.convert_to_numpy(v) for v in (mine, theirs)), rtol=1e-6
        )
    with pytest.raises(ValueError, match=r"rho .*Received: -1"):
        recipes("keras")["SAM"](inner, rho=-1)


@pytest.mark.parametrize("wing", wings.WINGS)
def test_schedule_free_switches_to_the_average_and_back(wing):
    average = definition("schedule_free.schedule_free_average")
    case = setting(wing, "ScheduleFreeAdamW")
    weights, gradients = problem(case)
    step, y, state, zs = definition(case.optimizer), weights[0], {}, []
    for slopes in gradients[:9]:
        y, state = step(y, slopes[0], state, lr=case.lr, **case.kwargs)
        zs.append(state["z"])
    x = average(y, state, momentum=case.kwargs["betas"][0])
    # with a constant rate the average is the plain one
    np.testing.assert_allclose(x, np.mean(zs, axis=0), atol=1e-12)
    if wing == "torch":
        import torch

        w = torch.tensor(weights[0], requires_grad=True)
        scope = {**recipes("torch"), "params": [w], "lr": case.lr}
        optimizer = eval(case.torch, scope)
        for slopes in gradients[:9]:
            w.grad = torch.tensor(slopes[0])
            optimizer.step()
        read = w.detach().numpy
    else:
        import keras

        w = keras.Variable(weights[0], dtype="float64")
        optimizer = eval(case.keras, {**recipes("keras"), "lr": case.lr})
        for slopes in gradients[:9]:
            optimizer.apply([keras.ops.convert_to_tensor(slopes[0])], [w])
        read = partial(keras.ops.convert_to_numpy, w)
    for switch, want in (("eval", x), ("eval", x), ("train", y), ("train", y)):
        getattr(optimizer, switch)()
        np.testing.assert_allclose(read(), want, atol=1e-12)
    optimizer.eval()
    if wing == "torch":
        with pytest.raises(RuntimeError, match=r"Call train\(\) first"):
            optimizer.step()
    else:
        more = keras.ops.convert_to_tensor(gradients[9][0])
        optimizer.apply([more], [w])
        y, _ = step(y, gradients[9][0], state, lr=case.lr, **case.kwargs)
        np.testing.assert_allclose(read(), y, atol=1e-12)
        optimizer.finalize_variable_values([w])
        assert abs(read() - y).max() > 1e-3


@pytest.mark.skipif("torch" not in wings.WINGS, reason="needs PyTorch")
def test_centred_rmsprop_of_pytorch_ends_in_nan_and_ours_does_not():
    import torch

    broken = []
    twin = partial(recipes("torch")["TwinRMSprop"], lr=0.01, convention="torch")
    for make in (torch.optim.RMSprop, twin):
        w = torch.zeros(1000, requires_grad=True)
        optimizer = make([w], centered=True)
        # a slope that stays: the mean of squares less the square of the mean is 0
        w.grad = torch.linspace(0.1, 3, 1000)
        for _ in range(1500):
            optimizer.step()
        broken.append(bool(torch.isnan(w).any()))
    assert broken == [True, False]


@pytest.mark.skipif("torch" not in wings.WINGS, reason="needs PyTorch")
def test_ftrl_gives_exact_zeros_and_leaves_what_has_no_slope():
    import torch

    rng = np.random.default_rng(0)
    w = torch.zeros(8, dtype=torch.float64, requires_grad=True)
    optimizer = recipes("torch")["Ftrl"]([w], 0.5, l1=8.0)
    for _ in range(50):
        w.grad = torch.tensor(rng.normal(size=8) + np.where(np.arange(8) < 2, 1, 0))
        optimizer.step()
    assert (w[:2] != 0).all()
    assert (w[2:] == 0).sum() >= 4
    v = torch.ones(2, requires_grad=True)
    optimizer = recipes("torch")["Ftrl"]([v], 0.5, initial_accumulator_value=0.0)
    v.grad = torch.tensor([0.0, 1.0])
    optimizer.step()
    assert v.tolist() == [1.0, 0.5]


def make_torch(name, params):
    """Build a recipe of the torch wing with the options of its first case."""
    case = setting("torch", name)
    return eval(case.torch, {**recipes("torch"), "params": params, "lr": case.lr})


def train_torch(optimizer, weights, slopes):
    import torch

    for row in slopes:
        for w, g in zip(weights, row, strict=True):
            w.grad = None if g is None else torch.tensor(g).to(w.dtype)
        optimizer.step()


def torch_weights(dtype="float64"):
    import torch

    start, slopes = problem()
    kind = getattr(torch, dtype)
    return [torch.tensor(w).to(kind).requires_grad_() for w in start], slopes


@each_of_torch
def test_groups_go_their_own_ways(name):
    together, slopes = torch_weights()
    apart_, _ = torch_weights()
    pairs = zip(together, (0.5, 0.125), strict=True)
    groups = [{"params": [w], "lr": lr} for w, lr in pairs]
    train_torch(make_torch(name, groups), together, slopes[:5])
    for i, lr in enumerate((0.5, 0.125)):
        group = [{"params": [apart_[i]], "lr": lr}]
        train_torch(make_torch(name, group), [apart_[i]], [[s[i]] for s in slopes[:5]])
    for a, b in zip(together, apart_, strict=True):
        assert a.equal(b)


@each_of_torch
def test_a_weight_without_a_gradient_stays(name):
    import torch

    (one, two), slopes = torch_weights()
    before = two.detach().clone()
    optimizer = make_torch(name, [one, two])
    train_torch(optimizer, [one, two], [[s[0], None] for s in slopes[:3]])
    assert two.equal(before)
    assert two not in optimizer.state or not optimizer.state[two]
    # and it may come later
    train_torch(optimizer, [one, two], slopes[3:5])
    assert not two.equal(before)
    assert torch.isfinite(two).all()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@each_of_torch
def test_goes_on_from_a_file_bit_for_bit(name, dtype):
    import torch

    straight, slopes = torch_weights(dtype)
    train_torch(make_torch(name, straight), straight, slopes[:6])
    weights, _ = torch_weights(dtype)
    optimizer = make_torch(name, weights)
    train_torch(optimizer, weights, slopes[:3])
    file = io.BytesIO()
    torch.save([weights, optimizer.state_dict()], file)
    file.seek(0)
    weights, state = torch.load(file, weights_only=True)
    weights = [w.detach().requires_grad_() for w in weights]
    fresh = make_torch(name, weights)
    fresh.load_state_dict(state)
    train_torch(fresh, weights, slopes[3:6])
    for a, b in zip(straight, weights, strict=True):
        assert a.dtype == getattr(torch, dtype)
        assert torch.isfinite(a).all()
        assert a.equal(b)


@each_of_torch
def test_refuses_gradients_that_it_cannot_use(name):
    import torch

    w = torch.ones(3, 2, requires_grad=True)
    optimizer = make_torch(name, [w])
    w.grad = torch.eye(3)[:, :2].to_sparse()
    with pytest.raises(ValueError, match=r"dense and real.*Received: torch\.sparse"):
        optimizer.step()
    w = torch.ones(2, dtype=torch.complex64, requires_grad=True)
    optimizer = make_torch(name, [w])
    w.grad = torch.ones(2, dtype=torch.complex64)
    with pytest.raises(ValueError, match=r"dense and real.*Received: .*complex64"):
        optimizer.step()


@each_of_torch
def test_nan_stays_where_it_came_and_the_closure_is_called(name):
    import torch

    (one, two), slopes = torch_weights()
    optimizer = make_torch(name, [one, two])
    bad = slopes[0][0].copy()
    bad[0, 0] = np.nan
    train_torch(optimizer, [one, two], [[bad, slopes[0][1]], slopes[1]])
    broken = torch.isnan(one)
    # where a norm goes over the tensor, all of it
    assert broken.all() if name in ("Lamb", "LARS") else broken.sum() == 1
    assert broken[0, 0]
    assert torch.isfinite(two).all()

    def closure():
        assert torch.is_grad_enabled()
        return 1.5

    assert optimizer.step(closure) == 1.5


BAD = {
    **dict.fromkeys(("lr", "eps", "weight_decay"), (-1.0, math.nan, math.inf)),
    "betas": ((1.0, 0.9), (0.9, -0.1)),
    "momentum": (1.0, -0.5),
    "alpha": (1.0, -0.5),
    "convention": ("jax",),
    "trust_coefficient": (0.0, math.nan),
    **dict.fromkeys(("l1", "l2", "beta", "initial_accumulator_value"), (-1.0,)),
    **dict.fromkeys(("warmup_steps", "weight_lr_power"), (-1,)),
    # Keras' names
    **dict.fromkeys(("learning_rate", "epsilon"), (-1.0, math.nan)),
    **dict.fromkeys(("beta_1", "beta_2", "rho"), (1.0, -0.5)),
    "momentum_decay": (-1.0,),
}
# They switch something, there is nothing to refuse.
FLAGS = {"nesterov", "centered", "amsgrad", "bias_correction", "keep_start"}


@each_of_torch
def test_refuses_options_out_of_range(name):
    import torch

    cls = recipes("torch")[name]
    w = torch.ones(2, requires_grad=True)
    options = set(inspect.signature(cls).parameters) - {"params"} - FLAGS
    assert options <= BAD.keys()
    needed = {"lr": 0.5} | ({"convention": "torch"} if "Twin" in name else {})
    for option in options:
        for value in BAD[option]:
            text = rf"{option} must be .*Received: {re.escape(str(value))}"
            with pytest.raises(ValueError, match=text):
                cls([w], **{**needed, option: value})
            with pytest.raises(ValueError, match=text):
                cls([{"params": [w], option: value}], **needed)


def make_keras(name, /, **options):
    """Build a recipe of the Keras wing with the options of its first case."""
    case = setting("keras", name)
    return eval(
        f"{case.keras[:-1]}, **options)",
        {**recipes("keras"), "lr": case.lr, "options": options},
    )


def small_model():
    import keras

    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


def batches():
    rng = np.random.default_rng(1)
    return [
        tuple(rng.normal(size=(4, n)).astype("float32") for n in (3, 2))
        for _ in range(4)
    ]


@each_of_keras
def test_trains_saves_and_goes_on_bit_for_bit(name, tmp_path):
    import keras

    straight = small_model()
    straight.compile(make_keras(name), "mse", run_eagerly=True)
    for x, y in batches():
        straight.train_on_batch(x, y)
    model = small_model()
    model.compile(make_keras(name), "mse", run_eagerly=True)
    for x, y in batches()[:2]:
        model.train_on_batch(x, y)
    model.save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    assert type(model.optimizer) is recipes("keras")[name]
    for x, y in batches()[2:]:
        model.train_on_batch(x, y)
    for a, b in zip(straight.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
        assert np.isfinite(a).all()


@each_of_keras
def test_says_how_it_was_made(name):
    import keras

    one = make_keras(name, clipnorm=0.5, name="mine")
    config = one.get_config()
    made = setting("keras", name).keras
    again = keras.optimizers.deserialize(keras.optimizers.serialize(one))
    assert again.get_config() == config
    options = inspect.signature(recipes("keras")[name]).parameters.keys() - {"kwargs"}
    assert options | {"clipnorm", "name"} <= config.keys()
    for option in options:
        told = re.search(rf"{option}=([^,)]+)", made)
        assert not told or config[option] == eval(told[1])


@pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
def test_every_class_compiles_with_xla():
    import keras

    if backend() != "tensorflow":
        pytest.skip(
            "JAX has compiled all of the contract, PyTorch has another compiler"
        )
    import tensorflow as tf

    (start, _), slopes = problem()
    found = []
    for jit in (True, False):
        pairs = [
            (make_keras(name), keras.Variable(start, dtype="float64"))
            for name in OURS["keras"]
        ]
        for optimizer, v in pairs:
            optimizer.build([v])

        def step(g, pairs=tuple(pairs)):
            for optimizer, _ in pairs:
                optimizer.apply([g])

        walk = tf.function(step, jit_compile=True) if jit else step
        for row in slopes[:2]:
            walk(tf.constant(row[0]))
        found.append([keras.ops.convert_to_numpy(v) for _, v in pairs])
    np.testing.assert_allclose(*found, rtol=1e-9)


@each_of_keras
def test_options_of_the_base_class_work(name):
    import keras
    from keras import ops

    (start, _), slopes = problem()
    found = {}
    for key, options in {
        "plain": {},
        "clipped": {"clipnorm": 0.5},
        "ema": {"use_ema": True, "ema_momentum": 0.75},
    }.items():
        v = keras.Variable(start, dtype="float64")
        optimizer, walked = make_keras(name, **options), []
        for row in slopes[:3]:
            g = row[0]
            if key == "plain":
                g = g * min(1, 0.5 / np.linalg.norm(g))
            optimizer.apply([ops.convert_to_tensor(g)], [v])
            walked.append(ops.convert_to_numpy(v))
        found[key] = walked
        if key == "ema":
            mean = walked[0]
            for w in walked[1:]:
                mean = 0.75 * mean + 0.25 * w
            optimizer.finalize_variable_values([v])
            got = ops.convert_to_numpy(v)
            if name != "ScheduleFreeAdamW":  # which has an average of its own
                np.testing.assert_allclose(got, mean, atol=1e-6)
    np.testing.assert_allclose(found["clipped"], found["plain"], atol=1e-6)
    assert np.abs(np.subtract(found["plain"], found["ema"])).max() > 1e-6


@each_of_keras
def test_refuses_bad_options_in_keras_and_takes_half_precision(name):
    import keras
    from keras import ops

    cls = recipes("keras")[name]
    options = set(inspect.signature(cls).parameters) - {"kwargs"} - FLAGS
    assert options <= BAD.keys()
    needed = {"learning_rate": 0.125}
    needed |= {"convention": "torch"} if "Twin" in name else {}
    for option in options:
        for value in BAD[option]:
            text = rf"{option} must be .*Received: {re.escape(str(value))}"
            with pytest.raises(ValueError, match=text):
                cls(**{**needed, option: value})
    v = keras.Variable([[1.0, 2.0]], dtype="bfloat16")
    optimizer = cls(**needed)
    for _ in range(3):
        optimizer.apply([ops.ones((1, 2), dtype="bfloat16")], [v])
    got = ops.convert_to_numpy(ops.cast(v, "float32"))
    assert v.dtype == "bfloat16"
    assert np.isfinite(got).all()
    # LARS moves by a thousandth of their length
    assert (got != [[1.0, 2.0]]).all() or name == "LARS"
    broken = ops.convert_to_tensor(np.array([[math.nan, 1.0]], "float32"))
    optimizer.apply([ops.cast(broken, "bfloat16")], [v])
    assert np.isnan(ops.convert_to_numpy(ops.cast(v, "float32"))[0, 0])


def test_the_agreement_is_of_these_files():
    from tools import optimizer_agreement as agreement

    found = json.loads(agreement.FILE.read_text("utf-8"))
    assert found["sources"] == agreement.sources()
    settings = {(row["framework"], row["call"]) for row in found["settings"]}
    assert settings == {
        (framework, getattr(case, framework))
        for case in CASES
        for framework in FOLLOW
        if getattr(case, framework)
    }
    assert {row["optimizer"] for row in found["rows"]} == {
        row["optimizer"] for row in agreement.ROWS
    }
