"""Supervised contrastive loss: pull a class together, push all others away."""

import torch
from torch import Tensor

__all__ = ["supervised_contrastive_loss"]


def supervised_contrastive_loss(
    embeddings: Tensor, labels: Tensor, *, temperature: float = 0.1
) -> Tensor:
    r"""Supervised contrastive loss, one value per anchor.

    $-\frac{1}{|P|} \sum_{p \in P} \ln \frac{\exp(\cos(z_a, z_p) / \tau)}{
    \sum_{k \ne a} \exp(\cos(z_a, z_k) / \tau)}$ with $P$ the other rows of the anchor's
    label. With two rows of each label it is NT-Xent.

    Parameters
    ----------
    embeddings : Tensor, shape (N, D)
        One vector per row, any floating dtype, of any length but 0: only directions
        count, do not normalise first. The paper puts two views of each image into a
        batch.
    labels : Tensor, shape (N,)
        Which rows belong together, any integer dtype.
    temperature : float > 0
        Divides the cosines: the smaller, the more the nearest negatives count.

    Returns
    -------
    Tensor, shape (N,)
        One loss per anchor, in nats, in the dtype of `embeddings`. 0, with no gradient,
        for an anchor that has no positive in the batch.

    Raises
    ------
    ValueError
        If the shapes do not fit, a vector is zero or `temperature` is not above 0.

    Examples
    --------
    >>> embeddings = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]])
    >>> labels = torch.tensor([0, 0, 1])
    >>> supervised_contrastive_loss(embeddings, labels, temperature=1.0)
    tensor([0.3133, 0.3133, 0.0000])

    References
    ----------
    Khosla et al., "Supervised Contrastive Learning", 2020, eq. 2.
    <https://arxiv.org/abs/2004.11362>
    """
    if embeddings.ndim != 2 or labels.shape != embeddings.shape[:1]:
        raise ValueError(
            "labels must hold one label for each row of embeddings. Received: "
            f"labels {tuple(labels.shape)}, embeddings {tuple(embeddings.shape)}"
        )
    if not temperature > 0:
        raise ValueError(f"temperature must be > 0. Received: {temperature}")
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
        logits = directions @ directions.T / temperature
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    rivals = logits.masked_fill(itself, -torch.inf).logsumexp(dim=1, keepdim=True)
    positive = (labels.unsqueeze(1) == labels) & ~itself
    total = (rivals - logits).masked_fill(~positive, 0).sum(dim=1)
    return (total / positive.sum(dim=1).clamp(min=1)).to(embeddings.dtype)
