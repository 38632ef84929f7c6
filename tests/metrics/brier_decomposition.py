"""Cases of metrics/brier_decomposition."""

import numpy as np

from tests.metrics import Case, Refusal


def grouped(rng):
    prob = rng.integers(0, 9, 80) / 8
    return (rng.random(80) < prob**2).astype(int), prob


def sklearn_parts(y_true, y_prob, sample_weight=None):
    from sklearn.metrics import brier_score_loss, r2_score

    # resolution is the variance that the groups explain, uncertainty all of it
    rates = {p: y_true[y_prob == p].mean() for p in np.unique(y_prob)}
    rate = np.array([rates[p] for p in y_prob])
    uncertainty = np.var(y_true)
    resolution = r2_score(y_true, rate) * uncertainty
    score = brier_score_loss(y_true, y_prob)
    return {
        "reliability": score - uncertainty + resolution,
        "resolution": resolution,
        "uncertainty": uncertainty,
        "brier": score,
    }


Y, P = np.array([0, 1, 1]), np.array([0.5, 0.25, 0.75])
CASES = [
    Case(
        function="brier_decomposition",
        inputs=grouped,
        oracles=(sklearn_parts,),
        weighted=True,
        refusals=(
            Refusal(by="shape", inputs=(Y, P[:2]), match="one shape"),
            Refusal(by="value", inputs=(Y + 1, P), match="y_true must be 0 or 1"),
            Refusal(by="value", inputs=(Y, P * 4), match=r"in \[0, 1\]"),
            Refusal(by="value", inputs=(Y, P * np.nan), match="Received: nan"),
            Refusal(
                by="value",
                inputs=(Y, P),
                match="sample_weight must be finite and >= 0",
                kwargs={"sample_weight": np.array([1.0, -1.0, 2.0])},
            ),
        ),
    ),
]
