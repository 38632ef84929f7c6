"""What is written of layers, models and inference. The page prints each body."""

from tests.corrections import Seen


def size_of_a_map():
    import torch
    from torch import nn

    n, kernel, padding, stride = 32, 3, 0, 2
    written = (n + 2 * padding - kernel) / stride + 1
    layer = nn.Conv2d(1, 1, kernel, stride, padding)
    true = layer(torch.zeros(1, 1, n, n)).shape[-1]
    return Seen(written, true)


def same_padding_of_a_stride():
    import keras
    import torch
    from torch import nn

    size = 8
    layer = keras.layers.Conv2D(1, 3, 2, "same", kernel_initializer="ones")
    image = torch.arange(64.0).reshape(1, 1, size, size)
    torch_layer = nn.Conv2d(1, 1, 3, 2, padding=1, bias=False)
    nn.init.ones_(torch_layer.weight)
    written = torch_layer(image)[0, 0, 0, 0].item()
    true = float(layer(image.numpy().transpose(0, 2, 3, 1))[0, 0, 0, 0])
    return Seen(written, true)


def weights_of_a_convolution():
    from torch import nn

    channels, filters, kernel = 64, 128, 3
    written = (kernel * kernel + 1) * filters
    layer = nn.Conv2d(channels, filters, kernel)
    true = sum(weight.numel() for weight in layer.parameters())
    return Seen(written, true)


def lstm_without_the_last_tanh():
    import torch
    from torch import nn

    torch.manual_seed(0)
    cell, x = nn.LSTMCell(3, 1), 3 * torch.randn(1, 3)
    h, c = cell(x)
    gates = x @ cell.weight_ih.T + cell.bias_ih + cell.bias_hh
    opened = gates[:, 3:].sigmoid()  # the output gate
    written, true = (opened * c).item(), h.item()
    return Seen(written, true)


def no_grad_for_inference():
    import torch
    from torch import nn

    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5)), torch.ones(1, 8)
    with torch.no_grad():
        written = (model(x) - model(x)).abs().max().item()
    model.eval()
    true = (model(x) - model(x)).abs().max().item()
    return Seen(written, true)


def pixels_of_a_trained_model():
    import numpy as np
    from keras.applications.resnet50 import preprocess_input

    red = np.array([[[[255.0, 0.0, 0.0]]]])
    written = (red / 255).max()
    true = preprocess_input(red).max()
    return Seen(written, true)


def frozen_batch_norm():
    import torch
    from torch import nn

    layer, x = nn.BatchNorm1d(1).requires_grad_(False), torch.full((4, 1), 5.0)
    layer.train()(x)
    written = layer.running_mean.item()
    layer = nn.BatchNorm1d(1).requires_grad_(False)
    layer.eval()(x)
    true = layer.running_mean.item()
    return Seen(written, true)


def best_weights_kept_by_name():
    import torch
    from torch import nn

    model = nn.Linear(1, 1)
    start = model.weight.item()
    best = model.state_dict()
    with torch.no_grad():
        model.weight += 1  # the training goes on
    written, true = best["weight"].item() - start, 0.0
    return Seen(written, true)


def features_of_a_moved_picture():
    import torch
    from torch import nn

    torch.manual_seed(0)
    features = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2))
    x = torch.zeros(1, 1, 20, 20)
    x[0, 0, 8:12, 8:12] = torch.randn(4, 4)
    before, after = features(x), features(x.roll(1, dims=3))
    written, true = 0.0, ((before - after).norm() / before.norm()).item()
    return Seen(written, true)


def pixels_by_reshape():
    import numpy as np

    red = np.zeros((4, 4, 3))
    red[..., 0] = 1
    written = red.reshape(3, 4, 4)[0].mean()
    true = red.transpose(2, 0, 1)[0].mean()
    return Seen(written, true)


def examples_first():
    import torch
    from torch import nn

    torch.manual_seed(0)
    x = torch.randn(2, 5, 4)  # examples, steps, features
    changed = x.clone()
    changed[1] += 1  # another second example
    layers = [nn.MultiheadAttention(4, 1, batch_first=way) for way in (False, True)]
    moved = [(f(x, x, x)[0] - f(*[changed] * 3)[0])[0].norm().item() for f in layers]
    written, true = moved
    return Seen(written, true)


def answer_of_a_filter():
    import torch
    from torch.nn import functional as F

    feature = torch.ones(1, 1, 3, 3)
    feature[..., 1, 1] = -1
    written = F.conv2d(feature, feature).item()
    true = F.conv2d(torch.full((1, 1, 3, 3), 255.0), feature).item()
    return Seen(written, true)


def stopping_without_validation():
    import warnings

    import keras
    import numpy as np

    x, model = np.ones((4, 1)), keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")  # it never gets better

    def epochs(name):
        calls = [keras.callbacks.EarlyStopping(name, patience=1)]
        return len(model.fit(x, x, epochs=6, verbose=0, callbacks=calls).epoch)

    with warnings.catch_warnings(action="ignore"):
        written, true = epochs("val_loss"), epochs("loss")
    return Seen(written, true)


def weights_after_stopping():
    import keras

    stop = keras.callbacks.EarlyStopping("val_loss", patience=5)
    written, true = 1, int(stop.restore_best_weights)
    return Seen(written, true)
