"""What the cookbook holds, read from its files: there is no manifest."""

import ast
import os
import re
import sys
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent
WINGS = ("torch", "keras", "numpy", "reference", "data", "baselines")
# Folders of files that have no twins in other wings.
FLAT = ("data", "baselines")
# Only where the name to install is not the name to import.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
}


class CookbookError(Exception):
    """A mistake told in one paragraph that ends with the next command to type."""


class Recipe:
    """One file of the cookbook; each fact is read when it is first asked for.

    Parameters
    ----------
    path : Path
        The file, in a wing below `root`.
    root : Path
        The folder that holds the wings.
    """

    def __init__(self, path: Path, root: Path) -> None:
        self.path, self.root, self.short = path, root, path.stem
        self.name = path.relative_to(root).with_suffix("").as_posix()
        self.wing, _, rest = self.name.partition("/")
        # what the wings share: losses/focal
        self.key = rest if "/" in rest else self.name

    @cached_property
    def text(self) -> str:
        """The source."""
        return self.path.read_text("utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.text)

    @cached_property
    def summary(self) -> str:
        """The first line of the module docstring."""
        # parsing every file to its end would make `list` slow
        head = re.split(r"^(?:import|from) ", self.text, maxsplit=1, flags=re.M)[0]
        docstring = ast.get_docstring(ast.parse(head), clean=False) or ""
        return docstring.partition("\n")[0]

    @cached_property
    def functions(self) -> list[str]:
        """What `__all__` names."""
        names: list[str] = []
        for node in self.tree.body:
            if isinstance(node, ast.Assign | ast.AugAssign):
                target = (
                    node.targets[0] if isinstance(node, ast.Assign) else node.target
                )
                if ast.unparse(target) == "__all__":
                    names += ast.literal_eval(node.value)
        return names

    @cached_property
    def runnable(self) -> bool:
        """Whether it has a `__main__` block."""
        tests = [ast.unparse(n.test) for n in self.tree.body if isinstance(n, ast.If)]
        return "__name__ == '__main__'" in tests

    @cached_property
    def uses(self) -> list[tuple[ast.ImportFrom, list[str]]]:
        """Each import from dlcookbook, with the names of the files that it reads."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                package, _, rest = node.module.partition(".")
                name = rest.replace(".", "/")
                if package == "dlcookbook" and (self.root / f"{name}.py").is_file():
                    found.append((node, [name]))
                elif package == "dlcookbook":
                    found.append((node, [f"{name}/{a.name}" for a in node.names]))
        return sorted(found, key=lambda use: use[0].lineno)

    @cached_property
    def files(self) -> "list[Recipe]":
        """What a copy consists of: itself, then all that it imports, each once."""
        found = {self.name: self}
        for name in [name for _, names in self.uses for name in names]:
            for recipe in Recipe(self.root / f"{name}.py", self.root).files:
                found.setdefault(recipe.name, recipe)
        return list(found.values())

    @cached_property
    def modules(self) -> list[str]:
        """What `files` import from neither Python nor dlcookbook."""
        nodes = [node for recipe in self.files for node in ast.walk(recipe.tree)]
        names = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
        names |= {n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)}
        ours = {"", "dlcookbook", *sys.stdlib_module_names}
        return sorted({name.partition(".")[0] for name in names} - ours)

    @property
    def requires(self) -> list[str]:
        """What `modules` are called by pip."""
        return sorted(DISTRIBUTIONS.get(module, module) for module in self.modules)

    @property
    def headers(self) -> list[str]:
        """The lines that define what `__all__` names, and the first that explain it."""
        lines, found = self.text.splitlines(), []
        for node in self.tree.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            if node.name in self.functions:
                first = (ast.get_docstring(node) or "").partition("\n")[0]
                found += lines[node.lineno - 1 : node.body[0].lineno - 1]
                found.append(f'    """{first}"""')
                for part in node.body:
                    if isinstance(part, ast.FunctionDef) and part.name == "__init__":
                        found += lines[part.lineno - 1 : part.body[0].lineno - 1]
                found.append("")
        return found

    @property
    def siblings(self) -> list[str]:
        """The names of the same recipe in the other wings."""
        return [r.name for r in recipes() if r.key == self.key and r.name != self.name]

    def facts(self) -> dict[str, object]:
        """Return all that is known, for a program."""
        names = ("name", "wing", "summary", "functions", "requires", "runnable")
        facts = {name: getattr(self, name) for name in (*names, "siblings")}
        return facts | {"brings": [file.name for file in self.files[1:]]}


def recipes() -> list[Recipe]:
    """Return every recipe, project and loader below `ROOT`, wing after wing."""
    return [
        Recipe(path, ROOT)
        for wing in WINGS
        for path in sorted((ROOT / wing).glob("**/*.py"))
        if not path.name.startswith("_")
    ]


def matches(name: str, command: str = "show") -> list[Recipe]:
    """Return the files that `name` can mean.

    Parameters
    ----------
    name : str
        A full name, or a tail of one with or without its wing, with slashes or dots;
        or the name of a function.
    command : str
        What the user is doing, for the advice in an error.

    Returns
    -------
    list of Recipe
        At least one.

    Raises
    ------
    CookbookError
        If nothing is called so.
    """
    shelf = recipes()
    wanted = re.sub(r"[./\\]+", "/", name.removesuffix(".py")).strip("/")
    wanted = wanted.removeprefix("dlcookbook/")
    wing, _, tail = wanted.partition("/")

    def fits(full: str) -> bool:
        in_wing = tail and full.startswith(f"{wing}/") and full.endswith(f"/{tail}")
        return bool(f"/{full}".endswith(f"/{wanted}") or in_wing)

    found = [r for r in shelf if r.name == wanted]
    found = found or [r for r in shelf if fits(r.name)]
    found = found or [
        r for r in shelf if any(fits(f"{r.name}/{f}") for f in r.functions)
    ]
    if found:
        return found
    prefix = f"{wing}/" if wing in WINGS and tail else ""
    near = [recipe for recipe in shelf if recipe.name.startswith(prefix)]
    known = {word for recipe in near for word in (recipe.short, *recipe.functions)}
    close = [prefix + word for word in closest(wanted.rpartition("/")[2], known)]
    advice = f"{command} {close[0]}" if close else "list"
    meant = f" Did you mean {' or '.join(close)}?" if close else ""
    if wanted and any(wanted in recipe.name for recipe in shelf):
        advice, meant = f"list {wanted}", ""
    raise CookbookError(
        f"No recipe is called {name!r}.{meant} Next: dlcookbook {advice}"
    )


def find(name: str, command: str = "show") -> Recipe:
    """Return the one file that `name` means; arguments and errors as in `matches`."""
    found = matches(name, command)
    if len(found) > 1:
        names = ", ".join(recipe.name for recipe in found)
        raise CookbookError(
            f"{name!r} can mean {names}. Next: dlcookbook {command} {found[0].name}"
        )
    return found[0]


def closest(word: str, known: Iterable[str]) -> list[str]:
    """Return up to three of `known` that `word` may have been meant to be."""
    from difflib import get_close_matches

    return get_close_matches(word, sorted(known), n=3, cutoff=0.7)


def missing(recipe: Recipe) -> list[str]:
    """Return the modules that `recipe` needs and that are not installed."""
    from importlib.util import find_spec

    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    modules = recipe.modules + [backend] * ("keras" in recipe.modules)
    return [module for module in modules if find_spec(module) is None]


def pip_install(modules: Iterable[str]) -> str:
    """Return the command that installs `modules`, through this package's extras."""
    from importlib import metadata

    try:
        lines = metadata.requires("dlcookbook") or []
    except metadata.PackageNotFoundError:
        lines = []
    found = [re.match(r"([\w.-]+).*\bextra == ['\"](\w+)['\"]", line) for line in lines]
    extra_of = {m[1]: m[2] for m in found if m and m[2] != "all"}
    wanted = [DISTRIBUTIONS.get(module, module) for module in modules]
    extras = ",".join(dict.fromkeys(extra_of[w] for w in wanted if w in extra_of))
    parts = [f'"dlcookbook[{extras}]"'] if extras else []
    return " ".join(["pip install", *parts, *(w for w in wanted if w not in extra_of)])
