"""The contract of the training step is itself tested: planted bugs must fail it."""

import pytest

from tests import test_steps as told
from tests import wings
from tests.test_harness import Bug, broken, stand_in

BUGS = [
    Bug("torch/steps/adaptive_clip", "limit / norm, 1.0)", "norm / limit, 1.0)",
        "ratio inverted"),
    Bug("torch/steps/adaptive_clip", "range(1, x.ndim)", "range(x.ndim)",
        "the whole matrix is one unit"),
    Bug("torch/steps/adaptive_clip", "torch.where(norm.isfinite(), share, torch.nan)",
        "share", "an infinity becomes 0"),
    Bug("torch/steps/adaptive_clip", ".clamp(min=eps)", "", "a unit at 0 stays there"),
    Bug("torch/steps/param_groups", "p.ndim > 1 and id(p) not in exempt",
        "p.ndim > 1", "a norm of two axes decays"),
    Bug("torch/steps/param_groups", "        if not p.requires_grad:\n"
        "            continue\n", "", "frozen weights are trained"),
    Bug("torch/steps/param_groups", 'name.startswith(f"{a}.")', "name.startswith(a)",
        "blocks.1 takes blocks.10"),
    Bug("torch/steps/param_groups", "len(layers) - 1 - depth", "depth",
        "the first layer is the fastest"),
    Bug("torch/steps/param_groups", "max(fitting, key=len)", "fitting[0]",
        "the first that fits counts"),
    Bug("torch/steps/accumulate", "loss * (weight / total)", "loss / len(parts)",
        "a mean of means"),
    Bug("torch/steps/accumulate", "if weight == 0:", "if False:",
        "an empty part is 0 / 0"),
    Bug("torch/steps/accumulate", "backward(share)", "share.backward()",
        "the scaler is left out"),
    Bug("torch/steps/ema", "1 - decay)\n", "decay)\n", "the shares are swapped"),
    Bug("torch/steps/ema", "(decay - decay**t) / (1 - decay**t)", "1 - decay / t",
        "another correction"),
    Bug("torch/steps/ema", "min(decay, (1 + t) / (10 + t))", "(1 + t) / (10 + t)",
        "the warm-up never ends"),
    Bug("torch/steps/ema", "torch.promote_types(x.dtype, torch.float32)", "x.dtype",
        "an average in bfloat16"),
    Bug("torch/steps/ema", "saved = [x.detach().clone() for x in now]",
        "saved = [x.detach() for x in now]", "the weights are lost"),
    Bug("torch/steps/ema", "        finally:\n", "        except ZeroDivisionError:\n",
        "no way back"),
    Bug("torch/steps/ema", "{name: x.clone() for name, x in self.average.items()}",
        "dict(self.average)", "a saved state goes on"),
    Bug("torch/steps/ema", "if self.average_buffers:", "if True:",
        "buffers are always averaged"),
    Bug("keras/steps/adaptive_clip", "range(len(g.shape) - 1)", "range(1, 2)",
        "units along the wrong axis"),
    Bug("keras/steps/adaptive_clip", "full_like(share, float(\"nan\"))",
        "full_like(share, 0.0)", "a NaN becomes 0"),
    Bug("keras/steps/adaptive_clip", 'getattr(variable, "name", "") == "embeddings"',
        "False", "columns of an embedding"),
    Bug("keras/steps/accumulate", "ops.zeros_like(g), g * weight",
        "ops.zeros_like(g), g", "a mean of means"),
    Bug("keras/steps/accumulate", "size * (i + 1) // self.parts",
        "size // self.parts * (i + 1)", "the rest of a batch is lost"),
    Bug("keras/steps/accumulate", '"parts": self.parts', '"parts": 1',
        "a saved model forgets its parts"),
    Bug("keras/steps/swa", "if epoch < self.start:", "if epoch <= self.start:",
        "one epoch too late"),
    Bug("keras/steps/swa", "(w - m) / self.taken", "(w - m) / 2", "a moving average"),
    Bug("keras/steps/swa", "norm.momentum = seen / (seen + 1)", "norm.momentum = 0.0",
        "the last batch alone"),
    Bug("keras/steps/swa", "self.taken, self.means = 0, []", "pass",
        "an earlier fit counts"),
]  # fmt: skip


def contract(file: str, wing: str, request):
    """Yield checks of one recipe in one wing, the quick ones first."""
    rng = wings.np.random.default_rng
    if file == "adaptive_clip":
        yield lambda: told.test_adaptive_clip_follows_its_definition(
            wing, "float64", rng(0)
        )
        yield lambda: told.test_adaptive_clip_shows_what_is_not_finite(wing)
        if wing == "keras":
            yield told.test_adaptive_clip_of_keras_matches_lists_and_works_in_fit
    elif file == "param_groups":
        yield told.test_every_weight_is_in_one_group_and_only_matrices_decay
        yield told.test_embeddings_can_be_spared_also_where_they_are_shared
        yield told.test_rates_of_layers_follow_their_definition
    elif file == "accumulate" and wing == "torch":
        for size, kind in ((2, "examples"), (1, "tokens")):
            yield (
                lambda n=size, k=kind: (
                    told.test_accumulate_is_the_gradient_of_the_large_batch(
                        n, k, rng(0)
                    )
                )
            )
        yield told.test_accumulate_hands_over_to_a_scaler_and_refuses_bad_weights
    elif file == "accumulate":
        folder = request.getfixturevalue("tmp_path")
        yield lambda: told.test_accumulate_of_keras_comes_back_from_a_file(folder)
        double = request.getfixturevalue("double")
        yield lambda: told.test_accumulate_of_keras_trains_as_the_large_batch(
            5, True, double, rng(0)
        )
    elif file == "ema":
        for option in ({}, {"warmup": True}, {"debias": True}):
            for decay in (0.25, 0.9):
                yield (
                    lambda o=option, d=decay: (
                        told.test_ema_follows_its_definition_and_comes_back(
                            {"decay": d} | o
                        )
                    )
                )
        yield told.test_ema_of_half_precision_is_kept_in_float32
        yield told.test_ema_loses_no_weights_whatever_happens
        yield told.test_ema_continues_exactly_from_a_file
        yield lambda: told.test_ema_treats_buffers_as_it_was_told(False)
    else:
        yield (
            lambda: (
                told.test_swa_is_the_mean_of_the_last_epochs_with_batch_norm_made_anew(
                    rng(0)
                )
            )
        )


double = told.double


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: f"{b.path}: {b.why}")
def test_planted_bug_is_killed(bug, monkeypatch, request):
    wing, _, file = bug.path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    checks = contract(file, wing, request)
    assert not stand_in(bug.path, broken(bug), checks, monkeypatch)


# Some of them: each check has passed for each recipe in its own test.
@pytest.mark.parametrize("path", sorted({b.path for b in BUGS})[::3])
def test_without_a_bug_the_contract_is_silent(path, monkeypatch, request):
    wing, _, file = path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    code = (wings.PACKAGE / f"{path}.py").read_text()
    assert stand_in(path, code, contract(file, wing, request), monkeypatch)


def test_every_recipe_has_a_planted_bug():
    paths = {
        f"{wing}/steps/{file}"
        for wing in ("torch", "keras")
        for file in wings.files(wing, "steps")
    }
    assert {bug.path for bug in BUGS} == paths
