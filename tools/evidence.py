"""Train the digits project on five seeds beside an SVM; write what came out.

    python -m tools.evidence

Every number goes to docs/evidence/digits.json, with the versions, the date and a hash
of each source that it depends on: a test fails when one of them has changed since.
"""

import datetime
import hashlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from typing import Any

import numpy as np
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from dlcookbook import catalog
from dlcookbook.data.digits import Part, load_digits_split
from tools.places import ROOT

SEEDS = range(5)
FILE = ROOT / "docs" / "evidence" / "digits.json"
PROJECTS = {
    "torch": "torch/projects/digits_cnn",
    "keras": "keras/projects/digits_cnn",
}
GRID = [(10.0**c, 2.0**g) for c in range(-1, 4) for g in range(-9, 1)]

# A process of its own for every run, as a reader would start it.
TRAIN = """
import importlib, json, sys

module, variant, *arguments = sys.argv[1:]
project = importlib.import_module(module)
if variant == "plain":
    project.Augment = project.nn.Identity
elif variant == "by_file":
    from tools.evidence import in_file_order

    project.load_digits_split = in_file_order
print(json.dumps(project.main(arguments)))
"""

# The number of threads decides in which order sums are rounded.
ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TQDM_DISABLE": "1",
}

Run = dict[str, Any]


def sources() -> dict[str, str]:
    """Return a hash of each file that the numbers depend on, by its path."""
    recipes = [file for name in PROJECTS.values() for file in catalog.find(name).files]
    paths = {file.path for file in recipes} | {ROOT / "tools" / "evidence.py"}
    return {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(paths)
    }


def versions() -> dict[str, str]:
    """Return the versions of everything that computes a number here."""
    names = ("keras", "numpy", "scikit-learn", "scipy", "tensorflow", "torch")
    found = {name: metadata.version(name) for name in names}
    return {"python": platform.python_version(), **found}


def in_file_order(fold: int) -> tuple[Part, Part, Part]:
    """Split without shuffling: images of one writer follow each other in the file.

    Parameters
    ----------
    fold : int
        Which fifth of the file is the test part, from 0; the next one is validation.

    Returns
    -------
    tuple of Part
        Training, validation and test part.
    """
    raw = load_digits()
    images = (raw.images / 16).astype("float32")
    fifths = np.array_split(np.arange(len(images)), 5)
    order = [fifths[(fold + step) % 5] for step in range(5)]
    parts = (np.concatenate(order[2:]), order[1], order[0])
    train, validation, test = (Part(images[i], raw.target[i]) for i in parts)
    return train, validation, test


def train(name: str, seed: int, variant: str = "") -> Run:
    """Run a project in a fresh process and return what it measured, and what it cost.

    Parameters
    ----------
    name : str
        Of the project.
    seed : int
        Its seed.
    variant : str
        `plain` goes without augmentation, `by_file` splits in the order of the file.

    Returns
    -------
    dict
        What the project's `main` returns; `wall_seconds` and `cpu_seconds` of the
        whole process, imports included.
    """
    module = f"dlcookbook.{name.replace('/', '.')}"
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        options = ["--seed", str(seed), "--out", folder]
        done = subprocess.run(
            [sys.executable, "-c", TRAIN, module, variant, *options],
            cwd=ROOT,
            env=os.environ | ENVIRONMENT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    cost = {"wall_seconds": time.perf_counter() - start, "cpu_seconds": cpu}
    measured: Run = json.loads(done.stdout.splitlines()[-1])
    return {"seed": seed, **measured, **{k: round(v, 1) for k, v in cost.items()}}


def flat(part: Part) -> np.ndarray:
    """Return images as rows of pixels."""
    return part.images.reshape(len(part.images), -1)


def score(model: SVC, part: Part) -> Run:
    """Return what a fitted SVM gets wrong in `part`."""
    errors = int((model.predict(flat(part)) != part.labels).sum())
    return {"test_accuracy": 1 - errors / len(part.labels), "test_errors": errors}


def support_vectors(learn: Part, check: Part, test: Part) -> tuple[Run, Run]:
    """Tune an RBF-SVM on the validation part, then test it once, and once refitted.

    Parameters
    ----------
    learn, check, test : Part
        The split, which is the networks' own.

    Returns
    -------
    tuple of dict
        The SVM fitted to the training part, as the networks are; and one of the same
        settings fitted to training and validation part together.
    """
    start = time.process_time()
    x, y = flat(learn), learn.labels
    scores = [
        SVC(C=c, gamma=g).fit(x, y).score(flat(check), check.labels) for c, g in GRID
    ]
    # ties go to the smaller C, then to the smaller gamma: the smoother border
    best = int(np.argmax(scores))
    c, gamma = GRID[best]
    settings = {"C": c, "gamma": gamma, "val_accuracy": float(scores[best])}
    alone = score(SVC(C=c, gamma=gamma).fit(x, y), test)
    x, y = np.concatenate([x, flat(check)]), np.concatenate([y, check.labels])
    refit = score(SVC(C=c, gamma=gamma).fit(x, y), test)
    cost = {"cpu_seconds": round(time.process_time() - start, 1)}
    return settings | alone | cost, settings | refit


def summary(runs: list[Run]) -> Run:
    """Return mean, standard deviation and range of the test accuracy, in per cent."""
    accuracy = 100 * np.array([run["test_accuracy"] for run in runs])
    return {
        "mean": float(accuracy.mean()),
        "sd": float(accuracy.std(ddof=1)),
        "lowest": float(accuracy.min()),
        "highest": float(accuracy.max()),
        "errors": [run["test_errors"] for run in runs],
    }


def difference(ours: list[Run], theirs: list[Run], held_out: float) -> Run:
    """Compare two methods over the same splits, in percentage points of accuracy.

    Parameters
    ----------
    ours, theirs : list of dict
        Runs, in the same order of seeds.
    held_out : float
        Test images per training image. The splits share images, so the runs are not
        independent and the plain interval is too narrow; the correction of Nadeau and
        Bengio (2003, <https://doi.org/10.1023/A:1024068626366>) widens it.

    Returns
    -------
    dict
        Mean and standard deviation of the differences; half the width of the 95 %
        interval of their mean, plain and corrected; seeds won, drawn and lost.
    """
    pairs = zip(ours, theirs, strict=True)
    gaps = 100 * np.array([a["test_accuracy"] - b["test_accuracy"] for a, b in pairs])
    n = len(gaps)
    reach = stats.t.ppf(0.975, n - 1) * gaps.std(ddof=1)
    return {
        "mean": float(gaps.mean()),
        "sd": float(gaps.std(ddof=1)),
        "half_width": float(reach * np.sqrt(1 / n)),
        "half_width_corrected": float(reach * np.sqrt(1 / n + held_out)),
        "won": int((gaps > 0).sum()),
        "drawn": int((gaps == 0).sum()),
        "lost": int((gaps < 0).sum()),
    }


def measure() -> dict[str, list[Run]]:
    """Return the runs of every method, seed after seed."""
    runs: dict[str, list[Run]] = {}
    for seed in SEEDS:
        svm, refit = support_vectors(*load_digits_split(seed))
        by_file, _ = support_vectors(*in_file_order(seed))
        found = {
            "svm": {"seed": seed} | svm,
            "svm_refit": {"seed": seed} | refit,
            "svm_by_file": {"seed": seed} | by_file,
            "torch": train(PROJECTS["torch"], seed),
            "keras": train(PROJECTS["keras"], seed),
            "torch_plain": train(PROJECTS["torch"], seed, "plain"),
            "torch_by_file": train(PROJECTS["torch"], seed, "by_file"),
        }
        for name, run in found.items():
            runs.setdefault(name, []).append(run)
        errors = (f"{name} {run['test_errors']}" for name, run in found.items())
        print(f"seed {seed}, errors:", ", ".join(errors), flush=True)
    return runs


def main() -> None:
    """Run everything and write the file."""
    before, runs = sources(), measure()
    if sources() != before:
        raise SystemExit("a source changed while it ran; run it again")
    images = [len(part.labels) for part in load_digits_split(0)]
    held_out = {"svm_refit": images[2] / (images[0] + images[1])}
    differences = [
        (ours, theirs) for ours in PROJECTS for theirs in ("svm", "svm_refit")
    ]
    differences += [("torch", "torch_plain"), ("torch_by_file", "svm_by_file")]
    results = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "versions": versions(),
        "sources": before,
        "images": images,
        "summary": {name: summary(found) for name, found in runs.items()},
        "differences": {
            f"{ours} - {theirs}": difference(
                runs[ours], runs[theirs], held_out.get(theirs, images[2] / images[0])
            )
            for ours, theirs in differences
        },
        "runs": runs,
    }
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(results, indent=1) + "\n")
    print(f"wrote {FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
