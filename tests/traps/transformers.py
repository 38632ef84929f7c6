"""Masks, caches and sampling that run and are wrong. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def is_causal_with_one_query():
    """`is_causal=True` with a cache: the new token looks at the first alone.

    The triangle of PyTorch begins at the top left, so that the only row sees one key. A
    single newest query may see all: no mask. Its share for the newest key.
    """
    import torch
    from torch.nn import functional as F

    torch.manual_seed(0)
    query, keys = torch.randn(1, 1, 1, 8), torch.randn(1, 1, 6, 8)
    shares = torch.eye(6)[None, None]
    attend = F.scaled_dot_product_attention
    wrong = attend(query, keys, shares, is_causal=True)[..., -1].item()
    right = attend(query, keys, shares)[..., -1].item()
    return Shown(wrong, right, "vanishes")


def cache_without_its_place():
    """A cached step that takes its token for the first: wrong rotations.

    With a cache the model is given one token, and counts from 0 unless it is told where
    that stands. How far the scores are from those of the whole text.
    """
    import torch

    from dlcookbook.torch.blocks.positions import rotary_positions

    torch.manual_seed(0)
    query, key = torch.randn(2, 10, 8)
    keys = rotary_positions(key)
    whole = rotary_positions(query)[-1] @ keys.T
    new = query[-1:]
    wrong = (rotary_positions(new) @ keys.T - whole).abs().max().item()
    turned = rotary_positions(new, positions=torch.tensor([9]))
    right = (turned @ keys.T - whole).abs().max().item()
    return Shown(wrong, right)


def probabilities_divided_by_a_temperature():
    """Probabilities divided by a temperature: nothing changes.

    The factor goes out again when they are made to sum to 1. Divide the logits. The
    share of the likeliest of three at a temperature of 0.5.
    """
    import torch

    logits = torch.tensor([2.0, 1.0, 0.0])
    divided = logits.softmax(0) / 0.5
    wrong = (divided / divided.sum()).max().item()
    right = (logits / 0.5).softmax(0).max().item()
    return Shown(wrong, right)


def the_token_that_crosses_p():
    """Top-p that drops the token which crosses p: none may be left.

    The nucleus is the smallest set that reaches p, with the token that takes it there.
    Compare what came before each token with p. How many of three are kept.
    """
    import torch

    shares, p = torch.tensor([0.9, 0.07, 0.03]), 0.8
    wrong = (shares.cumsum(0) <= p).sum().item()
    right = (shares.cumsum(0) - shares < p).sum().item()
    return Shown(wrong, right, "vanishes")


def keras_attention_sees_the_future():
    """`MultiHeadAttention` of Keras in a decoder: no mask unless you ask.

    `use_causal_mask=True` belongs into the call. How far the first step moves when the
    last one changes.
    """
    import keras
    import numpy as np

    keras.utils.set_random_seed(0)
    layer = keras.layers.MultiHeadAttention(2, 8)
    x = np.random.default_rng(0).normal(size=(1, 5, 8)).astype("float32")
    changed = x.copy()
    changed[0, -1] += 3
    moved = []
    for causal in (False, True):
        before, after = (layer(v, v, use_causal_mask=causal) for v in (x, changed))
        moved.append(float(keras.ops.max(keras.ops.abs(after - before)[0, 0])))
    wrong, right = moved
    return Shown(wrong, right)
