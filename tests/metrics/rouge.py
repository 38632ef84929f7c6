"""Cases of metrics/rouge."""

import numpy as np

from tests.metrics import Case, Refusal
from tests.metrics.error_rates import objects


def summaries(rng):
    words = np.array(["the", "cat", "sat", "on", "a", "mat"])
    pairs = [
        [[str(w) for w in rng.choice(words, rng.integers(0, 12))] for _ in range(2)]
        for _ in range(12)
    ]
    return tuple(objects(list(column)) for column in zip(*pairs, strict=True))


class Blanks:
    """A tokenizer for rouge-score that splits at blanks alone."""

    def tokenize(self, text):
        return text.split()


def rouge_score_means(y_true, y_pred, order=None):
    from rouge_score.rouge_scorer import RougeScorer

    name = "rougeL" if order is None else f"rouge{order}"
    scorer = RougeScorer([name], tokenizer=Blanks())
    scores = [
        scorer.score(" ".join(t), " ".join(p))[name]
        for t, p in zip(y_true, y_pred, strict=True)
    ]
    p, r, f1 = np.mean(scores, axis=0)
    return {"precision": p, "recall": r, "f1": f1}


TEXT = objects([["a", "b"], ["c"]])
COMMON = {"function": "rouge", "metric": "Rouge"}
CASES = [
    Case(
        **COMMON,
        inputs=summaries,
        oracles=(rouge_score_means,),
        refusals=(
            Refusal(by="shape", inputs=(TEXT, TEXT[:1]), match="as many texts"),
            Refusal(
                by="value", inputs=(TEXT, objects(["a b", "c"])), match="y_pred must be"
            ),
            Refusal(
                by="value", inputs=(objects([["a"], [1]]), TEXT), match="y_true must be"
            ),
            Refusal(
                by="argument", inputs=(TEXT, TEXT), match="order", kwargs={"order": 0}
            ),
            Refusal(by="argument", inputs=(TEXT[:0], TEXT[:0]), match="a text to"),
        ),
    ),
    *(
        Case(
            **COMMON,
            inputs=summaries,
            kwargs={"order": order},
            oracles=(rouge_score_means,),
        )
        for order in (1, 2)
    ),
]
