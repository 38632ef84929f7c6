"""A rare class: weights count; threshold and calibration are those of validation."""

import importlib

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("PIL")
pytest.importorskip("sklearn")

from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_score,
    recall_score,
)

from dlcookbook.data.rare_digits import Part
from tests.test_data_chest_xray import write
from tests.wings import WINGS


@pytest.fixture(params=WINGS, scope="module")
def project(request):
    return importlib.import_module(f"dlcookbook.{request.param}.projects.rare_digits")


def made(seed: int, count: int = 400) -> tuple[Part, np.ndarray]:
    """Labels, weights and logits that say something, but not all."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(count) < 0.2).astype("int64")
    weights = np.where(labels == 1, 0.1, 1.0).astype("float32")
    logits = 3 * labels + rng.normal(size=count) - 2
    return Part(np.zeros((count, 8, 8), "f4"), weights, labels), logits


def test_numbers_are_those_of_scikit_learn(project):
    (held, tuned), (part, logits) = made(0), made(1)
    found = project.measure(held, tuned, part, logits)
    y, w, yes = part.labels, part.weights, logits >= found["threshold"]
    chances = 1 / (1 + np.exp(-logits))
    for name, score in {
        "test_average_precision": average_precision_score(y, logits, sample_weight=w),
        "test_precision": precision_score(y, yes, sample_weight=w),
        "test_recall": recall_score(y, yes, sample_weight=w),
        "test_brier": brier_score_loss(y, chances, sample_weight=w),
        "test_accuracy_never": 1 - w[y == 1].sum() / w.sum(),
        "test_share_said": (chances * w).sum() / w.sum(),
    }.items():
        assert found[name] == pytest.approx(score, rel=1e-5), name
    assert abs(found["test_brier_calibrated"] - found["test_brier"]) > 1e-4


def test_the_threshold_is_the_best_of_validation_by_weighted_f1(project):
    (held, tuned), (part, logits) = made(0), made(1)
    cut = project.measure(held, tuned, part, logits)["threshold"]

    def f1(threshold: float, weights=held.weights) -> float:
        return f1_score(held.labels, tuned >= threshold, sample_weight=weights)

    best = max(map(f1, tuned))
    assert f1(cut) == pytest.approx(best)
    plain = max(tuned, key=lambda x: f1(x, None))
    assert f1(plain) < best - 0.01


def test_the_test_part_decides_nothing(project):
    (held, tuned), (part, logits) = made(0), made(1)
    found = project.measure(held, tuned, part, logits)
    turned = project.measure(held, tuned, Part(*part[:2], 1 - part.labels), logits)
    assert turned["threshold"] == found["threshold"]
    assert turned["test_share_said"] == found["test_share_said"]
    assert turned["test_accuracy"] < found["test_accuracy"]


def test_chances_that_are_too_high_are_mended(project):
    (held, tuned), (part, logits) = made(0), made(1)
    found = project.measure(held, tuned + 4, part, logits + 4)
    assert found["test_brier_calibrated"] < found["test_brier"] / 2
    plain = project.measure(held, tuned, part, logits)
    assert found["test_average_precision"] == plain["test_average_precision"]


def test_the_first_answers_are_the_odds(project):
    images = np.zeros((3, 8, 8), "float32")
    logits = project.predict(project.make_model(8, odds=1 / 50), images)
    assert logits.shape == (3,)
    # nothing is seen in an empty picture, so that only the bias speaks
    assert logits == pytest.approx(np.full(3, -np.log(50)), abs=1e-4)


def test_a_folder_of_x_rays_is_trained_on(project, tmp_path):
    write(tmp_path, patients=40, size=40)
    out = tmp_path / "out"
    results = project.main(
        ["--data", str(tmp_path), "--epochs", "1", "--loss", "focal", "--out", str(out)]
    )
    # two patients of ten
    assert results["test_accuracy_never"] == pytest.approx(0.8)
    assert next(iter(results)) == "test_average_precision"
    assert (out / "errors.svg").is_file()
    train, _, _ = project.load_data(0, tmp_path)
    assert train.images.shape[1:] == (64, 64)


def test_the_baseline_moves_images_and_keeps_what_is_in_them():
    from dlcookbook.baselines.rare_digits import moved

    spot = np.zeros((50, 9, 9), "float32")
    spot[:, 3:6, 3:6] = 1
    new = moved(spot, 0)
    assert new.shape == spot.shape
    assert new.dtype == np.float32
    assert len(np.unique(new.round(4).reshape(50, -1), axis=0)) == 50
    assert np.array_equal(new, moved(spot, 0))
    places = np.indices((9, 9)).reshape(2, -1)
    flat = new.reshape(50, -1)
    middles = (flat @ places.T) / flat.sum(1, keepdims=True)
    assert np.abs(middles - 4).max() < 0.06 * 9 + 0.05
    assert np.abs(middles.mean(0) - 4).max() < 0.15
    assert 0.75 * 9 < flat.sum(1).mean() < 1.25 * 9
