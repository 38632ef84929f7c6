"""Cases of metrics/calibrate."""

import numpy as np

from tests.metrics import Case, Refusal


def scored(rng, size=40):
    """Scores with ties, exact in half precision."""
    true = rng.integers(0, 2, size)
    return true, np.round((rng.normal(size=size) + true) * 8) / 8


def classes(rng):
    true, logits = rng.integers(0, 4, 60), 2 * rng.normal(size=(60, 4))
    logits[np.arange(60), true] += 2
    return true, logits


def minimised_temperature(y_true, y_logit):
    import torch
    from scipy.optimize import minimize_scalar

    logit, true = torch.tensor(y_logit), torch.tensor(y_true)
    if logit.ndim == 1:
        logit = torch.stack([0 * logit, logit], dim=1)

    def loss(log_t):
        return float(torch.nn.functional.cross_entropy(logit / np.exp(log_t), true))

    return np.exp(minimize_scalar(loss, bounds=(-5, 5), options={"xatol": 1e-9}).x)


def minimised_platt(y_true, y_score):
    from scipy.optimize import minimize
    from scipy.special import expit, log_expit

    count = np.bincount(y_true)
    target = np.where(y_true, (count[1] + 1) / (count[1] + 2), 1 / (count[0] + 2))

    def loss(w):
        z = w[0] * y_score + w[1]
        error = expit(z) - target
        value = -(target * log_expit(z) + (1 - target) * log_expit(-z)).sum()
        return value, np.array([error @ y_score, error.sum()])

    return tuple(minimize(loss, [0.0, 0.0], jac=True, options={"gtol": 1e-9}).x)


def sklearn_isotonic(y_true, y_score, sample_weight=None):
    from sklearn.isotonic import IsotonicRegression

    distinct = np.unique(y_score)
    fitted = IsotonicRegression().fit(y_score, y_true, sample_weight)
    return distinct, fitted.predict(distinct)


Y, S = np.array([0, 1, 1]), np.array([0.5, 0.25, 1.0])
BAD = (
    Refusal(by="shape", inputs=(Y, S[:2]), match="shape"),
    Refusal(by="value", inputs=(Y, S * np.nan), match="finite.*Received: .*nan"),
)
CASES = [
    Case(
        function="fit_temperature",
        inputs=scored,
        oracles=(minimised_temperature,),
        tolerance=1e-10,
        refusals=(
            *BAD,
            Refusal(by="value", inputs=(Y + 1, S), match=r"integers in \[0, 2\)"),
            Refusal(by="value", inputs=(Y, 4 * Y - 2.0), match="sometimes wrong"),
            Refusal(by="value", inputs=(Y, 2.0 - 4 * Y), match="better than chance"),
        ),
    ),
    Case(
        function="fit_temperature",
        inputs=classes,
        oracles=(minimised_temperature,),
        tolerance=1e-10,
    ),
    Case(
        function="fit_platt",
        inputs=scored,
        oracles=(minimised_platt,),
        tolerance=1e-10,
        refusals=(
            *BAD,
            Refusal(by="value", inputs=(Y + 1, S), match="y_true must be 0 or 1"),
            Refusal(by="value", inputs=(Y, 0 * S), match="vary"),
        ),
    ),
    Case(
        function="fit_isotonic",
        inputs=scored,
        oracles=(sklearn_isotonic,),
        weighted=True,
        refusals=(
            *BAD,
            Refusal(
                by="value",
                inputs=(Y, S),
                match="sample_weight must be finite and >= 0",
                kwargs={"sample_weight": np.array([1.0, -1.0, 2.0])},
            ),
        ),
    ),
]
