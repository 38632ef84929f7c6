"""Cases of metrics/chrf."""

import numpy as np

from tests.metrics import Case, Refusal
from tests.metrics.error_rates import objects

WORDS = np.array(["the", "cat", "sat,", "(on", "a", "mat.", "!", '"hats"', "-"])


def texts(rng, references=1):
    truth, heard = [], []
    for _ in range(8):
        words = rng.choice(WORDS, rng.integers(1, 9))
        truth.append(
            [" ".join(rng.permutation(words)[: 9 - i]) for i in range(references)]
        )
        heard.append(" ".join([*words[1:], rng.choice(WORDS)]))
    return objects(truth), objects(heard)


def sacrebleu_chrf(y_true, y_pred, char_order=6, word_order=0, beta=2):
    from sacrebleu.metrics import CHRF

    metric = CHRF(char_order=char_order, word_order=word_order, beta=beta)
    streams = [list(column) for column in zip(*y_true, strict=True)]
    return metric.corpus_score(list(y_pred), streams).score / 100


TRUE, TEXT = objects([["a b"]]), objects(["a b"])
COMMON = {"function": "chrf", "metric": "Chrf"}
BAD = ({"char_order": 0}, {"word_order": -1}, {"beta": 0.0})
CASES = [
    Case(
        **COMMON,
        inputs=texts,
        oracles=(sacrebleu_chrf,),
        refusals=(
            Refusal(by="shape", inputs=(TRUE, TEXT[:0]), match="as many texts"),
            Refusal(by="value", inputs=(TRUE, TRUE), match="y_pred must be strings"),
            Refusal(by="value", inputs=(TEXT, TEXT), match="a list of strings"),
            *(
                Refusal(by="argument", inputs=(TRUE, TEXT), match=name, kwargs=bad)
                for bad in BAD
                for name in bad
            ),
            Refusal(by="argument", inputs=(TRUE[:0], TEXT[:0]), match="a text to"),
        ),
    ),
    Case(
        **COMMON,
        inputs=lambda rng: texts(rng, references=3),
        kwargs={"word_order": 2},
        oracles=(sacrebleu_chrf,),
    ),
    Case(
        **COMMON,
        inputs=texts,
        kwargs={"char_order": 3, "word_order": 1, "beta": 3},
        oracles=(sacrebleu_chrf,),
    ),
]
