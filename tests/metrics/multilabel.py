"""Cases of metrics/multilabel."""

import numpy as np

from tests.metrics import Case, Refusal


def decisions(rng, size=(60,), labels=4):
    return rng.integers(0, 2, (*size, labels)), rng.integers(0, 2, (*size, labels))


def scores(rng):
    """Quarters, which every dtype holds, so that some are at the threshold."""
    return rng.integers(0, 2, (60, 4)), rng.integers(0, 5, (60, 4)) / 4


def gaps(rng):
    """Label 2 is never true, 3 never given, 4 neither; some examples have no label."""
    true, given = rng.integers(0, 2, (40, 5)), rng.integers(0, 2, (40, 5))
    true[:, [2, 4]] = given[:, [3, 4]] = 0
    true[:5] = given[3:8] = 0
    return true, given


def sklearn_measures(y_true, y_pred, num_labels, average="macro", absent="nan"):
    from sklearn import metrics

    zero = 0.0 if absent == "zero" else np.nan
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        y_true, y_pred, average=average, zero_division=zero
    )
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "subset_accuracy": metrics.accuracy_score(y_true, y_pred),
        "hamming_loss": metrics.hamming_loss(y_true, y_pred),
    }


def torchmetrics_measures(
    y_true, y_pred, num_labels, threshold, at_threshold, average="macro"
):
    import torch
    from torchmetrics.functional import classification as peer

    # a score of the threshold is not enough
    assert at_threshold == "negative"
    pair = torch.tensor(y_pred), torch.tensor(y_true)
    known = {"num_labels": num_labels, "threshold": threshold}
    return {
        "precision": peer.multilabel_precision(*pair, **known, average=average),
        "recall": peer.multilabel_recall(*pair, **known, average=average),
        "f1": peer.multilabel_f1_score(*pair, **known, average=average),
        "subset_accuracy": peer.multilabel_exact_match(*pair, **known),
        "hamming_loss": peer.multilabel_hamming_distance(
            *pair, **known, average="micro"
        ),
    }


Y, S = np.array([[0, 1, 1, 0], [1, 0, 0, 1]]), np.arange(8.0).reshape(2, 4) / 8
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:1]), match="shape"),
    Refusal(by="shape", inputs=(Y[:, :3], Y[:, :3]), match="4 labels"),
    Refusal(by="argument", inputs=(Y, Y), match="num_labels", kwargs={"num_labels": 0}),
    Refusal(by="argument", inputs=(Y, Y), match="average", kwargs={"average": "mean"}),
    Refusal(by="argument", inputs=(Y, Y), match="absent", kwargs={"absent": "one"}),
    Refusal(
        by="argument", inputs=(Y, Y), match="at_thr", kwargs={"at_threshold": ">="}
    ),
    Refusal(
        by="argument",
        inputs=(Y, S),
        match="threshold must be finite",
        kwargs={"threshold": float("nan")},
    ),
    Refusal(by="value", inputs=(Y, S), match="(y_pred|decisions) must be 0 or 1"),
    Refusal(by="value", inputs=(2 * Y, Y), match="(y_true|targets).* must be 0 or 1"),
    Refusal(
        by="value",
        inputs=(Y, Y),
        match="sample_weight.* >= 0.*-1",
        kwargs={"sample_weight": np.array([1.0, -1.0])},
    ),
    Refusal(by="empty", inputs=(Y[:0], Y[:0]), match="nothing"),
)
COMMON = {"function": "multilabel", "metric": "Multilabel", "last": (0, 1)}
CASES = [
    Case(
        **COMMON,
        inputs=decisions,
        kwargs={"num_labels": 4},
        oracles=(sklearn_measures,),
        weighted=True,
        refusals=REFUSALS,
    ),
    Case(
        **COMMON,
        inputs=scores,
        kwargs={"num_labels": 4, "threshold": 0.5, "at_threshold": "negative"},
        oracles=(torchmetrics_measures,),
        refusals=(
            Refusal(
                by="value", inputs=(Y, np.where(S == 0, np.nan, S)), match="finite"
            ),
        ),
    ),
    Case(**COMMON, inputs=scores, kwargs={"num_labels": 4, "threshold": 0.5}),
    Case(
        **COMMON,
        inputs=lambda rng: decisions(rng, (6, 4, 3)),
        kwargs={"num_labels": 4, "average": "micro"},
    ),
    *(
        Case(
            **COMMON,
            inputs=gaps,
            kwargs={"num_labels": 5, "average": average, "absent": absent},
            oracles=(sklearn_measures,),
            weighted=True,
        )
        for average, absent in (
            ("macro", "skip"),
            ("weighted", "zero"),
            ("samples", "skip"),
            ("samples", "zero"),
            (None, "nan"),
        )
    ),
]
