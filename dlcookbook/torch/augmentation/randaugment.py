"""RandAugment: a few operations of a list, drawn for every image, at one strength."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["randaugment"]

_OPERATIONS = (
    "identity",
    "rotate",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
    "brightness",
    "contrast",
    "color",
    "sharpness",
    "posterize",
    "solarize",
    "autocontrast",
    "equalize",
)


def randaugment(
    images: Tensor,
    generator: torch.Generator | None = None,
    *,
    operations: int = 2,
    magnitude: float = 9.0,
    fill: float = 0.5,
) -> Tensor:
    r"""Apply some operations to every image, drawn anew for each, one after the other.

    With $m$ = `magnitude` / 30 and a sign drawn: rotate by $30 m$ degrees, shear by
    $0.3 m$, translate by $0.45 m$ of the side; brightness, contrast, color and
    sharpness by a factor of $1 \pm 0.9 m$; posterize to $8 - 4 m$ bits, solarize
    above $1 - m$; autocontrast, equalize and identity have no strength. Without
    operations nothing changes.

    Two numbers to choose instead of thirty: 2 and 9 for small sets, up to 3 and 15.

    Parameters
    ----------
    images : Tensor, shape (N, 3, H, W)
        Red, green, blue in [0, 1], any floating dtype, before normalising.
    generator : torch.Generator, optional
        Of the CPU, where the draws are made. None takes PyTorch's own.
    operations : int >= 0
        How many are applied to each image.
    magnitude : float in [0, 30]
        Strength of all of them.
    fill : float in [0, 1]
        What comes in from outside.

    Returns
    -------
    Tensor, shape (N, 3, H, W)
        New images in [0, 1], in the dtype of `images`.

    Raises
    ------
    ValueError
        If the images have another shape or range (looked at on the CPU alone), or a
        number is out of range.

    Examples
    --------
    >>> images = torch.rand(4, 3, 8, 8)
    >>> torch.equal(randaugment(images, operations=0), images)
    True

    References
    ----------
    Cubuk et al., "RandAugment: Practical Automated Data Augmentation with a Reduced
    Search Space", 2019, section 3. <https://arxiv.org/abs/1909.13719>
    """
    if images.ndim != 4 or images.shape[1] != 3 or not images.is_floating_point():
        raise ValueError(
            "images must be floats of shape (N, 3, H, W). "
            f"Received: {images.dtype}, shape {tuple(images.shape)}"
        )
    if images.is_cpu and not ((images >= 0) & (images <= 1)).all():
        raise ValueError(f"images must be in [0, 1]. Received: {images.aminmax()}")
    if operations < 0:
        raise ValueError(f"operations must be >= 0. Received: {operations}")
    if not 0 <= magnitude <= 30:
        raise ValueError(f"magnitude must be in [0, 30]. Received: {magnitude}")
    if not 0 <= fill <= 1:
        raise ValueError(f"fill must be in [0, 1]. Received: {fill}")
    new = images.to(torch.promote_types(images.dtype, torch.float32), copy=True)
    for _ in range(operations):
        which = torch.randint(len(_OPERATIONS), (len(new),), generator=generator)
        sign = 2.0 * torch.randint(2, (len(new),), generator=generator) - 1
        for index, name in enumerate(_OPERATIONS):
            rows = (which == index).nonzero()[:, 0]
            if len(rows):
                amount = (sign[rows] * magnitude / 30).to(new)
                at = rows.to(new.device)
                new[at] = _applied(name, new[at], amount, fill)
    return new.to(images.dtype)


def _applied(name: str, images: Tensor, amount: Tensor, fill: float) -> Tensor:
    """Apply one operation; `amount` in [-1, 1] for each image."""
    x, m = images, amount[:, None, None, None]
    if name == "identity":
        return x
    if name in ("rotate", "shear_x", "shear_y", "translate_x", "translate_y"):
        return _moved(name, x, amount, fill)
    weights = torch.tensor([0.299, 0.587, 0.114]).to(x)[:, None, None]
    grey = (weights * x).sum(dim=1, keepdim=True)
    if name == "posterize":
        levels = 2 ** (8 - 4 * m.abs()).round()
        return ((x * 255).round() * levels / 256).floor() * (256 / levels) / 255
    if name == "solarize":
        return torch.where(x > 1 - m.abs(), 1 - x, x)
    if name == "autocontrast":
        low, high = x.amin((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        return torch.where(high > low, (x - low) / (high - low).clamp_min(1e-9), x)
    if name == "equalize":
        # the share of pixels below each value, up to 1
        flat = x.flatten(2).contiguous()
        below = torch.searchsorted(flat.sort(dim=-1).values, flat)
        most = below.amax(dim=-1, keepdim=True)
        return torch.where(most > 0, below / most.clamp_min(1), flat).view_as(x)
    around = F.pad(x, (1, 1, 1, 1), "replicate")
    other = {
        "brightness": lambda: torch.zeros_like(x),
        "contrast": lambda: grey.mean(dim=(2, 3), keepdim=True),
        "color": lambda: grey,
        "sharpness": lambda: (9 * F.avg_pool2d(around, 3, 1) + 4 * x) / 13,
    }[name]()
    factor = 1 + 0.9 * m
    return (factor * x + (1 - factor) * other).clamp(0, 1)


def _moved(name: str, images: Tensor, amount: Tensor, fill: float) -> Tensor:
    """Rotate, shear or translate about the middle."""
    height, width = images.shape[-2:]
    zero, one = torch.zeros_like(amount), torch.ones_like(amount)
    a, b, c, d, right, down = one, zero, zero, one, zero, zero
    if name == "rotate":
        turn = torch.deg2rad(30 * amount)
        a, b, c, d = turn.cos(), -turn.sin(), turn.sin(), turn.cos()
    elif name == "shear_x":
        b = -0.3 * amount
    elif name == "shear_y":
        c = -0.3 * amount
    elif name == "translate_x":
        right = -0.9 * amount
    else:
        down = -0.9 * amount
    # grid_sample counts each side from -1 to 1
    rows = [a, b * height / width, right, c * width / height, d, down]
    theta = torch.stack(rows, dim=-1).view(-1, 2, 3)
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return F.grid_sample(images - fill, grid, align_corners=False).add(fill).clamp(0, 1)
