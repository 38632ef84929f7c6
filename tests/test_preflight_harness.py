"""The contract of preflight is itself tested: a planted bug hides a fault from it."""

import pytest

from tests import wings
from tests.test_harness import Bug, broken, stand_in
from tests.test_preflight import KERAS, TORCH, finding
from tools import preflight_evidence as evidence

# Each hides the fault that it is named after.
BUGS = [
    Bug("torch/training/preflight", "_size(x) <= 10 and", "_size(x) <= 1000 and",
        "pictures from 0 to 255"),
    Bug("torch/training/preflight", "y < outputs.shape[case.axis]",
        "y <= outputs.shape[case.axis]", "classes from 1 to 10"),
    Bug("torch/training/preflight",
        "good = math.isclose(same, case.first, rel_tol=1e-4)", "pass",
        "targets (N,), outputs (N, 1)"),
    Bug("torch/training/preflight", "else 1.5)", "else 150)", "weights of deviation 1"),
    Bug("torch/training/preflight", "ratio < 1e4", "ratio > 1e4",
        "twelve layers of sigmoid"),
    Bug("torch/training/preflight", "size <= 1e-6 *", "size < 1e-6 *",
        "dead ReLU"),
    Bug("torch/training/preflight", "if gradient is None\n", "if False\n",
        "a layer that no output uses"),
    Bug("torch/training/preflight", "low < 0 if", "low <= 0 if",
        "ReLU after the last layer"),
    Bug("torch/training/preflight", "apart < 0.25 and not slow", "apart < 0.25",
        "BatchNorm with slow averages"),
    Bug("torch/training/preflight", "return not deaf and not", "return not",
        "outputs that ignore their inputs"),
    Bug("torch/training/preflight", "drops[case.lr] >= 0.002", "True",
        "Adam at a rate of 1e-8"),
    Bug("torch/training/preflight", "better >= 95", "better >= 0",
        "labels of the next input"),
    Bug("keras/training/preflight", "else 1.5)", "else 150)", "weights of deviation 1"),
    Bug("keras/training/preflight", "[-_array(velocity) for",
        "[0 * _array(velocity) + 1 for", "dead ReLU"),
    Bug("keras/training/preflight", "gradient.reshape(-1, gradient.shape[-1]).T",
        "gradient.reshape(-1, gradient.shape[-1]) * 0 + 1", "dead ReLU"),
    Bug("keras/training/preflight", "else x, training=training)",
        "else x, training=True)", "scaled in training mode alone"),
]  # fmt: skip


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: f"{bug.path}: {bug.why}")
def test_planted_bug_is_killed(bug, monkeypatch):
    wing = bug.path.partition("/")[0]
    pytest.importorskip(wing)
    check = {"torch": TORCH, "keras": KERAS}[wing][bug.why]

    def contract():
        found = finding(wing, evidence.faults(wing)[bug.why][1](0), check)
        assert not found.passed

    assert not stand_in(bug.path, broken(bug), [contract], monkeypatch)


def test_a_bug_that_is_healed_survives(monkeypatch):
    path = "torch/training/preflight"
    code = (wings.PACKAGE / f"{path}.py").read_text()
    for bug in BUGS:
        if bug.path == path:
            assert bug.old in code
    assert stand_in(path, code, [lambda: None], monkeypatch)
