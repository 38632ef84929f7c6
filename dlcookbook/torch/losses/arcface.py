"""Angular-margin softmax losses: ArcFace and CosFace."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["arcface_loss", "cosface_loss"]


def arcface_loss(
    cosines: Tensor, targets: Tensor, *, margin: float = 0.5, scale: float = 64.0
) -> Tensor:
    r"""ArcFace loss: the true class must win by an angle; one value per example.

    Cross-entropy of $s \cos \theta_c$ with $s \cos(\theta_y + m)$ for the true class,
    $\theta$ being the angles to the class directions. `margin=0` is cross-entropy of
    scaled cosines.

    Parameters
    ----------
    cosines : Tensor, shape (N, C)
        Cosines of each feature with each class direction, -1 to 1, any floating dtype:
        normalise both and multiply.
    targets : Tensor, shape (N,)
        Class indices from 0 to C - 1, any integer dtype.
    margin : float in [0, pi / 2]
        $m$, in radians. Beyond the angle $\pi - m$, where $\cos(\theta + m)$ would rise
        again, the cosine is lowered by $m \sin m$ instead.
    scale : float > 0
        $s$: makes up for the small range of cosines. The paper uses 64.

    Returns
    -------
    Tensor, shape (N,)
        One loss per example, in nats, in the dtype of `cosines`. At a cosine of
        -1 or 1 the angle has no slope; there the gradient leaves it out.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C), a cosine is outside
        [-1, 1] by more than 1 %, `margin` is outside [0, pi / 2] or `scale` is
        not positive.

    Examples
    --------
    >>> cosines = torch.tensor([[0.8, 0.1], [0.8, 0.1]])
    >>> arcface_loss(cosines, torch.tensor([0, 1]), scale=4.0)
    tensor([0.2502, 4.7656])

    References
    ----------
    Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition",
    2019, eq. 3. <https://arxiv.org/abs/1801.07698>
    """
    if cosines.ndim != 2 or targets.shape != cosines.shape[:1]:
        raise ValueError(
            "targets must hold one class for each row of cosines. Received: "
            f"targets {tuple(targets.shape)}, cosines {tuple(cosines.shape)}"
        )
    classes = cosines.shape[1]
    if targets.numel() and not 0 <= targets.min() <= targets.max() < classes:
        raise ValueError(
            f"targets must be in [0, {classes}). Received: "
            f"{targets.min().item()} to {targets.max().item()}"
        )
    if not (cosines.detach().abs() <= 1.01).all():
        raise ValueError(
            "cosines must be in [-1, 1]: normalise features and weights. Received: "
            f"{cosines.min().item()} to {cosines.max().item()}"
        )
    if not 0 <= margin <= math.pi / 2:
        raise ValueError(f"margin must be in [0, pi / 2]. Received: {margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
    # half precision would round the margin away
    wide = cosines.to(torch.promote_types(cosines.dtype, torch.float32))
    index = targets.long().unsqueeze(1)
    true = wide.gather(1, index)
    rest = 1 - true.square()
    # the root has no slope at 0, and rounding may take it below
    sine = torch.where(rest > 0, rest, 1).sqrt().masked_fill(rest <= 0, 0)
    turned = true * math.cos(margin) - sine * math.sin(margin)
    lowered = true - margin * math.sin(margin)
    turned = torch.where(true > -math.cos(margin), turned, lowered)
    logits = scale * wide.scatter(1, index, turned)
    return F.cross_entropy(logits, targets.long(), reduction="none").to(cosines.dtype)


def cosface_loss(
    cosines: Tensor, targets: Tensor, *, margin: float = 0.35, scale: float = 64.0
) -> Tensor:
    r"""CosFace loss: the true class must win by a cosine; one value per example.

    Cross-entropy of $s \cos \theta_c$ with $s\,(\cos \theta_y - m)$ for the true class.
    `margin=0` is cross-entropy of scaled cosines.

    Parameters
    ----------
    cosines : Tensor, shape (N, C)
        Cosines of each feature with each class direction, -1 to 1, any floating dtype:
        normalise both and multiply.
    targets : Tensor, shape (N,)
        Class indices from 0 to C - 1, any integer dtype.
    margin : float >= 0
        $m$, in cosine. The paper uses 0.35.
    scale : float > 0
        $s$: makes up for the small range of cosines. The paper uses 64.

    Returns
    -------
    Tensor, shape (N,)
        One loss per example, in nats, in the dtype of `cosines`.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C), a cosine is outside
        [-1, 1] by more than 1 %, `margin` is negative or `scale` is
        not positive.

    Examples
    --------
    >>> cosines = torch.tensor([[0.8, 0.1], [0.8, 0.1]])
    >>> cosface_loss(cosines, torch.tensor([0, 1]), scale=4.0)
    tensor([0.2204, 4.2149])

    References
    ----------
    Wang et al., "CosFace: Large Margin Cosine Loss for Deep Face Recognition", 2018,
    eq. 4. <https://arxiv.org/abs/1801.09414>
    """
    if cosines.ndim != 2 or targets.shape != cosines.shape[:1]:
        raise ValueError(
            "targets must hold one class for each row of cosines. Received: "
            f"targets {tuple(targets.shape)}, cosines {tuple(cosines.shape)}"
        )
    classes = cosines.shape[1]
    if targets.numel() and not 0 <= targets.min() <= targets.max() < classes:
        raise ValueError(
            f"targets must be in [0, {classes}). Received: "
            f"{targets.min().item()} to {targets.max().item()}"
        )
    if not (cosines.detach().abs() <= 1.01).all():
        raise ValueError(
            "cosines must be in [-1, 1]: normalise features and weights. Received: "
            f"{cosines.min().item()} to {cosines.max().item()}"
        )
    if not margin >= 0:
        raise ValueError(f"margin must be >= 0. Received: {margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
    # half precision would round the margin away
    wide = cosines.to(torch.promote_types(cosines.dtype, torch.float32))
    index = targets.long().unsqueeze(1)
    logits = scale * wide.scatter(1, index, wide.gather(1, index) - margin)
    return F.cross_entropy(logits, targets.long(), reduction="none").to(cosines.dtype)
