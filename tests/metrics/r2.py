"""Cases of metrics/r2."""

import numpy as np

from tests.metrics import Case, Refusal


def values(rng, size=(40,)):
    y_true = rng.normal(5, 2, size)
    return y_true, y_true + rng.normal(0.2, 1, size)


def far_from_zero(rng):
    y_true, y_pred = values(rng)
    return y_true + 1e4, y_pred + 1e4


def several(rng):
    y_true, y_pred = values(rng, (40, 3))
    return y_true * [1, 3, 9], y_pred * [1, 3, 9]


def some_constant(rng):
    y_true, y_pred = several(rng)
    # 0.1 has no exact mean in binary
    y_true[:, 1], y_pred[:, 1], y_true[:, 2] = 0.1, 0.1, 0.1
    return y_true, y_pred


def sklearn_r2(y_true, y_pred, average="uniform", constant="nan"):
    from sklearn.metrics import r2_score

    names = {"uniform": "uniform_average", "variance": "variance_weighted"}
    return r2_score(
        y_true,
        y_pred,
        multioutput=names.get(average, "raw_values"),
        force_finite=constant == "finite",
    )


def torchmetrics_r2(y_true, y_pred, average="uniform"):
    import torch
    from torchmetrics.functional.regression import r2_score

    names = {"uniform": "uniform_average", "variance": "variance_weighted"}
    return r2_score(
        torch.tensor(y_pred),
        torch.tensor(y_true),
        multioutput=names.get(average, "raw_values"),
    )


Y = np.array([1.0, 4.0, 2.0])
NONE = np.zeros(0)
WEIGHT = {"sample_weight": np.array([1.0, -1.0, 2.0])}
REFUSALS = (
    Refusal(by="shape", inputs=(Y, np.stack([Y, Y], 1)), match="shape of"),
    Refusal(by="shape", inputs=(Y[:, None, None],) * 2, match="one or two axes"),
    Refusal(
        by="shape",
        inputs=(Y, Y),
        match="sample_weight must have one",
        kwargs={"sample_weight": np.ones(2)},
    ),
    Refusal(by="value", inputs=(Y, Y * [1, np.nan, 1]), match="must be finite"),
    Refusal(by="value", inputs=(Y * [1, np.inf, 1], Y), match="must be finite"),
    Refusal(by="value", inputs=(Y, Y), match="sample_weight must be", kwargs=WEIGHT),
    Refusal(by="argument", inputs=(Y, Y), match="average", kwargs={"average": "mean"}),
    Refusal(by="argument", inputs=(Y, Y), match="constant", kwargs={"constant": "0"}),
    Refusal(by="empty", inputs=(NONE, NONE), match="an example"),
)
COMMON = {"function": "r2", "metric": "R2", "weighted": True}
CASES = [
    Case(
        **COMMON,
        inputs=values,
        oracles=(sklearn_r2, torchmetrics_r2),
        refusals=REFUSALS,
    ),
    # their variance has 10 digits of the 16, since the mean takes 4 and a half
    Case(**COMMON, inputs=far_from_zero, oracles=(sklearn_r2,), tolerance=1e-11),
    *(
        Case(
            **COMMON,
            inputs=several,
            kwargs={"average": average},
            oracles=(sklearn_r2, torchmetrics_r2),
        )
        for average in ("uniform", "variance", None)
    ),
    *(
        Case(
            **COMMON,
            inputs=some_constant,
            kwargs={"average": average, "constant": constant},
        )
        for average in ("uniform", "variance", None)
        for constant in ("nan", "finite")
        if (average, constant) != ("uniform", "nan")
    ),
]
