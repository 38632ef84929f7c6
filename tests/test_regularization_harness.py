"""The contract of regularization is itself tested: planted bugs must make it fail."""

import numpy as np
import pytest

from tests import test_regularization as told
from tests import wings
from tests.regularization import LABELS
from tests.test_harness import Bug, broken, stand_in

BUGS = [
    Bug("torch/regularization/penalty", "w.square().sum()", "w.square().sum() / 2",
        "half of the square"),
    Bug("torch/regularization/penalty", "p.ndim > 1", "p.ndim > 0",
        "biases and norms are penalised"),
    Bug("torch/regularization/penalty", "p.requires_grad and", "",
        "what is frozen is counted"),
    Bug("torch/regularization/penalty", "torch.promote_types(w.dtype, torch.float32)",
        "w.dtype", "sums of half precision overflow"),
    Bug("torch/regularization/penalty", "w.sub_(w.clamp(-amount, amount))",
        "w.copy_(w.sign() * (w.abs() - amount))", "crosses 0"),
    Bug("torch/regularization/penalty", "w.sub_(w.clamp(-amount, amount))",
        "w.mul_(1 - amount)", "L2 in place of L1"),
    Bug("torch/regularization/orthogonal_penalty", ".fill_diagonal_(0)", "",
        "each unit with itself"),
    Bug("torch/regularization/orthogonal_penalty", "(len(rows) - 1)", "len(rows)",
        "a mean over too many pairs"),
    Bug("torch/regularization/orthogonal_penalty",
        "F.normalize(wide.flatten(1), dim=1)", "wide.flatten(1)",
        "the size of a unit counts"),
    Bug("torch/regularization/variational_dropout",
        "_mask(x[:, :1], self.rate, self.generator)\n        #",
        "_mask(x, self.rate, self.generator)\n        #", "a draw for every step"),
    Bug("torch/regularization/variational_dropout",
        "return torch.where(mask, x / (1 - self.rate), 0)",
        "return torch.where(mask, x, 0)", "not scaled"),
    Bug("torch/regularization/variational_dropout",
        "return torch.where(mask, x / (1 - self.rate), 0)",
        "return mask * x / (1 - self.rate)", "a dropped infinity is NaN"),
    Bug("torch/regularization/variational_dropout", "if x.ndim != 3:", "if False:",
        "whole examples are dropped"),
    Bug("torch/regularization/variational_dropout",
        "self._scale(h, self.recurrent_dropout)", "self._scale(h, self.dropout)",
        "one rate for both"),
    Bug("torch/regularization/variational_dropout",
        "like.expand(4, *like.shape), rate", "like[None], rate",
        "one mask for all gates"),
    Bug("torch/regularization/variational_dropout", "if shapes != [", "if False and [",
        "the state of one sequence for all"),
    Bug("torch/regularization/variational_dropout", "i, f, g, o = (step",
        "f, i, g, o = (step", "gates in another order"),
    Bug("torch/regularization/gaussian_noise", "self.rate / (1 - self.rate)",
        "self.rate * (1 - self.rate)", "another variance than dropout's"),
    Bug("torch/regularization/gaussian_noise", "x * (1 + stddev *", "x + (stddev *",
        "added, not multiplied"),
    Bug("torch/regularization/gaussian_noise",
        "if not self.training or self.stddev == 0:", "if self.stddev == 0:",
        "noise in inference"),
    Bug("torch/regularization/mc_dropout", 'if hasattr(module, "running_mean"):',
        "if False:", "the batch norm learns"),
    Bug("torch/regularization/mc_dropout", "module.training = training", "pass",
        "the model stays in training mode"),
    Bug("torch/regularization/mc_dropout", "buffer.copy_(value)", "pass",
        "the spectral norm moves"),
    Bug("keras/regularization/mc_dropout", "layer.trainable = False", "pass",
        "the batch norm learns"),
    Bug("keras/regularization/mc_dropout", "variable.trainable = False", "pass",
        "what was frozen is trained"),
    Bug("keras/regularization/mc_dropout", "layer.trainable = True", "pass",
        "the batch norm stays frozen"),
    Bug("keras/regularization/mc_dropout",
        "model(inputs, training=True) for _ in range(samples)",
        "model(inputs, training=True)] * samples + [", "one draw, many times"),
    Bug("torch/regularization/balanced_sampling", "rest, replace=False",
        "rest, replace=True", "drawn with replacement"),
    Bug("torch/regularization/balanced_sampling", "self.epoch += 1", "pass",
        "every epoch is the first"),
    Bug("torch/regularization/balanced_sampling", "return rng.permutation(",
        "return (", "sorted by class"),
    Bug("keras/regularization/balanced_sampling", "self.set_epoch(self.epoch + 1)",
        "pass", "every epoch is the first"),
    Bug("keras/regularization/balanced_sampling", "self.y[some]",
        "self.y[: len(some)]", "targets of other examples"),
    Bug("keras/regularization/balanced_sampling", "return -(-self.size",
        "return (self.size", "the last batch is lost"),
]  # fmt: skip

STRENGTHS = {"l1": 0.5, "l2": 0.25}
NOISES = (
    ("GaussianNoise", "stddev", "gaussian_noise"),
    ("GaussianDropout", "rate", "gaussian_dropout"),
)


def rng():
    return np.random.default_rng(0)


def contract(file: str, wing: str):
    """Yield every check that the contract makes of one recipe in one wing."""
    if file == "penalty":
        yield lambda: told.test_penalty_is_that_of_the_weights_alone(STRENGTHS)
        yield lambda: told.test_penalty_of_half_precision_does_not_overflow("float16")
        yield told.test_penalty_leaves_out_what_is_frozen_and_counts_shared_weights_once
        yield lambda: told.test_shrink_is_its_definition_and_spares_biases("float64")
    elif file == "orthogonal_penalty":
        check = told.test_orthogonal_penalty_is_the_mean_cosine
        yield lambda: check((4, 2, 3, 3), rng())
        yield told.test_orthogonal_penalty_refuses_what_has_no_pairs
    elif file == "variational_dropout":
        yield lambda: told.test_variational_dropout_has_one_mask_for_all_steps(
            "float32", rng()
        )
        yield told.test_variational_dropout_keeps_the_mean_and_ends_with_the_training
        yield lambda: told.test_variational_lstm_without_dropout_is_the_lstm(rng())
        yield lambda: told.test_variational_lstm_is_its_definition((0.5, 0.4), rng())
        yield told.test_variational_lstm_refuses_other_shapes
    elif file == "gaussian_noise":
        for names in NOISES:
            yield lambda n=names: told.test_noise_is_its_definition(
                *n, "float32", rng()
            )
        yield told.test_gaussian_dropout_has_the_moments_of_dropout
    elif file == "mc_dropout":
        yield lambda: told.test_monte_carlo_draws_and_leaves_the_model_as_it_was(wing)
        yield lambda: told.test_monte_carlo_refuses_what_does_not_draw(wing)
        if wing == "torch":
            yield told.test_monte_carlo_does_not_move_a_spectral_norm
    else:
        check = told.test_every_class_comes_as_often_and_every_example_as_told
        for mode in ("over", "under", "same"):
            yield lambda m=mode: check(wing, m, LABELS)
        yield lambda: told.test_the_sampler_refuses(
            wing, LABELS, {"mode": "both"}, "mode .*Received: 'both'"
        )


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


def test_every_recipe_has_a_planted_bug():
    planted = {bug.path for bug in BUGS}
    for wing in ("torch", "keras"):
        for file in wings.files(wing, "regularization"):
            assert f"{wing}/regularization/{file}" in planted
