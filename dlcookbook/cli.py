"""The command line: list, show, copy, diff, run, choose."""

import argparse
import io
import os
import re
import shlex
import sys
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import NoReturn

from dlcookbook import __version__, catalog
from dlcookbook.catalog import (
    FLAT,
    WINGS,
    CookbookError,
    Recipe,
    find,
    matches,
    recipes,
)


def list_(args: argparse.Namespace) -> int:
    """Say what there is, and in which wings.

    dlcookbook list                what there is
    dlcookbook list focal          what has "focal" in its name or its summary
    dlcookbook list --wing torch   one wing
    dlcookbook list --json         all that is known, for a program
    """
    word = args.filter.lower()
    shelf = [r for r in recipes() if args.wing in (None, r.wing)]
    found = [r for r in shelf if word in r.name or word in r.summary.lower()]
    found = found or [r for r in shelf if any(word in name for name in r.functions)]
    if not found:
        close = catalog.closest(word, {recipe.short for recipe in shelf})
        advice = command("list", *close[:1])
        raise CookbookError(f"Nothing matches {args.filter!r}. Next: {advice}")
    if args.json:
        import json

        print(json.dumps([recipe.facts() for recipe in found], indent=2))
        return 0
    rows: dict[str, list[Recipe]] = {}
    for recipe in found:
        rows.setdefault(recipe.name if args.wing else recipe.key, []).append(recipe)
    mirrored = [] if args.wing else [wing for wing in WINGS if wing not in FLAT]
    for name, group in sorted(rows.items()):
        have = {recipe.wing for recipe in group}
        marks = [wing if wing in have else " " * len(wing) for wing in mirrored]
        line = " ".join([name.ljust(max(map(len, rows)) + 1), *marks, group[0].summary])
        room = terminal_width() if sys.stdout.isatty() else len(line)
        print(line if len(line) <= room else line[: room - 1] + "…")
    return 0


def show(args: argparse.Namespace) -> int:
    """Show a recipe in every wing that has it, side by side where they fit.

    dlcookbook show focal            how it is called in each wing
    dlcookbook show focal --source   the code of each wing
    dlcookbook show torch/focal      one wing
    """
    found = matches(args.name)
    if len({recipe.key for recipe in found}) > 1:
        find(args.name)
    blocks = []
    for recipe in found:
        text = recipe.text if args.source else outline(recipe)
        blocks.append([recipe.name, "=" * len(recipe.name), *text.splitlines(), ""])
    while blocks:
        row, room = [blocks.pop(0)], terminal_width()
        while blocks and sum(map(width, [*row, blocks[0]])) - 3 <= room:
            row.append(blocks.pop(0))
        for cells in zip_longest(*row, fillvalue=""):
            padded = [c.ljust(width(b)) for c, b in zip(cells, row, strict=True)]
            print("".join(padded).rstrip())
    return 0


def width(block: list[str]) -> int:
    """Return the width of a column of text with the space to its right."""
    return max(map(len, block)) + 3


def terminal_width() -> int:
    """Return the columns that there are to write in."""
    from shutil import get_terminal_size

    return get_terminal_size().columns


def outline(recipe: Recipe) -> str:
    """Return what a recipe is, how it is called, and the commands that use it."""
    module = recipe.name.replace("/", ".")
    facts = {
        "needs": ", ".join(recipe.requires),
        "brings": ", ".join(file.name for file in recipe.files[1:]),
        "import": f"from dlcookbook.{module} import {', '.join(recipe.functions)}",
        "copy": command("copy", recipe.name),
        "run": command("run", recipe.name) if recipe.runnable else "",
    }
    lines = [f"{label:<8}{fact}" for label, fact in facts.items() if fact]
    return "\n".join([recipe.summary, "", *recipe.headers, *lines])


def copy(args: argparse.Namespace) -> int:
    """Copy recipes into your project, to edit as you like.

    dlcookbook copy torch/focal                   to focal.py, here
    dlcookbook copy torch/focal torch/dice src/   to a folder
    dlcookbook copy torch/focal src/my_loss.py    to a file
    dlcookbook copy torch/focal src/ --dry-run    show the diff, write nothing
    """
    from dlcookbook import copies

    *names, last = args.names
    if not names or not is_destination(last):
        names, last = args.names, "."
    chosen = [find(name, "copy") for name in names]
    if last.endswith(".py") and len(chosen) > 1:
        advice = command("copy", *names, Path(last).parent)
        raise CookbookError(f"{last} is one file, not {len(names)}. Next: {advice}")
    files: dict[Path, str] = {}
    for recipe in chosen:
        for path, text in copies.place(recipe, Path(last)).items():
            if files.setdefault(path, text) != text:
                advice = command("copy", recipe.name, "ANOTHER_FOLDER")
                raise CookbookError(f"Two files want to be {path}. Next: {advice}")
    changed = {path: text for path, text in files.items() if copies.differs(path, text)}
    in_the_way = [path for path in changed if path.exists()]
    if args.dry_run:
        for path, text in changed.items():
            before = copies.current(path) if path in in_the_way else ""
            sides = f"{path} (now)", f"{path} (copy)"
            print_diff(copies.difference(before, text, *sides))
    elif in_the_way and not args.force:
        advice = command("copy", *args.names, "--dry-run")
        raise CookbookError(
            f"{', '.join(map(str, in_the_way))} would be overwritten, so nothing was "
            f"written. Overwrite with --force; see what changes with: {advice}"
        )
    else:
        copies.write(changed)
    done = "would write" if args.dry_run else "wrote"
    for path in files:
        with_force = " with --force" if path in in_the_way and not args.force else ""
        print(f"{done} {path}{with_force}" if path in changed else f"unchanged {path}")
    requires = {name for recipe in chosen for name in recipe.requires}
    print("needs:", ", ".join(sorted(requires)) or "nothing")
    return 0


def is_destination(word: str) -> bool:
    """Whether the last of several words means a place rather than a recipe."""
    if word.endswith((".py", "/", os.sep)) or Path(word).is_dir():
        return True
    try:
        return not matches(word)
    except CookbookError:
        return True


def diff(args: argparse.Namespace) -> int:
    """Say how copies have aged; exit status 1 if upstream has changed.

    dlcookbook diff src/focal.py   has the recipe changed since you copied it?
    dlcookbook diff src/*.py       has any of them?
    """
    from dlcookbook import copies

    moved, failed = False, False
    for path in args.files:
        try:
            age = copies.compare(Path(path))
        except (CookbookError, OSError) as error:
            failed = bool(complain(error))
            continue
        moved = moved or age.moved
        print(f"{path}: {age.words}")
        print_diff(age.changes)
        if age.moved:
            print("Take it all:  ", command("copy", age.name, path, "--force"))
            print("Merged by hand? Then the first line is now:", age.stamp, sep="\n")
    return 2 if failed else int(moved)


def print_diff(text: str) -> None:
    """Print a diff, in colour on a terminal that wants it."""
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR")
    colours = {} if plain else {"-": "\033[31m", "+": "\033[32m", "@": "\033[36m"}
    for line in text.splitlines():
        colour = colours.get(line[:1], "")
        print(f"{colour}{line}\033[0m" if colour else line)


def run(args: argparse.Namespace) -> int:
    """Run a recipe or a project; what follows -- is passed to it.

    dlcookbook run torch/projects/digits_cnn
    dlcookbook run torch/projects/digits_cnn -- --help
    dlcookbook run torch/projects/digits_cnn -- --epochs 3
    """
    import subprocess
    import time

    recipe = find(args.name, "run")
    if not recipe.runnable:
        advice = command("show", recipe.name)
        raise CookbookError(f"{recipe.name} has nothing to run. Next: {advice}")
    if absent := catalog.missing(recipe):
        backend = absent == [os.environ.get("KERAS_BACKEND", "tensorflow")]
        other = ", or name another backend in KERAS_BACKEND" if backend else ""
        raise CookbookError(
            f"{recipe.name} needs {', '.join(absent)}: not installed here{other}. "
            f"Next: {catalog.pip_install(absent)}"
        )
    paths = [str(catalog.ROOT.parent), os.environ.get("PYTHONPATH", "")]
    module = f"dlcookbook.{recipe.name.replace('/', '.')}"
    start = time.perf_counter()
    # -P: a torch.py in the current folder must not stand in for the real one
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", module, *args.rest],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    try:
        code = child.wait()
    except KeyboardInterrupt:
        # the child was interrupted as well: let it end in its own way
        code = child.wait()
    took = f"{recipe.name} in {time.perf_counter() - start:.1f} s, exit status {code}"
    advice = f". Next: {command('run', recipe.name, '--', '--help')}" if code else ""
    print(f"{'failed' if code else 'finished'}: {took}{advice}", file=sys.stderr)
    return int(code != 0)


def choose(args: argparse.Namespace) -> int:
    """Ask the cheat sheet what fits, and why.

    dlcookbook choose                          what can be chosen
    dlcookbook choose loss                     what it can be for
    dlcookbook choose loss --task multilabel   the answer
    dlcookbook choose loss focal               all about one of them
    """
    from dlcookbook.choose import answer

    print(answer(args.topic, args.name, args.task), end="")
    return 0


def completion(args: argparse.Namespace) -> int:
    """Print what makes a shell complete commands, names and tasks.

    eval "$(dlcookbook completion bash)"   in ~/.bashrc
    eval "$(dlcookbook completion zsh)"    in ~/.zshrc, below compinit
    dlcookbook completion fish | source    in ~/.config/fish/config.fish
    """
    print(SHELLS[args.shell], end="")
    return 0


def complete(words: list[str]) -> list[str]:
    """Return what can stand in place of the last of `words`, the program's included."""
    *before, last = words[1:] or [""]
    name, asked = (before or [""])[0], (before or [""])[-1]
    if not before:
        found = [*COMMANDS, "--help", "--version"]
    elif last.startswith("-"):
        usage = parser_of(name).format_usage() if name in COMMANDS else ""
        found = ["--help", *re.findall(r"--[\w-]+", usage)]
    elif asked == "--wing":
        found = [*WINGS]
    elif name == "completion":
        found = [*SHELLS]
    elif name == "choose":
        from dlcookbook.choose import completions

        found = completions(before[1:])
    elif name in ("list", "show", "copy", "run"):
        shelf = [r for r in recipes() if name != "run" or r.runnable]
        found = [recipe.name for recipe in shelf]
        if not any(full.startswith(last) for full in found):
            found = [s for r in shelf for s in (f"{r.wing}/{r.short}", r.key, r.short)]
    else:
        found = []
    return [word for word in dict.fromkeys(found) if word.startswith(last)]


# Each shell asks `dlcookbook __complete` with the line up to the cursor, word by word.
SHELLS = {
    "bash": """\
_dlcookbook() {
    local IFS=$'\\n'
    COMPREPLY=($(dlcookbook __complete "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null))
}
complete -o default -F _dlcookbook dlcookbook
""",
    "zsh": """\
_dlcookbook() {
    local -a found
    found=(${(f)"$(dlcookbook __complete "${(@)words[1,CURRENT]}" 2>/dev/null)"})
    if (( $#found )); then compadd -a found; else _files; fi
}
compdef _dlcookbook dlcookbook
""",
    "fish": """\
function _dlcookbook
    dlcookbook __complete (commandline -opc) "$(commandline -ct)" 2>/dev/null
end
complete -c dlcookbook -n 'not __fish_seen_subcommand_from copy diff' -f
complete -c dlcookbook -a '(_dlcookbook)'
""",
}
COMMANDS = {
    "list": list_,
    "show": show,
    "copy": copy,
    "diff": diff,
    "run": run,
    "choose": choose,
    "completion": completion,
}


class Parser(argparse.ArgumentParser):
    """A parser whose errors read like all others here."""

    def error(self, message: str) -> NoReturn:
        """Raise what `main` prints."""
        text = f"{message[0].upper()}{message[1:]}"
        raise CookbookError(f"{text}. Next: {self.prog} --help")


def parser_of(name: str) -> Parser:
    """Return the parser of one command."""
    lines = [line.strip() for line in (COMMANDS[name].__doc__ or "").splitlines()]
    words = {"copy": "NAME... [DEST] [--force] [--dry-run]", "run": "NAME [-- ARG...]"}
    parser = Parser(
        prog=f"dlcookbook {name}",
        usage=f"dlcookbook {name} {words[name]}" if name in words else None,
        description="\n  ".join(lines).strip(),
        # asked for its size, a terminal costs more than the rest of the parsing
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, width=80),
        allow_abbrev=False,
    )
    add = parser.add_argument
    if name == "list":
        add("filter", nargs="?", default="", help="part of what you look for")
        add("--wing", choices=WINGS, help="only this wing")
        add("--json", action="store_true", help="all facts, as JSON")
    elif name == "show":
        add("name", help="a name, any tail of one, or a function")
        add("--source", action="store_true", help="the whole files")
    elif name == "copy":
        add("names", nargs="+", metavar="NAME", help="recipes, then perhaps a place")
        add("--force", action="store_true", help="overwrite what is different")
        add("--dry-run", action="store_true", help="show the diff, write nothing")
    elif name == "diff":
        add("files", nargs="+", metavar="FILE", help="files that copy has written")
    elif name == "run":
        add("name", help="what to run")
    elif name == "choose":
        add("topic", nargs="?", help="what to choose")
        add("name", nargs="?", help="one of them")
        add("--task", help="what it is for")
    else:
        add("shell", choices=SHELLS, help="your shell")
    return parser


def parse(argv: list[str]) -> argparse.Namespace:
    """Return the arguments of a command; its name is the first of `argv`."""
    name, *own = argv
    if name not in COMMANDS:
        advice = [*catalog.closest(name, COMMANDS), "--help"][0]
        raise CookbookError(f"No command is called {name!r}. Next: {command(advice)}")
    rest: list[str] = []
    if name == "run" and "--" in own:
        own, rest = own[: own.index("--")], own[own.index("--") + 1 :]
    parser = parser_of(name)
    # options between the names; dearer, so not for all
    mixed = parser.parse_known_intermixed_args
    args, unknown = (mixed if name == "copy" else parser.parse_known_args)(own)
    if unknown:
        better = [args.name, "--", *unknown] if name == "run" else ["--help"]
        raise CookbookError(
            f"Not for {name}: {shlex.join(unknown)}. Next: {command(name, *better)}"
        )
    args.rest = rest
    return args


def command(*words: object) -> str:
    """Return a command of this program, ready to paste."""
    return shlex.join(["dlcookbook", *map(str, words)])


def complain(error: Exception) -> int:
    """Tell an error on the standard error, and return the exit status for it."""
    text = str(error)
    if isinstance(error, OSError):
        text = f"{error.strerror}: {error.filename}. Next: dlcookbook --help"
    print(f"dlcookbook: {text}", file=sys.stderr)
    return 2


def dispatch(argv: list[str]) -> int:
    """Do what `main` is asked, whatever may go wrong."""
    if argv[:1] == ["__complete"]:
        print(*complete(argv[1:]), sep="\n")
    elif not argv or argv[0] in ("--help", "-h"):
        print("Deep-learning recipes to read, copy and run.\n")
        for name, function in COMMANDS.items():
            print(f"  {name:<12}{(function.__doc__ or '').splitlines()[0]}")
        print("\nExamples of each: dlcookbook COMMAND --help")
    elif argv[0] == "--version":
        print(f"dlcookbook {__version__}")
    else:
        args = parse(argv)
        return COMMANDS[argv[0]](args)
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : list of str, optional
        The words after the program's name. None takes them from `sys.argv`.

    Returns
    -------
    int
        0 if all is well; 1 if `diff` found a change or what `run` ran has failed; 2
        for a mistake, which was told on the standard error.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # a terminal that lacks a letter shall not end the program
        sys.stdout.reconfigure(errors="replace")
    try:
        code = dispatch(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader has seen enough; Python will flush once more when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as stop:
        return int(stop.code or 0)
    except (CookbookError, OSError) as error:
        return complain(error)
    return code
