"""PReLU: a leaky ReLU that learns its slope."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["PReLU"]


class PReLU(nn.Module):
    r"""PReLU: $x$ right of 0, else $a x$ with a learnt slope $a$.

    One slope for all numbers or one per channel, on the axis that holds them. The
    weight decay of an optimizer pulls the slopes to 0, which is ReLU: leave them out.

    Parameters
    ----------
    channels : int, optional
        Number of slopes, one per channel. None learns one for all.
    axis : int
        The axis of the channels.
    init : float
        Slope to start from.

    Raises
    ------
    ValueError
        If `channels` is less than 1.

    Examples
    --------
    >>> layer = PReLU(3)
    >>> layer.weight.numel()
    3
    >>> layer(torch.tensor([[-4.0, 0.0, 4.0]])).tolist()
    [[-1.0, 0.0, 4.0]]

    References
    ----------
    He et al., "Delving Deep into Rectifiers", 2015, sec. 2.1.
    <https://arxiv.org/abs/1502.01852>
    """

    def __init__(
        self, channels: int | None = None, axis: int = 1, *, init: float = 0.25
    ) -> None:
        super().__init__()
        if channels is not None and channels < 1:
            raise ValueError(f"channels must be >= 1. Received: {channels}")
        self.channels, self.axis = channels, axis
        self.weight = nn.Parameter(torch.full((channels or 1,), float(init)))

    def forward(self, x: Tensor) -> Tensor:
        """Bend the left side.

        Parameters
        ----------
        x : Tensor, shape (N, C, ...)
            Any numbers, any floating dtype.

        Returns
        -------
        Tensor, shape (N, C, ...)
            One value per element, in the dtype of `x`.

        Raises
        ------
        ValueError
            If the axis of the channels has another length.
        """
        if self.channels is None:
            return F.prelu(x, self.weight.to(x.dtype))
        has_axis = -x.ndim <= self.axis < x.ndim
        if not has_axis or x.shape[self.axis] != self.channels:
            raise ValueError(
                f"x must have {self.channels} channels on axis {self.axis}. "
                f"Received: {tuple(x.shape)}"
            )
        bent = F.prelu(x.movedim(self.axis, 1), self.weight.to(x.dtype))
        return bent.movedim(1, self.axis)
