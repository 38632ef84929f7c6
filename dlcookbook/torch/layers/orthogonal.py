"""Orthogonal initialiser, of the whole matrix or of each gate."""

import torch
from torch import Tensor

__all__ = ["Orthogonal"]


class Orthogonal:
    r"""Fill weights so that rows (or columns, where they are fewer) are orthonormal.

    $W W^\top = g^2 I$ for each block: a vector keeps its length. Both frameworks take
    the four gates of an LSTM for one tall matrix; each gate is then half as large as
    an orthogonal one. `blocks=4` makes every gate orthogonal, `blocks=3` those of a
    GRU. Works in half precision, where `torch.nn.init.orthogonal_` fails.

    Parameters
    ----------
    gain : float
        Length of the rows or columns.
    blocks : int
        Number of matrices that the outputs are divided into, >= 1.
    seed : int, optional
        Draws the same numbers at every call. None draws from the global generator.

    Raises
    ------
    ValueError
        If `blocks` is less than 1 or does not divide the outputs, or there are fewer
        than two axes or no floats.

    Examples
    --------
    >>> lstm = torch.nn.LSTM(3, 2)
    >>> weight = Orthogonal(blocks=4)(lstm.weight_hh_l0)
    >>> gate = weight[2:4]
    >>> torch.allclose(gate @ gate.T, torch.eye(2), atol=1e-6)
    True

    References
    ----------
    Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks", 2013. <https://arxiv.org/abs/1312.6120>
    """

    def __init__(
        self, gain: float = 1.0, *, blocks: int = 1, seed: int | None = None
    ) -> None:
        if not hasattr(blocks, "__index__") or blocks < 1:
            raise ValueError(f"blocks must be an int >= 1. Received: {blocks!r}")
        self.gain, self.blocks, self.seed = gain, blocks, seed

    @torch.no_grad()
    def __call__(self, tensor: Tensor) -> Tensor:
        """Fill a tensor in place."""
        if not tensor.is_floating_point():
            raise ValueError(f"tensor must hold floats. Received: {tensor.dtype}")
        if tensor.ndim < 2 or tensor.shape[0] % self.blocks:
            raise ValueError(
                f"blocks must divide the outputs of a matrix. Received: {self.blocks} "
                f"for shape {tuple(tensor.shape)}"
            )
        generator = None
        if self.seed is not None:
            generator = torch.Generator(tensor.device).manual_seed(self.seed)
        kind = torch.promote_types(tensor.dtype, torch.float32)
        draws = torch.empty_like(tensor, dtype=kind).normal_(generator=generator)
        rows, columns = tensor.shape[0] // self.blocks, tensor[0:1].numel()
        matrices = draws.reshape(self.blocks, rows, columns)
        tall = matrices.shape[1] > matrices.shape[2]
        q, r = torch.linalg.qr(matrices if tall else matrices.mT)
        # the sign of a column is LAPACK's choice: without this it would not be uniform
        q = q * r.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)
        return tensor.copy_((self.gain * (q if tall else q.mT)).reshape(tensor.shape))
