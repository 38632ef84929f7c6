"""The contract of the layers is itself tested: planted bugs must make it fail."""

import pytest

from tests import test_layers as told
from tests import wings
from tests.test_harness import Bug, broken, stand_in

BUGS = [
    Bug("torch/layers/same_conv", "missing // 2, missing - missing // 2",
        "missing - missing // 2, missing // 2", "an odd zero stands before"),
    Bug("torch/layers/same_conv", "d * (k - 1) + 1 - n", "k - n", "holes forgotten"),
    Bug("keras/layers/same_conv", "(p, p) for p", "(0, 2 * p) for p",
        "all zeros stand behind"),
    Bug("torch/layers/same_conv_transpose", "max(k - s, 0) // 2", "(k - s + 1) // 2",
        "cropped before"),
    Bug("keras/layers/same_conv_transpose", "max(s - k, 0) + p - o", "p - o",
        "a kernel shorter than the stride"),
    Bug("torch/layers/same_pool", ", value=-torch.inf", "",
        "a zero outside is the largest"),
    Bug("torch/layers/same_pool", ") / inside)", "))", "zeros outside count"),
    Bug("keras/layers/same_pool", "constant_values=value", "constant_values=0.0",
        "a zero outside is the largest"),
    Bug("torch/layers/resize", "-0.5 if tf", "-0.75 if tf", "torch's cubic"),
    Bug("keras/layers/resize", "((index >= 0) & (index < n)) if tf",
        "1 if tf", "the edge is repeated"),
    Bug("torch/layers/masked_attention", "y.masked_fill(empty, 0.0)", "y",
        "nothing is kept: the mean"),
    Bug("keras/layers/masked_attention", "ops.where(some, weights @ wide[2], 0.0)",
        "weights @ wide[2]",
        "nothing is kept: the mean"),
    Bug("keras/layers/masked_attention", "query.shape[-1] ** -0.5",
        "query.shape[-2] ** -0.5", "scaled by another axis"),
    Bug("keras/layers/batch_norm", "(wide - mean) * scale", "wide * scale",
        "the mean stays"),
    Bug("keras/layers/batch_norm", "x.shape[-1] != self.num_features", "False",
        "one channel is stretched to all"),
    Bug("keras/layers/weight_norm", "(self.length / self._size(direction))",
        "self.length", "the length of the direction counts"),
    Bug("keras/layers/same_conv", "tuple(bias.shape) != (outs,)", "False",
        "a bias is stretched"),
    Bug("torch/layers/same_conv_transpose", "bias.shape != weight.shape[1:2]", "False",
        "a bias is stretched"),
    Bug("keras/layers/same_pool", 'not hasattr(n, "__index__") or n < 1', "False",
        "half a step"),
    Bug("keras/layers/resize", 'not keras.backend.is_float_dtype(kind)', "False",
        "bytes are weighted by zeros"),
    Bug("torch/layers/variance_scaling", "    _check(kernel=kernel, convention"
        "=convention)\n    if len", "    if len", "an unknown kernel is a dense one"),
    Bug("keras/layers/masked_attention", "len(sizes) > len(wanted) or not fits", "0",
        "a mask makes more of the scores"),
    Bug("torch/layers/frozen_batch_norm", "if not frozen:", "if False:",
        "nothing is frozen and nothing said"),
]  # fmt: skip


def contract(file: str, wing: str):
    """Yield every check that the contract makes of one recipe in one wing."""
    refused = told.test_a_recipe_refuses_what_would_be_silently_wrong
    for refusal in told.REFUSALS:
        if refusal.recipe.startswith(f"{wing}/{file}."):
            yield lambda r=refusal: refused(r)
    run = {"torch": told.by_torch, "keras": told.by_keras}[wing]
    for family in told.FAMILIES:
        for case in family.cases():
            if case.recipe == file:
                yield (
                    lambda c=case: (
                        told.test_value_and_gradient_are_those_of_the_definition(c, run)
                    )
                )


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: f"{b.path}: {b.why}")
def test_planted_bug_is_killed(bug, monkeypatch):
    wing, _, file = bug.path.split("/")
    assert not stand_in(bug.path, broken(bug), contract(file, wing), monkeypatch)


@pytest.mark.parametrize("path", sorted({b.path for b in BUGS}))
def test_without_a_bug_the_contract_is_silent(path, monkeypatch):
    wing, _, file = path.split("/")
    code = (wings.PACKAGE / f"{path}.py").read_text()
    assert stand_in(path, code, contract(file, wing), monkeypatch)
