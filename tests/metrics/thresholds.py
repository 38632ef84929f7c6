"""Cases of metrics/thresholds."""

import numpy as np

from tests.metrics import Case, Refusal


def scored(rng, size=50):
    """Scores with ties, exact in half precision."""
    true = rng.integers(0, 2, size)
    return true, np.round((rng.normal(size=size) + true) * 8) / 8


def sklearn_f_beta(y_true, y_score, beta):
    from sklearn.metrics import fbeta_score

    thresholds = np.unique(y_score)[::-1]
    values = [fbeta_score(y_true, y_score >= t, beta=beta) for t in thresholds]
    best = int(np.argmax(values))
    return thresholds[best], values[best]


def sklearn_cost(y_true, y_score, false_positive, false_negative):
    from sklearn.metrics import confusion_matrix

    costs, thresholds = [], np.append(np.inf, np.unique(y_score)[::-1])
    for t in thresholds:
        matrix = confusion_matrix(y_true, y_score >= t)
        costs.append(false_positive * matrix[0, 1] + false_negative * matrix[1, 0])
    best = int(np.argmin(costs))
    return thresholds[best], costs[best] / len(y_true)


def torchmetrics_recall(y_true, y_score, min_precision):
    import torch
    from torchmetrics.functional.classification import (
        binary_recall_at_fixed_precision,
    )

    score = torch.tensor(1 / (1 + np.exp(-y_score)))
    recall, threshold = binary_recall_at_fixed_precision(
        score, torch.tensor(y_true), min_precision
    )
    return torch.logit(threshold.double()), recall


Y, S = np.array([0, 1, 1]), np.array([0.5, 0.25, 1.0])
REFUSALS = (
    Refusal(by="shape", inputs=(Y, S[:2]), match="one shape"),
    Refusal(by="shape", inputs=(Y[:0], S[:0]), match="empty"),
    Refusal(by="value", inputs=(Y + 1, S), match="y_true must be 0 or 1"),
    Refusal(by="value", inputs=(Y, S * np.nan), match="finite. Received: nan"),
    Refusal(by="value", inputs=(Y, S + np.inf), match="finite. Received: inf"),
)
CASES = [
    *(
        Case(
            function="f_beta_threshold",
            inputs=scored,
            kwargs={"beta": beta},
            oracles=(sklearn_f_beta,),
            refusals=REFUSALS,
        )
        for beta in (0.5, 1.0, 2.0)
    ),
    *(
        Case(
            function="cost_threshold",
            inputs=scored,
            kwargs={"false_positive": 1.0, "false_negative": missed},
            oracles=(sklearn_cost,),
        )
        for missed in (0.125, 1.0, 8.0)
    ),
    *(
        Case(
            function="recall_at_precision",
            inputs=scored,
            kwargs={"min_precision": floor},
            oracles=(torchmetrics_recall,),
        )
        for floor in (0.6, 0.8)
    ),
    Case(
        function="f_beta_threshold",
        inputs=scored,
        refusals=(
            Refusal(by="argument", inputs=(Y, S), match="beta", kwargs={"beta": 0}),
        ),
    ),
    Case(
        function="cost_threshold",
        inputs=scored,
        kwargs={"false_positive": 1.0, "false_negative": 2.0},
        refusals=(
            Refusal(
                by="argument",
                inputs=(Y, S),
                match="false_negative",
                kwargs={"false_negative": -1},
            ),
        ),
    ),
    Case(
        function="recall_at_precision",
        inputs=scored,
        kwargs={"min_precision": 0.0},
        refusals=(
            Refusal(
                by="argument",
                inputs=(Y, S),
                match="min_precision",
                kwargs={"min_precision": 1.5},
            ),
        ),
    ),
]
