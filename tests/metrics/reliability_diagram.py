"""Cases of metrics/reliability_diagram."""

import numpy as np

from tests.metrics import Case, Refusal


def binary(rng):
    y_prob = rng.random(300)
    return rng.integers(0, 2, 300), y_prob


def sparse(rng):
    """Probabilities on edges, and bins where nothing falls."""
    return rng.integers(0, 2, 30), rng.choice([0.0, 0.1, 0.3, 0.35, 0.6, 1.0], 30)


def classes(rng):
    y_prob = rng.dirichlet(np.ones(4), 80)
    return rng.integers(0, 4, 80), y_prob


def sklearn_bins(y_true, y_prob, num_bins=10):
    from scipy.stats import binned_statistic
    from sklearn.calibration import calibration_curve

    # of bins that all hold something
    accuracy, confidence = calibration_curve(y_true, y_prob, n_bins=num_bins)
    count = binned_statistic(y_prob, y_prob, "count", num_bins, (0, 1)).statistic
    return {"count": count, "confidence": confidence, "accuracy": accuracy}


Y, P = np.array([0, 1, 1]), np.array([0.2, 0.7, 0.4])
COMMON = {"function": "reliability_diagram"}
CASES = [
    Case(
        **COMMON,
        inputs=binary,
        oracles=(sklearn_bins,),
        refusals=(
            Refusal(
                by="argument", inputs=(Y, P), match="num_bins", kwargs={"num_bins": 0}
            ),
            Refusal(by="shape", inputs=(Y, P[:2]), match="shape"),
            Refusal(by="shape", inputs=(Y[:, None], P), match="shape"),
            Refusal(by="shape", inputs=(Y[:0], P[:0]), match="N >= 1"),
            Refusal(by="value", inputs=(Y, P * 2), match="y_prob.*Received: 0.4 to"),
            Refusal(by="value", inputs=(Y, P * np.nan), match="y_prob.*Received: nan"),
            Refusal(by="value", inputs=(Y + 1, P), match="y_true must be classes"),
            Refusal(by="value", inputs=(Y / 2, P), match="y_true must be classes"),
            Refusal(
                by="value", inputs=(Y + 1, np.eye(3)[:, :2]), match="y_true.*Received"
            ),
        ),
    ),
    Case(**COMMON, inputs=binary, kwargs={"num_bins": 3}, oracles=(sklearn_bins,)),
    Case(**COMMON, inputs=sparse),
    Case(**COMMON, inputs=classes, kwargs={"num_bins": 7}),
]
