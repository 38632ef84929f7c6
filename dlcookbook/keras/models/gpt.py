"""Small GPT: predict the next token from all before it."""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

__all__ = ["generate", "gpt"]


def gpt(
    vocabulary: int,
    *,
    context: int = 256,
    dim: int = 128,
    depth: int = 4,
    heads: int = 4,
    dropout: float = 0.0,
    eps: float = 1e-5,
) -> keras.Model:
    """Build a GPT: causal, pre-norm, learned positions, tied embeddings.

    The architecture is GPT-2's, whose weights fit: 50257 tokens, a context of 1024,
    width 768, 12 blocks and 12 heads make the 124 million parameters of the smallest.
    A token sees itself and what came before, so padding at the end changes nothing;
    padding in front would. Matrices and tables start normal with a standard deviation
    of 0.02, those that end a branch with 0.02 / sqrt(2 depth), biases at 0.

    Parameters
    ----------
    vocabulary : int
        Number of tokens.
    context : int
        Longest sequence.
    dim : int
        Width of a token.
    depth : int
        Number of blocks.
    heads : int
        Number of attention heads; divides `dim`.
    dropout : float in [0, 1)
        Share dropped after the embedding, of attention weights and of what attention
        and MLP add.
    eps : float
        Added to the variance in every norm.

    Returns
    -------
    keras.Model
        An untrained model: tokens of shape (N, T) in, logits of shape (N, T,
        vocabulary) out, those at t for the token at t + 1. A token outside
        [0, `vocabulary`) makes those of its text NaN.

    Raises
    ------
    ValueError
        If `heads` does not divide `dim`, or an option is out of its range.

    Examples
    --------
    >>> model = gpt(50, context=16, dim=32, depth=2)
    >>> tuple(model(ops.zeros((2, 7), dtype="int32")).shape)
    (2, 7, 50)

    References
    ----------
    Radford et al., "Language Models are Unsupervised Multitask Learners", 2019,
    section 2.3.
    <https://github.com/openai/gpt-2>
    """
    if min(vocabulary, context, dim, depth, heads) < 1:
        raise ValueError(
            "vocabulary, context, dim, depth and heads must be >= 1. "
            f"Received: {vocabulary}, {context}, {dim}, {depth}, {heads}"
        )
    if not 0 <= dropout < 1 or not eps > 0:
        raise ValueError(
            f"dropout must be in [0, 1), eps > 0. Received: {dropout}, {eps}"
        )
    if dim % heads:
        raise ValueError(f"heads must divide dim. Received: {heads} and {dim}")
    tokens = keras.Input((None,), dtype="int32")
    table = TiedEmbedding(
        vocabulary, dim, embeddings_initializer=_normal(), name="tokens"
    )
    x = GPTPositions(context, name="positions")(table(tokens))
    x = layers.Dropout(dropout)(x)
    for i in range(depth):
        x = _block(x, heads, dropout, eps, 0.02 * (2 * depth) ** -0.5, f"blocks_{i}")
    x = layers.LayerNormalization(epsilon=eps, name="norm")(x)
    return keras.Model(tokens, table(x, reverse=True), name="gpt")


def generate(
    model: keras.Model,
    tokens: KerasTensor,
    steps: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int | None = None,
) -> KerasTensor:
    """Continue texts token by token.

    The whole text is read again for every token: nothing is cached. Of a text longer
    than the context the last part is read.

    Parameters
    ----------
    model : keras.Model
        A trained model of `gpt`.
    tokens : tensor of int, shape (N, T)
        Beginnings of equal length, at least one token each.
    steps : int
        How many tokens to add.
    temperature : float >= 0
        Logits are divided by it. 0 takes the likeliest token.
    top_k : int >= 1, optional
        Draw among so many likeliest tokens. None draws among all.
    seed : int, optional
        Of the random numbers.

    Returns
    -------
    tensor of int, shape (N, T + steps)
        Beginnings and what follows.

    Raises
    ------
    ValueError
        If there is no beginning, `steps` or `temperature` is negative or `top_k` less
        than 1.

    Examples
    --------
    >>> model = gpt(50, context=16, dim=32, depth=2)
    >>> tuple(generate(model, [[1, 2, 3]], 20, temperature=0.8, top_k=10, seed=0).shape)
    (1, 23)

    References
    ----------
    Fan et al., "Hierarchical Neural Story Generation", 2018, section 5.4.
    <https://arxiv.org/abs/1805.04833>
    """
    tokens = ops.convert_to_tensor(tokens, dtype="int32")
    if len(tokens.shape) != 2 or not tokens.shape[1]:
        raise ValueError(
            "tokens must be of shape (N, T) and not be empty. "
            f"Received: {tuple(tokens.shape)}"
        )
    if steps < 0:
        raise ValueError(f"steps must be >= 0. Received: {steps}")
    if not temperature >= 0:
        raise ValueError(f"temperature must be >= 0. Received: {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be >= 1. Received: {top_k}")
    generator = keras.random.SeedGenerator(seed)
    context = model.get_layer("positions").context
    for _ in range(steps):
        logits = model(tokens[:, -context:], training=False)[:, -1]
        logits = ops.cast(logits, "float32")
        if top_k is not None:
            best, _ = ops.top_k(logits, min(top_k, logits.shape[1]))
            logits = ops.where(logits < best[:, -1:], -float("inf"), logits)
        if temperature == 0:
            new = ops.argmax(logits, axis=1)[:, None]
        else:
            new = keras.random.categorical(logits / temperature, 1, seed=generator)
        tokens = ops.concatenate([tokens, ops.cast(new, "int32")], axis=1)
    return tokens


@keras.saving.register_keras_serializable(package="dlcookbook")
class TiedEmbedding(layers.Embedding):
    """An embedding whose table also scores the tokens at the end."""

    def call(self, inputs: KerasTensor, reverse: bool = False) -> KerasTensor:
        """Look tokens up, or score what comes out of the last block."""
        if reverse:
            # an embedding of Keras leaves its table in float32 in mixed precision
            table = ops.cast(self.embeddings, self.compute_dtype)
            return ops.matmul(inputs, ops.transpose(table))
        # backends differ in what they take for a row that is not there: -1 is the last
        known = ops.logical_and(inputs >= 0, inputs < self.input_dim)
        rows = super().call(ops.where(known, inputs, 0))
        return ops.where(known[..., None], rows, float("nan"))

    def compute_output_spec(
        self, inputs: KerasTensor, reverse: bool = False
    ) -> KerasTensor:
        """Say what shape comes out."""
        shape = (*inputs.shape[:-1], self.input_dim)
        shape = shape if reverse else (*inputs.shape, self.output_dim)
        return KerasTensor(shape, dtype=self.compute_dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
class GPTPositions(layers.Layer):
    """A learned row for each position, added."""

    def __init__(self, context: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.context = context

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the table."""
        self.weight = self.add_weight(
            (self.context, input_shape[-1]), initializer=_normal(), name="weight"
        )

    def call(self, x: KerasTensor) -> KerasTensor:
        """Add the rows; a text that is too long fails here, or in the graph."""
        if x.shape[1] is not None and x.shape[1] > self.context:
            raise ValueError(
                f"tokens must be at most {self.context} long: there are no more "
                f"positions. Received: {x.shape[1]}"
            )
        return x + self.weight[: ops.shape(x)[1]]

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """Say that the shape stays."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), "context": self.context}


def _block(
    x: KerasTensor, heads: int, dropout: float, eps: float, last: float, name: str
) -> KerasTensor:
    dim = x.shape[-1]
    y = layers.LayerNormalization(epsilon=eps, name=f"{name}_norm1")(x)
    attention = layers.MultiHeadAttention(
        heads,
        dim // heads,
        dropout=dropout,
        kernel_initializer=_normal(),
        name=f"{name}_attention",
    )
    y = attention(y, y, use_causal_mask=True)
    # Keras starts the four projections alike: the one that ends the branch is smaller
    end = attention.output_dense.kernel
    end.assign(end * (last / 0.02))
    x = layers.add([x, layers.Dropout(dropout)(y)])
    y = layers.LayerNormalization(epsilon=eps, name=f"{name}_norm2")(x)
    y = layers.Dense(4 * dim, kernel_initializer=_normal(), name=f"{name}_up")(y)
    y = ops.gelu(y, approximate=True)
    y = layers.Dense(dim, kernel_initializer=_normal(last), name=f"{name}_down")(y)
    return layers.add([x, layers.Dropout(dropout)(y)])


def _normal(deviation: float = 0.02) -> keras.initializers.Initializer:
    # a new object each time: one that is shared gives equal shapes equal numbers
    return keras.initializers.RandomNormal(stddev=deviation)
