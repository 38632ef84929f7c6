"""The snippet plugin mends what the stock runner of the docs gets wrong."""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools.fences import scan
from tools.snippets import same_output

ROOT = Path(__file__).resolve().parent.parent


def run(folder, *arguments, plugin=True, paths=("docs",)):
    """Run pytest on the docs of a folder; return its output and each test's outcome."""
    (folder / "pytest.ini").touch()
    report = folder / "report.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--markdown-docs",
        f"--junitxml={report}",
    ]
    loaded = ["no:cacheprovider", "pytest_markdown_docs.plugin"]
    for name in [*loaded, *(["tools.snippets"] if plugin else [])]:
        command += ["-p", name]
    done = subprocess.run(
        [*command, *arguments, *paths],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    outcomes = {}
    for case in ElementTree.parse(report).iter("testcase"):
        line = re.search(r"line:(\d+)", case.get("name"))
        page = case.get("classname").removesuffix(".md").rpartition(".")[2]
        bad = case.find("failure")
        if bad is None:
            bad = case.find("error")
        outcomes[page, line and int(line[1])] = "passed" if bad is None else bad.text
    return done.stdout + done.stderr, outcomes


def write(folder, pages):
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")


# Defects of the stock runner: a page, then what either runner makes of it. None: it
# collects nothing; else the outcome of the last block: passed, or words of its failure.
WRONG = 'raise ValueError("it ran")'
DEFECTS = {
    "indented_tab": (
        f'=== "PyTorch"\n\n    ```python\n    {WRONG}\n    ```\n',
        None,
        "it ran",
    ),
    "indented_note": (
        f"!!! note\n\n    ```python\n    {WRONG}\n    ```\n",
        None,
        "it ran",
    ),
    "indented_details": (
        f"??? note\n\n    ~~~py\n    {WRONG}\n    ~~~\n",
        None,
        "it ran",
    ),
    "capital": (f"```Python\n{WRONG}\n```\n", None, "it ran"),
    "title": (f'```python title="the notest option"\n{WRONG}\n```\n', None, "it ran"),
    "dotted": (f'```{{.python title="x"}}\n{WRONG}\n```\n', None, "it ran"),
    "braced_option": (
        '```python\nx = 1\n```\n\n```python {continuation title="y"}\nassert x\n```\n',
        "NameError",
        "passed",
    ),
    "type_error_runs_twice": (
        """
        ```python
        import builtins
        builtins.tries = getattr(builtins, "tries", 0) + 1
        if builtins.tries == 1:
            raise TypeError("the first run")
        ```
        """,
        "passed",
        "the first run",
    ),
    "continuation_runs_again": (
        """
        ```python
        import builtins
        builtins.runs = getattr(builtins, "runs", 0) + 1
        ```

        ```python continuation
        y = 1
        ```

        ```python continuation
        assert builtins.runs == y
        ```
        """,
        "AssertionError",
        "passed",
    ),
    "main_never_runs": (
        f'```python\nif __name__ == "__main__":\n    {WRONG}\n```\n',
        "passed",
        "it ran",
    ),
    "function_never_called": (
        "```python\ndef double(x):\n    return x.doubled\n```\n",
        "passed",
        "lines that never ran:\n3: return x.doubled",
    ),
    "branch_never_taken": (
        "```python\nfor x in range(3):\n    if x > 3:\n        x.wrong()\n```\n",
        "passed",
        "lines that never ran:\n4: x.wrong()",
    ),
    "lambda_never_called": (
        "```python\ndouble = lambda x: x.doubled\n```\n",
        "passed",
        "lines that never ran:\n2: double",
    ),
    "pickle": (
        """
        ```python
        import pickle

        class Model:
            pass

        assert isinstance(pickle.loads(pickle.dumps(Model())), Model)
        ```
        """,
        "PicklingError",
        "passed",
    ),
    "source_of_a_class": (
        """
        ```python
        import inspect

        class Model:
            size = 3

        assert inspect.getsource(Model).startswith("class Model")
        ```
        """,
        "Error",
        "passed",
    ),
    "output_not_compared": (
        "```python\nprint(2 + 2)\n```\n\n```text {.output}\n5\n```\n",
        "passed",
        "the output on line 5 is not what the snippet prints",
    ),
    "files_left_behind": (
        '```python\nopen("left.txt", "w").close()\n```\n\n'
        '```python\nimport os\nassert not os.path.exists("left.txt")\n```\n',
        "AssertionError",
        "passed",
    ),
    "environment_left_behind": (
        '```python\nimport os\nos.environ["LEFT"] = "1"\n```\n\n'
        '```python\nimport os\nassert "LEFT" not in os.environ\n```\n',
        "AssertionError",
        "passed",
    ),
}
PAGES = {f"docs/{name}.md": page for name, (page, *_) in DEFECTS.items()} | {
    "docs/prints.md": '```python\nprint("printed", "words")\n```\n',
    "docs/notebooks/cells.py": 'open("imported.txt", "a").close()\n',
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Run the same pages with the stock runner and with ours."""
    found = {}
    for name, plugin in (("stock", False), ("ours", True)):
        folder = tmp_path_factory.mktemp(name)
        write(folder, PAGES)
        found[name] = folder, *run(folder, plugin=plugin)
    return found


def last_outcome(outcomes, name):
    found = [outcome for (page, _), outcome in outcomes.items() if page == f"{name}"]
    return found[-1] if found else None


@pytest.mark.parametrize("name", DEFECTS)
@pytest.mark.parametrize("runner", ["stock", "ours"])
def test_a_defect_of_the_stock_runner_is_mended(runs, runner, name):
    _, stock, ours = DEFECTS[name]
    expected = {"stock": stock, "ours": ours}[runner]
    outcome = last_outcome(runs[runner][2], name)
    assert (outcome is None) == (expected is None), outcome
    assert expected is None or expected in outcome


def test_python_files_are_not_imported_by_collection(runs):
    assert (runs["stock"][0] / "imported.txt").exists()
    assert not (runs["ours"][0] / "imported.txt").exists()


def test_what_a_snippet_prints_is_captured_and_must_be_shown(runs):
    assert "printed words" in runs["stock"][1].partition("FAILURES")[0]
    before, _, report = runs["ours"][1].partition("FAILURES")
    assert "printed words" not in before
    assert "prints.md:1: SnippetError: prints, but the page shows no output" in report


def test_a_failure_names_the_line_of_the_page(runs):
    assert 'main_never_runs.md", line 3, in <module>' in runs["ours"][1]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("loss 0.1235", "loss 0.12345678", True),
        ("loss 0.1235", "loss 0.1234", True),
        ("loss 0.1235", "loss 0.1237", False),
        ("0.12", "0.13", False),
        ("0.12", "0.1249", True),
        ("[1. 2.]", "[1.  2.]\n", True),
        ("[1. 2.]", "[1. 3.]", False),
        ("12 of 13", "12 of 14", False),
        ("1.5e-03", "0.0015", True),
        ("1.5e-03", "1.6e-03", False),
        ("-0.25", "0.25", False),
        ("a b\nc", "a  b c", True),
        ("nan", "0.0", False),
        ("1 2", "12", False),
        ("", "x", False),
    ],
)
def test_outputs_are_compared_at_the_precision_shown(shown, printed, same):
    assert same_output(shown, printed) is same


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("0.90", "0.945", True),
        ("0.90", "0.95", False),
        ("100 steps", "105 steps", True),
        ("100 steps", "94 steps", False),
        ("-2.0", "-2.1", True),
        ("-2.0", "2.0", False),
        ("0.00", "0.01", False),
        ("0.90 cats", "0.90 dogs", False),
    ],
)
def test_a_training_may_end_a_little_apart_where_the_page_says_so(shown, printed, same):
    assert same_output(shown, printed, within=0.05) is same


def test_the_option_within_is_read_of_the_block(tmp_path):
    page = "```python\nprint(1.04)\n```\n\n```text {{.output {}}}\n1.00\n```\n"
    write(
        tmp_path,
        {
            "docs/wide.md": page.format('data-within="5%"'),
            "docs/narrow.md": page.format('data-within="3%"'),
        },
    )
    _, outcomes = run(tmp_path)
    assert last_outcome(outcomes, "wide") == "passed"
    assert "is not what the snippet prints" in last_outcome(outcomes, "narrow")


def test_update_outputs_rewrites_what_is_wrong_and_nothing_else(tmp_path):
    page = """
        ```python
        print("a", 0.12345)
        ```

        ```text {.output}
        a 0.1234
        ```

        1. item

            ```python
            print("b")
            print("  c")
            ```

            ```text {.output}
            wrong
            and longer
            ```

        /// tab | One

        ```python
        print("d")
        ```

        ///

        The end.
        """
    write(tmp_path, {"docs/page.md": page})
    _, outcomes = run(tmp_path, "--update-outputs")
    assert set(outcomes.values()) == {"passed"}
    lines = textwrap.dedent(page).lstrip().split("\n")
    at = lines.index("    wrong")
    lines[at : at + 2] = ["    b", "      c"]
    at = lines.index('print("d")') + 2
    lines[at:at] = ["", "```text {.output}", "d", "```"]
    assert (tmp_path / "docs" / "page.md").read_text("utf-8").split("\n") == lines
    _, outcomes = run(tmp_path)
    assert set(outcomes.values()) == {"passed"}


def test_each_tab_is_a_program_of_its_own(tmp_path):
    page = """
        ```python
        shared = []
        ```

        /// tab | PyTorch

        ```python {continuation}
        shared.append("torch")
        mine = 1
        ```

        ///
        /// tab | Keras

        ```python {continuation}
        assert shared == []
        ```

        ```python {continuation}
        mine
        ```

        ///

        /// tab | PyTorch

        ```python {continuation}
        assert shared == ["torch"] and mine
        ```

        ///

        ```python {continuation}
        shared.append(mine)
        ```
        """
    write(tmp_path, {"docs/page.md": page})
    _, outcomes = run(tmp_path)
    by_line = {line: outcome for (_, line), outcome in sorted(outcomes.items())}
    alone, keras, torch, again, outside = (by_line[line] for line in (1, 15, 7, 27, 33))
    assert {alone, keras, torch, again} == {"passed"}
    assert "NameError: name 'mine'" in by_line[19]
    assert "NameError: name 'mine'" in outside


def test_a_continuation_can_be_run_alone(tmp_path):
    page = """
        ```python
        x = 1
        print("not the output of the block below")
        ```

        ```python {continuation}
        print(x)
        ```

        ```text {.output}
        1
        ```
        """
    write(tmp_path, {"docs/page.md": page})
    _, outcomes = run(tmp_path, "-k", "line:6")
    assert outcomes == {("page", 6): "passed"}


def test_a_continuation_needs_a_snippet_above_it(tmp_path):
    write(tmp_path, {"docs/page.md": "```python {continuation}\nx = 1\n```\n"})
    _, outcomes = run(tmp_path)
    assert "continues, but no snippet stands above it" in outcomes["page", 1]


def test_a_later_block_can_call_what_an_earlier_one_defines(tmp_path):
    page = """
        ```python
        def used():
            return 1

        def unused():
            return 2
        ```

        ```python {continuation}
        used()
        ```
        """
    write(tmp_path, {"docs/page.md": page})
    _, outcomes = run(tmp_path)
    assert outcomes["page", 1] == "passed"
    assert "lines that never ran:\n6: return 2" in outcomes["page", 9]
    assert "return 1" not in outcomes["page", 9]


def test_a_line_that_is_not_run_needs_a_reason(tmp_path):
    page = """
        ```python
        def shown(x):  # not run: a worker process calls it
            y = x + 1
            return y

        assert shown, (
            "this message is never needed"
        )
        ```
        """
    bare = page.replace(": a worker process calls it", "")
    write(tmp_path, {"docs/reason.md": page, "docs/bare.md": bare})
    _, outcomes = run(tmp_path)
    assert outcomes["reason", 1] == "passed"
    assert "line 2: write `# not run: <reason>`" in outcomes["bare", 1]


def test_snippets_do_not_share_settings_or_seeds(tmp_path):
    pytest.importorskip("torch")
    page = """
        ```python
        import random
        import numpy as np
        import torch

        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        torch.set_printoptions(precision=1)
        np.set_printoptions(precision=1)
        for seed in (random.seed, np.random.seed, torch.manual_seed):
            seed(0)
        print(random.random(), np.random.rand(), torch.rand(1))
        ```

        ```text {.output}
        0.8444218515250481 0.5488135039273248 tensor([0.5])
        ```

        ```python
        import random
        import numpy as np
        import torch

        assert torch.zeros(1).dtype == torch.float32
        assert torch.is_grad_enabled()
        assert random.random() != 0.8444218515250481
        assert np.random.rand() != 0.5488135039273248
        print(torch.tensor([0.12345]), np.array([0.12345]))
        ```

        ```text {.output}
        tensor([0.1235]) [0.12345]
        ```
        """
    write(tmp_path, {"docs/page.md": page})
    _, outcomes = run(tmp_path, "--update-outputs")
    assert set(outcomes.values()) == {"passed"}
    assert "tensor([0.1235]) [0.12345]" in (tmp_path / "docs/page.md").read_text()


def test_a_bare_command_runs_the_docs_and_the_readme_and_no_test(tmp_path):
    pages = {
        "docs/page.md": "```python\nx = 1\n```\n",
        "README.md": "```python\nx = 2\n```\n",
        "test_code.py": "def test_it():\n    pass\n",
    }
    write(tmp_path, pages)
    _, outcomes = run(
        tmp_path, f"--collect-json={tmp_path / 'made/list.json'}", paths=()
    )
    assert outcomes == {("page", 1): "passed", ("README", 1): "passed"}
    rows = json.loads((tmp_path / "made/list.json").read_text())
    assert sorted(row["path"] for row in rows) == ["README.md", "docs/page.md"]
    assert sorted(row["code"] for row in rows) == ["x = 1\n", "x = 2\n"]
    assert [row["line"] for row in rows] == [1, 1]


def test_a_fence_within_a_fence_is_no_snippet():
    text = "````markdown\n```python\nx = 1\n```\n````\n\n```python\ny = 2\n```\n"
    assert [fence.line for fence in scan(text) if fence.is_run] == [7]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("> ```python\n> x = [\n>     1,\n> ]\n> ```", "x = [\n    1,\n]\n"),
        (
            "- item\n\n    ```python\n    if x:\n\n        y\n    ```",
            "if x:\n\n    y\n",
        ),
        ("\t```python\n\tif x:\n\t\ty\n\t```", "if x:\n    y\n"),
        ("~~~python\n```\n~~~", "```\n"),
        ("```python\nx = 1", "x = 1\n"),
    ],
)
def test_a_fence_is_read_as_it_is_shown(text, code):
    [fence] = scan(text)
    assert fence.code == code
    assert fence.closed is not text.endswith("1")


def test_nested_blocks_keep_the_label_of_their_tab():
    text = """
        //// tab | PyTorch
        /// details | More
        ```python
        a
        ```
        ///
        ```python
        b
        ```
        ////
        ```python
        c
        ```
        """
    assert [fence.tab for fence in scan(textwrap.dedent(text))] == [
        "PyTorch",
        "PyTorch",
        None,
    ]
