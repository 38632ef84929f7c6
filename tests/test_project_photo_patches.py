"""Patches and CIFAR: both wings are the same network, flips keep what they should."""

import importlib

import numpy as np
import pytest

pytest.importorskip("skimage")
pytest.importorskip("matplotlib")

from tests.wings import WINGS

RECORD = 1 + 3072


@pytest.fixture(params=WINGS, scope="module")
def project(request):
    name = f"dlcookbook.{request.param}.projects.photo_patches"
    return importlib.import_module(name)


def count(project, model) -> int:
    if hasattr(project, "torch"):
        return sum(weight.numel() for weight in model.parameters())
    return sum(weight.numpy().size for weight in model.trainable_variables)


def augmented(project, images: np.ndarray, training: bool) -> np.ndarray:
    """Images of shape (N, H, W, C) before and after."""
    layer = project.Augment()
    if hasattr(project, "torch"):
        layer.train(training)
        batch = project.torch.from_numpy(images).permute(0, 3, 1, 2)
        return layer(batch).permute(0, 2, 3, 1).numpy()
    batch = images.astype("float32")
    return project.ops.convert_to_numpy(layer(batch, training=training))


@pytest.mark.parametrize("kind", ["classic", "modern"])
def test_predictions_are_shares_and_the_head_follows_the_classes(project, kind):
    model = project.make_model(kind, 7)
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    shares = project.predict(model, images)
    assert shares.shape == (3, 7)
    assert shares.sum(1) == pytest.approx(np.ones(3), abs=1e-5)
    # another width of the last layer, and nothing else
    wider = count(project, project.make_model(kind, 8)) - count(project, model)
    assert wider == {"classic": 64, "modern": 128}[kind] + 1


def test_augmented_images_stay_in_range_and_differ(project):
    rng = np.random.default_rng(0)
    one = np.repeat(rng.integers(0, 256, (1, 32, 32, 3), np.uint8), 16, axis=0)
    new = augmented(project, one, training=True)
    assert new.min() >= 0
    assert new.max() <= 255.01
    assert len(np.unique(new.round(2).reshape(16, -1), axis=0)) == 16
    assert np.array_equal(augmented(project, one, training=False), one)


def test_nothing_is_turned_upside_down(project):
    top = np.zeros((64, 32, 32, 3), np.uint8)
    top[:, :16] = 200
    left = top.transpose(0, 2, 1, 3).copy()
    upright = augmented(project, top, training=True)
    assert (upright[:, :10].mean((1, 2, 3)) > upright[:, -10:].mean((1, 2, 3))).all()
    mirrored = augmented(project, left, training=True)
    right = mirrored[:, :, -10:].mean((1, 2, 3)) > mirrored[:, :, :10].mean((1, 2, 3))
    assert 10 < right.sum() < 54


def write_cifar(folder, count: int) -> None:
    """Write pictures of one colour per class, in the layout of CIFAR-10."""
    rng = np.random.default_rng(0)
    for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
        rows = rng.integers(0, 40, (count, RECORD), dtype=np.uint8)
        rows[:, 0] = np.arange(count) % 10
        rows[:, 1:1025] += (rows[:, :1] * 20).astype("u1")
        (folder / f"{name}.bin").write_bytes(rows.tobytes())
    (folder / "batches.meta.txt").write_text("\n".join("abcdefghij") + "\n\n")


def test_a_folder_of_cifar_is_trained_on(project, tmp_path):
    write_cifar(tmp_path, 40)
    seen = []
    out = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:
        draw = project.draw
        patch.setattr(
            project, "draw", lambda *given: seen.append(given) or draw(*given)
        )
        words = ["--data", str(tmp_path), "--epochs", "1", "--out", str(out)]
        results = project.main([*words, "--model", "classic"])
    ((_, labels, predicted, names),) = seen
    assert names == list("abcdefghij")
    # the 40 pictures of test_batch.bin in their order
    assert labels.tolist() == [i % 10 for i in range(40)]
    assert results["test_accuracy"] == pytest.approx((labels == predicted).mean())
    assert (out / "errors.svg").is_file()


def test_the_worst_recall_is_that_of_the_worst_class(project, tmp_path, monkeypatch):
    write_cifar(tmp_path, 40)
    # class 4 is never said, the others always
    sure = np.eye(10)[[0 if i % 10 == 4 else i % 10 for i in range(40)]]
    monkeypatch.setattr(project, "predict", lambda model, images: sure)
    out = str(tmp_path / "out")
    results = project.main(
        ["--data", str(tmp_path), "--epochs", "1", "--out", out, "--model", "classic"]
    )
    assert results["test_worst_recall"] == 0
    assert results["test_accuracy"] == pytest.approx(0.9)


def test_the_baseline_looks_at_colours_and_edges():
    from dlcookbook.baselines import photo_patches as baseline

    red = np.zeros((1, 32, 32, 3), np.uint8)
    red[..., 0] = 255
    assert baseline.colours(red).argmax() == 5 * 36
    assert baseline.colours(red).sum() == pytest.approx(1)
    rng = np.random.default_rng(0)
    found = baseline.edges(rng.integers(0, 256, (2, 32, 32, 3), np.uint8))
    assert found.shape == (2, 324)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(2))


def test_the_baseline_reports_the_model_that_validation_chose(tmp_path, capsys):
    from dlcookbook.baselines import photo_patches as baseline

    write_cifar(tmp_path, 40)
    results = baseline.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")])
    chosen = capsys.readouterr().out.split()[-1]
    assert next(iter(results)) == "test_accuracy"
    assert results["test_accuracy"] == results[f"test_accuracy_{chosen}"]
    assert results["test_accuracy_majority"] == pytest.approx(0.1)
    assert (tmp_path / "out" / "results.json").is_file()
