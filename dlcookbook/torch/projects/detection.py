# /// script
# dependencies = ["matplotlib", "scikit-image", "scikit-learn", "torch>=2.6", "tqdm"]
# ///
"""Object detection: find digits on photographs by their centres, and measure mAP."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.utils.data import StackDataset
from tqdm import tqdm

from dlcookbook.data.coco import load_coco_split
from dlcookbook.data.digit_scenes import load_digit_scenes_split
from dlcookbook.data.voc import load_voc_boxes_split
from dlcookbook.numpy.metrics.mean_average_precision import mean_average_precision
from dlcookbook.numpy.metrics.nms import batched_nms
from dlcookbook.torch.blocks.conv_norm_act import ConvNormAct
from dlcookbook.torch.losses.focal import sigmoid_focal_loss
from dlcookbook.torch.losses.giou import generalized_box_iou_loss
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

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


class Detector(nn.Module):
    """Convolutions to a quarter and an eighth of the size; both speak at each place."""

    def __init__(self, num_classes: int, size: int) -> None:
        super().__init__()
        first, second = ConvNormAct(3, 16, stride=2), ConvNormAct(16, 32, stride=2)
        self.near = nn.Sequential(first, second, ConvNormAct(32, 32))
        third = ConvNormAct(32, 64, stride=2)
        self.far = nn.Sequential(third, ConvNormAct(64, 64), ConvNormAct(64, 64))
        self.up, self.last = nn.Upsample(scale_factor=2), ConvNormAct(96, 64)
        self.middle = nn.Buffer(centres((-(-size // STRIDE)) ** 2), persistent=False)
        self.head = nn.Conv2d(64, num_classes + 4, 1)
        nn.init.normal_(self.head.weight, std=0.01)
        # at first one place in a hundred holds each class, and boxes are 16 wide
        self.head.bias = nn.Parameter(torch.tensor([-4.6] * num_classes + [0.7] * 4))

    def forward(self, images: Tensor) -> Tensor:
        """Map (N, H, W, 3) to logits and corners: (N, H / 4 * W / 4, classes + 4)."""
        near = self.near(images.permute(0, 3, 1, 2))
        far = self.up(self.far(near))[..., : near.shape[2], : near.shape[3]]
        found = self.head(self.last(torch.cat([near, far], 1))).float().flatten(2).mT
        # how far each side is from the place: never less than nothing
        reach = found[..., -4:].clamp(max=5).exp() * STRIDE
        corners = self.middle - reach[..., :2], self.middle + reach[..., 2:]
        return torch.cat([found[..., :-4], *corners], -1)


def centres(count: int) -> Tensor:
    """Return x and y in the middle of each place, row by row: (count, 2), in pixels."""
    at, side = torch.arange(count), round(count**0.5)
    return (torch.stack([at % side, at // side], -1) + 0.5) * STRIDE


def make_model(num_classes: int = 10, size: int = 64) -> Detector:
    """Return an untrained detector: images (N, H, W, 3) to (N, places, classes + 4)."""
    return Detector(num_classes, size)


def assign(targets: Tensor, count: int, num_classes: int) -> tuple[Tensor, ...]:
    """Give places classes (N, P, C), boxes (N, P, 4), held and counted (N, P)."""
    boxes, kinds = targets[..., :4], targets[..., 4].long()
    middle = centres(count).to(boxes.device)
    off = (boxes[..., :2] + boxes[..., 2:])[:, :, None] / 2 - middle
    inside = ((off >= -STRIDE / 2) & (off < STRIDE / 2)).all(-1)
    crowd = targets[..., 5:] > 0
    here = (inside & (kinds >= 0)[..., None] & ~crowd).float()
    low, high = boxes[:, :, None, :2] <= middle, middle <= boxes[:, :, None, 2:]
    unsure = (low.all(-1) & high.all(-1) & crowd).any(1)
    one_hot = nn.functional.one_hot(kinds.clamp(min=0), num_classes).float()
    classes = (here.mT @ one_hot).clamp(max=1)
    which = here.argmax(1)[..., None].expand(-1, -1, 4)
    held = here.amax(1)
    return classes, boxes.gather(1, which), held, held.where(unsure, 1.0)


def box_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Focal loss of all places plus GIoU of those with a box, per box: shape (N,)."""
    logits, corners = outputs[..., :-4], outputs[..., -4:]
    classes, wanted, held, counts = assign(targets, *logits.shape[1:])
    focal = sigmoid_focal_loss(logits, classes, alpha=0.25, gamma=2.0).sum(-1)
    giou = generalized_box_iou_loss(corners, wanted) * held
    return (focal * counts + giou).sum(1) / held.sum(1).clamp(min=1)


def predict(model: nn.Module, images: Any) -> list[dict[str, np.ndarray]]:
    """Return boxes, scores, labels of each image; of overlapping ones the surest."""
    device, found = next(model.parameters()).device, []
    model.eval()
    for at in range(0, len(images), 100):
        with torch.no_grad():
            outputs = model(torch.from_numpy(images[at : at + 100]).to(device)).cpu()
        outputs[..., :-4].sigmoid_()
        for one in outputs.numpy():
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
    with Run(parser, argv, "runs/detection_torch", **options) as run:
        train, validation, test = load_data(run.seed, run.data, run.args.size)
        classes = 1 + int(train.targets[..., 4].max())
        network = run.parallel(model := make_model(classes, train.images.shape[1]))
        batches = run.batches(StackDataset(*train), shuffle=True)
        optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=1e-2)
        steps = run.epochs * len(batches)
        history = fit(
            network,
            box_loss,
            optimizer,
            batches,
            run.batches(StackDataset(*validation)),
            schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
            stopping=EarlyStopping("val_loss", mode="min", patience=10),
            **run.options(save_checkpoint, load_checkpoint, tqdm),
        )
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
