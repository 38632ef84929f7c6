"""ArcFace and CosFace: softmax over cosines, with a margin for the true class."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["arcface_loss", "cosface_loss"]


def arcface_loss(
    cosines: Tensor, targets: Tensor, *, margin: float = 0.5, scale: float = 64.0
) -> Tensor:
    r"""ArcFace loss: a margin on the angle of the true class, one value per example.

    Cross-entropy of the logits $s \cos\theta_c$, in which the true class stands as
    $s \cos(\theta_y + m)$. Beyond $\theta_y = \pi - m$, where that would rise again, it
    is $s (\cos\theta_y - m \sin m)$, as in the authors' code. `margin=0` is softmax
    cross-entropy of scaled cosines.

    Parameters
    ----------
    cosines : Tensor, shape (N, C)
        Cosine of each embedding with the weight vector of each class, from -1 to 1,
        any floating dtype. Normalise both before their product, without a bias.
    targets : Tensor, shape (N,)
        Class indices from 0 to C - 1, any integer dtype.
    margin : float in [0, pi]
        Angle $m$ in radians. The paper uses 0.5.
    scale : float > 0
        Turns cosines into logits. The paper uses 64.

    Returns
    -------
    Tensor, shape (N,)
        One loss per example, in nats, in the dtype of `cosines`. The gradient is finite
        at cosines of -1 and 1 too, where the sine counts as a constant.

    Raises
    ------
    ValueError
        If the shapes do not fit, a cosine is outside [-1, 1] by more than rounding
        (0.01), a class index is outside [0, C), `margin` is outside [0, pi] or `scale`
        is not above 0.

    Examples
    --------
    >>> cosines = torch.tensor([[0.8, 0.1], [0.8, 0.7]])
    >>> arcface_loss(cosines, torch.tensor([0, 0]), scale=8.0)
    tensor([0.0777, 2.3817])

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
    if not 0 <= margin <= math.pi:
        raise ValueError(f"margin must be in [0, pi]. Received: {margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
    wide, index = _checked(cosines, targets)
    true = wide.gather(1, index)
    square = (1 - true) * (1 + true)
    # a root at 0 has no finite slope
    sine = torch.where(square > 0, torch.where(square > 0, square, 1).sqrt(), 0)
    moved = true * math.cos(margin) - sine * math.sin(margin)
    rising = true < -math.cos(margin)
    moved = torch.where(rising, true - margin * math.sin(margin), moved)
    logits = scale * wide.scatter(1, index, moved)
    loss = F.cross_entropy(logits, index[:, 0], reduction="none")
    return loss.to(cosines.dtype)


def cosface_loss(
    cosines: Tensor, targets: Tensor, *, margin: float = 0.35, scale: float = 64.0
) -> Tensor:
    r"""CosFace loss: a margin on the cosine of the true class, one value per example.

    Cross-entropy of the logits $s \cos\theta_c$, in which the true class stands as
    $s (\cos\theta_y - m)$. `margin=0` is softmax cross-entropy of scaled cosines.

    Parameters
    ----------
    cosines : Tensor, shape (N, C)
        Cosine of each embedding with the weight vector of each class, from -1 to 1,
        any floating dtype. Normalise both before their product, without a bias.
    targets : Tensor, shape (N,)
        Class indices from 0 to C - 1, any integer dtype.
    margin : float >= 0
        What the true class must be ahead by. The paper uses 0.35.
    scale : float > 0
        Turns cosines into logits. The paper uses 64.

    Returns
    -------
    Tensor, shape (N,)
        One loss per example, in nats, in the dtype of `cosines`.

    Raises
    ------
    ValueError
        If the shapes do not fit, a cosine is outside [-1, 1] by more than rounding
        (0.01), a class index is outside [0, C), `margin` is negative or `scale` is not
        above 0.

    Examples
    --------
    >>> cosines = torch.tensor([[0.8, 0.1], [0.8, 0.7]])
    >>> cosface_loss(cosines, torch.tensor([0, 0]), scale=8.0)
    tensor([0.0590, 2.1269])

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
    if not margin >= 0:
        raise ValueError(f"margin must be >= 0. Received: {margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
    wide, index = _checked(cosines, targets)
    logits = scale * wide.scatter(1, index, wide.gather(1, index) - margin)
    loss = F.cross_entropy(logits, index[:, 0], reduction="none")
    return loss.to(cosines.dtype)


def _checked(cosines: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    wide = cosines.to(torch.promote_types(cosines.dtype, torch.float32))
    if not (wide.abs() <= 1.01).all():
        raise ValueError(
            "cosines must be in [-1, 1]. Received: "
            f"{wide.min().item():g} to {wide.max().item():g}"
        )
    classes = cosines.shape[1]
    if targets.numel() and not 0 <= targets.min() <= targets.max() < classes:
        raise ValueError(
            f"targets must be in [0, {classes}). Received: "
            f"{targets.min().item()} to {targets.max().item()}"
        )
    return wide, targets.long().unsqueeze(1)
