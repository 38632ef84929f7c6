"""Weights of the other framework: of one layer, or of a whole Sequential."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["import_weights"]

_CONVOLUTIONS = (
    *(nn.Conv1d, nn.Conv2d, nn.Conv3d),
    *(nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d),
)
_GROUPED = (nn.GroupNorm, nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
_BATCH = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
_OURS = ("weight", "bias", "running_mean", "running_var")
# what Keras calls these
_NAMES: dict[type[nn.Module], tuple[str, ...]] = {
    **dict.fromkeys((nn.Linear, *_CONVOLUTIONS), ("kernel", "bias")),
    **dict.fromkeys((nn.LayerNorm, *_GROUPED), ("gamma", "beta")),
    **dict.fromkeys(_BATCH, ("gamma", "beta", "moving_mean", "moving_variance")),
    nn.RMSNorm: ("scale",),
    nn.PReLU: ("alpha",),
    nn.Embedding: ("embeddings",),
}
# where each gate stands in Keras: update and reset change places
_GATES: dict[type[nn.Module], tuple[int, ...]] = {
    nn.RNN: (0,),
    nn.LSTM: (0, 1, 2, 3),
    nn.GRU: (1, 0, 2),
}
_LAST = (nn.Linear, nn.LayerNorm, nn.RMSNorm, nn.MultiheadAttention, *_GATES)
_KEEP = ("activation", "dropout", "pooling", "padding", "upsampling", "linear")

_Layer = tuple[str, dict[str, np.ndarray]]
_Arrays = dict[str, np.ndarray]


def import_weights(
    module: nn.Module,
    weights: Mapping[str, np.ndarray],
    *,
    channels: int | None = None,
) -> None:
    """Put the weights of a Keras layer, or of a whole `Sequential`, into a module.

    Layer after layer, in order: linear, convolutions of all kinds, norms with their
    statistics, PReLU, embeddings, recurrent layers, attention. A `SeparableConv` is two
    convolutions here. Where a `Flatten` stands between maps and features, these get
    PyTorch's order. All is looked at before anything is written.

    Not in the weights, so set by hand: `eps` (1e-3 in most norms of Keras), padding,
    strides, activations, momentum, groups of a norm; a GRU of Keras without biases must
    have `reset_after=True`.

    Parameters
    ----------
    module : nn.Module
        A layer, or a `Sequential` of layers and of Sequentials; changed in place. A
        module of your own may hold one recurrent layer or one attention.
    weights : dict of str to ndarray, shapes of Keras
        `{w.path: w.numpy() for w in layer.weights}`, in this order.
    channels : int >= 1, optional
        Channels of the maps that are flattened in front of the first dense layer, where
        the model does not show them: 3 for flattened RGB images, 1 for anything that
        has no channels.

    Raises
    ------
    ValueError
        If weights are missing, left over, in another order, shape or dtype, shared, or
        of a kind that Keras does not have; or if the order of flattened features cannot
        be known.

    Examples
    --------
    >>> layer = nn.Linear(2, 1)
    >>> kernel, bias = np.float32([[2], [3]]), np.float32([1])
    >>> import_weights(layer, {"dense/kernel": kernel, "dense/bias": bias})
    >>> layer(torch.tensor([10.0, 100.0])).item()
    321.0

    References
    ----------
    PyTorch, `nn.Module.state_dict`.
    <https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html>
    Keras, "The base Layer class". <https://keras.io/api/layers/base_layer/>
    """
    for name, rule, given, is_right in (
        ("module", "a Module", module, isinstance(module, nn.Module)),
        ("weights", "a mapping to arrays", weights, isinstance(weights, Mapping)),
    ):
        if not is_right:
            raise ValueError(f"{name} must be {rule}. Received: {type(given).__name__}")
    if channels is not None and (type(channels) is not int or channels < 1):
        raise ValueError(f"channels must be 1 or more. Received: {channels!r}")
    layers = _layers(weights)
    found: dict[int, tuple[Tensor, Tensor]] = {}
    maps, flat = channels, "no" if channels is None else "told"
    for where, part in _parts(module):
        own = {**part.state_dict(keep_vars=True)}
        own.pop("num_batches_tracked", None)
        if not own:
            flat = _passed(part, flat)
            continue
        arrays = _arrays(part, where, own, layers)
        maps, flat, order = _order(part, where, own, maps, flat)
        for name, tensor in own.items():
            array = arrays[name]
            kind = str(tensor.dtype).removeprefix("torch.")
            if array.shape != tensor.shape or array.dtype.name != kind:
                raise ValueError(
                    f"{name} of {where} is {kind} of shape {tuple(tensor.shape)}. "
                    f"Received: {array.dtype} of shape {array.shape}, in its layout"
                )
            if id(tensor) in found:
                raise ValueError(f"{name} must be there once. Received: {where} again")
            if order > 1 and not (name == "bias" and type(part) is nn.Linear):
                places = array.reshape(*array.shape[:-1], -1, order)
                array = places.swapaxes(-1, -2).reshape(array.shape)
            found[id(tensor)] = tensor, torch.tensor(array)
    if layers:
        raise ValueError(f"no module is left for them. Received: {_said(layers)}")
    with torch.no_grad():
        for tensor, value in found.values():
            tensor.copy_(value)


def _layers(weights: Mapping[str, np.ndarray]) -> list[_Layer]:
    layers: list[_Layer] = []
    for path, array in weights.items():
        owner, _, name = path.rpartition("/")
        # a separable convolution is two layers here
        if not layers or layers[-1][0] != owner or name == "pointwise_kernel":
            layers.append((owner, {}))
        name = name.removeprefix("depthwise_").removeprefix("pointwise_")
        layers[-1][1][name] = np.asarray(array)
    return layers[::-1]


def _said(layers: list[_Layer]) -> str:
    owner, arrays = layers[-1] if layers else ("nothing", {})
    return f"{owner or 'a layer'} {[*arrays]}"


def _take(
    layers: list[_Layer], where: str, names: list[str], *, some: bool = False
) -> _Layer:
    theirs = [*layers[-1][1]] if layers else []
    # what a file has sorted by name no longer stands in the order of the layers
    if not theirs or theirs != [n for n in names if n in theirs or not some]:
        raise ValueError(f"{where} takes {names}. Received: {_said(layers)}")
    return layers.pop()


def _parts(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    inside = None
    for name, part in model.named_modules(remove_duplicate=False):
        if inside is not None and name.startswith(inside):
            continue
        where = f"{name or 'module'} ({type(part).__name__})"
        known = type(part) in (*_NAMES, *_GATES, nn.MultiheadAttention)
        inner = [child for child in part.children() if child.state_dict()]
        if known or not inner:
            inside = f"{name}." if name else ""
            if part.state_dict() and not known:
                raise ValueError(f"Keras must have the layer. Received: {where}")
            yield where, part
        elif type(part).forward is not nn.Sequential.forward:
            own = [*part.parameters(recurse=False), *part.buffers(recurse=False)]
            if own or len(inner) > 1 or type(inner[0]) not in _LAST[3:]:
                raise ValueError(
                    "in which order a module calls its parts cannot be seen: import "
                    f"them one by one. Received: {where}"
                )


def _passed(part: nn.Module, flat: str) -> str:
    kind = type(part)
    whole = kind is nn.Flatten and (part.start_dim, part.end_dim) == (1, -1)
    if whole and flat == "no":
        return "yes"
    home, _, file = kind.__module__.rpartition(".")
    ours = kind in _NAMES or (home == "torch.nn.modules" and file in _KEEP)
    # GLU halves the channels
    if whole or flat == "told" or (ours and kind is not nn.GLU):
        return flat
    return "unseen"


def _order(
    part: nn.Module, where: str, own: dict[str, Tensor], maps: int | None, flat: str
) -> tuple[int | None, str, int]:
    kind, order = type(part), 1
    if kind is nn.Embedding:
        return 1, "no", 1
    if isinstance(part, _CONVOLUTIONS):
        if maps == 0:
            raise ValueError(f"features must not become maps. Received: {where}")
        return part.out_channels, "no", 1
    size = next(iter(own.values())).shape[-1]
    if flat == "no" and kind in _LAST and maps and maps > 1:
        raise ValueError(f"channels must be moved last for it. Received: {where}")
    single = kind is nn.PReLU and size == 1
    if flat != "no" and maps not in (0, 1, size) and not single:
        if maps is None:
            raise ValueError(
                f"channels must be given: what {where} gets was flattened or changed, "
                "and is the first to have weights. Received: None"
            )
        able = (nn.Linear, nn.LayerNorm, nn.RMSNorm, nn.PReLU, *_BATCH)
        if flat == "unseen" or size % maps or kind not in able:
            raise ValueError(
                f"the order of its features must be seen: {maps} channels, then an "
                f"nn.Flatten. Received: {size} features of {where}"
            )
        order = maps
    return (0, "no", order) if kind in (nn.Linear, *_LAST[3:]) else (maps, flat, order)


def _arrays(
    part: nn.Module, where: str, own: dict[str, Tensor], layers: list[_Layer]
) -> _Arrays:
    if isinstance(part, nn.RNNBase):
        return _recurrent(part, where, own, layers)
    if isinstance(part, nn.MultiheadAttention):
        return _attention(part, where, own, layers)
    if isinstance(part, nn.Embedding) and part.max_norm is not None:
        raise ValueError(f"max_norm must be None. Received: {where}")
    if isinstance(part, nn.LayerNorm | nn.RMSNorm) and len(part.normalized_shape) > 1:
        sizes = part.normalized_shape
        raise ValueError(f"normalized_shape must be one. Received: {sizes} of {where}")
    names = _NAMES[type(part)]
    norm = "gamma" in names
    had = [theirs for theirs, ours in zip(names, _OURS, strict=False) if ours in own]
    owner, theirs = _take(layers, where, [*names] if norm else had, some=norm)
    arrays = {_OURS[names.index(name)]: array for name, array in theirs.items()}
    if norm:
        # a scale of 1 and a shift of 0 are as good as none
        for name, none in (("weight", 1), ("bias", 0)):
            if name not in arrays and name in own:
                arrays[name] = np.full_like(own[name].detach().cpu().numpy(), none)
            elif name in arrays and name not in own and (arrays[name] == none).all():
                del arrays[name]
    if arrays.keys() != own.keys():
        raise ValueError(f"{where} has {[*own]}. Received: {owner} {[*theirs]}")
    array = arrays.get("weight")
    if "kernel" in names and array is not None and array.ndim == own["weight"].ndim:
        deep = getattr(part, "in_channels", 1)
        if 1 < deep == getattr(part, "groups", 1) == array.shape[-2]:
            # a depthwise kernel ends in (channels, multiplier)
            array = array.reshape(*array.shape[:-2], 1, -1)
        rank = array.ndim - 2
        arrays["weight"] = array.transpose(rank + 1, rank, *range(rank))
    elif "alpha" in names and array is not None and {*array.shape[:-1]} <= {1}:
        arrays["weight"] = array.reshape(-1)
    return arrays


def _recurrent(
    part: nn.RNNBase, where: str, own: dict[str, Tensor], layers: list[_Layer]
) -> _Arrays:
    if part.proj_size:
        raise ValueError(f"proj_size must be 0. Received: {part.proj_size} of {where}")
    gates, arrays = _GATES[type(part)], {}
    both = isinstance(part, nn.GRU)
    for end in dict.fromkeys(name[name.index("_l") :] for name in own):
        names = ["kernel", "recurrent_kernel", "bias"][: 2 + part.bias]
        owner, theirs = _take(layers, where, names)
        wide = len(gates) * part.hidden_size
        pair = own[f"weight_ih{end}"].shape, own[f"weight_hh{end}"].shape
        shapes: list[tuple[int, ...]] = [(after, before) for before, after in pair]
        shapes += [(2, wide) if both else (wide,)] * part.bias
        got = [array.shape for array in theirs.values()]
        if got != shapes:
            raise ValueError(
                f"{where} needs shapes {shapes}{', reset_after=True' * both}. "
                f"Received: {got} of {owner}"
            )
        turned = [
            np.concatenate([np.split(array, len(gates), -1)[g] for g in gates], -1).T
            for array in theirs.values()
        ]
        arrays[f"weight_ih{end}"], arrays[f"weight_hh{end}"] = turned[:2]
        if part.bias:
            # Keras has one bias; a GRU two, as the state's stands inside a gate
            biases = turned[2].T if both else (turned[2], np.zeros_like(turned[2]))
            arrays[f"bias_ih{end}"], arrays[f"bias_hh{end}"] = biases
    return arrays


def _attention(
    part: nn.MultiheadAttention,
    where: str,
    own: dict[str, Tensor],
    layers: list[_Layer],
) -> _Arrays:
    if part.bias_k is not None or part.add_zero_attn:
        raise ValueError(f"add_bias_kv, add_zero_attn must be off. Received: {where}")
    wide, heads = part.embed_dim, (part.num_heads, part.head_dim)
    sizes = {"query": wide, "key": part.kdim, "value": part.vdim}
    turned: dict[str, list[np.ndarray]] = {"kernel": [], "bias": []}
    bias = ("bias",) * (part.in_proj_bias is not None)
    for name in (*sizes, "attention_output"):
        owner, theirs = _take(layers, where, ["kernel", *bias])
        last = name not in sizes
        shapes: list[tuple[int, ...]]
        shapes = [(*heads, wide) if last else (sizes[name], *heads)]
        shapes += [(wide,) if last else heads] * len(bias)
        got = [array.shape for array in theirs.values()]
        if owner.rpartition("/")[2] != name or got != shapes:
            raise ValueError(
                f"{where} needs {name} of shapes {shapes}. Received: {owner} of {got}"
            )
        turned["kernel"].append(theirs["kernel"].reshape(-1, wide).T)
        turned["bias"] += [theirs[name].reshape(wide) for name in bias]
    *inputs, out = turned["kernel"]
    if "in_proj_weight" in own:
        arrays = {"in_proj_weight": np.concatenate(inputs)}
    else:
        names = ("q_proj_weight", "k_proj_weight", "v_proj_weight")
        arrays = dict(zip(names, inputs, strict=True))
    arrays["out_proj.weight"] = out
    if bias:
        arrays["in_proj_bias"] = np.concatenate(turned["bias"][:3])
        arrays["out_proj.bias"] = turned["bias"][3]
    return arrays
