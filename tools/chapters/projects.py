"""The blocks of the projects' pages: what five seeds of each gave, and what it cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlcookbook import catalog
from tools.blocks import Block, SyncError, table
from tools.project_evidence import METHODS, PLOTS, Project, projects

WINGS = {"torch": "PyTorch", "keras": "Keras"}
NAMES = WINGS | {"baseline": "classical baseline"}
UNMEASURED = "Not measured over seeds yet."


def find(name: str) -> Project:
    """Return the project that a page asks for."""
    for project in projects():
        if project.name == name:
            return project
    raise SyncError(f"there is no project {name!r}")


def shown(project: Project, number: dict[str, float] | None) -> str:
    """Return mean and spread of a metric."""
    if number is None:
        return "\N{EN DASH}"
    mean, sd = (project.scale * number[key] for key in ("mean", "sd"))
    return f"{mean:.{project.digits}f} ± {sd:.{project.digits}f}"


def beside(project: Project, method: str) -> str:
    """Return what the default gave on the seeds of a variant, which are fewer."""
    if method in NAMES:
        return ""
    seeds = project.seeds_of(method)
    runs = project.evidence()["runs"]["torch"][:seeds]
    mean = sum(run["results"][project.metric] for run in runs) / seeds
    number = f"{project.scale * mean:.{project.digits}f}"
    return f"; the default on these {seeds} seeds: {number}"


def verdict(project: Project, gap: dict[str, Any]) -> str:
    """Say in a word whether a network is better than the baseline."""
    if abs(gap["mean"]) <= gap["half_width"]:
        return "undecided"
    won = (gap["mean"] > 0) == (project.better == "higher")
    return "the network is better" if won else "the baseline is better"


def cost(found: dict[str, Any], name: str) -> str:
    """Return what a process took on average."""
    return f"{found[name]['mean']:.0f}"


def commands(project: Project) -> str:
    """Return what to type."""
    path = METHODS["torch"].format(project.name)
    lines = [
        f"dlcookbook run {path}",
        f"dlcookbook run {METHODS['keras'].format(project.name)}",
        f"dlcookbook run {METHODS['baseline'].format(project.name)}",
        f"dlcookbook copy {path} my_{project.name}/",
    ]
    return "```sh { .command }\n" + "\n".join(lines) + "\n```"


def measured(block: Block) -> str:
    """Return the commands and the table of a project, and how it compares."""
    project = find(block.of)
    files = " · ".join(
        f"[{NAMES[method]}](../{path.format(project.name)}.md)"
        for method, path in METHODS.items()
    )
    data = [
        file.name
        for file in catalog.find(METHODS["torch"].format(project.name)).files
        if file.wing == "data"
    ]
    loaders = " · ".join(f"[{name.partition('/')[2]}](../{name}.md)" for name in data)
    parts = [commands(project), f"The files: {files}. Data: {loaders}."]
    found = project.evidence()
    if not found:
        return "\n\n".join([*parts, UNMEASURED])
    rows = [
        (
            NAMES.get(method, f"PyTorch, {method}"),
            shown(project, numbers.get(project.metric)) + beside(project, method),
            cost(numbers, "cpu_seconds"),
            cost(numbers, "peak_mb"),
        )
        for method, numbers in found["summary"].items()
    ]
    parts.append(
        table(("Method", f"Test {project.label}", "CPU seconds", "Peak MB"), rows)
    )
    seeds = len(found["runs"]["torch"])
    better = {"higher": "more is better", "lower": "less is better"}[project.better]
    lines = [
        f"Mean and standard deviation over {seeds} seeds; {better}. Seconds and memory "
        f"are of a whole process with one thread, imports included "
        f"({found['date']}, PyTorch {found['versions']['torch'].partition('+')[0]}, "
        f"Keras {found['versions']['keras']})."
    ]
    for wing, title in WINGS.items():
        gap = found["differences"][wing]
        mean, half = (project.scale * gap[key] for key in ("mean", "half_width"))
        lines.append(
            f"{title} minus baseline: {mean:+.{project.digits}f} ± "
            f"{half:.{project.digits}f} (95 %): **{verdict(project, gap)}**."
        )
    same = found["differences"]["torch"]["same_split"]
    lines.append(
        "All seeds have the same split: the interval tells of first weights and order, "
        "not of other data."
        if same
        else "The seeds split the same examples anew; the interval allows for it."
    )
    return "\n\n".join([*parts, "\n".join(lines)])


def ran(block: Block) -> str:
    """Return what seed 0 printed and drew, in both frameworks."""
    project = find(block.of)
    found = project.evidence()
    parts = []
    for wing, title in WINGS.items() if found else ():
        printed = "\n".join(found["runs"][wing][0]["printed"]).strip("\n")
        lines = [f"/// tab | {title}", "", "```text", printed, "```", ""]
        for name, text in project.pictures.items():
            file = PLOTS / f"{project.name}-{wing}-{name}.svg"
            if file.is_file():
                lines += [f"![{text}](../assets/plots/{file.name})", ""]
        parts.append("\n".join([*lines, "///"]))
    return "\n\n".join(parts)


def overview(block: Block) -> str:
    """Return the table of all projects."""
    rows = []
    for project in projects():
        found = project.evidence()
        if not found:
            continue
        for wing, title in WINGS.items():
            numbers, base = found["summary"][wing], found["summary"]["baseline"]
            rows.append(
                (
                    f"[{project.title}]({project.name}.md)",
                    title,
                    project.label,
                    shown(project, numbers[project.metric]),
                    shown(project, base[project.metric]),
                    verdict(project, found["differences"][wing]),
                    str(len(found["runs"][wing])),
                    cost(numbers, "cpu_seconds"),
                    cost(numbers, "peak_mb"),
                )
            )
    header = ("Project", "Wing", "Test metric", "Network", "Classical baseline")
    return table((*header, "Verdict", "Seeds", "CPU seconds", "Peak MB"), rows)


FIGURES = None
FACTS: tuple[Any, ...] = ()
CALLS = 0
BLOCKS: dict[str, Callable[[Block], str]] = {
    "project": measured,
    "project-run": ran,
    "projects": overview,
}
