"""Cases of metrics/precision_recall."""

import numpy as np

from tests.metrics import Case, Refusal


def labels(rng, size=(60,), classes=5):
    return rng.integers(0, classes, size), rng.integers(0, classes, size)


def gaps(rng):
    """Class 5 is never true, class 6 never predicted, class 7 neither."""
    true, predicted = rng.integers(0, 5, 60), rng.integers(0, 6, 60)
    true[:4], predicted[:4] = 6, 5
    return true, predicted


def sklearn_specificity(y_true, y_pred, num_classes, average, zero):
    """Recall of "no" in the table of each class against the others."""
    from sklearn.metrics import multilabel_confusion_matrix

    table = multilabel_confusion_matrix(y_true, y_pred, labels=np.arange(num_classes))
    (tn, fp), (fn, tp) = np.moveaxis(table, 0, -1).astype(float)
    if average == "micro":
        return tn.sum() / (tn + fp).sum()
    values = np.divide(tn, tn + fp, out=np.full(num_classes, zero), where=tn + fp > 0)
    weights = tp + fn if average == "weighted" else None
    return values if average is None else np.average(values, weights=weights)


def sklearn_measures(
    y_true, y_pred, num_classes, average="macro", beta=1.0, absent="nan"
):
    from sklearn.metrics import precision_recall_fscore_support

    zero = {"nan": np.nan, "skip": np.nan, "zero": 0.0}[absent]
    precision, recall, f_beta, _ = precision_recall_fscore_support(
        y_true,
        y_pred,
        beta=beta,
        labels=np.arange(num_classes),
        average=average,
        zero_division=zero,
    )
    return {
        "precision": precision,
        "recall": recall,
        "f_beta": f_beta,
        "specificity": sklearn_specificity(y_true, y_pred, num_classes, average, zero),
    }


def torchmetrics_measures(
    y_true, y_pred, num_classes, average="macro", beta=1.0, ignore_index=None
):
    import torch
    from torchmetrics.functional import classification as peer

    pair = torch.tensor(y_pred), torch.tensor(y_true)
    options = {"average": average, "ignore_index": ignore_index}
    return {
        "precision": peer.multiclass_precision(*pair, num_classes, **options),
        "recall": peer.multiclass_recall(*pair, num_classes, **options),
        "f_beta": peer.multiclass_fbeta_score(*pair, beta, num_classes, **options),
        "specificity": peer.multiclass_specificity(*pair, num_classes, **options),
    }


Y, EMPTY = np.array([0, 4, 2]), np.array([], int)
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:2]), match="shape"),
    Refusal(by="shape", inputs=(Y, Y[:, None, None]), match="shape"),
    Refusal(
        by="argument", inputs=(Y, Y), match="num_classes", kwargs={"num_classes": 0}
    ),
    Refusal(by="argument", inputs=(Y, Y), match="beta", kwargs={"beta": 0.0}),
    Refusal(by="argument", inputs=(Y, Y), match="average", kwargs={"average": "mean"}),
    Refusal(by="argument", inputs=(Y, Y), match="absent", kwargs={"absent": "one"}),
    Refusal(by="value", inputs=(Y, Y - 1), match="pred.*-1 to 3"),
    Refusal(by="value", inputs=(Y + 1, Y), match="(true|targets).*1 to 5"),
    Refusal(by="value", inputs=(Y, Y / 4), match="integers"),
    Refusal(
        by="value",
        inputs=(Y, Y),
        match="sample_weight.* >= 0.*-1",
        kwargs={"sample_weight": np.array([1.0, -1.0, 2.0])},
    ),
    Refusal(by="empty", inputs=(EMPTY, EMPTY), match="nothing"),
)
COMMON = {"function": "precision_recall", "metric": "PrecisionRecall"}
CASES = [
    Case(
        **COMMON,
        inputs=labels,
        kwargs={"num_classes": 5},
        oracles=(sklearn_measures, torchmetrics_measures),
        weighted=True,
        refusals=REFUSALS,
    ),
    *(
        Case(
            **COMMON,
            inputs=labels,
            kwargs={"num_classes": 5, "average": average, "beta": 2.0},
            oracles=(sklearn_measures, torchmetrics_measures),
            weighted=True,
        )
        for average in ("micro", "weighted", None)
    ),
    *(
        Case(
            **COMMON,
            inputs=gaps,
            kwargs={"num_classes": 8, "average": average, "absent": absent},
            oracles=(sklearn_measures,),
        )
        for average, absent in (
            ("macro", "skip"),
            ("macro", "zero"),
            ("weighted", "skip"),
            ("weighted", "zero"),
            (None, "nan"),
            (None, "zero"),
        )
    ),
    Case(
        **COMMON,
        inputs=lambda rng: labels(rng, (6, 4, 3)),
        kwargs={"num_classes": 5, "ignore_index": 3, "average": "micro"},
    ),
    Case(
        **COMMON,
        inputs=lambda rng: labels(rng, (80,), 300),
        kwargs={"num_classes": 300, "absent": "zero"},
        oracles=(sklearn_measures,),
    ),
]
