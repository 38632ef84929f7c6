"""Cases of metrics/average_precision."""

import numpy as np

from tests.metrics import Case, Refusal


def scored(rng, size=(60,), step=8):
    """Scores with ties, exact in half precision."""
    true = rng.integers(0, 2, size)
    return true, np.round((rng.normal(size=size) + true) * step) / step


def sklearn_ap(y_true, y_score):
    from sklearn.metrics import average_precision_score

    return average_precision_score(y_true, y_score)


def torchmetrics_ap(y_true, y_score):
    import torch
    from torchmetrics.functional.classification import binary_average_precision

    # its sigmoid, applied when a score is outside [0, 1], keeps the order of float64
    return binary_average_precision(torch.tensor(y_score), torch.tensor(y_true))


def weighted_sklearn_ap(y_true, y_score, sample_weight):
    from sklearn.metrics import average_precision_score

    return average_precision_score(y_true, y_score, sample_weight=sample_weight)


Y, S = np.array([0, 1, 1]), np.array([0.5, 0.25, 1.0])
WEIGHT = np.random.default_rng(7).random(60)
REFUSALS = (
    Refusal(by="shape", inputs=(Y, S[:2]), match="one shape"),
    Refusal(by="shape", inputs=(Y, np.stack([S, S])), match="one shape"),
    Refusal(by="argument", inputs=(Y, S), match="absent", kwargs={"absent": "skip"}),
    Refusal(
        by="empty",
        inputs=(Y & 0, S),
        match="hold positives.*Received: 0",
        kwargs={"absent": "raise"},
    ),
    Refusal(by="value", inputs=(Y + 1, S), match="(true|targets) must be 0 or 1"),
    Refusal(by="value", inputs=(Y, S * np.nan), match="finite. Received: nan"),
    Refusal(by="value", inputs=(Y, S + np.inf), match="finite. Received: .*inf"),
    Refusal(
        by="value",
        inputs=(Y, S),
        match="sample_weight must be finite and >= 0. Received: -1",
        kwargs={"sample_weight": np.array([1.0, -1.0, 2.0])},
    ),
)
COMMON = {"function": "average_precision", "metric": "AveragePrecision"}
CASES = [
    Case(
        **COMMON,
        inputs=scored,
        oracles=(sklearn_ap, torchmetrics_ap),
        weighted=True,
        refusals=REFUSALS,
    ),
    Case(
        **COMMON, inputs=lambda rng: scored(rng, (40, 1), 1), kwargs={"absent": "nan"}
    ),
    Case(**COMMON, inputs=lambda rng: scored(rng, (12, 5), 64)),
    Case(
        function="average_precision",
        inputs=scored,
        kwargs={"sample_weight": WEIGHT},
        oracles=(weighted_sklearn_ap,),
        ordered=True,
    ),
]
