"""Before the build: the pages, navigation and settings that are read from the files."""

import importlib
import json
import re
import tomllib
from pathlib import Path

from mkdocstrings import Inventory

from dlcookbook.catalog import FLAT, Recipe, recipes
from tools import node
from tools.places import ROOT, Places

LABELS = {
    "torch": "PyTorch",
    "keras": "Keras",
    "numpy": "NumPy",
    "reference": "Definition",
    "data": "Loader",
    "baselines": "Baseline",
}
WRITTEN_IN = {
    "torch": "in PyTorch",
    "keras": "in Keras 3",
    "numpy": "in NumPy",
    "reference": "by its definition",
    "data": "as NumPy arrays",
    "baselines": "in scikit-learn and its kin",
}


def topic_of(recipe: Recipe) -> str:
    """Return the folder of its wing that a recipe lies in; loaders have none."""
    return "" if recipe.wing in FLAT else recipe.key.rpartition("/")[0]


def heading(topic: str) -> str:
    """Return what a topic is called: the title of its chapter, if there is one."""
    page = ROOT / "docs" / f"{topic}.md"
    text = page.read_text("utf-8") if page.is_file() else ""
    title = re.search(r"^title: (.+)$", text, re.MULTILINE)
    return title[1] if title else topic.capitalize() or "Data"


def siblings(found: list[Recipe]) -> dict[str, dict[str, Recipe]]:
    """Group recipes by the name that the wings share.

    Parameters
    ----------
    found : list of Recipe
        All files.

    Returns
    -------
    dict
        From the shared name to the file of each wing.
    """
    groups: dict[str, dict[str, Recipe]] = {}
    for recipe in found:
        groups.setdefault(recipe.key, {})[recipe.wing] = recipe
    return groups


def sections(written: set[str]) -> dict[str, tuple[str, str]]:
    """Find where the chapters explain a recipe, from the rows of the sheet.

    Parameters
    ----------
    written : set of str
        Files of `docs/`, relative to it.

    Returns
    -------
    dict
        From the name that the wings share to the link and the name of the section.
    """
    found: dict[str, tuple[str, str]] = {}
    for file in sorted((ROOT / "dlcookbook" / "sheet").glob("[!_]*.py")):
        if f"{file.stem}.md" not in written:
            continue
        for row in importlib.import_module(f"dlcookbook.sheet.{file.stem}").ROWS:
            if recipe := getattr(row, "recipe", ""):
                key = recipe if "/" in recipe else f"{file.stem}/{recipe}"
                found.setdefault(key, (f"{file.stem}.md#{row.slug}", row.name))
    return found


def front_matter(**fields: object) -> str:
    """Return a page's settings; JSON is YAML too, so nothing needs escaping."""
    lines = [f"{key}: {json.dumps(value)}" for key, value in fields.items()]
    return "\n".join(["---", *lines, "---", "", ""])


def fence(text: str) -> str:
    """Return a fence longer than any that the text holds."""
    ticks = "```"
    while ticks in text:
        ticks += "`"
    return ticks


def import_of(recipe: Recipe) -> str:
    """Return the statement that imports all that a recipe offers, formatted."""
    module = f"dlcookbook.{recipe.name.replace('/', '.')}"
    line = f"from {module} import {', '.join(recipe.functions)}"
    if len(line) <= 88:
        return line
    rows = "".join(f"    {name},\n" for name in recipe.functions)
    return f"from {module} import (\n{rows})"


def recipe_page(
    recipe: Recipe, wings: dict[str, Recipe], section: tuple[str, str] | None
) -> str:
    """Write the page of one recipe file.

    Parameters
    ----------
    recipe : Recipe
        The file.
    wings : dict
        The same recipe, by wing.
    section : tuple of (str, str), optional
        Link and name of the place in a chapter that explains it.

    Returns
    -------
    str
        Markdown.
    """
    up = "../" * recipe.name.count("/")
    switch = [
        f"[{LABELS[wing]}]({up}{wings[wing].name}.md)"
        + ('{ aria-current="page" }' if wing == recipe.wing else "")
        for wing in LABELS
        if wing in wings
    ]
    summary = recipe.summary
    parts = [
        front_matter(
            title=f"{recipe.short} {WRITTEN_IN[recipe.wing]}",
            description=f"{summary} A tested recipe {WRITTEN_IN[recipe.wing]}.",
        ),
        f"# {recipe.name} {{ .recipe }}\n\n",
        f"{summary}\n{{ .lead }}\n\n",
        '<nav class="wings" aria-label="This recipe in" markdown="span">',
        " ".join(switch),
        "</nav>\n\n",
    ]
    if section:
        link, name = section
        parts.append(f"When to take it and what goes wrong: [{name}]({up}{link}).\n\n")
    commands = [f"dlcookbook copy {recipe.name}"]
    if recipe.runnable:
        commands.append(f"dlcookbook run {recipe.name}")
    parts.append("```sh { .command }\n" + "\n".join(commands) + "\n```\n\n")
    if recipe.functions:
        parts.append(f"```python {{ .static }}\n{import_of(recipe)}\n```\n\n")
    module = f"dlcookbook.{recipe.name.replace('/', '.')}"
    parts += [f"::: {module}.{name}\n\n" for name in recipe.functions]
    ticks = fence(recipe.text)
    parts.append(
        "## The file { #file }\n\n"
        f'{ticks}python {{ .static title="dlcookbook/{recipe.name}.py" }}\n'
        f"{recipe.text}{ticks}\n"
    )
    return "".join(parts)


def overview(found: list[Recipe]) -> str:
    """Write the page that lists every recipe with its wings.

    Parameters
    ----------
    found : list of Recipe
        All files.

    Returns
    -------
    str
        Markdown.
    """
    groups = siblings(found)
    lines = [
        front_matter(
            title="Recipes",
            description=f"All {len(groups)} recipes: what each does, and where to "
            "read it in PyTorch, in Keras and as the NumPy definition.",
        )
        + "# Recipes",
        "",
        f"{len(groups)} recipes in {len(found)} files. Every file stands on its own: "
        "copy it with `dlcookbook copy NAME`, or import it.",
        "{ .lead }",
        "",
    ]
    topics = sorted({topic_of(recipe) for recipe in found}, key=lambda t: (t == "", t))
    for topic in topics:
        lines += [f"## {heading(topic)}", ""]
        lines += ["| Recipe | What it does | Read it in |", "| --- | --- | --- |"]
        for _, wings in sorted(groups.items()):
            first = next(iter(wings.values()))
            if topic_of(first) != topic:
                continue
            links = " · ".join(
                f"[{LABELS[wing]}](../{wings[wing].name}.md)"
                for wing in LABELS
                if wing in wings
            )
            lines.append(
                f"| [`{first.short}`](../{first.name}.md) | {first.summary} | {links} |"
            )
        lines.append("")
    return "\n".join(lines)


def parts(files: dict[str, bytes]) -> dict[str, list[str]]:
    """Group the chapters that share an entry of the navigation.

    Parameters
    ----------
    files : dict
        The written files, by their place in `docs/`.

    Returns
    -------
    dict
        From the name of a part to its pages in the order that their front matter
        gives, as in `part: [Training, 2]`.
    """
    places: dict[str, list[tuple[int, str]]] = {}
    for file, content in files.items():
        if file.endswith(".md"):
            text = content.decode()
            if found := re.search(r"^part: \[(.+), (\d+)\]$", text, re.MULTILINE):
                places.setdefault(found[1], []).append((int(found[2]), file))
    return {part: [file for _, file in sorted(places[part])] for part in sorted(places)}


def with_neighbours(file: str, part: str, files: dict[str, bytes]) -> bytes:
    """Put the links to the chapters of its part on top of a chapter.

    They replace the sidebar, so that tables have the page's whole width.

    Parameters
    ----------
    file : str
        The chapter.
    part : str
        What the group is called.
    files : dict
        All chapters of the part, by their place in `docs/`.

    Returns
    -------
    bytes
        The chapter's Markdown.
    """
    links = [
        f"[{heading(other.removesuffix('.md'))}]({other})"
        + ('{ aria-current="page" }' if other == file else "")
        for other in files
    ]
    opening = f'<nav class="wings" aria-label="{part}" markdown="span">'
    head, mark, body = files[file].decode().partition("\n# ")
    head = head.replace("\npart: ", "\nhide: [navigation, path]\npart: ", 1)
    return f"{head}\n{opening}{' '.join(links)}</nav>\n{mark}{body}".encode()


def navigation(
    written: set[str], found: list[Recipe], grouped: dict[str, list[str]]
) -> list[object]:
    """Derive the navigation from the pages that exist.

    Parameters
    ----------
    written : set of str
        Files of `docs/`, relative to it.
    found : list of Recipe
        All recipe files.
    grouped : dict
        The chapters of each part.

    Returns
    -------
    list
        MkDocs' `nav`.
    """
    topics = sorted({topic_of(recipe) for recipe in found})
    inside = {file for files in grouped.values() for file in files}
    alone = [f"{topic}.md" for topic in topics if f"{topic}.md" in written - inside]
    chapters = inside | {*alone}
    projects = sorted(
        (file for file in written if file.startswith(("notebooks/", "projects/"))),
        key=lambda file: (file != "projects/index.md", file.rpartition("/")[2]),
    )
    shelf: list[object] = ["recipes/index.md"]
    for wing, label in LABELS.items():
        pages: dict[str, list[object]] = {}
        for recipe in found:
            if recipe.wing == wing:
                page = {recipe.short: f"{recipe.name}.md"}
                pages.setdefault(topic_of(recipe), []).append(page)
        inner: list[object] = [*pages.pop("", [])]
        inner += [{heading(topic): rows} for topic, rows in sorted(pages.items())]
        if inner:
            shelf.append({label: inner})
    nav: list[object] = [{"Start": "index.md"}, *alone]
    nav += [{part: files} for part, files in grouped.items()]
    nav.append({"Recipes": shelf})
    if projects:
        nav.append({"Projects": projects})
    rest = sorted(
        (
            file
            for file in written
            if file.endswith(".md") and file not in {"index.md", *projects} | chapters
        ),
        key=lambda file: (not file.endswith("/index.md"), file != "cli.md", file),
    )
    folders = sorted({file.split("/")[0] for file in rest if "/" in file})
    about: list[object] = [file for file in rest if "/" not in file]
    about += [
        {folder.capitalize(): [file for file in rest if file.startswith(f"{folder}/")]}
        for folder in folders
    ]
    if about:
        nav.append({"About": about})
    return nav


def mathematics() -> dict[str, bytes]:
    """Take KaTeX's stylesheet and fonts from its package.

    Returns
    -------
    dict
        From the file's place in the site to its content. The stylesheet names the
        woff2 fonts alone.
    """
    dist = node.modules() / "katex" / "dist"
    css = (dist / "katex.min.css").read_text()
    kept = []
    for part in css.split("@font-face"):
        head, mark, tail = part.partition(",url(")
        kept.append(head + tail[tail.index("}") :] if mark else part)
    files = {"assets/katex/katex.css": "@font-face".join(kept).encode()}
    for font in sorted((dist / "fonts").glob("*.woff2")):
        files[f"assets/katex/fonts/{font.name}"] = font.read_bytes()
    return files


def inventories(folder: Path) -> list[dict[str, object]]:
    """Write the object inventories that signatures link through.

    Parameters
    ----------
    folder : Path
        Where to write them.

    Returns
    -------
    list of dict
        mkdocstrings' setting.
    """
    listed = tomllib.loads((ROOT / "tools" / "inventories.toml").read_text())
    settings: list[dict[str, object]] = []
    for project, entry in listed.items():
        inventory = Inventory(project=project)
        for name, uri in entry["names"].items():
            inventory.register(name, "py", "class", uri)
        file = folder / f"{project}.inv"
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(inventory.format_sphinx())
        settings.append(
            {"url": file.as_uri(), "base_url": entry["base"], "domains": ["py"]}
        )
    return settings


def synchronise(folder: Path, files: dict[str, bytes]) -> None:
    """Make a folder hold exactly these files, leaving alone what is unchanged."""
    for name, content in files.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif path.is_file() and path.relative_to(folder).as_posix() not in files:
            path.unlink()


def prepare(places: Places, address: str, *, version: bool = False) -> None:
    """Lay out the pages and the settings for the build.

    Parameters
    ----------
    places : Places
        The folders.
    address : str
        Where the site will be served.
    version : bool
        Show the version menu, which reads `../versions.json`.
    """
    hidden = {"__pycache__", ".ipynb_checkpoints"}
    files = {
        path.relative_to(places.docs).as_posix(): path.read_bytes()
        for path in sorted(places.docs.rglob("*"))
        if path.is_file() and not hidden.intersection(path.parts)
    }
    written = set(files)
    found = recipes()
    groups, explained = siblings(found), sections(written)
    for recipe in found:
        page = recipe_page(recipe, groups[recipe.key], explained.get(recipe.key))
        files[f"{recipe.name}.md"] = page.encode()
    files["recipes/index.md"] = overview(found).encode()
    grouped = parts(files)
    for part, inside in grouped.items():
        chapters = {file: files[file] for file in inside}
        files |= {file: with_neighbours(file, part, chapters) for file in inside}
    files |= mathematics()
    synchronise(places.sources, files)

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    handler = {
        "paths": [str(ROOT)],
        "inventories": inventories(places.work / "inventories"),
    }
    settings: dict[str, object] = {
        "INHERIT": str(ROOT / "mkdocs.yml"),
        "site_url": address,
        "docs_dir": str(places.sources),
        "site_dir": str(places.site),
        "nav": navigation(written, found, grouped),
        "plugins": {
            "mkdocs-jupyter": {"cache_dir": str(places.cache / "mkdocs-jupyter")},
            "mkdocstrings": {"handlers": {"python": handler}},
        },
    }
    if repository := project.get("urls", {}).get("Repository"):
        settings["repo_url"] = repository
    if version:
        settings["extra"] = {"version": {"provider": "mike"}}
    places.config.write_text(json.dumps(settings, indent=2))
