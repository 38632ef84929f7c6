"""Run the projects and their baselines on several seeds; write what came out.

    python -m tools.project_evidence            those whose sources have changed
    python -m tools.project_evidence churn      this one
    python -m tools.project_evidence --all      every one, as `make slow` does

What a project is measured by stands in the front matter of its page. Every run is a
process of its own, with one thread. Numbers go to docs/evidence/projects/NAME.json with
the versions, the date and a hash of the code that they depend on, words left out; the
pictures of the first seed go to docs/assets/plots/.
"""

from __future__ import annotations

import argparse
import ast
import datetime
import hashlib
import importlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy import stats

from dlcookbook import catalog
from tools.notebooks import COLOURS
from tools.places import ROOT

PAGES = ROOT / "docs" / "projects"
EVIDENCE = ROOT / "docs" / "evidence" / "projects"
PLOTS = ROOT / "docs" / "assets" / "plots"
METHODS = {
    "torch": "torch/projects/{}",
    "keras": "keras/projects/{}",
    "baseline": "baselines/{}",
}
PACKAGES = (
    "keras",
    "numpy",
    "scikit-image",
    "scikit-learn",
    "scipy",
    "statsmodels",
    "tensorflow",
    "torch",
    "transformers",
)
# The number of threads decides in which order sums are rounded.
ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TQDM_DISABLE": "1",
}
STYLE = f"""
axes.facecolor: none
axes.prop_cycle: cycler('color', {[c[1:] for c in list(COLOURS)[:5]]})
axes.spines.right: False
axes.spines.top: False
figure.facecolor: none
font.size: 9
legend.frameon: False
savefig.bbox: tight
savefig.facecolor: none
svg.fonttype: none
svg.hashsalt: dlcookbook
"""
TRAIN = """
import importlib, json, sys

module, *arguments = sys.argv[1:]

# as where TensorFlow is not installed: TensorBoard loads it where it finds it
if module.startswith("dlcookbook.torch."):
    sys.modules["tensorflow"] = None
found = importlib.import_module(module).main(arguments)
print("RESULTS", json.dumps(found))
"""
# Of a variant: it says what an option is worth, and does not stand for the project.
VARIANT_SEEDS = 3
# A project is much more than a figure; more than this does not belong on a page.
LARGEST_PLOT = 150_000
# All pictures of a page, which is to stay light; those of Keras go first.
PLOTS_OF_A_PAGE = 200_000

Run = dict[str, Any]


@dataclass(frozen=True)
class Project:
    """What the front matter of a page says about how a project is measured.

    Attributes
    ----------
    name : str
        Of the files.
    title : str
        Of the page.
    order : int
        Its place in the table.
    metric, label, better : str
        Key of the results; what a table calls it; `higher` or `lower`.
    scale, digits : float, int
        For display.
    seeds : int
        How many, from 0.
    variants : dict of str to str
        More options of the PyTorch wing to be measured, by what a table calls them.
    fields : list of str
        Pages of the fields that it belongs to.
    pictures : dict of str to str
        Description of each figure, by its name.
    claims : list of str
        Comparisons that the page makes.
    """

    name: str
    title: str
    order: int
    metric: str
    label: str
    better: str
    scale: float = 1
    digits: int = 3
    seeds: int = 5
    variants: dict[str, str] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)
    claims: list[str] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """Where the evidence lies."""
        return EVIDENCE / f"{self.name}.json"

    @property
    def methods(self) -> dict[str, tuple[str, list[str]]]:
        """Module and options of everything that is run."""
        found: dict[str, tuple[str, list[str]]] = {
            method: (path.format(self.name), []) for method, path in METHODS.items()
        }
        for label, options in self.variants.items():
            found[label] = METHODS["torch"].format(self.name), shlex.split(options)
        return found

    def seeds_of(self, method: str) -> int:
        """Return how many seeds a method is run with."""
        return self.seeds if method in METHODS else min(self.seeds, VARIANT_SEEDS)

    def sources(self) -> dict[str, str]:
        """Return a hash of each file that the numbers depend on, by its path."""
        names = {name for name, _ in self.methods.values()}
        paths = {file.path for name in names for file in catalog.find(name).files}
        return {
            path.relative_to(ROOT).as_posix(): code_hash(path.read_text("utf-8"))
            for path in sorted(paths)
        }

    def evidence(self) -> dict[str, Any]:
        """Return what was measured, or nothing."""
        if not self.file.is_file():
            return {}
        found: dict[str, Any] = json.loads(self.file.read_text("utf-8"))
        return found


def code_hash(source: str) -> str:
    """Return a hash of what a file computes: its words and its layout do not count."""
    tree = ast.parse(source)
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef
    for node in ast.walk(tree):
        if isinstance(node, kinds) and ast.get_docstring(node, clean=False):
            del node.body[0]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def projects() -> list[Project]:
    """Return every project that has a page, in their order."""
    known = Project.__dataclass_fields__
    found = []
    for path in sorted(PAGES.glob("[!_]*.md")):
        head = yaml.safe_load(path.read_text("utf-8").split("---\n")[1])
        if "project" in head:
            head["name"] = head["project"]
            found.append(Project(**{k: v for k, v in head.items() if k in known}))
    return sorted(found, key=lambda project: project.order)


def run(name: str, seed: int, options: list[str], folder: Path) -> Run:
    """Run one file in a fresh process.

    Parameters
    ----------
    name : str
        Of the file, as the command line calls it.
    seed : int
        Its seed.
    options : list of str
        More words of its command line.
    folder : Path
        For what it writes.

    Returns
    -------
    dict
        `results`, `printed`; `cpu_seconds` and `peak_mb` of the process, imports
        included.

    Raises
    ------
    SystemExit
        If it fails, with what it said.
    """
    module = f"dlcookbook.{name.replace('/', '.')}"
    style, log = folder / "matplotlibrc", folder / "log"
    style.write_text(STYLE)
    words = ["--seed", str(seed), "--out", str(folder / "out"), *options]
    environment = os.environ | ENVIRONMENT | {"MATPLOTLIBRC": str(style)}
    with log.open("w") as stream, (folder / "errors").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", TRAIN, module, *words],
            cwd=ROOT,
            env=environment,
            stdout=stream,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    printed = log.read_text()
    if process.returncode:
        raise SystemExit(
            f"{name} {' '.join(words)} failed:\n{printed[-2000:]}\n"
            f"{(folder / 'errors').read_text()[-3000:]}"
        )
    *lines, last = printed.splitlines()
    return {
        "seed": seed,
        "results": json.loads(last.removeprefix("RESULTS ")),
        "printed": [line for line in lines if not is_passing(line)],
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def is_passing(line: str) -> bool:
    """Tell the lines that another run would print otherwise, or for every epoch."""
    starts = ("written", "seconds", "epoch ", "Epoch ")
    return line.startswith(starts) or " - loss: " in line or "s/step" in line


def difference(project: Project, ours: list[Run], theirs: list[Run]) -> dict[str, Any]:
    """Compare two methods on the same seeds.

    Parameters
    ----------
    project : Project
        Whose metric.
    ours, theirs : list of dict
        One run per seed.

    Returns
    -------
    dict
        Mean of the differences and half the width of its 95 % interval. If the seeds
        split the same data in different ways, the splits share examples and the runs
        are not independent: the interval is widened as Nadeau and Bengio (2003,
        <https://doi.org/10.1023/A:1024068626366>) do, by `held_out`; `same_split` if
        they do not.
    """
    gaps = np.array(
        [
            a["results"][project.metric] - b["results"][project.metric]
            for a, b in zip(ours, theirs, strict=True)
        ]
    )
    module = importlib.import_module(f"dlcookbook.torch.projects.{project.name}")
    ratio, same = held_out([module.load_data(seed) for seed in range(len(gaps))])
    n = len(gaps)
    reach = stats.t.ppf(0.975, n - 1) * gaps.std(ddof=1)
    return {
        "mean": float(gaps.mean()),
        "half_width": float(reach * np.sqrt(1 / n + (0 if same else ratio))),
        "same_split": same,
        "won": int(
            (gaps > 0).sum() if project.better == "higher" else (gaps < 0).sum()
        ),
        "drawn": int((gaps == 0).sum()),
    }


def held_out(splits: list[Any]) -> tuple[float, bool]:
    """Return test examples per other example, and whether the seeds split alike.

    The others are those of the training part. Where it is the smaller one, as with few
    labels, it does not tell of how many it was drawn: they are counted over the seeds.

    Parameters
    ----------
    splits : list
        Per seed what `load_data` returns: three parts, or folds of three parts.

    Returns
    -------
    ratio : float
        Variance that the mean over the seeds has too much, in variances of one seed.
    same : bool
        Whether the first two seeds test on the same examples.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> Part = NamedTuple("Part", [("inputs", np.ndarray), ("targets", np.ndarray)])
    >>> x = np.arange(10)
    >>> def split(order, *cuts):
    ...     return tuple(Part(x[i], x[i]) for i in np.split(order, cuts))
    >>> held_out([split(x, 6, 8), split(x[::-1], 6, 8)])  # 2 of 10, 6 to learn from
    (0.3333333333333333, False)
    >>> held_out([split(x, 1, 2), split(x, 1, 2)])  # 8 of 10
    (4.0, True)
    """
    if len(splits[0]) != 3 or not hasattr(splits[0][0], "_fields"):
        splits = [folds[0] for folds in splits]
    first, second = splits[:2]
    sizes = [len(part[-1]) for part in first]
    # labels alone can stand in the same order for other rows
    same = sizes == [len(part[-1]) for part in second] and all(
        np.array_equal(np.asarray(a), np.asarray(b))
        for a, b in zip(first[2], second[2], strict=True)
    )
    others = sizes[0]
    if sizes[2] > sizes[0]:
        rows = (
            np.asarray(row) for split in splits for part in split for row in part[0]
        )
        others = len({row.tobytes() for row in rows}) - sizes[2]
    return sizes[2] / others, same


def measure(project: Project, jobs: int) -> None:
    """Run all methods of a project and write its evidence and its pictures.

    Parameters
    ----------
    project : Project
        Which.
    jobs : int
        Processes at a time.

    Raises
    ------
    SystemExit
        If a run fails, or a source changes while it runs.
    """
    before, start = project.sources(), time.perf_counter()
    runs: dict[str, list[Run]] = {method: [] for method in project.methods}
    with tempfile.TemporaryDirectory() as root, ThreadPoolExecutor(jobs) as pool:
        waiting = {}
        for method, (name, options) in project.methods.items():
            for seed in range(project.seeds_of(method)):
                folder = Path(root, re.sub(r"\W+", "-", method), str(seed))
                folder.mkdir(parents=True)
                task = pool.submit(run, name, seed, options, folder)
                waiting[method, seed] = task
        for (method, _), task in waiting.items():
            runs[method].append(task.result())
        for wing in ("torch", "keras"):
            keep_pictures(project, wing, Path(root, wing, "0", "out"))
        lighten(project)
    if project.sources() != before:
        raise SystemExit("a source changed while it ran; run it again")
    for found in runs.values():
        for one in found[1:]:
            del one["printed"]
    content: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "versions": {"python": sys.version.split()[0]}
        | {name: metadata.version(name) for name in PACKAGES},
        "sources": before,
        "summary": {method: summary(found) for method, found in runs.items()},
        "differences": {
            wing: difference(project, runs[wing], runs["baseline"])
            for wing in ("torch", "keras")
        },
        "runs": runs,
    }
    EVIDENCE.mkdir(parents=True, exist_ok=True)
    project.file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    means = (
        f"{method} {found[project.metric]['mean']:.4g}"
        for method, found in content["summary"].items()
        if project.metric in found
    )
    took = time.perf_counter() - start
    print(f"{project.name} ({took:.0f} s):", ", ".join(means), flush=True)


def summary(found: list[Run]) -> dict[str, dict[str, float]]:
    """Return mean and standard deviation of every number over the seeds."""
    rows = [
        one["results"] | {name: one[name] for name in ("cpu_seconds", "peak_mb")}
        for one in found
    ]
    return {
        name: {
            "mean": float(np.mean([row[name] for row in rows])),
            "sd": float(np.std([row[name] for row in rows], ddof=1)),
        }
        for name in rows[0]
        if all(name in row for row in rows)
    }


def keep_pictures(project: Project, wing: str, folder: Path) -> None:
    """Copy the figures of a run to where the site takes them from.

    Parameters
    ----------
    project : Project
        Whose page describes each of them.
    wing : str
        Which one drew them.
    folder : Path
        What the run wrote.

    Raises
    ------
    SystemExit
        If a figure has no description, or is too large for a page.
    """
    PLOTS.mkdir(parents=True, exist_ok=True)
    for old in PLOTS.glob(f"{project.name}-{wing}-*.svg"):
        old.unlink()
    for path in sorted(folder.glob("*.svg")):
        if path.stem not in project.pictures:
            raise SystemExit(f"{project.name}: {path.name} has no line in `pictures`")
        svg = re.sub(r"<metadata>.*?</metadata>\s*", "", path.read_text(), flags=re.S)
        svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.S)
        if len(svg) > LARGEST_PLOT:
            raise SystemExit(f"{project.name}: {path.name} has {len(svg)} bytes")
        (PLOTS / f"{project.name}-{wing}-{path.name}").write_text(svg)


def lighten(project: Project) -> None:
    """Drop the pictures that a page has no room for, those of Keras from the last.

    Parameters
    ----------
    project : Project
        Whose pictures.
    """
    room = PLOTS_OF_A_PAGE
    for wing in ("torch", "keras"):
        for name in project.pictures:
            path = PLOTS / f"{project.name}-{wing}-{name}.svg"
            if path.is_file():
                room -= path.stat().st_size
                if room < 0 and wing == "keras":
                    path.unlink()


def main(arguments: list[str] | None = None) -> None:
    """Measure what is named, or what is stale."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.project_evidence", description=__doc__
    )
    parser.add_argument(
        "names", nargs="*", help="projects; default: all that are stale"
    )
    parser.add_argument("--all", action="store_true", help="every project")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (2)")
    args = parser.parse_args(arguments)
    known = {project.name: project for project in projects()}
    if unknown := set(args.names) - set(known):
        parser.error(f"names must be of {', '.join(known)}. Received: {unknown}")
    for name, project in known.items():
        stale = project.evidence().get("sources") != project.sources()
        if args.all or name in args.names or (stale and not args.names):
            measure(project, args.jobs)


if __name__ == "__main__":
    main()
