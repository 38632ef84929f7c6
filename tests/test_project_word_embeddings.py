"""Word embeddings: absent pairs say nothing, a planted sense is found."""

import importlib
import json

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from sklearn.metrics import roc_auc_score

from dlcookbook.baselines import word_embeddings as baseline
from dlcookbook.data.word_pairs import word_pairs
from tests.wings import WINGS


@pytest.fixture(params=WINGS, scope="module")
def project(request):
    return importlib.import_module(
        f"dlcookbook.{request.param}.projects.word_embeddings"
    )


def loss(project, logits, targets) -> float:
    """`pair_loss` of arrays, in each wing's order."""
    if hasattr(project, "torch"):
        tensors = map(project.torch.from_numpy, (logits, targets))
        return float(project.pair_loss(*tensors))
    return float(project.pair_loss(targets, project.ops.convert_to_tensor(logits)))


def test_the_loss_is_of_known_pairs_alone(project):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(6, 9)).astype("float32")
    targets = rng.integers(-1, 2, (6, 9))
    known = targets >= 0
    p = 1 / (1 + np.exp(-logits[known].astype("float64")))
    wanted = -np.log(np.where(targets[known] == 1, p, 1 - p)).mean()
    assert loss(project, logits, targets) == pytest.approx(wanted, rel=1e-5)
    logits[~known] = 50
    assert loss(project, logits, targets) == pytest.approx(wanted, rel=1e-5)
    logits[np.nonzero(known)[0][0], np.nonzero(known)[1][0]] = 50
    assert loss(project, logits, targets) != pytest.approx(wanted, rel=1e-2)


def test_scores_are_products_of_two_tables(project):
    model, rows = project.make_model(11, 4), np.array([[3, 5, 0, 7], [9, 9, 2, 3]])
    if hasattr(project, "torch"):
        centres, others = (w.detach().numpy() for w in model.parameters())
        scores = model(project.torch.from_numpy(rows)).detach().numpy()
    else:
        names = "centres", "neighbours"
        centres, others = (model.get_layer(n).get_weights()[0] for n in names)
        scores = model.predict(rows, verbose=0)
    assert centres.shape == others.shape == (11, 4)
    assert not np.allclose(centres, others)
    wanted = np.einsum("nd,nmd->nm", centres[rows[:, 0]], others[rows[:, 1:]])
    assert scores == pytest.approx(wanted, abs=1e-5)
    assert 0.05 < centres.std() < 0.15


def test_nearest_words_point_the_same_way(project):
    table = np.array([[0, 0.1], [1, 0], [1, 0], [9, 1], [0, 2], [-3, 0.0]])
    names = ["", "?", "one", "two", "three", "four"]
    assert project.nearest(table, names, "one", 3) == "two three four"
    assert project.nearest(table, names, "three", 1) == "two"


def test_judging_is_that_of_scikit_learn_and_leaves_absent_pairs_out(project):
    rng = np.random.default_rng(0)
    inputs, targets = word_pairs(rng.integers(1, 9, 200), window=2)
    scores = rng.normal(size=targets.shape) + (targets == 1)
    scores[targets < 0] = np.nan
    seen = rng.integers(0, 3, (9, 9)) * 2
    found, bands = project.judge(scores, (inputs, targets), seen)
    known = targets >= 0
    wanted = roc_auc_score(targets[known], scores[known])
    assert found["test_auc"] == pytest.approx(wanted)
    assert set(bands) == {"0", "1-3", "4-15"}
    times = np.where(known, seen[inputs[:, :1], inputs[:, 1:]], -1)
    for name, times_seen in (("0", 0), ("1-3", 2), ("4-15", 4)):
        at = times == times_seen
        assert bands[name] == pytest.approx(roc_auc_score(targets[at], scores[at]))


def test_chance_is_zero_information():
    counts = np.outer([1, 2, 3], [4, 5, 6]).astype("float64")
    for more in (1e-9, 1.0):
        found = baseline.pointwise_information(counts, more)
        assert found == pytest.approx(0, abs=1e-9)
    counts[0, 0] *= 8
    little, much = (
        baseline.pointwise_information(counts, more)[0, 0] for more in (0.1, 10)
    )
    assert 0 < much < little


def planted(path) -> None:
    """Write a text in which fruits are eaten, cars are driven, and nothing else is."""
    rng = np.random.default_rng(0)
    kinds = [("eat", "apple", "pear", "plum"), ("drive", "car", "bus", "truck")]
    text = []
    for _ in range(1500):
        verb, *things = kinds[rng.integers(2)]
        text.append(f"{verb} {things[rng.integers(3)]} {things[rng.integers(3)]} .\n")
    path.write_text("".join(text))


def test_a_planted_sense_is_found_in_a_text_file(project, tmp_path, capsys):
    path, out = tmp_path / "text.txt", tmp_path / "out"
    planted(path)
    more = ["--epochs", "2", "--batch-size", "16", "--dim", "8"]
    results = project.main(["--data", str(path), "--out", str(out), *more])
    counted = baseline.main(["--data", str(path), "--out", str(tmp_path / "baseline")])
    assert next(iter(results)) == next(iter(counted)) == "test_auc"
    # where a line ends the next may be of either kind
    for found in (results, counted):
        assert 0.65 < found["test_auc"] < 0.9
    assert results["test_auc"] == pytest.approx(counted["test_auc"], abs=0.05)
    assert counted["test_auc_frequency"] == pytest.approx(0.5)
    assert results["words"] == 8
    assert results["known_share"] == 1
    lines = (line.partition(": ") for line in capsys.readouterr().out.splitlines())
    printed = {word: rest for word, _, rest in lines}
    fruits = {"apple", "pear", "plum"}
    shown = [word for word in printed if word in fruits | {"car", "bus", "truck"}]
    assert shown
    for word in shown:
        two = set(printed[word].split()[:2])
        assert two <= fruits if word in fruits else not two & fruits
    saved = json.loads((tmp_path / "baseline" / "results.json").read_text())
    assert saved["results"] == counted
    for name in ("curves.svg", "errors.svg"):
        assert (out / name).stat().st_size < 80_000


def test_a_vector_without_numbers_is_refused(project, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        project.main(["--dim", "0", "--out", str(tmp_path)])
    assert end.value.code == 2
    assert "--dim must be 1 or more. Received: 0" in capsys.readouterr().err


def test_a_word_that_is_used_often_moves_by_one_step_of_adam():
    if "keras" not in WINGS:
        pytest.skip("needs Keras")
    project = importlib.import_module("dlcookbook.keras.projects.word_embeddings")
    model = project.make_model(11, 4)
    adam = project.keras.optimizers.AdamW(0.01, weight_decay=0)
    model.compile(adam, project.pair_loss)
    before = model.get_weights()
    model.train_on_batch(np.full((32, 5), 7), np.ones((32, 4)))
    for old, new in zip(before, model.get_weights(), strict=True):
        # squared use by use, its slope would look small, and the step be large
        assert np.abs(new - old)[7].max() == pytest.approx(0.01, rel=0.02)
