"""The optimizer explorer walks as the reference wing does, for mouse and keyboard."""

import re

import numpy as np
import pytest

from tools.optimizer_figures import FAR, STEPS, SURFACES, path

WALK = """([surface, optimizer, rate, keep, steps]) =>
  window.optimizerExplorer.walk(surface, optimizer, rate, keep, steps)"""
HEIGHTS = """([surface, places]) => {
  const [, loss, slope] = window.optimizerExplorer.SURFACES[surface];
  return places.map((w) => [loss(...w), ...slope(...w)]);
}"""


@pytest.fixture
def page(visit, address):
    """Open the chapter and wait for its explorer."""
    page = visit(f"{address}optimizers/")
    page.wait_for_selector(".descent select")
    yield page
    assert page.problems == []


def drawn(page, name="path"):
    """Return the pixels of a path."""
    found = re.findall(
        r"(-?[\d.]+) (-?[\d.]+)", page.get_attribute(f".descent-{name}", "d") or ""
    )
    return np.array(found, float)


def read(page):
    """Return what the explorer says of the end of its path."""
    return page.inner_text(".descent-read").replace("\N{MINUS SIGN}", "-")


def test_the_surfaces_are_those_of_the_figures(page):
    assert page.evaluate("Object.keys(window.optimizerExplorer.SURFACES)") == list(
        SURFACES
    )
    places = np.random.default_rng(0).uniform(-4, 4, (40, 2))
    for name, surface in SURFACES.items():
        shown = np.array(page.evaluate(HEIGHTS, [name, places.tolist()]))
        want = [[surface.loss(w), *surface.slope(w)] for w in places]
        assert shown == pytest.approx(np.array(want), rel=1e-12, abs=1e-12)
        start = page.evaluate("s => window.optimizerExplorer.SURFACES[s][3]", name)
        assert start == list(surface.start)


def test_every_path_is_that_of_the_definition(page):
    offered = page.evaluate("Object.keys(window.optimizerExplorer.OPTIMIZERS)")
    assert offered == list(STEPS)
    for name, step in STEPS.items():
        for surface in SURFACES:
            for rate, keep in ((0.003, 0.5), (0.015, 0.9), (0.1, 0.99)):
                shown = page.evaluate(WALK, [surface, name, rate, keep, 100])
                want = path(SURFACES[surface], step(rate, keep), 100)
                if np.abs(want).max() > FAR:
                    # both are lost; what grows without end grows apart as well
                    assert len(shown) == len(want)
                    shown, want = shown[:5], want[:5]
                assert np.array(shown) == pytest.approx(want, abs=1e-6), (name, surface)


def test_the_path_stands_where_its_numbers_say(page):
    page.select_option(".descent-surface", "minima")
    page.select_option(".descent-optimizer", "adam")
    wide, high = page.evaluate("window.optimizerExplorer.SURFACES.minima[4]")
    x, y = drawn(page).T
    rate = 10 ** float(page.locator(".descent-rate").input_value())
    want = path(SURFACES["minima"], STEPS["adam"](rate, 0.9), 60)
    assert (x / 320 - 1) * wide == pytest.approx(want[:, 0], abs=0.01)
    assert (1 - y / 160) * high == pytest.approx(want[:, 1], abs=0.01)
    end = [float(number) for number in re.findall(r"-?\d+\.\d+", read(page))]
    assert end == pytest.approx(
        [SURFACES["minima"].loss(want[-1]), *want[-1]], abs=6e-3
    )


def test_the_lines_are_of_equal_loss(page):
    for name, surface in SURFACES.items():
        page.select_option(".descent-surface", name)
        _, _, _, _, (wide, high), levels = page.evaluate(
            "s => window.optimizerExplorer.SURFACES[s].map((x) => x)", name
        )
        places = drawn(page, "lines")[::37]
        w = np.stack(
            [(places[:, 0] / 320 - 1) * wide, (1 - places[:, 1] / 160) * high], 1
        )
        off = [min(abs(surface.loss(at) - level) for level in levels) for at in w]
        # straight between the corners of a grid
        assert np.median(off) < 0.05
        assert len(places) > 20


@pytest.mark.parametrize("knob", ["rate", "keep", "count"])
def test_a_knob_moves_by_keyboard_and_the_path_follows(page, knob):
    before, said = drawn(page), read(page)
    page.locator(f".descent-{knob}").focus()
    page.keyboard.press("ArrowLeft")
    assert read(page) != said
    after = drawn(page)
    assert len(after) != len(before) or np.abs(after - before).max() > 0
    assert page.get_attribute(".descent-read", "aria-live") == "polite"
    label = page.get_attribute(".descent-plot", "aria-label")
    assert "SGD with momentum on a ravine" in label


def test_a_rate_too_large_is_said(page):
    page.select_option(".descent-optimizer", "sgd")
    page.locator(".descent-rate").focus()
    page.keyboard.press("End")
    assert "the rate is too large" in read(page)
    assert page.locator(".descent-keep").is_disabled()
    assert np.isfinite(drawn(page)).all()


def test_the_path_before_stays_until_the_surface_changes(page):
    was = drawn(page)
    page.select_option(".descent-optimizer", "adam")
    assert drawn(page, "before") == pytest.approx(was)
    page.select_option(".descent-surface", "saddle")
    assert len(drawn(page, "before")) == 0


def test_every_control_has_a_name_and_fits_a_phone(visit, address):
    page = visit(f"{address}optimizers/", width=390, scheme="dark")
    page.wait_for_selector(".descent select")
    for control in page.locator(".descent :is(select, input)").all():
        assert control.evaluate("e => e.labels[0].innerText.trim()")
        box = control.bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    path_colour = page.locator(".descent-path").evaluate(
        "e => getComputedStyle(e).stroke"
    )
    assert path_colour != "none"
    assert page.problems == []


def test_nothing_moves_by_itself(page):
    still = page.inner_html(".descent-plot")
    page.wait_for_timeout(300)
    assert page.inner_html(".descent-plot") == still


def test_it_is_there_after_instant_navigation(visit, address):
    page = visit(address)
    page.evaluate("window.same = true")
    page.locator('a[href$="optimizers/"]').first.click()
    page.wait_for_selector(".descent select")
    assert page.evaluate("window.same")
    assert page.locator(".descent-plot").count() == 1
    assert page.problems == []


def test_without_scripts_a_picture_stands_in_its_place(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}optimizers/")
    assert page.locator(".descent :is(img, svg)").first.is_visible()
    context.close()
