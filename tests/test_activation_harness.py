"""The contract of the activations is itself tested: planted bugs must make it fail."""

import pytest

from tests import test_activations as told
from tests import wings
from tests.test_harness import Bug, broken, stand_in

BUGS = [
    Bug("keras/activations/elu", "ops.expm1(ops.where(wide > 0, ops.zeros_like(wide), "
        "wide))\n    return ops.cast(ops.where(wide > 0, wide, left), x.dtype)",
        "(ops.exp(ops.where(wide > 0, ops.zeros_like(wide), wide)) - 1)\n"
        "    return ops.cast(ops.where(wide > 0, wide, left), x.dtype)",
        "exp(x) - 1 next to 0"),
    Bug("keras/activations/elu", "1.6732632423543772848", "1.67326",
        "a constant cut short"),
    Bug("torch/activations/gelu", "0.5 * torch.erfc(-0.7071067811865476 * wide)",
        "0.5 * (1 + torch.erf(0.7071067811865476 * wide))", "cancels in the tail"),
    Bug("keras/activations/gelu", "0.044715 * wide**3", "0.44715 * wide**3",
        "a point in the wrong place"),
    Bug("keras/activations/mish", 'in ("float16", "bfloat16")', 'in ("float16",)',
        "bfloat16 is not widened"),
    Bug("torch/activations/softplus", "F.logsigmoid(-beta * wide) / -beta",
        "F.softplus(wide, beta)", "a straight line from a threshold on"),
    Bug("torch/activations/squareplus", "torch.where(left, -wide, wide)", "wide.abs()",
        "no slope at 0"),
    Bug("keras/activations/squareplus", "ops.where(left, 0.25 * b / far, far)",
        "0.5 * (root + wide)", "cancels far left"),
    Bug("torch/activations/sparsemax", "(torch.where(taken, near, 0).sum",
        "(torch.where(taken, near, 0).detach().sum", "a threshold without a gradient"),
    Bug("keras/activations/sparsemax", "rank * falling > ", "falling > ",
        "the support is too small"),
    Bug("torch/activations/softmax", ".masked_fill(empty, 0)", "",
        "a masked row is 0 / 0"),
    Bug("keras/activations/softmax", "wide = wide / temperature", "wide = wide + 0",
        "the temperature is lost"),
    Bug("torch/activations/glu", "a, b = b, a", "pass",
        "the gate is always the second"),
    Bug("keras/activations/glu", '"silu": lambda b: b * ops.sigmoid(b)',
        '"silu": ops.sigmoid', "two gates are one"),
    Bug("torch/activations/gelu", "not isinstance(approximate, bool)", "False",
        "'none' is true"),
    Bug("keras/activations/sparse_plus", "ops.where(wide >= 1, 1.0, 0.5 * wide + 0.5)",
        "ops.where(wide < 1, 0.5 * wide + 0.5, 1.0)", "a NaN becomes 1"),
    Bug("torch/activations/sparsemax", "near.isnan().any", "near.isinf().any",
        "a NaN becomes 0"),
    Bug("keras/activations/silu", "tuple(y.shape) != tuple(x.shape)", "False",
        "beta makes more of x"),
    Bug("torch/activations/squareplus", "not x.is_floating_point()", "False",
        "integers are rounded"),
    Bug("keras/activations/rrelu", "(self.lower + self.upper) / 2", "self.lower",
        "the lower end in inference"),
    Bug("keras/activations/rrelu", "if training:", "if not training:",
        "draws in inference"),
]  # fmt: skip


def contract(file: str, wing: str):
    """Yield every check that the contract makes of one recipe in one wing."""
    cases = [
        p.values for p in told.CASES if p.values[0].startswith(f"activations/{file}.")
    ]
    for name, case in cases:
        row = not told.is_single(pytest.param(name, case))
        check = (
            told.test_rows_and_their_gradients_equal_the_definition
            if row
            else told.test_value_and_gradient_equal_the_definition
        )
        if not told.is_recipe(pytest.param(name, case)):
            continue
        for dtype in wings.DTYPES:
            yield lambda n=name, c=case, d=dtype, f=check: f(n, c, wing, d)
        for refusal in case.refusals:
            yield (
                lambda n=name, r=refusal: (
                    told.test_refuses_what_would_be_silently_wrong(n, r, wing)
                )
            )
        yield lambda n=name: told.test_integers_are_never_rounded_in_silence(n, wing)
        yield lambda n=name: told.test_a_nan_is_never_lost(n, wing)
    if file == "rrelu":
        yield lambda: told.test_rrelu_draws_in_training_alone("float32")
    if file == "softmax":
        yield lambda: told.test_a_row_without_a_score_is_0_and_its_gradient_too(wing)


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: f"{b.path}: {b.why}")
def test_planted_bug_is_killed(bug, monkeypatch):
    wing, _, file = bug.path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    assert not stand_in(bug.path, broken(bug), contract(file, wing), monkeypatch)


@pytest.mark.parametrize("path", sorted({b.path for b in BUGS}))
def test_without_a_bug_the_contract_is_silent(path, monkeypatch):
    wing, _, file = path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    code = (wings.PACKAGE / f"{path}.py").read_text()
    assert stand_in(path, code, contract(file, wing), monkeypatch)
