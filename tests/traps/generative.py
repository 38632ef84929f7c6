"""What goes wrong in generative models, quietly. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def the_mean_of_two_pictures():
    """MSE where two clean pictures fit one noisy one: the ink of its best answer.

    A bar is on the left or on the right, and the noise hides which. The squared error
    asks for the mean of both, half grey and blurred; neither picture looks like it.
    """
    import torch
    from torch.nn import functional as F

    bars = torch.zeros(2, 4, 4)
    bars[0, :, 0] = bars[1, :, 3] = 1
    answer = torch.zeros(4, 4, requires_grad=True)
    optimizer = torch.optim.SGD([answer], lr=4.0)
    for _ in range(50):
        loss = F.mse_loss(answer.expand(2, 4, 4), bars)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    wrong = answer.max().item()
    right = bars.max().item()
    return Shown(wrong, right)


def divergence_averaged_over_the_code():
    """KL of a VAE by `mean()`: nats for a code of 16 numbers.

    The divergence of independent numbers is the sum of theirs; the mean is over
    pictures only. Averaged, it weighs a sixteenth, and so samples come from where no
    code has been. Averaging the pixels does the opposite: the code falls silent.
    """
    import torch
    from torch.distributions import Normal, kl_divergence

    torch.manual_seed(0)
    mean, log_var = torch.randn(32, 16), torch.randn(32, 16) - 1
    wrong = ((mean**2 + log_var.exp() - 1 - log_var) / 2).mean().item()
    code = Normal(mean, (log_var / 2).exp())
    right = kl_divergence(code, Normal(0.0, 1.0)).sum(1).mean().item()
    return Shown(wrong, right, "factor", factor=1 / 16)


def log_variance_as_deviation():
    """`exp(log_var)` times the noise: the deviation of a code of log-variance -2.

    That is the variance. The deviation is its root: `exp(log_var / 2)`.
    """
    import torch

    torch.manual_seed(0)
    log_var = torch.full((100_000,), -2.0)
    noise = torch.randn_like(log_var)
    wrong = (log_var.exp() * noise).std().item()
    right = ((log_var / 2).exp() * noise).std().item()
    return Shown(wrong, right)


def discriminator_step_without_detach():
    """No `detach()` in the discriminator's step: gradient left in the generator.

    It points to where a picture is found out more easily. An optimizer that clears
    only its own weights adds it to the generator's next step.
    """
    import torch
    from torch import nn
    from torch.nn import functional as F

    left = []
    for cut in (False, True):
        torch.manual_seed(0)
        generator, discriminator = nn.Linear(4, 8), nn.Linear(8, 1)
        fake = generator(torch.randn(16, 4))
        logits = discriminator(fake.detach() if cut else fake)
        F.binary_cross_entropy_with_logits(logits, torch.zeros(16, 1)).backward()
        grad = generator.weight.grad
        left.append(0.0 if grad is None else grad.norm().item())
    wrong, right = left
    return Shown(wrong, right)


def samples_judged_one_by_one():
    """A generator that knows one digit: how far its samples are from the nearest real.

    Always the same real 3 is nearer than new real digits are. Ask also how far each
    real picture is from the nearest sample: there it shows.
    """
    from sklearn.neighbors import NearestNeighbors

    from dlcookbook.data.digits import load_digits_split

    train, _, test = load_digits_split(seed=0)
    real, new = train.images.reshape(-1, 64), test.images.reshape(-1, 64)
    samples = real[train.labels == 3][:1].repeat(100, axis=0)
    far = [
        NearestNeighbors(n_neighbors=1).fit(known).kneighbors(asked)[0].mean()
        for known, asked in ((real, samples), (samples, new))
    ]
    wrong, right = map(float, far)
    return Shown(wrong, right, "vanishes")


def noise_without_square_roots():
    """Shares of picture and noise without their roots: variance half way.

    Variances add up, so `share.sqrt()` and `(1 - share).sqrt()` keep the whole at 1.
    Without the roots the net sees half of it in training, and 1 when it draws.
    """
    import torch

    torch.manual_seed(0)
    clean, noise = torch.randn(2, 100_000)
    share = torch.tensor(0.5)
    wrong = (share * clean + (1 - share) * noise).var().item()
    right = (share.sqrt() * clean + (1 - share).sqrt() * noise).var().item()
    return Shown(wrong, right)
