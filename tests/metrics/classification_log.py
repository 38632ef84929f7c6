"""Cases of metrics/classification_log."""

import numpy as np

from tests.metrics import Case, Refusal


def labels(rng, size=(60,), classes=5):
    return rng.integers(0, classes, size), rng.integers(0, classes, size)


def gaps(rng):
    """Class 5 is never true, class 6 never predicted, class 7 neither."""
    true, predicted = rng.integers(0, 5, 60), rng.integers(0, 6, 60)
    true[:4], predicted[:4] = 6, 5
    return true, predicted


def sklearn_log(y_true, y_pred, num_classes, average="macro", absent="nan"):
    from sklearn import metrics

    known = np.arange(num_classes)
    options = {
        "labels": known,
        "average": average,
        "zero_division": 0.0 if absent == "zero" else np.nan,
    }
    return {
        "accuracy": metrics.accuracy_score(y_true, y_pred),
        "confusion_matrix": metrics.confusion_matrix(y_true, y_pred, labels=known),
        "f1": metrics.f1_score(y_true, y_pred, **options),
        "precision": metrics.precision_score(y_true, y_pred, **options),
        "recall": metrics.recall_score(y_true, y_pred, **options),
    }


def torchmetrics_log(y_true, y_pred, num_classes, average="macro", ignore_index=None):
    import torch
    from torchmetrics import MetricCollection
    from torchmetrics import classification as peer

    known = {"num_classes": num_classes, "ignore_index": ignore_index}
    log = MetricCollection(
        {
            "accuracy": peer.MulticlassAccuracy(**known, average="micro"),
            "confusion_matrix": peer.MulticlassConfusionMatrix(**known),
            "f1": peer.MulticlassF1Score(**known, average=average),
            "precision": peer.MulticlassPrecision(**known, average=average),
            "recall": peer.MulticlassRecall(**known, average=average),
        }
    )
    log.update(torch.tensor(y_pred), torch.tensor(y_true))
    return log.compute()


Y, EMPTY = np.array([0, 4, 2]), np.array([], int)
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:2]), match="one shape|shape of"),
    Refusal(by="shape", inputs=(Y, Y[:, None, None]), match="shape"),
    Refusal(
        by="argument", inputs=(Y, Y), match="num_classes", kwargs={"num_classes": 0}
    ),
    Refusal(by="argument", inputs=(Y, Y), match="average", kwargs={"average": None}),
    Refusal(by="argument", inputs=(Y, Y), match="absent", kwargs={"absent": "one"}),
    Refusal(by="value", inputs=(Y, Y - 1), match="pred.*-1 to 3"),
    Refusal(by="value", inputs=(Y + 1, Y), match="(true|targets).*1 to 5"),
    Refusal(by="value", inputs=(Y, Y / 4), match="integers"),
    Refusal(
        by="value",
        inputs=(Y, Y),
        match="sample_weight .*Received: .*-1",
        kwargs={"sample_weight": np.array([1.0, -1.0, 2.0])},
    ),
    Refusal(by="empty", inputs=(EMPTY, EMPTY), match="nothing"),
)
COMMON = {"function": "classification_log", "metric": "ClassificationLog"}
CASES = [
    Case(
        **COMMON,
        inputs=labels,
        kwargs={"num_classes": 5},
        oracles=(sklearn_log, torchmetrics_log),
        weighted=True,
        refusals=REFUSALS,
    ),
    Case(
        **COMMON,
        inputs=lambda rng: labels(rng, (6, 4, 3)),
        kwargs={"num_classes": 5, "ignore_index": 3, "average": "weighted"},
        oracles=(torchmetrics_log,),
    ),
    Case(
        **COMMON,
        inputs=gaps,
        kwargs={"num_classes": 8, "average": "micro"},
        oracles=(sklearn_log,),
    ),
    *(
        Case(
            **COMMON,
            inputs=gaps,
            kwargs={"num_classes": 8, "absent": absent},
            oracles=(sklearn_log,),
            weighted=True,
        )
        for absent in ("skip", "zero")
    ),
]
