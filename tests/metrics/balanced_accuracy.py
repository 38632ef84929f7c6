"""Cases of metrics/balanced_accuracy."""

import numpy as np

from tests.metrics import Case, Refusal


def labels(rng, size=(60,), classes=5):
    return rng.integers(0, classes, size), rng.integers(0, classes, size)


def gaps(rng):
    """Class 5 is never true."""
    return rng.integers(0, 5, 60), rng.integers(0, 6, 60)


def sklearn_balanced(y_true, y_pred, num_classes, absent="nan", adjusted=False):
    from sklearn.metrics import balanced_accuracy_score

    return balanced_accuracy_score(y_true, y_pred, adjusted=adjusted)


def torchmetrics_balanced(y_true, y_pred, num_classes, absent="nan"):
    import torch
    from torchmetrics.functional.classification import multiclass_accuracy

    pair = torch.tensor(y_pred), torch.tensor(y_true)
    return multiclass_accuracy(*pair, num_classes, average="macro")


Y, EMPTY = np.array([0, 4, 2]), np.array([], int)
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:2]), match="one shape|shape of"),
    Refusal(by="shape", inputs=(Y, Y[:, None, None]), match="shape"),
    Refusal(
        by="argument", inputs=(Y, Y), match="num_classes", kwargs={"num_classes": 0}
    ),
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
COMMON = {"function": "balanced_accuracy", "metric": "BalancedAccuracy"}
CASES = [
    Case(
        **COMMON,
        inputs=labels,
        kwargs={"num_classes": 5},
        oracles=(sklearn_balanced, torchmetrics_balanced),
        weighted=True,
        refusals=REFUSALS,
    ),
    Case(
        **COMMON,
        inputs=lambda rng: labels(rng, (6, 4, 3)),
        kwargs={"num_classes": 5, "ignore_index": 3, "absent": "zero"},
    ),
    Case(
        **COMMON,
        inputs=gaps,
        kwargs={"num_classes": 6, "absent": "skip", "adjusted": True},
        oracles=(sklearn_balanced,),
        weighted=True,
    ),
    # absent from the truth, and there as a prediction
    Case(
        **COMMON,
        inputs=gaps,
        kwargs={"num_classes": 6, "absent": "zero"},
        oracles=(torchmetrics_balanced,),
    ),
]
