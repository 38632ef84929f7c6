"""A training that is killed, while it writes too, ends with the same weights."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import wings

ROOT = Path(__file__).parent.parent
KILLS = 6
pytestmark = [
    pytest.mark.skipif("torch" not in wings.WINGS, reason="Keras runs on it too"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is copied"),
]


def crashes(wing, *arguments):
    """Run the tool that kills, in a process of its own; return its counts."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.training_crashes", wing, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)[wing]


@pytest.mark.parametrize("wing", wings.WINGS)
def test_killed_at_random_moments_it_ends_as_if_it_never_was(wing, tmp_path):
    count = crashes(wing, "--kills", KILLS, "--out", tmp_path / "count.json")
    assert count["kills"] == KILLS
    assert count["survived"] == count["identical"] == count["runs"]


@pytest.mark.parametrize("wing", wings.WINGS)
def test_the_count_notices_a_loop_that_does_not_go_on_exactly(wing, tmp_path):
    count = crashes(wing, "--kills", 3, "--out", tmp_path / "count.json", "--forget")
    assert count["survived"] == count["runs"]
    assert count["identical"] < count["runs"]


@pytest.mark.parametrize("wing", ["torch", "keras"])
def test_the_page_shows_fifty_kills(wing):
    file = ROOT / "docs" / "evidence" / "training_crashes.json"
    count = json.loads(file.read_text(encoding="utf-8"))[wing]
    assert count["kills"] >= 50
    assert count["while_writing"] >= 10
    assert count["survived"] == count["identical"] == count["runs"]
