"""Detection: who is to find what, crowds have no say, and mAP is COCO's."""

import importlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("skimage")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from PIL import Image

from dlcookbook.baselines import detection as baseline
from tests.wings import WINGS

UNUSED = [-1.0] * 6


@pytest.fixture(params=WINGS)
def project(request):
    return importlib.import_module(f"dlcookbook.{request.param}.projects.detection")


def plain(x):
    return np.asarray(x.detach() if hasattr(x, "detach") else x)


def tensor(project, x):
    x = np.asarray(x, "float32")
    return (
        project.torch.tensor(x) if hasattr(project, "torch") else project.ops.array(x)
    )


def loss(project, outputs, targets):
    pair = tensor(project, outputs), tensor(project, targets)
    return plain(project.box_loss(*(pair if hasattr(project, "torch") else pair[::-1])))


def test_a_box_is_for_the_place_that_its_centre_is_in(project):
    # 4 x 4 places of 4 pixels; the second centre is on a corner of four of them
    boxes = [[1, 0, 6, 6, 2, 0], [4, 8, 12, 16, 0, 0], UNUSED]
    found = project.assign(tensor(project, [boxes]), 16, 3)
    classes, wanted, held, counts = map(plain, found)
    assert np.argwhere(classes[0]).tolist() == [[0, 2], [14, 0]]
    assert np.flatnonzero(held[0]).tolist() == [0, 14]
    assert wanted[0, 0].tolist() == [1, 0, 6, 6]
    assert wanted[0, 14].tolist() == [4, 8, 12, 16]
    assert (counts == 1).all()


def test_nobody_is_blamed_in_a_crowd(project):
    boxes = [[0, 0, 8, 8, 1, 1], [2, 2, 5, 5, 0, 0]]
    classes, _, held, counts = map(
        plain, project.assign(tensor(project, [boxes]), 16, 2)
    )
    assert np.flatnonzero(held[0]).tolist() == [0]
    assert classes.sum() == 1
    # two by two places are in the crowd, and one of them has a box of its own
    assert np.flatnonzero(counts[0] == 0).tolist() == [1, 4, 5]
    outputs = np.random.default_rng(0).normal(size=(1, 16, 6))
    outputs[..., 4:] += outputs[..., 2:4].max() + 6
    first = loss(project, outputs, [boxes])
    outputs[0, [1, 4, 5], :2] += 3
    assert loss(project, outputs, [boxes]) == pytest.approx(first)
    outputs[0, 2, :2] += 3
    assert loss(project, outputs, [boxes]) > first


def test_the_right_answer_costs_least(project):
    target = [[4, 4, 12, 12, 1, 0], UNUSED]
    outputs = np.full((1, 16, 6), -9.0)
    outputs[..., 2:] = [0, 0, 5, 5]
    outputs[0, 10] = [-9, 9, 4, 4, 12, 12]
    right = loss(project, outputs, [target])
    assert right == pytest.approx(0, abs=1e-4)
    for at, value in ((0, 9.0), (1, -9.0), (2, 0.0)):
        other = outputs.copy()
        other[0, 10, at] = value
        assert loss(project, other, [target]) > right + 0.1
    # a picture without a box: no box loss, and what is said counts
    assert loss(project, outputs, [[UNUSED, UNUSED]]) > 1


def test_both_wings_have_the_same_network():
    counts = []
    for wing in WINGS:
        made = importlib.import_module(f"dlcookbook.{wing}.projects.detection")
        model = made.make_model(7)
        weights = getattr(model, "trainable_variables", None) or list(
            model.parameters()
        )
        counts.append(sum(int(np.prod(tuple(weight.shape))) for weight in weights))
    assert len(set(counts)) == 1


def test_both_wings_begin_with_boxes_around_each_place(project):
    model = project.make_model(3, 16)
    if hasattr(project, "torch"):
        model.eval()
    x = tensor(project, np.zeros((1, 16, 16, 3)))
    outputs = plain(model(x))[0]
    middle = (outputs[:, 3:5] + outputs[:, 5:]) / 2
    grid = np.stack(np.meshgrid([2, 6, 10, 14], [2, 6, 10, 14]), -1).reshape(-1, 2)
    assert np.abs(middle - grid).max() < 1
    assert np.abs((outputs[:, 5:] - outputs[:, 3:5]) - 16).max() < 2
    assert 0.003 < (1 / (1 + np.exp(-outputs[:, :3]))).mean() < 0.03


@pytest.mark.skipif("keras" not in WINGS, reason="Keras is not installed")
def test_keras_makes_its_network_on_another_backend():
    pytest.importorskip("torch")
    code = "from dlcookbook.keras.projects import detection\n"
    code += "import numpy as np\n"
    code += "model = detection.make_model(3, 16)\n"
    code += "found = detection.predict(model, np.zeros((2, 16, 16, 3), 'float32'))\n"
    code += "assert len(found) == 2, found"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"KERAS_BACKEND": "torch"},
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.oracle
def test_mean_average_precision_is_that_of_pycocotools(project):
    pytest.importorskip("pycocotools")
    import contextlib
    import io

    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    rng = np.random.default_rng(0)
    targets = np.full((12, 5, 6), -1.0, "float32")
    found, known, said = [], [], []
    for at, rows in enumerate(targets):
        for row in rows[: rng.integers(6)]:
            x, y, w, h = *rng.integers(0, 40, 2), *rng.integers(5, 20, 2)
            row[:] = x, y, x + w, y + h, rng.integers(3), rng.random() < 0.2
            known.append(
                {
                    "id": len(known) + 1,
                    "image_id": at,
                    "category_id": int(row[4]),
                    "bbox": [float(v) for v in (x, y, w, h)],
                    "area": float(w * h),
                    "iscrowd": int(row[5]),
                }
            )
        used = rows[rows[:, 4] >= 0]
        near = np.repeat(used, 3, 0)
        boxes = near[:, :4] + rng.integers(-2, 3, (len(near), 4))
        labels = near[:, 4].astype(int)
        wrong = rng.random(len(labels)) < 0.2
        labels[wrong] = rng.integers(0, 3, wrong.sum())
        scores = rng.permutation(1000)[: len(labels)] / 1000 + at / 1e5
        found.append({"boxes": boxes, "labels": labels, "scores": scores})
        for (x1, y1, x2, y2), label, score in zip(boxes, labels, scores, strict=True):
            box = [float(v) for v in (x1, y1, x2 - x1, y2 - y1)]
            said.append([at, label, score, box])
    oracle = COCO()
    oracle.dataset = {
        "images": [{"id": at} for at in range(12)],
        "categories": [{"id": kind} for kind in range(3)],
        "annotations": known,
    }
    with contextlib.redirect_stdout(io.StringIO()):
        oracle.createIndex()
        rows = [
            {"image_id": i, "category_id": int(k), "score": float(s), "bbox": b}
            for i, k, s, b in said
        ]
        judge = COCOeval(oracle, oracle.loadRes(rows), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    score = project.measure(targets, found)
    assert 0.1 < score["ap"] < 0.9
    for at, name in enumerate(("ap", "ap50", "ap75")):
        assert score[name] == pytest.approx(judge.stats[at], abs=1e-9)
        assert baseline.measure(targets, found)[name] == score[name]


@pytest.fixture(scope="module")
def voc(tmp_path_factory):
    folder = tmp_path_factory.mktemp("voc")
    for name in ("Annotations", "JPEGImages", "ImageSets/Main"):
        (folder / name).mkdir(parents=True)
    rng = np.random.default_rng(0)
    names = [f"2007_{i:06d}" for i in range(40)]
    for name in names:
        pixels = rng.integers(0, 60, (32, 32, 3)).astype("uint8")
        x, y = rng.integers(0, 18, 2)
        pixels[y : y + 14, x : x + 12] += 150
        Image.fromarray(pixels).save(folder / f"JPEGImages/{name}.jpg")
        keys = ("xmin", "ymin", "xmax", "ymax")
        corners = zip(keys, (x + 1, y + 1, x + 12, y + 14), strict=True)
        box = "".join(f"<{key}>{value}</{key}>" for key, value in corners)
        thing = f"<object><name>bicycle</name><bndbox>{box}</bndbox></object>"
        size = "<size><width>32</width><height>32</height></size>"
        text = f"<annotation>{size}{thing}</annotation>"
        (folder / f"Annotations/{name}.xml").write_text(text)
    for kind, some in (("train", names[:32]), ("val", names[32:])):
        (folder / f"ImageSets/Main/{kind}.txt").write_text("\n".join(some))
    return folder


def test_a_public_set_is_read_and_learned_from(project, voc, tmp_path):
    options = ["--data", str(voc), "--size", "32", "--epochs", "1", "--device", "cpu"]
    results = project.main([*options, "--out", str(tmp_path)])
    saved = json.loads((tmp_path / "results.json").read_text())["results"]
    assert next(iter(saved)) == "test_ap"
    assert 0 <= results["test_ap"] == saved["test_ap"] <= 1
    for name in ("curves", "errors"):
        assert (tmp_path / f"{name}.svg").stat().st_size < 80_000


def test_the_baseline_finds_bright_things(voc, tmp_path):
    options = ["--data", str(voc), "--size", "32", "--out", str(tmp_path)]
    results = baseline.main(options)
    assert next(iter(results)) == "test_ap"
    assert results["test_ap50"] > 0.5
    assert json.loads((tmp_path / "results.json").read_text()) == {"results": results}
