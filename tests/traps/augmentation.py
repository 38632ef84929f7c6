"""What goes wrong with augmentation. The page prints each body as a snippet."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def augmenting_before_the_split():
    """Augmented, then split: coin-flip labels are told on the test set.

    Copies of one example land on both sides, and the nearest neighbour finds its own
    sister. Split first, and augment the training part alone.
    """
    import numpy as np
    from sklearn.model_selection import train_test_split
    from sklearn.neighbors import KNeighborsClassifier

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(400, 50)), rng.integers(0, 2, 400)

    def augmented(x, y):
        noisy = [x + 0.1 * rng.normal(size=x.shape) for _ in range(5)]
        return np.concatenate(noisy), np.tile(y, 5)

    model = KNeighborsClassifier(1)
    x1, x2, y1, y2 = train_test_split(*augmented(x, y), random_state=0)
    wrong = model.fit(x1, y1).score(x2, y2)
    x1, x2, y1, y2 = train_test_split(x, y, random_state=0)
    right = model.fit(*augmented(x1, y1)).score(x2, y2)
    return Shown(wrong, right)


def a_generator_is_copied_into_every_worker():
    """A NumPy generator in the dataset: every worker draws the same numbers.

    A worker gets a copy of the dataset, generator and all, and gets it anew in every
    epoch. PyTorch seeds `np.random` and `torch` for each worker, but not what is
    yours. Draw with torch, or make the generator in the worker from its own seed.
    """
    import pickle

    import numpy as np

    class Photos:
        def __init__(self):
            self.rng = np.random.default_rng(0)

        def shift(self):
            return self.rng.integers(-4, 5)

    photos = Photos()
    state = pickle.dumps(photos.rng)
    shifts = []
    for _worker in range(4):
        photos.rng = pickle.loads(state)
        shifts.append(tuple(photos.shift() for _ in range(8)))
    wrong = len(set(shifts))
    shifts = []
    for worker in range(4):
        photos.rng = np.random.default_rng([0, worker])
        shifts.append(tuple(photos.shift() for _ in range(8)))
    right = len(set(shifts))
    return Shown(wrong, right)


def keras_layers_augment_without_a_flag():
    """A layer of Keras called by itself augments: validation is augmented, too.

    `call` has `training=True` as its default. `fit`, `evaluate` and `predict` say what
    they do; in `dataset.map(layer)`, in `model(x)` and in a loop of your own you must.
    """
    import keras
    import numpy as np

    keras.utils.set_random_seed(0)
    images = np.random.default_rng(0).random((8, 16, 16, 3), dtype="float32")
    layer = keras.layers.RandomRotation(0.1)

    def changed(new):
        return float(np.abs(keras.ops.convert_to_numpy(new) - images).mean())

    wrong = changed(layer(images))
    right = changed(layer(images, training=False))
    return Shown(wrong, right)


def a_seed_that_is_a_number_draws_the_same_again():
    """`seed=1` in a function of Keras: every batch gets the same augmentation.

    A number is a fixed draw there, not the start of a sequence. A `SeedGenerator` goes
    on. For the layers a number is a start: they make a generator of it.
    """
    import keras

    def distinct(seed):
        draws = [keras.random.uniform((), seed=seed) for _ in range(10)]
        return len({float(draw) for draw in draws})

    wrong = distinct(1)
    right = distinct(keras.random.SeedGenerator(1))
    return Shown(wrong, right)


def keras_random_crop_is_one_for_the_batch():
    """`keras.layers.RandomCrop` cuts every image of a batch at the same place.

    One draw for the batch: of 64 images there is one crop. Map the layer over single
    images before `batch`, or draw one matrix for each.
    """
    import keras
    import numpy as np

    keras.utils.set_random_seed(0)
    # every pixel tells its own place
    places = np.arange(32 * 32, dtype="float32").reshape(1, 32, 32, 1)
    batch = np.repeat(places, 64, axis=0)
    layer = keras.layers.RandomCrop(24, 24)

    def distinct(crops):
        first = keras.ops.convert_to_numpy(crops)[:, 0, 0, 0]
        return len(np.unique(first))

    wrong = distinct(layer(batch, training=True))
    alone = [layer(image, training=True) for image in batch]
    right = distinct(keras.ops.stack(alone))
    return Shown(wrong, right)


def a_mask_interpolated_has_classes_that_are_not_there():
    """A mask moved as an image is: between class 1 and class 7 lies class 4.

    Bilinear takes the mean of class numbers. Rounded, it is a class, and the wrong one.
    The label of the nearest pixel is one that was there.
    """
    import torch
    from torch.nn import functional as F

    mask = torch.ones(1, 1, 16, 16)
    mask[..., 8:] = 7
    turn = torch.tensor([[[0.9, 0.4, 0.0], [-0.4, 0.9, 0.0]]])
    grid = F.affine_grid(turn, mask.shape, align_corners=False)

    def classes(mode):
        moved = F.grid_sample(
            mask, grid, mode=mode, padding_mode="border", align_corners=False
        )
        return len(moved.round().unique())

    wrong = classes("bilinear")
    right = classes("nearest")
    return Shown(wrong, right)


def keras_fills_the_border_of_a_mask_with_class_0():
    """What a layer of Keras turns in from outside is class 0 in the mask.

    Image and mask are filled with the same 0, and in the mask that is a class: the
    model is taught that black corners are background. They are to be ignored.
    """
    import keras
    import numpy as np

    mask = np.ones((1, 32, 32, 1), "float32")
    layer = keras.layers.RandomRotation((0.1, 0.1), fill_mode="constant")
    both = layer({"images": mask, "segmentation_masks": mask}, training=True)
    moved = keras.ops.convert_to_numpy(both["segmentation_masks"])
    wrong = (moved == 0).mean()
    right = (mask == 0).mean()
    return Shown(wrong, right)


def keras_mixup_adds_class_numbers():
    """`keras.layers.MixUp` mixes masks as if their class numbers were amounts.

    Of masks with the classes 0 and 8 it makes fractions in between. Mix one-hot masks,
    or leave masks out.
    """
    import keras
    import numpy as np

    keras.utils.set_random_seed(0)
    masks = np.zeros((8, 4, 4, 1), "float32")
    masks[4:] = 8
    both = {"images": masks, "segmentation_masks": masks, "labels": np.eye(8)}
    mixed = keras.layers.MixUp(1.0)(both, training=True)["segmentation_masks"]
    wrong = len(np.unique(keras.ops.convert_to_numpy(mixed)))
    right = len(np.unique(masks))
    return Shown(wrong, right)


def boxes_that_do_not_follow():
    """The image is flipped, the box is not: it lies on something else.

    Overlap with the thing, as intersection over union.
    """
    import torch

    from dlcookbook.torch.augmentation.random_affine import random_affine
    from dlcookbook.torch.augmentation.warp import warp_boxes

    still = {"degrees": (0, 0), "scale": (1, 1), "shift": (0, 0)}
    matrices = random_affine(1, (64, 64), **still, flips=(1, 0))
    box = torch.tensor([[[4.0, 10.0, 24.0, 50.0]]])
    thing = torch.tensor([40.0, 10.0, 60.0, 50.0])

    def overlap(box):
        first, last = torch.maximum(box, thing)[:2], torch.minimum(box, thing)[2:]
        shared = (last - first).clamp_min(0).prod()
        areas = [(b[2:] - b[:2]).prod() for b in (box, thing)]
        return (shared / (sum(areas) - shared)).item()

    wrong = overlap(box[0, 0])
    right = overlap(warp_boxes(box, matrices, (64, 64))[0][0, 0])
    return Shown(wrong, right)


def keras_brightness_takes_0_to_255():
    """Images in [0, 1], and `RandomBrightness` adds up to 77: nothing is left of them.

    `value_range` is (0, 255) unless told otherwise, in every layer of Keras that has
    one, and nothing checks it. Shown is the brightest pixel.
    """
    import keras
    import numpy as np

    images = np.random.default_rng(0).random((4, 8, 8, 3), dtype="float32")

    def brightest(**given):
        layer = keras.layers.RandomBrightness((0.3, 0.3), **given)
        return float(keras.ops.max(layer(images, training=True)))

    wrong = brightest()
    right = brightest(value_range=(0, 1))
    return Shown(wrong, right)


def keras_cutmix_label_is_not_the_area():
    """The label of `keras.layers.CutMix` says another share than the pixels show.

    The rectangle is cut to whole pixels and at the border, the label is not told in
    full. Shown is the largest distance in points of a hundred, over 64 images of
    37 x 53.
    """
    import keras
    import numpy as np

    from dlcookbook.keras.augmentation.cutmix import cutmix

    # image i is i everywhere, and of class i
    images = np.ones((64, 37, 53, 1), "float32") * np.arange(64)[:, None, None, None]
    images, labels = images.astype("float32"), np.eye(64, dtype="float32")

    def off(mixed, soft):
        mixed, soft = (keras.ops.convert_to_numpy(x) for x in (mixed, soft))
        shown = (mixed.reshape(64, -1, 1) == np.arange(64)).mean(axis=1)
        return 100 * float(np.abs(shown - soft).max())

    layer = keras.layers.CutMix(seed=0)
    both = layer({"images": images, "labels": labels}, training=True)
    wrong = off(both["images"], both["labels"])
    right = off(*cutmix(images, labels, keras.random.SeedGenerator(0)))
    return Shown(wrong, right)


def keras_random_crop_swaps_x_and_y_of_boxes():
    """`keras.layers.RandomCrop` cuts the image, and moves the boxes the other way.

    What was cut off at the top is taken from x, what was cut off at the left from y.
    Shown is the overlap of box and thing after the crop.
    """
    import keras
    import numpy as np

    from dlcookbook.keras.augmentation.warp import warp_boxes, warp_images

    image = np.zeros((1, 32, 32, 1), "float32")
    image[0, 10:20, 12:24] = 1
    box = np.array([[[12, 10, 24, 20]]], "float32")

    def overlap(image, box):
        rows, columns = np.nonzero(keras.ops.convert_to_numpy(image)[0, ..., 0] > 0.5)
        left, top, right, bottom = np.ravel(keras.ops.convert_to_numpy(box))
        inside = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
        shared = inside.sum()
        return shared / ((right - left) * (bottom - top) + len(rows) - shared)

    layer = keras.layers.RandomCrop(24, 24, seed=1, bounding_box_format="xyxy")
    boxes = {"boxes": box, "labels": np.ones((1, 1))}
    both = layer({"images": image, "bounding_boxes": boxes}, training=True)
    wrong = overlap(both["images"], both["bounding_boxes"]["boxes"])
    cut = np.array([[[1, 0, 0], [0, 1, -7], [0, 0, 1]]], "float32")
    moved, _ = warp_boxes(box, cut, (24, 24))
    right = overlap(warp_images(image, cut, (24, 24)), moved)
    return Shown(wrong, right)


def keras_random_erasing_of_1_erases_half():
    """`keras.layers.RandomErasing(1.0)` leaves every other image as it was.

    The factor is not the chance: the chance itself is drawn, between 0 and the factor.
    Two numbers that are the same fix it.
    """
    import keras
    import numpy as np

    images = np.ones((400, 8, 8, 1), "float32")

    def erased(factor):
        layer = keras.layers.RandomErasing(factor, (0.3, 0.6), fill_value=0.0, seed=0)
        new = keras.ops.convert_to_numpy(layer(images, training=True))
        return (new != images).any(axis=(1, 2, 3)).mean()

    wrong = erased(1.0)
    right = erased((1.0, 1.0))
    return Shown(wrong, right)


def keras_randaugment_draws_one_operation_for_the_batch():
    """`keras.layers.RandAugment` draws its operations once for all images of a batch.

    Of 16 times the same image some batches come out as 16 times the same: that
    operation has no number to draw. Map it over single images, before `batch`. Shown is
    how many different images there are, at the least.
    """
    import keras
    import numpy as np

    image = np.random.default_rng(0).random((8, 8, 3), dtype="float32")
    layer = keras.layers.RandAugment((0, 1), num_ops=1, factor=0.3, seed=1)

    def distinct(images):
        return len(np.unique(keras.ops.convert_to_numpy(images), axis=0))

    batch = np.stack([image] * 16)
    wrong = min(distinct(layer(batch, training=True)) for _ in range(8))
    alone = [layer(one, training=True) for one in batch]
    right = distinct(keras.ops.stack(alone))
    return Shown(wrong, right)
