"""Measure the metrics against their peers; write docs/evidence/metrics_speed.json.

    python -m tools.bench_metrics             # seconds, and bytes
    python -m tools.bench_metrics --memory    # bytes alone; the seconds stay

One process, one thread, methods interleaved, the fastest of the rounds. Seconds mean
nothing on another machine: the page shows ratios. The floor is the time that reading
the inputs once takes. Memory is the peak of a fresh process, less what it had with its
inputs before the call.
"""

import datetime
import json
import multiprocessing
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import sklearn.metrics as sk
import torch
import torchmetrics
import torchmetrics.classification as tm_class
import torchmetrics.functional.classification as tm

from dlcookbook.numpy.metrics.average_precision import average_precision
from dlcookbook.numpy.metrics.calibration_error import calibration_error
from dlcookbook.numpy.metrics.classification_log import ClassificationLog
from dlcookbook.numpy.metrics.classification_report import classification_report
from dlcookbook.numpy.metrics.mean_iou import mean_iou
from dlcookbook.numpy.metrics.nms import nms
from dlcookbook.numpy.metrics.precision_recall import precision_recall
from dlcookbook.numpy.metrics.roc_auc import roc_auc
from dlcookbook.torch.metrics import average_precision as torch_average_precision
from dlcookbook.torch.metrics import classification_log as torch_log
from dlcookbook.torch.metrics import roc_auc as torch_roc_auc
from dlcookbook.torch.metrics.accuracy import top_k_accuracy
from tools.places import ROOT

FILE = ROOT / "docs" / "evidence" / "metrics_speed.json"
# What takes longer than this is run once.
SLOW = 2.0
ROUNDS = 5
ROC_AUC = "Exact ROC-AUC of 10^7 scores with ties"
Call = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Race:
    """One task, our ways to do it and those of the peers."""

    task: str
    read: Call
    ours: dict[str, Call]
    peers: dict[str, Call]
    wanted: dict[str, float] = field(default_factory=dict)


def seconds(calls: dict[str, Call]) -> dict[str, float]:
    """Return the fastest run of each call, the calls taking turns."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            if SLOW < best[name] < float("inf"):
                continue
            start = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def labels(n: int, c: int, kind: str = "int64") -> tuple[np.ndarray, np.ndarray]:
    """Return truth and prediction, six in ten of which are right."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, c, n)
    predicted = np.where(rng.random(n) < 0.6, true, rng.integers(0, c, n))
    return true.astype(kind), predicted.astype(kind)


def report(c: int, wanted: dict[str, float]) -> Race:
    """Return the race for a report of 10^7 labels."""
    true, predicted = labels(10_000_000, c)
    pair: Any = torch.from_numpy(predicted), torch.from_numpy(true)
    return Race(
        task=f"Classification report, 10^7 labels, {c:,} classes",
        read=lambda: (true.max(), predicted.max()),
        ours={"NumPy": lambda: classification_report(true, predicted, c)},
        peers={
            "scikit-learn": lambda: sk.classification_report(
                true, predicted, zero_division=0
            ),
            "torchmetrics": lambda: tm.multiclass_confusion_matrix(pair[0], pair[1], c),
        },
        wanted=wanted,
    )


def many_classes() -> Race:
    """Return the race over more classes than a square matrix can hold."""
    true, predicted = labels(10_000, 10_000)
    pair: Any = torch.from_numpy(predicted), torch.from_numpy(true)
    return Race(
        task="Macro F1, 10^4 labels, 10,000 classes",
        read=lambda: (true.max(), predicted.max()),
        ours={
            "NumPy": lambda: precision_recall(true, predicted, 10_000, absent="zero")
        },
        peers={
            "scikit-learn": lambda: sk.f1_score(true, predicted, average="macro"),
            "torchmetrics": lambda: tm.multiclass_f1_score(pair[0], pair[1], 10_000),
        },
        wanted={"torchmetrics": 500.0},
    )


def streams() -> Race:
    """Return the race over 400 batches of 256."""
    import keras
    import tensorflow as tf

    true, predicted = labels(400 * 256, 10)
    batches = list(zip(true.reshape(400, -1), predicted.reshape(400, -1), strict=True))
    tensors = [(torch.from_numpy(p), torch.from_numpy(t)) for t, p in batches]
    graph = [(tf.one_hot(t, 10), tf.one_hot(p, 10)) for t, p in batches]
    kinds = (
        tm_class.MulticlassAccuracy,
        tm_class.MulticlassPrecision,
        tm_class.MulticlassRecall,
        tm_class.MulticlassF1Score,
        tm_class.MulticlassConfusionMatrix,
    )

    def ours() -> None:
        log = ClassificationLog(10)
        for batch in batches:
            log.update(*batch)
        log.compute()

    def ours_in_torch() -> None:
        log = torch_log.ClassificationLog(10)
        for batch in tensors:
            log.update(*batch)
        log.compute()

    def collection() -> None:
        metrics = torchmetrics.MetricCollection([kind(10) for kind in kinds])
        for batch in tensors:
            metrics.update(*batch)
        metrics.compute()

    own = [keras.metrics.F1Score("macro"), keras.metrics.CategoricalAccuracy()]
    own += [keras.metrics.Precision(), keras.metrics.Recall()]

    @tf.function
    def step(y_true: object, y_pred: object) -> None:
        for metric in own:
            metric.update_state(y_true, y_pred)

    def by_keras() -> None:
        for batch in graph:
            step(*batch)
        for metric in own:
            metric.result()

    return Race(
        task="Accuracy, precision, recall, F1 and matrix of 400 batches of 256",
        read=lambda: [(t.max(), p.max()) for t, p in batches],
        ours={"NumPy": ours, "PyTorch": ours_in_torch},
        peers={"torchmetrics": collection, "Keras": by_keras},
        wanted={"torchmetrics": 80.0, "Keras": 20.0},
    )


def tied_scores() -> tuple[np.ndarray, np.ndarray]:
    """Return truth and scores, half of which are tied with another."""
    rng = np.random.default_rng(0)
    true = rng.random(10_000_000) < 0.3
    return true, (true + rng.normal(size=true.size)).astype("float32").round(5)


def exact_roc_auc(true: np.ndarray, scores: np.ndarray) -> Race:
    """Return the race over the whole curve."""
    pair: Any = torch.from_numpy(scores), torch.from_numpy(true).int()
    return Race(
        task=ROC_AUC,
        read=lambda: (scores.max(), true.max()),
        ours={
            "NumPy": lambda: roc_auc(true, scores),
            "PyTorch": lambda: torch_roc_auc.roc_auc(pair[0], pair[1]),
        },
        peers={
            "scikit-learn": lambda: sk.roc_auc_score(true, scores),
            "torchmetrics": lambda: tm.binary_auroc(pair[0], pair[1]),
        },
        wanted={"scikit-learn": 15.0, "torchmetrics": 7.0},
    )


def peak(folder: str, name: str) -> int:
    """Return the bytes that one way of that race takes on top of its inputs."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    pair = [np.load(Path(folder) / f"{x}.npy") for x in ("true", "scores")]
    # a first call imports and compiles what it needs
    for size in 1000, None:
        race = exact_roc_auc(*(x[:size] for x in pair))
        race.read()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        (race.ours | race.peers)[name]()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # a Mac counts bytes, Linux kibibytes
    return (after - before) * (1 if sys.platform == "darwin" else 1024)


def memory() -> dict[str, int]:
    """Return the peak of each way to an exact ROC-AUC, each in its own process."""
    true, scores = tied_scores()
    race = exact_roc_auc(true[:2], scores[:2])
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/true.npy", true)
        np.save(f"{folder}/scores.npy", scores)
        with ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn"), max_tasks_per_child=1
        ) as pool:
            ways = [*race.ours, *race.peers]
            found = pool.map(peak, [folder] * len(ways), ways)
            return dict(zip(ways, found, strict=True))


def add_memory(races: list[dict[str, Any]]) -> None:
    """Write the peaks beside the seconds of the same race."""
    for race in races:
        if race["task"] == ROC_AUC:
            race["memory"] = memory()
            shown = (f"{x} {n / 1e6:.0f} MB" for x, n in race["memory"].items())
            print(f"{ROC_AUC}: {', '.join(shown)}")


def rankings() -> list[Race]:
    """Return the races over scores, half of which are tied with another."""
    true, scores = tied_scores()
    half = scores.astype("float16")
    pair: Any = torch.from_numpy(scores), torch.from_numpy(true).int()
    wanted = {"scikit-learn": 15.0, "torchmetrics": 7.0}

    def read() -> object:
        return scores.max(), true.max()

    return [
        exact_roc_auc(true, scores),
        Race(
            task="Exact ROC-AUC of 10^7 scores in float16",
            read=lambda: (half.view("int16").max(), true.max()),
            ours={"NumPy": lambda: roc_auc(true, half)},
            peers={"scikit-learn": lambda: sk.roc_auc_score(true, half)},
            wanted={"scikit-learn": 80.0},
        ),
        Race(
            task="Exact average precision of 10^7 scores with ties",
            read=read,
            ours={
                "NumPy": lambda: average_precision(true, scores),
                "PyTorch": lambda: torch_average_precision.average_precision(
                    pair[0], pair[1]
                ),
            },
            peers={
                "scikit-learn": lambda: sk.average_precision_score(true, scores),
                "torchmetrics": lambda: tm.binary_average_precision(pair[0], pair[1]),
            },
            wanted=wanted,
        ),
    ]


def others() -> list[Race]:
    """Return the races over probabilities, masks, boxes and many classes."""
    import tensorflow as tf

    rng = np.random.default_rng(0)
    p = rng.random(5_000_000).astype("float32")
    hit = rng.random(p.size) < p**1.3
    pair: Any = torch.from_numpy(p), torch.from_numpy(hit).int()
    masks = rng.integers(0, 21, (2, 8, 512, 512)).astype("uint8")
    images: Any = tuple(torch.from_numpy(x) for x in masks)
    logits = rng.normal(size=(20_000, 1000)).astype("float32")
    classes = rng.integers(0, 1000, 20_000)
    rows: Any = torch.from_numpy(logits), torch.from_numpy(classes)
    corner = rng.uniform(0, 4000, (100_000, 2))
    sides = rng.uniform(5, 80, (100_000, 2))
    boxes = np.concatenate([corner, corner + sides], axis=1).astype("float32")
    sure = rng.random(100_000).astype("float32")
    return [
        Race(
            task="Binary calibration error of 5 x 10^6 probabilities",
            read=lambda: (p.max(), hit.max()),
            ours={"NumPy": lambda: calibration_error(hit, p)},
            peers={
                "torchmetrics": lambda: tm.binary_calibration_error(pair[0], pair[1])
            },
            wanted={"torchmetrics": 15.0},
        ),
        Race(
            task="Mean IoU of 8 masks of 512 x 512, 21 classes, uint8",
            read=lambda: (masks[0].max(), masks[1].max()),
            ours={"NumPy": lambda: mean_iou(masks[0], masks[1], 21)},
            peers={
                "torchmetrics": lambda: tm.multiclass_jaccard_index(
                    images[0], images[1], 21
                )
            },
            wanted={"torchmetrics": 80.0},
        ),
        Race(
            task="Top-5 accuracy of 20,000 rows of 1,000 classes",
            read=lambda: logits.max(),
            ours={"PyTorch": lambda: top_k_accuracy(rows[0], rows[1], k=5)},
            peers={
                "torchmetrics": lambda: tm.multiclass_accuracy(
                    rows[0], rows[1], 1000, top_k=5, average="micro"
                )
            },
            wanted={"torchmetrics": 50.0},
        ),
        Race(
            task="NMS of 10^5 boxes",
            read=lambda: (boxes.max(), sure.max()),
            ours={"NumPy": lambda: nms(boxes, sure, 0.5)},
            peers={
                "TensorFlow": lambda: tf.image.non_max_suppression(
                    boxes, sure, 100_000, 0.5
                )
            },
            wanted={"TensorFlow": 3.0},
        ),
    ]


def main() -> int:
    """Run every race and write what came out."""
    if "--memory" in sys.argv[1:]:
        result = json.loads(FILE.read_text())
        add_memory(result["races"])
        FILE.write_text(json.dumps(result, indent=1) + "\n")
        return 0
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    found = []
    reports = [
        report(10, {"scikit-learn": 300.0, "torchmetrics": 50.0}),
        report(1000, {}),
    ]
    for race in [*reports, many_classes(), streams(), *rankings(), *others()]:
        times = seconds({"read": race.read, **race.ours, **race.peers})
        found.append(
            {
                "task": race.task,
                "floor": times["read"],
                "ours": {name: times[name] for name in race.ours},
                "peers": {name: times[name] for name in race.peers},
                "wanted": race.wanted,
            }
        )
        shown = ", ".join(f"{name} {1e3 * t:.3g} ms" for name, t in times.items())
        print(f"{race.task}: {shown}", flush=True)
    add_memory(found)
    result = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "rounds": ROUNDS,
        "races": found,
    }
    FILE.write_text(json.dumps(result, indent=1) + "\n")
    print(f"wrote {FILE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
