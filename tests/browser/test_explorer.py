"""The loss explorer draws what the reference wing computes, for mouse and keyboard."""

import re

import numpy as np
import pytest

from dlcookbook.reference.losses import (
    bce,
    charbonnier,
    cross_entropy,
    focal,
    gaussian_nll,
    generalized_ce,
    hinge,
    huber,
    log_cosh,
    mae,
    mse,
    poisson,
    quantile,
    smooth_l1,
    weighted_bce,
)


def lead(x):
    """Scores in which class 0 leads nine rivals by x, and its label."""
    scores = np.zeros((len(x), 10))
    scores[:, 0] = x
    return scores, np.zeros(len(x), int)


def yes(x):
    """Scores, and a yes for each."""
    return x, np.ones(len(x), int)


def error(x):
    """Errors, as predictions of 0."""
    return x, np.zeros(len(x))


DEFINITIONS = {
    "binary-cross-entropy": lambda x, k: bce.bce_loss(*yes(x)),
    "pos-weight": lambda x, k: weighted_bce.weighted_bce_loss(*yes(x), pos_weight=k),
    "focal": lambda x, k: focal.sigmoid_focal_loss(*yes(x), gamma=k),
    "hinge": lambda x, k: hinge.hinge_loss(*yes(x), margin=k),
    "label-smoothing": lambda x, k: cross_entropy.cross_entropy_loss(
        *lead(x), label_smoothing=k
    ),
    "generalized-ce": lambda x, k: generalized_ce.generalized_cross_entropy_loss(
        *lead(x), q=k
    ),
    "mse": lambda x, k: mse.mse_loss(*error(x)),
    "mae": lambda x, k: mae.mae_loss(*error(x)),
    "huber": lambda x, k: huber.huber_loss(*error(x), delta=k),
    "smooth-l1": lambda x, k: smooth_l1.smooth_l1_loss(*error(x), beta=k),
    "log-cosh": lambda x, k: log_cosh.log_cosh_loss(*error(x)),
    "charbonnier": lambda x, k: charbonnier.charbonnier_loss(*error(x), epsilon=k),
    "quantile": lambda x, k: quantile.quantile_loss(*error(x), quantile=k),
    "poisson": lambda x, k: poisson.poisson_loss(x, np.full(len(x), k)),
    "gaussian-nll": lambda x, k: gaussian_nll.gaussian_nll_loss(
        np.stack([x, np.full(len(x), 2 * np.log(k))], axis=1), np.zeros(len(x))
    ),
}
VALUES = """([key, xs, knob]) => {
  const { LOSSES, slope } = window.lossExplorer;
  const f = LOSSES[key][4];
  return xs.map((x) => [f(x, knob), slope(f, x, knob)]);
}"""


@pytest.fixture
def page(visit, address):
    """Open the chapter and wait for its explorer."""
    page = visit(f"{address}losses/")
    page.wait_for_selector(".explorer select")
    return page


def numbers(page):
    """Return the place, the loss and the slope that the explorer shows."""
    text = page.inner_text(".explorer-read").replace("\N{MINUS SIGN}", "-")
    return [float(number) for number in re.findall(r"-?\d+\.\d+", text)]


def test_every_curve_is_the_definition(page):
    offered = page.evaluate("Object.keys(window.lossExplorer.LOSSES)")
    assert offered == list(DEFINITIONS)
    for key, definition in DEFINITIONS.items():
        _, axis, knob, *_ = page.evaluate("k => window.lossExplorer.LOSSES[k]", key)
        # away from corners, where a slope means nothing
        x = np.linspace(axis[1], axis[2], 23) + 0.013
        for setting in (knob[1], knob[4], knob[2]) if knob else (0,):
            shown = np.array(page.evaluate(VALUES, [key, x.tolist(), setting]))
            want = definition(x, setting)
            assert shown[:, 0] == pytest.approx(want, rel=1e-9, abs=1e-9), key
            step = 1e-5
            rise = definition(x + step, setting) - definition(x - step, setting)
            assert shown[:, 1] == pytest.approx(rise / (2 * step), rel=1e-4, abs=1e-4)


def test_the_line_follows_the_knob(page):
    for key in DEFINITIONS:
        page.select_option(".explorer select", key)
        knob = page.locator(".explorer-knob input")
        was = page.get_attribute(".explorer-loss", "d")
        assert was.startswith("M")
        if knob.is_disabled():
            continue
        knob.focus()
        page.keyboard.press("End")
        assert page.get_attribute(".explorer-loss", "d") != was, key


def test_the_line_stands_where_its_numbers_say(page):
    page.select_option(".explorer select", "mse")
    points = re.findall(r"([\d.]+) ([\d.]+)", page.get_attribute(".explorer-loss", "d"))
    x, y = np.array(points, float).T
    # the axes: errors from -4 to 4 and losses from -2 to 8
    error = (x - 34) / (630 - 34) * 8 - 4
    loss = (272 - y) / (272 - 10) * 10 - 2
    assert loss == pytest.approx(error**2, abs=0.05)
    assert len(x) > 100


def test_the_keyboard_moves_the_place_and_it_is_read_aloud(page):
    page.select_option(".explorer select", "huber")
    page.locator(".explorer-at input").focus()
    page.keyboard.press("Home")
    assert numbers(page) == pytest.approx([-4, 3.5, -1])
    page.keyboard.press("ArrowRight")
    assert numbers(page)[0] > -4
    assert page.get_attribute(".explorer-read", "aria-live") == "polite"
    assert "Huber, delta 1" in page.get_attribute(".explorer-plot", "aria-label")
    for control in page.locator(".explorer :is(select, input)").all():
        assert control.evaluate("e => e.labels[0].innerText.trim()")


def test_it_is_there_after_instant_navigation(visit, address):
    page = visit(address)
    page.evaluate("window.same = true")
    page.locator('a[href$="losses/"]').first.click()
    page.wait_for_selector(".explorer select")
    assert page.evaluate("window.same")
    assert page.locator(".explorer select").count() == 1


def test_without_scripts_a_picture_stands_in_its_place(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}losses/")
    assert page.locator(".explorer :is(img, svg)").first.is_visible()
    context.close()
