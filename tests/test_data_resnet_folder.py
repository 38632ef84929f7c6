"""Checkpoint folders of ResNet: what is read, what is refused, what is written."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("safetensors")

from safetensors.numpy import load_file, save_file

from dlcookbook.data import resnet_folder
from dlcookbook.data.resnet_folder import (
    Preprocessing,
    enlarge_images,
    prepare_images,
    read_preprocessing,
    read_resnet,
    write_preprocessing,
    write_resnet,
)
from tests.wings import PACKAGE

CONFIG = {"embedding_size": 4, "hidden_sizes": [4, 8], "depths": [1, 2]}
BASIC = CONFIG | {"layer_type": "basic"}


def made(config):
    """Return random weights of the right shapes, kernels as Keras has them."""
    rng = np.random.default_rng(0)
    shapes = resnet_folder._shapes(resnet_folder._USUAL | config)
    weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    return {
        name: weight.astype("float32").transpose(2, 3, 1, 0)
        if weight.ndim == 4
        else weight.astype("float32")
        for name, weight in weights.items()
    }


@pytest.fixture
def folder(tmp_path):
    head = np.arange(24.0).reshape(8, 3), np.arange(3.0)
    write_resnet(tmp_path, BASIC, made(BASIC), head)
    return tmp_path


def test_what_is_written_is_read(folder):
    config, weights = read_resnet(folder)
    assert {key: config[key] for key in BASIC} == BASIC
    assert config["downsample_in_first_stage"] is False
    wanted = made(BASIC)
    assert list(weights) == list(wanted)
    assert all(np.array_equal(weights[name], wanted[name]) for name in wanted)
    assert weights["embedder.embedder.convolution.weight"].shape == (7, 7, 3, 4)


def test_files_have_the_axes_and_names_of_pytorch(folder):
    found = load_file(folder / "model.safetensors")
    assert found["resnet.embedder.embedder.convolution.weight"].shape == (4, 3, 7, 7)
    assert found["classifier.1.weight"].shape == (3, 8)
    assert found["classifier.1.weight"][1, 2] == 7
    labels = json.loads((folder / "config.json").read_text())["id2label"]
    assert sorted(labels) == ["0", "1", "2"]


def test_shortcuts_are_where_size_or_stride_changes():
    def shortcuts(**changed):
        config = resnet_folder._USUAL | BASIC | changed
        names = resnet_folder._shapes(config)
        return {name.split(".shortcut")[0] for name in names if "shortcut" in name}

    second = {"encoder.stages.1.layers.0"}
    first = {"encoder.stages.0.layers.0"}
    assert shortcuts() == second
    assert shortcuts(downsample_in_first_stage=True) == first | second
    assert shortcuts(layer_type="bottleneck", hidden_sizes=[16, 16]) == first | second


def test_prefixes_and_heads_are_not_asked_for(folder):
    path = folder / "model.safetensors"
    bare = {
        name.removeprefix("resnet."): weight
        for name, weight in load_file(path).items()
        if not name.startswith("classifier") and "num_batches" not in name
    }
    save_file(bare, path)
    assert read_resnet(folder)[1].keys() == bare.keys()


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_missing_file_says_how_to_fetch_it(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"^{name} is not in .*hf download"):
        read_resnet(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model_type", "convnext"),
        ("hidden_act", "gelu"),
        ("layer_type", "wide"),
        ("num_channels", 1),
        ("depths", [1]),
        ("depths", [1, 0]),
        ("depths", "12"),
        ("depths", None),
    ],
)
def test_what_keras_does_not_compute_is_refused(folder, key, value):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(ValueError, match=rf"{key} in .* must be .* Received: "):
        read_resnet(folder)


def test_a_config_that_says_nothing_is_no_resnet_50(folder):
    (folder / "config.json").write_text("{}")
    with pytest.raises(ValueError, match=r"model_type in .* Received: None"):
        read_resnet(folder)


def test_weights_that_lack_or_do_not_fit_are_named(folder):
    path = folder / "model.safetensors"
    whole, name = load_file(path), "resnet.encoder.stages.1.layers.0.shortcut"
    name += ".convolution.weight"
    save_file({key: whole[key] for key in whole if key != name}, path)
    with pytest.raises(ValueError, match=r"none for encoder.*shortcut"):
        read_resnet(folder)
    save_file(whole | {name: whole[name][:, :2].copy()}, path)
    with pytest.raises(ValueError, match=r"\(8, 2, 1, 1\) for encoder.*shortcut"):
        read_resnet(folder)


def test_a_file_that_is_cut_off_is_an_error(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"model.safetensors must be safetensors"):
        read_resnet(folder)
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:1\n")
    with pytest.raises(ValueError, match=r"model.safetensors must be safetensors"):
        read_resnet(folder)


def test_bfloat16_is_named(folder):
    head = json.dumps({"w": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}})
    content = len(head).to_bytes(8, "little") + head.encode() + bytes(2)
    (folder / "model.safetensors").write_bytes(content)
    # a process of its own: with JAX or TensorFlow at hand NumPy knows the type
    program = (
        "import sys; from dlcookbook.data.resnet_folder import read_resnet as read"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; read(sys.argv[1])", folder],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
    )
    assert re.search(
        r"ValueError: .* a type of NumPy. Received: .*bfloat16", done.stderr
    )


@pytest.mark.parametrize("text", ["version https://git-lfs", "[]", b"\xff{}"])
def test_settings_that_are_no_json_are_named(folder, text):
    for name in ("config.json", "preprocessor_config.json"):
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=r"/config.json must .*JSON.* Received: "):
        read_resnet(folder)
    with pytest.raises(ValueError, match=r"r_config.json must .*JSON.* Received: "):
        read_preprocessing(folder)


def test_wrong_weights_are_not_written(tmp_path):
    head, weights = (np.zeros((8, 3)), np.zeros(3)), made(BASIC)
    weights["embedder.embedder.convolution.weight"] = np.zeros((4, 3, 7, 7))
    with pytest.raises(ValueError, match=r"weights must have embedder.*\(4, 3, 7, 7\)"):
        write_resnet(tmp_path / "new", BASIC, weights, head)
    assert not (tmp_path / "new").exists()


def said(folder, **content):
    (folder / "preprocessor_config.json").write_text(json.dumps(content))
    return read_preprocessing(folder)


def test_preprocessing_in_all_the_ways_that_files_say_it(tmp_path):
    write_preprocessing(tmp_path, Preprocessing(48, 64, (0.1, 0.2, 0.3), (1, 2, 3)))
    found = read_preprocessing(tmp_path)
    assert found == Preprocessing(48, 64, (0.1, 0.2, 0.3), (1, 2, 3))
    for size, read in ((24, 32), (224, 256), (16, 93), (383, 500), (384, 384)):
        given = Preprocessing(size, read)
        write_preprocessing(tmp_path, given)
        assert read_preprocessing(tmp_path) == given
    with pytest.raises(ValueError, match=r"preprocessing must .* Received: 384 of 400"):
        write_preprocessing(tmp_path, Preprocessing(384, 400))
    means = {"image_mean": [0.4, 0.5, 0.6], "image_std": [0.2, 0.2, 0.2]}
    old = {"feature_extractor_type": "ConvNextFeatureExtractor", "crop_pct": 0.875}
    assert said(tmp_path, **old, **means, size=224)[:2] == (224, 256)
    assert said(tmp_path, **old, **means, size=384)[:2] == (384, 384)
    none = old | {"crop_pct": None}
    assert said(tmp_path, **none, **means, size=224)[:2] == (224, 256)
    square = {"height": 96, "width": 96}
    assert said(tmp_path, **means, size=square)[:2] == (96, 96)
    cut = {"do_center_crop": True, "crop_size": square}
    found = said(tmp_path, **means, **cut, size={"shortest_edge": 128})
    assert found == Preprocessing(96, 128, (0.4, 0.5, 0.6), (0.2, 0.2, 0.2))
    plain = said(tmp_path, size=96, do_normalize=False)
    assert plain[2:] == ((0, 0, 0), (1, 1, 1))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({}, "size in"),
        ({"size": {"height": 96, "width": 64}}, "size in"),
        ({"size": 0}, "cut out"),
        ({"size": 96, "rescale_factor": 1.0}, "rescale_factor in"),
        ({"size": 96, "do_rescale": False}, "rescale_factor in"),
        ({"size": 96, "image_std": None}, "image_std in"),
        ({"size": 96, "image_mean": [0.5]}, "image_mean in"),
        ({"size": 96, "image_mean": 0.5}, "image_mean in"),
        ({"size": 96, "image_std": [0.5, 0.5, float("nan")]}, "image_std in"),
        ({"size": 96, "image_std": [0.5, 0.5, "0.5"]}, "image_std in"),
        ({"size": 96, "image_std": [0.5, 0.5, 0]}, "image_std in"),
        ({"size": 64, "do_center_crop": True, "crop_size": 96}, "cut out"),
    ],
)
def test_preprocessing_that_is_something_else_is_refused(tmp_path, content, reason):
    means = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    with pytest.raises(ValueError, match=rf"{reason}.* Received: "):
        said(tmp_path, **(means | content))


def test_the_middle_is_cut_out_and_channels_are_shifted_one_by_one():
    images = np.zeros((2, 8, 8, 3), "float32")
    images[:, 2:6, 2:6] = 1
    given = Preprocessing(4, 8, (0.0, 0.5, 1.0), (1.0, 0.5, 0.25))
    found = prepare_images(images, given)
    assert found.shape == (2, 4, 4, 3)
    assert found.dtype == np.float32
    assert found[0, 0, 0].tolist() == [1, 1, 0]
    assert (found == found[0, 0, 0]).all()
    with pytest.raises(ValueError, match=r"images must be .*8, 8, 3.*Received: \(2, 9"):
        prepare_images(np.zeros((2, 9, 8, 3)), given)


def test_pictures_are_enlarged_as_pillow_does():
    from PIL import Image

    images = np.random.default_rng(0).random((2, 8, 8)).astype("float32")
    found = enlarge_images(images, 32)
    assert found.shape == (2, 32, 32, 3)
    filtering = Image.Resampling.BILINEAR
    for mine, image in zip(found, images, strict=True):
        theirs = np.asarray(Image.fromarray(image).resize((32, 32), filtering))
        assert np.abs(mine - theirs[..., None]).max() < 1e-5
    with pytest.raises(ValueError, match=r"images must be .*Received: \(2, 8, 7\)"):
        enlarge_images(np.zeros((2, 8, 7)), 32)
