"""A run refuses what cannot be, and what it leaves behind belongs together."""

import argparse
import importlib
import json
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.wings import PACKAGE, WINGS

pytestmark = pytest.mark.parametrize("wing", WINGS)
ROOT = PACKAGE.parent
only_torch = pytest.mark.skipif("torch" not in WINGS, reason="PyTorch is not there")


def module(wing):
    """Import the recipe of a wing."""
    return importlib.import_module(f"dlcookbook.{wing}.training.run")


def made(wing, *words, data="numbers", **options):
    """Return a run of these words."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=Path)
    given = {"epochs": 1, "batch_size": 4, "data": data} | options
    return module(wing).Run(parser, [str(word) for word in words], "runs", **given)


def refused(wing, capsys, *words):
    """Return what a run says before it ends."""
    with pytest.raises(SystemExit) as end:
        made(wing, *words)
    assert end.value.code == 2
    return capsys.readouterr().err


def line(wing):
    """Return a model of one weight and one bias."""
    if wing == "torch":
        import torch

        return torch.nn.Linear(1, 1)
    import keras

    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])


# ---- options ----


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "2147483648"], "--seed must be below 2**31. Received: 2147483648"),
        (["--seed", "-1"], "--seed must be 0 or more. Received: -1"),
        (["--epochs", "0"], "--epochs must be 1 or more. Received: 0"),
        (["--batch-size", "0"], "--batch-size must be 1 or more. Received: 0"),
        (["--epochs", "1e3"], "invalid int value: '1e3'"),
        (["--seed", "nan"], "invalid int value: 'nan'"),
        (["--data", "x" * 999], "--data must exist. Received: xxx"),
        (["--device", ""], "--device cannot be used. Received:"),
        (["--device", "gpu:99"], "--device cannot be used. Received: gpu:99"),
        (["--device", "cuda:99"], "--device cannot be used. Received: cuda:99"),
        (["--device", "meta"], "--device cannot be used. Received: meta"),
    ],
    ids=lambda value: " ".join(value)[:24] if isinstance(value, list) else "",
)
def test_a_wrong_option_is_named_with_what_was_received(wing, words, said, capsys):
    assert said in refused(wing, capsys, *words)


def test_a_folder_that_cannot_be_written_to_is_known_at_once(wing, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    said = "--out must be a folder that can be written to. Received: "
    for name in ("file", "file/deeper", "link"):
        assert f"{said}{tmp_path / name}" in refused(
            wing, capsys, "--out", tmp_path / name
        )
    with pytest.MonkeyPatch.context() as patch:  # root may write anywhere
        patch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
        assert said in refused(wing, capsys, "--out", tmp_path / "new")
    assert made(wing, "--out", tmp_path / "a" / "b").out == tmp_path / "a" / "b"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


@only_torch
@pytest.mark.parametrize(
    "given",
    [
        {"RANK": "5"},
        {"RANK": "x", "WORLD_SIZE": "2"},
        {"RANK": "-1", "WORLD_SIZE": "2"},
        {"RANK": "2", "WORLD_SIZE": "2"},
        {"RANK": "0", "WORLD_SIZE": "0"},
        {"WORLD_SIZE": "2"},
        {"WORLD_SIZE": ""},
    ],
    ids=str,
)
def test_places_that_torchrun_does_not_give_are_refused(
    wing, given, monkeypatch, capsys
):
    if wing != "torch":
        pytest.skip("the other wing has one process")
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    said = refused(wing, capsys)
    assert "RANK and WORLD_SIZE must be as torchrun sets them" in said
    assert f"{given.get('RANK')}, {given.get('WORLD_SIZE')}" in said


@only_torch
def test_batches_of_all_processes_are_as_large_as_asked_for(wing, monkeypatch, capsys):
    if wing != "torch":
        pytest.skip("the other wing has one process")
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "3")
    said = "--batch-size must be a multiple of the 3 processes. Received: 4"
    assert said in refused(wing, capsys, "--batch-size", "4")
    run = made(wing, "--batch-size", "6")
    assert (run.rank, run.ranks, run.batch_size) == (1, 3, 6)


def test_a_precision_that_is_not_computed_in_is_refused(wing, monkeypatch, capsys):
    if wing != "torch":
        pytest.skip("Keras computes in every policy, if slowly")
    import torch

    assert made(wing, "--precision", "float16").amp is torch.float16
    # what autocast does with a type that a device does not have: a warning
    monkeypatch.setattr(torch, "autocast", lambda *_: nullcontext())
    said = refused(wing, capsys, "--precision", "float16")
    assert "--precision cannot be used. Received: float16 (gives torch.float32)" in said


@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_a_gpu_that_is_not_there_is_not_taken_for_one(wing, backend):
    pytest.importorskip(backend)
    if wing != "keras":
        pytest.skip("of the backends of Keras")
    code = (
        "import argparse; from dlcookbook.keras.training.run import Run\n"
        "for words in [], ['--device', 'gpu']:\n"
        "    parser = argparse.ArgumentParser()\n"
        "    run = Run(parser, words, 'x', epochs=1, batch_size=1)\n"
        "    print(run.device, run.policy)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": backend},
    )
    assert done.stdout.strip() == "cpu float32", done.stderr[-2000:]
    assert done.returncode == 2
    assert "--device cannot be used. Received: gpu (" in done.stderr


@pytest.mark.parametrize(
    ("where", "name", "wanted"),
    [
        ("cuda:0", "auto", "gpu"),  # PyTorch and JAX; neither lists its devices
        ("/job:localhost/replica:0/task:0/device:GPU:0", "auto", "gpu"),
        ("/job:localhost/replica:0/task:0/device:CPU:0", "auto", "cpu"),
        ("/job:localhost/replica:0/task:0/device:CPU:0", "gpu:0", None),
        ("cuda:0", "gpu:0", "gpu:0"),
        ("cuda:1", "cuda:1", "cuda:1"),
        ("cuda:0", "gpu:1", None),
        ("cuda:11", "gpu:1", None),
        ("cpu", "cpu:0", "cpu:0"),
        ("TFRT_CPU_0", "cpu", "cpu"),
        ("TPU_0(process=0,(0,0,0,0))", "tpu:0", "tpu:0"),
    ],
)
def test_the_device_is_where_it_computes(wing, where, name, wanted, monkeypatch):
    if wing != "keras":
        pytest.skip("PyTorch refuses what is not there")

    class Value:
        device = where

        def __add__(self, other):
            return self

    ops = SimpleNamespace(zeros=lambda _: Value(), convert_to_numpy=lambda x: x)
    fake = SimpleNamespace(device=lambda _: nullcontext(), ops=ops)
    monkeypatch.setattr(module(wing), "keras", fake)
    find, parser = module(wing)._device, argparse.ArgumentParser()
    if wanted:
        assert find(parser, name) == wanted
    else:
        with pytest.raises(SystemExit):
            find(parser, name)


# ---- checkpoints are of these data ----


def key(wing, *words):
    """Return the name of the folder of checkpoints."""
    return made(wing, *words).checkpoints().name


def test_another_file_under_the_same_name_has_other_checkpoints(wing, tmp_path):
    path, out = tmp_path / "data.csv", tmp_path / "out"
    path.write_text("1,2")
    for option in ("--data", "--weights"):
        words = ["--out", out, option, path]
        before = key(wing, *words)
        assert before == key(wing, *words)
        at = path.stat()
        path.write_text("1,23")  # another size at the same time
        os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
        assert key(wing, *words) != before
        path.write_text("1,2")
        os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
        assert key(wing, *words) == before
        os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns + 1))
        assert key(wing, *words) != before


def test_a_folder_is_told_by_all_its_files_and_not_by_what_is_written(
    wing, tmp_path, monkeypatch
):
    folder = tmp_path / "data"
    for name in ("b/1.png", "a/2.png"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(name)
    (folder / "nowhere").symlink_to(tmp_path / "none")
    (folder / os.fsdecode(b"\xff.png")).write_text("no UTF-8")
    words = ["--data", folder, "--out", folder / "runs"]
    before = key(wing, *words)
    (folder / "runs").mkdir()
    (folder / "runs" / "results.json").write_text("{}")
    assert key(wing, *words) == before
    monkeypatch.chdir(tmp_path)
    assert key(wing, "--data", "data", "--out", "data/runs") == before
    assert key(wing, *words, "--seed", 1) != before
    assert key(wing, *words, "--precision", "bfloat16") != before
    (folder / "a" / "2.png").rename(folder / "a" / "3.png")
    after = key(wing, *words)
    assert after != before
    (folder / "b" / "4.png").write_text("one more")
    assert key(wing, *words) not in (before, after)


def test_trainings_of_other_options_have_logs_of_their_own(wing, tmp_path):
    if wing == "keras":
        pytest.importorskip("tensorflow")
    else:
        pytest.importorskip("tensorboard")
    seen: set[Path] = set()
    for seed in (0, 1):
        with made(wing, "--out", tmp_path, "--seed", seed) as run:
            if wing == "torch":
                run.options(print, print)["writer"].add_scalar("loss", 1.0, 1)
            else:
                train_keras(run)
        logs = (tmp_path / "tensorboard").rglob("events.out.tfevents.*")
        folders = {path.parent for path in logs}
        assert folders - seen
        seen |= folders


def train_keras(run):
    """Train one weight for an epoch."""
    import numpy as np

    from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
    from dlcookbook.keras.training.early_stopping import EarlyStopping

    model, x = line("keras"), np.ones((4, 1), "float32")
    model.compile("sgd", "mse")
    stopping = EarlyStopping("val_loss", mode="min", patience=1)
    data = ShuffledArrays(x, x, 4)
    parts = {"stopping": stopping}
    checkpoint = Checkpoint(run.checkpoints(), data, parts=parts)
    return run.fit(model, data, (x, x), stopping, checkpoint)


# ---- how it ends ----


def test_weights_and_checkpoints_outlast_a_result_that_is_no_number(wing, tmp_path):
    run = made(wing, "--out", tmp_path)
    run.checkpoints().mkdir(parents=True)
    kept, wrong = run.keep(line(wing)), float("inf")
    with pytest.raises(ValueError, match=r"weights stay in .*'test_loss': inf}$"), run:
        run.finish({"test_accuracy": 0.5, "test_loss": wrong}, {}, {})
    assert kept.stat().st_size
    assert run.checkpoints().is_dir()
    assert not (tmp_path / "results.json").exists()


def test_results_of_an_older_run_do_not_lie_beside_new_weights(wing, tmp_path, capsys):
    (tmp_path / "results.json").write_text("old")
    (tmp_path / "mine.txt").write_text("of somebody else")
    with made(wing, "--out", tmp_path) as run:
        assert (tmp_path / "results.json").read_text() == "old"
        kept = run.keep(line(wing))
        assert not (tmp_path / "results.json").exists()
        run.finish({"test_loss": 0.5}, {"val_loss": [float("nan"), 1.0]}, {})
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1].split() == [
        "written",
        str(kept),
        str(tmp_path / "results.json"),
    ]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["mine.txt", kept.name, "results.json"]

    def fail(word):
        raise AssertionError(f"{word} is not JSON")

    text = (tmp_path / "results.json").read_text()
    content = json.loads(text, parse_constant=fail)
    assert content["history"] == {"val_loss": [None, 1.0]}


def test_weights_are_replaced_whole_or_not_at_all(wing, tmp_path, monkeypatch):
    model = line(wing)
    with made(wing, "--out", tmp_path) as run:
        path = run.keep(model)
        before = path.read_bytes()

        def cut(*arguments):
            Path(arguments[1] if wing == "torch" else arguments[0]).write_bytes(b"cut")
            raise KeyboardInterrupt

        if wing == "torch":
            import torch

            monkeypatch.setattr(torch, "save", cut)
        else:
            monkeypatch.setattr(model, "save_weights", cut)
        with pytest.raises(KeyboardInterrupt):
            run.keep(model)
    assert path.read_bytes() == before


def test_results_are_replaced_whole_or_not_at_all(wing, tmp_path, monkeypatch):
    with made(wing, "--out", tmp_path) as run:
        run.finish({"test_loss": 0.5}, {}, {})
    before = (tmp_path / "results.json").read_text()

    def cut(path, text, *_):
        path.write_bytes(text[:9].encode())
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", cut)
    with pytest.raises(SystemExit), made(wing, "--out", tmp_path) as run:
        run.finish({"test_loss": 0.25}, {}, {})
    assert (tmp_path / "results.json").read_text() == before


def test_numbers_stand_below_each_other(wing, tmp_path, capsys):
    results = {"test_accuracy": 0.5, "test_average_precision_of_few": 0.25}
    with made(wing, "--out", tmp_path) as run:
        run.finish(results, {}, {})
    lines = capsys.readouterr().out.splitlines()[:3]
    assert lines[0] == "test_accuracy                 0.5"
    assert lines[1] == "test_average_precision_of_few 0.25"
    assert len({len(text) - len(text.split()[1]) for text in lines}) == 1


def test_ctrl_c_says_what_the_same_command_will_do(wing, tmp_path, capsys):
    for how in ("starts anew", "goes on"):
        run = made(wing, "--out", tmp_path)
        if how == "goes on":
            run.checkpoints("a").mkdir(parents=True)
            (run.checkpoints("a") / "checkpoint-00000001.pt").touch()
        with pytest.raises(SystemExit) as end, run:
            signal.default_int_handler(signal.SIGINT, None)
        assert end.value.code == 130
        said = capsys.readouterr().err
        assert said == f"stopped; the same command {how} in {tmp_path}\n"
