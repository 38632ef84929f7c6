"""Every step of a project has its section, its pages and the check that ends it."""

from pathlib import Path

import pytest

from dlcookbook import choose
from dlcookbook.sheet import workflow
from tools.blocks import SyncError
from tools.chapters import workflow as chapter

PAGE = Path(__file__).parent.parent / "docs" / "workflow.md"

each_row = pytest.mark.parametrize("row", workflow.ROWS, ids=lambda row: row.slug)


@each_row
def test_every_step_has_its_section_and_its_facts(row):
    page, place = PAGE.read_text("utf-8"), row.section or row.slug
    assert f"{{ #{place} }}" in page
    assert f"<!-- sheet:workflow {place} -->" in page
    assert row.source.rpartition(" ")[2].startswith("https://")


@each_row
def test_every_step_leads_to_lines_that_exist(row):
    assert row.pages
    for address in row.pages.split(", "):
        assert chapter.page(address).startswith("[")


@pytest.mark.parametrize("address", ["models.md#nowhere", "workflow.md#nowhere"])
def test_a_section_that_does_not_exist_is_caught(address):
    with pytest.raises(SyncError):
        chapter.page(address)


@each_row
def test_choose_tells_the_check_that_ends_a_step(row):
    card = " ".join(choose.answer("workflow", row.slug, None).split())
    assert row.ends in card
    assert row.doing in card
