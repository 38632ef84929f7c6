"""The contract of the schedules is itself tested: planted bugs must make it fail."""

import pytest

from tests import test_schedules as told
from tests import wings
from tests.schedules.cases import CASES
from tests.test_harness import Bug, broken, stand_in

BUGS = [
    Bug("torch/schedules/warmup_cosine", "min(done, 1)", "done",
        "the wave rises again"),
    Bug("torch/schedules/warmup_cosine", "1 / (warmup_steps + 1) if",
        "0.0 if", "the first step is wasted"),
    Bug("torch/schedules/warmup_cosine", "(self.steps - self.warmup_steps)\n",
        "self.steps\n", "the warm-up is counted twice"),
    Bug("torch/schedules/warmup_cosine", "if k not in options", "",
        "the saved options win"),
    Bug("torch/schedules/warmup_cosine", "for rate in self.base_lrs",
        "for rate in self.base_lrs[:1] * len(self.base_lrs)", "one rate for all"),
    Bug("torch/schedules/warmup_stable_decay", "min(max((", "min(abs((",
        "comes down twice"),
    Bug("torch/schedules/warmup_stable_decay", "1 - math.sqrt(done)",
        "math.sqrt(1 - done)", "another root"),
    Bug("torch/schedules/warmup_stable_decay", "warmup_steps + decay_steps)", "1)",
        "parts longer than the whole"),
    Bug("torch/schedules/inverse_sqrt", "math.sqrt(self.warmup_steps / step)",
        "math.sqrt(1 / (step - self.warmup_steps + 1))", "counts from the summit"),
    Bug("torch/schedules/inverse_sqrt", 'options = ("warmup_steps", "start")',
        "options = ()", "the saved options win"),
    Bug("torch/schedules/range_test", "copy.deepcopy((model, optimizer))",
        "model, optimizer", "the model itself is trained"),
    Bug("torch/schedules/range_test", "copy.deepcopy((model, optimizer))",
        "copy.deepcopy(model), copy.deepcopy(optimizer)", "two copies, not one"),
    Bug("torch/schedules/range_test", "torch.random.fork_rng(devices=list(places))",
        "torch.enable_grad()", "the random numbers go on"),
    Bug("torch/schedules/range_test", "share * rates[-1]", "rates[-1]",
        "one rate for all groups"),
    Bug("torch/schedules/range_test", "/ (1 - smoothing ** (t + 1))", "",
        "the mean starts from 0"),
    Bug("torch/schedules/range_test", "if math.isfinite(loss) else math.inf",
        "if True else math.inf", "NaN is the lowest"),
    Bug("torch/schedules/range_test", "not math.isfinite(total) or ", "",
        "goes on after NaN"),
    Bug("keras/schedules/one_cycle", "self.warmup * self.steps - 1",
        "self.warmup * self.steps", "the summit a step later"),
    Bug("keras/schedules/one_cycle", "ops.clip((t - top) / (self.steps - 1 - top), "
        "0.0, 1.0)", "(t - top) / (self.steps - 1 - top)", "goes on after the end"),
    Bug("keras/schedules/one_cycle", '"start", "end", "shape")', '"start", "end")',
        "a saved model forgets its shape"),
    Bug("keras/schedules/one_cycle", '@keras.saving.register_keras_serializable('
        'package="dlcookbook")\n', "", "a saved model does not load"),
    Bug("keras/schedules/warmup_stable_decay", "(t - self.steps) / self.decay_steps",
        "(t + 1 - self.steps) / self.decay_steps", "down a step too early"),
    Bug("keras/schedules/warmup_stable_decay", "max(self.warmup_steps, 1)",
        "(self.warmup_steps + 1)", "the climb never arrives"),
    Bug("keras/schedules/inverse_sqrt", 'ops.cast(step, "float32")', "step",
        "steps stay integers"),
    Bug("keras/schedules/inverse_sqrt", "ops.sqrt(self.warmup_steps /",
        "ops.sqrt(1.0 /",
        "the fall is from another place"),
    Bug("keras/schedules/reduce_on_plateau", "math.isfinite(value) and ", "",
        "minus infinity is the best"),
    Bug("keras/schedules/reduce_on_plateau", "self.waited >= self.patience",
        "self.waited > self.patience", "waits for one epoch more"),
    Bug("keras/schedules/reduce_on_plateau", "abs(self.best)", "self.best",
        "relative to a negative value"),
    Bug("keras/schedules/reduce_on_plateau", "if better or self.resting",
        "if better", "no rest"),
    Bug("keras/schedules/reduce_on_plateau", "max(rate * self.factor, lowest)",
        "rate * self.factor", "no lowest rate"),
    Bug("keras/schedules/reduce_on_plateau", "if self.monitor not in logs:",
        "if self.monitor not in logs and False:", "a metric that is not there"),
    Bug("keras/schedules/range_test", "variable.assign(value)", "pass",
        "nothing is put back"),
    Bug("keras/schedules/range_test", "ops.copy(variable.value)", "variable.value",
        "what is kept is the variable itself"),
    Bug("keras/schedules/range_test", "*optimizer.variables, ", "",
        "the optimizer is not put back"),
    Bug("keras/schedules/range_test", "optimizer.learning_rate = rates[-1]", "pass",
        "the rate stays"),
]  # fmt: skip


def contract(file: str, wing: str):
    """Yield every check that the contract makes of one recipe in one wing."""
    names = wings.module(wing, "schedules", file).__all__
    for case in CASES:
        if getattr(case, wing).startswith(tuple(f"{name}(" for name in names)):
            yield lambda c=case: told.test_every_step_has_the_rate_of_the_definition(
                c, wing
            )
    if file == "range_test":
        yield lambda: told.test_range_test_refuses_options_out_of_range(wing)
        yield lambda: told.test_range_test_walks_as_its_definition(wing)
        if wing == "torch":
            yield lambda: told.test_range_test_of_pytorch_leaves_no_trace(False)
            yield told.test_range_test_of_pytorch_keeps_proportions_and_refuses
        else:
            yield told.test_range_test_of_keras_leaves_no_trace
    elif file == "reduce_on_plateau":
        for options in told.PLATEAUS:
            yield (
                lambda o=options: (
                    told.test_plateau_of_every_framework_follows_the_definition(
                        o, "min"
                    )
                )
            )
        yield told.test_plateau_relative_to_the_size_of_the_best
        yield told.test_plateau_says_what_it_cannot_do
    elif wing == "torch":
        [name] = names
        yield lambda: told.test_groups_keep_their_own_rates_in_numbers_and_in_tensors(
            name
        )
        yield lambda: told.test_pytorch_refuses_options_out_of_range(name)
        yield lambda: places(name)
    else:
        [name] = names
        yield lambda: told.test_keras_refuses_options_out_of_range(name)
        yield (
            lambda: told.test_keras_takes_steps_of_every_kind_and_says_how_it_was_made(
                name
            )
        )
        yield lambda: registered(name)


def places(name):
    """Assert that a schedule of PyTorch saves no option."""
    from tests.schedules import recipes, torch_optimizer

    options = told.TORCH[name]
    saved = recipes("torch")[name](torch_optimizer(), **options).state_dict()
    assert not set(options) & set(saved)


def registered(name):
    """Assert that a schedule of Keras is found by its name alone."""
    import keras

    from tests.schedules import recipes

    known = keras.saving.get_custom_objects()
    assert known[f"dlcookbook>{name}"] is recipes("keras")[name]


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: f"{b.path}: {b.why}")
def test_planted_bug_is_killed(bug, monkeypatch):
    wing, _, file = bug.path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    assert not stand_in(bug.path, broken(bug), contract(file, wing), monkeypatch)


# Some of them: each check has passed for each recipe in its own test.
@pytest.mark.parametrize("path", sorted({b.path for b in BUGS})[::3])
def test_without_a_bug_the_contract_is_silent(path, monkeypatch):
    wing, _, file = path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    code = (wings.PACKAGE / f"{path}.py").read_text()
    assert stand_in(path, code, contract(file, wing), monkeypatch)
