"""What the contract leaves open for losses of overlap: big images, nothing to find."""

import numpy as np
import pytest

from tests import wings

each_wing = pytest.mark.parametrize("wing", wings.WINGS)
MASKS = [
    "losses/dice.binary_dice_loss",
    "losses/tversky.binary_tversky_loss",
    "losses/focal_tversky.binary_focal_tversky_loss",
    "losses/jaccard.binary_jaccard_loss",
]
CLASSES = [
    "losses/dice.dice_loss",
    "losses/generalized_dice.generalized_dice_loss",
    "losses/tversky.tversky_loss",
    "losses/focal_tversky.focal_tversky_loss",
    "losses/jaccard.jaccard_loss",
]
LOVASZ = ["losses/lovasz.lovasz_softmax_loss"]
BOXES = [
    "losses/box_iou.box_iou_loss",
    "losses/giou.generalized_box_iou_loss",
    "losses/diou.distance_box_iou_loss",
    "losses/ciou.complete_box_iou_loss",
]


def big_image(name, rng):
    """Draw 512 x 512 pixels, whose sums do not fit into float16."""
    if name in MASKS:
        logits = rng.normal(3, 1, (1, 512, 512))
        return logits, (logits + rng.normal(0, 3, logits.shape) > 0).astype(int)
    logits = rng.normal(np.reshape([3, 0, -3], (1, 3, 1, 1)), 1, (1, 3, 512, 512))
    return logits, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


@each_wing
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("name", MASKS + CLASSES)
def test_the_sums_of_a_big_image_keep_their_digits(name, dtype, wing, rng):
    logits, targets = big_image(name, rng)
    assert np.bincount(targets.ravel()).max() > np.finfo(np.float16).max
    logits = wings.rounded(logits, dtype)
    want = wings.reference(name, logits, targets)
    last = () if name in MASKS else ("outputs",)
    got, gradient, _ = wings.call(wing, name, logits, targets, dtype=dtype, last=last)
    assert np.isfinite(gradient).all()
    np.testing.assert_allclose(got, want, rtol=0, atol=4 * wings.unit(dtype))


@each_wing
def test_lovasz_weighs_a_quarter_of_a_million_pixels(wing, rng):
    logits, targets = big_image(LOVASZ[0], rng)
    logits = wings.rounded(logits, "float32")
    slopes = {}
    for dtype in ("float32", "float64"):
        _, slopes[dtype], _ = wings.call(
            wing, LOVASZ[0], logits, targets, dtype=dtype, last=("outputs",)
        )
    # A pixel weighs about 1e-6. Weights as differences of neighbours are 1 % off here.
    error = np.abs(slopes["float32"] - slopes["float64"]).max()
    assert error < 1e-4 * np.abs(slopes["float64"]).max()


@each_wing
@pytest.mark.parametrize("name", MASKS)
def test_nothing_to_find_and_nothing_found_is_perfect(name, wing):
    nothing = np.zeros((1, 6, 6), int)
    for smooth in (0.0, 1.0):
        loss, gradient, _ = wings.call(
            wing, name, np.full((1, 6, 6), -200.0), nothing, smooth=smooth
        )
        assert loss == 0
        assert (gradient == 0).all()


@each_wing
@pytest.mark.parametrize("name", MASKS)
def test_smoothing_lets_an_empty_mask_push_predictions_down(name, wing):
    nothing, unsure = np.zeros((1, 6, 6), int), np.zeros((1, 6, 6))
    for smooth in (1e-3, 1.0):
        _, gradient, _ = wings.call(wing, name, unsure, nothing, smooth=smooth)
        assert (gradient > 0).all()
    loss, gradient, _ = wings.call(wing, name, unsure, nothing, smooth=0.0)
    assert loss == 1
    np.testing.assert_allclose(gradient, 0, atol=1e-9)


@each_wing
@pytest.mark.parametrize("name", CLASSES + LOVASZ)
def test_ignored_pixels_are_not_seen(name, wing, rng):
    logits, targets = rng.normal(size=(2, 3, 8)), rng.integers(0, 3, (2, 8))
    # one of the classes, so that pixels of it must not be taken for the ignored ones
    targets[0, :3], targets[1, 2:] = 2, 2
    other = np.where((targets == 2)[:, None], rng.normal(0, 5, logits.shape), logits)
    call = {"dtype": "float64", "last": ("outputs",), "ignore_index": 2}
    loss, gradient, _ = wings.call(wing, name, logits, targets, **call)
    again, _, _ = wings.call(wing, name, other, targets, **call)
    np.testing.assert_array_equal(loss, again)
    assert (gradient.transpose(0, 2, 1)[targets == 2] == 0).all()
    assert (np.abs(gradient).transpose(0, 2, 1)[targets != 2] > 0).all()


@each_wing
@pytest.mark.parametrize(
    ("box", "truth", "want"),
    [
        # the same point, the same line, two points, a point in a box, a line across it
        ([1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]),
        ([0, 1, 4, 1], [0, 1, 4, 1], [1, 1, 1, 1]),
        ([0, 0, 0, 0], [3, 4, 3, 4], [1, 2, 2, 2]),
        ([2, 2, 2, 2], [0, 0, 4, 4], [1, 1, 1, 1 + 1 / 20]),
        ([0, 2, 4, 2], [0, 0, 4, 4], [1, 1, 1, 1 + 1 / 20]),
        # the same box
        ([0, 0, 4, 4], [0, 0, 4, 4], [0, 0, 0, 0]),
    ],
)
def test_flat_boxes_have_the_documented_loss(wing, box, truth, want):
    for name, value in zip(BOXES, want, strict=True):
        loss, gradient, _ = wings.call(
            wing, name, np.array([box], float), np.array([truth], float)
        )
        np.testing.assert_allclose(loss, value, rtol=1e-6)
        assert np.abs(gradient).max() < 10
