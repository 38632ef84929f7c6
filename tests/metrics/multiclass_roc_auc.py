"""Cases of metrics/multiclass_roc_auc."""

import numpy as np

from tests.metrics import Case, Refusal


def scored(rng, classes=4, seen=4):
    true = rng.permutation(np.append(np.arange(seen), rng.integers(0, seen, 40 - seen)))
    score = rng.integers(0, 6, (40, classes)) + 2 * np.eye(classes)[true]
    # rows sum to 1, exactly in float64; ties on purpose
    return true, score / score.sum(axis=1, keepdims=True)


def missing(rng):
    return scored(rng, 4, 3)


def sklearn_ovr(y_true, y_score, average="macro"):
    from sklearn.metrics import roc_auc_score

    return roc_auc_score(y_true, y_score, multi_class="ovr", average=average)


def sklearn_ovo(y_true, y_score, average="macro"):
    from sklearn.metrics import roc_auc_score

    return roc_auc_score(y_true, y_score, multi_class="ovo", average=average)


Y, S = np.array([0, 1, 1, 2]), np.eye(4, 3)
REFUSALS = (
    Refusal(by="shape", inputs=(Y, S[:2]), match="shape"),
    Refusal(by="argument", inputs=(Y, S), match="average", kwargs={"average": "micro"}),
    Refusal(by="argument", inputs=(Y, S), match="absent", kwargs={"absent": "zero"}),
    Refusal(
        by="argument",
        inputs=(Y // 2, S),
        match=r"every class. Received: none of \[2\]",
        kwargs={"absent": "raise"},
    ),
    Refusal(by="value", inputs=(Y + 1, S), match=r"integers in \[0, 3\)"),
    Refusal(by="value", inputs=(Y, S * np.nan), match="finite. Received: nan"),
)
CASES = [
    Case(
        function="roc_auc_ovr",
        inputs=scored,
        oracles=(sklearn_ovr,),
        refusals=REFUSALS,
    ),
    Case(
        function="roc_auc_ovo",
        inputs=scored,
        oracles=(sklearn_ovo,),
        refusals=REFUSALS,
    ),
    Case(
        function="roc_auc_ovr",
        inputs=scored,
        kwargs={"average": "weighted"},
        oracles=(sklearn_ovr,),
    ),
    Case(
        function="roc_auc_ovo",
        inputs=scored,
        kwargs={"average": "weighted"},
        oracles=(sklearn_ovo,),
    ),
    Case(function="roc_auc_ovr", inputs=missing, kwargs={"absent": "skip"}),
    Case(function="roc_auc_ovo", inputs=missing, kwargs={"absent": "skip"}),
]
