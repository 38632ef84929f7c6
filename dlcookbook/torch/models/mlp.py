"""Perceptron and multilayer perceptron: linear layers for rows of numbers."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn

__all__ = ["mlp", "perceptron"]


def perceptron(in_features: int, num_classes: int = 1) -> nn.Sequential:
    r"""One linear layer, $z = W x + b$: as many neurons as classes.

    With a sigmoid or softmax in the loss it is logistic regression; it draws straight
    borders only. Weights start Glorot uniform, the bias 0.

    Parameters
    ----------
    in_features : int
        Numbers of one example. Flatten images first; scale columns to deviation 1.
    num_classes : int
        Numbers that come out: 1 for yes or no. Logits: no sigmoid or softmax.

    Returns
    -------
    nn.Sequential
        From floats of shape (N, in_features) to logits of shape (N, num_classes).

    Raises
    ------
    ValueError
        If `num_classes` is less than 1.

    Examples
    --------
    >>> import torch
    >>> model = perceptron(4)
    >>> model(torch.zeros(2, 4)).tolist()
    [[0.0], [0.0]]

    References
    ----------
    Rosenblatt, "The Perceptron", 1958. <https://doi.org/10.1037/h0042519>
    """
    if num_classes < 1:
        raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
    layer = nn.Linear(in_features, num_classes)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return nn.Sequential(OrderedDict(fc=layer))


def mlp(
    in_features: int,
    num_classes: int,
    *,
    hidden: Sequence[int] = (512, 256, 128),
    dropout: float = 0.3,
    norm_eps: float = 1e-5,
) -> nn.Sequential:
    r"""Linear layers with BatchNorm, ReLU and dropout between them.

    $x \mapsto \max(0, \mathrm{norm}(W x))$ a few times, then one linear layer. Without
    the ReLU all of it would be one linear layer. Weights start He normal by fan-in,
    the last layer Glorot uniform, its bias 0.

    Parameters
    ----------
    in_features : int
        Numbers of one example. Flatten images first; scale columns to deviation 1.
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    hidden : sequence of int
        Width of each hidden layer.
    dropout : float in [0, 1)
        Share of each hidden layer that is set to 0 in training.
    norm_eps : float
        Added to the variance in BatchNorm.

    Returns
    -------
    nn.Sequential
        From floats of shape (N, in_features) to logits of shape (N, num_classes).

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> import torch
    >>> model = mlp(784, 10)
    >>> model(torch.zeros(2, 784)).shape
    torch.Size([2, 10])
    >>> f"{sum(p.numel() for p in model.parameters()):,}"
    '568,330'

    References
    ----------
    Rumelhart et al., "Learning Representations by Back-propagating Errors", 1986.
    <https://doi.org/10.1038/323533a0>
    """
    if num_classes < 1 or not 0 <= dropout < 1 or not norm_eps > 0:
        raise ValueError(
            "num_classes must be >= 1, dropout in [0, 1), norm_eps > 0. "
            f"Received: {num_classes}, {dropout}, {norm_eps}"
        )
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    for i, width in enumerate(hidden, start=1):
        # the norm has a bias of its own
        parts[f"linear{i}"] = layer = nn.Linear(in_features, width, bias=False)
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        parts[f"bn{i}"] = nn.BatchNorm1d(width, eps=norm_eps)
        parts[f"relu{i}"] = nn.ReLU()
        parts[f"dropout{i}"] = nn.Dropout(dropout)
        in_features = width
    parts["fc"] = layer = nn.Linear(in_features, num_classes)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return nn.Sequential(parts)
