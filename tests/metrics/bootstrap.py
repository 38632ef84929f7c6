"""Cases of metrics/bootstrap."""

import numpy as np

from tests.metrics import Case, Refusal


def error(y_true, y_pred):
    return np.abs(y_true - y_pred).mean(axis=-1)


def accuracy(y_true, y_pred):
    return (y_true == y_pred).mean()


def values(rng):
    y_true = rng.normal(5, 2, 30)
    return y_true, y_true + rng.exponential(1, 30)


def two_models(rng):
    y_true, y_pred = values(rng)
    return y_true, y_pred, y_true + rng.normal(0, 2, 30)


def labels(rng):
    y_true = rng.integers(0, 2, 40)
    return y_true, np.where(rng.random(40) < 0.3, 1 - y_true, y_true)


def scipy_interval(
    y_true, y_pred, y_other=None, *, metric, rng, method="percentile", **kwargs
):
    from scipy.stats import bootstrap

    parts = [x for x in (y_true, y_pred, y_other) if x is not None]

    def statistic(truth, one, two=None):
        return metric(truth, one) - (0 if two is None else metric(truth, two))

    told = bootstrap(
        tuple(parts),
        statistic,
        paired=True,
        vectorized=False,
        method=method,
        rng=np.random.default_rng(rng),
        n_resamples=kwargs.get("resamples", 9999),
        confidence_level=kwargs.get("confidence", 0.95),
    )
    low, high = told.confidence_interval
    return {"value": statistic(*parts), "low": low, "high": high}


def scipy_values(y_true, y_pred, *, metric, rng, resamples):
    from scipy.stats import bootstrap

    told = bootstrap(
        (y_true, y_pred),
        metric,
        paired=True,
        vectorized=False,
        rng=np.random.default_rng(rng),
        n_resamples=resamples,
        method="percentile",
    )
    return told.bootstrap_distribution


def sklearn_left_out(y_true, y_pred, *, metric):
    from sklearn.model_selection import LeaveOneOut

    rests = LeaveOneOut().split(y_true)
    return np.array([metric(y_true[rest], y_pred[rest]) for rest, _ in rests])


Y = np.array([1.0, 4.0, 2.0, 5.0])
FEW = {"metric": error, "rng": 7, "resamples": 199}
COMMON = {"function": "bootstrap", "ordered": True, "oracles": (scipy_interval,)}
BAD = ({"confidence": 1.0}, {"confidence": 0.0}, {"method": "basic"}, {"resamples": 0})
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:2]), match="as many examples"),
    Refusal(by="shape", inputs=(Y, Y, Y[:2]), match="as many examples"),
    Refusal(by="shape", inputs=(Y[:1], Y[:1]), match="two at least"),
    Refusal(by="shape", inputs=(Y, Y[:, None]), match="axes of length 1"),
    Refusal(by="shape", inputs=(Y, Y, Y[:, None]), match="axes of length 1"),
    *(
        Refusal(
            by="argument",
            inputs=(Y, Y),
            match="metric must give one number",
            kwargs={"metric": metric, "batched": batched},
        )
        for metric, batched in (
            (lambda y_true, y_pred: y_true == y_pred, False),
            (lambda y_true, y_pred: {"f1": 0.5}, False),
            (lambda y_true, y_pred: (0.5, 0.5), False),
            (lambda y_true, y_pred: None, False),
            (lambda y_true, y_pred: (y_true == y_pred).mean(), True),
            (lambda y_true, y_pred: y_true == y_pred, True),
        )
    ),
)
CASES = [
    Case(
        **COMMON,
        inputs=values,
        kwargs=FEW,
        refusals=(
            *REFUSALS,
            *(
                Refusal(by="argument", inputs=(Y, Y), match=name, kwargs=bad)
                for bad in BAD
                for name in bad
            ),
        ),
    ),
    Case(**COMMON, inputs=values, kwargs=FEW | {"method": "bca", "confidence": 0.8}),
    Case(
        **COMMON,
        inputs=two_models,
        kwargs=FEW | {"method": "bca", "batched": True},
    ),
    Case(
        **COMMON,
        inputs=labels,
        kwargs={"metric": accuracy, "rng": 3, "resamples": 300, "method": "bca"},
    ),
    Case(
        function="bootstrap_values",
        inputs=values,
        kwargs=FEW,
        ordered=True,
        oracles=(scipy_values,),
        refusals=(
            *REFUSALS,
            Refusal(
                by="argument",
                inputs=(Y, Y),
                match="resamples",
                kwargs={"resamples": 0},
            ),
        ),
    ),
    Case(
        function="bootstrap_values",
        inputs=two_models,
        kwargs=FEW | {"batched": True},
        ordered=True,
    ),
    Case(
        function="jackknife_values",
        inputs=values,
        kwargs={"metric": error},
        ordered=True,
        oracles=(sklearn_left_out,),
        refusals=REFUSALS,
    ),
    Case(
        function="jackknife_values",
        inputs=two_models,
        kwargs={"metric": error, "batched": True},
        ordered=True,
    ),
]
