"""Few labels: what is frozen stays, what is given as weights arrives."""

import importlib

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")
pytest.importorskip("PIL")

from PIL import Image

from dlcookbook.baselines import few_labels as baseline
from tests.wings import WINGS


@pytest.fixture(params=WINGS, scope="module")
def project(request):
    return importlib.import_module(f"dlcookbook.{request.param}.projects.few_labels")


def body(project, model) -> dict[str, np.ndarray]:
    """Return the weights and statistics of the body."""
    if hasattr(project, "keras"):
        variables = model.layers[0].variables
        return {f"{at} {v.path}": v.numpy().copy() for at, v in enumerate(variables)}
    state = model[0].state_dict()
    return {n: v.numpy().copy() for n, v in state.items() if "tracked" not in n}


def watch(project, monkeypatch, words, tmp_path):
    """Run `main`; return its results and the body before and after every stage."""
    seen, train = {}, project.train

    def watched(run, model, parts, rate, stage):
        before = body(project, model)
        history = train(run, model, parts, rate, stage)
        seen[stage] = before, body(project, model)
        return history

    monkeypatch.setattr(project, "train", watched)
    words = [*words, "--epochs", "2", "--out", str(tmp_path)]
    return project.main(words), seen


def moved(pair) -> set[str]:
    before, after = pair
    return {name for name in before if not np.array_equal(before[name], after[name])}


def is_norm(name: str) -> bool:
    return "running" in name or "moving" in name


@pytest.mark.parametrize("mode", ["frozen", "all", "moving"])
def test_what_is_frozen_stays(project, monkeypatch, tmp_path, mode):
    words = ["--mode", mode, "--labels", "5"]
    results, seen = watch(project, monkeypatch, words, tmp_path)
    assert next(iter(results)) == "test_accuracy"
    # while it learns 0 to 4, all of it moves, batch norm's statistics too
    assert moved(seen["pretrain"]) == set(seen["pretrain"][0])
    statistics = {name for name in seen["pretrain"][0] if is_norm(name)}
    assert len(statistics) == 6
    stage = "head" if mode == "frozen" else "all"
    before, _ = seen[stage]
    for name, value in before.items():
        # the same base goes on
        assert np.array_equal(value, seen["pretrain"][1][name]), name
    if mode == "frozen":
        assert moved(seen[stage]) == set()
    elif mode == "all":
        # three convolutions; nothing of batch norm
        assert len(moved(seen[stage])) == 3
    else:
        assert moved(seen[stage]) == set(before)


def test_thaw_trains_the_head_first_and_scratch_sees_no_other_digit(
    project, monkeypatch, tmp_path
):
    _, seen = watch(project, monkeypatch, ["--mode", "thaw"], tmp_path / "thaw")
    assert list(seen) == ["pretrain", "head", "all"]
    assert moved(seen["head"]) == set()
    assert len(moved(seen["all"])) == 3
    monkeypatch.undo()
    _, seen = watch(project, monkeypatch, ["--mode", "scratch"], tmp_path / "scratch")
    assert list(seen) == ["all"]


def test_wings_have_models_of_one_size():
    if len(WINGS) < 2:
        pytest.skip("needs both wings")
    sizes = []
    for wing in WINGS:
        project = importlib.import_module(f"dlcookbook.{wing}.projects.few_labels")
        assert project.STAGES.keys() == {"scratch", "frozen", "all", "thaw", "moving"}
        model = project.make_model(3)
        weights = getattr(model, "trainable_variables", None) or model.parameters()
        sizes.append(sum(int(np.prod(tuple(w.shape))) for w in weights))
        images = np.zeros((2, 8, 8), "float32")
        # a new head knows nothing
        assert project.predict(model, images) == pytest.approx(np.full((2, 3), 1 / 3))
    assert len(set(sizes)) == 1


def save_base(project, path, size: int) -> dict[str, np.ndarray]:
    """Write the file that a publisher would, of random weights."""
    if hasattr(project, "keras"):
        base = project.keras.applications.MobileNetV2(
            input_shape=(size, size, 3), include_top=False, weights=None
        )
        base.save_weights(path)
        return {f"{at}": v.numpy() for at, v in enumerate(base.variables)}
    base = importlib.import_module("dlcookbook.torch.models.resnet").resnet18()
    project.torch.save(base.state_dict(), path)
    return {n: v.numpy() for n, v in base.state_dict().items() if "fc." not in n}


def test_weights_of_a_file_arrive_and_are_adapted(project, tmp_path):
    rng = np.random.default_rng(0)
    for name, colour in (("dark", 40), ("light", 200)):
        (tmp_path / "data" / name).mkdir(parents=True)
        for at in range(6):
            noise = rng.integers(-30, 30, (40, 36, 3)) + colour
            image = Image.fromarray(noise.astype("uint8"))
            image.save(tmp_path / "data" / name / f"{at}.jpg")
    ending = "weights.h5" if hasattr(project, "keras") else "pt"
    path = tmp_path / f"base.{ending}"
    saved = list(save_base(project, path, 32).values())
    options = (2, path, 32) if hasattr(project, "keras") else (2, path)
    model = project.make_model(*options)
    arrived = list(body(project, model).values())
    saved = [value for value in saved if value.ndim]
    assert len(arrived) == len(saved) > 60
    for mine, theirs in zip(arrived, saved, strict=True):
        assert np.array_equal(mine, theirs)
    words = ["--data", str(tmp_path / "data"), "--weights", str(path), "--size", "32"]
    words += ["--labels", "3", "--epochs", "1", "--mode", "frozen"]
    results = project.main([*words, "--out", str(tmp_path / "out")])
    assert 0 <= results["test_accuracy"] <= 1
    assert results["best_epoch"] == 1


def test_a_folder_without_weights_is_refused(project, tmp_path, capsys):
    with pytest.raises(SystemExit):
        project.main(["--data", str(tmp_path)])
    assert "--data and --weights must be given together" in capsys.readouterr().err


def test_pictures_call_digits_by_their_names(project, monkeypatch, tmp_path):
    seen, show = [], project.show

    def watched(images, labels, predicted):
        seen.extend([images, labels, predicted])
        return show(images, labels, predicted)

    monkeypatch.setattr(project, "show", watched)
    words = ["--mode", "scratch", "--epochs", "1", "--out", str(tmp_path)]
    results = project.main(words)
    test = project.load_data(0)[2]
    assert np.array_equal(seen[0], test.images)
    assert np.array_equal(seen[1], test.labels + 5)
    assert (seen[1] == seen[2]).mean() == pytest.approx(results["test_accuracy"])


def test_from_scratch_takes_no_weights(project, tmp_path, capsys):
    path = tmp_path / "base.pt"
    words = ["--mode", "scratch", "--data", str(tmp_path), "--weights", str(path)]
    with pytest.raises(SystemExit) as end:
        project.main(words)
    assert end.value.code == 2
    said = f"--mode scratch takes no --weights. Received: {path}"
    assert said in capsys.readouterr().err


def test_the_baseline_chooses_by_validation_and_beats_chance(tmp_path):
    found = baseline.main(["--out", str(tmp_path)])
    assert next(iter(found)) == "test_accuracy"
    assert found["test_accuracy"] > found["test_accuracy_majority"] + 0.5
    assert found["test_accuracy_5"] < found["test_accuracy_50"]
    five = baseline.main(["--labels", "5"])
    assert five["test_accuracy"] == found["test_accuracy_5"]
