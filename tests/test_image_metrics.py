"""Metrics of images and boxes: what the contract cannot know, where peers differ."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcookbook.numpy.metrics import (
    boundary_iou,
    dice_score,
    hausdorff95,
    mean_average_precision,
    mean_iou,
    nms,
    psnr,
    ssim,
)
from dlcookbook.reference.metrics import nms as nms_definition
from tests import wings
from tests.metrics import mean_average_precision as detections

needs_keras = pytest.mark.skipif("keras" not in wings.WINGS, reason="no Keras")
needs_torch = pytest.mark.skipif("torch" not in wings.WINGS, reason="no torch")


def half_right(rng, size, classes):
    true = rng.integers(0, classes, size).astype(np.uint8)
    return true, np.where(rng.random(size) < 0.5, true, np.roll(true, 1, 0))


# Label maps


def test_masks_of_bytes_are_counted_without_a_wider_copy(rng):
    pair = half_right(rng, (4, 512, 512), 21)
    tracemalloc.start()
    mean_iou.mean_iou(*pair, 21)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * pair[0].nbytes


def test_a_hundred_thousand_classes_need_no_square_matrix(rng):
    true = rng.integers(0, 100_000, (2, 400))
    tracemalloc.start()
    value = mean_iou.mean_iou(true, true, 100_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert value == 1
    assert peak < 50e6


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@needs_torch
def test_five_answers_for_a_class_that_is_nowhere(rng):
    import torch
    from monai.metrics import MeanIoU
    from sklearn.metrics import jaccard_score
    from torchmetrics.functional.classification import multiclass_jaccard_index

    true, predicted = half_right(rng, (2, 16, 16), 3)
    pair = torch.tensor(true).long(), torch.tensor(predicted).long()
    ours = {
        absent: float(mean_iou.mean_iou(true, predicted, 4, absent=absent))
        for absent in ("skip", "zero", "one")
    }
    image = float(mean_iou.mean_iou(true, predicted, 4, per="image"))
    assert len({round(x, 4) for x in (*ours.values(), image)}) == 4
    flat = true.ravel(), predicted.ravel()
    counted = jaccard_score(*flat, labels=range(4), average="macro", zero_division=0)
    assert ours["zero"] == pytest.approx(counted, rel=1e-12)
    skipped = multiclass_jaccard_index(pair[1], pair[0], 4)
    assert ours["skip"] == pytest.approx(float(skipped), rel=1e-6)
    metric = MeanIoU(include_background=True)
    metric(*(torch.nn.functional.one_hot(x, 4).movedim(-1, 1) for x in pair[::-1]))
    assert image == pytest.approx(float(metric.aggregate()), rel=1e-6)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@needs_torch
def test_a_class_seen_only_by_the_model_costs_something():
    """MONAI leaves out a class without a true pixel, however much is predicted."""
    import torch
    from monai.metrics import DiceMetric

    true, predicted = np.array([[[0, 0, 0, 1]]]), np.array([[[0, 0, 2, 1]]])
    metric = DiceMetric(include_background=True)
    maps = (torch.tensor(x) for x in (predicted, true))
    metric(*(torch.nn.functional.one_hot(x, 3).movedim(-1, 1) for x in maps))
    theirs = float(metric.aggregate())
    each = dice_score.dice_score(true, predicted, 3, average=None)
    np.testing.assert_allclose(each, [4 / 5, 1, 0])
    assert dice_score.dice_score(true, predicted, 3) == pytest.approx(each.mean())
    assert theirs == pytest.approx(each[:2].mean())


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@needs_torch
def test_an_empty_mask_that_was_found_empty_has_the_value_one_asks_for():
    import torch
    from monai.metrics import DiceMetric
    from sklearn.metrics import f1_score
    from torchmetrics.functional.segmentation import dice_score as torchmetrics_dice

    empty = np.zeros((1, 4, 4), int)
    options = {"average": None, "per": "image"}
    ours = {
        policy: dice_score.dice_score(empty, empty, 2, empty=policy, **options)[1]
        for policy in ("skip", "zero", "one")
    }
    np.testing.assert_equal(list(ours.values()), [np.nan, 0, 1])
    mask = torch.tensor(empty)[:, None]
    metric = DiceMetric(ignore_empty=False)
    metric(mask, mask)
    assert ours["one"] == float(metric.aggregate())
    assert ours["zero"] == f1_score(empty.ravel(), empty.ravel(), zero_division=0)
    theirs = torchmetrics_dice(mask, mask, 1, average="none")
    np.testing.assert_equal(float(theirs), ours["skip"])


@needs_keras
def test_keras_trains_with_them_and_loads_them(tmp_path, rng):
    import keras

    from dlcookbook.keras.metrics.dice_score import DiceScore
    from dlcookbook.keras.metrics.mean_iou import MeanIoU

    true = rng.integers(0, 3, (10, 4, 4, 1))
    images = rng.normal(size=(10, 4, 4, 2)).astype("float32")
    model = keras.Sequential([keras.Input((4, 4, 2)), keras.layers.Conv2D(3, 1)])
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[
            MeanIoU(3, from_scores=True, per="image"),
            DiceScore(3, from_scores=True, ignore_index=2),
        ],
    )
    model.fit(images, true, batch_size=4, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    told = loaded.evaluate(images, true, batch_size=4, verbose=0, return_dict=True)
    predicted = model.predict(images, verbose=0).argmax(-1)
    want = mean_iou.mean_iou(true[..., 0], predicted, 3, per="image")
    assert told["mean_iou"] == pytest.approx(float(want), rel=1e-6)
    want = dice_score.dice_score(true[..., 0], predicted, 3, ignore_index=2)
    assert told["dice_score"] == pytest.approx(float(want), rel=1e-6)


@needs_keras
@pytest.mark.parametrize("name", ["mean_iou", "dice_score", "psnr", "ssim"])
def test_keras_refuses_a_weight_that_would_not_count(name):
    module = wings.module("keras", "metrics", name)
    options = {"data_range": 1} if name in ("psnr", "ssim") else {"num_classes": 2}
    metric = getattr(module, module.__all__[0])(**options)
    with pytest.raises(ValueError, match=r"sample_weight.*Received: "):
        metric.update_state(np.zeros((1, 12)), np.zeros((1, 12)), sample_weight=[2.0])


@needs_keras
def test_keras_says_nan_where_nothing_was_counted():
    from dlcookbook.keras.metrics.dice_score import DiceScore
    from dlcookbook.keras.metrics.mean_iou import MeanIoU
    from dlcookbook.keras.metrics.psnr import PSNR

    for metric in (MeanIoU(3), DiceScore(3), PSNR(data_range=1)):
        assert np.isnan(float(metric.result()))
    metric = MeanIoU(3, ignore_index=255)
    metric.update_state([[255, 255]], [[0, 1]])
    assert np.isnan(float(metric.result()))
    metric = MeanIoU(3, from_scores=True)
    metric.update_state([[0, 1]], [[[0.1, 0.2, np.nan], [0.3, 0.2, 0.1]]])
    assert np.isnan(float(metric.result()))


# Boxes


def crowd_of_boxes(rng, size):
    """Boxes of all sizes in few places; whole numbers, so that IoUs and scores tie."""
    place = rng.integers(0, 30, (size // 12, 2)) * 20
    low = place[rng.integers(0, len(place), size)] + rng.integers(0, 6, (size, 2))
    side = np.round(2.0 ** rng.uniform(0, 7, (size, 1)) + rng.integers(0, 5, (size, 2)))
    boxes = np.concatenate([low, low + side], 1).astype(float)
    return boxes, rng.integers(0, 200, size) / 256


@given(seed=st.integers(0, 2**16), threshold=st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]))
def test_many_boxes_in_many_tiles_are_those_of_the_definition(seed, threshold):
    boxes, scores = crowd_of_boxes(np.random.default_rng(seed), 600)
    want = nms_definition.nms(boxes, scores, threshold)
    np.testing.assert_array_equal(nms.nms(boxes, scores, threshold), want)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@needs_keras
def test_tensorflow_keeps_the_same_boxes(rng):
    tf = pytest.importorskip("tensorflow")
    boxes, scores = crowd_of_boxes(rng, 4000)
    parts = boxes.astype("float32"), scores.astype("float32")
    want = tf.image.non_max_suppression(*parts, len(boxes), 0.45).numpy()
    got = nms.nms(boxes, scores, 0.45)
    assert 500 < len(got) < 3500
    np.testing.assert_array_equal(got, want)


def test_no_box_is_no_mistake():
    none, nothing = np.zeros((0, 4)), np.zeros(0)
    assert nms.nms(none, nothing, 0.5).shape == (0,)
    assert nms.batched_nms(none, nothing, nothing, 0.5).shape == (0,)
    assert all(len(x) == 0 for x in nms.soft_nms(none, nothing))


def test_an_offset_for_each_class_would_round_the_boxes():
    """The usual trick moves class c by c times the image: float32 then loses digits."""
    boxes = np.array([[0.0, 0, 0.2, 1], [0.11, 0, 0.31, 1]], np.float32)
    classes, scores = np.array([900, 900]), [0.9, 0.8]
    moved = boxes + np.float32(4096) * classes[:, None].astype(np.float32)
    kept = nms.batched_nms(boxes, scores, classes, 0.3)
    np.testing.assert_array_equal(kept, [0, 1])
    assert (moved[0] == moved[1]).all()
    np.testing.assert_array_equal(nms.nms(moved, scores, 0.3), [0])


# Detection


@pytest.mark.oracle
@pytest.mark.parametrize("plain", [True, False])
def test_average_precision_is_that_of_coco_in_float64(rng, plain):
    true, found = detections.images(rng, 25, plain)
    want = detections.pycocotools_numbers(true, found)
    got = mean_average_precision.mean_average_precision(true, found)
    assert got.keys() == want.keys()
    for name in got:
        np.testing.assert_allclose(got[name], want[name], rtol=1e-12, err_msg=name)
    assert 0.05 < got["ap"] < 0.95


def test_images_without_objects_or_detections_count():
    box = {"boxes": [[0, 0, 9, 9]], "labels": [1]}
    none = {"boxes": [], "labels": []}
    hit, silence = box | {"scores": [0.5]}, none | {"scores": []}
    ap = lambda *a: float(mean_average_precision.mean_average_precision(*a)["ap"])  # noqa: E731
    assert ap([box], [hit]) == 1
    assert ap([box, box], [hit, silence]) == pytest.approx(51 / 101)
    assert ap([box], [silence]) == 0
    assert np.isnan(ap([none], [hit]))
    # a better detection in an image without the object
    assert ap([box, none], [hit, hit | {"scores": [0.9]}]) == pytest.approx(0.5)


# Images


@pytest.mark.oracle
@needs_keras
def test_tensorflow_agrees_on_psnr_and_ssim(rng):
    tf = pytest.importorskip("tensorflow")
    true = rng.uniform(size=(3, 24, 20, 3)).astype("float32")
    predicted = np.clip(true + rng.normal(0, 0.1, true.shape), 0, 1).astype("float32")
    for ours, theirs in ((psnr.psnr, tf.image.psnr), (ssim.ssim, tf.image.ssim)):
        want = theirs(true, predicted, max_val=1.0).numpy().mean()
        assert ours(true, predicted, data_range=1) == pytest.approx(want, rel=1e-4)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@needs_torch
def test_torchmetrics_guesses_the_range_and_pools_the_error(rng):
    """PSNR over one pooled error is not the mean PSNR of the images."""
    import torch
    from torchmetrics.image import PeakSignalNoiseRatio

    true = rng.uniform(0, 0.5, (2, 16, 16, 1))
    predicted = true + np.array([0.01, 0.1])[:, None, None, None]
    metric = PeakSignalNoiseRatio(data_range=1.0)
    metric.update(torch.tensor(predicted), torch.tensor(true))
    assert psnr.psnr(true, predicted, data_range=1) == pytest.approx(30)
    pooled = -10 * np.log10((0.01**2 + 0.1**2) / 2)
    assert float(metric.compute()) == pytest.approx(pooled, rel=1e-5)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@needs_torch
def test_the_border_of_an_image_has_no_window(rng):
    """With every window inside it is the paper's; flat windows give another number."""
    from skimage.metrics import structural_similarity

    true = rng.uniform(size=(1, 32, 32, 1))
    predicted = true + rng.normal(0, 0.2, true.shape)
    ours = float(ssim.ssim(true, predicted, data_range=1))
    pair = true[0, ..., 0], predicted[0, ..., 0]
    paper = structural_similarity(
        *pair, data_range=1, gaussian_weights=True, use_sample_covariance=False
    )
    default = structural_similarity(*pair, data_range=1)
    assert ours == pytest.approx(paper, rel=1e-12)
    assert abs(ours - default) > 1e-3


# Borders of masks


@pytest.mark.oracle
def test_large_masks_have_the_distances_of_scipy(rng):
    from scipy import ndimage

    from tests.metrics.hausdorff95 import scipy_hausdorff95

    noise = ndimage.gaussian_filter(rng.normal(size=(2, 1, 300, 260)), (0, 0, 9, 9))
    true, predicted = noise > 0.01
    want = scipy_hausdorff95(true, predicted, (0.7, 1.3))
    got = hausdorff95.hausdorff95(true, predicted, spacing=(0.7, 1.3))
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_a_lone_mask_is_infinitely_far_and_two_empty_ones_are_undefined():
    full, empty = np.ones((1, 3, 3)), np.zeros((1, 3, 3))
    for measure in (hausdorff95.hausdorff95, hausdorff95.average_surface_distance):
        np.testing.assert_equal(measure(full, empty), [np.inf])
        np.testing.assert_equal(measure(empty, empty), [np.nan])
        np.testing.assert_equal(measure(empty, empty, empty="zero"), [0.0])


def test_a_large_mask_hides_its_edge_from_iou_but_not_from_boundary_iou():
    true = np.zeros((1, 100, 100), int)
    true[0, 5:95, 5:95] = 1
    shifted = np.roll(true, 4, 2)
    iou = mean_iou.mean_iou(true, shifted, 2, average=None)[1]
    edge = boundary_iou.boundary_iou(true, shifted)[0]
    assert iou > 0.9
    assert edge < 0.5
