"""Two processes follow one, and go on when one is killed; the page's lines are run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dlcookbook import choose
from dlcookbook.sheet import distributed
from tests import wings
from tools.fences import scan

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "distributed.md").read_text("utf-8")
# Rounding in float64 and float32, of numbers about 1.
NEAR, NEAR_32 = 1e-12, 1e-5
torch_only = pytest.mark.skipif(
    "torch" not in wings.WINGS or not hasattr(os, "fork"), reason="needs PyTorch, fork"
)
each_row = pytest.mark.parametrize("row", distributed.ROWS, ids=lambda row: row.slug)


def ran(*command, **variables):
    """Run a Python module or file in a process of its own; return what it prints."""
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)} | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def found():
    """Return what the tool of the page measures, without the times."""
    return json.loads(ran("-m", "tools.distributed_evidence", "--quick"))


def shown(title):
    """Return a block of the page by its title."""
    [block] = [f for f in scan(PAGE) if f.values.get("title") == title]
    return block.code


@torch_only
def test_two_processes_follow_one_and_are_alike(found):
    for name in ("whole", "uneven"):
        apart = found["agreement"][name]
        assert apart.pop("val_f1") == apart.pop("val_auc") == 0
        assert 0 <= max(apart.values()) < NEAR
    assert found["agreement"]["processes"] == found["interrupted"]["alike"] == 0


@torch_only
def test_evaluating_merges_and_leaves_out_what_is_there_twice(found):
    one, (two, other) = found["measured"]["one"], found["measured"]["two"]
    assert two == other
    assert two.pop("loss") == pytest.approx(one.pop("loss"), rel=NEAR)
    assert two == one


@torch_only
def test_two_processes_stop_together_and_go_on_to_the_bit(found):
    told = found["interrupted"]
    assert told["terminated"] == ["SystemExit: 143"] * 2
    assert re.match("OSError: the disk is full", told["full_disk"][0])
    assert re.match("RuntimeError: the first process could", told["full_disk"][1])
    assert told["after_terminated"] == told["after_full_disk"] == 0


@torch_only
def test_a_killed_worker_begins_again_and_ends_as_if_it_never_was(found):
    told = found["interrupted"]
    assert (told["restarts"], told["ends"]) == (1, 2)
    assert told["after_killed"] == 0


@torch_only
def test_a_checkpoint_of_two_is_read_by_one_and_back(found):
    assert max(found["moved"].values()) < NEAR


@torch_only
@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("nan", "FloatingPointError: a loss or a weight is NaN"),
        ("unequal", "ValueError: train must give every process as many batches"),
        ("same", "ValueError: train must give each process examples of its own"),
        ("bare", "ValueError: model must be wrapped in DistributedDataParallel"),
        ("merge", "ValueError: metrics must have `merge`.*without it: f1"),
        ("elsewhere", "ValueError: load must find the same checkpoint"),
    ],
)
def test_what_is_wrong_in_one_process_is_an_error_in_all(found, what, says):
    assert len(found["refusals"][what]) == 2
    for answer in found["refusals"][what]:
        assert re.match(says, answer)


@torch_only
def test_processes_draw_for_themselves_and_the_first_one_speaks(found):
    (first, said), (second, silent) = found["draws"]
    assert len(first) == len({*first, *second}) / 2 == 10
    assert [line.partition(":")[0] for line in said] == ["epoch 1", "epoch 2"]
    assert silent == []


@torch_only
def test_a_bug_in_the_loop_shows(found):
    assert len(found["noticed"]) == 5
    for without, planted in found["noticed"].values():
        assert without < NEAR
        assert planted > 1e-4


@torch_only
def test_the_script_of_the_page_prints_the_same_under_torchrun(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(shown("train.py"))
    launch = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    printed = re.search(r'title="train.py".*?\.output\}\n(.*?)```', PAGE, re.DOTALL)[1]
    assert ran(*launch, script).strip() == printed.strip()
    assert len(eval(printed)) == 3


@torch_only
def test_the_calls_in_pytorch_are_what_they_say():
    import torch
    from torch import distributed as dist
    from torch.distributed.fsdp import fully_shard
    from torch.distributed.tensor import parallel

    names = {"torch": torch, "fully_shard": fully_shard, "x": torch.ones(2, 4)}
    names |= {name: getattr(parallel, name) for name in parallel.__all__}
    names["DistributedDataParallel"] = torch.nn.parallel.DistributedDataParallel
    names |= {"loss": torch.nn.functional.mse_loss, "y": torch.ones(2, 2)}
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    try:
        names["mesh"] = dist.init_device_mesh("cpu", (1,))
        made = {}
        for row in distributed.ROWS:
            layers = [torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2)]
            names["model"] = torch.nn.Sequential(*layers)
            made[row.slug] = type(eval(row.torch, names)).__name__
    finally:
        dist.destroy_process_group()
    assert made == {
        "accumulation": "NoneType",
        "mixed-precision": "autocast",
        "recompute": "Tensor",
        "data-parallel": "DistributedDataParallel",
        "sharded": "FSDPSequential",
        "tensor-parallel": "Sequential",
    }


@torch_only
def test_sharded_weights_are_not_saved_by_one_process(tmp_path):
    import torch
    from torch import distributed as dist
    from torch.distributed.fsdp import fully_shard

    home = wings.module("torch", "training", "checkpoint")
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    try:
        mesh = dist.init_device_mesh("cpu", (1,))
        model = fully_shard(torch.nn.Linear(2, 2), mesh=mesh)
        with pytest.raises(ValueError, match=r"model must .* part of a sharded tensor"):
            home.save_checkpoint(tmp_path, model=model)
    finally:
        dist.destroy_process_group()
    assert not [*tmp_path.iterdir()]


def test_keras_on_two_devices_of_jax_follows_one():
    pytest.importorskip("jax")
    pytest.importorskip("keras")
    told = json.loads(ran("-m", "tools.distributed_keras", "jax"))
    assert max(told["data_parallel"].values()) < NEAR_32
    assert max(told["model_parallel"].values()) < NEAR_32
    assert told["shards"] == [[64, 16], [64, 16]]
    assert list(told["made"]) == [row.slug for row in distributed.ROWS]


def test_keras_on_two_devices_of_tensorflow_follows_one():
    pytest.importorskip("tensorflow")
    pytest.importorskip("keras")
    told = json.loads(ran("-m", "tools.distributed_keras", "tensorflow"))
    assert max(told["mirrored"].values()) < NEAR_32


def test_the_job_comes_to_the_command_that_is_meant(tmp_path):
    job = tmp_path / "job.sh"
    job.write_text(shown("job.sh"))
    for name, body in {
        "scontrol": 'printf "%s\\n" host1 host2',
        "srun": 'echo "$OMP_NUM_THREADS" "$CHECKPOINTS" "$@"',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    slurm = {"JOB_NODELIST": "host[1-2]", "CPUS_PER_TASK": "32", "GPUS_ON_NODE": "4"}
    slurm |= {"JOB_NUM_NODES": "2", "JOB_ID": "77", "JOB_NAME": "digits"}
    slurm["SUBMIT_DIR"] = "/home/me"
    subprocess.run(["bash", "-n", job], check=True)
    done = subprocess.run(
        ["bash", job],
        env={f"SLURM_{name}": value for name, value in slurm.items()}
        | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    threads, folder, command, *options, script = done.stdout.split()
    assert (threads, folder, command) == (
        "8",
        "/home/me/checkpoints/digits",
        "torchrun",
    )
    pairs = dict(zip(options[::2], options[1::2], strict=True))
    assert pairs.pop("--max-restarts") == "3"
    assert pairs == {
        "--nnodes": "2",
        "--nproc-per-node": "4",
        "--rdzv-id": "77",
        "--rdzv-backend": "c10d",
        "--rdzv-endpoint": "host1:29500",
    }
    assert script == "train.py"


@torch_only
def test_torchrun_knows_the_options_of_the_page():
    from torch.distributed.run import get_args_parser

    lines = PAGE.replace("\\\n", " ").splitlines()
    lines = [line.partition("torchrun ")[2] for line in lines if "torchrun --" in line]
    lines += [shown("job.sh").replace("\\\n", " ").partition("srun torchrun ")[2]]
    assert len(lines) == 4
    for line in lines:
        get_args_parser().parse_args(line.split())


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("distributed", None, task)
        assert row.torch in answer or f"choose distributed {row.slug}\n" in answer
    assert row.keras in choose.answer("distributed", row.slug, None)


@each_row
def test_every_row_has_a_line_of_the_table_and_a_section(row):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", row.slug)
    assert re.fullmatch(r"\S.* https://\S+", row.source)
    assert f"| {row.lacking} | [{row.name}](" in PAGE
    page, _, place = (row.section or row.slug).rpartition("#")
    text = (ROOT / "docs" / page).read_text("utf-8") if page else PAGE
    assert f"{{ #{place} }}" in text
