"""Cases of metrics/cohen_kappa."""

import numpy as np

from tests.metrics import Case, Refusal


def labels(rng, size=(60,), classes=5):
    return rng.integers(0, classes, size), rng.integers(0, classes, size)


def sklearn_kappa(y_true, y_pred, num_classes, weights=None):
    from sklearn.metrics import cohen_kappa_score

    known = np.arange(num_classes)
    return cohen_kappa_score(y_true, y_pred, labels=known, weights=weights)


def torchmetrics_kappa(y_true, y_pred, num_classes, weights=None, ignore_index=None):
    import torch
    from torchmetrics.functional.classification import multiclass_cohen_kappa

    pair = torch.tensor(y_pred), torch.tensor(y_true)
    return multiclass_cohen_kappa(*pair, num_classes, weights, ignore_index)


Y, EMPTY = np.array([0, 4, 2]), np.array([], int)
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:2]), match="one shape|shape of"),
    Refusal(by="shape", inputs=(Y, Y[:, None, None]), match="shape"),
    Refusal(
        by="argument", inputs=(Y, Y), match="num_classes", kwargs={"num_classes": 0}
    ),
    Refusal(by="argument", inputs=(Y, Y), match="weights", kwargs={"weights": "one"}),
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
COMMON = {"function": "cohen_kappa", "metric": "CohenKappa"}
CASES = [
    Case(
        **COMMON,
        inputs=labels,
        kwargs={"num_classes": 5},
        oracles=(sklearn_kappa, torchmetrics_kappa),
        weighted=True,
        refusals=REFUSALS,
    ),
    Case(
        **COMMON,
        inputs=lambda rng: labels(rng, (6, 4, 3)),
        kwargs={"num_classes": 5, "ignore_index": 3},
        oracles=(torchmetrics_kappa,),
    ),
    *(
        Case(
            **COMMON,
            inputs=labels,
            kwargs={"num_classes": 5, "weights": weights},
            oracles=(sklearn_kappa, torchmetrics_kappa),
            weighted=True,
        )
        for weights in ("linear", "quadratic")
    ),
]
