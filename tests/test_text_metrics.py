"""What the contract leaves open for text, and where peers differ."""

import math

import numpy as np
import pytest

from tests import wings

each_wing = pytest.mark.parametrize("wing", wings.METRIC_WINGS)
BLEU = wings.function("numpy", "metrics/bleu.bleu")
CHRF = wings.function("numpy", "metrics/chrf.chrf")
RATE = wings.function("numpy", "metrics/error_rates.error_rate")
ROUGE = wings.function("numpy", "metrics/rouge.rouge")


@each_wing
def test_perplexity_stays_finite_where_a_probability_is_zero(wing):
    import torch
    from torchmetrics.functional.text import perplexity

    y_true, logits = np.array([[0, 1]]), np.array([[[0.0, 200.0], [0.0, 0.0]]])
    pair = torch.tensor(logits, dtype=torch.float32), torch.tensor(y_true)
    # the logarithm of a probability that underflowed
    assert math.isinf(float(perplexity(*pair)))
    [got] = wings.measure(wing, "metrics/perplexity.perplexity", (y_true, logits))
    np.testing.assert_allclose(np.log(got), (200 + math.log(2)) / 2, rtol=1e-12)


@each_wing
def test_perplexity_weighs_tokens_and_not_batches(wing, rng):
    y_true, logits = rng.integers(0, 5, 30), rng.normal(0, 3, (30, 5))
    name = "metrics/perplexity.perplexity"
    whole = wings.measure(wing, name, (y_true, logits))[0]
    metric = wings.Stream(wing, "metrics/perplexity.Perplexity")
    parts = [slice(0, 2), slice(2, 30)]
    alone = []
    for part in parts:
        metric.update(y_true[part], logits[part])
        alone.append(wings.measure(wing, name, (y_true[part], logits[part]))[0])
    np.testing.assert_allclose(metric.compute()[0], whole, rtol=1e-12)
    assert abs(np.mean(alone) / whole - 1) > 0.01


@each_wing
def test_a_token_that_was_ruled_out_makes_perplexity_infinite(wing):
    logits = np.array([[0.0, -np.inf, 0.0]])
    name = "metrics/perplexity.perplexity"
    assert np.isinf(wings.measure(wing, name, (np.array([1]), logits))[0])
    [other] = wings.measure(wing, name, (np.array([0]), logits))
    np.testing.assert_allclose(other, 2, rtol=1e-12)


@pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
def test_keras_takes_the_probabilities_of_a_softmax(rng):
    from scipy.special import softmax

    y_true, logits = rng.integers(0, 5, (6, 4)), rng.normal(0, 3, (6, 4, 5))
    results = []
    for from_logits, y_pred in ((True, logits), (False, softmax(logits, axis=-1))):
        metric = wings.Stream(
            "keras", "metrics/perplexity.Perplexity", from_logits=from_logits
        )
        metric.update(y_true, y_pred)
        results.append(metric.compute()[0])
    np.testing.assert_allclose(*results, rtol=1e-12)
    empty = wings.Stream("keras", "metrics/perplexity.Perplexity")
    assert np.isnan(empty.compute()[0])


def test_the_error_rate_of_a_corpus_is_no_mean_over_texts():
    from torchmetrics.functional.text import word_error_rate

    said, heard = ["yes", "b c d e f g h i"], ["no", "b c d e f g h i"]
    rate = RATE(said, heard)["rate"]
    assert rate == pytest.approx(float(word_error_rate(heard, said)), rel=1e-6)
    alone = [RATE([a], [b])["rate"] for a, b in zip(said, heard, strict=True)]
    assert np.mean(alone) > 4 * rate


def test_many_insertions_exceed_one():
    found = RATE(["a"], ["b c d e"])
    assert (found["rate"], found["substitutions"], found["insertions"]) == (4, 1, 3)


def test_nltk_counts_an_ngram_that_a_short_text_does_not_have():
    from nltk.translate.bleu_score import corpus_bleu
    from sacrebleu.metrics import BLEU as Sacrebleu

    truth = ["the cat sat on the mat today", "a dog"]
    texts = ["the cat sat on a mat today", "a cat"]
    pairs = [[t.split()] for t in truth], [t.split() for t in texts]
    ours = BLEU(*pairs)
    told = Sacrebleu(tokenize="none", smooth_method="none").corpus_score(texts, [truth])
    assert ours == pytest.approx(told.score / 100, rel=1e-12)
    assert corpus_bleu(*pairs) < 0.95 * ours


def test_a_bleu_without_a_match_is_zero_unless_smoothed():
    from torchmetrics.functional.text import bleu_score

    truth, text = "the cat on a mat", "the cat is on it"
    pairs = [[truth.split()]], [text.split()]
    assert BLEU(*pairs) == 0
    # the longest order without a match is enough for torchmetrics, smoothed or not
    assert float(bleu_score([text], [[truth]], smooth=True)) == 0
    values = [BLEU(*pairs, smoothing=kind) for kind in ("exp", "add_k")]
    assert 0 < values[0] < values[1] < 1


def test_the_mean_of_sentence_bleus_is_not_the_bleu_of_the_corpus():
    truth = [[["a", "b", "c", "d", "e"]], [["a", "b"]]]
    texts = [["a", "b", "c", "d", "e"], ["b", "a"]]
    alone = [BLEU([t], [p]) for t, p in zip(truth, texts, strict=True)]
    assert np.mean(alone) == 0.5
    assert BLEU(truth, texts) > 0.8


def test_chrf_of_torchmetrics_is_chrf_plus_plus():
    from sacrebleu.metrics import CHRF as Sacrebleu
    from torchmetrics.functional.text import chrf_score

    truth, texts = [["the cat sat, today."]], ["a cat sat (today)"]
    values = [CHRF(truth, texts, word_order=order) for order in (0, 2)]
    for order, ours in zip((0, 2), values, strict=True):
        told = Sacrebleu(word_order=order).corpus_score(texts, [truth[0]])
        assert ours == pytest.approx(told.score / 100, rel=1e-12)
    default = float(chrf_score(texts, truth))
    assert abs(default - values[1]) < abs(default - values[0])


def test_an_empty_summary_shares_nothing():
    for order in (None, 1):
        found = ROUGE([["a"], []], [[], []], order=order)
        assert set(found.values()) == {0}


def test_long_summaries_have_the_common_subsequence_of_the_table(rng):
    words = np.array([str(i) for i in range(9)])
    pair = [[list(map(str, rng.choice(words, n)))] for n in (300, 170)]
    want = wings.function("reference", "metrics/rouge.rouge")(pair[1], pair[0])
    assert ROUGE(*pair) == pytest.approx(want, rel=1e-12)
