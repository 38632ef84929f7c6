"""Batch normalisation, with the running variance of either framework."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["BatchNorm"]


class BatchNorm(nn.Module):
    r"""Batch normalisation whose running variance follows either framework.

    $y = \gamma (x - \mu_c) / \sqrt{\sigma_c^2 + \epsilon} + \beta$. In training with
    the statistics of the batch, which move the running ones,
    $r \leftarrow (1 - m) r + m s$; in inference with the running ones. torch keeps the
    unbiased variance and Keras the biased one: n / (n - 1) apart, and no argument of
    either changes that.

    Parameters
    ----------
    num_features : int
        Number of channels.
    eps : float
        Added to the variance: 1e-5 in torch, 1e-3 in Keras.
    momentum : float in [0, 1]
        Weight of the new batch, as in torch: Keras' 0.99 is 0.01 here.
    unbiased : bool
        Keep the variance divided by n - 1, as torch does, or by n, as Keras does.

    Raises
    ------
    ValueError
        If `num_features` is less than 1, `eps` is negative or `momentum` is outside
        [0, 1].

    Examples
    --------
    >>> layer = BatchNorm(1, momentum=1.0, unbiased=False)
    >>> layer(torch.tensor([[1.0], [3.0]])).flatten()
    tensor([-1.0000,  1.0000], grad_fn=<ViewBackward0>)
    >>> layer.running_var
    tensor([1.])

    References
    ----------
    Ioffe, Szegedy, "Batch normalization", 2015. <https://arxiv.org/abs/1502.03167>
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(
        self,
        num_features: int,
        *,
        eps: float = 1e-5,
        momentum: float = 0.1,
        unbiased: bool = True,
    ) -> None:
        super().__init__()
        if num_features < 1 or not eps >= 0:
            raise ValueError(
                "num_features must be >= 1 and eps >= 0. "
                f"Received: {num_features} and {eps}"
            )
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must be in [0, 1]. Received: {momentum}")
        self.eps, self.momentum, self.unbiased = eps, momentum, unbiased
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each channel.

        Parameters
        ----------
        x : Tensor, shape (N, C, ...)
            Inputs.

        Returns
        -------
        Tensor, shape (N, C, ...)
            Outputs, in the dtype of `x`.

        Raises
        ------
        ValueError
            If `x` has other channels, or in training one value per channel only.
        """
        if x.ndim < 2 or x.shape[1] != len(self.weight):
            raise ValueError(
                f"x must have {len(self.weight)} channels on axis 1. "
                f"Received: shape {tuple(x.shape)}"
            )
        if not self.training:
            return F.batch_norm(
                x,
                self.running_mean,
                self.running_var,
                self.weight,
                self.bias,
                eps=self.eps,
            )
        count = x.numel() // x.shape[1]
        if count < 2:
            raise ValueError(
                "x must have more than one value per channel in training. "
                f"Received: shape {tuple(x.shape)}"
            )
        with torch.no_grad():
            axes = [0, *range(2, x.ndim)]
            wide = x.to(self.running_var.dtype)
            var, mean = torch.var_mean(wide, axes, correction=int(self.unbiased))
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(var, self.momentum)
        return F.batch_norm(
            x, None, None, self.weight, self.bias, training=True, eps=self.eps
        )
