"""Cases of metrics/correlation."""

import numpy as np

from tests.metrics import Case, Refusal


def values(rng):
    y_true = rng.normal(5, 2, 40)
    return y_true, 0.8 * y_true + rng.normal(2, 1, 40)


def far_from_zero(rng):
    return tuple(x + 1e4 for x in values(rng))


def scipy_pearson(y_true, y_pred):
    from scipy.stats import pearsonr

    return pearsonr(y_true, y_pred).statistic


def torchmetrics_correlation(y_true, y_pred, kind="pearson", ddof=1):
    import torch
    from torchmetrics.functional import regression

    name = {"pearson": "pearson_corrcoef", "concordance": "concordance_corrcoef"}[kind]
    assert ddof == 1
    value = getattr(regression, name)(torch.tensor(y_pred), torch.tensor(y_true))
    return value.squeeze()


Y = np.array([1.0, 4.0, 2.0])
NONE = np.zeros(0)
WEIGHT = {"sample_weight": np.array([1.0, -1.0, 2.0])}
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:2]), match="one axis of one"),
    Refusal(by="shape", inputs=(Y, np.stack([Y, Y], 1)), match="one axis of one"),
    Refusal(by="value", inputs=(Y, Y * [1, np.nan, 1]), match="must be finite"),
    Refusal(by="value", inputs=(Y * [1, np.inf, 1], Y), match="must be finite"),
    Refusal(by="value", inputs=(Y, Y), match="sample_weight must be", kwargs=WEIGHT),
    Refusal(by="argument", inputs=(Y, Y), match="kind", kwargs={"kind": "spearman"}),
    Refusal(by="empty", inputs=(NONE, NONE), match="an example"),
)
COMMON = {"function": "correlation", "metric": "Correlation", "weighted": True}
CASES = [
    Case(
        **COMMON,
        inputs=values,
        oracles=(scipy_pearson, torchmetrics_correlation),
        refusals=REFUSALS,
    ),
    Case(**COMMON, inputs=values, kwargs={"kind": "concordance"}),
    Case(
        **COMMON,
        inputs=values,
        kwargs={"kind": "concordance", "ddof": 1},
        oracles=(torchmetrics_correlation,),
    ),
    # their variance has 10 digits of the 16, since the mean takes 4 and a half
    Case(**COMMON, inputs=far_from_zero, tolerance=1e-11),
]
