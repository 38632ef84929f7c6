"""Padding, pieces and vocabularies that mislead. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def padding_read_by_a_transformer():
    """A padded text without its mask: a model of Hugging Face reads the padding.

    It takes every token for a real one unless `attention_mask` says otherwise; pass on
    all that the tokenizer gives. How far the first token's vector is from that of the
    same text alone.
    """
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    size |= {"vocab_size": 50, "intermediate_size": 64}
    config = BertConfig(initializer_range=0.2, **size)
    model = BertModel(config).eval()
    alone, padded = torch.tensor([[7, 8, 9]]), torch.tensor([[7, 8, 9, 0, 0, 0]])
    with torch.no_grad():
        expected = model(alone)[0][0, 0]
        bare = model(padded)[0][0, 0]
        masked = model(padded, attention_mask=(padded != 0).long())[0][0, 0]
    wrong = (bare - expected).abs().max().item()
    right = (masked - expected).abs().max().item()
    return Shown(wrong, right)


def mean_over_the_padding():
    """`GlobalAveragePooling1D` behind vectors without a mask: the batch decides.

    The same text of three words has another mean in a batch with a text of ten. With
    `mask_zero=True` the layer leaves padding out. The first number of that mean.
    """
    import keras
    import numpy as np

    text, padded = np.array([[7, 8, 9]]), np.array([[7, 8, 9, 0, 0, 0, 0, 0, 0, 0]])
    found = []
    for masked in (False, True):
        keras.utils.set_random_seed(0)
        start = keras.initializers.RandomNormal(1.0)
        table = keras.layers.Embedding(10, 4, start, mask_zero=masked)
        mean = keras.layers.GlobalAveragePooling1D()
        model = keras.Sequential([table, mean])
        short, long = (np.asarray(model(x))[0] for x in (text, padded))
        found.append(float(abs(long - short).max()))
    wrong, right = found
    return Shown(wrong, right)


def pieces_counted_as_words():
    """Tags compared piece by piece: a long word counts more than once.

    Three short words are wrong, one that was cut into seven pieces is right. Score the
    first piece of each word.
    """
    import numpy as np

    words = np.array([0, 1, 2, 3, 3, 3, 3, 3, 3, 3])
    correct = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
    first = np.diff(words, prepend=-1) > 0
    wrong = correct.mean()
    right = correct[first].mean()
    return Shown(wrong, right)


def vocabulary_of_the_test_too():
    """A vocabulary made of all texts: no word of the test is unknown.

    In use there are new words, and the model has no row that learned what to do with
    them. Count, or `adapt`, on the training part alone. The share of unknown words in
    the test.
    """
    train = ["the", "cat", "sat", "the", "dog", "ran", "a", "cat", "ran"]
    test = ["the", "fox", "sat", "a", "dog", "slept"]
    shares = []
    for words in (train + test, train):
        known = set(words)
        shares.append(sum(word not in known for word in test) / len(test))
    wrong, right = shares
    return Shown(wrong, right, "vanishes")
