"""Cases of metrics/classification_report."""

import numpy as np

from tests.metrics import Case, Refusal


def labels(rng, size=(60,), classes=5):
    return rng.integers(0, classes, size), rng.integers(0, classes, size)


def gaps(rng):
    """Class 5 is never true, class 6 never predicted, class 7 neither."""
    true, predicted = rng.integers(0, 5, 60), rng.integers(0, 6, 60)
    true[:4], predicted[:4] = 6, 5
    return true, predicted


def sklearn_report(y_true, y_pred, num_classes, class_names=None, absent="nan"):
    from sklearn.metrics import classification_report

    return classification_report(
        y_true,
        y_pred,
        labels=np.arange(num_classes),
        target_names=class_names,
        output_dict=True,
        zero_division=0.0 if absent == "zero" else np.nan,
    )


Y, EMPTY = np.array([0, 4, 2]), np.array([], int)
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:2]), match="one shape"),
    Refusal(by="shape", inputs=(Y, Y[:, None]), match="one shape"),
    Refusal(
        by="argument", inputs=(Y, Y), match="num_classes", kwargs={"num_classes": 0}
    ),
    *(
        Refusal(
            by="argument", inputs=(Y, Y), match="names", kwargs={"class_names": names}
        )
        for names in (list("abcd"), list("abcda"), [*"abcd", "accuracy"])
    ),
    Refusal(by="argument", inputs=(Y, Y), match="absent", kwargs={"absent": "one"}),
    Refusal(by="value", inputs=(Y, Y - 1), match="y_pred.*Received: -1 to 3"),
    Refusal(by="value", inputs=(Y + 1, Y), match="y_true.*Received: 1 to 5"),
    Refusal(by="argument", inputs=(Y, Y / 4), match="y_pred must be integers"),
    Refusal(
        by="value",
        inputs=(Y, Y),
        match="sample_weight .*Received: .*-1",
        kwargs={"sample_weight": np.array([1.0, -1.0, 2.0])},
    ),
    Refusal(by="argument", inputs=(EMPTY, EMPTY), match="nothing"),
)
COMMON = {"function": "classification_report", "metric": "ClassificationReport"}
CASES = [
    Case(
        **COMMON,
        inputs=labels,
        kwargs={"num_classes": 5},
        oracles=(sklearn_report,),
        weighted=True,
        refusals=REFUSALS,
    ),
    Case(
        **COMMON,
        inputs=lambda rng: labels(rng, (6, 4, 3)),
        kwargs={"num_classes": 5, "ignore_index": 3, "absent": "skip"},
    ),
    *(
        Case(
            **COMMON,
            inputs=gaps,
            kwargs={
                "num_classes": 8,
                "absent": absent,
                "class_names": [f"class {c}" for c in range(8)],
            },
            oracles=(sklearn_report,) if absent != "nan" else (),
        )
        for absent in ("skip", "zero", "nan")
    ),
    Case(
        **COMMON,
        inputs=lambda rng: labels(rng, (80,), 300),
        kwargs={"num_classes": 300, "absent": "zero"},
        oracles=(sklearn_report,),
    ),
]
