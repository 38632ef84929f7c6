"""Segmentation: what does not count has no say, empty masks count, both wings agree."""

import importlib
import json

import numpy as np
import pytest

pytest.importorskip("skimage")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from PIL import Image

from dlcookbook.baselines import segmentation as baseline
from dlcookbook.numpy.metrics.mean_iou import mean_iou
from tests.wings import WINGS


@pytest.fixture(params=WINGS)
def project(request):
    return importlib.import_module(f"dlcookbook.{request.param}.projects.segmentation")


def losses(project, logits, targets):
    """Return one loss per image and what each pixel of the logits does to their sum."""
    if hasattr(project, "torch"):
        torch = project.torch
        x = torch.tensor(logits[:, None], requires_grad=True)
        each = project.mask_loss(x, torch.tensor(targets))
        each.sum().backward()
        return each.detach().numpy(), x.grad[:, 0].numpy()
    ops = project.ops
    value = project.mask_loss(ops.array(targets), ops.array(logits[..., None]))
    return ops.convert_to_numpy(value), None


def test_pixels_that_do_not_count_have_no_say(project):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 5, 6)).astype("float32")
    targets = rng.integers(0, 2, (2, 5, 6))
    targets[:, :2] = 255
    value, slope = losses(project, logits, targets)
    other = logits.copy()
    other[:, :2] = rng.normal(size=(2, 2, 6)) * 100
    assert losses(project, other, targets)[0] == pytest.approx(value, rel=1e-6)
    if slope is not None:
        assert (slope[:, :2] == 0).all()
        assert (slope[:, 2:] != 0).all()
    # the formula, on what counts
    p, y = 1 / (1 + np.exp(-logits[:, 2:].astype(float))), targets[:, 2:]
    entropy = -np.log(np.where(y == 1, p, 1 - p)).mean((1, 2))
    dice = 1 - (2 * (p * y).sum((1, 2)) + 1) / (p.sum((1, 2)) + y.sum((1, 2)) + 1)
    assert value == pytest.approx(entropy + dice, rel=1e-5)


def test_overlaps_are_those_of_the_recipe_and_of_the_baseline(project):
    rng = np.random.default_rng(1)
    targets = rng.choice([0, 1, 7, 255], (20, 4, 4), p=[0.6, 0.2, 0.1, 0.1])
    targets[:4] = 0
    found = rng.random((20, 4, 4)) < 0.3
    found[:2] = False
    iou, dice = project.overlaps(targets, found)
    assert iou[:2].tolist() == [1, 1]  # nothing is found in nothing
    assert iou[2:4].tolist() == [0, 0]  # something is
    wanted = mean_iou(
        np.where(targets == 255, 255, targets > 0),
        found.astype(int),
        2,
        ignore_index=255,
        absent="one",
        per="image",
        include_background=False,
    )
    assert iou.mean() == pytest.approx(float(wanted))
    assert baseline.overlaps(targets, found) == pytest.approx(iou)
    assert dice == pytest.approx(2 * iou / (1 + iou))


def test_the_rule_is_the_best_one_of_validation(project):
    targets = np.zeros((3, 6, 6), int)
    targets[0, :5, :5] = 1
    p = np.where(targets == 1, 0.6, 0.2)
    p[1, 0] = 0.9  # six pixels of noise where there is nothing
    threshold, least = project.choose(targets, p)
    assert threshold in (0.3, 0.5)
    assert least == 20
    iou, _ = project.overlaps(targets, project.cut(p, threshold, least))
    assert iou.tolist() == [1, 1, 1]


def test_both_wings_have_the_same_network():
    counts = []
    for wing in WINGS:
        made = importlib.import_module(f"dlcookbook.{wing}.projects.segmentation")
        model = made.make_model()
        weights = getattr(model, "trainable_variables", None) or list(
            model.parameters()
        )
        counts.append(sum(int(np.prod(tuple(weight.shape))) for weight in weights))
    assert len(set(counts)) == 1


@pytest.fixture(scope="module")
def pets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pets")
    (folder / "images").mkdir()
    (folder / "annotations/trimaps").mkdir(parents=True)
    rng = np.random.default_rng(0)
    names = [f"pug_{i}" for i in range(40)]
    for name in names:
        pixels = rng.integers(0, 100, (30, 24, 3)).astype("uint8")
        trimap = np.full((30, 24), 2, "uint8")
        trimap[8:22, 6:18], trimap[7] = 1, 3
        pixels[trimap == 1] += 150
        Image.fromarray(pixels).save(folder / f"images/{name}.jpg")
        Image.fromarray(trimap).save(folder / f"annotations/trimaps/{name}.png")
    for kind, some in (("trainval", names[:30]), ("test", names[30:])):
        lines = "".join(f"{name} 1 1 1\n" for name in some)
        (folder / f"annotations/{kind}.txt").write_text(lines)
    return folder


def test_a_public_set_is_read_and_learned_from(project, pets, tmp_path):
    options = ["--data", str(pets), "--size", "16", "--epochs", "1", "--device", "cpu"]
    results = project.main([*options, "--out", str(tmp_path)])
    saved = json.loads((tmp_path / "results.json").read_text())["results"]
    assert next(iter(saved)) == "test_iou"
    assert 0 <= results["test_iou"] == saved["test_iou"] <= 1
    for name in ("curves", "masks", "errors"):
        assert (tmp_path / f"{name}.svg").stat().st_size < 80_000


def test_the_baseline_finds_bright_squares(pets, capsys, tmp_path):
    out = ["--out", str(tmp_path)]
    results = baseline.main(["--data", str(pets), "--size", "24", *out])
    assert next(iter(results)) == "test_iou"
    assert results["test_iou"] > 0.8 > 0.5 > results["test_iou_everything"]
    assert results["test_iou_nothing"] == 0
    assert f"test_iou{'':13}{results['test_iou']:.5g}" in capsys.readouterr().out
    assert json.loads((tmp_path / "results.json").read_text()) == {"results": results}
