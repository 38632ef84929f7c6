"""Cases of metrics/ranking."""

import numpy as np

from tests.metrics import Case, Refusal


def graded(rng):
    y_true = rng.integers(0, 4, (14, 6)) * rng.integers(0, 2, (14, 6))
    y_true[:, 0] = 1
    return y_true.astype(float), rng.permuted(np.tile(np.arange(6.0), (14, 1)), axis=1)


def tied(rng):
    y_true, _ = graded(rng)
    return y_true, rng.integers(0, 3, (14, 6)).astype(float)


def hopeless(rng):
    y_true, y_score = tied(rng)
    y_true[::5] = 0
    return y_true, y_score


def torchmetrics_ranking(y_true, y_score, k=None, gain="linear"):
    import torch
    from torchmetrics.functional import retrieval

    names = {
        "mrr": "reciprocal_rank",
        "precision": "precision",
        "recall": "recall",
        "hits": "hit_rate",
        "ndcg": "normalized_dcg",
    }
    if k is None:
        # with a cut it divides by the relevant items that were found
        names["map"] = "average_precision"
    measures = {name: [] for name in [*names, "map"]}
    # it drops a relevant item whose score is not above 0
    for y, s in zip(y_true, y_score - y_score.min() + 1, strict=True):
        pair = torch.tensor(s), torch.tensor(y > 0).long()
        for name, f in names.items():
            truth = torch.tensor(y).long() if name == "ndcg" else pair[1]
            f = getattr(retrieval, f"retrieval_{f}")
            measures[name].append(float(f(pair[0], truth, top_k=k)))
        if k is not None:
            found = retrieval.retrieval_average_precision(*pair, top_k=k)
            hits = (y > 0)[np.argsort(-s)][:k].sum()
            measures["map"].append(float(found) * hits / min(k, (y > 0).sum()))
    return {name: np.mean(values) for name, values in measures.items()}


def sklearn_ndcg(y_true, y_score, k=None, gain="linear"):
    from sklearn.metrics import ndcg_score

    from tests.wings import function

    others = function("reference", "metrics/ranking.ranking")
    worth = y_true if gain == "linear" else 2**y_true - 1
    # scikit-learn has the other five not, or for one query alone
    known = others(y_score, y_true, k=k, gain=gain)
    return known | {"ndcg": ndcg_score(worth, y_score, k=k)}


Y, S = np.array([[0.0, 2.0, 1.0]]), np.array([[0.5, 0.3, 0.1]])
COMMON = {"function": "ranking", "metric": "Ranking"}
CASES = [
    Case(
        **COMMON,
        inputs=graded,
        oracles=(torchmetrics_ranking, sklearn_ndcg),
        refusals=(
            Refusal(by="shape", inputs=(Y, S[:, :2]), match="one shape"),
            Refusal(by="shape", inputs=(Y[0], S[0]), match="one shape"),
            Refusal(by="argument", inputs=(Y, S), match="k = 4 items", kwargs={"k": 4}),
            Refusal(by="argument", inputs=(Y, S), match="k must be", kwargs={"k": 0}),
            Refusal(by="argument", inputs=(Y, S), match="gain", kwargs={"gain": "exp"}),
            Refusal(by="argument", inputs=(Y, S), match="empty", kwargs={"empty": "0"}),
            Refusal(by="value", inputs=(-Y, S), match="y_true must be finite and >= 0"),
            Refusal(by="value", inputs=(Y, S * np.nan), match="y_score must be finite"),
            Refusal(by="value", inputs=(Y + np.inf, S), match="y_true must be finite"),
            Refusal(by="argument", inputs=(Y[:0], S[:0]), match="hold a query"),
        ),
    ),
    Case(
        **COMMON,
        inputs=graded,
        kwargs={"k": 3},
        oracles=(torchmetrics_ranking, sklearn_ndcg),
    ),
    Case(**COMMON, inputs=tied, oracles=(sklearn_ndcg,)),
    Case(
        **COMMON,
        inputs=tied,
        kwargs={"k": 3, "gain": "exponential"},
        oracles=(sklearn_ndcg,),
    ),
    Case(**COMMON, inputs=hopeless, kwargs={"empty": "skip"}),
    Case(**COMMON, inputs=hopeless, kwargs={"k": 2, "empty": 0.0}),
]
