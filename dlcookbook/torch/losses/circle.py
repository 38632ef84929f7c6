"""Circle loss: each similarity is pulled as hard as it is far from its optimum."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["circle_loss"]


def circle_loss(
    embeddings: Tensor, labels: Tensor, *, margin: float = 0.25, scale: float = 256.0
) -> Tensor:
    r"""Circle loss on pairs, one value per anchor.

    $\ln(1 + \sum_n e^{\gamma \alpha_n (s_n - m)} \sum_p e^{-\gamma \alpha_p
    (s_p - 1 + m)})$ over the cosines $s_p$ to the anchor's positives and $s_n$ to its
    negatives, weighted by $\alpha_p = [1 + m - s_p]_+$ and $\alpha_n = [s_n + m]_+$.
    Cosines of 1 and 0 are perfect.

    Parameters
    ----------
    embeddings : Tensor, shape (N, D)
        One vector per row, any floating dtype, of any length but 0: only directions
        count, do not normalise first.
    labels : Tensor, shape (N,)
        Which rows belong together, any integer dtype. Sample batches with several
        rows of each label.
    margin : float
        Relaxation $m$: pulls until positives exceed $1 - m$ and negatives fall below
        $m$. The paper uses 0.25 for faces, 0.4 for retrieval.
    scale : float > 0
        The factor $\gamma$: the larger, the more the hardest pair decides. The paper
        uses 256 for faces, 80 for retrieval.

    Returns
    -------
    Tensor, shape (N,)
        One loss per anchor, in the dtype of `embeddings`. The weights are constants to
        the gradient, as in the paper. 0, with no gradient, for an anchor that has no
        positive or no negative in the batch.

    Raises
    ------
    ValueError
        If the shapes do not fit, a vector is zero, `margin` is outside [0, 1) or
        `scale` is not above 0.

    Examples
    --------
    >>> embeddings = torch.tensor([[1.0, 0.0], [1.0, 0.2], [0.0, 1.0]])
    >>> circle_loss(embeddings, torch.tensor([0, 0, 1]), scale=4.0)
    tensor([0.4746, 0.5356, 0.0000])

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
    if not 0 <= margin < 1:
        raise ValueError(f"margin must be in [0, 1). Received: {margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
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
        cosine = directions @ directions.T
    pull = F.relu(1 + margin - cosine.detach()) * (1 - margin - cosine)
    push = F.relu(cosine.detach() + margin) * (cosine - margin)
    same = labels.unsqueeze(1) == labels
    other = ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    pull = (scale * pull).masked_fill(~(same & other), -torch.inf).logsumexp(dim=1)
    push = (scale * push).masked_fill(same, -torch.inf).logsumexp(dim=1)
    loss = torch.logaddexp(pull + push, torch.zeros_like(pull))
    return loss.to(embeddings.dtype)
