"""The contract of the metrics is itself tested: planted bugs must make it fail."""

import pytest

from tests import test_metrics as told
from tests import wings
from tests.test_harness import Bug, broken, stand_in

BUGS = [
    Bug("numpy/metrics/confusion_matrix", "self.counts + other.counts", "other.counts",
        "a worker is forgotten"),
    Bug("numpy/metrics/confusion_matrix",
        "(mine := getattr(self, name)) != (theirs := getattr(other, name))", "False",
        "a merge that compares nothing"),
    Bug("torch/metrics/confusion_matrix", "true * classes + predicted, weight",
        "predicted * classes + true, weight", "rows and columns swapped"),
    Bug("keras/metrics/confusion_matrix", "weight = ops.where(known, weight, 1.0)",
        "weight = ops.where(known, weight, 0.0)", "bad labels are dropped in silence"),
    Bug("numpy/metrics/roc_auc", '("left", "right")', '("left", "left")',
        "a tie counts as a loss"),
    Bug("numpy/metrics/r2", "residual / np.where(equal, 1, square)",
        "residual / square", "0 / 0 of equal targets"),
    Bug("torch/metrics/accuracy", "(scores > mine)", "(scores >= mine)",
        "a score outranks itself"),
    Bug("torch/metrics/accuracy", "/ equal).clamp(0, 1)", ").clamp(0, 1)",
        "a tie counts as won"),
    Bug("torch/metrics/accuracy", '("k", "ties", "ignore_index")', '("k", "ties")',
        "an option that merge forgets"),
    Bug("keras/metrics/mean_iou", "(theirs := other.options[name]) != mine", "False",
        "a merge that compares nothing"),
    Bug("keras/metrics/mean_iou", "counts[1] + counts[2] - counts[0]",
        "counts[1] + counts[2]", "what is shared counts twice"),
    Bug("keras/metrics/mean_iou", "kept = ops.ones_like(known) if ignore is None else",
        "kept = ops.ones_like(known) if True else", "ignored pixels count"),
]  # fmt: skip


def contract(file: str, wing: str):
    """Yield every check that the contract makes of one recipe in one wing."""
    yield lambda: told.test_every_function_has_a_case_a_definition_and_the_same_options(
        wing, file
    )
    for case in told.cases_of(file):
        yield lambda c=case: told.test_value_equals_the_definition(wing, file, c)
        for refusal in case.refusals:
            yield (
                lambda c=case, r=refusal: (
                    told.test_refuses_what_would_be_silently_wrong(wing, file, c, r)
                )
            )
        if case.weighted:
            yield (
                lambda c=case: (
                    told.test_a_weight_of_two_is_a_repetition_and_of_zero_an_absence(
                        wing, file, c
                    )
                )
            )
        if case.metric:
            yield lambda c=case: told.test_workers_merge_with_the_same_options_alone(
                wing, file, c
            )
            yield lambda c=case: told.test_batches_and_workers_add_up_to_the_whole(
                wing, file, c
            )


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: f"{b.path}: {b.why}")
def test_planted_bug_is_killed(bug, monkeypatch):
    wing, _, file = bug.path.split("/")
    if wing not in wings.METRIC_WINGS:
        pytest.skip(f"{wing} is not installed")
    assert not stand_in(bug.path, broken(bug), contract(file, wing), monkeypatch)


@pytest.mark.parametrize("path", sorted({b.path for b in BUGS}))
def test_without_a_bug_the_contract_is_silent(path, monkeypatch):
    wing, _, file = path.split("/")
    if wing not in wings.METRIC_WINGS:
        pytest.skip(f"{wing} is not installed")
    code = (wings.PACKAGE / f"{path}.py").read_text()
    assert stand_in(path, code, contract(file, wing), monkeypatch)
