"""Fine-tuning ResNet: both wings read and write the same folders and compute alike."""

import importlib
import json

import numpy as np
import pytest

pytest.importorskip("safetensors")

from dlcookbook.baselines import fine_tune_resnet as baseline
from dlcookbook.data.few_digits import load_few_digits_split, load_other_digits_split
from dlcookbook.data.image_folder import Part
from dlcookbook.data.resnet_folder import (
    Preprocessing,
    prepare_images,
    read_preprocessing,
    read_resnet,
    write_preprocessing,
    write_resnet,
)

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
keras = pytest.importorskip("keras")
image = pytest.importorskip("PIL.Image")

WINGS = ("torch", "keras")
project = {
    wing: importlib.import_module(f"dlcookbook.{wing}.projects.fine_tune_resnet")
    for wing in WINGS
}
ours = importlib.import_module("dlcookbook.keras.projects._resnet")
SMALL = {"layer_type": "basic", "hidden_sizes": [8, 16], "depths": [1, 1]}
each_wing = pytest.mark.parametrize("wing", WINGS)


def loud(**changed):
    """Return a ResNet of transformers; near their start, norms would do nothing."""
    torch.manual_seed(0)
    sizes = {"embedding_size": 8, "hidden_sizes": [8, 16, 32], "depths": [2, 1, 2]}
    config = transformers.ResNetConfig(**(sizes | {"num_labels": 5} | changed))
    model = transformers.ResNetForImageClassification(config).eval()
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if "normalization" in name and value.is_floating_point():
                value.uniform_(0.5, 1.5)
    return model


@pytest.mark.parametrize(
    "changed",
    [
        {"layer_type": "basic"},
        {"layer_type": "basic", "downsample_in_first_stage": True},
        {"layer_type": "bottleneck"},
        {"layer_type": "bottleneck", "downsample_in_bottleneck": True},
        {"layer_type": "bottleneck", "hidden_sizes": [32, 32], "depths": [1, 1]},
    ],
    ids=lambda changed: "-".join(map(str, changed.values())),
)
@pytest.mark.parametrize("size", [32, 45])
def test_keras_computes_what_transformers_computes(changed, size, tmp_path):
    model = loud(**changed)
    model.save_pretrained(tmp_path)
    x = torch.randn(3, 3, size, size)
    with torch.no_grad():
        theirs = model.resnet(x).pooler_output.flatten(1).numpy()
    _, body = ours.load_body(tmp_path)
    mine = keras.ops.convert_to_numpy(body(x.permute(0, 2, 3, 1).numpy()))
    assert np.abs(theirs - theirs.mean(0)).max() > 0.1
    assert np.abs(mine - theirs).max() < 1e-4


def test_transformers_reads_what_keras_writes(tmp_path):
    model = project["keras"].make_model(None, 7)
    x = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype("float32")
    body, head = (model.get_layer(name) for name in ("body", "head"))
    tiny, named = project["keras"].TINY, ours.get_weights(body)
    write_resnet(tmp_path, tiny, named, head.get_weights())
    load = transformers.ResNetForImageClassification.from_pretrained
    theirs, found = load(tmp_path, output_loading_info=True)
    assert not found["missing_keys"]
    assert not found["unexpected_keys"]
    with torch.no_grad():
        logits = theirs.eval()(torch.from_numpy(x).permute(0, 3, 1, 2)).logits.numpy()
    mine = keras.ops.convert_to_numpy(model(x))
    assert np.abs(mine).max() > 0.01
    assert np.abs(mine - logits).max() < 1e-4


def test_pictures_are_prepared_as_transformers_does(tmp_path):
    given = Preprocessing(24, 32, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    write_preprocessing(tmp_path, given)
    theirs = transformers.AutoImageProcessor.from_pretrained(tmp_path)
    bytes_ = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), "uint8")
    wanted = theirs(list(bytes_), return_tensors="np")["pixel_values"]
    found = prepare_images(bytes_.astype("float32") / 255, read_preprocessing(tmp_path))
    assert np.abs(found.transpose(0, 3, 1, 2) - wanted).max() < 1e-5


def test_no_two_layers_begin_alike():
    sizes = {"embedding_size": 16, "hidden_sizes": [16, 16], "depths": [2, 2]}
    kernels = ours.get_weights(ours.make_body(sizes | {"layer_type": "basic"}))
    kernels = [w for name, w in kernels.items() if "convolution" in name]
    scaled = {tuple((w / w.std()).ravel()[:4].round(3)) for w in kernels}
    assert len(scaled) == len(kernels) > 8


def test_both_models_are_of_one_size():
    theirs = sum(w.numel() for w in project["torch"].make_model().parameters())
    model = project["keras"].make_model()
    assert sum(np.prod(w.shape) for w in model.trainable_weights) == theirs


@each_wing
def test_turned_digits_are_of_twenty_classes(wing):
    part = load_other_digits_split(0)[1]
    found = project[wing].turned(Part(*part), Preprocessing(8, 8))
    assert np.bincount(found.labels).tolist() == [*np.bincount(part.labels)] * 4
    size = len(part.labels)
    upside_down = found.images[2 * size : 3 * size, :, :, 0]
    assert np.allclose(upside_down, part.images[:, ::-1, ::-1], atol=1e-6)


@each_wing
def test_training_has_ten_digits_of_each_class_and_none_of_the_pretraining(wing):
    parts = project[wing].load_data(3, size=8)
    assert np.bincount(parts[0].labels).tolist() == [10] * 5
    wanted = load_few_digits_split(3)
    for part, small in zip(parts, wanted, strict=True):
        assert np.allclose(part.images[..., 0], small.images, atol=1e-6)
    known = {
        image.tobytes() for part in load_other_digits_split(3) for image in part[0]
    }
    assert not known & {image.tobytes() for part in wanted for image in part.images}


def folder_of(path, classes=5):
    """Make a checkpoint of as many classes: its head must not come along."""
    loud(**SMALL, num_labels=classes).save_pretrained(path)
    write_preprocessing(path, Preprocessing(24, 32))
    return path


def state_of(wing, folder):
    """Return the weights that a run has kept, statistics of norms included."""
    if wing == "torch":
        state = torch.load(folder / "model.pt", weights_only=True)
        return {name: value.numpy() for name, value in state.items()}
    config, _ = read_resnet(folder / "given")
    model = project[wing].make_model(config, 5)
    model.load_weights(folder / "model.weights.h5")
    head = {"bias": model.get_layer("head").get_weights()[1]}
    head["weight"] = model.get_layer("head").get_weights()[0].T
    named = ours.get_weights(model.get_layer("body"))
    named = {
        f"body.{name}": value.transpose(3, 2, 0, 1) if value.ndim == 4 else value
        for name, value in named.items()
    }
    return named | {f"head.1.{name}": value for name, value in head.items()}


@each_wing
def test_fine_tuning_moves_kernels_and_no_norm_and_makes_a_new_head(
    wing, tmp_path, monkeypatch
):
    given = folder_of(tmp_path / "given")
    parts = [Part(p.images[:20], p.labels[:20]) for p in project[wing].load_data(0)]
    monkeypatch.setattr(project[wing], "load_data", lambda *_: tuple(parts))
    words = ["--epochs", "1", "--checkpoint", str(given), "--out", str(tmp_path)]
    parts[0].labels[-1] = 4  # there are five classes
    results = project[wing].main(words)
    assert next(iter(results)) == "test_accuracy"
    # nothing is pre-trained where a folder is given
    assert not (tmp_path / "checkpoint").exists()
    before = loud(**SMALL).state_dict()
    before = {name.removeprefix("resnet."): w.numpy() for name, w in before.items()}
    after = state_of(wing, tmp_path)
    names = [name for name in before if not name.endswith("num_batches_tracked")]
    for name in names:
        if "normalization" in name:
            assert np.allclose(after[f"body.{name}"], before[name], atol=1e-7), name
        elif "convolution" in name:
            moved = np.abs(after[f"body.{name}"] - before[name]).max()
            assert 1e-5 < moved < 0.1, name
    # five classes there and here: to take that head over would be no error at all
    old, new = before["classifier.1.weight"], after["head.1.weight"]
    assert new.shape == old.shape
    assert np.abs(new - old).max() > 0.1


@each_wing
def test_folders_of_something_else_are_refused(wing, tmp_path, capsys):
    other = transformers.ConvNextConfig(hidden_sizes=[8] * 4, depths=[1] * 4)
    transformers.ConvNextModel(other).save_pretrained(tmp_path / "other")
    loud().save_pretrained(tmp_path / "unprepared")
    out = ["--epochs", "1", "--out", str(tmp_path / "out"), "--checkpoint"]
    for name, said in {
        "none": "config.json is not in",
        "other": "model_type in",
        "unprepared": "preprocessor_config.json is not in",
    }.items():
        with pytest.raises((ValueError, FileNotFoundError), match=said):
            project[wing].main([*out, str(tmp_path / name)])


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Write three classes of pictures that are no squares."""
    root, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for label, name in enumerate(("blue", "green", "red")):
        (root / name).mkdir()
        for number in range(16):
            pixels = rng.integers(0, 200, (40, 50, 3), "uint8")
            pixels[..., 2 - label] = 255
            image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


@each_wing
def test_one_epoch_with_pictures_from_a_folder(wing, pictures, tmp_path):
    given = folder_of(tmp_path / "given", classes=4)
    words = ["--data", str(pictures), "--checkpoint", str(given)]
    results = project[wing].main([*words, "--epochs", "1", "--out", str(tmp_path)])
    assert all(np.isfinite(value) for value in results.values())
    assert (tmp_path / "errors.svg").stat().st_size < 80_000
    options = json.loads((tmp_path / "results.json").read_text())["options"]
    assert options["data"] == str(pictures)


def test_the_baseline_tells_colours_apart(pictures, tmp_path, capsys):
    results = baseline.main(["--data", str(pictures), "--out", str(tmp_path)])
    assert next(iter(results)) == "test_accuracy"
    assert results["test_accuracy_svm_pixels"] == 1
    # without colours there is nothing but noise
    assert results["test_accuracy_logistic_hog"] < 1
    assert results["test_accuracy_one_class"] == pytest.approx(1 / 3)
    assert json.loads((tmp_path / "results.json").read_text())["results"] == results
    assert "test_accuracy " in capsys.readouterr().out
