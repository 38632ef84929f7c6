"""Padding has no say in a class, both wings have one model, a public set is taken."""

import importlib
import io
import json
from contextlib import redirect_stdout

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from dlcookbook.baselines import sentiment as baseline
from tests.wings import WINGS

KINDS = ["lstm", "gru", "bilstm", "transformer"]


@pytest.fixture(params=WINGS)
def wing(request):
    return request.param


@pytest.fixture
def project(wing):
    return importlib.import_module(f"dlcookbook.{wing}.projects.sentiment")


@pytest.mark.parametrize("kind", KINDS)
def test_padding_and_neighbours_do_not_change_the_answer(project, kind):
    model = project.make_model(kind, vocabulary=30)
    rng = np.random.default_rng(0)
    tokens = np.zeros((5, 12), np.int64)
    for row, length in zip(tokens, (3, 12, 7, 2, 5), strict=True):
        row[:length] = rng.integers(1, 30, length)
    together = project.predict(model, tokens)
    for row, score in zip(tokens, together, strict=True):
        alone = project.predict(model, row[row > 0][None])
        assert alone[0] == pytest.approx(score, abs=1e-5)
        padded = np.pad(row, (0, 20))[None]
        assert project.predict(model, padded)[0] == pytest.approx(score, abs=1e-5)
    # it does read: another last word, another answer
    changed = tokens.copy()
    for row in changed:
        row[np.flatnonzero(row)[-1]] = row[np.flatnonzero(row)[-1]] % 29 + 1
    assert (np.abs(project.predict(model, changed) - together) > 1e-5).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_words_matters(project, kind):
    model = project.make_model(kind, vocabulary=30)
    tokens = np.arange(2, 12)[None]
    there, back = (project.predict(model, x) for x in (tokens, tokens[:, ::-1].copy()))
    assert abs(there - back)[0] > 1e-5


def test_a_fifth_of_the_words_is_hidden_in_training_and_none_later(wing, project):
    layer, tokens = project.HideWords(), np.full((100, 50), 7)
    tokens[:, 30:] = 0
    if wing == "torch":
        import torch

        torch.manual_seed(0)
        seen = layer(torch.from_numpy(tokens)).numpy()
        layer.eval()
        later = layer(torch.from_numpy(tokens)).numpy()
    else:
        import keras

        keras.utils.set_random_seed(0)
        seen = keras.ops.convert_to_numpy(layer(tokens, training=True))
        later = keras.ops.convert_to_numpy(layer(tokens))
    assert (seen[:, 30:] == 0).all()
    assert set(np.unique(seen[:, :30])) == {1, 7}
    assert (seen[:, :30] == 1).mean() == pytest.approx(0.2, abs=0.03)
    assert (later == tokens).all()


def write_reviews(root):
    """Write a small aclImdb in which one word tells the class."""
    rng = np.random.default_rng(0)
    for part in ("train", "test"):
        for name, rating, word in (("neg", 1, "dull"), ("pos", 10, "fine")):
            (root / part / name).mkdir(parents=True)
            for i in range(30):
                filler = " ".join(rng.choice(["the", "film", "was", "so"], 6))
                text = f"{filler} {word}<br />{part} {i}"
                (root / part / name / f"{i}_{rating}.txt").write_text(text)
            lines = [f"http://x/title/tt{i // 3:07}/usercomments" for i in range(30)]
            (root / part / f"urls_{name}.txt").write_text("\n".join(lines))


def test_the_reviews_are_taken_with_data(project, tmp_path):
    write_reviews(tmp_path / "aclImdb")
    words = ["--data", str(tmp_path / "aclImdb"), "--epochs", "4", "--length", "9"]
    words += ["--model", "gru", "--batch-size", "4", "--out", str(tmp_path / "o")]
    with redirect_stdout(io.StringIO()) as printed:
        results = project.main(words)
    assert results["test_roc_auc"] > 0.9
    assert results["test_padding_gap"] < 1e-5
    assert "Python" not in printed.getvalue().partition("poch")[0]
    saved = json.loads((tmp_path / "o" / "results.json").read_text())
    assert saved["results"] == results


def test_the_baseline_reads_the_reviews_and_is_the_best_by_validation(tmp_path):
    write_reviews(tmp_path / "aclImdb")
    words = ["--data", str(tmp_path / "aclImdb"), "--out", str(tmp_path / "out")]
    with redirect_stdout(io.StringIO()):
        results = baseline.main(words)
    assert next(iter(results)) == "test_roc_auc"
    assert results["test_roc_auc"] == 1
    assert results["test_accuracy_constant"] == 0.5
    saved = json.loads((tmp_path / "out" / "results.json").read_text())
    assert saved == {"results": results}
