"""The numbers of the digits' notebook follow from its runs, and they from the code."""

import importlib
import json
import statistics
from pathlib import Path

import pytest

pytest.importorskip("sklearn")

from dlcookbook.data.digits import load_digits_split
from tests.wings import PACKAGE, WINGS

ROOT = PACKAGE.parent


@pytest.fixture(scope="module")
def published():
    return json.loads((ROOT / "docs" / "evidence" / "digits.json").read_text())


@pytest.fixture
def evidence():
    pytest.importorskip("scipy")
    return importlib.import_module("tools.evidence")


def test_published_numbers_are_of_these_sources(published, evidence):
    now = evidence.sources()
    assert set(now) >= {
        "dlcookbook/torch/projects/digits_cnn.py",
        "dlcookbook/keras/projects/digits_cnn.py",
        "dlcookbook/torch/training/fit.py",
        "dlcookbook/keras/training/checkpoint.py",
        "dlcookbook/data/digits.py",
        "tools/evidence.py",
    }
    changed = [path for path in now if now[path] != published["sources"].get(path)]
    assert not changed, f"{changed} changed since: run make evidence"


def test_a_changed_source_is_noticed(published, evidence, monkeypatch):
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b"\n")
    now = evidence.sources()
    assert all(now[path] != published["sources"][path] for path in now)


def test_published_runs_fit_the_split(published):
    sizes = [len(part.labels) for part in load_digits_split(0)]
    assert published["images"] == sizes
    for name, runs in published["runs"].items():
        assert [run["seed"] for run in runs] == [0, 1, 2, 3, 4]
        for run in runs:
            # fifths of the file are a little larger than test parts, or as large
            tested = run["test_errors"] / (1 - run["test_accuracy"] or 1)
            assert run["test_errors"] == 0 or round(tested) in (359, 360)
            assert 0.9 < run["val_accuracy"] <= 1, name


def test_published_averages_follow_from_the_runs(published):
    for name, runs in published["runs"].items():
        accuracy = [100 * run["test_accuracy"] for run in runs]
        got = published["summary"][name]
        assert got["mean"] == pytest.approx(statistics.mean(accuracy))
        assert got["sd"] == pytest.approx(statistics.stdev(accuracy))
        assert got["errors"] == [run["test_errors"] for run in runs]


def test_what_the_page_says_in_words_is_what_was_measured(published):
    mean = {name: summary["mean"] for name, summary in published["summary"].items()}
    for wing in ("torch", "keras"):
        assert mean[wing] > mean["svm_refit"] > mean["svm"]
    for method in ("torch", "svm"):
        assert mean[f"{method}_by_file"] < mean[method]
    assert 0.25 < 100 / published["images"][2] < 0.3


def test_published_intervals_are_those_of_a_paired_t_test(published):
    stats = pytest.importorskip("scipy.stats")
    train, validation, test = published["images"]
    for pair, got in published["differences"].items():
        ours, theirs = (published["runs"][name] for name in pair.split(" - "))
        a, b = ([100 * run["test_accuracy"] for run in x] for x in (ours, theirs))
        low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
        assert got["mean"] == pytest.approx((low + high) / 2)
        assert got["half_width"] == pytest.approx((high - low) / 2)
        learnt = train + validation * pair.endswith("refit")
        wider = got["half_width_corrected"] / got["half_width"]
        assert wider == pytest.approx((1 + 5 * test / learnt) ** 0.5)
        assert got["won"] + got["drawn"] + got["lost"] == 5


def test_the_published_svm_can_be_fitted_again(published):
    from sklearn.svm import SVC

    for seed in (0, 3):
        train, _, test = load_digits_split(seed)
        run = published["runs"]["svm"][seed]
        model = SVC(C=run["C"], gamma=run["gamma"])
        model.fit(train.images.reshape(-1, 64), train.labels)
        wrong = model.predict(test.images.reshape(-1, 64)) != test.labels
        assert wrong.sum() == run["test_errors"]


@pytest.mark.timeout(1200)
@pytest.mark.skipif("torch" not in WINGS, reason="PyTorch is not installed")
def test_the_published_training_can_be_repeated(published, tmp_path):
    project = importlib.import_module("dlcookbook.torch.projects.digits_cnn")
    results = project.main(["--out", str(tmp_path)])
    run = published["runs"]["torch"][0]
    # other processors round otherwise, and a training amplifies it
    assert abs(results["test_errors"] - run["test_errors"]) <= 3
    assert results["val_accuracy"] == pytest.approx(run["val_accuracy"], abs=0.01)


def test_fifths_of_the_file_are_tested_once_each(evidence):
    tests = []
    for fold in range(5):
        parts = evidence.in_file_order(fold)
        pixels = [{image.tobytes() for image in part.images} for part in parts]
        assert sum(map(len, pixels)) == len(set.union(*pixels)) == 1797
        tests.append(pixels[2])
    assert len(set.union(*tests)) == 1797
