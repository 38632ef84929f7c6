"""Cases of metrics/pr_curve."""

import numpy as np

from tests.metrics import Case, Refusal


def scored(rng, size=50):
    """Scores with ties, exact in half precision."""
    true = rng.integers(0, 2, size)
    return true, np.round((rng.normal(size=size) + true) * 8) / 8


def sklearn_curve(y_true, y_score):
    from sklearn.metrics import precision_recall_curve

    precision, recall, thresholds = precision_recall_curve(y_true, y_score)
    # it goes up, and ends with a point (1, 0) that no threshold reaches
    return precision[-2::-1], recall[-2::-1], thresholds[::-1]


Y, S = np.array([0, 1, 1]), np.array([0.5, 0.25, 1.0])
REFUSALS = (
    Refusal(by="shape", inputs=(Y, S[:2]), match="one shape"),
    Refusal(by="shape", inputs=(Y[:0], S[:0]), match="empty"),
    Refusal(by="value", inputs=(Y + 1, S), match="y_true must be 0 or 1"),
    Refusal(by="value", inputs=(Y, S * np.nan), match="finite. Received: nan"),
    Refusal(by="value", inputs=(Y, S + np.inf), match="finite. Received: inf"),
)
CASES = [
    Case(
        function="pr_curve",
        inputs=scored,
        oracles=(sklearn_curve,),
        refusals=REFUSALS,
    ),
    Case(function="pr_curve", inputs=lambda rng: (np.zeros(9), rng.normal(size=9))),
]
