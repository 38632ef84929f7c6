"""Formulas of activations that are written wrong. The page prints each body."""

from tests.corrections import Seen


def elu_as_a_maximum():
    import math

    import torch
    from torch.nn import functional as F

    alpha, x = 0.1, 5.0
    written = max(alpha * (math.exp(x) - 1), x)
    true = F.elu(torch.tensor(x), alpha).item()
    return Seen(written, true)


def slope_of_a_sigmoid():
    import torch

    x = torch.tensor(2.0, requires_grad=True)
    written = (x * (1 - x)).item()
    true = torch.autograd.grad(x.sigmoid(), x)[0].item()
    return Seen(written, true)


def softmax_slope_as_one_number_per_class():
    import torch

    logits = torch.tensor([2.0, 1.0, 0.0])
    shares = logits.softmax(0)
    written = (shares * (1 - shares)).sum().item()  # of moving all logits by one
    true = torch.func.jacrev(torch.softmax)(logits, 0).sum().round(decimals=6).item()
    return Seen(written, true)


def softmax_without_an_axis():
    import warnings

    import torch
    from torch.nn import functional as F

    torch.manual_seed(0)
    scores = torch.randn(5, 7, 10)  # examples, steps, classes
    with warnings.catch_warnings(action="ignore"):
        written = F.softmax(scores)[0, 0].sum().item()
    true = F.softmax(scores, dim=-1)[0, 0].sum().item()
    return Seen(written, true)


def softplus_as_it_is_written():
    import numpy as np
    import torch
    from torch.nn import functional as F

    x = np.float32(100)
    with np.errstate(over="ignore"):
        written = np.log(1 + np.exp(x))
    true = F.softplus(torch.tensor(x)).item()
    return Seen(written, true)


def gelu_by_a_sigmoid():
    import torch
    from torch.nn import functional as F

    x = torch.tensor(-2.0)
    written = (x * torch.sigmoid(1.702 * x)).item()
    true = F.gelu(x).item()
    return Seen(written, true)


def hard_sigmoid_with_a_slope_of_a_fifth():
    import numpy as np
    import torch
    from torch.nn import functional as F

    x = 2.0
    written = np.clip(0.2 * x + 0.5, 0, 1)
    true = F.hardsigmoid(torch.tensor(x)).item()
    return Seen(written, true)


def selu_with_any_weights():
    import torch
    from torch import nn

    torch.manual_seed(0)
    x = y = torch.randn(200, 100)
    for _ in range(30):
        x = nn.functional.selu(nn.Linear(100, 100)(x))
        y = nn.functional.selu(y @ torch.randn(100, 100) / 100**0.5)
    written, true = x.std().item(), y.std().item()
    return Seen(written, true)


def sigmoids_in_a_row():
    import torch

    x = torch.tensor(0.0, requires_grad=True)
    written = torch.autograd.grad(x.sigmoid(), x)[0].item()
    y = x
    for _ in range(10):
        y = y.sigmoid()
    true = torch.autograd.grad(y, x)[0].item()
    return Seen(written, true)


def steepest_of_sigmoid_and_tanh():
    import torch

    x = torch.linspace(-5, 5, 1001, requires_grad=True)
    written = torch.autograd.grad(x.sigmoid().sum(), x)[0].max().item()
    true = torch.autograd.grad(x.tanh().sum(), x)[0].max().item()
    return Seen(written, true)


def a_network_of_squares():
    import numpy as np

    rng = np.random.default_rng(0)
    first, last, x = rng.normal(size=(2, 512)), rng.normal(size=512), np.arange(4)
    hidden = np.outer(x, first[0]) + first[1]
    ends = [f(hidden) @ last for f in (np.square, np.tanh)]
    written, true = (np.diff(y, 3)[0].round(6) for y in ends)
    return Seen(written, true)


def ten_sigmoids():
    import torch

    torch.manual_seed(0)
    logits = torch.randn(10)
    written, true = logits.sigmoid().sum().item(), logits.softmax(0).sum().item()
    return Seen(written, true)
