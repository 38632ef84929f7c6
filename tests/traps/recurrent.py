"""What recurrent layers do without a word. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def the_first_layer_for_the_last():
    """`h_n[0]` of two stacked layers is the state of the first.

    The layers stand in the first axis, and under each its directions. `h_n[-1]` is the
    last layer's, which is also `output[:, -1]` without padding.
    """
    import torch

    torch.manual_seed(0)
    output, h_n = torch.nn.GRU(3, 4, num_layers=2, batch_first=True)(
        torch.ones(1, 5, 3)
    )
    wrong = h_n[0].sum().item()
    right = h_n[-1].sum().item()
    assert abs(output[:, -1].sum().item() - right) < 1e-6
    return Shown(wrong, right)


def reshape_mixes_examples():
    """`h_n.reshape(N, -1)` of two directions: examples get each other's state.

    The batch is the second axis, with `batch_first=True` too. Move it to the front
    first. How far the features of the first example move when another one changes.
    """
    import torch

    torch.manual_seed(0)
    layer = torch.nn.GRU(3, 4, batch_first=True, bidirectional=True)
    x = torch.randn(2, 5, 3)
    changed = torch.stack([x[0], x[1] + 1])
    before, after = layer(x)[1], layer(changed)[1]
    wrong = (after.reshape(2, -1) - before.reshape(2, -1))[0].abs().max().item()
    moved = after.transpose(0, 1).reshape(2, -1) - before.transpose(0, 1).reshape(2, -1)
    right = moved[0].abs().max().item()
    return Shown(wrong, right)


def batch_first_is_not_the_default():
    """`nn.LSTM` reads (T, N, C): a batch in front is taken for the time.

    The shape that comes out is right. How far the answer for the second example moves
    when the first one changes.
    """
    import torch

    x = torch.zeros(2, 5, 3)
    changed = torch.stack([x[0] + 1, x[1]])
    moved = []
    for options in ({}, {"batch_first": True}):
        torch.manual_seed(0)
        layer = torch.nn.LSTM(3, 4, **options)
        moved.append((layer(changed)[0] - layer(x)[0])[1].abs().max().item())
    wrong, right = moved
    return Shown(wrong, right)


def stateful_without_a_reset():
    """A stateful layer of Keras answers by what was asked before.

    The state lives until `reset_state`. The same sequence, asked for a second time.
    """
    import keras
    import numpy as np

    keras.utils.set_random_seed(0)
    layer = keras.layers.LSTM(4, stateful=True)
    x = np.ones((1, 5, 3), "float32")
    first = float(keras.ops.sum(layer(x)))
    wrong = float(keras.ops.sum(layer(x)))
    layer.reset_state()
    right = float(keras.ops.sum(layer(x)))
    assert abs(first - right) < 1e-6
    return Shown(wrong, right)


def dropout_of_a_single_layer():
    """`nn.LSTM(dropout=0.5)` of one layer drops nothing: it stands between layers.

    There is a warning when it is made. How far two passes in training mode are apart,
    against two layers. After the last layer put `nn.Dropout` yourself.
    """
    import warnings

    import torch

    torch.manual_seed(0)
    apart = []
    for layers in (1, 2):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layer = torch.nn.LSTM(3, 64, num_layers=layers, dropout=0.5)
        x = torch.randn(5, 2, 3)
        apart.append((layer(x)[0] - layer(x)[0]).abs().max().item())
    wrong, right = apart
    return Shown(wrong, right, "vanishes")
