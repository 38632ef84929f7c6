"""Triplet loss: same labels closer than different ones, by a margin."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["batch_all_triplet_loss", "triplet_loss"]


def triplet_loss(embeddings: Tensor, labels: Tensor, *, margin: float = 0.2) -> Tensor:
    r"""Triplet loss with batch-hard mining, one value per anchor.

    $[m + \max_p d(a, p) - \min_n d(a, n)]_+$: every row is an anchor $a$ and meets its
    farthest positive and its nearest negative, by Euclidean distance. 0 where all
    negatives are farther than all positives by the margin $m$.

    Parameters
    ----------
    embeddings : Tensor, shape (N, D)
        One vector per row, any floating dtype. Whether they have unit length is your
        choice; the margin is in their unit.
    labels : Tensor, shape (N,)
        Which rows belong together, any integer dtype. Sample batches with several
        rows of each label.
    margin : float > 0
        By how much a negative must be farther away than a positive.

    Returns
    -------
    Tensor, shape (N,)
        One loss per anchor, in the dtype of `embeddings`. 0, with no gradient, for an
        anchor that has no positive or no negative in the batch.

    Raises
    ------
    ValueError
        If the shapes do not fit or `margin` is not above 0.

    Examples
    --------
    >>> embeddings = torch.tensor([[0.0], [3.0], [4.0], [9.0]])
    >>> triplet_loss(embeddings, torch.tensor([0, 0, 1, 1]), margin=1.0)
    tensor([0., 3., 5., 0.])

    References
    ----------
    Hermans, Beyer, Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification", 2017, eq. 5. <https://arxiv.org/abs/1703.07737>
    """
    if embeddings.ndim != 2 or labels.shape != embeddings.shape[:1]:
        raise ValueError(
            "labels must hold one label for each row of embeddings. Received: "
            f"labels {tuple(labels.shape)}, embeddings {tuple(embeddings.shape)}"
        )
    if not margin > 0:
        raise ValueError(f"margin must be > 0. Received: {margin}")
    wide = embeddings.to(torch.promote_types(embeddings.dtype, torch.float32))
    # a matrix product would be faster, and wrong for points close to each other
    distance = torch.cdist(wide, wide, compute_mode="donot_use_mm_for_euclid_dist")
    same = labels.unsqueeze(1) == labels
    other = ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    farthest = distance.masked_fill(~(same & other), -torch.inf).amax(dim=1)
    nearest = distance.masked_fill(same, torch.inf).amin(dim=1)
    return F.relu(margin + farthest - nearest).to(embeddings.dtype)


def batch_all_triplet_loss(
    embeddings: Tensor, labels: Tensor, *, margin: float = 0.2
) -> Tensor:
    r"""Triplet loss over all triplets that are not yet right, one value per anchor.

    The mean of $m + d(a, p) - d(a, n)$ over the pairs of a positive $p$ and a
    negative $n$ for which it is above 0. With one such pair it is `triplet_loss`.

    Parameters
    ----------
    embeddings : Tensor, shape (N, D)
        One vector per row, any floating dtype. Whether they have unit length is your
        choice; the margin is in their unit. Memory grows with N cubed.
    labels : Tensor, shape (N,)
        Which rows belong together, any integer dtype. Sample batches with several
        rows of each label.
    margin : float > 0
        By how much a negative must be farther away than a positive.

    Returns
    -------
    Tensor, shape (N,)
        One loss per anchor, in the dtype of `embeddings`. 0, with no gradient, for an
        anchor whose triplets are all right or that has none. The paper takes one mean
        over all triplets of the batch, in which such anchors do not count.

    Raises
    ------
    ValueError
        If the shapes do not fit or `margin` is not above 0.

    Examples
    --------
    >>> embeddings = torch.tensor([[0.0], [3.0], [4.0], [5.0]])
    >>> batch_all_triplet_loss(embeddings, torch.tensor([0, 0, 1, 1]), margin=1.0)
    tensor([0.0000, 2.5000, 1.0000, 0.0000])

    References
    ----------
    Hermans, Beyer, Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification", 2017, eq. 6. <https://arxiv.org/abs/1703.07737>
    """
    if embeddings.ndim != 2 or labels.shape != embeddings.shape[:1]:
        raise ValueError(
            "labels must hold one label for each row of embeddings. Received: "
            f"labels {tuple(labels.shape)}, embeddings {tuple(embeddings.shape)}"
        )
    if not margin > 0:
        raise ValueError(f"margin must be > 0. Received: {margin}")
    wide = embeddings.to(torch.promote_types(embeddings.dtype, torch.float32))
    # a matrix product would be faster, and wrong for points close to each other
    distance = torch.cdist(wide, wide, compute_mode="donot_use_mm_for_euclid_dist")
    same = labels.unsqueeze(1) == labels
    other = ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    # axes: anchor, positive, negative
    triplet = (same & other).unsqueeze(2) & ~same.unsqueeze(1)
    excess = margin + distance.unsqueeze(2) - distance.unsqueeze(1)
    excess = torch.where(triplet & (excess > 0), excess, 0)
    count = (excess > 0).sum(dim=(1, 2)).clamp(min=1)
    return (excess.sum(dim=(1, 2)) / count).to(embeddings.dtype)
