"""Small GPT: predict the next token from all before it."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["generate", "gpt"]


class GPT(nn.Module):
    """Decoder of GPT-2: pre-norm blocks, learned positions, one table in and out."""

    def __init__(
        self,
        vocabulary: int,
        *,
        context: int,
        dim: int,
        depth: int,
        heads: int,
        dropout: float,
        eps: float,
    ) -> None:
        super().__init__()
        self.context = context
        self.tokens = nn.Embedding(vocabulary, dim)
        self.positions = nn.Embedding(context, dim)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            Block(dim, heads, dropout, eps) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(dim, eps=eps)
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                # the blocks' sums would grow with the depth
                ends = name.endswith(("attention_output", "down"))
                scale = (2 * depth) ** -0.5 if ends else 1.0
                nn.init.normal_(module.weight, std=0.02 * scale)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Predict after every token: (N, T) in, logits (N, T, vocabulary) out."""
        if tokens.ndim != 2:
            raise ValueError(
                f"tokens must be of shape (N, T). Received: {tuple(tokens.shape)}"
            )
        length = tokens.shape[1]
        if length > self.context:
            raise ValueError(
                f"tokens must be at most {self.context} long: there are no more "
                f"positions. Received: {length}"
            )
        x = self.dropout(self.tokens(tokens) + self.positions.weight[:length])
        for block in self.blocks:
            x = block(x)
        return F.linear(self.norm(x), self.tokens.weight)


class Attention(nn.Module):
    """Every token looks at itself and all before it, in several subspaces."""

    def __init__(self, dim: int, heads: int, dropout: float) -> None:
        super().__init__()
        if dim % heads:
            raise ValueError(f"heads must divide dim. Received: {heads} and {dim}")
        self.heads, self.dropout = heads, dropout
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.attention_output = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = (
            part(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        dropout = self.dropout if self.training else 0.0
        found = F.scaled_dot_product_attention(
            query, key, value, dropout_p=dropout, is_causal=True
        )
        return self.attention_output(found.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Attention, then an MLP, each normed before and added after."""

    def __init__(self, dim: int, heads: int, dropout: float, eps: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=eps)
        self.attention = Attention(dim, heads, dropout)
        self.norm2 = nn.LayerNorm(dim, eps=eps)
        self.up = nn.Linear(dim, 4 * dim)
        self.down = nn.Linear(4 * dim, dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.dropout(self.attention(self.norm1(x)))
        changed = self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))
        return x + self.dropout(changed)


def gpt(
    vocabulary: int,
    *,
    context: int = 256,
    dim: int = 128,
    depth: int = 4,
    heads: int = 4,
    dropout: float = 0.0,
    eps: float = 1e-5,
) -> GPT:
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
    GPT
        An untrained model: tokens of shape (N, T) in, logits of shape (N, T,
        vocabulary) out, those at t for the token at t + 1.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> model = gpt(50, context=16, dim=32, depth=2)
    >>> model(torch.zeros(2, 7, dtype=torch.int64)).shape
    torch.Size([2, 7, 50])

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
    return GPT(
        vocabulary,
        context=context,
        dim=dim,
        depth=depth,
        heads=heads,
        dropout=dropout,
        eps=eps,
    )


def generate(
    model: GPT,
    tokens: Tensor,
    steps: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int | None = None,
) -> Tensor:
    """Continue texts token by token.

    The whole text is read again for every token: nothing is cached. Of a text longer
    than the context the last part is read.

    Parameters
    ----------
    model : GPT
        A trained model; run in evaluation mode.
    tokens : Tensor of int, shape (N, T)
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
    Tensor of int, shape (N, T + steps)
        Beginnings and what follows.

    Raises
    ------
    ValueError
        If there is no beginning, `steps` or `temperature` is negative or `top_k` less
        than 1.

    Examples
    --------
    >>> model = gpt(50, context=16, dim=32, depth=2)
    >>> start = torch.tensor([[1, 2, 3]])
    >>> generate(model, start, 20, temperature=0.8, top_k=10, seed=0).shape
    torch.Size([1, 23])

    References
    ----------
    Fan et al., "Hierarchical Neural Story Generation", 2018, section 5.4.
    <https://arxiv.org/abs/1805.04833>
    """
    if tokens.ndim != 2 or not tokens.shape[1]:
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
    generator = torch.Generator(tokens.device)
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    was_training = model.training
    model.eval()
    for _ in range(steps):
        with torch.no_grad():
            logits = model(tokens[:, -model.context :])[:, -1].float()
        if top_k is not None:
            best = logits.topk(min(top_k, logits.shape[1])).values
            logits = logits.masked_fill(logits < best[:, -1:], -torch.inf)
        if temperature == 0:
            new = logits.argmax(dim=1, keepdim=True)
        else:
            shares = (logits / temperature).softmax(dim=1)
            new = torch.multinomial(shares, 1, generator=generator)
        tokens = torch.cat([tokens, new], dim=1)
    model.train(was_training)
    return tokens
