"""RReLU: a leaky ReLU that draws its slopes anew in training."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["RReLU"]


class RReLU(nn.Module):
    r"""RReLU: $x$ right of 0, else $a x$; a slope $a$ is drawn for every number.

    From `lower` to `upper`, evenly; in inference $a$ is their mean. torch's `nn.RReLU`
    draws from the global generator. With a `seed` this draws from one of its own: what
    else is random does not change the slopes, and is not changed by them.

    Parameters
    ----------
    lower, upper : float
        Ends of the interval of slopes.
    seed : int, optional
        Start of a generator of its own. None leaves it to the framework.

    Raises
    ------
    ValueError
        If `lower` is above `upper`.

    Examples
    --------
    >>> layer = RReLU(0.1, 0.3, seed=0)
    >>> y = layer(torch.full((1000,), -1.0))
    >>> bool((y > -0.3).all() and (y < -0.1).all()), len(y.unique()) > 900
    (True, True)
    >>> layer.eval()(torch.tensor([-1.0, 2.0]))
    tensor([-0.2000,  2.0000])

    References
    ----------
    Xu et al., "Empirical Evaluation of Rectified Activations in Convolutional
    Network", 2015. <https://arxiv.org/abs/1505.00853>
    """

    def __init__(
        self, lower: float = 1 / 8, upper: float = 1 / 3, *, seed: int | None = None
    ) -> None:
        super().__init__()
        if not lower <= upper:
            raise ValueError(
                f"lower must be at most upper. Received: {lower} and {upper}"
            )
        self.lower, self.upper, self.seed = lower, upper, seed
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Bend the left side.

        Parameters
        ----------
        x : Tensor, shape (...)
            Any numbers, any floating dtype.

        Returns
        -------
        Tensor, shape (...)
            One value per element, in the dtype of `x`.
        """
        if not self.training:
            return F.leaky_relu(x, (self.lower + self.upper) / 2)
        if self.seed is not None and self.generator is None:
            self.generator = torch.Generator(x.device).manual_seed(self.seed)
        # half precision has too few numbers to draw from
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        slope = torch.empty_like(wide).uniform_(
            self.lower, self.upper, generator=self.generator
        )
        return torch.where(wide < 0, slope * wide, wide).to(x.dtype)
