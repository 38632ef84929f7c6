"""Cases of metrics/accuracy."""

import numpy as np

from tests.metrics import Case, Refusal


def scores(rng, size=(60,), classes=6):
    return rng.integers(0, classes, size), rng.normal(size=(*size, classes))


def ties(rng):
    return rng.integers(0, 6, 60), rng.integers(0, 3, (60, 6)).astype(float)


def sklearn_accuracy(y_true, y_score):
    from sklearn.metrics import accuracy_score

    return accuracy_score(y_true, y_score.argmax(axis=-1))


def sklearn_top_k(y_true, y_score, k):
    from sklearn.metrics import top_k_accuracy_score

    return top_k_accuracy_score(y_true, y_score, k=k, labels=np.arange(6))


def torchmetrics_accuracy(y_true, y_score, ignore_index=None):
    import torch
    from torchmetrics.functional.classification import multiclass_accuracy

    pair = torch.tensor(np.moveaxis(y_score, -1, 1)), torch.tensor(y_true)
    options = {"average": "micro", "ignore_index": ignore_index}
    return multiclass_accuracy(*pair, 6, **options)


def torcheval_optimistic(y_true, y_score, ties, k=1):
    import torch
    from torcheval.metrics.functional import multiclass_accuracy

    # only from the second place on does it count the higher scores
    assert (ties, k > 1) == ("optimistic", True)
    return multiclass_accuracy(torch.tensor(y_score), torch.tensor(y_true), k=k)


Y, S, EMPTY = np.array([0, 5, 2]), np.arange(18.0).reshape(3, 6) % 7, np.array([], int)
REFUSALS = (
    Refusal(by="shape", inputs=(Y, S[:2]), match="shape"),
    Refusal(by="shape", inputs=(np.stack([Y, Y]), S), match="shape"),
    Refusal(by="argument", inputs=(Y, S), match="ties", kwargs={"ties": "random"}),
    Refusal(by="value", inputs=(Y / 2, S), match="integers"),
    Refusal(by="value", inputs=(Y - 1, S), match="(true|targets).*-1 to 4"),
    Refusal(by="value", inputs=(Y + 1, S), match="(true|targets).*1 to 6"),
    Refusal(
        by="value", inputs=(Y, np.where(S == 3, np.nan, S)), match="finite.*Rec.*nan"
    ),
    Refusal(
        by="value", inputs=(Y, np.where(S == 3, np.inf, S)), match="finite.*Rec.*inf"
    ),
    Refusal(
        by="value",
        inputs=(Y, S),
        match="sample_weight .*Received: .*-1",
        kwargs={"sample_weight": np.array([1.0, -1.0, 2.0])},
    ),
    Refusal(by="empty", inputs=(EMPTY, S[:0]), match="nothing"),
)
ONE = {"function": "accuracy", "metric": "Accuracy", "last": (1,)}
TOP = {"function": "top_k_accuracy", "metric": "TopKAccuracy", "last": (1,)}
CASES = [
    Case(
        **ONE,
        inputs=scores,
        oracles=(sklearn_accuracy, torchmetrics_accuracy),
        weighted=True,
        refusals=REFUSALS,
    ),
    Case(
        **ONE,
        inputs=lambda rng: scores(rng, (6, 4, 3)),
        kwargs={"ignore_index": 3},
        oracles=(torchmetrics_accuracy,),
    ),
    Case(
        **TOP,
        inputs=scores,
        kwargs={"k": 3},
        oracles=(sklearn_top_k,),
        weighted=True,
        refusals=(
            Refusal(by="argument", inputs=(Y, S), match="k must", kwargs={"k": 0}),
            Refusal(by="argument", inputs=(Y, S), match="k must", kwargs={"k": 7}),
        ),
    ),
    Case(**TOP, inputs=ties, kwargs={"k": 2}, weighted=True),
    Case(**TOP, inputs=ties, kwargs={"k": 2, "ties": "pessimistic"}),
    Case(
        **TOP,
        inputs=ties,
        kwargs={"k": 2, "ties": "optimistic"},
        oracles=(torcheval_optimistic,),
    ),
]
