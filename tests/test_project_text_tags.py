"""Labels are judged apart, thresholds come from validation, padding has no say."""

import csv
import importlib
import io
from contextlib import redirect_stdout

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from sklearn.metrics import f1_score

from dlcookbook.baselines import text_tags as baseline
from dlcookbook.data.jigsaw import LABELS
from tests.wings import WINGS


@pytest.fixture(params=WINGS)
def project(request):
    return importlib.import_module(f"dlcookbook.{request.param}.projects.text_tags")


def test_padding_does_not_change_the_answer(project):
    model = project.make_model(30, 3)
    rng = np.random.default_rng(0)
    tokens = np.zeros((4, 9), np.int64)
    for row, length in zip(tokens, (2, 9, 5, 3), strict=True):
        row[:length] = rng.integers(1, 30, length)
    together = project.predict(model, tokens)
    assert together.shape == (4, 3)
    for row, scores in zip(tokens, together, strict=True):
        for other in (row[row > 0], np.pad(row, (0, 20))):
            assert project.predict(model, other[None])[0] == pytest.approx(
                scores, abs=1e-6
            )


def test_a_text_without_a_word_gets_the_bias_alone(project):
    model = project.make_model(30, 3)
    scores = project.predict(model, np.zeros((2, 9), np.int64))
    assert scores == pytest.approx(np.full((2, 3), 0.5))


def test_a_label_may_be_likely_without_making_another_unlikely(project):
    model = project.make_model(30, 3)
    scores = project.predict(model, np.ones((1, 5), np.int64))
    # near a half each at the start: of a softmax they would be a third
    assert scores == pytest.approx(0.5, abs=0.05)


def test_a_threshold_is_the_best_there_is(project):
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 2, (200, 3)).astype("float32")
    scores = (rng.random((200, 3)) + 0.4 * targets).round(2) / 1.4
    found = project.choose(targets, scores)
    for truth, score, at in zip(targets.T, scores.T, found, strict=True):
        best = max(f1_score(truth, score >= level) for level in np.unique(score))
        assert f1_score(truth, score >= at) == pytest.approx(best)


def write_comments(root):
    """Write a small Jigsaw in which each label has a word of its own."""
    rng = np.random.default_rng(0)
    root.mkdir()
    for name in ("train", "test"):
        rows = rng.integers(0, 2, (120, 6))
        texts = [
            f"said {name} {i} "
            + " ".join(f"word{'abcdef'[j]}" for j in range(6) if row[j])
            for i, row in enumerate(rows)
        ]
        with (root / f"{name}.csv").open("w", newline="") as file:
            table = csv.writer(file)
            labels = LABELS if name == "train" else ()
            table.writerow(["id", "comment_text", *labels])
            for i, (text, row) in enumerate(zip(texts, rows, strict=True)):
                table.writerow([i, text, *(row if name == "train" else ())])
    with (root / "test_labels.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", *LABELS])
        table.writerows([i, *row] for i, row in enumerate(rows))


def test_the_comments_are_taken_with_data(project, tmp_path):
    write_comments(tmp_path / "jigsaw")
    words = ["--data", str(tmp_path / "jigsaw"), "--epochs", "10", "--length", "12"]
    words += ["--batch-size", "4", "--out", str(tmp_path / "out")]
    with redirect_stdout(io.StringIO()):
        results = project.main(words)
    assert results["test_mean_average_precision"] > 0.8
    assert results["test_macro_f1"] > 0.7


def test_the_baseline_takes_the_comments(tmp_path):
    write_comments(tmp_path / "jigsaw")
    with redirect_stdout(io.StringIO()):
        results = baseline.main(["--data", str(tmp_path / "jigsaw")])
    assert next(iter(results)) == "test_mean_average_precision"
    assert results["test_mean_average_precision"] > 0.95
    assert results["test_mean_average_precision_constant"] == pytest.approx(
        0.5, abs=0.1
    )


def test_a_word_that_is_used_often_moves_by_one_step_of_adam():
    if "keras" not in WINGS:
        pytest.skip("needs Keras")
    project = importlib.import_module("dlcookbook.keras.projects.text_tags")
    model, keras = project.make_model(30, 3), project.keras
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(0.01, weight_decay=0), loss)
    before = model.get_weights()[0]
    model.train_on_batch(np.full((16, 9), 5), np.ones((16, 3)))
    moved = np.abs(model.get_weights()[0] - before)
    # squared use by use, its slope would look small and the step be several times that
    assert moved[5].max() == pytest.approx(0.01, rel=0.02)
