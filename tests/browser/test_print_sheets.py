"""The sheets to print fit on their papers, in type that can be read."""

from dataclasses import replace

import pytest

from tools import print_sheets as sheets

SHEETS = sheets.sheets()


@pytest.mark.parametrize("paper", sheets.PAPERS)
@pytest.mark.parametrize("name", SHEETS)
def test_it_fits_and_prints_as_many_pages_as_sides(browser, name, paper, tmp_path):
    view = browser.new_page()
    sheets.fitted(view, SHEETS[name], paper)
    assert not sheets.spilled(view)
    assert view.locator(".side").count() == len(SHEETS[name].sides)
    file = tmp_path / "printed.pdf"
    view.pdf(path=file, prefer_css_page_size=True)
    assert file.read_bytes().count(b"/Type /Page\n") == len(SHEETS[name].sides)
    view.close()


def test_too_much_is_refused(browser):
    sheet = SHEETS["sheet"]
    view = browser.new_page()
    twice = replace(sheet, sides=(sheet.sides[0].replace("</div>", "") * 3 + "</div>",))
    with pytest.raises(SystemExit, match="side 1 holds"):
        sheets.fitted(view, twice, "a4")
    view.close()
