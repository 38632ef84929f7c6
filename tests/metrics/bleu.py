"""Cases of metrics/bleu."""

import numpy as np

from tests.metrics import Case, Refusal
from tests.metrics.error_rates import objects

WORDS = np.array(["the", "cat", "sat", "on", "a", "mat", "."])


def changed(rng, tokens, rate):
    return [str(rng.choice(WORDS)) if rng.random() < rate else t for t in tokens]


def translations(rng, references=1, rate=0.2, size=12):
    truth, heard = [], []
    for _ in range(8):
        tokens = [str(w) for w in rng.choice(WORDS, rng.integers(4, size))]
        truth.append([changed(rng, tokens, 0.1 * i) for i in range(references)])
        heard.append(changed(rng, tokens, rate)[: rng.integers(3, size)])
    return objects(truth), objects(heard)


def unlike(rng):
    """Two texts, whose longer n-grams are nowhere."""
    truth = [[["the", "cat", "sat", "on", "a", "mat"]], [["a", "cat", "sat"]]]
    return objects(truth), objects(
        [["the", "cat", "on", "mat", "sat", "a"], ["cat", "a", "sat"]]
    )


def sacrebleu_bleu(y_true, y_pred, max_order=4, smoothing="none", k=1.0):
    from sacrebleu.metrics import BLEU

    names = {"none": "none", "add_k": "add-k", "exp": "exp"}
    metric = BLEU(
        tokenize="none",
        smooth_method=names[smoothing],
        smooth_value=k if smoothing == "add_k" else None,
        max_ngram_order=max_order,
    )
    texts = [" ".join(tokens) for tokens in y_pred]
    streams = [[" ".join(r) for r in column] for column in zip(*y_true, strict=True)]
    return metric.corpus_score(texts, streams).score / 100


TRUE, TEXT = objects([[["a", "b"]]]), objects([["a", "b"]])
COMMON = {"function": "bleu", "metric": "Bleu"}
CASES = [
    Case(
        **COMMON,
        inputs=translations,
        oracles=(sacrebleu_bleu,),
        refusals=(
            Refusal(by="shape", inputs=(TRUE, TEXT[:0]), match="as many texts"),
            Refusal(by="value", inputs=(TRUE, objects(["a b"])), match="y_pred must"),
            Refusal(
                by="value", inputs=(objects(["a b"]), TEXT), match="list of references"
            ),
            Refusal(
                by="value",
                inputs=(objects([["a", "b"]]), TEXT),
                match="y_true must be split",
            ),
            Refusal(
                by="argument",
                inputs=(TRUE, TEXT),
                match="max_order",
                kwargs={"max_order": 0},
            ),
            Refusal(
                by="argument",
                inputs=(TRUE, TEXT),
                match="smoothing",
                kwargs={"smoothing": "floor"},
            ),
            Refusal(
                by="argument", inputs=(TRUE, TEXT), match="k must", kwargs={"k": 0}
            ),
            Refusal(by="argument", inputs=(TRUE[:0], TEXT[:0]), match="a text to"),
        ),
    ),
    Case(
        **COMMON,
        inputs=lambda rng: translations(rng, references=3),
        kwargs={"max_order": 2},
        oracles=(sacrebleu_bleu,),
    ),
    *(
        Case(
            **COMMON,
            inputs=unlike,
            kwargs={"smoothing": smoothing},
            oracles=(sacrebleu_bleu,),
        )
        for smoothing in ("none", "add_k", "exp")
    ),
    Case(
        **COMMON,
        inputs=lambda rng: translations(rng, rate=0.6),
        kwargs={"smoothing": "add_k", "k": 0.5},
        oracles=(sacrebleu_bleu,),
    ),
]
