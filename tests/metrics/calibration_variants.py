"""Cases of metrics/calibration_variants."""

import numpy as np

from tests.metrics import Case, Refusal


def classes(rng):
    logits = 2 * rng.normal(size=(70, 4))
    prob = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return rng.integers(0, 4, 70), prob


def tied(rng):
    prob = rng.integers(1, 5, (60, 3)) / 4
    return rng.integers(0, 3, 60), prob


def torchmetrics_classwise(y_true, y_prob, num_bins=15):
    import torch
    from torchmetrics.functional.classification import binary_calibration_error

    errors = [
        binary_calibration_error(
            torch.tensor(y_prob[:, c]), torch.tensor(y_true == c), n_bins=num_bins
        )
        for c in range(y_prob.shape[1])
    ]
    return sum(errors) / len(errors)


def sklearn_adaptive(y_true, y_prob, num_bins):
    from sklearn.calibration import calibration_curve

    # as many in every bin as in any other, when the bins divide the examples
    right, sure = y_prob.argmax(axis=1) == y_true, y_prob.max(axis=1)
    curve = calibration_curve(right, sure, n_bins=num_bins, strategy="quantile")
    return np.abs(curve[0] - curve[1]).mean()


Y, P = np.array([0, 1, 1]), np.full((3, 2), 0.5)
REFUSALS = (
    Refusal(by="shape", inputs=(Y, P[:2]), match="shape"),
    Refusal(by="argument", inputs=(Y, P), match="num_bins", kwargs={"num_bins": 0}),
    Refusal(by="value", inputs=(Y + 1, P), match=r"integers in \[0, 2\)"),
    Refusal(by="value", inputs=(Y, P * 4), match=r"in \[0, 1\]"),
    Refusal(by="value", inputs=(Y, P * np.nan), match="Received: nan"),
)
CASES = [
    Case(
        function="classwise_calibration_error",
        inputs=classes,
        oracles=(torchmetrics_classwise,),
        refusals=REFUSALS,
    ),
    Case(function="classwise_calibration_error", inputs=tied, kwargs={"num_bins": 4}),
    Case(
        function="adaptive_calibration_error",
        inputs=classes,
        kwargs={"num_bins": 7},
        oracles=(sklearn_adaptive,),
        refusals=REFUSALS,
    ),
    Case(function="adaptive_calibration_error", inputs=tied),
]
