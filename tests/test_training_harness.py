"""The contract of the training recipes is itself tested: planted bugs make it fail."""

import tempfile
from pathlib import Path

import pytest

from tests import test_training_loop as told
from tests import wings
from tests.test_harness import Bug, broken, stand_in

BUGS = [
    Bug("torch/training/fit", "for number in range(done):", "for number in range(0):",
        "what is done is done again"),
    Bug("torch/training/fit", "SeedSequence([seed, epoch])", "SeedSequence([seed])",
        "every epoch has one order"),
    Bug("torch/training/fit", "SeedSequence([seed, epoch])",
        "SeedSequence([seed + epoch])", "the seeds share their epochs"),
    Bug("torch/training/fit", "np.random.set_state(states[1])", "pass; (states[1])",
        "passing over moves the random numbers"),
    Bug("torch/training/fit", "gather((total.item(), fine))", "gather((0.0, fine))",
        "the mean of a resumed epoch"),
    Bug("torch/training/fit", "            total = torch.zeros_like(total)\n", "",
        "losses of all epochs add up"),
    Bug("torch/training/fit", "scaler.unscale_(optimizer)", "pass",
        "clips what is scaled"),
    Bug("torch/training/fit", "value.detach() * len(targets)", "value.detach()",
        "batches count alike"),
    Bug("torch/training/fit", "total.isfinite(), *weights", "total.isfinite()",
        "weights are not looked at"),
    Bug("torch/training/fit", "total.isfinite(), *weights", "*weights",
        "the loss is not looked at"),
    Bug("torch/training/fit", "    model.eval()\n", "", "validates with dropout"),
    Bug("torch/training/fit", "    model.train(mode)\n", "", "stays in eval mode"),
    Bug("torch/training/fit", "stopping.update(row, judged)",
        "stopping.update(row, None)", "best weights are not kept"),
    Bug("torch/training/checkpoint", "temporary.replace(path)",
        "path.write_bytes(temporary.read_bytes())", "not atomic"),
    Bug("torch/training/checkpoint", "            os.fsync(stream.fileno())\n", "",
        "the name is there before the file"),
    Bug("torch/training/checkpoint", "if broken := archive.testzip():", "if False:",
        "flipped bits are loaded"),
    Bug("torch/training/checkpoint", "weights_only=True)", "weights_only=False)",
        "code of a file is run"),
    Bug("torch/training/checkpoint", "good[:-keep]", "good[:-keep - 1]",
        "one more is kept"),
    Bug("torch/training/checkpoint", "for file in _files(folder) if zipfile",
        "for file in folder.glob('*') if not zipfile", "deletes what is not its own"),
    Bug("torch/training/checkpoint", 'random.setstate(state["python"])', "pass",
        "Python's numbers are forgotten"),
    Bug("torch/training/checkpoint", "elif kinds[name] != kind:", "elif False:",
        "another kind of optimizer is taken"),
    Bug("torch/training/early_stopping", "value < self.value - self.min_delta",
        "not value >= self.value - self.min_delta", "NaN is the best"),
    Bug("torch/training/early_stopping", "value > self.value + self.min_delta",
        "value > self.value - self.min_delta", "min_delta has the wrong sign"),
    Bug("torch/training/early_stopping", "self.wait >= self.patience",
        "self.wait > self.patience", "one epoch too long"),
    Bug("keras/training/early_stopping", "value < self.value - self.min_delta",
        "not value >= self.value - self.min_delta", "NaN is the best"),
    Bug("keras/training/early_stopping", "self.wait = 0 if better else",
        "self.wait = self.wait if better else", "patience never comes back"),
    Bug("keras/training/checkpoint", "for at, v in enumerate(moments)]",
        "for at, v in ()]", "the optimizer is left out"),
    Bug("keras/training/checkpoint", "(self.seed, self.epoch)", "self.seed",
        "every epoch has one order"),
    Bug("keras/training/checkpoint", "self.data.epoch = epoch", "pass",
        "the order starts again"),
    Bug("keras/training/checkpoint", "finite and math.isfinite(loss)", "True",
        "NaN is saved"),
    Bug("keras/training/checkpoint", "temporary.replace(path)",
        "path.write_bytes(temporary.read_bytes())", "not atomic"),
]  # fmt: skip


class Patch:
    """As pytest's monkeypatch, for a check that wants one."""

    def __init__(self):
        self.patch = pytest.MonkeyPatch()

    def __call__(self, check, *arguments):
        with self.patch.context() as patch:
            check(*arguments, Path(tempfile.mkdtemp()), patch)


def folder():
    """Return an empty folder."""
    return Path(tempfile.mkdtemp())


def contract(file, wing):
    """Yield every check that the contract makes of one recipe in one wing."""
    if file == "early_stopping":
        check = told.test_early_stopping_takes_the_best_and_stops_in_time
        for case in told.CASES:
            yield lambda c=case, check=check: check(wing, *c)
    elif file == "checkpoint":
        order = told.test_the_file_and_the_folder_reach_the_disk_before_the_name_counts
        yield lambda: Patch()(order, wing)
        if wing == "keras":
            yield told.test_shuffled_arrays_have_every_example_once_in_their_own_order
            check = told.test_keras_goes_on_bit_for_bit_from_the_end_of_any_epoch
            yield lambda: check(2, folder())
            nan = told.test_nan_stops_keras_and_never_gets_into_a_checkpoint
            yield lambda: nan(folder())
            return
        whole = told.test_a_checkpoint_gives_back_every_number_and_the_random_ones
        kept = told.test_the_last_good_ones_are_kept_and_nothing_else_is_touched
        damaged = told.test_a_damaged_file_is_passed_over_and_the_one_before_it_taken
        yield lambda: whole(wing, folder())
        yield lambda: kept(wing, folder())
        yield lambda: damaged(wing, "bit", folder())
        yield lambda: told.test_another_optimizer_is_refused(folder())
        yield lambda: told.test_a_file_of_code_is_not_run(folder())
    else:
        check = told.test_it_goes_on_bit_for_bit_from_any_checkpoint
        yield lambda: check(3, False, folder())
        yield told.test_each_epoch_has_another_order_and_a_seed_is_a_seed
        yield told.test_the_loop_does_what_ten_lines_by_hand_do
        yield told.test_best_weights_remain_and_it_stops
        for what in ("gradient", "scaled"):
            nan = told.test_nan_stops_it_and_never_gets_into_a_checkpoint
            yield lambda w=what, nan=nan: nan(w, folder())
        yield told.test_evaluating_is_without_dropout_and_counts_examples
        yield told.test_what_is_clipped_is_not_scaled


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("bug", BUGS, ids=lambda b: f"{b.path}: {b.why}")
def test_planted_bug_is_killed(bug, monkeypatch):
    wing, _, file = bug.path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    assert not stand_in(bug.path, broken(bug), contract(file, wing), monkeypatch)


# That of Keras' checkpoints passes in its own tests.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "path", sorted({b.path for b in BUGS} - {"keras/training/checkpoint"})
)
def test_without_a_bug_the_contract_is_silent(path, monkeypatch):
    wing, _, file = path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    code = (wings.PACKAGE / f"{path}.py").read_text()
    assert stand_in(path, code, contract(file, wing), monkeypatch)
