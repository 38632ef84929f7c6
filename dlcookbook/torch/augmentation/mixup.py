"""Mixup: train on the weighted mean of two examples and of their labels."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["mixup"]


def mixup(
    images: Tensor,
    labels: Tensor,
    generator: torch.Generator | None = None,
    out: Tensor | None = None,
    *,
    num_classes: int | None = None,
    alpha: float = 0.2,
    per_sample: bool = True,
) -> tuple[Tensor, Tensor]:
    r"""Mix every example of a batch with another one of it, and the labels alike.

    $\tilde x_i = \lambda_i x_i + (1 - \lambda_i) x_{\pi(i)}$, the same for the labels,
    with $\lambda \sim \mathrm{Beta}(\alpha, \alpha)$ and a random order $\pi$. With
    $\lambda = 1$ nothing changes; `alpha=1` draws $\lambda$ evenly from 0 to 1.

    For the batches of training alone, in the loop or after `collate`. The loss takes
    soft labels: `cross_entropy(logits, soft)`. Count accuracy on images not mixed.

    Parameters
    ----------
    images : Tensor, shape (N, ...)
        A batch of any floating dtype; hidden features too, a gradient goes through.
    labels : Tensor, shape (N,) or (N, C)
        Whole numbers from 0 to C - 1 with `num_classes`, or floats: one-hot, soft, or
        what a regression is to predict, shape (N, 1).
    generator : torch.Generator, optional
        Where the draws come from. None takes PyTorch's own of the device.
    out : Tensor, shape (N, ...), optional
        Written to and returned. On a CPU a buffer that is used again saves most of
        the time; it must not be `images`, whose later partners would be gone.
    num_classes : int >= 1, optional
        How many classes there are. Needed with whole numbers.
    alpha : float > 0
        Both parameters of the beta distribution: small leaves most nearly as they were.
    per_sample : bool
        Draw one weight for every example, else one for the batch.

    Returns
    -------
    tuple of Tensor, shapes (N, ...) and (N, C)
        Images in the dtype of `images`, and soft labels: float32 from whole numbers,
        else the dtype of `labels`. Their weight is the very one that the pixels got.

    Raises
    ------
    ValueError
        If the images are whole numbers, the labels can be read in two ways or do not
        fit, `alpha` is not positive or `out` does not fit.

    Examples
    --------
    >>> images, labels = torch.eye(3), torch.tensor([0, 1, 2])
    >>> mixed, soft = mixup(images, labels, num_classes=3)
    >>> torch.equal(mixed, soft)
    True

    References
    ----------
    Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2017, eq. 1.
    <https://arxiv.org/abs/1710.09412>
    """
    if not images.is_floating_point() or not images.ndim or not len(images):
        raise ValueError(
            "images must be a batch of floats: whole numbers cannot hold a mean. "
            f"Received: {images.dtype}, shape {tuple(images.shape)}"
        )
    if not 0 < alpha < float("inf"):
        raise ValueError(f"alpha must be > 0. Received: {alpha}")
    soft = _soft_labels(labels, len(images), num_classes)
    if out is not None and (
        (out.shape, out.dtype, out.device)
        != (images.shape, images.dtype, images.device)
        or out.untyped_storage().data_ptr() == images.untyped_storage().data_ptr()
        or out.untyped_storage().nbytes() < out.nbytes
    ):
        raise ValueError(
            "out must be memory of its own, like images in shape, dtype and device. "
            f"Received: {out.dtype}, shape {tuple(out.shape)}, on {out.device}"
        )
    place = images.device if generator is None else generator.device
    count = len(images) if per_sample else 1
    weight = _beta_weights(count, alpha, generator, place).to(images)
    order = torch.randperm(len(images), generator=generator, device=place)
    weights = weight.expand(len(images))
    if images.is_cpu and not images.requires_grad:
        # without a copy of the partners, which costs more than the mean itself
        mixed = torch.empty_like(images) if out is None else out
        for i, j in enumerate(order.tolist()):
            torch.lerp(images[j], images[i], weights[i], out=mixed[i])
    else:
        order = order.to(images.device)
        shaped = weights.reshape(-1, *[1] * (images.ndim - 1))
        mixed = torch.lerp(images[order], images, shaped, out=out)
    order = order.to(soft.device)
    share = weights.to(soft)[:, None]
    return mixed, share * soft + (1 - share) * soft[order]


def _soft_labels(labels: Tensor, count: int, classes: int | None) -> Tensor:
    """Return one row of class shares for every example."""
    if labels.is_floating_point():
        fits = labels.ndim == 2 and classes in (None, labels.shape[1])
    else:
        fits = labels.ndim == 1 and classes is not None and classes >= 1
    if not fits or len(labels) != count:
        raise ValueError(
            "labels must be whole numbers of shape (N,) with num_classes, or floats of "
            f"shape (N, C). Received: {labels.dtype}, shape {tuple(labels.shape)}, "
            f"{count} images, num_classes {classes}"
        )
    if labels.is_floating_point():
        return labels
    return F.one_hot(labels.long(), classes or 1).float()


def _beta_weights(
    count: int, alpha: float, generator: torch.Generator | None, place: torch.device
) -> Tensor:
    """Draw from Beta(alpha, alpha) as two gammas, in logs: a small one is not 0.

    Marsaglia and Tsang's gamma of alpha + 1: of 16 candidates the first that is good;
    all fail in one of 1e20. Public functions take no generator for it.
    """
    d = alpha + 1 - 1 / 3
    x = torch.randn(2, count, 16, generator=generator, device=place)
    u = torch.rand(2, 2, count, 16, generator=generator, device=place)
    u = 1 - u  # in (0, 1]
    v = (1 + x / (9 * d) ** 0.5).clamp_min(1e-10) ** 3
    good = u[0].log() < x * x / 2 + d - d * v + d * v.log()
    first = good.int().argmax(dim=-1, keepdim=True)
    logs = v.log().gather(-1, first)[..., 0] + u[1, ..., 0].log() / alpha
    return (logs[0] - logs[1]).sigmoid()
