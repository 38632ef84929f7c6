"""Parameter groups: no decay on biases and norms, smaller rates for early layers."""

from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn.parameter import is_lazy

__all__ = ["layer_index", "param_groups"]

_NORMS = (
    nn.LayerNorm,
    nn.GroupNorm,
    nn.RMSNorm,
    nn.modules.batchnorm._NormBase,  # BatchNorm and InstanceNorm
)


def param_groups(
    model: nn.Module,
    *,
    lr: float,
    weight_decay: float,
    decay_embeddings: bool = True,
    layers: Sequence[str] = (),
    layer_decay: float = 1.0,
) -> list[dict[str, Any]]:
    r"""Split the trainable weights into groups, each weight into exactly one.

    Weight decay is for matrices and kernels: 0 for whatever has one axis or none
    (biases, scales) and for all of a normalisation. The rate of layer $i$ of $n$ is
    $\mathrm{lr} \cdot \mathrm{layer\_decay}^{\,n - 1 - i}$: the last has all of it.

    Parameters
    ----------
    model : nn.Module
        Where the weights are. What `requires_grad_(False)` froze is left out; what two
        modules share comes once, by its first name.
    lr : float >= 0
        Rate of the last layer, and of all of them at a `layer_decay` of 1.
    weight_decay : float >= 0
        Of the groups that decay.
    decay_embeddings : bool
        Whether the tables of `nn.Embedding` and `nn.EmbeddingBag` decay.
    layers : sequence of str
        From the input to the output, how the names of each layer's weights begin:
        `("stem", "blocks.0", "blocks.1", "head")`. Every weight needs one; the longest
        that fits counts.
    layer_decay : float > 0
        Factor from a layer to the one before it, 0.65 to 0.9 in fine-tuning.

    Returns
    -------
    list of dict
        For any `torch.optim` class: `params`, `lr`, `weight_decay` and a `name`.

    Raises
    ------
    ValueError
        If an option is out of its range, nothing is to be trained, a weight has no
        shape yet or belongs to none of the `layers`, or one of them to no weight.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(3, 8), nn.LayerNorm(8), nn.Linear(8, 1))
    >>> groups = param_groups(model, lr=0.1, weight_decay=0.01)
    >>> [(len(g["params"]), g["weight_decay"]) for g in groups]
    [(2, 0.01), (4, 0.0)]

    References
    ----------
    Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019.
    <https://arxiv.org/abs/1711.05101>
    Clark et al., "ELECTRA", 2020, appendix: layer-wise rates.
    <https://arxiv.org/abs/2003.10555>
    """
    for key, value in {"lr": lr, "weight_decay": weight_decay}.items():
        if not 0 <= value < float("inf"):
            raise ValueError(f"{key} must be >= 0. Received: {value}")
    if not 0 < layer_decay < float("inf"):
        raise ValueError(f"layer_decay must be > 0. Received: {layer_decay}")
    if isinstance(layers, str) or len(set(layers)) < len(layers):
        raise ValueError(f"layers must be different names. Received: {layers!r}")
    if layer_decay != 1 and not layers:
        raise ValueError(f"layer_decay needs the layers. Received: layers={layers!r}")
    names = [name for name, _ in model.named_parameters()]
    depths = {name: layer_index(name, layers) if layers else 0 for name in names}
    if idle := set(range(len(layers))) - set(depths.values()):
        first = layers[min(idle)]
        raise ValueError(f"layers must begin the name of a weight. Received: {first}")
    exempt = {id(p) for p in _exempt(model, decay_embeddings)}
    groups: dict[tuple[int, bool], dict[str, Any]] = {}
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        if is_lazy(p):
            raise ValueError(f"model must have run once. Received: {name} of no shape")
        depth, decays = depths[name], p.ndim > 1 and id(p) not in exempt
        rate = lr * layer_decay ** (len(layers) - 1 - depth) if layers else lr
        label = f"{layers[depth]}, " if layers else ""
        group = {
            "params": [],
            "lr": rate,
            "weight_decay": weight_decay if decays else 0.0,
            "name": label + ("decay" if decays else "no decay"),
        }
        groups.setdefault((depth, not decays), group)["params"].append(p)
    if not groups:
        raise ValueError("model must have weights to train. Received: none")
    return [groups[key] for key in sorted(groups)]


def layer_index(name: str, layers: Sequence[str]) -> int:
    """Return which of the layers a weight belongs to: the longest that begins its name.

    A layer is a whole part of the name: `blocks.1` is no beginning of `blocks.10`.

    Parameters
    ----------
    name : str
        Of a weight, as `model.named_parameters()` has it.
    layers : sequence of str
        From the input to the output.

    Returns
    -------
    int
        From 0.

    Raises
    ------
    ValueError
        If none of them fits.

    Examples
    --------
    >>> layer_index("blocks.10.weight", ["stem", "blocks.1", "blocks.10"])
    2

    References
    ----------
    Bao et al., "BEiT", 2021, appendix: one rate for each block.
    <https://arxiv.org/abs/2106.08254>
    """
    fitting = [a for a in layers if name == a or name.startswith(f"{a}.")]
    if not fitting:
        raise ValueError(f"layers must name every weight's. Received: {name}")
    return layers.index(max(fitting, key=len))


def _exempt(model: nn.Module, decay_embeddings: bool) -> Iterator[Tensor]:
    tables = () if decay_embeddings else (nn.Embedding, nn.EmbeddingBag)
    for module in model.modules():
        if isinstance(module, (*_NORMS, *tables)):
            yield from module.parameters(recurse=False)
