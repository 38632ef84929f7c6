"""The encoder of BERT in Keras, with the weights of a checkpoint folder."""

import os
from functools import partial

import keras
from keras import layers, ops

from dlcookbook.data.bert_folder import read_bert

__all__ = ["load_body", "make_body"]


def make_body(config: dict, length: int) -> keras.Model:
    """Return an encoder as BertModel computes: tokens, (N, T), to vectors, (N, T, D).

    Token 0 is padding and not looked at. The weights are in the order of `read_bert`.
    """
    if length > config["max_position_embeddings"]:
        raise ValueError(
            f"length must be {config['max_position_embeddings']} or less, the places "
            f"that the folder knows. Received: {length}"
        )
    width, heads = config["hidden_size"], config["num_attention_heads"]
    drop = config.get("hidden_dropout_prob", 0.1)
    # one for each layer: those that share one begin with the same numbers
    start = partial(keras.initializers.RandomNormal, stddev=0.02)
    norm = partial(layers.LayerNormalization, epsilon=1e-12)

    # 0, but dense: TensorFlow's slope has a part for each use of a word, squared alone
    whole = keras.regularizers.L2(0)

    def embed(rows: int) -> layers.Layer:
        return layers.Embedding(rows, width, start(), whole)

    def dense(units: int) -> layers.Layer:
        return layers.Dense(units, kernel_initializer=start())

    tokens = keras.Input((length,), dtype="int32")
    there = ops.expand_dims(ops.not_equal(tokens, 0), 1)
    places = ops.zeros_like(tokens) + ops.arange(length, dtype="int32")
    x = embed(config["vocab_size"])(tokens)
    x += embed(config["max_position_embeddings"])(places)
    x += embed(config.get("type_vocab_size", 2))(ops.zeros_like(tokens))
    x = layers.Dropout(drop)(norm()(x))
    for _ in range(config["num_hidden_layers"]):
        attention = layers.MultiHeadAttention(
            heads,
            width // heads,
            dropout=config.get("attention_probs_dropout_prob", 0.1),
            kernel_initializer=start(),
        )
        y = attention(x, x, attention_mask=there)
        x = norm()(x + layers.Dropout(drop)(y))
        y = dense(config["intermediate_size"])(x)
        y = dense(width)(ops.gelu(y, approximate=False))
        x = norm()(x + layers.Dropout(drop)(y))
    return keras.Model(tokens, x, name="body")


def load_body(folder: str | os.PathLike, length: int) -> tuple[dict, keras.Model]:
    """Return what config.json says, and the encoder with the weights of the folder."""
    config, weights = read_bert(folder)
    body = make_body(config, length)
    pairs = zip(weights, body.weights, strict=True)
    body.set_weights([given.reshape(weight.shape) for given, weight in pairs])
    return config, body
