"""What goes wrong with schedules. The page prints each body as a snippet."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def cosine_rises_again():
    """Half as long again as said: PyTorch's cosine is back at half of the rate.

    `CosineAnnealingLR` is a wave and goes on as one. Keras' stays at the end, as
    `WarmupCosine` does.
    """
    import math

    import torch

    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)
    for _ in range(150):
        optimizer.step()
        schedule.step()
    wrong = optimizer.param_groups[0]["lr"]
    right = (1 + math.cos(math.pi * min(150 / 100, 1))) / 2
    return Shown(wrong, right)


def keras_does_not_count_the_warmup():
    """100 steps, 20 of them warm-up: the last of them is far from the end.

    `decay_steps` of Keras begins after the warm-up, as `T_max` within `SequentialLR`
    does; optax' `decay_steps` and `steps` of `WarmupCosine` count all of it.
    """
    import keras

    rates = []
    for decay_steps in (100, 100 - 20):
        schedule = keras.optimizers.schedules.CosineDecay(
            0.0, decay_steps, warmup_target=1.0, warmup_steps=20
        )
        rates.append(float(schedule(99)))
    wrong, right = rates
    return Shown(wrong, right)


def a_first_step_at_rate_zero():
    """A warm-up from 0: the first batch is read, and teaches nothing.

    `step / warmup_steps` is 0 at step 0. Begin at the first stair, at `1 / (w + 1)`.
    """
    import keras

    moved = []
    for first in (0.0, 1 / 5):
        weight = keras.Variable(0.0)
        rate = keras.optimizers.schedules.CosineDecay(
            first, 100, warmup_target=1.0, warmup_steps=4
        )
        keras.optimizers.SGD(rate).apply([keras.ops.ones(())], [weight])
        moved.append(abs(float(weight)))
    wrong, right = moved
    return Shown(wrong, right, "vanishes")


def stepped_once_per_epoch():
    """A schedule of 1000 steps, moved on once per epoch of 100: hardly used.

    Steps or epochs: `T_max`, `total_steps` and the like count calls of `step()`. Write
    it after `optimizer.step()`, within the loop over batches, and give it batches.
    """
    import torch

    ends = []
    for calls in (10, 1000):
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=1000)
        for _ in range(calls):
            optimizer.step()
            schedule.step()
        ends.append(optimizer.param_groups[0]["lr"])
    wrong, right = ends
    return Shown(wrong, right)


def the_schedule_before_the_optimizer():
    """`schedule.step()` first: the highest rate is never used.

    PyTorch warns, once. Here what the first of three steps moves by.
    """
    import warnings

    import torch

    moved = []
    for first in (True, False):
        weight = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([weight], lr=1.0)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
        weight.grad = torch.ones(1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if first:
                schedule.step()
            optimizer.step()
        moved.append(-weight.item())
    wrong, right = moved
    return Shown(wrong, right, "factor", 0.5)


def accumulation_does_not_slow_the_schedule():
    """100 batches in groups of 4, a schedule of 25 updates: over after a quarter.

    With `gradient_accumulation_steps` Keras' `iterations` counts updates, and its
    schedules are given batches. Here the rate after half of the batches.
    """
    import keras

    rates = []
    for decay_steps in (100 // 4, 100):
        weight = keras.Variable(0.0)
        schedule = keras.optimizers.schedules.CosineDecay(1.0, decay_steps)
        optimizer = keras.optimizers.SGD(schedule, gradient_accumulation_steps=4)
        for _ in range(50):
            optimizer.apply([keras.ops.ones(())], [weight])
        rates.append(float(optimizer.learning_rate))
    wrong, right = rates
    return Shown(wrong, right, "vanishes")


def the_saved_schedule_wins():
    """Resumed with twice the steps, and after half of them the rate is 0.

    What PyTorch saves of a schedule has its options too, and `load_state_dict` puts
    the old ones back. `WarmupCosine` keeps the place alone.
    """
    import torch

    from dlcookbook.torch.schedules.warmup_cosine import WarmupCosine

    rates = []
    for make in (torch.optim.lr_scheduler.CosineAnnealingLR, WarmupCosine):
        before = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        after = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        saved, resumed = make(before, 100), make(after, 200)
        for _ in range(50):
            before.step()
            saved.step()
        resumed.load_state_dict(saved.state_dict())
        after.load_state_dict(before.state_dict())
        for _ in range(50):
            after.step()
            resumed.step()
        rates.append(after.param_groups[0]["lr"])
    wrong, right = rates
    return Shown(wrong, right)


def one_cycle_moves_the_momentum():
    """`OneCycleLR` sets the momentum as well: 0.9 was given, 0.95 it is.

    And 0.85 at the summit; with Adam it is the first beta. `cycle_momentum=False`
    leaves it alone, as Keras' recipe does.
    """
    import torch

    kept = []
    for moves in (True, False):
        weight = torch.nn.Parameter(torch.zeros(1))
        optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
        torch.optim.lr_scheduler.OneCycleLR(
            optimizer, 0.1, total_steps=100, cycle_momentum=moves
        )
        kept.append(optimizer.param_groups[0]["momentum"])
    wrong, right = kept
    return Shown(wrong, right)


def polynomial_of_keras_ends_at_its_own_rate():
    """Fine-tuning from 2e-5: Keras' `PolynomialDecay` rises to five times the rate.

    `end_learning_rate` is 1e-4 where none is given, whatever the first rate. Here the
    last rate as a share of the first.
    """
    import keras

    rate = 2e-5
    decay = keras.optimizers.schedules.PolynomialDecay
    wrong = float(decay(rate, 100)(100)) / rate
    right = float(decay(rate, 100, end_learning_rate=0.0)(100)) / rate
    return Shown(wrong, right)


def piecewise_of_keras_is_a_step_late():
    """A boundary of 50 in Keras: step 50 still has the old rate.

    PyTorch's and optax' milestones are the first step of the new one. Give Keras one
    less.
    """
    import keras

    piecewise = keras.optimizers.schedules.PiecewiseConstantDecay
    wrong = float(piecewise([50], [1.0, 0.1])(50))
    right = float(piecewise([49], [1.0, 0.1])(50))
    return Shown(wrong, right)


def plateau_of_negative_values():
    """The loss is negative and gets worse: PyTorch takes that for progress.

    A threshold relative to -10 lies above -10. `threshold_mode="abs"` is right for
    every sign. Here the rate after ten epochs of it.
    """
    import torch

    rates = []
    for mode in ("rel", "abs"):
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, patience=4, threshold_mode=mode
        )
        for epoch in range(10):
            schedule.step(-10 + 0.0005 * epoch)
        rates.append(optimizer.param_groups[0]["lr"])
    wrong, right = rates
    return Shown(wrong, right)


def plateau_begins_with_nan():
    """The first value is NaN, then all gets better: Keras cuts and cuts.

    NaN is kept as the best, and nothing is smaller than it. PyTorch and the recipe
    count it as no progress.
    """
    import warnings

    import keras

    from dlcookbook.keras.schedules.reduce_on_plateau import ReduceOnPlateau

    rates = []
    for make in (keras.callbacks.ReduceLROnPlateau, ReduceOnPlateau):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(1.0), "mse")
        callback = make("loss", mode="min", patience=2)
        callback.set_model(model)
        callback.on_train_begin()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for epoch, loss in enumerate([float("nan"), 5.0, 4.0, 3.0, 2.0]):
                callback.on_epoch_end(epoch, {"loss": loss})
        rates.append(float(model.optimizer.learning_rate))
    wrong, right = rates
    return Shown(wrong, right)


def plateau_of_a_metric_that_is_not_there():
    """`val_loss` is watched and there is no validation: the rate stays.

    Keras warns after every epoch. The recipe is an error, after the first.
    """
    import warnings

    import keras

    cuts = []
    for logs in ({"loss": 1.0}, {"loss": 1.0, "val_loss": 1.0}):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(1.0), "mse")
        callback = keras.callbacks.ReduceLROnPlateau("val_loss", patience=2)
        callback.set_model(model)
        callback.on_train_begin()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for epoch in range(4):
                callback.on_epoch_end(epoch, dict(logs))
        cuts.append(1 - float(model.optimizer.learning_rate))
    wrong, right = cuts
    return Shown(wrong, right, "vanishes")


def patience_is_one_more_in_torch():
    """A patience of 3: Keras cuts after three epochs without progress, PyTorch four.

    Here the epochs until the first cut, the one that set the best value included.
    """
    import keras
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=3)
    wrong = 0
    while optimizer.param_groups[0]["lr"] == 1.0:
        schedule.step(1.0)
        wrong += 1
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    callback = keras.callbacks.ReduceLROnPlateau("loss", patience=3)
    callback.set_model(model)
    callback.on_train_begin()
    right = 0
    while float(model.optimizer.learning_rate) == 1.0:
        callback.on_epoch_end(right, {"loss": 1.0})
        right += 1
    return Shown(wrong, right)


def a_cooldown_of_one_is_none_in_keras():
    """`cooldown=1`: Keras rests for no epoch at all.

    It counts the rest down before it asks whether it rests: one epoch fewer than said.
    PyTorch and the recipe rest for as many. Here the epochs from cut to cut.
    """
    import keras

    from dlcookbook.keras.schedules.reduce_on_plateau import ReduceOnPlateau

    between = []
    for make in (keras.callbacks.ReduceLROnPlateau, ReduceOnPlateau):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(1.0), "mse")
        callback = make("loss", mode="min", patience=2, cooldown=1)
        callback.set_model(model)
        callback.on_train_begin()
        rates = []
        for epoch in range(12):
            callback.on_epoch_end(epoch, {"loss": 1.0})
            rates.append(float(model.optimizer.learning_rate))
        cuts = [e for e in range(1, 12) if rates[e] < rates[e - 1]]
        between.append(cuts[1] - cuts[0])
    wrong, right = between
    return Shown(wrong, right)


def restarts_of_keras_double():
    """A period of 20: PyTorch is up again at step 40, Keras halfway down.

    Keras doubles the period where `t_mul` is not given, PyTorch keeps it.
    """
    import keras

    restarts = keras.optimizers.schedules.CosineDecayRestarts
    wrong = float(restarts(1.0, 20)(40))
    right = float(restarts(1.0, 20, t_mul=1.0)(40))
    return Shown(wrong, right)


def linear_lr_starts_at_a_third():
    """`LinearLR(optimizer)` as a warm-up: it begins at a third, and takes five steps.

    `start_factor` is 1/3 and `total_iters` 5 where they are not given. Here the first
    rate of a warm-up of ten steps.
    """
    import torch

    firsts = []
    for options in ({}, {"start_factor": 1 / 11, "total_iters": 10}):
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        torch.optim.lr_scheduler.LinearLR(optimizer, **options)
        firsts.append(optimizer.param_groups[0]["lr"])
    wrong, right = firsts
    return Shown(wrong, right)


def the_range_test_was_trained_on():
    """The training goes on with the weights that the range test left.

    The last rates threw them far away. Put back what was there before: the recipe does.
    Here the loss that the training starts from.
    """
    import copy

    import torch

    torch.manual_seed(0)
    x = torch.randn(64, 4, dtype=torch.float64)
    y = x.sum(1, keepdim=True)
    model = torch.nn.Linear(4, 1, dtype=torch.float64)
    before = copy.deepcopy(model.state_dict())
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    for step in range(100):
        optimizer.param_groups[0]["lr"] = 1e-4 * 10 ** (step / 5)
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        if loss > 100:
            break
    wrong = torch.nn.functional.mse_loss(model(x), y).item()
    model.load_state_dict(before)
    right = torch.nn.functional.mse_loss(model(x), y).item()
    return Shown(wrong, right)
