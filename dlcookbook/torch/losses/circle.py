"""Circle loss: every pair pulls as hard as it is still wrong."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["circle_loss"]


def circle_loss(
    embeddings: Tensor, labels: Tensor, *, margin: float = 0.25, scale: float = 256.0
) -> Tensor:
    r"""Circle loss over the pairs of a batch, one value per anchor.

    $\ln\big(1 + \sum_n e^{s a_n (c_n - m)} \sum_p e^{-s a_p (c_p - 1 + m)}\big)$ with
    the cosines $c_p$, $c_n$ of an anchor to its positives and negatives and the weights
    $a_p = [1 + m - c_p]_+$, $a_n = [c_n + m]_+$. Beyond $c_p = 1 - m$ and $c_n = m$ for
    every pair it falls to 0.

    Parameters
    ----------
    embeddings : Tensor, shape (N, D)
        One vector per row, any floating dtype, of any length but 0: only directions
        count, do not normalise first.
    labels : Tensor, shape (N,)
        Which rows belong together, any integer dtype.
    margin : float in [0, 1]
        $m$: positives are to be closer than the cosine `1 - margin`, negatives further
        than `margin`. The paper uses 0.25 for faces.
    scale : float > 0
        $s$: the larger, the more the hardest pair alone counts. The paper uses 256 for
        faces.

    Returns
    -------
    Tensor, shape (N,)
        One loss per anchor, in the dtype of `embeddings`. 0, with no gradient, for an
        anchor without a positive or without a negative in the batch. The weights take
        part in the gradient; some implementations hold them fixed.

    Raises
    ------
    ValueError
        If the shapes do not fit, a vector is zero, `margin` is outside [0, 1] or
        `scale` is not positive and finite.

    Examples
    --------
    >>> embeddings = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]])
    >>> circle_loss(embeddings, torch.tensor([0, 0, 1]), scale=4.0)
    tensor([0.4741, 0.4741, 0.0000])

    References
    ----------
    Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization",
    2020, eq. 6 and 8. <https://arxiv.org/abs/2002.10857>
    """
    if embeddings.ndim != 2 or labels.shape != embeddings.shape[:1]:
        raise ValueError(
            "labels must hold one label for each row of embeddings. Received: "
            f"labels {tuple(labels.shape)}, embeddings {tuple(embeddings.shape)}"
        )
    if not 0 <= margin <= 1:
        raise ValueError(f"margin must be in [0, 1]. Received: {margin}")
    if not 0 < scale < float("inf"):
        raise ValueError(f"scale must be > 0 and finite. Received: {scale}")
    wide = embeddings.to(torch.promote_types(embeddings.dtype, torch.float32))
    lengths = wide.norm(dim=1, keepdim=True)
    if (lengths == 0).any():
        rows = (lengths[:, 0] == 0).nonzero()[:, 0].tolist()
        raise ValueError(
            f"embeddings must not be zero vectors. Received: zero rows {rows}"
        )
    directions = wide / lengths
    # autocast would compute the cosines with three digits
    with torch.autocast(wide.device.type, enabled=False):
        cosines = directions @ directions.T
    same = labels.unsqueeze(1) == labels
    positive = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    pull = -scale * F.relu(1 + margin - cosines) * (cosines - 1 + margin)
    push = scale * F.relu(cosines + margin) * (cosines - margin)
    # as good as -inf, which would give NaN where there is no pair
    pull = pull.masked_fill(~positive, -1e30).logsumexp(dim=1)
    push = push.masked_fill(same, -1e30).logsumexp(dim=1)
    return F.softplus(pull + push).to(embeddings.dtype)
