"""Measure the models against their peers; write docs/evidence/models_speed.json.

    python -m tools.bench_models            # seconds and memory of a training step
    python -m tools.bench_models --proof    # conversions, parameters, exports

One process, one thread, methods interleaved, the fastest of the rounds. Seconds mean
nothing on another machine: the page shows ratios. The proof runs what the tests run,
without leaving anything out, and writes docs/evidence/models_proof.json.
"""

import argparse
import datetime
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import torch

from tools.places import ROOT

SPEED = ROOT / "docs" / "evidence" / "models_speed.json"
PROOF = ROOT / "docs" / "evidence" / "models_proof.json"
TOPICS = ("models", "blocks")
ROUNDS = 5
BATCH, SIZE = 8, 96
Step = Callable[[], object]


def in_torch(model: Any) -> Step:
    """Return one step of training in PyTorch: forward, loss, backward."""
    x = torch.randn(BATCH, 3, SIZE, SIZE)
    y = torch.randint(10, (BATCH,))
    model.train()

    def step() -> None:
        out = model(x)
        loss = torch.nn.functional.cross_entropy(getattr(out, "logits", out), y)
        model.zero_grad()
        loss.backward()

    return step


def in_keras(model: Any) -> Step:
    """Return one step of training in Keras, compiled to a graph."""
    import keras

    x = np.random.default_rng(0).standard_normal((BATCH, SIZE, SIZE, 3))
    y = np.arange(BATCH) % 10
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(1e-6), loss)
    x = x.astype("float32")
    return lambda: model.train_on_batch(x, y)


def ours(wing: str, file: str, *args: object, **kwargs: object) -> Any:
    """Build one of our models."""
    module = importlib.import_module(f"dlcookbook.{wing}.models.{file}")
    return getattr(module, "efficientnet" if file == "efficientnet" else "resnet50")(
        *args, **kwargs
    )


def hugging_face(file: str) -> Any:
    """Build the model of transformers."""
    transformers: Any = importlib.import_module("transformers")
    if file == "resnet":
        config = transformers.ResNetConfig(num_labels=10)
        return transformers.ResNetForImageClassification(config)
    config = transformers.EfficientNetConfig(
        width_coefficient=1.0, depth_coefficient=1.0, hidden_dim=1280, num_labels=10
    )
    return transformers.EfficientNetForImageClassification(config)


def applications(file: str) -> Any:
    """Build the model of keras.applications."""
    import keras

    name = "ResNet50" if file == "resnet" else "EfficientNetB0"
    return getattr(keras.applications, name)(
        weights=None,
        input_shape=(SIZE, SIZE, 3),
        classes=10,
        classifier_activation=None,
    )


def step_of(model: str, who: str) -> Step:
    """Return the training step of a model: ours or a peer's, in one framework."""
    given: tuple = ("b0", 10) if model == "efficientnet" else (10,)
    if who == "torch":
        return in_torch(ours("torch", model, *given))
    if who == "transformers":
        return in_torch(hugging_face(model))
    if who == "keras":
        return in_keras(ours("keras", model, *given, **AS_IN_APPLICATIONS[model]))
    return in_keras(applications(model))


# With these, ours is the very network of keras.applications.
AS_IN_APPLICATIONS: dict[str, dict[str, Any]] = {
    "resnet": {"norm_eps": 1.001e-5, "conv_bias": True, "stride_on_1x1": True},
    "efficientnet": {"norm_eps": 1e-3, "tf_padding": True},
}
RACES = {
    "torch": "transformers",
    "keras": "keras.applications",
}


def seconds(calls: dict[str, Step]) -> dict[str, float]:
    """Return the fastest run of each call, the calls taking turns."""
    for call in calls.values():
        call()
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def peak(model: str, who: str) -> int:
    """Return how many bytes two steps need at most, in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tools.bench_models", model, who],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=True,
    )
    return int(done.stdout.split()[-1])


def alone(model: str, who: str) -> None:
    """Take two steps and print how many bytes more than before were held at most."""
    for library in ("keras", "transformers"):
        importlib.import_module(library)
    # from here on: what was imported is not the model's
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before = held()
    step = step_of(model, who)
    step()
    step()
    print(held() - before)


def held() -> int:
    """Return the largest memory of this process; getrusage knows the parent's too."""
    status = Path("/proc/self/status").read_text("ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return 1024 * int(line.split()[1])


def speed() -> dict[str, Any]:
    """Race our models against their peers."""
    races = []
    for model in ("resnet", "efficientnet"):
        for wing, peer in RACES.items():
            took = seconds({who: step_of(model, who) for who in (wing, peer)})
            held = {who: peak(model, who) for who in (wing, peer)}
            print(model, took, held, flush=True)
            races.append(
                {
                    "model": model,
                    "wing": wing,
                    "peer": peer,
                    "seconds": [took[wing], took[peer]],
                    "bytes": [held[wing], held[peer]],
                }
            )
    return {"batch": BATCH, "pixels": SIZE, "races": races}


def every(attribute: str) -> list[tuple[str, str, Any]]:
    """Return the cases, peers or counts of all models and blocks."""
    found = []
    for topic in TOPICS:
        for path in sorted((ROOT / "tests" / topic).glob("[!_]*.py")):
            module = importlib.import_module(f"tests.{topic}.{path.stem}")
            found += [(topic, path.stem, x) for x in getattr(module, attribute, ())]
    return found


def macs(model: torch.nn.Module, *shape: int) -> int:
    """Count the multiply-adds of convolutions and matrix products.

    Parameters
    ----------
    model : nn.Module
        Best built under `torch.device("meta")`: then nothing is computed.
    *shape : int
        Of one input, batch first.

    Returns
    -------
    int
        Half of what PyTorch counts as floating-point operations.
    """
    from torch.utils.flop_counter import FlopCounterMode

    device = next(model.parameters()).device
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        model.eval()(torch.zeros(*shape, device=device))
    return counter.get_total_flops() // 2


def counts() -> list[dict[str, Any]]:
    """Count parameters in ours and in all who know."""
    rows: dict[str, dict[str, Any]] = {}
    for topic, file, count in every("COUNTS"):
        module = importlib.import_module(f"dlcookbook.torch.{topic}.{file}")
        with torch.device("meta"):
            model = getattr(module, count.function)(*count.args, **count.kwargs)
        row = {
            "file": f"{topic}/{file}",
            "function": count.function,
            "args": list(count.args),
            "kwargs": count.kwargs,
            "parameters": sum(p.numel() for p in model.parameters()),
            "peers": {},
        }
        key = json.dumps([file, count.function, count.args, count.kwargs])
        row = rows.setdefault(key, row)
        row["peers"][count.name] = count.counted()
        print(key, row["parameters"], row["peers"], flush=True)
    return list(rows.values())


def variants() -> list[dict[str, Any]]:
    """Count the work of every EfficientNet on the images that it was trained on."""
    from dlcookbook.torch.models import efficientnet

    rows = []
    for name, (width, depth, pixels, dropout) in efficientnet.VARIANTS.items():
        with torch.device("meta"):
            model = efficientnet.efficientnet(name)
        row = {"variant": name, "width": width, "depth": depth, "pixels": pixels}
        row |= {"dropout": dropout}
        row["blocks"] = sum(1 for m in model.modules() if type(m).__name__ == "MBConv")
        row["parameters"] = sum(p.numel() for p in model.parameters())
        rows.append({**row, "macs": macs(model, 1, 3, pixels, pixels)})
    return rows


def conversions() -> list[dict[str, Any]]:
    """Load the weights of others into ours, and ours from one wing into the other."""
    from tests import conversion, test_models

    rows = []
    for topic, file, peer in every("PEERS"):
        for wing, difference in peer.differences().items():
            row = {"file": f"{topic}/{file}", "ours": peer.function, "wing": wing}
            rows.append({**row, "from": peer.name, "difference": difference})
            print(rows[-1], flush=True)
    for topic, file, case in every("CASES"):
        mine = test_models.in_torch(topic, file, case)
        theirs, rename = test_models.in_keras(topic, file, case)
        conversion.to_keras(conversion.shake(mine), theirs, rename)
        worst = 0.0
        for inputs in (case.inputs, *case.more):
            given = inputs(np.random.default_rng(0))
            got = conversion.run_keras(theirs, *given)
            want = conversion.run_torch(mine, *given)
            worst = max(worst, conversion.difference(got, want))
        row = {"file": f"{topic}/{file}", "ours": case.function, "wing": "keras"}
        rows.append({**row, "from": "dlcookbook.torch", "difference": worst})
        print(rows[-1], flush=True)
    return rows


def exports() -> list[dict[str, Any]]:
    """Export every model to ONNX and run it there."""
    import onnxruntime

    from tests import conversion, test_models

    rows = []
    for topic, file, case in every("CASES"):
        if topic != "models":
            continue
        model = test_models.in_torch(topic, file, case).eval()
        given = case.inputs(np.random.default_rng(0))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            torch.onnx.export(
                model,
                tuple(map(torch.from_numpy, given)),
                path,
                dynamo=True,
                verbose=False,
                external_data=False,
            )
            session = onnxruntime.InferenceSession(path)
            names = [entry.name for entry in session.get_inputs()]
            got = session.run(None, dict(zip(names, given, strict=True)))
        difference = conversion.difference(got, conversion.run_torch(model, *given))
        rows.append({"ours": case.function, "difference": difference})
        print("onnx", rows[-1], flush=True)
    return rows


def versions() -> dict[str, str]:
    """Return what was compared."""
    import keras
    import tensorflow
    import transformers

    found = {m.__name__: m.__version__ for m in (torch, keras, tensorflow)}
    return {**found, "transformers": transformers.__version__}


def main() -> None:
    """Measure what was asked for and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--proof", action="store_true", help="write the proof")
    parser.add_argument("alone", nargs="*", help="measure the memory of one")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    if asked.alone:
        alone(*asked.alone)
        return
    if asked.proof:
        found: dict[str, Any] = {
            "counts": counts(),
            "variants": variants(),
            "conversions": conversions(),
            "onnx": exports(),
        }
    else:
        found = speed()
    found |= {"measured": str(datetime.date.today()), "versions": versions()}
    file = PROOF if asked.proof else SPEED
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
