"""Cases of metrics/brier."""

import numpy as np

from tests.metrics import Case, Refusal


def binary(rng):
    prob = rng.random(70)
    return (rng.random(70) < prob).astype(int), prob


def classes(rng):
    logits = 2 * rng.normal(size=(50, 4))
    prob = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return rng.integers(0, 4, 50), prob


def sklearn_brier(y_true, y_prob):
    from sklearn.metrics import brier_score_loss

    if y_prob.ndim == 1:
        return brier_score_loss(y_true, y_prob)
    return brier_score_loss(y_true, y_prob, labels=np.arange(4), scale_by_half=False)


Y, P = np.array([0, 1, 1]), np.array([0.5, 0.25, 0.75])
REFUSALS = (
    Refusal(by="shape", inputs=(Y, P[:2]), match="shape"),
    Refusal(by="shape", inputs=(np.stack([Y, Y]), P), match="shape"),
    Refusal(by="empty", inputs=(Y[:0], P[:0]), match="empty"),
    Refusal(by="value", inputs=(Y + 1, P), match="(true|targets) must be integers"),
    Refusal(by="value", inputs=(Y / 2, P), match="(true|targets) must be integers"),
    Refusal(by="value", inputs=(Y, P * 4), match=r"must be in \[0, 1\]"),
    Refusal(by="value", inputs=(Y, P * np.nan), match="Received: .*nan"),
    Refusal(
        by="value",
        inputs=(Y, P),
        match="sample_weight .*Received: .*-1",
        kwargs={"sample_weight": np.array([1.0, -1.0, 2.0])},
    ),
)
CASES = [
    Case(
        function="brier",
        metric="Brier",
        inputs=inputs,
        oracles=(sklearn_brier,),
        weighted=True,
        refusals=REFUSALS if inputs is binary else (),
    )
    for inputs in (binary, classes)
]
