"""The contract of augmentation: pixels, masks, boxes and labels follow the definition.

What was drawn is read from the result: labels that name each image tell partner and
weight, pixels that name their place tell the rectangle and the time.
"""

from functools import partial

import numpy as np
import pytest

from tests import wings
from tests.augmentation import array, generator, matrices, mixed, series, warped

each_wing = pytest.mark.parametrize("wing", wings.WINGS)
each_mix = pytest.mark.parametrize("name", ["mixup", "cutmix"])
COUNT, HEIGHT, WIDTH = 16, 11, 14
STILL = {"degrees": (0, 0), "scale": (1, 1), "shift": (0, 0)}


def numbered(count=COUNT, height=HEIGHT, width=WIDTH):
    """Return images of which every pixel is one of its own, in [0, 1)."""
    pixels = np.arange(count * 2 * height * width) / (count * 2 * height * width)
    return pixels.reshape(count, 2, height, width)


def partners(soft):
    """Read partners and own weights from labels that name each image."""
    own = np.diag(soft)
    rest = soft - np.diag(own)
    other = np.where(rest.max(axis=1) > 0, rest.argmax(axis=1), np.arange(len(soft)))
    return other, own


def box_of(changed):
    """Return the rectangle of what changed: first row and column, after the last."""
    rows, columns = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return 0, 0, 0, 0
    return rows[0], columns[0], rows[-1] + 1, columns[-1] + 1


def check_mixup(wing, per_sample=True, labels=None, dtype="float64"):
    images = wings.rounded(numbered(), dtype)
    labels = np.arange(COUNT) if labels is None else labels
    new, soft, kind = mixed(
        wing,
        "mixup",
        images,
        labels,
        dtype=dtype,
        num_classes=COUNT,
        alpha=1.0,
        per_sample=per_sample,
    )
    other, own = partners(soft)
    want, want_soft = wings.function("reference", "augmentation/mixup.mixup")(
        images, np.eye(COUNT), other, own
    )
    assert kind == dtype
    np.testing.assert_allclose(new, want, atol=4 * wings.unit(dtype))
    np.testing.assert_allclose(soft, want_soft, atol=1e-6)
    distinct = len(np.unique(own[other != np.arange(COUNT)].round(6)))
    assert distinct == 1 if not per_sample else distinct > COUNT // 2
    assert len(set(other)) > COUNT // 2


def check_cutmix(wing, per_sample=True, dtype="float64"):
    images = wings.rounded(numbered(), dtype)
    new, soft, kind = mixed(
        wing,
        "cutmix",
        images,
        np.arange(COUNT),
        dtype=dtype,
        num_classes=COUNT,
        per_sample=per_sample,
    )
    other, _ = partners(soft)
    boxes = [box_of((a != b).any(axis=0)) for a, b in zip(new, images, strict=True)]
    want, want_soft = wings.function("reference", "augmentation/cutmix.cutmix")(
        images, np.eye(COUNT), other, boxes
    )
    assert kind == dtype
    np.testing.assert_array_equal(new, want)
    np.testing.assert_allclose(soft, want_soft, atol=1e-7)
    alone = other == np.arange(COUNT)
    shapes = {box for box, one in zip(boxes, alone, strict=True) if not one}
    assert len(shapes) == 1 if not per_sample else len(shapes) > COUNT // 2
    # the first row and column, and the last, are reached: nothing is left out
    if per_sample:
        assert min(b[0] for b in boxes) == min(b[1] for b in boxes) == 0
        assert max(b[2] for b in boxes) == HEIGHT


@each_wing
@pytest.mark.parametrize("per_sample", [True, False])
def test_mixup_follows_its_definition(wing, per_sample):
    check_mixup(wing, per_sample, dtype="float32")


@each_wing
@pytest.mark.parametrize("per_sample", [True, False])
def test_cutmix_follows_its_definition(wing, per_sample):
    check_cutmix(wing, per_sample, dtype="float32")


@each_wing
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_stays_and_the_label_is_that_of_the_pixels(wing, dtype):
    check_mixup(wing, dtype=dtype)
    check_cutmix(wing, dtype=dtype)


@each_wing
@each_mix
@pytest.mark.parametrize("alpha", [0.1, 1.0, 3.0])
def test_the_weights_have_the_distribution_they_should(wing, name, alpha):
    count = 4000
    function = wings.function(wing, f"augmentation/{name}._beta_weights")
    if wing == "torch":
        import torch

        drawn = function(count, alpha, generator(wing, 0), torch.device("cpu"))
    else:
        drawn = function(count, alpha, generator(wing, 0))
    drawn = array(drawn)
    assert drawn.shape == (count,)
    assert drawn.mean() == pytest.approx(0.5, abs=0.03)
    # of Beta(a, a)
    assert drawn.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.06)


@each_wing
@each_mix
def test_soft_labels_are_mixed_and_the_seed_decides(wing, name):
    images, soft = numbered(), np.full((COUNT, 3), 1 / 3)
    one, mixed_soft, _ = mixed(wing, name, images, soft, alpha=1.0)
    np.testing.assert_allclose(mixed_soft, soft, atol=1e-6)
    again, _, _ = mixed(wing, name, images, soft, alpha=1.0)
    other, _, _ = mixed(wing, name, images, soft, seed=1, alpha=1.0)
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


@each_wing
@each_mix
def test_a_batch_of_one_stays_as_it_was(wing, name):
    images = numbered(1)
    new, soft, _ = mixed(wing, name, images, np.array([2]), num_classes=4)
    np.testing.assert_allclose(new, images, atol=1e-12)
    np.testing.assert_allclose(soft, np.eye(4)[[2]], atol=1e-6)


@each_wing
@each_mix
@pytest.mark.parametrize(
    ("labels", "options", "word"),
    [
        (np.arange(4), {}, "labels"),
        (np.arange(5), {"num_classes": 9}, "labels"),
        (np.eye(4, dtype=int), {"num_classes": 4}, "labels"),
        (np.eye(4), {"num_classes": 5}, "labels"),
        (np.arange(4.0), {"num_classes": 4}, "labels"),
        (np.arange(4), {"num_classes": 0}, "labels"),
        (np.arange(4), {"num_classes": 4, "alpha": 0.0}, "alpha"),
        (np.arange(4), {"num_classes": 4, "alpha": float("nan")}, "alpha"),
        (np.arange(4), {"num_classes": 4, "alpha": float("inf")}, "alpha"),
    ],
)
def test_mixing_refuses_what_can_be_read_in_two_ways(wing, name, labels, options, word):
    with pytest.raises(ValueError, match=rf"{word} .*Received: "):
        mixed(wing, name, numbered(4), labels, **options)


@each_wing
def test_mixing_refuses_images_that_cannot_be_mixed(wing):
    whole = np.zeros((4, 2, 5, 5), np.uint8)
    with pytest.raises(ValueError, match=r"images .*Received: "):
        mixed(wing, "mixup", whole, np.arange(4), num_classes=4)
    with pytest.raises(ValueError, match=r"images .*Received: "):
        mixed(wing, "cutmix", np.zeros((4, 5)), np.arange(4), num_classes=4)
    # pixels that are copied may be whole numbers
    new, _, kind = mixed(wing, "cutmix", whole, np.arange(4), num_classes=4)
    assert kind == "uint8"
    assert not new.any()


def check_memory(name):
    torch = pytest.importorskip("torch")
    function = wings.function("torch", f"augmentation/{name}.{name}")
    images = torch.tensor(numbered())
    labels, options = torch.arange(COUNT), {"num_classes": COUNT, "alpha": 1.0}
    before = images.clone()
    plain, soft = function(images, labels, generator("torch", 0), **options)
    assert torch.equal(images, before)
    out = torch.full_like(images, 7)
    again, _ = function(images, labels, generator("torch", 0), out, **options)
    assert again is out
    assert torch.equal(out, plain)
    # the way that a GPU goes, and a gradient
    other, soft_too = function(
        images.clone().requires_grad_(), labels, generator("torch", 0), **options
    )
    other.sum().backward()
    assert torch.allclose(other, plain, atol=1e-12)
    assert torch.equal(soft, soft_too)
    turned = images.transpose(2, 3)
    assert torch.allclose(
        function(turned, labels, generator("torch", 0), **options)[0],
        function(turned.contiguous(), labels, generator("torch", 0), **options)[0],
    )
    over_itself = torch.empty_like(images[:1]).expand_as(images)
    for bad in (images, images[:2], torch.empty_like(images).half(), over_itself):
        with pytest.raises(ValueError, match="out must be"):
            function(images, labels, generator("torch", 0), bad, **options)


@each_mix
def test_memory_that_is_used_again(name):
    check_memory(name)


@each_wing
def test_an_unknown_label_is_not_taken_for_none(wing):
    for name in ("mixup", "cutmix"):
        if wing == "torch":
            with pytest.raises(RuntimeError):
                mixed(wing, name, numbered(4), np.array([0, 1, 2, 9]), num_classes=4)
        else:
            _, soft, _ = mixed(
                wing, name, numbered(4), np.array([0, 1, 2, 9]), num_classes=4
            )
            assert np.isnan(soft).any()


def test_keras_recipes_run_in_tf_data_and_fit():
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("tf.data needs TensorFlow's operations")
    import tensorflow as tf

    mixup, cutmix = (
        wings.function("keras", f"augmentation/{n}.{n}") for n in ("mixup", "cutmix")
    )
    affine = wings.function("keras", "augmentation/random_affine.random_affine")
    warp = wings.function("keras", "augmentation/warp.warp_images")
    seed = keras.random.SeedGenerator(0)

    # converting all of Keras by AutoGraph would take longer than the rest
    @tf.autograph.experimental.do_not_convert
    def change(x, y):
        x = warp(x, affine(tf.shape(x)[0], (8, 8), seed))
        return mixup(*cutmix(x, y, seed, num_classes=3), seed)

    x, y = np.ones((10, 8, 8, 1), "float32"), np.arange(10) % 3
    batches = tf.data.Dataset.from_tensor_slices((x, y)).batch(4).map(change)
    found = [spec.shape.as_list() for spec in batches.element_spec]
    assert found == [[None, 8, 8, 1], [None, 3]]
    first, second = (next(iter(batches))[1].numpy() for _ in range(2))
    assert (first != second).any()
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3)])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, jit_compile=False)
    model.fit(batches, shuffle=False, verbose=0)


def test_keras_mixing_is_compiled_by_xla_where_the_layer_is_not():
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("elsewhere XLA has a gamma")
    import tensorflow as tf

    images, labels = tf.ones((6, 4, 4, 1)), tf.eye(6)
    seed, layer = keras.random.SeedGenerator(0), keras.layers.MixUp()

    def translated(function):
        graph = tf.function(
            lambda x, y: function(x, y), jit_compile=True, autograph=False
        )
        # for XLA, but not to machine code, which takes seconds
        return graph.experimental_get_compiler_ir(images, labels)(stage="hlo")

    for name in ("mixup", "cutmix"):
        function = wings.function("keras", f"augmentation/{name}.{name}")
        assert "ENTRY" in translated(partial(function, seed=seed))
    with pytest.raises(ValueError, match="Gamma"):
        translated(lambda x, y: layer({"images": x, "labels": y})["images"])


def test_series_of_a_length_not_known_before():
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("only graphs of TensorFlow have such series")
    import tensorflow as tf

    x = np.random.default_rng(0).normal(size=(3, 9, 2)).astype("float32")
    unknown = [tf.TensorSpec([None, None, 2])]
    for name, options in (
        ("jitter", {}),
        ("scale", {}),
        ("magnitude_warp", {}),
        ("time_warp", {}),
        ("window_slice", {"length": 4}),
    ):
        function = wings.function("keras", f"augmentation/time_series.{name}")

        def change(x, function=function, options=options):
            return function(x, 1, **options)

        graph = tf.function(change, input_signature=unknown, autograph=False)
        np.testing.assert_allclose(graph(x), change(x), atol=1e-5)
        # too short, and a graph cannot raise
        if name == "window_slice":
            assert np.isnan(graph(x[:, :3])).all()


def drawn(count=3, **more):
    """Return matrices that do everything, and their images, masks and boxes."""
    rng = np.random.default_rng(0)
    matrix = wings.function("reference", "augmentation/random_affine.affine_matrix")
    found = [
        matrix((7, 9), 40, 0.8, 10, (0.2, -0.1), (True, False)),
        matrix((7, 9), -75, 1.3, 0, (-0.2, 0.3), (False, True)),
        np.array([[1, 0.1, 0], [0, 1, 0.5], [0.01, 0.02, 1]]),
    ]
    images = rng.normal(size=(count, 2, 7, 9))
    masks = rng.integers(0, 5, (count, 7, 9)).astype("uint8")
    boxes = rng.uniform(0, 7, (count, 8, 4))
    boxes[..., 2:] = boxes[..., :2] + rng.uniform(0, 7, (count, 8, 2))
    boxes[:, 0] = 0
    boxes[:, 1] = [5, 4, 5, 6]
    return np.array(found), images, masks, boxes


def check_warp(wing, border="fill", size=None):
    found, images, masks, boxes = drawn()
    given = {"border": border, "fill": 0.5}
    want = wings.function("reference", "augmentation/warp.warp_images")(
        images, found, size, **given
    )
    got = warped(wing, "images", images, found, size, **given)
    np.testing.assert_allclose(got, want, atol=1e-4)
    want = wings.function("reference", "augmentation/warp.warp_masks")(
        masks, found, size
    )
    got = warped(wing, "masks", masks, found, size)
    np.testing.assert_array_equal(got, want)
    assert got.dtype == np.uint8
    for least in (0.0, 0.6):
        want = wings.function("reference", "augmentation/warp.warp_boxes")(
            boxes, found, size or (7, 9), min_visible=least
        )
        got = warped(wing, "boxes", boxes, found, size or (7, 9), min_visible=least)
        np.testing.assert_array_equal(got[1], want[1])
        np.testing.assert_allclose(got[0], want[0], atol=1e-5)
        assert 0 < got[1].mean() < 1


@each_wing
@pytest.mark.parametrize(
    ("border", "size"), [("fill", None), ("edge", (5, 12)), ("reflect", (7, 9))]
)
def test_images_masks_and_boxes_are_moved_as_defined(wing, border, size):
    check_warp(wing, border, size)


@each_wing
def test_a_flip_flips_and_the_identity_does_nothing(wing):
    _, images, masks, _ = drawn()
    for flips, axes in (((0, 0), ()), ((1, 0), (-1,)), ((1, 1), (-2, -1))):
        found = matrices(wing, "random_affine", 3, (7, 9), **STILL, flips=flips)
        got = warped(wing, "images", images, found)
        np.testing.assert_allclose(got, np.flip(images, axes), atol=1e-5)
        got = warped(wing, "masks", masks, found)
        np.testing.assert_array_equal(got, np.flip(masks, axes))


@each_wing
def test_the_dtype_of_images_is_kept(wing):
    _, images, _, _ = drawn()
    found = matrices(wing, "random_affine", 3, (7, 9))
    function = wings.function(wing, "augmentation/warp.warp_images")
    moved = images if wing == "torch" else np.moveaxis(images, 1, -1)
    for dtype in ("float16", "bfloat16"):
        got = function(wings.tensor(wing, moved, dtype), wings.tensor(wing, found))
        assert dtype in str(got.dtype)


def test_a_matrix_that_is_not_finite_is_refused():
    pytest.importorskip("torch")
    found, images, masks, boxes = drawn()
    found[1, 0, 2] = np.nan
    # the mask would have no class left, the boxes would be gone
    for what, given in (("images", images), ("masks", masks)):
        with pytest.raises(ValueError, match=r"matrices must be finite.*Received: "):
            warped("torch", what, given, found)
    with pytest.raises(ValueError, match=r"matrices must be finite.*Received: "):
        warped("torch", "boxes", boxes, found, (7, 9))


@each_wing
@pytest.mark.parametrize(
    ("what", "change", "word"),
    [
        ("images", {"images": np.zeros((3, 2, 7, 9), int)}, "images"),
        ("images", {"images": np.zeros((3, 7, 9))}, "images"),
        ("images", {"found": np.zeros((2, 3, 3))}, "matrices"),
        ("images", {"found": np.zeros((3, 2, 3))}, "matrices"),
        ("images", {"border": "mirror"}, "border"),
        ("images", {"fill": float("nan")}, "fill"),
        ("images", {"size": (4.5, 4)}, "size"),
        ("images", {"size": (4, 4, 4)}, "size"),
        ("masks", {"masks": np.zeros((3, 1, 7, 9), int)}, "masks"),
        ("masks", {"ignore": -100}, "ignore"),
        ("masks", {"ignore": 1.5}, "ignore"),
        ("masks", {"masks": np.zeros((3, 7, 9), bool)}, "ignore"),
        ("boxes", {"boxes": np.zeros((3, 4))}, "boxes"),
        ("boxes", {"min_visible": 1.5}, "min_visible"),
        ("boxes", {"size": (0, 9)}, "size"),
    ],
)
def test_warp_refuses_what_would_be_silently_wrong(wing, what, change, word):
    found, images, masks, boxes = drawn()
    given = {"images": images, "masks": masks, "boxes": boxes, "found": found} | change
    size = [change.get("size", (7, 9))] if what == "boxes" or "size" in change else []
    names = ("border", "fill", "ignore", "min_visible")
    options = {name: change[name] for name in names if name in change}
    with pytest.raises(ValueError, match=rf"{word} .*Received: "):
        warped(wing, what, given[what], given["found"], *size, **options)


def check_no_boxes(wing):
    still = np.eye(3)[None]
    moved, keep = warped(wing, "boxes", np.zeros((1, 0, 4)), still, (7, 9))
    assert moved.shape == (1, 0, 4)
    assert keep.shape == (1, 0)
    boxes = np.array([[[1.0, 1, 3, 3], [6, 5, 2, 4], [np.nan, 0, 2, 2]]])
    if wing == "torch":
        with pytest.raises(ValueError, match=r"boxes must be left.*Received: \[6.0, 5"):
            warped(wing, "boxes", boxes, still, (7, 9))
        return
    moved, keep = warped(wing, "boxes", boxes, still, (7, 9))
    np.testing.assert_allclose(moved[0, 0], [1, 1, 3, 3])
    assert np.isnan(moved[0, 1:]).all()
    assert keep.all()


@each_wing
def test_boxes_may_be_none_and_are_never_of_width_and_height(wing):
    check_no_boxes(wing)


def check_affine(wing):
    reference = wings.function("reference", "augmentation/random_affine.affine_matrix")
    fixed = {"degrees": (30, 30), "scale": (1.2, 1.2), "shear": (10, 10)}
    got = matrices(
        wing, "random_affine", 2, (7, 9), **fixed, shift=(0.1, 0.1), flips=(1, 0)
    )
    want = reference((7, 9), 30, 1.2, 10, (0.1, 0.1), (True, False))
    np.testing.assert_allclose(got, [want, want], atol=1e-5)
    upside = matrices(wing, "random_affine", 1, (7, 9), **STILL, flips=(0, 1))
    want = reference((7, 9), flips=(False, True))
    np.testing.assert_allclose(upside, [want], atol=1e-5)
    # read what was drawn from the matrices
    given = {"degrees": (-20, 40), "scale": (0.5, 2), "shift": (-0.3, 0.1)}
    found = matrices(
        wing, "random_affine", 2000, (10, 20), seed=3, **given, flips=(0.5, 0)
    )
    size = np.hypot(found[:, 0, 0], found[:, 1, 0])
    mirrored = np.linalg.det(found) < 0
    sign = np.where(mirrored, -1, 1)
    angle = np.degrees(np.arctan2(-sign * found[:, 1, 0], sign * found[:, 0, 0]))
    middle = found @ [10, 5, 1]
    right, down = middle[:, 0] / 20 - 0.5, middle[:, 1] / 10 - 0.5
    for got, (low, high) in (
        (angle, (-20, 40)),
        (np.log2(size), (-1, 1)),
        (right, (-0.3, 0.1)),
        (down, (-0.3, 0.1)),
    ):
        share = (got - low) / (high - low)
        assert -1e-4 < share.min() < 0.01 < 0.99 < share.max() < 1 + 1e-4
        assert share.mean() == pytest.approx(0.5, abs=0.03)
    assert mirrored.mean() == pytest.approx(0.5, abs=0.05)
    assert abs(np.corrcoef(np.stack([angle, size, right, down]))).sum() < 4.4


@each_wing
def test_the_matrices_are_the_product_that_was_said(wing):
    check_affine(wing)


@each_wing
@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"degrees": (10, -10)}, "degrees"),
        ({"degrees": (0, float("nan"))}, "degrees"),
        ({"scale": (0, 1)}, "scale"),
        ({"shear": (0, 90)}, "shear"),
        ({"shift": (0.1, 0)}, "shift"),
        ({"flips": (0, 1.1)}, "flips"),
        ({"flips": (0, float("nan"))}, "flips"),
        ({"degrees": (0, 10, 20)}, "degrees"),
    ],
)
def test_affine_refuses_ranges_that_are_none(wing, options, word):
    with pytest.raises(ValueError, match=rf"{word} .*Received: "):
        matrices(wing, "random_affine", 1, (4, 4), **options)


def check_crop(wing):
    given = {"area": (0.2, 0.35), "ratio": (0.5, 2)}
    found = matrices(wing, "random_resized_crop", 1000, (30, 40), (16, 8), **given)
    width, height = 8 / found[:, 0, 0], 16 / found[:, 1, 1]
    left, top = -found[:, 0, 2] * width / 8, -found[:, 1, 2] * height / 16
    area, ratio = width * height / 1200, width / height
    assert 0.2 - 1e-3 < area.min() < 0.21 < 0.34 < area.max() < 0.35 + 1e-3
    assert 0.5 - 1e-3 < ratio.min() < 0.55 < 1.8 < ratio.max() < 2 + 1e-3
    assert np.log(ratio).mean() == pytest.approx(0, abs=0.06)
    for start, side, whole in ((left, width, 40), (top, height, 30)):
        place = start / (whole - side)
        assert -1e-3 < place.min() < 0.02 < 0.98 < place.max() < 1 + 1e-3
    # none fits: what is left is the whole width
    wide = matrices(
        wing, "random_resized_crop", 3, (4, 40), (4, 4), area=(1, 1), ratio=(1, 1)
    )
    assert (4 / wide[:, 1, 1]).max() <= 4 + 1e-4
    assert np.isfinite(wide).all()


@each_wing
def test_a_crop_lies_in_the_image_and_has_what_was_asked(wing):
    check_crop(wing)


@each_wing
@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"area": (0, 1)}, "area"),
        ({"area": (0.5, 1.5)}, "area"),
        ({"ratio": (2, 1)}, "ratio"),
        ({"ratio": (1, 1, 2)}, "ratio"),
    ],
)
def test_crop_refuses_ranges_that_are_none(wing, options, word):
    with pytest.raises(ValueError, match=rf"{word} .*Received: "):
        matrices(wing, "random_resized_crop", 1, (4, 4), (2, 2), **options)
    for size in ((4, 4, 4), (4, float("nan"))):
        with pytest.raises(ValueError, match=r"size .*Received: "):
            matrices(wing, "random_resized_crop", 1, size, (2, 2))
        with pytest.raises(ValueError, match=r"size .*Received: "):
            matrices(wing, "random_affine", 1, size)


def check_colour():
    torch = pytest.importorskip("torch")
    function = wings.function("torch", "augmentation/color_jitter.color_jitter")
    reference = wings.function("reference", "augmentation/color_jitter.color_jitter")
    images = np.random.default_rng(0).random((2, 3, 4, 5))
    images[0, :, 0] = 0.4
    images[1, 0, 0], images[1, 1, 0] = 0.9, 0.9
    neutral = {"brightness": 1.0, "contrast": 1.0, "saturation": 1.0, "hue": 0.0}
    for change in (
        {},
        {"brightness": 1.3},
        {"contrast": 0.4},
        {"saturation": 1.7},
        {"hue": 0.3},
        {"hue": -0.5},
        {"brightness": 0.7, "contrast": 1.6, "saturation": 0.2, "hue": 0.1},
    ):
        amounts = neutral | change
        ranges = {name: (amount, amount) for name, amount in amounts.items()}
        got = function(torch.tensor(images), **ranges).numpy()
        want = [reference(image, **amounts) for image in images]
        np.testing.assert_allclose(got, want, atol=2e-6)
    same = torch.tensor(images[:1]).expand(8, -1, -1, -1)
    assert len(function(same, generator("torch", 0)).flatten(1).unique(dim=0)) == 8
    assert function(torch.tensor(images).half()).dtype == torch.float16
    for bad, options, word in (
        (images * 255, {}, "images"),
        (images[:, :2], {}, "images"),
        (images * np.nan, {}, "images"),
        (images, {"brightness": (-1, 1)}, "brightness"),
        (images, {"contrast": (1, float("inf"))}, "contrast"),
        (images, {"hue": (0, 0.6)}, "hue"),
    ):
        with pytest.raises(ValueError, match=rf"{word} .*Received: "):
            function(torch.tensor(bad), **options)


def test_color_jitter_follows_its_definition():
    check_colour()


def check_erasing():
    torch = pytest.importorskip("torch")
    function = wings.function("torch", "augmentation/random_erasing.random_erasing")
    images = torch.ones(500, 2, 20, 30)
    given = {"area": (0.1, 0.3), "ratio": (0.5, 2), "fill": -1.0}
    new = function(images, generator("torch", 0), chance=0.4, **given).numpy()
    hidden = new == -1
    assert (hidden[:, 0] == hidden[:, 1]).all()
    assert (images == 1).all()
    touched = hidden.any(axis=(1, 2, 3))
    assert touched.mean() == pytest.approx(0.4, abs=0.06)
    boxes = [box_of(one[0]) for one in hidden[touched]]
    heights = np.array([b[2] - b[0] for b in boxes])
    widths = np.array([b[3] - b[1] for b in boxes])
    area = hidden[touched][:, 0].sum(axis=(1, 2))
    np.testing.assert_array_equal(area, heights * widths)
    assert 0.08 < area.min() / 600 < 0.13 < 0.27 < area.max() / 600 < 0.33
    assert 0.4 < (heights / widths).min() < 0.7 < 1.4 < (heights / widths).max() < 2.3
    tops = np.array([b[0] for b in boxes]) / (20 - heights)
    lefts = np.array([b[1] for b in boxes]) / (30 - widths)
    for place in (tops, lefts):
        assert place.min() == 0
        assert place.max() == 1
        assert place.mean() == pytest.approx(0.5, abs=0.08)
    whole = function(torch.ones(2, 1, 4, 4, dtype=torch.uint8), chance=1, area=(1, 1))
    assert whole.dtype == torch.uint8
    for options, word in (
        ({"chance": 1.1}, "chance"),
        ({"area": (0, 0.5)}, "area"),
        ({"ratio": (0, 1)}, "ratio"),
    ):
        with pytest.raises(ValueError, match=rf"{word} .*Received: "):
            function(images, **options)
    with pytest.raises(ValueError, match=r"images .*Received: "):
        function(images[0])
    # what the dtype cannot hold would be shown as something else
    for kind, fill in (("uint8", 0.5), ("uint8", -1), ("bool", 9), ("float32", np.nan)):
        with pytest.raises(ValueError, match=r"fill .*Received: "):
            function(images[:2].to(getattr(torch, kind)), fill=fill)


def test_random_erasing_hides_the_rectangles_it_says():
    check_erasing()


def check_randaugment():
    torch = pytest.importorskip("torch")
    pil = pytest.importorskip("PIL.Image")
    from PIL import ImageEnhance, ImageOps

    recipe = wings.module("torch", "augmentation", "randaugment")
    matrix = wings.function("reference", "augmentation/random_affine.affine_matrix")
    warp = wings.function("reference", "augmentation/warp.warp_images")
    pixels = np.random.default_rng(0).integers(20, 230, (160, 90, 3)).astype("uint8")
    photo = pil.fromarray(pixels)
    x = torch.tensor(pixels / 255).permute(2, 0, 1)[None]
    small = x[..., :24, :30]

    def done(name, image, amount):
        amount = torch.tensor([amount], dtype=torch.float64)
        return recipe._applied(name, image, amount, 0.5).numpy()

    seen = {"identity"}
    for amount in (0.3, -0.8):
        m, factor = abs(amount), 1 + 0.9 * amount
        for name, want in {
            "brightness": ImageEnhance.Brightness(photo).enhance(factor),
            "contrast": ImageEnhance.Contrast(photo).enhance(factor),
            "color": ImageEnhance.Color(photo).enhance(factor),
            "sharpness": ImageEnhance.Sharpness(photo).enhance(factor),
            "posterize": ImageOps.posterize(photo, round(8 - 4 * m)),
            "solarize": ImageOps.solarize(photo, int(255 * (1 - m)) + 1),
            "autocontrast": ImageOps.autocontrast(photo),
            "equalize": ImageOps.equalize(photo),
        }.items():
            got = 255 * done(name, x, amount)[0].transpose(1, 2, 0)
            apart = np.abs(got - np.asarray(want, float))[1:-1, 1:-1]
            # whole numbers there, and steps of whole pixels in the histogram
            assert apart.max() < (6 if name == "equalize" else 1.5), name
            seen.add(name)
        for name, given in {
            "rotate": {"degrees": 30 * amount},
            "shear_x": {"shear": np.degrees(np.arctan(0.3 * amount))},
            "translate_x": {"shift": (0.45 * amount, 0)},
            "translate_y": {"shift": (0, 0.45 * amount)},
        }.items():
            got = done(name, small, amount)
            want = warp(small.numpy(), [matrix((24, 30), **given)], fill=0.5)
            np.testing.assert_allclose(got, want, atol=1e-9)
            seen.add(name)
        # a shear along the columns is one along the rows of the image turned over
        got = done("shear_y", small, amount)
        want = done("shear_x", small.transpose(2, 3).contiguous(), amount)
        np.testing.assert_allclose(got, want.swapaxes(2, 3), atol=1e-9)
    assert seen | {"shear_y"} == set(recipe._OPERATIONS)
    flat = torch.full((1, 3, 4, 4), 0.3)
    for name in ("equalize", "autocontrast"):
        assert np.allclose(recipe._applied(name, flat, flat[:, 0, 0, 0], 0), 0.3)
    same = small.expand(200, -1, -1, -1)
    before = same.clone()
    new = recipe.randaugment(same, generator("torch", 0), operations=1)
    assert torch.equal(same, before)
    # fourteen operations, ten of them in both directions, three of those alike
    assert 16 <= len(new.flatten(1).unique(dim=0)) <= 24
    twice = recipe.randaugment(same, generator("torch", 0), operations=2)
    assert len(twice.flatten(1).unique(dim=0)) > 50
    assert 0 <= new.min() <= new.max() <= 1
    assert recipe.randaugment(same.half()).dtype == torch.float16
    for bad, options, word in (
        (same * 255, {}, "images"),
        (same[:, :1], {}, "images"),
        (same, {"operations": -1}, "operations"),
        (same, {"magnitude": 31.0}, "magnitude"),
        (same, {"fill": 128}, "fill"),
        (same, {"magnitude": float("nan")}, "magnitude"),
    ):
        with pytest.raises(ValueError, match=rf"{word} .*Received: "):
            recipe.randaugment(bad, **options)


def test_randaugment_does_what_its_list_says():
    check_randaugment()


def check_series(wing):
    ramp = np.broadcast_to(np.arange(50.0), (300, 2, 50)).copy()
    noisy = series(wing, "jitter", ramp, sigma=0.5) - ramp
    assert noisy.std() == pytest.approx(0.5, rel=0.03)
    assert abs(np.corrcoef(noisy[:, 0].ravel(), noisy[:, 1].ravel())[0, 1]) < 0.05
    factors = series(wing, "scale", ramp, sigma=0.2)[..., 1:] / ramp[..., 1:]
    np.testing.assert_allclose(factors, factors[..., :1] + 0 * factors, rtol=1e-5)
    assert factors[..., 0].std() == pytest.approx(0.2, rel=0.1)
    assert factors[..., 0].mean() == pytest.approx(1, abs=0.03)
    curve = series(wing, "magnitude_warp", np.ones_like(ramp), sigma=0.2, knots=3)
    bends = np.abs(np.diff(curve, n=2, axis=-1)) > 1e-5
    assert bends.any(axis=(0, 1)).sum() <= 2
    assert curve[..., [0, -1]].std() == pytest.approx(0.2, rel=0.12)
    np.testing.assert_allclose(curve[:, 0], curve[:, 1], rtol=1e-6)
    time = series(wing, "time_warp", ramp, sigma=0.5)
    assert (np.diff(time, axis=-1) >= -1e-4).all()
    np.testing.assert_allclose(time[..., 0], 0, atol=1e-4)
    np.testing.assert_allclose(time[..., -1], 49, atol=1e-3)
    assert np.abs(time - ramp).max() > 3
    assert np.isfinite(series(wing, "time_warp", ramp[:9], sigma=1000.0)).all()
    wave = np.broadcast_to(np.sin(np.arange(50.0) / 3), ramp.shape).copy()
    got = series(wing, "time_warp", wave, sigma=0.5)
    want = np.interp(time.ravel(), np.arange(50.0), wave[0, 0]).reshape(time.shape)
    np.testing.assert_allclose(got, want, atol=1e-4)
    # at every knot the logarithm of the speed is drawn with the deviation asked for
    speed = np.log(np.diff(time[:, 0], axis=-1))
    assert (speed[:, 0] - speed[:, -1]).std() == pytest.approx(0.5 * 2**0.5, rel=0.15)
    window = series(wing, "window_slice", ramp, length=47)
    np.testing.assert_allclose(np.diff(window, axis=-1), 1, atol=1e-6)
    assert set(window[:, 0, 0]) == {0, 1, 2, 3}
    np.testing.assert_array_equal(series(wing, "window_slice", ramp, length=50), ramp)
    for name, options in (
        ("jitter", {"sigma": 0.0}),
        ("scale", {"sigma": 0.0}),
        ("magnitude_warp", {"sigma": 0.0}),
        ("time_warp", {"sigma": 0.0}),
    ):
        np.testing.assert_allclose(series(wing, name, ramp, **options), ramp, atol=1e-4)


@each_wing
def test_series_are_changed_as_defined(wing):
    check_series(wing)


@each_wing
@pytest.mark.parametrize(
    ("name", "options", "word"),
    [
        ("jitter", {"sigma": -1.0}, "sigma"),
        ("scale", {"sigma": float("nan")}, "sigma"),
        ("jitter", {"sigma": float("inf")}, "sigma"),
        ("magnitude_warp", {"knots": 1}, "knots"),
        ("time_warp", {"sigma": -1.0}, "sigma"),
        ("window_slice", {"length": 9}, "length"),
        ("window_slice", {"length": 0}, "length"),
    ],
)
def test_series_refuse_what_is_out_of_range(wing, name, options, word):
    with pytest.raises(ValueError, match=rf"{word}.*Received: "):
        series(wing, name, np.zeros((2, 1, 8)), **options)
    with pytest.raises(ValueError, match=r"series .*Received: "):
        series(wing, name, np.zeros((2, 1, 8), int), **options)
