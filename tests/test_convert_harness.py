"""The contract of the converters is itself tested: planted bugs must make it fail."""

import pytest

from tests import test_convert as told
from tests import wings
from tests.test_harness import Bug, broken, stand_in

BUGS = [
    Bug("torch/convert/weights", "nn.GRU: (1, 0, 2)", "nn.GRU: (0, 1, 2)",
        "gates as they stand"),
    Bug("torch/convert/weights", "array.reshape(*array.shape[:-1], -1, order)",
        "array.reshape(*array.shape[:-1], order, -1)", "flattened the other way"),
    Bug("torch/convert/weights", "return part.out_channels", "return part.in_channels",
        "channels of another map"),
    Bug("torch/convert/weights", 'not (name == "bias" and type(part) is nn.Linear)',
        "True", "a bias is reordered as well"),
    Bug("torch/convert/weights", "np.zeros_like(turned[2])", "turned[2]",
        "the bias counts twice"),
    Bug("torch/convert/weights", "1 < deep == getattr", "len(part.weight) < deep == "
        "getattr", "a depthwise kernel as it stands"),
    Bug("torch/convert/weights", "np.full_like(own[name].detach().cpu().numpy(), none)",
        "np.zeros_like(own[name].detach().cpu().numpy())", "a scale of nothing"),
    Bug("torch/convert/weights", "    if layers:\n", "    if False:\n",
        "what is left over is dropped"),
    Bug("torch/convert/weights",
        "theirs != [n for n in names if n in theirs or not some]",
        "{*theirs} - {*names}", "any order will do"),
    Bug("torch/convert/weights", " or array.dtype.name != kind", "",
        "rounded without a word"),
    Bug("torch/convert/weights", "if id(tensor) in found:", "if False:",
        "the last of two wins"),
    Bug("torch/convert/weights", "kind in _LAST and maps and maps > 1", "False",
        "rows taken for channels"),
    Bug("keras/convert/weights", "kinds.GRU: (1, 0, 2)", "kinds.GRU: (0, 1, 2)",
        "gates as they stand"),
    Bug("keras/convert/weights", "array.reshape(order, -1, *array.shape[1:])",
        "array.reshape(-1, order, *array.shape[1:])", "flattened the other way"),
    Bug("keras/convert/weights", "turned[2] + turned[3]", "turned[2]",
        "half of the bias"),
    Bug("keras/convert/weights", "np.stack(turned[2:])", "np.stack(turned[:1:-1])",
        "biases of a GRU changed places"),
    Bug("keras/convert/weights", "kernel.shape[-1] * kernel.shape[-2]",
        "kernel.shape[-2]", "channels of the map before"),
    Bug("keras/convert/weights", "layer.go_backwards != backwards", "False",
        "read from the end"),
    Bug("keras/convert/weights", "places != sorted(places)", "False",
        "10 before 2"),
    Bug("keras/convert/weights", 'flat == "unseen" or size', "size",
        "an unknown order is taken for the usual one"),
    Bug("keras/convert/weights", "(arrays[name] == none).all()", "True",
        "a scale is lost"),
]  # fmt: skip
PAIRS = ("network", "lstm", "gru", "depthwise")
FLAT = ("nn.Linear(42, 42)", "nn.Linear(240, 2)")
WORDS = (
    *("no module is left", "takes", "float32", "once", "moved last", "forwards"),
    *("order of the state_dict", "must be seen", r"has \['beta'"),
)


def contract(wing: str):
    """Yield checks of one wing: a refusal of each kind, then some pairs."""
    refused = told.test_what_cannot_be_right_is_refused_and_nothing_changed
    lines = {"torch": told.INTO_TORCH, "keras": told.INTO_KERAS}[wing]
    kinds = {words: (target, given) for target, given, words in reversed(lines)}
    for words in (words for words in WORDS if words in kinds):
        yield lambda words=words: refused(wing, *kinds[words], words)
    yield lambda: told.test_a_norm_without_scale_has_a_scale_of_one(False, True)
    same = told.test_outputs_are_the_same_and_the_way_back_gives_every_bit
    rows = [row for row in told.ROWS if row.slug in PAIRS]
    rows += [row for row in told.MORE if any(part in row.torch for part in FLAT)]
    assert len(rows) == len(PAIRS) + len(FLAT)
    for row in rows:
        yield lambda row=row: same(row)


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: f"{b.path}: {b.why}")
def test_planted_bug_is_killed(bug, monkeypatch):
    wing = bug.path.partition("/")[0]
    assert not stand_in(bug.path, broken(bug), contract(wing), monkeypatch)


@pytest.mark.parametrize("path", sorted({b.path for b in BUGS}))
def test_without_a_bug_the_contract_is_silent(path, monkeypatch):
    code = (wings.PACKAGE / f"{path}.py").read_text()
    assert stand_in(path, code, contract(path.partition("/")[0]), monkeypatch)
