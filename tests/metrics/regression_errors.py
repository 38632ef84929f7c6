"""Cases of metrics/regression_errors."""

import numpy as np

from tests.metrics import Case, Refusal


def values(rng, size=(60,)):
    y_true = rng.normal(5, 2, size)
    return y_true, y_true + rng.normal(0.2, 1, size)


def with_zeros(rng):
    y_true, y_pred = values(rng, (20, 3))
    y_true[::4] = 0
    y_pred[::8] = 0
    return y_true, y_pred


def intervals(rng):
    y_true = rng.integers(0, 6, 60).astype(float)
    return y_true, np.sort(rng.integers(0, 6, (60, 2)), axis=-1).astype(float)


def sklearn_errors(y_true, y_pred, sample_weight=None):
    from sklearn import metrics

    weight = {"sample_weight": sample_weight}
    mean = metrics.mean_absolute_error
    # errors of |2 e / (|y| + |p|)| against 0
    share = 2 * (y_pred - y_true) / (np.abs(y_pred) + np.abs(y_true))
    return {
        "mae": mean(y_true, y_pred, **weight),
        "mse": metrics.mean_squared_error(y_true, y_pred, **weight),
        "rmse": metrics.root_mean_squared_error(y_true, y_pred, **weight),
        "bias": np.average(y_pred - y_true, weights=sample_weight),
        "mape": metrics.mean_absolute_percentage_error(y_true, y_pred, **weight),
        "smape": mean(np.zeros_like(share), share, **weight),
    }


def torchmetrics_errors(y_true, y_pred):
    import torch
    from torchmetrics.functional import regression

    p, y = torch.tensor(y_pred), torch.tensor(y_true)
    return {
        "mae": regression.mean_absolute_error(p, y),
        "mse": regression.mean_squared_error(p, y),
        "rmse": regression.mean_squared_error(p, y, squared=False),
        "bias": (p - y).mean(),
        "mape": regression.mean_absolute_percentage_error(p, y),
        "smape": regression.symmetric_mean_absolute_percentage_error(p, y),
    }


def sklearn_mase(y_true, y_pred, *, training, season):
    from sklearn.metrics import mean_absolute_error

    naive = mean_absolute_error(training[season:], training[:-season])
    return mean_absolute_error(y_true, y_pred) / naive


def sklearn_pinball(y_true, y_pred, *, quantile):
    from sklearn.metrics import mean_pinball_loss

    return mean_pinball_loss(y_true, y_pred, alpha=quantile)


Y = np.array([1.0, 4.0, 2.0])
NONE = np.zeros(0)
WEIGHT = {"sample_weight": np.array([1.0, -1.0, 2.0])}
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:2]), match="shape of"),
    Refusal(by="shape", inputs=(Y, np.stack([Y, Y], 1)), match="shape of"),
    Refusal(
        by="shape",
        inputs=(Y, Y),
        match="sample_weight must have the first axes",
        kwargs={"sample_weight": np.ones(2)},
    ),
    Refusal(by="value", inputs=(Y, Y * [1, np.nan, 1]), match="finite. Received: nan"),
    Refusal(by="value", inputs=(Y * [1, np.inf, 1], Y), match="finite. Received"),
    Refusal(
        by="value", inputs=(Y, Y), match="sample_weight must be .*: -1", kwargs=WEIGHT
    ),
    Refusal(by="empty", inputs=(NONE, NONE), match="to average"),
)
SERIES = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
COMMON = {"function": "regression_errors", "metric": "RegressionErrors"}
CASES = [
    Case(
        **COMMON,
        inputs=values,
        oracles=(sklearn_errors, torchmetrics_errors),
        weighted=True,
        refusals=(
            *REFUSALS,
            Refusal(by="argument", inputs=(Y, Y), match="zero", kwargs={"zero": "eps"}),
        ),
    ),
    Case(**COMMON, inputs=with_zeros, weighted=True),
    Case(**COMMON, inputs=with_zeros, kwargs={"zero": "skip"}, weighted=True),
    Case(**COMMON, inputs=with_zeros, kwargs={"zero": 1.5}, weighted=True),
    Case(
        function="mase",
        inputs=values,
        kwargs={"training": SERIES, "season": 3},
        oracles=(sklearn_mase,),
        refusals=(
            Refusal(by="shape", inputs=(Y, Y[:2]), match="shape of"),
            Refusal(by="argument", inputs=(Y, Y), match="season", kwargs={"season": 0}),
            Refusal(
                by="argument",
                inputs=(Y, Y),
                match="training must have",
                kwargs={"season": len(SERIES)},
            ),
            Refusal(
                by="value",
                inputs=(Y, Y),
                match="training must be finite",
                kwargs={"training": SERIES * np.nan},
            ),
        ),
    ),
    Case(
        function="pinball",
        inputs=values,
        kwargs={"quantile": 0.8},
        oracles=(sklearn_pinball,),
        weighted=True,
        refusals=(
            *REFUSALS,
            Refusal(
                by="argument", inputs=(Y, Y), match="quantile", kwargs={"quantile": 1.0}
            ),
        ),
    ),
    Case(
        function="interval_coverage",
        inputs=intervals,
        weighted=True,
        refusals=(
            Refusal(
                by="shape", inputs=(Y, np.stack([Y] * 3, -1)), match="last axis of 2"
            ),
            Refusal(
                by="value",
                inputs=(Y, np.stack([Y, Y - 1], -1)),
                match="must not end below",
            ),
        ),
    ),
]
