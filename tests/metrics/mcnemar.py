"""Cases of metrics/mcnemar."""

import numpy as np

from tests.metrics import Case, Refusal


def labels(rng, size=60, rates=(0.2, 0.4)):
    y_true = rng.integers(0, 4, size)
    models = (
        np.where(rng.random(size) < rate, (y_true + 1) % 4, y_true) for rate in rates
    )
    return y_true, *models


def alike(rng):
    y_true, y_pred, _ = labels(rng)
    return y_true, y_pred, y_pred


def even(rng):
    """As many right by the one alone as by the other alone."""
    y_true = rng.integers(0, 4, 20)
    wrong = np.arange(20)
    return y_true, y_true + (wrong < 4), y_true + (wrong > 15)


def scipy_mcnemar(y_true, y_pred, y_other, method="exact"):
    from scipy import stats

    first = int(((y_pred == y_true) & (y_other != y_true)).sum())
    second = int(((y_other == y_true) & (y_pred != y_true)).sum())
    n = first + second
    if method in ("exact", "mid_p"):
        p_value = stats.binomtest(first, n).pvalue if n else 1.0
        if method == "mid_p":
            likely = stats.binom.pmf([first, second], n, 0.5)
            p_value -= likely[: 1 if first == second else 2].sum() / 2
    else:
        apart = abs(first - second) - (method == "chi2_corrected")
        p_value = stats.chi2.sf(max(0, apart) ** 2 / n, 1)
    return {"p_value": p_value, "first": first, "second": second}


Y = np.array([1, 0, 2])
COMMON = {"function": "mcnemar", "oracles": (scipy_mcnemar,)}
METHODS = ("exact", "mid_p", "chi2", "chi2_corrected")
CASES = [
    Case(
        **COMMON,
        inputs=labels,
        refusals=(
            Refusal(by="shape", inputs=(Y, Y, Y[:2]), match="one shape"),
            Refusal(
                by="argument", inputs=(Y, Y, Y), match="method", kwargs={"method": "z"}
            ),
            Refusal(by="argument", inputs=(Y[:0],) * 3, match="an example"),
            *(
                Refusal(
                    by="argument",
                    inputs=tuple(Y + 0.0 if i == j else Y for j in range(3)),
                    match=f"{name} must be classes",
                )
                for i, name in enumerate(("y_true", "y_pred", "y_other"))
            ),
            Refusal(by="argument", inputs=(Y, Y * np.nan, Y), match="y_pred"),
        ),
    ),
    *(
        Case(**COMMON, inputs=inputs, kwargs={"method": method})
        for inputs in (labels, even)
        for method in METHODS
    ),
    Case(**COMMON, inputs=alike),
    Case(**COMMON, inputs=lambda rng: labels(rng, 3000), kwargs={"method": "exact"}),
]
