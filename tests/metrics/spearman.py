"""Cases of metrics/spearman."""

import numpy as np

from tests.metrics import Case, Refusal


def values(rng):
    y_true = rng.normal(5, 2, 40)
    return y_true, np.exp(y_true + rng.normal(0, 1, 40))


def tied(rng):
    y_true = rng.integers(0, 6, 40)
    return y_true, y_true // 2 + rng.integers(0, 3, 40)


def scipy_spearman(y_true, y_pred):
    from scipy.stats import spearmanr

    return spearmanr(y_true, y_pred).statistic


def torchmetrics_spearman(y_true, y_pred):
    import torch
    from torchmetrics.functional.regression import spearman_corrcoef

    return spearman_corrcoef(*(torch.tensor(x).double() for x in (y_pred, y_true)))


Y = np.array([1.0, 4.0, 2.0])
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:2]), match="one axis of one"),
    Refusal(by="value", inputs=(Y, Y * np.nan), match="y_pred must be finite"),
    Refusal(by="value", inputs=(Y * np.inf, Y), match="y_true must be finite"),
    Refusal(by="argument", inputs=(Y[:0], Y[:0]), match="an example"),
)
ORACLES = (scipy_spearman, torchmetrics_spearman)
CASES = [
    Case(function="spearman", inputs=values, oracles=ORACLES, refusals=REFUSALS),
    Case(function="spearman", inputs=tied, oracles=ORACLES),
]
