"""Cases of metrics/confusion_matrix."""

import numpy as np

from tests.metrics import Case, Refusal


def labels(rng, size=(60,), classes=5):
    return rng.integers(0, classes, size), rng.integers(0, classes, size)


def sklearn_matrix(y_true, y_pred, num_classes, normalize=None, sample_weight=None):
    from sklearn.metrics import confusion_matrix

    known = np.arange(num_classes)
    return confusion_matrix(
        y_true, y_pred, labels=known, normalize=normalize, sample_weight=sample_weight
    )


def torchmetrics_matrix(y_true, y_pred, num_classes, ignore_index=None):
    import torch
    from torchmetrics.functional.classification import multiclass_confusion_matrix

    pair = torch.tensor(y_pred), torch.tensor(y_true)
    return multiclass_confusion_matrix(*pair, num_classes, ignore_index=ignore_index)


Y = np.array([0, 4, 2])
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:2]), match="one shape|shape of"),
    Refusal(by="shape", inputs=(Y, Y[:, None, None]), match="shape"),
    Refusal(
        by="argument", inputs=(Y, Y), match="num_classes", kwargs={"num_classes": 0}
    ),
    Refusal(
        by="argument", inputs=(Y, Y), match="normalize", kwargs={"normalize": "rows"}
    ),
    Refusal(by="value", inputs=(Y, Y - 1), match="pred.*Received: -1 to 3"),
    Refusal(by="value", inputs=(Y + 1, Y), match="(true|targets).*Received: 1 to 5"),
    Refusal(by="value", inputs=(Y, Y / 4), match="integers"),
    Refusal(
        by="value",
        inputs=(Y, Y),
        match="sample_weight .*Received: .*-1",
        kwargs={"sample_weight": np.array([1.0, -1.0, 2.0])},
    ),
)
COMMON = {"function": "confusion_matrix", "metric": "ConfusionMatrix"}
CASES = [
    Case(
        **COMMON,
        inputs=labels,
        kwargs={"num_classes": 5},
        oracles=(sklearn_matrix, torchmetrics_matrix),
        weighted=True,
        refusals=REFUSALS,
    ),
    Case(
        **COMMON,
        inputs=lambda rng: labels(rng, (6, 4, 3)),
        kwargs={"num_classes": 5, "ignore_index": 3},
        oracles=(torchmetrics_matrix,),
    ),
    *(
        Case(
            **COMMON,
            inputs=labels,
            kwargs={"num_classes": 5, "normalize": normalize},
            oracles=(sklearn_matrix,),
            weighted=True,
        )
        for normalize in ("true", "pred", "all")
    ),
]
