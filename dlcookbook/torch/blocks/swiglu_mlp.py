"""SwiGLU: the gated two-layer network inside the transformers of today."""

from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["SwiGLUMLP"]


class SwiGLUMLP(nn.Module):
    r"""Two projections, one of them the gate of the other, and a way back.

    $W_d (\mathrm{SiLU}(W_g x) \odot W_u x)$ with $\mathrm{SiLU}(z) = z \sigma(z)$. A
    gate of 0 lets nothing through.

    Weights start Glorot uniform, biases at 0.

    Parameters
    ----------
    dim : int
        Width of a token.
    hidden : int, optional
        Width in between. By default 8/3 of `dim`, rounded up to a multiple of 8: three
        matrices then hold as much as the two of an MLP that is four times as wide.
    bias : bool
        Whether the projections have one; most published models have none.

    Raises
    ------
    ValueError
        If `hidden` is less than 1.

    Examples
    --------
    >>> import torch
    >>> mlp = SwiGLUMLP(96)
    >>> mlp.up.out_features
    256
    >>> mlp(torch.randn(2, 5, 96)).shape
    torch.Size([2, 5, 96])

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 6.
    <https://arxiv.org/abs/2002.05202>
    """

    def __init__(
        self, dim: int, hidden: int | None = None, *, bias: bool = False
    ) -> None:
        super().__init__()
        if hidden is not None and hidden < 1:
            raise ValueError(f"hidden must be >= 1. Received: {hidden}")
        hidden = hidden or -(-dim // 3) * 8
        self.gate = nn.Linear(dim, hidden, bias=bias)
        self.up = nn.Linear(dim, hidden, bias=bias)
        self.down = nn.Linear(hidden, dim, bias=bias)
        for layer in (self.gate, self.up, self.down):
            nn.init.xavier_uniform_(layer.weight)
            if bias:
                nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Change every token by itself.

        Parameters
        ----------
        x : Tensor, shape (..., dim)
            Tokens.

        Returns
        -------
        Tensor, shape (..., dim)
            Changed tokens; add them to `x`.
        """
        return self.down(F.silu(self.gate(x)) * self.up(x))
