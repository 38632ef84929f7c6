"""Recurrent text classifier: LSTM or GRU, in one or both directions, padding aside."""

import keras
from keras import KerasTensor, layers, ops

__all__ = ["gru_classifier", "lstm_classifier"]


def lstm_classifier(
    vocabulary: int,
    num_classes: int = 2,
    *,
    dim: int = 64,
    hidden: int = 64,
    depth: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
) -> keras.Model:
    """Build a text classifier of LSTM layers.

    Token 0 is padding, wherever it stands: the state skips it, and each direction gives
    the state at its own true end. A text of padding alone gets the bias of the head.
    The embedding starts normal with a standard deviation of dim ** -0.5, input weights
    and head Glorot uniform, weights of the state orthogonal, biases at 0, but for the
    forget gate's 1.

    Parameters
    ----------
    vocabulary : int
        Number of tokens, padding included.
    num_classes : int
        Number of logits.
    dim : int
        Width of a token.
    hidden : int
        Width of the state, in each direction.
    depth : int
        Number of recurrent layers.
    bidirectional : bool
        Whether to read backward as well; the head then sees both ends.
    dropout : float in [0, 1)
        Share dropped after the embedding and after every recurrent layer.

    Returns
    -------
    keras.Model
        An untrained model: tokens of shape (N, T) in, logits of shape (N, num_classes)
        out, NaN for a text with a token outside [0, `vocabulary`).

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> model = lstm_classifier(1000, 5, bidirectional=True)
    >>> text, padded = keras.ops.array([[7, 8]]), keras.ops.array([[7, 8, 0, 0]])
    >>> bool(keras.ops.all(keras.ops.isclose(model(text), model(padded))))
    True

    References
    ----------
    Graves and Schmidhuber, "Framewise Phoneme Classification with Bidirectional LSTM
    and Other Neural Network Architectures", 2005.
    <https://doi.org/10.1016/j.neunet.2005.06.042>
    """
    return _classifier(
        layers.LSTM,
        vocabulary,
        num_classes,
        dim=dim,
        hidden=hidden,
        depth=depth,
        bidirectional=bidirectional,
        dropout=dropout,
    )


def gru_classifier(
    vocabulary: int,
    num_classes: int = 2,
    *,
    dim: int = 64,
    hidden: int = 64,
    depth: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
) -> keras.Model:
    """Build a text classifier of GRU layers.

    Token 0 is padding, wherever it stands: the state skips it, and each direction gives
    the state at its own true end. A text of padding alone gets the bias of the head.
    The embedding starts normal with a standard deviation of dim ** -0.5, input weights
    and head Glorot uniform, weights of the state orthogonal, biases at 0.

    Parameters
    ----------
    vocabulary : int
        Number of tokens, padding included.
    num_classes : int
        Number of logits.
    dim : int
        Width of a token.
    hidden : int
        Width of the state, in each direction.
    depth : int
        Number of recurrent layers.
    bidirectional : bool
        Whether to read backward as well; the head then sees both ends.
    dropout : float in [0, 1)
        Share dropped after the embedding and after every recurrent layer.

    Returns
    -------
    keras.Model
        An untrained model: tokens of shape (N, T) in, logits of shape (N, num_classes)
        out, NaN for a text with a token outside [0, `vocabulary`).

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> model = gru_classifier(1000, 5, bidirectional=True)
    >>> text, padded = keras.ops.array([[7, 8]]), keras.ops.array([[7, 8, 0, 0]])
    >>> bool(keras.ops.all(keras.ops.isclose(model(text), model(padded))))
    True

    References
    ----------
    Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for
    Statistical Machine Translation", 2014, section 2.3.
    <https://arxiv.org/abs/1406.1078>
    """
    return _classifier(
        layers.GRU,
        vocabulary,
        num_classes,
        dim=dim,
        hidden=hidden,
        depth=depth,
        bidirectional=bidirectional,
        dropout=dropout,
    )


@keras.saving.register_keras_serializable(package="dlcookbook")
class TokenEmbedding(layers.Embedding):
    """An embedding that knows no token but those of its vocabulary."""

    def call(self, tokens: KerasTensor) -> KerasTensor:
        """Look tokens up; those that it does not know become NaN."""
        # backends differ in what they take for a row that is not there: -1 is the last
        known = ops.logical_and(tokens >= 0, tokens < self.input_dim)
        rows = super().call(ops.where(known, tokens, 0))
        return ops.where(known[..., None], rows, float("nan"))


def _classifier(
    kind: type[layers.RNN],
    vocabulary: int,
    num_classes: int,
    *,
    dim: int,
    hidden: int,
    depth: int,
    bidirectional: bool,
    dropout: float,
) -> keras.Model:
    if min(vocabulary, num_classes, dim, hidden, depth) < 1:
        raise ValueError(
            "vocabulary, num_classes, dim, hidden and depth must be >= 1. "
            f"Received: {vocabulary}, {num_classes}, {dim}, {hidden}, {depth}"
        )
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout must be in [0, 1). Received: {dropout}")
    tokens = keras.Input((None,), dtype="int32")
    start = keras.initializers.RandomNormal(stddev=dim**-0.5)
    # 0, but dense: TensorFlow's slope has a part for each use of a token, and Adam
    # would square them one by one
    whole = keras.regularizers.L2(0)
    # the mask goes on from layer to layer: every state skips the padding
    options = {"mask_zero": True, "name": "embedding"}
    table = TokenEmbedding(vocabulary, dim, start, whole, **options)
    x = layers.Dropout(dropout)(table(tokens))
    for i in range(depth):
        every, name = i < depth - 1, f"layers_{i}"
        if bidirectional:
            layer = kind(hidden, return_sequences=every, name="layer")
            x = layers.Bidirectional(layer, name=name)(x)
        else:
            x = kind(hidden, return_sequences=every, name=f"{name}_forward_layer")(x)
        x = layers.Dropout(dropout)(x)
    return keras.Model(tokens, layers.Dense(num_classes, name="head")(x))
