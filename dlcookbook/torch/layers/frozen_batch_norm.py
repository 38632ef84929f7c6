"""Freeze batch normalisation: neither statistics nor weights learn any more."""

from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["freeze_batch_norm"]


def freeze_batch_norm(model: nn.Module) -> int:
    r"""Freeze every batch normalisation of a model, for fine-tuning on small batches.

    $y = \gamma (x - r_\mu) / \sqrt{r_\sigma + \epsilon} + \beta$ with all four fixed.
    `requires_grad_(False)` stops weights alone: in training the running statistics
    still move, and the batch is still normalised with its own. `eval()` is undone by
    the next `model.train()`. So each layer is replaced by one without either; the
    names in `state_dict` stay.

    Parameters
    ----------
    model : nn.Module
        Is changed. It must not be a batch normalisation itself.

    Returns
    -------
    int
        Number of layers that were frozen.

    Raises
    ------
    ValueError
        If `model` is a batch normalisation or holds none of torch's, or one keeps no
        running statistics.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    >>> freeze_batch_norm(model)
    1
    >>> [name for name, p in model.train().named_parameters()]
    ['0.weight', '0.bias']

    References
    ----------
    He et al., "Mask R-CNN", 2017, appendix. <https://arxiv.org/abs/1703.06870>
    """
    kind = nn.modules.batchnorm._BatchNorm
    if isinstance(model, kind):
        raise ValueError(f"model must hold the layers. Received: {model}")
    # built before any is put in place: either all are frozen or none
    frozen = {m: _Frozen(m) for m in model.modules() if isinstance(m, kind)}
    if not frozen:
        raise ValueError(f"model must hold a batch normalisation. Received: {model}")
    for module in list(model.modules()):
        # not named_children: it tells a layer that is used twice only once
        for name, child in list(module._modules.items()):
            if child in frozen:
                setattr(module, name, frozen[child])
    return len(frozen)


class _Frozen(nn.Module):
    """A fixed scale and shift for every channel."""

    weight: Tensor | None
    bias: Tensor | None
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, layer: nn.modules.batchnorm._BatchNorm) -> None:
        super().__init__()
        if layer.running_mean is None:
            raise ValueError(f"model must keep running statistics. Received: {layer}")
        self.eps = layer.eps
        for name in ("weight", "bias", "running_mean", "running_var"):
            value = getattr(layer, name)
            self.register_buffer(name, None if value is None else value.detach())
        self.register_buffer("num_batches_tracked", layer.num_batches_tracked)

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
        )
