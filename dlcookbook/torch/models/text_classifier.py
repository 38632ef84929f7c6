"""Recurrent text classifier: LSTM or GRU, in one or both directions, padding aside."""

import torch
from torch import Tensor, nn

__all__ = ["gru_classifier", "lstm_classifier"]


class TextClassifier(nn.Module):
    """Embedding, recurrent layers, and a linear head on the last state."""

    def __init__(
        self,
        kind: type[nn.LSTM] | type[nn.GRU],
        vocabulary: int,
        num_classes: int,
        *,
        dim: int,
        hidden: int,
        depth: int,
        bidirectional: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        if min(vocabulary, num_classes, dim, hidden, depth) < 1:
            raise ValueError(
                "vocabulary, num_classes, dim, hidden and depth must be >= 1. "
                f"Received: {vocabulary}, {num_classes}, {dim}, {hidden}, {depth}"
            )
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must be in [0, 1). Received: {dropout}")
        self.hidden = hidden
        self.embedding = nn.Embedding(vocabulary, dim)
        width = hidden * (1 + bidirectional)
        self.layers = nn.ModuleList(
            Recurrent(kind, width if i else dim, hidden, bidirectional)
            for i in range(depth)
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, num_classes)
        nn.init.normal_(self.embedding.weight, std=dim**-0.5)
        nn.init.xavier_uniform_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Classify texts: tokens (N, T), 0 for padding, in; logits out."""
        if tokens.ndim != 2 or not tokens.shape[1]:
            raise ValueError(
                "tokens must be of shape (N, T) and not be empty. "
                f"Received: {tuple(tokens.shape)}"
            )
        steps = torch.arange(tokens.shape[1], device=tokens.device)
        # real tokens to the front, in their order, wherever the padding stood
        order = (steps + tokens.shape[1] * (tokens == 0)).argsort(dim=1)
        tokens = tokens.gather(1, order)
        lengths = (tokens != 0).sum(dim=1, keepdim=True)
        # each text turned round by itself: its end comes first, not its padding
        turn = torch.where(steps < lengths, lengths - 1 - steps, steps)
        x = self.dropout(self.embedding(tokens))
        for layer in self.layers:
            x = self.dropout(layer(x, turn))
        last = (lengths - 1).clamp(min=0)[..., None].expand(-1, -1, self.hidden)
        # forward, the whole text is known at its last token; backward, at its first
        ends = [x[..., : self.hidden].gather(1, last)[:, 0], x[:, 0, self.hidden :]]
        return self.head(torch.cat(ends, dim=1).masked_fill(lengths == 0, 0))


class Recurrent(nn.Module):
    """One layer, in one or both directions."""

    def __init__(
        self,
        kind: type[nn.LSTM] | type[nn.GRU],
        in_features: int,
        hidden: int,
        bidirectional: bool,
    ) -> None:
        super().__init__()
        self.forward_layer = kind(in_features, hidden, batch_first=True)
        # `bidirectional=True` of PyTorch would start backward in the padding
        self.backward_layer = (
            kind(in_features, hidden, batch_first=True) if bidirectional else None
        )
        for name, p in self.named_parameters():
            if "weight_ih" in name:
                nn.init.xavier_uniform_(p)
            elif "weight_hh" in name:
                nn.init.orthogonal_(p)
            else:
                nn.init.zeros_(p)
            if "bias_ih" in name and kind is nn.LSTM:
                # the forget gate, second of four: start by keeping
                nn.init.ones_(p[hidden : 2 * hidden])
            if "bias_hh" in name and kind is nn.LSTM:
                # an LSTM adds its two biases up: one is enough to learn
                p.requires_grad_(False)

    def forward(self, x: Tensor, turn: Tensor) -> Tensor:
        forward = self.forward_layer(x)[0]
        if self.backward_layer is None:
            return forward
        turned = x.gather(1, turn[..., None].expand_as(x))
        backward = self.backward_layer(turned)[0]
        backward = backward.gather(1, turn[..., None].expand_as(backward))
        return torch.cat([forward, backward], dim=-1)


def lstm_classifier(
    vocabulary: int,
    num_classes: int = 2,
    *,
    dim: int = 64,
    hidden: int = 64,
    depth: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
) -> TextClassifier:
    """Build a text classifier of LSTM layers.

    Token 0 is padding, wherever it stands: the state skips it, and each direction gives
    the state at its own true end. A text of padding alone gets the bias of the head.
    The embedding starts normal with a standard deviation of dim ** -0.5, input weights
    and head Glorot uniform, weights of the state orthogonal, biases at 0, but for the
    forget gate's 1. Of the two biases of `nn.LSTM`, which add up, the second stays 0.

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
    TextClassifier
        An untrained model: tokens of shape (N, T) in, logits of shape (N, num_classes)
        out.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> model = lstm_classifier(1000, 5, bidirectional=True)
    >>> text, padded = torch.tensor([[7, 8]]), torch.tensor([[7, 8, 0, 0]])
    >>> torch.allclose(model(text), model(padded), atol=1e-6)
    True

    References
    ----------
    Graves and Schmidhuber, "Framewise Phoneme Classification with Bidirectional LSTM
    and Other Neural Network Architectures", 2005.
    <https://doi.org/10.1016/j.neunet.2005.06.042>
    """
    return TextClassifier(
        nn.LSTM,
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
) -> TextClassifier:
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
    TextClassifier
        An untrained model: tokens of shape (N, T) in, logits of shape (N, num_classes)
        out.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> model = gru_classifier(1000, 5, bidirectional=True)
    >>> text, padded = torch.tensor([[7, 8]]), torch.tensor([[7, 8, 0, 0]])
    >>> torch.allclose(model(text), model(padded), atol=1e-6)
    True

    References
    ----------
    Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for
    Statistical Machine Translation", 2014, section 2.3.
    <https://arxiv.org/abs/1406.1078>
    """
    return TextClassifier(
        nn.GRU,
        vocabulary,
        num_classes,
        dim=dim,
        hidden=hidden,
        depth=depth,
        bidirectional=bidirectional,
        dropout=dropout,
    )
