"""Adaptive clipping: a unit's gradient may be so large, relative to its weights."""

from collections.abc import Iterable

import torch
from torch import Tensor

__all__ = ["adaptive_clip"]


def adaptive_clip(
    parameters: Iterable[Tensor], *, clipping: float = 0.01, eps: float = 1e-3
) -> None:
    r"""$g_i \leftarrow g_i \min(1, \lambda \max(\|w_i\|, \epsilon) / \|g_i\|)$.

    A unit $i$ is a row of a matrix, a filter of a convolution (the first axis), or the
    whole of a bias: no unit moves by more than a share of its length. It is the
    gradient itself while that is small. Call it between `backward` and `step`. A unit
    whose gradient has no finite length becomes NaN.

    Parameters
    ----------
    parameters : iterable of Tensor, shape (units, ...) or (n,) or ()
        Weights whose `.grad` is changed in place. Leave out the last layer, as the
        paper does.
    clipping : float > 0
        $\lambda$, the largest share. Smaller for larger batches.
    eps : float > 0
        Length that a unit has at least, so that one that starts at 0 can leave it.

    Raises
    ------
    ValueError
        If an option is not positive, or a gradient is sparse or complex.

    Examples
    --------
    >>> w = torch.nn.Parameter(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
    >>> w.grad = torch.tensor([[0.0, 10.0], [0.0, 10.0]])
    >>> adaptive_clip([w], clipping=0.1, eps=0.5)
    >>> w.grad
    tensor([[0.0000, 0.5000],
            [0.0000, 0.0500]])

    References
    ----------
    Brock et al., "High-Performance Large-Scale Image Recognition Without
    Normalization", 2021, eq. 3. <https://arxiv.org/abs/2102.06171>
    """
    for key, value in {"clipping": clipping, "eps": eps}.items():
        if not 0 < value < float("inf"):
            raise ValueError(f"{key} must be > 0. Received: {value}")
    every = [parameters] if isinstance(parameters, Tensor) else parameters
    with torch.no_grad():
        for p in every:
            g = p.grad
            if g is None or not g.numel():
                continue
            if g.layout != torch.strided or g.is_complex():
                raise ValueError(
                    f"gradients must be dense and real. Received: {g.layout}, {g.dtype}"
                )
            limit = clipping * _norm(p).clamp(min=eps)
            norm = _norm(g)
            share = torch.where(norm > limit, limit / norm, 1.0)
            # limit / inf would be 0, and a gradient of 0 is not seen
            share = torch.where(norm.isfinite(), share, torch.nan)
            g.mul_(share.to(g.dtype) if g.dtype == share.dtype else share)


def _norm(x: Tensor) -> Tensor:
    kind = torch.promote_types(x.dtype, torch.float32)
    axes = tuple(range(1, x.ndim)) or None
    return torch.linalg.vector_norm(x, dim=axes, keepdim=axes is not None, dtype=kind)
