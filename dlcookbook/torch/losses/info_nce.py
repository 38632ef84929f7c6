"""InfoNCE and NT-Xent: find the partner of a vector among a batch of others."""

import torch
from torch import Tensor

__all__ = ["info_nce_loss", "nt_xent_loss"]


def info_nce_loss(
    queries: Tensor, keys: Tensor, *, temperature: float = 0.07
) -> Tensor:
    r"""InfoNCE loss, one value per query.

    $-\ln \frac{\exp(\cos(q_i, k_i) / \tau)}{\sum_j \exp(\cos(q_i, k_j) / \tau)}$: the
    cross-entropy of finding key $i$ for query $i$ among all keys of the batch. Where
    all keys are alike it is $\ln N$.

    Parameters
    ----------
    queries : Tensor, shape (N, D)
        One vector per row, any floating dtype, of any length but 0: only directions
        count, do not normalise first.
    keys : Tensor, shape (N, D)
        Row i is the positive of query i and a negative of all others, so nothing may
        occur twice in a batch.
    temperature : float > 0
        Divides the cosines: the smaller, the more the nearest negatives count.

    Returns
    -------
    Tensor, shape (N,)
        One loss per query, in nats, in the dtype of `queries`. It depends on the batch
        size, and is 0 for a batch of one. CLIP takes the mean of both directions.

    Raises
    ------
    ValueError
        If the shapes are not the same (N, D), a vector is zero or `temperature` is not
        above 0.

    Examples
    --------
    >>> queries, keys = torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.eye(2)
    >>> info_nce_loss(queries, keys, temperature=0.5)
    tensor([0.1269, 0.1269])

    References
    ----------
    van den Oord, Li, Vinyals, "Representation Learning with Contrastive Predictive
    Coding", 2018, eq. 4. <https://arxiv.org/abs/1807.03748>
    He et al., "Momentum Contrast for Unsupervised Visual Representation Learning",
    2020, eq. 1 (cosines and temperature). <https://arxiv.org/abs/1911.05722>
    """
    if queries.ndim != 2 or keys.shape != queries.shape:
        raise ValueError(
            "keys must have the shape (N, D) of queries. Received: "
            f"keys {tuple(keys.shape)}, queries {tuple(queries.shape)}"
        )
    if not temperature > 0:
        raise ValueError(f"temperature must be > 0. Received: {temperature}")
    wide = torch.promote_types(queries.dtype, torch.float32)
    q = _directions(queries.to(wide), "queries")
    k = _directions(keys.to(wide), "keys")
    # autocast would compute the cosines with three digits
    with torch.autocast(q.device.type, enabled=False):
        logits = q @ k.T / temperature
    loss = logits.logsumexp(dim=1) - logits.diagonal()
    return loss.to(queries.dtype)


def nt_xent_loss(
    first_views: Tensor, second_views: Tensor, *, temperature: float = 0.5
) -> Tensor:
    r"""NT-Xent, the loss of SimCLR, one value per pair of views.

    $-\ln \frac{\exp(\cos(z_i, z_j) / \tau)}{
    \sum_{k \ne i} \exp(\cos(z_i, z_k) / \tau)}$ for the views $i$ and $j$ of a pair,
    averaged over both directions: the other view is to be found among all 2N - 1 other
    vectors of the batch.

    Parameters
    ----------
    first_views, second_views : Tensor, shape (N, D)
        Row i of both comes from example i, augmented twice. Any floating dtype, of any
        length but 0: only directions count, do not normalise first.
    temperature : float > 0
        Divides the cosines: the smaller, the more the nearest negatives count.

    Returns
    -------
    Tensor, shape (N,)
        One loss per pair, in nats, in the dtype of `first_views`; its mean is the
        loss of the paper. It depends on the batch size, and is 0 for a batch of one.

    Raises
    ------
    ValueError
        If the shapes are not the same (N, D), a vector is zero or `temperature` is not
        above 0.

    Examples
    --------
    >>> views = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    >>> nt_xent_loss(views, views)
    tensor([0.2395, 0.2395])

    References
    ----------
    Chen et al., "A Simple Framework for Contrastive Learning of Visual
    Representations", 2020, eq. 1. <https://arxiv.org/abs/2002.05709>
    """
    if first_views.ndim != 2 or second_views.shape != first_views.shape:
        raise ValueError(
            "second_views must have the shape (N, D) of first_views. Received: "
            f"{tuple(second_views.shape)}, first_views {tuple(first_views.shape)}"
        )
    if not temperature > 0:
        raise ValueError(f"temperature must be > 0. Received: {temperature}")
    wide = torch.promote_types(first_views.dtype, torch.float32)
    a = _directions(first_views.to(wide), "first_views")
    b = _directions(second_views.to(wide), "second_views")
    # autocast would compute the cosines with three digits
    with torch.autocast(a.device.type, enabled=False):
        across = a @ b.T / temperature
        within = torch.stack([a @ a.T, b @ b.T]) / temperature
    # no vector is a candidate for itself
    itself = torch.eye(len(a), dtype=torch.bool, device=a.device)
    within = within.masked_fill(itself, -torch.inf)
    candidates = torch.cat([torch.stack([across, across.T]), within], dim=2)
    loss = candidates.logsumexp(dim=2).mean(dim=0) - across.diagonal()
    return loss.to(first_views.dtype)


def _directions(vectors: Tensor, name: str) -> Tensor:
    lengths = vectors.norm(dim=1, keepdim=True)
    if (lengths == 0).any():
        rows = (lengths[:, 0] == 0).nonzero()[:, 0].tolist()
        raise ValueError(f"{name} must not be zero vectors. Received: zero rows {rows}")
    return vectors / lengths
