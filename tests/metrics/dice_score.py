"""Cases of metrics/dice_score."""

import numpy as np

from tests.metrics import Case, Refusal


def maps(rng, classes=4, missing=None):
    """Five small label maps, half of them right; a class may be nowhere."""
    true = rng.integers(0, classes, (5, 3, 4))
    predicted = np.where(rng.random(true.shape) < 0.5, true, np.roll(true, 1, 0))
    if missing is not None:
        true[true == missing] = predicted[predicted == missing] = 0
    return true, predicted


def with_border(rng):
    true, predicted = maps(rng)
    return np.where(rng.random(true.shape) < 0.2, 255, true), predicted


def sklearn_f1(y_true, y_pred, num_classes, empty="skip", average="macro"):
    from sklearn.metrics import f1_score

    labels = np.arange(num_classes)
    if empty == "skip":
        labels = np.union1d(y_true, y_pred)
    pair = y_true.ravel(), y_pred.ravel()
    zero = 1.0 if empty == "one" else 0.0
    return f1_score(*pair, labels=labels, average=average, zero_division=zero)


def torchmetrics_f1(y_true, y_pred, num_classes, ignore_index=None, average=None):
    import torch
    from torchmetrics.functional.classification import multiclass_f1_score

    pair = torch.tensor(y_pred), torch.tensor(y_true)
    return multiclass_f1_score(
        *pair, num_classes, ignore_index=ignore_index, average=average or "macro"
    )


def torchmetrics_per_image(
    y_true, y_pred, num_classes, per="image", include_background=True
):
    import torch
    from torchmetrics.functional.segmentation import dice_score

    each = dice_score(
        torch.tensor(y_pred),
        torch.tensor(y_true),
        num_classes,
        input_format="index",
        average="none",
        include_background=include_background,
    )
    return each.double().nanmean(1).mean()


Y = np.array([[0, 3, 2]])
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:, :2]), match="shape"),
    Refusal(by="shape", inputs=(Y[..., None, None], Y), match="shape"),
    *(
        Refusal(by="argument", inputs=(Y, Y), match=name, kwargs={name: value})
        for name, value in {
            "num_classes": 0,
            "empty": "nan",
            "per": "pixel",
            "average": "micro",
        }.items()
    ),
    Refusal(by="value", inputs=(Y, Y - 1), match="pred.*Received: -1 to 2"),
    Refusal(by="value", inputs=(Y + 1, Y), match="(true|targets).*Received: 1 to 4"),
    Refusal(by="value", inputs=(Y, Y / 2), match="integers"),
    Refusal(by="empty", inputs=(Y[:0], Y[:0]), match="counted a pixel"),
    Refusal(
        by="empty",
        inputs=(Y * 0 + 9, Y),
        match="counted a pixel",
        kwargs={"ignore_index": 9, "per": "image"},
    ),
)
COMMON = {"function": "dice_score", "metric": "DiceScore"}
CASES = [
    Case(
        **COMMON,
        inputs=maps,
        kwargs={"num_classes": 4},
        oracles=(sklearn_f1, torchmetrics_f1),
        refusals=REFUSALS,
    ),
    *(
        Case(
            **COMMON,
            inputs=lambda rng: maps(rng, missing=2),
            kwargs={"num_classes": 4, "empty": empty},
            oracles=(sklearn_f1,),
        )
        for empty in ("skip", "zero", "one")
    ),
    Case(
        **COMMON,
        inputs=with_border,
        kwargs={"num_classes": 4, "ignore_index": 255},
        oracles=(torchmetrics_f1,),
    ),
    Case(
        **COMMON,
        inputs=maps,
        kwargs={"num_classes": 4, "average": None},
        oracles=(sklearn_f1,),
    ),
    *(
        Case(
            **COMMON,
            inputs=maps,
            kwargs={"num_classes": 4, "per": "image", "include_background": background},
            oracles=(torchmetrics_per_image,),
        )
        for background in (True, False)
    ),
    Case(
        **COMMON,
        inputs=with_border,
        kwargs={
            "num_classes": 300,
            "per": "image",
            "empty": "one",
            "ignore_index": 255,
            "average": None,
        },
    ),
    Case(
        **COMMON,
        inputs=lambda rng: maps(rng, missing=2),
        kwargs={"num_classes": 4, "per": "image", "ignore_index": 1},
    ),
]
