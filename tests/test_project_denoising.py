"""Denoising: the target is the clean picture, and the measures are those of others."""

import importlib

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("skimage")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from PIL import Image
from skimage.metrics import peak_signal_noise_ratio

from dlcookbook.baselines import denoising as baseline
from dlcookbook.data.photographs import Part, load_photograph, load_photographs_split
from tests.wings import WINGS


@pytest.fixture(params=WINGS, scope="module")
def project(request):
    return importlib.import_module(f"dlcookbook.{request.param}.projects.denoising")


@pytest.fixture(scope="module")
def patches() -> Part:
    validation = load_photographs_split(0)[1]
    return Part(validation.noisy[:4], validation.clean[:4])


def test_an_untrained_net_changes_nothing(project, patches):
    found = project.denoise(project.make_model(), patches.noisy)
    np.testing.assert_allclose(found, patches.noisy.clip(0, 1), atol=1e-5)
    assert found.dtype == np.float32


def test_eight_views_are_turned_back(project, patches):
    # an image moved by a pixel is not moved after eight turns: it is smoothed alike
    if hasattr(project, "keras"):
        inputs = project.keras.Input((None, None, 1))
        moved = project.ops.roll(inputs, 1, axis=2)
        model = project.keras.Model(inputs, moved)
    else:

        class Move(project.nn.Module):
            def __init__(self):
                super().__init__()
                self.unused = project.nn.Parameter(project.torch.zeros(1))

            def forward(self, x):
                return x.roll(1, dims=3)

        model = Move()
    clean = patches.clean
    found = project.denoise(model, clean)
    wanted = sum(
        np.roll(clean, step, axis) for step in (1, -1) for axis in (1, 2)
    ) / np.float32(4)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_measures_are_those_of_scikit_image(project, patches):
    found = patches.noisy.clip(0, 1)
    decibels, similarity = project.measure(found, patches.clean)
    others = [
        peak_signal_noise_ratio(true.astype(float), x.astype(float), data_range=1.0)
        for x, true in zip(found, patches.clean, strict=True)
    ]
    assert decibels == pytest.approx(np.mean(others), rel=1e-6)
    assert baseline.decibels(patches.noisy, patches.clean) == pytest.approx(decibels)
    assert baseline.similarity(found, patches.clean) == pytest.approx(similarity, 1e-5)


def test_wings_have_models_of_one_size():
    if len(WINGS) < 2:
        pytest.skip("needs both wings")
    for kind in ("unet", "bottleneck"):
        sizes = []
        for wing in WINGS:
            project = importlib.import_module(f"dlcookbook.{wing}.projects.denoising")
            model = project.make_model(kind)
            weights = getattr(model, "trainable_variables", None) or model.parameters()
            sizes.append(sum(int(np.prod(tuple(w.shape))) for w in weights))
        assert len(set(sizes)) == 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Five photographs as files, one in colour and one in a folder of its own."""
    root = tmp_path_factory.mktemp("pictures")
    (root / "more").mkdir()
    for name in ("brick", "camera", "cat", "coins", "moon"):
        picture = (load_photograph(name)[:200, :240] * 255).astype("uint8")
        image = Image.fromarray(picture)
        place = root / "more" if name == "moon" else root
        (image.convert("RGB") if name == "cat" else image).save(place / f"{name}.png")
    return root


def test_a_folder_is_trained_on_and_half_the_noise_goes(project, folder, tmp_path):
    words = ["--data", str(folder), "--epochs", "1", "--out", str(tmp_path)]
    results = project.main(words)
    assert next(iter(results)) == "test_psnr"
    # nothing done would be 0
    assert results["test_psnr"] > results["test_psnr_noisy"] + 2
    assert {"curves.svg", "errors.svg"} <= {path.name for path in tmp_path.iterdir()}
    for name in ("curves", "errors"):
        assert (tmp_path / f"{name}.svg").stat().st_size < 80_000


def test_a_bottleneck_lets_something_through(project, tmp_path):
    # the same answer to every patch would be below 17 dB: that of the mean grey
    words = ["--model", "bottleneck", "--seed", "1", "--epochs", "2"]
    results = project.main([*words, "--out", str(tmp_path)])
    assert results["val_psnr"] > 18


def test_a_wrong_sigma_is_refused(project, capsys):
    with pytest.raises(SystemExit):
        project.main(["--sigma", "0"])
    assert "--sigma must be in (0, 1]. Received: 0.0" in capsys.readouterr().err


def test_cosines_keep_a_flat_picture_and_take_noise(patches):
    flat = np.full((32, 40), 0.4, "float32")
    np.testing.assert_allclose(baseline.denoise_cosines(flat, 0.3), flat, atol=1e-6)
    # nothing is dropped: nothing changes
    same = baseline.denoise_cosines(patches.noisy[0], 0.0)
    np.testing.assert_allclose(same, patches.noisy[0], atol=1e-5)
    found = np.stack([baseline.denoise_cosines(x, 0.28) for x in patches.noisy])
    clean = patches.clean
    assert baseline.decibels(found, clean) > baseline.decibels(patches.noisy, clean) + 5


def test_the_baseline_chooses_by_validation_alone(monkeypatch, capsys, tmp_path):
    train, validation, test = load_photographs_split(0)
    few = Part(validation.noisy[:3], validation.clean[:3])
    ways = {
        "noisy": [lambda x: x],
        "tv": baseline.methods(0.1)["tv"],
        "wrong": [lambda x: x * 0 + 0.5, lambda x: 1 - x],
    }
    monkeypatch.setattr(baseline, "methods", lambda sigma: ways)
    found = []
    for tested in (test, Part(test.noisy, 1 - test.clean)):
        parts = train, few, Part(tested.noisy[:3], tested.clean[:3])
        monkeypatch.setattr(
            baseline, "load_photographs_split", lambda s, sigma, p=parts: p
        )
        found.append(baseline.main(["--out", str(tmp_path)]))
    fair, spoiled = found
    assert fair["test_psnr"] == fair["test_psnr_tv"]
    # where the test part would want another one, it is still not taken
    assert spoiled["test_psnr"] == spoiled["test_psnr_tv"] < fair["test_psnr"]
    assert fair["val_psnr"] == spoiled["val_psnr"]
