"""The contract is itself tested: bugs planted in the recipes must make it fail.

A planted bug is a text replacement in a recipe file. The broken source is compiled
into a module that stands in for the real one while the contract runs over it.
"""

import contextlib
import importlib
import types
from dataclasses import dataclass

import pytest

from tests import test_losses, wings
from tests.losses import Case

PLANTED = "planted"


@dataclass(frozen=True)
class Bug:
    """One way to break a recipe: `old` becomes `new` in `wing/topic/file.py`."""

    path: str
    old: str
    new: str
    why: str


BUGS = [
    Bug("torch/losses/focal", "gamma * F.log", "1.001 * gamma * F.log", "gamma off"),
    Bug("torch/losses/focal", "alpha * loss, (1 - alpha) * loss",
        "(1 - alpha) * loss, alpha * loss", "alpha swapped"),
    Bug("torch/losses/focal", "F.logsigmoid(margin)", "torch.log(margin.sigmoid())",
        "log of a sigmoid"),
    Bug("torch/losses/focal", "torch.exp(gamma * F.logsigmoid(-margin))",
        "(1 - margin.sigmoid()) ** gamma", "power outside the logs"),
    Bug("torch/losses/focal", "torch.exp(gamma * others)",
        "torch.exp(gamma * others).detach()", "focus detached"),
    Bug("torch/losses/focal", "(positive, wide, -wide)", "(positive, -wide, wide)",
        "sign flipped"),
    Bug("torch/losses/focal", "if logits.shape != targets.shape:", "if False:",
        "shape check removed"),
    Bug("torch/losses/focal", "torch.promote_types(logits.dtype, torch.float32)",
        "torch.float32", "float64 computed in float32"),
    Bug("torch/losses/focal", "return loss.to(logits.dtype)", "return loss",
        "half precision returned as float32"),
    Bug("torch/losses/focal", "gamma: float = 2.0", "gamma: float = 1.5",
        "another default"),
    Bug("torch/losses/focal", "positive = targets == 1", "positive = targets > 1",
        "label test wrong"),
    Bug("torch/losses/focal", ".all():", ".any():", "one good label excuses the rest"),
    Bug("torch/losses/focal", "0 <= targets.min() <= targets.max() < classes",
        "targets.max() < classes", "negative label wraps around"),
    Bug("torch/losses/focal", "scatter(1, index, -torch.inf)",
        "scatter(1, index, -10.0)", "mask too weak"),
    Bug("keras/losses/focal", "ops.exp(gamma * ops.log_sigmoid(-margin))",
        "ops.exp(gamma * ops.log_sigmoid(margin))", "focus on the easy labels"),
    Bug("keras/losses/focal", "ops.log_softmax(wide, axis=-1)",
        "ops.log(ops.softmax(wide, axis=-1) + 1e-7)", "epsilon in the log"),
    Bug("keras/losses/focal", "if tuple(y_true.shape) != tuple(y_pred.shape):",
        "if False:", "shape check removed"),
    Bug("keras/losses/focal", "ops.where(valid, loss, float(\"nan\"))", "loss",
        "bad label counted as class 0"),
    Bug("keras/losses/focal", "labels >= 0", "labels >= -1", "label -1 accepted"),
    Bug("keras/losses/focal",
        "    y_true: KerasTensor,\n    y_pred: KerasTensor,",
        "    y_pred: KerasTensor,\n    y_true: KerasTensor,", "arguments swapped"),
    Bug("torch/losses/cross_entropy", "label_smoothing / classes",
        "label_smoothing / (classes - 1)", "smoothing spread over the others"),
    Bug("torch/losses/cross_entropy", "torch.where(q == 0, 0, q * log_p)", "(q*log_p)",
        "0 log 0 is not a number"),
    Bug("torch/losses/dice", "wide.sigmoid().flatten(1).sum(dim=1) + volume + smooth",
        "wide.sigmoid().flatten(1).sum(dim=1) + volume", "smooth forgotten below"),
    Bug("torch/losses/dice", "torch.where(positive, -wide, wide).sigmoid()",
        "(wide.sigmoid() - positive.to(wide)).abs()", "1 - p where p rounds to 1"),
    Bug("torch/losses/quantile", "level * error, (level - 1) * error",
        "(1 - level) * error, -level * error", "quantile swapped"),
    Bug("torch/losses/triplet", "other = ~torch.eye(", "other = torch.eye(",
        "an anchor is its own positive"),
    Bug("torch/losses/triplet", 'compute_mode="donot_use_mm_for_euclid_dist"',
        'compute_mode="use_mm_for_euclid_dist"', "distance by a matrix product"),
    Bug("torch/losses/giou", ".clamp(min=0)", "", "negative overlap of far boxes"),
    Bug("torch/losses/giou", "(hull - union) / torch.where(hull > 1e-37, hull, 1)",
        "(hull - union) / hull", "0 / 0 without a hull"),
    Bug("keras/losses/dice", "+ volume + smooth", "+ volume", "smooth forgotten below"),
    Bug("keras/losses/quantile", "level * error, (level - 1) * error",
        "(1 - level) * error, -level * error", "quantile swapped"),
]  # fmt: skip


def broken(bug: Bug) -> str:
    """Return the source of the recipe with the bug in it."""
    source = (wings.PACKAGE / f"{bug.path}.py").read_text()
    assert bug.old in source, f"{bug.path} has no {bug.old!r}: renew the bug"
    return source.replace(bug.old, bug.new)


def contract(file: str, wing: str):
    """Yield every check that the contract makes of one recipe in one wing."""
    yield lambda: test_losses.test_every_function_has_a_case_and_the_same_options(file)
    cases: list[tuple[str, Case]] = [
        (f"losses/{file}.{case.function}", case)
        for case in importlib.import_module(f"tests.losses.{file}").CASES
    ]
    for name, case in cases:
        for dtype in wings.DTYPES:
            yield (
                lambda n=name, c=case, d=dtype: (
                    test_losses.test_value_dtype_and_shape_equal_the_definition(
                        n, c, wing, d
                    )
                )
            )
        for refusal in case.refusals:
            yield (
                lambda n=name, c=case, r=refusal: (
                    test_losses.test_refuses_what_would_be_silently_wrong(n, c, r, wing)
                )
            )
        for extreme in case.extremes:
            for dtype in wings.DTYPES:
                yield (
                    lambda n=name, c=case, e=extreme, d=dtype: (
                        test_losses.test_extremes_equal_arbitrary_precision(
                            n, c, e, wing, d
                        )
                    )
                )
        if case.smooth:
            yield (
                lambda n=name, c=case: (
                    test_losses.test_gradient_is_the_slope_of_the_definition(n, c, wing)
                )
            )


def survives(path: str, code: str, file: str, wing: str, monkeypatch) -> bool:
    """Tell whether no check of the contract of losses complains about the code."""
    return stand_in(path, code, contract(file, wing), monkeypatch)


def stand_in(path: str, code: str, checks, monkeypatch) -> bool:
    """Let the code stand in for a recipe; run checks to the first complaint."""
    module, real = types.ModuleType(PLANTED), wings.module
    monkeypatch.setattr(
        wings,
        "module",
        lambda w, topic, name: (
            module if f"{w}/{topic}/{name}" == path else real(w, topic, name)
        ),
    )
    with registered_as_before():
        exec(compile(code, path, "exec"), module.__dict__)
        for check in checks:
            try:
                check()
            except (Exception, pytest.fail.Exception):
                return False
    return True


@contextlib.contextmanager
def registered_as_before():
    """Keep a planted class from being the one that a saved model finds later."""
    if "keras" not in wings.WINGS:
        yield
        return
    import keras

    registered = keras.saving.get_custom_objects()
    before = dict(registered)
    try:
        yield
    finally:
        # a recipe that was first imported within stays known
        for name, found in list(registered.items()):
            if found.__module__ == PLANTED:
                del registered[name]
                registered.update({n: x for n, x in before.items() if n == name})


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: f"{b.path}: {b.why}")
def test_planted_bug_is_killed(bug, monkeypatch):
    wing, _, file = bug.path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    assert not survives(bug.path, broken(bug), file, wing, monkeypatch)


@pytest.mark.parametrize("path", sorted({b.path for b in BUGS}))
def test_without_a_bug_the_contract_is_silent(path, monkeypatch):
    wing, _, file = path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    code = (wings.PACKAGE / f"{path}.py").read_text()
    assert survives(path, code, file, wing, monkeypatch)
