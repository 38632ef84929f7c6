"""Vision transformer: an image as a sequence of patches."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["vit_small", "vit_tiny"]


class ViT(nn.Module):
    """Vision transformer: patches, a class token, pre-norm blocks, a linear head.

    Matrices, the class token and the positions start normal with a standard deviation
    of 0.02, biases at 0. The layout is that of the published models: weights of
    Hugging Face's `ViTForImageClassification` fit, with `eps=1e-12`.

    Parameters
    ----------
    num_classes : int
        Number of logits.
    dim : int
        Width of a token.
    depth : int
        Number of blocks.
    heads : int
        Number of attention heads; divides `dim`.
    in_channels : int
        Channels of the image.
    image_size : int or tuple of two ints
        Height and width, one number if they are the same. Positions are learned for
        this size alone.
    patch_size : int
        Side of a patch; divides height and width.
    dropout : float in [0, 1)
        Share of tokens' features dropped after the positions, and of what attention
        and MLP add.
    eps : float
        Added to the variance in every norm.

    Raises
    ------
    ValueError
        If patches do not tile the image, or an option is out of its range.

    Examples
    --------
    >>> model = ViT(10, dim=32, depth=2, heads=4, image_size=(32, 48), patch_size=8)
    >>> model(torch.zeros(2, 3, 32, 48)).shape
    torch.Size([2, 10])

    References
    ----------
    Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021, section 3.1.
    <https://arxiv.org/abs/2010.11929>
    """

    def __init__(
        self,
        num_classes: int = 1000,
        *,
        dim: int,
        depth: int,
        heads: int,
        in_channels: int = 3,
        image_size: int | tuple[int, int] = 224,
        patch_size: int = 16,
        dropout: float = 0.0,
        eps: float = 1e-6,
    ) -> None:
        super().__init__()
        if min(num_classes, patch_size) < 1 or not 0 <= dropout < 1 or not eps > 0:
            raise ValueError(
                "num_classes and patch_size must be >= 1, dropout in [0, 1), eps > 0. "
                f"Received: {num_classes}, {patch_size}, {dropout}, {eps}"
            )
        both = (image_size, image_size) if isinstance(image_size, int) else image_size
        height, width = self.image_size = tuple(both)
        if height % patch_size or width % patch_size:
            raise ValueError(
                f"patch_size must divide image_size. Received: {patch_size} and "
                f"{self.image_size}"
            )
        patches = (height // patch_size) * (width // patch_size)
        self.patches = nn.Conv2d(in_channels, dim, patch_size, stride=patch_size)
        self.embedding = Embedding(patches + 1, dim)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            Block(dim, heads, dropout, eps) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(dim, eps=eps)
        self.head = nn.Linear(dim, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Conv2d):
                nn.init.normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Classify images.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels, height, width)
            Images of the size that the model was made for.

        Returns
        -------
        Tensor, shape (N, num_classes)
            Logits.

        Raises
        ------
        ValueError
            If the images have another size.
        """
        if tuple(x.shape[2:]) != self.image_size:
            raise ValueError(
                f"x must hold images of {self.image_size}. "
                f"Received: {tuple(x.shape[2:])}"
            )
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        tokens = self.dropout(self.embedding(tokens))
        for block in self.blocks:
            tokens = block(tokens)
        # every token goes through the norm alike: only the first is needed
        return self.head(self.norm(tokens[:, 0]))


class Embedding(nn.Module):
    """A class token in front, and a learned position for every token."""

    def __init__(self, length: int, dim: int) -> None:
        super().__init__()
        self.class_token = nn.Parameter(torch.empty(1, 1, dim))
        self.positions = nn.Parameter(torch.empty(1, length, dim))
        nn.init.normal_(self.class_token, std=0.02)
        nn.init.normal_(self.positions, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        first = self.class_token.expand(x.shape[0], -1, -1)
        return torch.cat([first, x], dim=1) + self.positions


class Attention(nn.Module):
    """Every token looks at every token, in several subspaces."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.attention_output = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = (
            part(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        found = F.scaled_dot_product_attention(query, key, value)
        return self.attention_output(found.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Attention, then an MLP, each normed before and added after."""

    def __init__(self, dim: int, heads: int, dropout: float, eps: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=eps)
        self.attention = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=eps)
        self.up = nn.Linear(dim, 4 * dim)
        self.down = nn.Linear(4 * dim, dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.dropout(self.attention(self.norm1(x)))
        return x + self.dropout(self.down(F.gelu(self.up(self.norm2(x)))))


def vit_tiny(
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    image_size: int | tuple[int, int] = 224,
    patch_size: int = 16,
    dropout: float = 0.0,
    eps: float = 1e-6,
) -> ViT:
    """Build the smallest usual vision transformer: 5.7 million parameters.

    Twelve blocks of width 192 with 3 heads.

    Parameters
    ----------
    num_classes : int
        Number of logits.
    in_channels : int
        Channels of the image.
    image_size : int or tuple of two ints
        Height and width, one number if they are the same. Positions are learned for
        this size alone.
    patch_size : int
        Side of a patch; divides height and width.
    dropout : float in [0, 1)
        Share of tokens' features dropped after the positions, and of what attention
        and MLP add.
    eps : float
        Added to the variance in every norm.

    Returns
    -------
    ViT
        An untrained model: images of shape (N, in_channels, height, width) in, logits
        of shape (N, num_classes) out.

    Raises
    ------
    ValueError
        If patches do not tile the image, or an option is out of its range.

    Examples
    --------
    >>> model = vit_tiny()
    >>> sum(p.numel() for p in model.parameters())
    5717416

    References
    ----------
    Touvron et al., "Training data-efficient image transformers & distillation through
    attention", 2021, table 1. <https://arxiv.org/abs/2012.12877>
    """
    return ViT(
        num_classes,
        dim=192,
        depth=12,
        heads=3,
        in_channels=in_channels,
        image_size=image_size,
        patch_size=patch_size,
        dropout=dropout,
        eps=eps,
    )


def vit_small(
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    image_size: int | tuple[int, int] = 224,
    patch_size: int = 16,
    dropout: float = 0.0,
    eps: float = 1e-6,
) -> ViT:
    """Build a vision transformer as large as a ResNet-50: 22 million parameters.

    Twelve blocks of width 384 with 6 heads.

    Parameters
    ----------
    num_classes : int
        Number of logits.
    in_channels : int
        Channels of the image.
    image_size : int or tuple of two ints
        Height and width, one number if they are the same. Positions are learned for
        this size alone.
    patch_size : int
        Side of a patch; divides height and width.
    dropout : float in [0, 1)
        Share of tokens' features dropped after the positions, and of what attention
        and MLP add.
    eps : float
        Added to the variance in every norm.

    Returns
    -------
    ViT
        An untrained model: images of shape (N, in_channels, height, width) in, logits
        of shape (N, num_classes) out.

    Raises
    ------
    ValueError
        If patches do not tile the image, or an option is out of its range.

    Examples
    --------
    >>> model = vit_small()
    >>> sum(p.numel() for p in model.parameters())
    22050664

    References
    ----------
    Touvron et al., "Training data-efficient image transformers & distillation through
    attention", 2021, table 1. <https://arxiv.org/abs/2012.12877>
    """
    return ViT(
        num_classes,
        dim=384,
        depth=12,
        heads=6,
        in_channels=in_channels,
        image_size=image_size,
        patch_size=patch_size,
        dropout=dropout,
        eps=eps,
    )
