"""Preflight finds each planted fault, is silent without one, and changes nothing."""

import json
import math
import random
import re
import types
import warnings
from pathlib import Path

import numpy as np
import pytest

from dlcookbook.sheet import debugging
from tests import wings
from tools import preflight_evidence as evidence

PAGE = Path(__file__).parent.parent / "docs" / "debugging.md"
NAMES = [check.name for check in debugging.CHECKS]
# In Keras on TensorFlow each training is traced: one fault for each check will do.
KERAS = {
    "pictures from 0 to 255": "inputs",
    "classes from 1 to 10": "targets",
    "targets (N,), outputs (N, 1)": "shapes",
    "weights of deviation 1": "first loss",
    "twelve layers of sigmoid": "gradient flow",
    "dead ReLU": "dead units",
    "all weights zero": "overfit",
    "a graph cut in the middle": "parameters",
    "softmax before a loss of logits": "head",
    "scaled in training mode alone": "modes",
    "a reshape that mixes examples": "batch",
    "dropout that is always on": "repeatable",
    "Adam at a rate of 1e-8": "learning rate",
    "labels of the next input": "labels",
}
TORCH = {name: check for name, (check, _) in evidence.faults("torch").items()}
FAULTS = [("torch", *row) for row in TORCH.items()]
FAULTS += [("keras", *row) for row in KERAS.items()]
# Keras' variables, asked by its own trainer in a spelling of NumPy 1
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")


def findings(wing, case):
    """Yield what the checks find, one after the other, of a model to throw away."""
    recipe = wings.module(wing, "training", "preflight")
    *arguments, task, options = case
    examined = recipe._Case(*arguments, task)
    given = {"optimizer": examined.adam, "steps": 100, "share": 0.3} | options
    for name, value in given.items():
        setattr(examined, name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from recipe._findings(examined)


def finding(wing, case, check):
    """Return what one check finds; those after it are not run."""
    return next(f for f in findings(wing, case) if f.name == check)


@pytest.mark.parametrize(("wing", "name", "check"), FAULTS)
def test_a_planted_fault_is_found_by_its_check(wing, name, check):
    pytest.importorskip(wing)
    found = finding(wing, evidence.faults(wing)[name][1](0), check)
    assert not found.passed
    assert all((found.measured, found.expected, found.advice, found.link))


def test_every_check_has_a_planted_fault():
    for faults in (TORCH, KERAS):
        # what a model refuses is tested below
        assert {*faults.values()} == {*NAMES} - {"step"}


@pytest.mark.parametrize("name", evidence.healthy("torch"))
def test_a_healthy_training_in_torch_raises_no_alarm(name):
    report = evidence.examine("torch", evidence.healthy("torch")[name](0))
    assert report.passed, str(report)


@pytest.mark.parametrize(
    "name",
    ["MLP, 10 classes", "CNN with BatchNorm", "transformer layer", "regression",
     "binary", "segmentation"],
)  # fmt: skip
def test_a_healthy_training_in_keras_raises_no_alarm(name):
    keras = pytest.importorskip("keras")
    case = evidence.healthy("keras")[name](0)
    before = [keras.ops.convert_to_numpy(v).copy() for v in case[0].variables]
    drawn = random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    report = evidence.examine("keras", case)
    assert report.passed, str(report)
    after = [keras.ops.convert_to_numpy(v) for v in case[0].variables]
    assert all(map(np.array_equal, before, after))
    assert random.getstate() == drawn[0]
    assert np.array_equal(np.random.get_state()[1], drawn[1])  # noqa: NPY002


def test_nothing_of_a_torch_model_changes():
    torch = pytest.importorskip("torch")
    from dlcookbook.torch.training.preflight import preflight

    model, loss, x, y, task, _ = evidence.healthy("torch")["CNN with BatchNorm"](0)
    model[0].eval()
    model[4].weight.requires_grad_(False)
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    batch = x.clone(), y.clone()
    random.seed(3)
    states = random.getstate(), torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    report = preflight(model, loss, x, y, task=task)
    assert "1 frozen: 4.weight" in str(report)
    assert all(torch.equal(v, kept[name]) for name, v in model.state_dict().items())
    assert [module.training for module in model.modules()] == modes
    assert all(w.grad is None for w in model.parameters())
    assert not model[4].weight.requires_grad
    assert torch.equal(x, batch[0])
    assert torch.equal(y, batch[1])
    assert random.getstate() == states[0]
    assert torch.equal(torch.get_rng_state(), states[1])
    assert np.array_equal(np.random.get_state()[1], states[2])  # noqa: NPY002


def test_keras_is_put_back_after_an_error():
    keras = pytest.importorskip("keras")
    from dlcookbook.keras.training.preflight import preflight

    norm, drop = keras.layers.BatchNormalization(), keras.layers.Dropout(0.5)
    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((4,)), dense(8), norm, drop, dense(1)])
    model.compile(keras.optimizers.Adam(0.5), loss="mse")
    optimizer, rng = model.optimizer, np.random.default_rng(0)
    kept = [keras.ops.convert_to_numpy(v).copy() for v in model.variables]

    def interrupted(**options):
        raise KeyboardInterrupt

    x = rng.normal(size=(32, 4)).astype("float32")
    with pytest.raises(KeyboardInterrupt):
        preflight(model, "mse", x, x[:, :1], task="regression", optimizer=interrupted)
    after = [keras.ops.convert_to_numpy(v) for v in model.variables]
    assert all(map(np.array_equal, kept, after))
    assert (norm.momentum, drop.rate) == (0.99, 0.5)
    assert model.optimizer is optimizer
    assert model.loss == "mse"


@pytest.mark.parametrize("wing", wings.WINGS)
def test_what_is_refused_is_a_finding(wing):
    model, loss, x, y, task, options = evidence.healthy(wing)["MLP, 10 classes"](0)
    found = list(findings(wing, (model, loss, x[:, :5], y, task, options)))
    assert [f.name for f in found][-1] == "step"
    assert not found[-1].passed


def test_an_error_in_eval_mode_is_a_finding_and_a_loss_of_0_is_a_number():
    torch = pytest.importorskip("torch")
    _, loss, x, y, task, options = evidence.healthy("torch")["MLP, 10 classes"](0)

    class OnlyTrains(torch.nn.Linear):
        def forward(self, x):
            if not self.training:
                raise RuntimeError("no such mode")
            return super().forward(x)

    model = OnlyTrains(x.shape[1], 10)
    last = [*findings("torch", (model, loss, x, y, task, options))][-1]
    assert (last.name, last.passed) == ("step", False)
    assert last.measured == "RuntimeError: no such mode"

    def nothing(outputs, targets):
        return 0 * outputs.sum()

    model = torch.nn.Linear(x.shape[1], 10)
    found = [*findings("torch", (model, nothing, x, y, task, options))]
    assert not next(f for f in found if f.name == "learning rate").passed


@pytest.mark.parametrize("wing", wings.WINGS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task", "classes"),
        ("lr", 0.0),
        ("lr", float("nan")),
        ("lr", "0.1"),
        ("lr", True),
        ("steps", True),
        ("optimizer", "adam"),
        ("model", None),
        ("steps", 0),
        ("steps", 1.5),
        ("share", 1.0),
        ("inputs", None),
        ("targets", None),
    ],
)
def test_a_bad_argument_is_named(wing, name, value):
    model, loss, x, y, task, _ = evidence.healthy(wing)["MLP, 10 classes"](0)
    recipe = wings.module(wing, "training", "preflight")
    given = {"model": model, "loss": loss, "inputs": x, "targets": y, "task": task}
    with pytest.raises(ValueError, match=rf"^{name} must be .*Received: "):
        recipe.preflight(**given | {name: value})
    with pytest.raises(ValueError, match="Received: "):
        recipe.preflight(model, loss, x, y[:-1], task=task)


@pytest.mark.parametrize("wing", ["torch", "keras"])
@pytest.mark.parametrize(
    ("shuffled", "passed"), [(1.0 + 1e-7, False), (1.1, True), (math.inf, True)]
)
def test_labels_are_not_judged_by_the_last_bit_of_a_loss(wing, shuffled, passed):
    module = wings.module(wing, "training", "preflight")
    losses = iter([1.0] + 100 * [shuffled])
    case = types.SimpleNamespace(
        x=np.zeros((64, 1)), y=np.arange(64) % 2, task="binary", adam=None, rate=0.1,
        steps=2, fit=lambda *_: None, outputs=lambda _: None, restart=lambda: None,
        value=lambda *_: next(losses),
    )  # fmt: skip
    assert module.check_labels(case)[0] is passed


def test_gradients_of_keras_are_those_of_torch():
    torch = pytest.importorskip("torch")
    keras = pytest.importorskip("keras")
    both = {w: evidence.healthy(w)["MLP, 10 classes"](0) for w in ("torch", "keras")}
    weights = both["keras"][0].get_weights()
    with torch.no_grad():
        for weight, value in zip(both["torch"][0].parameters(), weights, strict=True):
            weight.copy_(torch.as_tensor(value.T))
    gradients = {}
    for wing, (model, loss, x, y, task, _) in both.items():
        case = wings.module(wing, "training", "preflight")._Case(
            model, loss, x, y, task
        )
        gradients[wing] = [*case.backward().values()]
    for mine, theirs in zip(*gradients.values(), strict=True):
        np.testing.assert_allclose(mine.T, theirs, rtol=1e-4, atol=1e-7)
    assert keras.ops.shape(both["keras"][2])


def test_the_page_tells_of_every_check_and_symptom():
    page = PAGE.read_text("utf-8")
    for wing in ("torch", "keras"):
        told = wings.module(wing, "training", "preflight")._TOLD
        assert [*told] == ["inputs", "targets", "step", *list(told)[3:]]
        assert {*told} == {*NAMES}
    anchors = re.findall(r'<a id="check-([\w-]+)">', page)
    assert anchors == [name.replace(" ", "-") for name in NAMES]
    sections = re.findall(r"^## .* \{ #([\w-]+) \}$", page, re.MULTILINE)
    assert sections[1:] == [row.slug for row in debugging.ROWS]
    for row in debugging.ROWS:
        assert {*row.check.split(", ")} - {""} <= {*NAMES}


def test_the_evidence_is_of_these_faults():
    told = json.loads(evidence.FILE.read_text("utf-8"))
    for wing in ("torch", "keras"):
        assert [*told[wing]["faults"]] == [*evidence.faults(wing)]
        assert [*told[wing]["healthy"]] == [*evidence.healthy(wing)]
