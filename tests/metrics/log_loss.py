"""Cases of metrics/log_loss."""

import numpy as np

from tests.metrics import Case, Refusal


def binary(rng):
    prob = rng.random(70)
    return (rng.random(70) < prob).astype(int), prob


def classes(rng):
    logits = 2 * rng.normal(size=(50, 4))
    prob = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return rng.integers(0, 4, 50), prob


def logits(rng):
    return rng.integers(0, 2, 40), 30 * rng.normal(size=40)


def many_logits(rng):
    return rng.integers(0, 3, 40), 30 * rng.normal(size=(40, 3))


def sklearn_loss(y_true, y_pred, from_logits):
    from scipy.special import expit, softmax
    from sklearn.metrics import log_loss

    if from_logits:
        y_pred = softmax(y_pred, axis=1) if y_pred.ndim == 2 else expit(y_pred)
    return log_loss(y_true, y_pred, labels=np.unique(y_true))


def torch_loss(y_true, y_pred, from_logits):
    import torch
    from torch.nn import functional

    score, true = torch.tensor(y_pred), torch.tensor(y_true)
    if y_pred.ndim == 2:
        return functional.cross_entropy(score, true)
    return functional.binary_cross_entropy_with_logits(score, true.double())


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
COMMON = {"function": "log_loss", "metric": "LogLoss"}
CASES = [
    *(
        Case(
            **COMMON,
            inputs=inputs,
            kwargs={"from_logits": False},
            oracles=(sklearn_loss,),
            weighted=True,
            refusals=REFUSALS if inputs is binary else (),
        )
        for inputs in (binary, classes)
    ),
    *(
        Case(
            **COMMON,
            inputs=inputs,
            kwargs={"from_logits": True},
            oracles=(torch_loss,),
            weighted=True,
        )
        for inputs in (logits, many_logits)
    ),
    Case(
        **COMMON,
        inputs=logits,
        kwargs={"from_logits": True},
        refusals=(
            Refusal(
                by="value", inputs=(Y, P + np.inf), match="finite. Received: .*inf"
            ),
        ),
    ),
]
