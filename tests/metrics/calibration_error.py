"""Cases of metrics/calibration_error."""

import numpy as np

from tests.metrics import Case, Refusal


def binary(rng):
    prob = rng.random(80)
    return (rng.random(80) < prob**2).astype(int), prob


def on_edges(rng):
    prob = rng.integers(0, 11, 60) / 10
    return (rng.random(60) < prob**2).astype(int), prob


def classes(rng):
    logits = 2 * rng.normal(size=(70, 4))
    prob = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return rng.integers(0, 4, 70), prob


def torchmetrics_error(y_true, y_prob, num_bins=15, norm="l1"):
    import torch
    from torchmetrics.functional import classification as tm

    pair = torch.tensor(y_prob), torch.tensor(y_true)
    if y_prob.ndim == 1:
        return tm.binary_calibration_error(*pair, n_bins=num_bins, norm=norm)
    return tm.multiclass_calibration_error(*pair, 4, n_bins=num_bins, norm=norm)


def sklearn_error(y_true, y_prob, num_bins):
    from sklearn.calibration import calibration_curve

    place = np.searchsorted(np.linspace(0, 1, num_bins + 1)[1:-1], y_prob)
    share = np.bincount(place, minlength=num_bins) / len(place)
    accuracy, confidence = calibration_curve(y_true, y_prob, n_bins=num_bins)
    return share[share > 0] @ np.abs(accuracy - confidence)


Y, P = np.array([0, 1, 1]), np.array([0.5, 0.25, 1.0])
REFUSALS = (
    Refusal(by="shape", inputs=(Y, P[:2]), match="shape"),
    Refusal(by="shape", inputs=(np.stack([Y, Y]), P), match="shape"),
    Refusal(by="argument", inputs=(Y, P), match="num_bins", kwargs={"num_bins": 0}),
    Refusal(by="argument", inputs=(Y, P), match="norm", kwargs={"norm": "l3"}),
    Refusal(by="argument", inputs=(Y, P), match="closed", kwargs={"closed": "both"}),
    Refusal(
        by="argument", inputs=(Y, P), match="confidence", kwargs={"confidence": "top"}
    ),
    Refusal(by="empty", inputs=(Y[:0], P[:0]), match="empty"),
    Refusal(by="value", inputs=(Y + 1, P), match="(true|targets) must be integers"),
    Refusal(by="value", inputs=(Y / 2, P), match="(true|targets) must be integers"),
    Refusal(by="value", inputs=(Y, P * 4), match=r"prob.* must be in \[0, 1\]"),
    Refusal(by="value", inputs=(Y, P * np.nan), match="Received: .*nan"),
    Refusal(
        by="value",
        inputs=(Y, P),
        match="sample_weight .*Received: .*-1",
        kwargs={"sample_weight": np.array([1.0, -1.0, 2.0])},
    ),
)
COMMON = {"function": "calibration_error", "metric": "CalibrationError"}
CASES = [
    Case(
        **COMMON,
        inputs=binary,
        oracles=(torchmetrics_error,),
        weighted=True,
        refusals=REFUSALS,
    ),
    Case(
        **COMMON,
        inputs=binary,
        kwargs={"num_bins": 7},
        oracles=(sklearn_error, torchmetrics_error),
    ),
    Case(
        **COMMON,
        inputs=classes,
        kwargs={"num_bins": 10, "norm": "l2"},
        oracles=(torchmetrics_error,),
        weighted=True,
    ),
    Case(
        **COMMON,
        inputs=classes,
        kwargs={"norm": "max", "closed": "left"},
    ),
    Case(**COMMON, inputs=binary, kwargs={"confidence": "predicted", "norm": "max"}),
    *(
        Case(**COMMON, inputs=on_edges, kwargs={"num_bins": 10, "closed": closed})
        for closed in ("right", "left")
    ),
]
