"""Every set-up of a field is executed: its head, its losses, its names and links."""

import math
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from dlcookbook.sheet import fields
from tests import wings
from tests.arrays import SIZES, build
from tools.blocks import pages_of
from tools.chapters.fields import SETUPS

ROOT = Path(__file__).parent.parent
ROWS = [(topic, row) for topic, rows in SETUPS.items() for row in rows]
LOSSES = {row.slug: row for row in import_module("dlcookbook.sheet.losses").ROWS}
# What the code of a head may name, and how large it is here.
NAMES = {
    "num_features": SIZES["D"],
    "num_classes": SIZES["C"],
    "num_labels": SIZES["K"],
}

each_row = pytest.mark.parametrize(
    ("topic", "row"), ROWS, ids=[f"{topic}/{row.slug}" for topic, row in ROWS]
)


def inputs(loss, outputs, rng):
    """Make what the call of a loss mentions, in torch's layout, for these outputs."""
    size = dict(zip("NCHW" if outputs.ndim == 4 else "N", outputs.shape, strict=False))
    targets = build(loss.targets, rng, outputs, **size)
    return targets, {name: build(spec, rng, targets) for name, spec in loss.given}


def seen_by(loss, outputs, xp):
    """Make an example of each place for a loss that knows none, corners for boxes."""
    if len(outputs.shape) == 4 and "H" not in loss.targets:
        outputs = xp.reshape(outputs, (-1, outputs.shape[-1]))
    if loss.targets.endswith("boxes"):
        parts = [-xp.exp(outputs[..., :2]), xp.exp(outputs[..., 2:])]
        outputs = xp.concatenate(parts, -1)
    return outputs


@each_row
def test_the_torch_head_fits_its_losses(topic, row, rng):
    torch = pytest.importorskip("torch")
    scope = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, **NAMES}
    torch.manual_seed(0)
    head = eval(row.torch, scope | wings.names("torch", row.recipe))
    features = torch.tensor(build(row.features, rng))
    for slug in row.loss:
        loss, outputs = LOSSES[slug], head(features)
        if outputs.ndim == 4 and "H" not in loss.targets:
            outputs = outputs.movedim(1, -1)
        outputs = seen_by(loss, outputs, torch)
        targets, given = inputs(loss, outputs.detach().numpy(), rng)
        names = {name: torch.tensor(array) for name, array in given.items()}
        names |= {"outputs": outputs, "targets": torch.tensor(targets)}
        value = eval(loss.torch, scope | wings.names("torch", loss.recipe) | names)
        value.mean().backward()
        assert math.isfinite(float(value.detach().mean()))
    grads = [weight.grad for weight in head.parameters()]
    assert any(grad is not None and grad.abs().max() > 0 for grad in grads)


@each_row
def test_the_keras_head_fits_its_losses(topic, row, rng):
    keras = pytest.importorskip("keras")
    scope = {"keras": keras, "layers": keras.layers, "ops": keras.ops, **NAMES}
    keras.utils.set_random_seed(0)
    head = eval(row.keras, scope | wings.names("keras", row.recipe))
    features = build(row.features, rng)
    features = np.moveaxis(features, 1, -1) if features.ndim == 4 else features
    for slug in row.loss:
        loss = LOSSES[slug]
        outputs = seen_by(loss, head(features), keras.ops)
        array = keras.ops.convert_to_numpy(outputs)
        seen = np.moveaxis(array, -1, 1) if array.ndim == 4 else array
        targets, given = inputs(loss, seen, rng)
        targets = np.moveaxis(targets, 1, -1) if targets.ndim == 4 else targets
        names = {"outputs": outputs, "targets": targets, **given}
        value = eval(loss.keras, scope | wings.names("keras", loss.recipe) | names)
        assert np.isfinite(keras.ops.convert_to_numpy(value)).all()
    assert head.trainable_weights


@each_row
def test_names_of_other_sheets_exist(topic, row):
    for sheet, slugs in (
        ("losses", row.loss),
        ("metrics", row.metric),
        ("optimizers", (row.optimizer,)),
        ("augmentation", row.augmentation),
    ):
        known = {r.slug for r in import_module(f"dlcookbook.sheet.{sheet}").ROWS}
        # what no sheet has a row of is a recipe
        recipes = {slug for slug in slugs if "/" in slug}
        assert {*slugs} - recipes <= known, sheet
        assert all(pages_of(recipe) for recipe in recipes)


@pytest.mark.parametrize("topic", SETUPS)
def test_every_row_has_its_section_and_every_field_its_page(topic):
    page = (ROOT / "docs" / f"{topic}.md").read_text("utf-8")
    for row in SETUPS[topic]:
        assert f"{{ #{row.section or row.slug} }}" in page, row.slug
        assert row.source.rpartition(" ")[2].startswith("https://")
    assert topic in {field.slug for field in fields.ROWS}


@pytest.mark.parametrize("field", fields.ROWS, ids=lambda field: field.slug)
def test_every_field_is_a_page_with_its_own_title(field):
    page = (ROOT / "docs" / f"{field.slug}.md").read_text("utf-8")
    assert "\npart: [Fields, " in page
