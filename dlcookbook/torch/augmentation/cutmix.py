"""CutMix: paste a rectangle of another image, label by the area that it covers."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["cutmix"]


def cutmix(
    images: Tensor,
    labels: Tensor,
    generator: torch.Generator | None = None,
    out: Tensor | None = None,
    *,
    num_classes: int | None = None,
    alpha: float = 1.0,
    per_sample: bool = True,
) -> tuple[Tensor, Tensor]:
    r"""Paste a rectangle of another image of the batch, and weigh the labels by area.

    The sides are $\sqrt{1 - \lambda}$ of the image's, $\lambda \sim \mathrm{Beta}
    (\alpha, \alpha)$, the centre anywhere, what sticks out is cut off. The label of an
    image counts as many parts as pixels of it are left, exactly: a rectangle without
    a pixel leaves image and label as they were.

    For the batches of training alone, in the loop or after `collate`. The loss takes
    soft labels: `cross_entropy(logits, soft)`. Count accuracy on images not mixed.

    Parameters
    ----------
    images : Tensor, shape (N, C, H, W)
        A batch of any dtype: pixels are copied, none is computed.
    labels : Tensor, shape (N,) or (N, C)
        Whole numbers from 0 to C - 1 with `num_classes`, or floats: one-hot or soft.
    generator : torch.Generator, optional
        Where the draws come from. None takes PyTorch's own of the device.
    out : Tensor, shape (N, C, H, W), optional
        Written to and returned. On a CPU a buffer that is used again saves most of
        the time; it must not be `images`, whose later partners would be gone.
    num_classes : int >= 1, optional
        How many classes there are. Needed with whole numbers.
    alpha : float > 0
        Both parameters of the beta distribution; 1 draws every size alike.
    per_sample : bool
        Draw one rectangle for every example, else one for the batch.

    Returns
    -------
    tuple of Tensor, shapes (N, C, H, W) and (N, C)
        Images in the dtype of `images`, and soft labels: float32 from whole numbers,
        else the dtype of `labels`.

    Raises
    ------
    ValueError
        If the images are no batch, the labels can be read in two ways or do not fit,
        `alpha` is not positive or `out` does not fit.

    Examples
    --------
    >>> images = torch.arange(3.0).reshape(3, 1, 1, 1).expand(3, 1, 8, 8)
    >>> mixed, soft = cutmix(images, torch.tensor([0, 1, 2]), num_classes=3)
    >>> shares = [(mixed == k).float().mean(dim=(1, 2, 3)) for k in range(3)]
    >>> torch.equal(torch.stack(shares, dim=1), soft)
    True

    References
    ----------
    Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with
    Localizable Features", 2019, eq. 1 and 2. <https://arxiv.org/abs/1905.04899>
    """
    if images.ndim != 4 or not images.numel():
        raise ValueError(
            "images must be a batch of shape (N, C, H, W). "
            f"Received: shape {tuple(images.shape)}"
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
    count, (height, width) = len(images) if per_sample else 1, images.shape[-2:]
    half = (1 - _beta_weights(count, alpha, generator, place)).sqrt() / 2
    middle = torch.rand(2, count, generator=generator, device=place)
    size = torch.tensor([[height], [width]], device=place)
    ends = torch.stack([middle - half, middle + half]).clamp(0, 1)
    # whole numbers: first and last row, first and last column
    ends = (ends * size).round().long().expand(2, 2, len(images))
    order = torch.randperm(len(images), generator=generator, device=place)
    if images.is_cpu and not images.requires_grad:
        mixed = images.clone() if out is None else out.copy_(images)
        for i, (j, top, left, bottom, right) in enumerate(
            zip(order.tolist(), *ends.flatten(0, 1).tolist(), strict=True)
        ):
            mixed[i, :, top:bottom, left:right] = images[j, :, top:bottom, left:right]
        order, ends = order.to(soft.device), ends.to(soft.device)
    else:
        order, ends = order.to(images.device), ends.to(images.device)
        y = torch.arange(height, device=images.device)[:, None]
        x = torch.arange(width, device=images.device)
        (top, left), (bottom, right) = ends[..., None, None]
        inside = (y >= top) & (y < bottom) & (x >= left) & (x < right)
        mixed = torch.where(inside[:, None], images[order], images, out=out)
    pasted = (ends[1] - ends[0]).prod(dim=0)
    # whole pixels divided once: nothing is rounded twice
    kept = ((height * width - pasted).to(soft) / (height * width))[:, None]
    new = (pasted.to(soft) / (height * width))[:, None]
    return mixed, kept * soft + new * soft[order.to(soft.device)]


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
