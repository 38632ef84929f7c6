"""The command line, as it is typed: what it prints, what it refuses, how it ends."""

import difflib
import importlib.util
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dlcookbook import __version__, catalog
from dlcookbook.cli import COMMANDS, main, parser_of

REPOSITORY = catalog.ROOT.parent
PAGE = REPOSITORY / "docs" / "cli.md"


@pytest.fixture(autouse=True)
def _somewhere(tmp_path, monkeypatch):
    folder = tmp_path / "my project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "88")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def dlcookbook(capsys):
    """Run a command in this process: its exit status, output and errors."""

    def run(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Make a cookbook of our own: `shelf(name, text)` writes one of its files."""
    root = tmp_path / "upstream" / "dlcookbook"

    def write(name: str, text: str) -> None:
        path = root / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    for wing in ("torch", "keras", "reference"):
        write(f"{wing}/losses/dice", f'"""Dice in {wing}."""\n\n__all__ = ["dice"]\n')
    write("torch/losses/focal", '"""Focal."""\n\nimport torch\n')
    write("torch/metrics/focal", '"""Focal?"""\n')
    monkeypatch.setattr(catalog, "ROOT", root)
    return write


@pytest.fixture
def shell(tmp_path):
    """Environment in which `dlcookbook` is a command, installed or not."""
    command = tmp_path / "bin" / "dlcookbook"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dlcookbook "$@"\n')
    command.chmod(0o755)
    paths = [str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
    return os.environ | {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "HOME": str(tmp_path),
    }


# --- list


def test_list_shows_each_recipe_once_with_its_wings(dlcookbook, shelf):
    code, out, err = dlcookbook("list")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "losses/dice    torch keras       reference Dice in torch.",
        "losses/focal   torch                       Focal.",
        "metrics/focal  torch                       Focal?",
    ]


def test_list_of_one_wing_shows_full_names(dlcookbook, shelf):
    _, out, _ = dlcookbook("list", "--wing", "keras")
    assert out == "keras/losses/dice  Dice in keras.\n"


def test_filter_looks_at_names_then_summaries_then_functions(dlcookbook, shelf):
    shelf("torch/losses/other", '"""Overlap."""\n__all__ = ["soft_jaccard"]\n')
    assert "losses/other" in dlcookbook("list", "OVERLAP")[1]
    assert dlcookbook("list", "soft_jac")[1].split()[0] == "losses/other"
    assert len(dlcookbook("list", "losses/")[1].splitlines()) == 3


def test_json_has_every_fact(dlcookbook, shelf):
    shelf("torch/projects/p", "from dlcookbook.torch.losses.focal import f\n")
    found = {row["name"]: row for row in json.loads(dlcookbook("list", "--json")[1])}
    assert len(found) == 6
    assert found["torch/losses/dice"] == {
        "name": "torch/losses/dice",
        "wing": "torch",
        "summary": "Dice in torch.",
        "functions": ["dice"],
        "requires": [],
        "runnable": False,
        "siblings": ["keras/losses/dice", "reference/losses/dice"],
        "brings": [],
    }
    assert found["torch/projects/p"]["brings"] == ["torch/losses/focal"]
    assert found["torch/projects/p"]["requires"] == ["torch"]


# --- show


def test_show_puts_wings_side_by_side_where_they_fit(dlcookbook, shelf, monkeypatch):
    names = "torch/losses/dice", "keras/losses/dice", "reference/losses/dice"
    monkeypatch.setenv("COLUMNS", "300")
    first = dlcookbook("show", "dice")[1].splitlines()[0]
    assert first.split() == list(names)
    monkeypatch.setenv("COLUMNS", "40")
    lines = dlcookbook("show", "dice")[1].splitlines()
    assert [line for line in lines if line in names] == list(names)


def test_columns_never_exceed_the_terminal(dlcookbook, monkeypatch):
    for columns in range(60, 320, 20):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = dlcookbook("show", "focal", "--source")[1].splitlines()
        side_by_side = "torch/losses/focal   " in lines[0]
        assert not side_by_side or max(map(len, lines)) <= columns
    assert side_by_side


def test_source_is_the_file(dlcookbook):
    path = catalog.ROOT / "torch" / "losses" / "focal.py"
    _, out, _ = dlcookbook("show", "torch/focal", "--source")
    assert path.read_text("utf-8") in out


def test_outline_tells_how_to_go_on(dlcookbook):
    _, out, _ = dlcookbook("show", "reference/losses/focal")
    assert "def sigmoid_focal_loss(logits, targets, *, alpha=None, gamma=2.0):" in out
    assert "from dlcookbook.reference.losses.focal import sigmoid_focal_loss" in out
    assert "needs   numpy\n" in out
    assert "dlcookbook copy reference/losses/focal\n" in out


# --- copy


def text_of(path: str) -> str:
    return Path(path).read_text("utf-8")


def test_copy_goes_here_to_a_folder_or_to_a_file(dlcookbook, shelf):
    assert dlcookbook("copy", "torch/dice") == (
        0,
        "wrote dice.py\nneeds: nothing\n",
        "",
    )
    code, out, _ = dlcookbook("copy", "losses/focal", "torch/dice", "new/folder")
    assert code == 0
    assert out == "wrote new/folder/focal.py\nwrote new/folder/dice.py\nneeds: torch\n"
    assert dlcookbook("copy", "losses/focal", "a b/mine.py")[1].startswith(
        "wrote a b/mine.py\n"
    )
    original = '"""Focal."""\n\nimport torch\n'
    for path in ("new/folder/focal.py", "a b/mine.py"):
        first, rest = text_of(path).split("\n", 1)
        assert f"# dlcookbook {__version__}: torch/losses/focal sha256=" in first
        assert rest == original


def test_the_last_word_is_a_place_unless_it_names_a_recipe(dlcookbook, shelf):
    dlcookbook("copy", "torch/dice", "losses/focal")
    assert {path.name for path in Path().iterdir()} == {"dice.py", "focal.py"}
    Path("losses/focal").mkdir(parents=True)
    dlcookbook("copy", "torch/dice", "losses/focal")
    assert Path("losses/focal/dice.py").is_file()
    dlcookbook("copy", "torch/dice", "torch/dice/")
    assert Path("torch/dice/dice.py").is_file()


def test_options_may_stand_between_the_names(dlcookbook, shelf):
    code, out, _ = dlcookbook("copy", "torch/dice", "--dry-run", "there")
    assert code == 0
    assert "would write there/dice.py" in out


def test_identical_content_is_no_conflict(dlcookbook, shelf):
    dlcookbook("copy", "torch/dice")
    Path("dice.py").write_text(text_of("dice.py").replace("\n", "\r\n"), newline="")
    before = Path("dice.py").read_bytes()
    assert b"\r\n" in before
    code, out, _ = dlcookbook("copy", "torch/dice")
    assert code == 0
    assert "unchanged dice.py" in out
    assert Path("dice.py").read_bytes() == before


def test_nothing_is_overwritten_and_nothing_half_done(dlcookbook, shelf):
    Path("dice.py").write_text("mine\n")
    code, out, err = dlcookbook("copy", "losses/focal", "torch/dice")
    assert (code, out) == (2, "")
    assert "dice.py would be overwritten" in err
    assert err.endswith("dlcookbook copy losses/focal torch/dice --dry-run\n")
    assert [path.name for path in Path().iterdir()] == ["dice.py"]
    assert text_of("dice.py") == "mine\n"
    code, out, _ = dlcookbook("copy", "losses/focal", "torch/dice", "--force")
    assert (code, out[:30]) == (0, "wrote focal.py\nwrote dice.py\nn")
    assert "Dice in torch." in text_of("dice.py")


def test_dry_run_shows_the_diff_and_writes_nothing(dlcookbook, shelf):
    Path("dice.py").write_text("mine\n")
    code, out, _ = dlcookbook("copy", "losses/focal", "torch/dice", "--dry-run")
    assert code == 0
    assert "-mine\n" in out
    assert '+"""Dice in torch."""\n' in out
    assert "would write focal.py\nwould write dice.py with --force\n" in out
    assert [path.name for path in Path().iterdir()] == ["dice.py"]
    assert text_of("dice.py") == "mine\n"


def test_a_file_that_is_no_text_is_only_overwritten_by_force(dlcookbook, shelf):
    Path("dice.py").write_bytes(b"\xff\xfe\x00")
    assert dlcookbook("copy", "torch/dice")[0] == 2
    assert dlcookbook("copy", "torch/dice", "--dry-run")[0] == 0
    assert Path("dice.py").read_bytes() == b"\xff\xfe\x00"
    assert dlcookbook("copy", "torch/dice", "--force")[0] == 0


# --- diff


def test_diff_names_the_state_and_fails_only_when_upstream_moved(dlcookbook, shelf):
    dlcookbook("copy", "torch/dice", "losses/focal", "src")
    files = "src/dice.py", "src/focal.py"
    code, out, _ = dlcookbook("diff", *files)
    assert code == 0
    assert [line.split(" (")[0] for line in out.splitlines()] == [
        "src/dice.py: up to date",
        "src/focal.py: up to date",
    ]
    Path("src/dice.py").write_text(text_of("src/dice.py") + "x = 1\n")
    code, out, _ = dlcookbook("diff", *files)
    assert code == 0
    assert out.startswith("src/dice.py: edited by you; upstream has not changed")
    assert "+x = 1\n" in out
    shelf("torch/losses/focal", '"""Focal."""\n\nimport torch as t\n')
    code, out, _ = dlcookbook("diff", *files)
    assert code == 1
    assert "src/focal.py: update available; you have not edited it" in out
    assert "+import torch as t\n" in out
    command = "dlcookbook copy torch/losses/focal src/focal.py --force"
    assert command in out
    assert dlcookbook(*command.split()[1:])[0] == 0
    assert dlcookbook("diff", "src/focal.py")[0] == 0
    shelf("torch/losses/dice", '"""A better Dice."""\n')
    code, out, _ = dlcookbook("diff", *files)
    assert code == 1
    assert "src/dice.py: diverged: edited by you, and upstream has changed" in out


def test_diff_goes_on_after_a_file_that_it_cannot_judge(dlcookbook, shelf):
    dlcookbook("copy", "torch/dice")
    Path("other.py").write_text("x = 1\n")
    code, out, err = dlcookbook("diff", "gone.py", "other.py", "dice.py")
    assert code == 2
    assert out.startswith("dice.py: up to date")
    assert "gone.py" in err
    assert "other.py has no dlcookbook stamp" in err


# --- run


@pytest.fixture
def program(shelf):
    """Add a project that prints its arguments and ends as they say."""
    shelf("__init__", "")
    shelf(
        "torch/projects/program",
        '"""A program."""\n\nimport sys\n\nif __name__ == "__main__":\n'
        "    print(__file__, *sys.argv[1:], flush=True)\n"
        '    sys.exit(int("--fail" in sys.argv) * 3)\n',
    )


def test_run_passes_arguments_on_and_sums_up(program, capfd):
    argv = ["run", "program", "--", "--epochs", "1", "a b", "--"]
    assert main(argv) == 0
    out, err = capfd.readouterr()
    assert out.strip().endswith("program.py --epochs 1 a b --")
    pattern = r"finished: torch/projects/program in \d+\.\d s, exit status 0\n"
    assert re.fullmatch(pattern, err)


def test_run_of_what_fails_says_so(program, capfd):
    assert main(["run", "program", "--", "--fail"]) == 1
    err = capfd.readouterr().err
    assert "failed: torch/projects/program in" in err
    assert err.endswith(
        "exit status 3. Next: dlcookbook run torch/projects/program -- --help\n"
    )


def test_run_is_not_misled_by_files_in_the_current_folder(program, capfd):
    for name in ("sys", "torch", "dlcookbook"):
        Path(f"{name}.py").write_text("raise SystemExit('wrong file')\n")
    assert main(["run", "program"]) == 0
    assert "wrong file" not in "".join(capfd.readouterr())


# --- choose and completion


def test_choose_without_words_gives_commands_that_work(dlcookbook):
    code, out, _ = dlcookbook("choose")
    assert code == 0
    commands = re.findall(r"^ +dlcookbook (.+)$", out, re.M)
    assert "choose loss" in commands
    for command in commands:
        assert dlcookbook(*command.split())[0] == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["sh"], ["show"]),
        (["copy", "torch/l"], ["torch/losses/dice", "torch/losses/focal"]),
        (["show", "torch/foc"], ["torch/focal"]),
        (["show", "di"], ["dice"]),
        (["run", ""], ["torch/projects/program"]),
        (["list", "--wing", "ke"], ["keras"]),
        (["list", "-"], ["--help", "--wing", "--json"]),
        (["copy", "--d"], ["--dry-run"]),
        (["choose", "lo"], ["loss"]),
        (["choose", "nothing", "--task", ""], []),
        (["completion", "z"], ["zsh"]),
        (["diff", ""], []),
        (["nonsense", ""], []),
        (["nonsense", "-"], ["--help"]),
    ],
)
def test_completion_knows_what_can_follow(dlcookbook, program, words, expected):
    code, out, _ = dlcookbook("__complete", "dlcookbook", *words)
    assert (code, out.split()) == (0, expected)


# How each shell is asked to complete a line, and what it is asked.
SHELLS = {
    "bash": """
        eval "$(dlcookbook completion bash)"
        ask() {
            COMP_WORDS=(dlcookbook "$@"); COMP_CWORD=$#
            $(complete -p dlcookbook | sed 's/.*-F //; s/ .*//')
            echo "${COMPREPLY[@]}"
        }
    """,
    "zsh": """
        autoload -Uz compinit; compinit -u
        eval "$(dlcookbook completion zsh)"
        compadd() { echo ${(P)@[-1]} }
        ask() { words=(dlcookbook "$@"); CURRENT=$#words; $_comps[dlcookbook] }
    """,
    "fish": """
        dlcookbook completion fish | source
        function ask; echo (complete -C "dlcookbook $argv"); end
    """,
}
QUESTIONS = """
    ask sh
    ask show torch/losses/f
    ask list --wing ''
    ask ''
"""


@pytest.mark.parametrize("name", list(SHELLS))
def test_completion_works_in_a_real_shell(name, shell):
    if not shutil.which(name):
        assert name != "bash", "this test needs bash"
        pytest.skip(f"{name} is not installed")
    quiet = {"bash": "--norc", "zsh": "-f", "fish": "--no-config"}[name]
    done = subprocess.run(
        [name, quiet, "-c", SHELLS[name] + QUESTIONS],
        capture_output=True,
        text=True,
        env=shell,
        check=True,
    )
    names = [recipe.name for recipe in catalog.recipes()]
    assert done.stderr == ""
    assert [set(line.split()) for line in done.stdout.splitlines()] == [
        {"show"},
        {name for name in names if name.startswith("torch/losses/f")},
        set(catalog.WINGS),
        {*COMMANDS, "--help", "--version"},
    ]


# --- errors


@pytest.mark.parametrize(
    ("argv", "received", "next_command"),
    [
        ("lst", "'lst'", "dlcookbook list"),
        ("--hepl", "'--hepl'", "dlcookbook --help"),
        ("list xyzzy", "'xyzzy'", "dlcookbook list"),
        ("list focl", "'focl'", "dlcookbook list focal"),
        ("list --wing jax", "'jax'", "dlcookbook list --help"),
        ("list --jsno", "--jsno", "dlcookbook list --help"),
        ("list a b", "b", "dlcookbook list --help"),
        ("show", "name", "dlcookbook show --help"),
        ("show dcie", "'dcie'", "dlcookbook show dice"),
        ("show focal", "'focal'", "dlcookbook show torch/losses/focal"),
        ("show losses", "'losses'", "dlcookbook list losses"),
        ("copy dice", "'dice'", "dlcookbook copy torch/losses/dice"),
        ("copy torch/dice x/y.py z.py", "'x/y.py'", "dlcookbook list"),
        ("copy torch/dice losses/focal z.py", "z.py", "copy torch/dice losses/focal ."),
        ("copy torch/dice keras/dice z", "z/dice.py", "losses/dice ANOTHER_FOLDER"),
        ("copy torch/dice blocked/x", "blocked", "dlcookbook --help"),
        ("diff", "FILE", "dlcookbook diff --help"),
        ("diff gone.py", "gone.py", "dlcookbook --help"),
        ("diff .", "directory: .", "dlcookbook --help"),
        ("diff blocked", "blocked has no", "dlcookbook copy NAME DEST"),
        ("run torch/dice", "torch/losses/dice", "dlcookbook show torch/losses/dice"),
        ("run program --epochs 3", "--epochs 3", "run program -- --epochs 3"),
        ("run needy", "no_such_module", "pip install no_such_module"),
        ("run needy_keras", "no_backend", "pip install no_backend"),
        ("choose lss", "'lss'", "dlcookbook choose loss"),
        ("choose loss --task xyzzy", "'xyzzy'", "dlcookbook choose loss --task"),
        ("completion tcsh", "'tcsh'", "dlcookbook completion --help"),
    ],
)
def test_an_error_is_one_paragraph_that_ends_with_what_to_type(
    argv, received, next_command, dlcookbook, program, shelf, monkeypatch
):
    Path("blocked").write_text("a file\n")
    main_block = 'if __name__ == "__main__":\n    pass\n'
    shelf("torch/projects/needy", f"import no_such_module\n\n{main_block}")
    shelf("keras/projects/needy_keras", f"import keras\n\n{main_block}")
    monkeypatch.setenv("KERAS_BACKEND", "no_backend")
    code, out, err = dlcookbook(*argv.split())
    assert (code, out) == (2, "")
    assert err.startswith("dlcookbook: ")
    assert err.count("\n") == 1
    assert received in err
    assert next_command in err.rpartition(" Next: " if " Next: " in err else ": ")[2]


# --- the program as a whole


def test_help_of_each_command_has_examples_that_parse(dlcookbook):
    code, out, _ = dlcookbook("--help")
    assert code == 0
    assert dlcookbook() == (0, out, "")
    for name, function in COMMANDS.items():
        assert f"  {name} " in out
        code, text, err = dlcookbook(name, "--help")
        assert (code, err) == (0, "")
        examples = re.findall(rf"^ +(?:eval .*)?dlcookbook {name}\b", text, re.M)
        assert len(examples) >= 2, name
        assert function.__doc__.splitlines()[0] in text
        assert parser_of(name).prog == f"dlcookbook {name}"


def test_version(dlcookbook):
    assert dlcookbook("--version") == (0, f"dlcookbook {__version__}\n", "")


def test_a_reader_that_leaves_early_is_no_error(shell):
    done = subprocess.run(
        [
            "bash",
            "-c",
            "dlcookbook show focal --source | head -1; echo ${PIPESTATUS[0]}",
        ],
        capture_output=True,
        text=True,
        env=shell,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout == "torch/losses/focal\n0\n"


def test_letters_that_the_output_lacks_are_replaced(shelf, monkeypatch):
    shelf("torch/losses/naive", '"""Naïve."""\n')
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", output)
    assert main(["list", "naive"]) == 0
    assert output.buffer.getvalue().endswith(b" Na?ve.\n")


def on_a_terminal(env: dict[str, str], *argv: str) -> str:
    """Return what a command writes when its output is a terminal."""
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "dlcookbook", *argv]
    with subprocess.Popen(command, stdout=child, env=env) as process:
        os.close(child)
        written = b""
        # a closed terminal ends in an error on Linux, in nothing elsewhere
        try:
            while block := os.read(parent, 4096):
                written += block
        except OSError:
            pass
        process.wait()
    os.close(parent)
    return written.decode()


def test_colour_is_for_terminals_that_want_it(shell, dlcookbook):
    dlcookbook("copy", "reference/losses/focal")
    with Path("focal.py").open("a") as file:
        file.write("x = 1\n")
    argv = "diff", "focal.py"
    assert "\033[" not in dlcookbook(*argv)[1]
    assert "\033[32m+x = 1\033[0m" in on_a_terminal(shell, *argv)
    assert "\033[" not in on_a_terminal(shell | {"NO_COLOR": "1"}, *argv)


def test_lines_of_list_fit_the_terminal_and_are_whole_in_a_pipe(shell, dlcookbook):
    lines = on_a_terminal(shell | {"COLUMNS": "60"}, "list").splitlines()
    assert max(map(len, lines)) == 60
    assert any(line.endswith("…") for line in lines)
    assert "…" not in dlcookbook("list")[1]


# --- the page


FENCE = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


def any_lines(shown: str) -> str:
    """Return an expression for what may be printed: ``...`` is any lines."""
    return "".join(
        r"(?:.*\n)*?"
        if line == "...\n"
        else re.sub(r"\d+\\\.\d(?=\\ s)", r"\\d+\\.\\d", re.escape(line))
        for line in shown.splitlines(keepends=True)
    )


def test_the_page_shows_what_the_commands_print(shell, request):
    """Run every ``$`` line of the page in one folder and compare what it prints.

    A line of three dots stands for any lines, and seconds may differ.
    """
    text = PAGE.read_text("utf-8")

    def transcript(fence: re.Match) -> str:
        if "dlcookbook run" in fence[1] and not importlib.util.find_spec("torch"):
            return fence[0]
        lines = []
        for block in re.split(r"^\$ ", fence[1], flags=re.M)[1:]:
            command, _, shown = block.partition("\n")
            done = subprocess.run(
                ["bash", "-c", command],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=shell,
                check=False,
            )
            same = re.fullmatch(any_lines(shown), done.stdout)
            lines.append(f"$ {command}\n{shown if same else done.stdout}")
        return f"```console\n{''.join(lines)}```"

    printed = FENCE.sub(transcript, text)
    if request.config.getoption("--update-outputs", default=False):
        PAGE.write_text(printed, "utf-8")
    changes = difflib.unified_diff(text.splitlines(), printed.splitlines(), lineterm="")
    assert printed == text, "\n".join(changes)


def test_the_page_shows_every_command():
    shown = "".join(FENCE.findall(PAGE.read_text("utf-8")))
    assert {name for name in COMMANDS if f"$ dlcookbook {name}" not in shown} == set()
