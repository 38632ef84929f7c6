"""Formulas of optimizers, schedules and first weights. The page prints each body."""

from tests.corrections import Seen


def adam_without_the_correction():
    import torch

    gradient, rate, b1, b2 = 3.0, 0.001, 0.9, 0.999
    written = rate * (1 - b1) * gradient / ((1 - b2) * gradient**2) ** 0.5
    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.tensor([gradient])
    torch.optim.Adam([weight], lr=rate).step()
    true = -weight.item()
    return Seen(written, true)


def adam_corrected_without_the_power():
    import torch

    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.ones(1)
    optimizer = torch.optim.Adam([weight], lr=0.001, betas=(0.9, 0.999))
    for _ in range(2000):
        before, _ = weight.item(), optimizer.step()
    written = 0.001 * 10 * (1 - 0.9**2000) / (1000 * (1 - 0.999**2000)) ** 0.5
    true = before - weight.item()
    return Seen(written, true)


def momentum_as_an_average():
    import torch

    weight, velocity, rate = torch.zeros(1, requires_grad=True), 0.0, 0.1
    optimizer = torch.optim.SGD([weight], rate, momentum=0.9)
    for _ in range(100):
        velocity = 0.9 * velocity + (1 - 0.9) * 1.0
        weight.grad, before = torch.ones(1), weight.item()
        optimizer.step()
    written, true = rate * velocity, before - weight.item()
    return Seen(written, true)


def rmsprop_without_epsilon():
    import numpy as np
    import torch

    with np.errstate(invalid="ignore"):
        written = 0.01 * np.float64(0) / np.sqrt(0.01 * 0.0)
    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.zeros(1)
    torch.optim.RMSprop([weight]).step()
    true = weight.item()
    return Seen(written, true)


def decay_in_the_gradient_of_adam():
    import torch

    left = []
    for optimizer in (torch.optim.Adam, torch.optim.AdamW):
        weight = torch.ones(1, requires_grad=True)
        weight.grad = torch.zeros(1)  # nothing but the decay
        optimizer([weight], lr=0.1, weight_decay=0.01).step()
        left.append(1 - weight.item())
    written, true = left
    return Seen(written, true)


def he_weights_from_a_uniform():
    import torch
    from torch import nn

    torch.manual_seed(0)
    weight = torch.empty(400, 400)
    limit = (2 / 400) ** 0.5
    written = nn.init.uniform_(weight, -limit, limit).std().item()
    true = nn.init.kaiming_uniform_(weight, nonlinearity="relu").std().item()
    return Seen(written, true)


def first_weights_of_torch():
    import torch
    from torch import nn

    torch.manual_seed(0)
    x = y = torch.randn(64, 128)
    for _ in range(30):
        x = nn.Linear(128, 128, bias=False)(x).relu()
        y = y @ nn.init.kaiming_normal_(torch.empty(128, 128)).T
        y = y.relu()
    written, true = x.std().item(), y.std().item()
    return Seen(written, true)


def all_weights_alike():
    import torch

    torch.manual_seed(0)
    x, ends = torch.randn(99, 2), []
    for first in (torch.ones(2, 8), torch.randn(2, 8)):
        hidden = first.requires_grad_()
        (x @ hidden).tanh().sum(1).sub(x[:, 0]).square().mean().backward()
        ends.append(len(torch.unique(first - first.grad, dim=1).T))
    written, true = ends
    return Seen(written, true)


def iterations_of_an_epoch():
    from torch.utils.data import DataLoader

    examples, size, epochs = 1000, 256, 10
    written = examples // size * epochs
    true = sum(1 for _ in range(epochs) for _ in DataLoader(range(examples), size))
    return Seen(written, true)


def one_weight_at_a_time():
    import torch

    model, x, passes = torch.nn.Linear(100, 10), torch.ones(1, 100), []
    model.register_forward_hook(lambda *_: passes.append(1))
    model(x).sum().backward()
    weights = sum(weight.numel() for weight in model.parameters())
    written, true = weights + 1, len(passes)
    return Seen(written, true)


def minima_in_many_dimensions():
    import numpy as np

    draws = np.random.default_rng(0).normal(size=(2, 20000, 8, 8))
    draws = draws[0] + draws[0].swapaxes(1, 2)  # slopes of slopes, drawn
    minima = [np.linalg.eigvalsh(draws[:, :n, :n])[:, 0] > 0 for n in (1, 8)]
    written, true = (found.mean() for found in minima)
    return Seen(written, true)


def warm_up_from_zero():
    import torch
    from torch.optim.lr_scheduler import LambdaLR

    rates = []
    for warm in (lambda step: step / 10, lambda step: (step + 1) / 10):
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        LambdaLR(optimizer, warm)
        rates.append(optimizer.param_groups[0]["lr"])
    written, true = rates
    return Seen(written, true)


def pull_of_l2():
    import keras
    import torch

    weight = torch.ones(1, requires_grad=True)
    weight.grad = torch.zeros(1)
    torch.optim.SGD([weight], lr=1.0, weight_decay=0.01).step()
    written = 1 - weight.item()
    l2 = keras.regularizers.L2(0.01)
    cost = [float(l2(keras.ops.array(w))) for w in (0.9, 1.1)]
    true = (cost[1] - cost[0]) / 0.2
    return Seen(written, true)


def numbers_kept_for_a_weight():
    import torch

    kept = []
    for optimizer in (torch.optim.SGD, torch.optim.Adam):
        weight = torch.ones(1000, requires_grad=True)
        weight.grad, walker = torch.ones(1000), optimizer([weight], lr=0.1)
        walker.step()
        kept.append(sum(x.numel() for x in walker.state[weight].values()) // 1000)
    written, true = kept
    return Seen(written, true)
