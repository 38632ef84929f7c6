# /// script
# dependencies = ["keras>=3.10", "matplotlib", "scikit-image", "scikit-learn"]
# ///
"""Object detection: find digits on photographs by their centres, and measure mAP."""

import argparse
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure

from dlcookbook.data.coco import load_coco_split
from dlcookbook.data.digit_scenes import load_digit_scenes_split
from dlcookbook.data.voc import load_voc_boxes_split
from dlcookbook.keras.blocks.conv_norm_act import ConvNormAct
from dlcookbook.keras.losses.focal import sigmoid_focal_loss
from dlcookbook.keras.losses.giou import generalized_box_iou_loss
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run
from dlcookbook.numpy.metrics.mean_average_precision import mean_average_precision
from dlcookbook.numpy.metrics.nms import batched_nms

__all__ = ["assign", "box_loss", "load_data", "main", "make_model", "predict"]
STRIDE = 4


def load_data(seed: int, folder: Path | None = None, size: int = 64) -> tuple:
    """Return three parts: images (N, H, W, 3), 0 to 1, and targets (N, M, 6).

    Targets are x1, y1, x2, y2, class, and 1 if a box shall not count; -1 is no box.
    """
    if folder is None:
        return load_digit_scenes_split(seed, targets="boxes", size=64, most=4)
    coco = (folder / "annotations").is_dir()
    return (load_coco_split if coco else load_voc_boxes_split)(folder, seed, size=size)


@keras.saving.register_keras_serializable(package="dlcookbook")
class Corners(layers.Layer):
    """Logits and corners, (N, H * W, C + 4), of what is said at each place (H, W)."""

    def call(self, found: KerasTensor) -> KerasTensor:
        """Turn how far each side is from the place into corners, in pixels."""
        shape = ops.shape(found)
        found = ops.reshape(found, (-1, shape[1] * shape[2], shape[3]))
        # how far each side is from the place: never less than nothing
        reach = ops.exp(ops.minimum(found[..., -4:], 5)) * STRIDE
        middle = ops.array(centres(found.shape[1]))
        parts = [found[..., :-4], middle - reach[..., :2], middle + reach[..., 2:]]
        return ops.concatenate(parts, -1)


def centres(count: int) -> np.ndarray:
    """Return x and y in the middle of each place, row by row: (count, 2), in pixels."""
    at, side = np.arange(count), round(count**0.5)
    return ((np.stack([at % side, at // side], -1) + 0.5) * STRIDE).astype("float32")


def make_model(num_classes: int = 10, size: int = 64) -> keras.Model:
    """Return an untrained detector: images (N, H, W, 3) to (N, places, classes + 4)."""
    image = keras.Input((size, size, 3))
    near = ConvNormAct(32, stride=2)(ConvNormAct(16, stride=2)(image))
    near = ConvNormAct(32)(near)
    far = ConvNormAct(64)(ConvNormAct(64)(ConvNormAct(64, stride=2)(near)))
    far = layers.UpSampling2D()(far)[:, : near.shape[1], : near.shape[2]]
    both = ConvNormAct(64)(layers.Concatenate()([near, far]))
    head = layers.Conv2D(
        num_classes + 4,
        1,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        dtype="float32",
    )
    model = keras.Model(image, Corners(dtype="float32")(head(both)))
    # at first one place in a hundred holds each class, and boxes are 16 wide
    head.bias.assign([-4.6] * num_classes + [0.7] * 4)
    return model


def assign(targets: Any, count: int, num_classes: int) -> tuple[KerasTensor, ...]:
    """Give places classes (N, P, C), boxes (N, P, 4), held and counted (N, P)."""
    boxes, kinds = targets[..., :4], targets[..., 4]
    middle = ops.array(centres(count))
    off = (boxes[..., :2] + boxes[..., 2:])[:, :, None] / 2 - middle
    inside = ops.all(ops.logical_and(off >= -STRIDE / 2, off < STRIDE / 2), -1)
    crowd = targets[..., 5:] > 0
    plain = ops.logical_and(kinds[..., None] >= 0, ops.logical_not(crowd))
    here = ops.cast(ops.logical_and(inside, plain), "float32")
    low, high = boxes[:, :, None, :2] <= middle, middle <= boxes[:, :, None, 2:]
    within = ops.logical_and(ops.all(ops.logical_and(low, high), -1), crowd)
    one_hot = ops.one_hot(ops.cast(kinds, "int32"), num_classes)
    classes = ops.minimum(ops.matmul(ops.transpose(here, (0, 2, 1)), one_hot), 1)
    which = ops.argmax(here, 1)[..., None]
    held = ops.max(here, 1)
    counts = ops.where(ops.any(within, 1), held, ops.ones_like(held))
    return classes, ops.take_along_axis(boxes, which, 1), held, counts


def box_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    """Focal loss of all places plus GIoU of those with a box, per box: shape (N,)."""
    logits, corners = y_pred[..., :-4], y_pred[..., -4:]
    classes, wanted, held, counts = assign(y_true, *logits.shape[1:])
    focal = ops.sum(sigmoid_focal_loss(classes, logits, alpha=0.25, gamma=2.0), -1)
    giou = generalized_box_iou_loss(wanted, corners) * held
    return ops.sum(focal * counts + giou, 1) / ops.maximum(ops.sum(held, 1), 1)


def predict(model: keras.Model, images: Any) -> list[dict[str, np.ndarray]]:
    """Return boxes, scores, labels of each image; of overlapping ones the surest."""
    found = []
    for at in range(0, len(images), 100):
        outputs = np.array(model.predict_on_batch(images[at : at + 100]))
        outputs[..., :-4] = 1 / (1 + np.exp(-outputs[..., :-4]))
        for one in outputs:
            places, labels = np.nonzero(one[:, :-4] > 0.02)
            scores, boxes = one[places, labels], one[places, -4:]
            k = batched_nms(boxes, scores, labels, iou_threshold=0.5)[:100]
            found.append({"boxes": boxes[k], "scores": scores[k], "labels": labels[k]})
    return found


def measure(targets: np.ndarray, found: list[dict[str, np.ndarray]]) -> dict[str, Any]:
    """Return COCO's numbers, such as "ap" and "ap50"; targets (N, M, 6)."""
    true = []
    for rows in (target[target[:, 4] >= 0] for target in targets):
        kinds = {"labels": rows[:, 4].astype(int), "iscrowd": rows[:, 5]}
        true.append({"boxes": rows[:, :4], **kinds})
    return mean_average_precision(true, found)


def draw(history: dict, each: np.ndarray, names: np.ndarray) -> Figure:
    """Return the learning curves beside the average precision of each class."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.semilogy(epochs, history["loss"], epochs, history["val_loss"])
    left.set(xlabel="epoch", ylabel="focal + GIoU, per box")
    left.legend(["training", "validation"])
    right.bar(names.astype(str), each)
    right.set(xlabel="class", ylabel="average precision")
    return figure


def show(images: Any, targets: np.ndarray, found: list[dict]) -> Figure:
    """Return pictures with their true boxes, dashed, and those found, with labels."""
    figure = Figure(figsize=(9, 2), layout="constrained")
    axes = figure.subplots(1, len(images), squeeze=False)[0]
    for at, one in enumerate(axes):
        one.imshow(images[at], interpolation="none")
        one.axis("off")
        sure = found[at]["scores"] > 0.3
        boxes, labels = found[at]["boxes"][sure], found[at]["labels"][sure]
        lines = [("C1--", row[:4], "") for row in targets[at] if row[4] >= 0]
        lines += [("C0-", *pair) for pair in zip(boxes, labels, strict=True)]
        for style, (x1, y1, x2, y2), label in lines:
            one.plot([x1, x2, x2, x1, x1], [y1, y1, y2, y2, y1], style)
            one.text(x1, y1, str(label), color="C0")
    return figure


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train the detector, save everything, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 3")
    parser.add_argument("--size", type=int, default=64, help="side of --data's (64)")
    options: dict[str, Any] = {"epochs": 5, "batch_size": 16, "data": "COCO, VOC2012"}
    with Run(parser, argv, "runs/detection_keras", **options) as run:
        train, validation, test = load_data(run.seed, run.data, run.args.size)
        classes = 1 + int(train.targets[..., 4].max())
        model = make_model(classes, train.images.shape[1])
        data = ShuffledArrays(train.images, train.targets, run.batch_size, run.seed)
        held: Any = ShuffledArrays(
            validation.images, validation.targets, run.batch_size
        )
        steps = run.epochs * len(data)
        schedule = keras.optimizers.schedules.CosineDecay(3e-3, steps)
        optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-2, epsilon=1e-8)
        model.compile(optimizer, box_loss, jit_compile=False)
        stopping = EarlyStopping("val_loss", mode="min", patience=10)
        parts = {"stopping": stopping}
        checkpoint = Checkpoint(run.checkpoints(), data, parts=parts)
        history = run.fit(model, data, held, stopping, checkpoint)
        run.keep(model)
        # Nothing is chosen below this line: here, once, the test images may be seen.
        score = measure(test.targets, found := predict(model, test.images))
        results = {f"test_{name}": score[name] for name in ("ap", "ap50", "ap75")}
        results["best_epoch"] = int(np.argmin(history["val_loss"])) + 1
        off = np.array([(one["scores"] > 0.3).sum() for one in found])
        off = abs(off - (test.targets[..., 4] >= 0).sum(1)).argsort()[-6:]
        errors = show(test.images[off], test.targets[off], [found[at] for at in off])
        curves = draw(history, score["ap_per_class"], score["classes"])
        return run.finish(results, history, {"curves": curves, "errors": errors})


if __name__ == "__main__":
    main()
