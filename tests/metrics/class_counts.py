"""Cases of metrics/class_counts."""

import numpy as np

from tests.metrics import Case, Refusal


def labels(rng, size=(60,), classes=5):
    return rng.integers(0, classes, size), rng.integers(0, classes, size)


def named(tp, fp, fn, tn):
    return {
        "true_positives": tp,
        "false_positives": fp,
        "false_negatives": fn,
        "true_negatives": tn,
        "support": tp + fn,
    }


def sklearn_counts(y_true, y_pred, num_classes):
    from sklearn.metrics import multilabel_confusion_matrix

    table = multilabel_confusion_matrix(y_true, y_pred, labels=np.arange(num_classes))
    (tn, fp), (fn, tp) = np.moveaxis(table, 0, -1)
    return named(tp, fp, fn, tn)


def torchmetrics_counts(y_true, y_pred, num_classes, ignore_index=None):
    import torch
    from torchmetrics.functional.classification import multiclass_stat_scores

    pair = torch.tensor(y_pred), torch.tensor(y_true)
    options = {"average": None, "ignore_index": ignore_index}
    tp, fp, tn, fn, _ = multiclass_stat_scores(*pair, num_classes, **options).numpy().T
    return named(tp, fp, fn, tn)


Y = np.array([0, 4, 2])
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:2]), match="one shape|shape of"),
    Refusal(by="shape", inputs=(Y, Y[:, None, None]), match="shape"),
    Refusal(
        by="argument", inputs=(Y, Y), match="num_classes", kwargs={"num_classes": 0}
    ),
    Refusal(by="value", inputs=(Y, Y - 1), match="pred.*-1 to 3"),
    Refusal(by="value", inputs=(Y + 1, Y), match="(true|targets).*1 to 5"),
    Refusal(by="value", inputs=(Y, Y / 4), match="integers"),
    Refusal(
        by="value",
        inputs=(Y, Y),
        match="sample_weight .*Received: .*-1",
        kwargs={"sample_weight": np.array([1.0, -1.0, 2.0])},
    ),
)
COMMON = {"function": "class_counts", "metric": "ClassCounts"}
CASES = [
    Case(
        **COMMON,
        inputs=labels,
        kwargs={"num_classes": 5},
        oracles=(sklearn_counts, torchmetrics_counts),
        weighted=True,
        refusals=REFUSALS,
    ),
    Case(
        **COMMON,
        inputs=lambda rng: labels(rng, (6, 4, 3)),
        kwargs={"num_classes": 5, "ignore_index": 3},
        oracles=(torchmetrics_counts,),
    ),
    # too many classes for a matrix of them
    Case(
        **COMMON,
        inputs=lambda rng: labels(rng, (80,), 300),
        kwargs={"num_classes": 300},
        oracles=(sklearn_counts, torchmetrics_counts),
        weighted=True,
    ),
]
