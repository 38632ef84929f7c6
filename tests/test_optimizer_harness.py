"""The contract of the optimizers is itself tested: planted bugs must make it fail."""

import tempfile
from pathlib import Path

import pytest

from tests import test_optimizers as told
from tests import wings
from tests.optimizers.cases import CASES
from tests.test_harness import Bug, broken, stand_in

BUGS = [
    Bug("torch/optimizers/lion", "1 - first)\n", "1 - second)\n",
        "one beta for step and memory"),
    Bug("torch/optimizers/lion", "move.sign()), alpha=lr", "move.sign()), alpha=-lr",
        "uphill"),
    Bug("torch/optimizers/lion", "torch.where(move.isnan(), move, move.sign())",
        "move.sign()", "NaN is taken for 0"),
    Bug("torch/optimizers/lamb", "own / other)", "other / own)", "ratio inverted"),
    Bug("torch/optimizers/lamb", "(mean / first)", "(mean / 1.0)",
        "no correction of the mean"),
    Bug("torch/optimizers/lamb", '.sqrt_().add_(group["eps"])',
        '.add_(group["eps"]).sqrt_()', "epsilon inside the root"),
    Bug("torch/optimizers/lars", "slope + decay * own", "slope",
        "the decay is missing from the ratio"),
    Bug("torch/optimizers/lars", 'mul_(group["lr"])\n', 'mul_(1.0)\n',
        "the rate is lost"),
    Bug("torch/optimizers/adabelief", "off = g - mean", "off = g",
        "plain Adam"),
    Bug("torch/optimizers/adabelief", ".add_(eps)\n                p.mul_",
        "\n                p.mul_", "no epsilon in the mean"),
    Bug("torch/optimizers/adabelief", 'p.mul_(1 - lr * group["weight_decay"])',
        'g = g.add(p, alpha=group["weight_decay"])', "coupled instead of decoupled"),
    Bug("torch/optimizers/ftrl", "linear.clamp(-l1, l1) - linear", "-linear",
        "no exact zeros"),
    Bug("torch/optimizers/ftrl", "torch.where(weight == 0, p, new)", "new", "0 / 0"),
    Bug("torch/optimizers/schedule_free", "p.lerp_(z, share).lerp_(z, 1 - first)",
        "p.lerp_(z, share)", "the average is trained"),
    Bug("torch/optimizers/schedule_free", "1 - first if training else 1 - 1 / first",
        "1 - first", "eval() is not the inverse of train()"),
    Bug("torch/optimizers/schedule_free", 'state["z"] = 0, p.clone()',
        'state["z"] = 0, p.detach()', "z is the weight itself"),
    Bug("torch/optimizers/sam", "p.copy_(old)",
        "p.sub_(s * s * p.grad * (self.rho / norm).to(p))",
        "taken off again, not restored"),
    Bug("torch/optimizers/sam", "torch.stack([n.double() for n in norms]).norm()",
        "norms[0]", "a norm for one tensor"),
    Bug("torch/optimizers/twin_sgd", "g.add(buffer, alpha=momentum) if",
        "g.add(buffer, alpha=1) if", "Nesterov with the wrong factor"),
    Bug("torch/optimizers/twin_sgd", "g = g.add(p, alpha=decay)",
        "p.mul_(1 - lr * decay)", "decoupled as in the other framework"),
    Bug("torch/optimizers/twin_rmsprop", "(spread + eps).sqrt_() if keras",
        "spread.sqrt().add_(eps) if keras", "epsilon outside in both"),
    Bug("torch/optimizers/twin_adam", '        g, state = _gradient(p), self.state[p]',
        '        g, state = _gradient(p), self.state[group["params"][0]]',
        "one state for all weights"),
    Bug("torch/optimizers/twin_adam", "1 - b ** state", "1 - 0 * b ** state",
        "no bias correction"),
    Bug("keras/optimizers/radam", "length > 5, ops.sqrt", "length > 4, ops.sqrt",
        "divides one step too early"),
    Bug("keras/optimizers/radam", "(ops.sqrt(ops.cast(square, wide)) + self.epsilon)",
        "(ops.sqrt(ops.cast(square, wide) + self.epsilon))", "epsilon inside the root"),
    Bug("keras/optimizers/nadam", "then / (1 - product * then)", "now / (1 - product)",
        "no look ahead"),
    Bug("keras/optimizers/adabelief", "ops.square(g - mean)", "ops.square(g)",
        "plain Adam"),
    Bug("keras/optimizers/lars", "self.trust_coefficient * ratio",
        "self.trust_coefficient / ratio", "ratio inverted"),
    Bug("keras/optimizers/lars", '"weight_decay": self.l2', '"weight_decay": None',
        "a saved model forgets its decay"),
    Bug("keras/optimizers/schedule_free", "total + weight)", "weight)",
        "no average at all"),
    Bug("keras/optimizers/sam", "self.descend()\n            self.optimizer.apply",
        "self.optimizer.apply", "steps from the neighbour"),
    Bug("keras/optimizers/sam", "            v.assign(value)\n            return logs",
        "            pass\n            return logs", "both passes are counted"),
    Bug("keras/optimizers/twin_sgd", "(lr, 1.0) if", "(1.0, lr) if",
        "the rate is in no buffer"),
    Bug("keras/optimizers/twin_rmsprop", "spread - ops.square(mean)", "spread",
        "not centred"),
    Bug("keras/optimizers/twin_adam", "root / ops.sqrt(second) + self.epsilon",
        "(root + self.epsilon) / ops.sqrt(second)", "epsilon before the correction"),
]  # fmt: skip


def contract(file: str, wing: str):
    """Yield every check that the contract makes of one recipe in one wing."""
    [name] = wings.module(wing, "optimizers", file).__all__
    for case in CASES:
        if getattr(case, wing).startswith(f"{name}("):
            yield lambda c=case: told.test_follows_its_definition(c, wing)
    if name == "SAM":
        if wing == "torch":
            yield lambda: told.test_sam_of_pytorch_follows_its_definition(0.5, False)
            yield told.test_sam_of_pytorch_comes_back_exactly_and_shares_all
        else:
            yield lambda: told.test_sam_of_keras_follows_its_definition(
                0.25, True, True
            )
            with tempfile.TemporaryDirectory() as folder:
                check = told.test_sam_of_keras_comes_back_and_shows_batch_norm_one_pass
                yield lambda: check(Path(folder))
        return
    if name == "ScheduleFreeAdamW":
        yield lambda: told.test_schedule_free_switches_to_the_average_and_back(wing)
    if wing == "torch":
        if name == "Ftrl":
            yield told.test_ftrl_gives_exact_zeros_and_leaves_what_has_no_slope
        for check in (
            told.test_groups_go_their_own_ways,
            told.test_a_weight_without_a_gradient_stays,
            told.test_nan_stays_where_it_came_and_the_closure_is_called,
            told.test_refuses_options_out_of_range,
        ):
            yield lambda f=check: f(name)
    else:
        yield lambda: told.test_says_how_it_was_made(name)
        yield lambda: told.test_options_of_the_base_class_work(name)


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
