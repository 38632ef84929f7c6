"""What goes wrong with several processes, shown in one. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def no_set_epoch():
    """Without `sampler.set_epoch` every epoch has one order: how many there are in 5.

    The sampler draws from its seed and the number of the epoch, and only you know that
    number. `fit` tells it.
    """
    from torch.utils.data import DistributedSampler

    orders = []
    for told in (False, True):
        sampler = DistributedSampler(range(100), num_replicas=2, rank=0)
        seen = set()
        for epoch in range(5):
            if told:
                sampler.set_epoch(epoch)
            seen.add(tuple(sampler))
        orders.append(len(seen))
    wrong, right = orders
    return Shown(wrong, right)


def the_sampler_repeats_examples():
    """Ten examples for eight processes: the sampler gives out 16, and accuracy errs.

    It repeats the first ones until all processes have as many. In training that is an
    example more or less; in validation it is another number. `evaluate` leaves out what
    is there twice.
    """
    from torch.utils.data import DistributedSampler

    correct = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    parts = [
        list(DistributedSampler(correct, num_replicas=8, rank=rank, shuffle=False))
        for rank in range(8)
    ]
    given = [correct[at] for part in parts for at in part]
    wrong = sum(given) / len(given)
    own = [range(rank, len(correct), 8) for rank in range(8)]
    given = [correct[at] for part in own for at in part]
    right = sum(given) / len(given)
    return Shown(wrong, right)


def the_mean_of_the_processes_means():
    """The mean of two processes' mean losses, of 30 examples and of 2.

    The wrapper takes the mean of the gradients in the same way. Weight each process by
    its examples, as `fit` does.
    """
    import torch

    torch.manual_seed(0)
    losses = torch.cat([torch.rand(30), 3 + torch.rand(2)])
    parts = losses[:30], losses[30:]
    wrong = float(sum(part.mean() for part in parts) / 2)
    right = float(sum(part.mean() * len(part) for part in parts) / len(losses))
    assert abs(right - float(losses.mean())) < 1e-6
    return Shown(wrong, right)


def f1_averaged_over_processes():
    """The mean of two processes' F1 is not the F1 of their examples.

    One of them has hardly any of the rare class. Add the counts, then compute: that is
    what `merge` is for.
    """
    import torch

    from dlcookbook.torch.metrics.precision_recall import PrecisionRecall

    targets = torch.tensor([1] * 10 + [0] * 90 + [1] + [0] * 99)
    predictions = torch.tensor([1] * 9 + [0] * 91 + [0] + [1] + [0] * 98)
    metrics = [PrecisionRecall(2, average=None) for _ in range(2)]
    for rank, metric in enumerate(metrics):
        here = slice(100 * rank, 100 * (rank + 1))
        metric.update(predictions[here], targets[here])
    alone = [float(metric.compute()["f_beta"][1]) for metric in metrics]
    wrong = sum(alone) / 2
    right = float(metrics[0].merge(metrics[1]).compute()["f_beta"][1])
    return Shown(wrong, right)


def batch_norm_of_each_process():
    """Two processes with a class each: batch norm takes the difference away.

    Each normalises by its own part of the batch. How far the classes are apart behind
    it. Shuffle, give each process 16 examples or more, or take `SyncBatchNorm`, which
    is for GPUs only.
    """
    import torch

    torch.manual_seed(0)
    one, two = torch.randn(8, 1), torch.randn(8, 1) + 4
    norm = torch.nn.BatchNorm1d(1)
    with torch.no_grad():
        apart = norm(two).mean() - norm(one).mean()
        both = norm(torch.cat([one, two]))
        together = both[8:].mean() - both[:8].mean()
    wrong, right = float(apart.abs()), float(together)
    return Shown(wrong, right)


def one_seed_for_all_processes():
    """The same seed in four processes: how many kinds of noise a batch gets.

    Dropout and augmentation are drawn in each process. The weights must be alike, and
    the wrapper makes them so: seed them all alike, and then by the rank, as `fit` does.
    """
    import torch

    kinds = []
    for by_rank in (False, True):
        noise = set()
        for rank in range(4):
            torch.manual_seed(rank if by_rank else 0)
            noise.add(torch.rand(()).item())
        kinds.append(len(noise))
    wrong, right = kinds
    return Shown(wrong, right)


def the_prefix_of_the_wrapper():
    """Weights saved from the wrapper, loaded with `strict=False`: the share that came.

    All names begin with `module.`, none fits, and nothing is said. Save
    `model.module.state_dict()`; `fit` does.
    """
    import torch

    shares = []
    for prefix in ("module.", ""):
        torch.manual_seed(0)
        saved = torch.nn.Linear(3, 2).state_dict()
        model = torch.nn.Linear(3, 2)
        named = {prefix + name: value for name, value in saved.items()}
        model.load_state_dict(named, strict=False)
        loaded = [torch.equal(model.state_dict()[name], saved[name]) for name in saved]
        shares.append(sum(loaded) / len(loaded))
    wrong, right = shares
    return Shown(wrong, right, "vanishes")
