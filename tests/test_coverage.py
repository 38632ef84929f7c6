"""Every item of the sources stands where the list says, and a lost one is noticed."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from tools.blocks import ROOT, Block, SyncError
from tools.chapters import coverage

ITEMS = coverage.items()
PAGE = ROOT / "docs" / "coverage.md"


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.key)
def test_an_item_stands_where_the_list_says(item):
    assert coverage.missing(item) == ""


def test_every_item_is_on_the_page_once():
    listed = re.findall(r"^\| ([A-Z]{3}-\d+) \|", PAGE.read_text("utf-8"), re.M)
    assert Counter(listed) == Counter(item.key for item in ITEMS)
    assert len(listed) == len({item.key for item in ITEMS})


def test_numbers_have_no_gap():
    kinds = Counter(item.key.partition("-")[0] for item in ITEMS)
    for letters, count in kinds.items():
        numbers = {f"{letters}-{at:02}" for at in range(1, count + 1)}
        assert numbers <= {item.key for item in ITEMS}, letters


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"place": "nowhere#relu"}, "there is no nowhere#relu"),
        ({"place": "activations#relux"}, "there is no activations#relux"),
        ({"word": "xyzzy"}, "does not say 'xyzzy'"),
        ({"otherwise": "corrections#none-such"}, "there is no corrections#none-such"),
    ],
)
def test_a_lost_place_is_noticed(change, said):
    item = next(item for item in ITEMS if item.place == "activations#relu")
    assert said in coverage.missing(replace(item, **change))


def test_a_heading_in_code_is_no_place(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# A\n\n## B { #b }\n\ntext\n\n```sh\n## C\n```\n\n### D d\n\nend\n"
    )
    found = coverage.sections(page)
    assert {*found} == {"", "a", "b", "d-d"}
    assert "end" in found["b"]
    assert "text" not in found["d-d"]


def test_an_unknown_kind_is_refused():
    with pytest.raises(SyncError, match="spells"):
        coverage.kind_table(Block("coverage", "spells", "", {}))
