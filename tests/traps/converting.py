"""What a conversion of weights gets wrong without a word. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def dense_behind_flatten_only_transposed():
    """The kernel behind a `Flatten` only transposed: how far the outputs are apart.

    Every shape fits. PyTorch flattens channel after channel, Keras place after place.
    """
    import keras
    import torch

    from dlcookbook.keras.convert.weights import import_weights

    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3), torch.nn.Flatten(), torch.nn.Linear(288, 5)
    )
    layers = keras.layers
    twin = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(5)]
    )
    import_weights(twin, model.state_dict())
    x = torch.randn(2, 3, 8, 8)
    said = model(x).detach().numpy()
    right = abs(keras.ops.convert_to_numpy(twin(x.permute(0, 2, 3, 1).numpy())) - said)
    twin.layers[-1].kernel.assign(model[-1].weight.detach().numpy().T)
    wrong = abs(keras.ops.convert_to_numpy(twin(x.permute(0, 2, 3, 1).numpy())) - said)
    wrong, right = wrong.max(), right.max()
    return Shown(wrong, right)


def parameters_without_statistics():
    """Only `parameters()` copied: what a batch norm says to the mean that it has seen.

    The running mean and variance are buffers. Copy the `state_dict`.
    """
    import torch

    torch.manual_seed(0)
    norm, twin = torch.nn.BatchNorm1d(1), torch.nn.BatchNorm1d(1)
    for _ in range(100):
        norm(torch.randn(64, 1) + 5)
    twin.load_state_dict(dict(norm.named_parameters()), strict=False)
    seen = torch.full((1, 1), 5.0)
    with torch.no_grad():
        wrong, right = twin.eval()(seen).item(), norm.eval()(seen).item()
    return Shown(wrong, right)


def a_square_kernel_that_is_not_transposed():
    """A square kernel loads as it is: the output for the first of three features.

    As many features out as in, and no shape complains. A kernel of Keras is (in, out),
    a weight of PyTorch (out, in).
    """
    import keras
    import numpy as np
    import torch

    linear, dense = torch.nn.Linear(3, 3, bias=False), keras.layers.Dense(3)
    weight = np.arange(9.0, dtype="float32").reshape(3, 3)
    linear.load_state_dict({"weight": torch.from_numpy(weight)})
    one = np.float32([[1, 0, 0]])
    right = linear(torch.from_numpy(one))[0, 1].item()
    dense.build((None, 3))
    dense.kernel.assign(weight)
    wrong = float(dense(one)[0, 1])
    return Shown(wrong, right)


def same_padding_behind_a_conversion():
    """The same weights, stride 2, `"same"` for `padding=1`: the first place.

    Keras pads an even size behind only, PyTorch in front as well. Pad by hand in one of
    them: `nn.ZeroPad2d((0, 1, 0, 1))` in front of an unpadded convolution.
    """
    import keras
    import numpy as np
    import torch

    line = np.arange(1.0, 9.0, dtype="float32")
    conv = torch.nn.Conv1d(1, 1, 3, stride=2, padding=1, bias=False)
    conv.load_state_dict({"weight": torch.ones(1, 1, 3)})
    wrong = conv(torch.from_numpy(line[None, None]))[0, 0, 0].item()
    layer = keras.layers.Conv1D(
        1, 3, strides=2, padding="same", kernel_initializer="ones"
    )
    right = float(layer(line[None, :, None])[0, 0, 0])
    return Shown(wrong, right)


def batch_norm_of_another_epsilon():
    """Small activations, the epsilon of Keras left at 1e-3: a spread of 1 becomes.

    The weights agree to the bit. Epsilon is an argument, and no weight.
    """
    import keras
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.normal(0, 0.01, (4096, 1)).astype("float32")
    spread = []
    for epsilon in (1e-3, 1e-5):
        norm = keras.layers.BatchNormalization(epsilon=epsilon)
        norm.build(x.shape)
        norm.moving_variance.assign([1e-4])
        spread.append(float(keras.ops.std(norm(x, training=False))))
    wrong, right = spread
    return Shown(wrong, right)


def half_the_bias_of_an_lstm():
    """One of the two biases of an LSTM copied: how far the outputs are apart.

    Keras has one bias. It is the sum of both.
    """
    import keras
    import torch

    from dlcookbook.keras.convert.weights import import_weights

    torch.manual_seed(0)
    model = torch.nn.LSTM(4, 3, batch_first=True)
    twin = keras.layers.LSTM(3, return_sequences=True)
    twin.build((None, 6, 4))
    import_weights(twin, model.state_dict())
    x = torch.randn(2, 6, 4)
    said = model(x)[0].detach().numpy()
    right = abs(keras.ops.convert_to_numpy(twin(x.numpy())) - said).max()
    twin.cell.bias.assign(model.bias_ih_l0.detach().numpy())
    wrong = abs(keras.ops.convert_to_numpy(twin(x.numpy())) - said).max()
    return Shown(wrong, right)


def two_biases_learn_twice_as_fast():
    """Both biases of an LSTM take the step: how far their sum moves, for one of Keras.

    The outputs are the same at first, and no longer after a step of plain SGD. To go on
    training alike, freeze `bias_hh_l0`.
    """
    import torch

    steps = []
    for freeze in (False, True):
        torch.manual_seed(0)
        model = torch.nn.LSTM(4, 3, batch_first=True)
        model.bias_hh_l0.requires_grad_(not freeze)
        before = (model.bias_ih_l0 + model.bias_hh_l0).detach()
        model(torch.ones(2, 6, 4))[0].sum().backward()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter -= parameter.grad
        moved = model.bias_ih_l0 + model.bias_hh_l0 - before
        steps.append(moved.detach().norm().item())
    wrong, right = steps
    return Shown(wrong, right, "factor", factor=2.0)


def gates_of_a_gru_in_the_other_order():
    """A GRU copied with its gates as they stand: how far the outputs are apart.

    PyTorch has reset, update, new; Keras has update, reset, new.
    """
    import keras
    import torch

    from dlcookbook.keras.convert.weights import import_weights

    torch.manual_seed(0)
    model = torch.nn.GRU(4, 3, batch_first=True)
    twin = keras.layers.GRU(3, return_sequences=True)
    twin.build((None, 6, 4))
    import_weights(twin, model.state_dict())
    x = torch.randn(2, 6, 4)
    said = model(x)[0].detach().numpy()
    right = abs(keras.ops.convert_to_numpy(twin(x.numpy())) - said).max()
    ours = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    twin.cell.kernel.assign(ours["weight_ih_l0"].T)
    twin.cell.recurrent_kernel.assign(ours["weight_hh_l0"].T)
    twin.cell.bias.assign([ours["bias_ih_l0"], ours["bias_hh_l0"]])
    wrong = abs(keras.ops.convert_to_numpy(twin(x.numpy())) - said).max()
    return Shown(wrong, right)


def biases_of_a_gru_added():
    """The two biases of a GRU added, as for an LSTM: how far the outputs are apart.

    The second bias of the new state stands inside the reset gate: it is not the same as
    the first. Keras keeps both, in an array of (2, 3 H).
    """
    import keras
    import numpy as np
    import torch

    from dlcookbook.keras.convert.weights import import_weights

    torch.manual_seed(0)
    model = torch.nn.GRU(4, 3, batch_first=True)
    twin = keras.layers.GRU(3, return_sequences=True)
    twin.build((None, 6, 4))
    import_weights(twin, model.state_dict())
    x = torch.randn(2, 6, 4)
    said = model(x)[0].detach().numpy()
    right = abs(keras.ops.convert_to_numpy(twin(x.numpy())) - said).max()
    both = twin.cell.bias.numpy()
    twin.cell.bias.assign(np.stack([both.sum(0), 0 * both[0]]))
    wrong = abs(keras.ops.convert_to_numpy(twin(x.numpy())) - said).max()
    return Shown(wrong, right)


def another_number_of_heads():
    """Two heads in PyTorch, three in Keras: how far the outputs are apart.

    The weights of PyTorch have no axis for heads, so that any number fits.
    """
    import keras
    import torch

    from dlcookbook.keras.convert.weights import import_weights

    torch.manual_seed(0)
    model = torch.nn.MultiheadAttention(6, 2, batch_first=True)
    x = 3 * torch.randn(2, 5, 6)
    said = model(x, x, x)[0].detach().numpy()
    apart = []
    for heads in (3, 2):
        twin = keras.layers.MultiHeadAttention(heads, 6 // heads)
        twin.build(x.shape, x.shape)
        import_weights(twin, model.state_dict())
        theirs = keras.ops.convert_to_numpy(twin(x.numpy(), x.numpy()))
        apart.append(abs(theirs - said).max())
    wrong, right = apart
    return Shown(wrong, right)
