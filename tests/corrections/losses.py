"""Formulas of losses that are written wrong. The page prints each body."""

from tests.corrections import Seen


def huber_without_the_absolute_value():
    import torch
    from torch.nn import functional as F

    target, output, delta = 0.0, 10.0, 1.0
    written = delta * (target - output) - delta**2 / 2
    true = F.huber_loss(torch.tensor(output), torch.tensor(target)).item()
    return Seen(written, true)


def focal_with_a_detached_factor():
    import torch
    from torch.nn import functional as F

    logit = torch.tensor(1.0, requires_grad=True)  # the label is 1
    share = logit.sigmoid()
    loss = -F.logsigmoid(logit)
    cut, whole = (1 - share.detach()) ** 2 * loss, (1 - share) ** 2 * loss
    written = torch.autograd.grad(cut, logit, retain_graph=True)[0].item()
    true = torch.autograd.grad(whole, logit)[0].item()
    return Seen(written, true)


def focal_after_the_mean():
    import torch

    losses = torch.tensor([0.01] * 990 + [4.0] * 10, requires_grad=True)
    mean = losses.mean()
    late = (1 - torch.exp(-mean)) ** 2 * mean
    early = ((1 - torch.exp(-losses)) ** 2 * losses).mean()
    shares = [torch.autograd.grad(x, losses)[0] for x in (late, early)]
    written, true = ((part[990:].sum() / part.sum()).item() for part in shares)
    return Seen(written, true)


def divergence_the_other_way_round():
    import torch
    from torch.nn import functional as F

    truth, model = torch.tensor([[0.9, 0.1]]), torch.tensor([[0.5, 0.5]])
    written = F.kl_div(truth.log(), model, reduction="batchmean").item()
    true = (truth * (truth / model).log()).sum().item()
    return Seen(written, true)


def probabilities_clipped_by_an_epsilon():
    import torch
    from torch.nn import functional as F

    logits = torch.tensor([[200.0, 0.0]])  # sure of class 0, and it is class 1
    written = -torch.log(logits.softmax(1).clamp(min=1e-7))[0, 1].item()
    true = F.cross_entropy(logits, torch.tensor([1])).item()
    return Seen(written, true)


def smoothing_over_the_other_classes():
    import torch
    from torch.nn import functional as F

    share, classes = 0.1, 4
    logits = torch.tensor([[2.0, 0.0, 0.0, -1.0]])
    labels = torch.full((1, classes), share / (classes - 1))
    labels[0, 0] = 1 - share
    written = F.cross_entropy(logits, labels).item()
    true = F.cross_entropy(logits, torch.tensor([0]), label_smoothing=share).item()
    return Seen(written, true)


def weighted_mean_by_the_number_of_examples():
    import torch
    from torch.nn import functional as F

    logits, labels = torch.zeros(4, 2), torch.tensor([0, 0, 0, 1])
    weights = torch.tensor([1.0, 9.0])
    each = F.cross_entropy(logits, labels, reduction="none")
    written = (weights[labels] * each).mean().item()
    true = F.cross_entropy(logits, labels, weights).item()
    return Seen(written, true)


def cross_entropy_of_a_sure_answer():
    import numpy as np
    import torch
    from torch.nn import functional as F

    target = output = np.float64(1.0)
    with np.errstate(all="ignore"):
        written = -(target * np.log(output) + (1 - target) * np.log(1 - output))
    true = F.binary_cross_entropy(*map(torch.tensor, (output, target))).item()
    return Seen(written, true)


def dice_of_the_whole_batch():
    import numpy as np

    masks = np.zeros((2, 100))
    masks[0, :90] = masks[1, :10] = 1
    found = masks.copy()
    found[1] = 0  # the small object is missed
    written = 2 * (masks * found).sum() / (masks + found).sum()
    true = (2 * (masks * found).sum(1) / (masks + found).sum(1)).mean()
    return Seen(written, true)


def from_logits_after_a_sigmoid():
    import keras
    import numpy as np

    label, probability = np.array([[0.0]]), np.array([[0.0]])  # a perfect answer
    entropy = keras.losses.BinaryCrossentropy
    written = float(entropy(from_logits=True)(label, probability))
    true = float(entropy()(label, probability))
    return Seen(written, true)


def slope_of_the_squared_error():
    import torch
    from torch.nn import functional as F

    target = torch.tensor([1.0, 2.0, 3.0])
    output = torch.tensor([2.0, 2.0, 5.0], requires_grad=True)
    written = (output - target)[2].item()
    true = torch.autograd.grad(F.mse_loss(output, target), output)[0][2].item()
    return Seen(written, true)


def softmax_of_several_labels():
    import torch

    logits = torch.tensor([30.0, 30.0, -30.0])  # sure of the first two
    written = logits.softmax(0)[0].item()
    true = logits.sigmoid()[0].item()
    return Seen(written, true)


def noisy_against_clean():
    import torch
    from torch.nn import functional as F

    clean, weight = torch.ones(4), torch.tensor(0.5, requires_grad=True)
    noisy = clean + torch.tensor([0.2, -0.2, 0.1, -0.1])
    apart = F.mse_loss(noisy, clean) + 0 * weight
    written = torch.autograd.grad(apart, weight)[0].item()
    true = torch.autograd.grad(F.mse_loss(weight * noisy, clean), weight)[0].item()
    return Seen(written, true)
