"""Weights of the other framework: of one layer, or of a whole Sequential."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
from keras import layers as kinds

__all__ = ["import_weights"]

_CONVOLUTIONS = (
    *(kinds.Conv1D, kinds.Conv2D, kinds.Conv3D),
    *(kinds.Conv1DTranspose, kinds.Conv2DTranspose, kinds.Conv3DTranspose),
)
_DEPTHWISE = (kinds.DepthwiseConv1D, kinds.DepthwiseConv2D)
_SEPARABLE = (kinds.SeparableConv1D, kinds.SeparableConv2D)
_OURS = {
    **dict.fromkeys((kinds.Dense, *_CONVOLUTIONS, *_DEPTHWISE), ("kernel", "bias")),
    **dict.fromkeys(
        (kinds.LayerNormalization, kinds.GroupNormalization), ("gamma", "beta")
    ),
    kinds.BatchNormalization: ("gamma", "beta", "moving_mean", "moving_variance"),
    kinds.RMSNormalization: ("scale",),
    kinds.PReLU: ("alpha",),
    kinds.Embedding: ("embeddings",),
}
# what PyTorch calls these
_NAMES = ("weight", "bias", "running_mean", "running_var")
# where each gate stands in PyTorch: update and reset change places
_GATES = {kinds.SimpleRNN: (0,), kinds.LSTM: (0, 1, 2, 3), kinds.GRU: (1, 0, 2)}
_KEEP = re.compile(
    r"InputLayer|Identity|Activation|Softmax|(|Leaky)ReLU|ELU|Rescaling|Masking"
    r"|.*Dropout(|[123]D)|GaussianNoise|ActivityRegularization"
    r"|(Global|Adaptive|)(Average|Max)Pooling.D|(ZeroPadding|Cropping|UpSampling).D"
)

_Arrays = dict[str, np.ndarray]
_Layer = tuple[str, _Arrays]


def import_weights(
    layer: keras.Layer,
    weights: Mapping[str, Any],
    *,
    channels: int | None = None,
) -> None:
    """Put the weights of a module of PyTorch, or of a `Sequential`, into a layer.

    Layer after layer, in order: linear, convolutions of all kinds, norms with their
    statistics, PReLU, embeddings, recurrent layers, attention. A `SeparableConv` is two
    convolutions there. Where a `Flatten` stands between maps and features, these get
    Keras' order. All is looked at before anything is written.

    Not in the weights, so set by hand: `epsilon` (1e-5 in most norms of PyTorch),
    padding, strides, activations, momentum, groups of a norm, heads of an attention.

    Parameters
    ----------
    layer : keras.Layer
        A layer, or a `Sequential` of layers and of Sequentials, or a functional model
        without branches; built, and changed in place.
    weights : dict of str to array or Tensor on the CPU, shapes of PyTorch
        `module.state_dict()`, in its order.
    channels : int >= 1, optional
        Channels of the maps that are flattened in front of the first dense layer, where
        the model does not show them: 3 for flattened RGB images, 1 for anything that
        has no channels.

    Raises
    ------
    ValueError
        If weights are missing, left over, in another order, shape or dtype, shared, or
        of a kind that PyTorch does not have; or if the order of flattened features
        cannot be known.

    Examples
    --------
    >>> layer = kinds.Dense(1)
    >>> layer.build((None, 2))
    >>> weight, bias = np.float32([[2, 3]]), np.float32([1])
    >>> import_weights(layer, {"weight": weight, "bias": bias})
    >>> float(layer(np.float32([[10, 100]]))[0, 0])
    321.0

    References
    ----------
    Keras, "The base Layer class". <https://keras.io/api/layers/base_layer/>
    PyTorch, `nn.Module.state_dict`.
    <https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html>
    """
    for name, rule, given, is_right in (
        ("layer", "a Layer", layer, isinstance(layer, keras.Layer)),
        ("weights", "a mapping to arrays", weights, isinstance(weights, Mapping)),
    ):
        if not is_right:
            raise ValueError(f"{name} must be {rule}. Received: {type(given).__name__}")
    if channels is not None and (type(channels) is not int or channels < 1):
        raise ValueError(f"channels must be 1 or more. Received: {channels!r}")
    layers = _layers(weights)
    found: dict[int, tuple[Any, np.ndarray]] = {}
    maps, flat = channels, "no" if channels is None else "told"
    for where, part in _parts(layer):
        if not part.weights:
            maps, flat = _passed(part, maps, flat)
            continue
        pairs = _pairs(part, where, layers)
        maps, flat, order = _order(part, where, maps, flat)
        for variable, array in pairs:
            shape, kind = tuple(variable.shape), str(variable.dtype)
            if array.shape != shape or array.dtype.name != kind:
                raise ValueError(
                    f"{variable.name} of {where} is {kind} of shape {shape}. "
                    f"Received: {array.dtype} of shape {array.shape}, in its layout"
                )
            if id(variable) in found:
                raise ValueError(
                    f"{variable.name} must be there once. Received: {where} again"
                )
            if order > 1 and variable.name != "bias":
                places = array.reshape(order, -1, *array.shape[1:])
                array = places.swapaxes(0, 1).reshape(array.shape)
            found[id(variable)] = variable, array
    if layers:
        raise ValueError(f"no layer is left for them. Received: {_said(layers)}")
    for variable, array in found.values():
        variable.assign(array)


def _layers(weights: Mapping[str, Any]) -> list[_Layer]:
    layers: list[_Layer] = []
    places = []
    for path, tensor in weights.items():
        owner, _, name = path.rpartition(".")
        if name == "num_batches_tracked":
            continue
        if match := re.fullmatch(r"(\w+_[ih]h)(_l\d+(?:_reverse)?)", name):
            name, owner = match[1], owner + match[2]
        if not layers or layers[-1][0] != owner:
            layers.append((owner, {}))
            places.append([int(n) for n in owner.split(".") if n.isdecimal()])
        layers[-1][1][name] = np.asarray(tensor)
    # a file that is sorted by name has 10 before 2
    if all(owner[:1].isdecimal() for owner, _ in layers) and places != sorted(places):
        raise ValueError(
            "weights must be in the order of the state_dict. "
            f"Received: {[owner for owner, _ in layers]}"
        )
    return layers[::-1]


def _said(layers: list[_Layer]) -> str:
    owner, arrays = layers[-1] if layers else ("nothing", {})
    return f"{owner or 'a module'} {[*arrays]}"


def _take(
    layers: list[_Layer], where: str, names: list[str], *, some: bool = False
) -> _Layer:
    theirs = [*layers[-1][1]] if layers else []
    # what a file has sorted by name no longer stands in the order of the modules
    if not theirs or theirs != [n for n in names if n in theirs or not some]:
        raise ValueError(f"{where} takes {names}. Received: {_said(layers)}")
    return layers.pop()


def _parts(layer: keras.Layer) -> Iterator[tuple[str, keras.Layer]]:
    where = f"{layer.name} ({type(layer).__name__})"
    rnn = kinds.Bidirectional, *_GATES
    if isinstance(layer, keras.Model):
        inner = layer.layers
        if type(layer) is not keras.Sequential:
            tensors = [keras.tree.flatten(part.input) for part in inner[1:]]
            chain = getattr(layer, "outputs", None) == [inner[-1].output] and all(
                tensor is before.output
                for before, after in zip(inner, tensors, strict=False)
                for tensor in after
            )
            if not chain:
                raise ValueError(
                    "in which order a model calls its layers must be plain: import "
                    f"them one by one. Received: {where}"
                )
        for part in inner:
            yield from _parts(part)
    elif type(layer) in (*_OURS, *_SEPARABLE, *rnn, kinds.MultiHeadAttention):
        if not layer.built:
            raise ValueError(f"the layer must be built. Received: {where}")
        axis = np.atleast_1d(getattr(layer, "axis", -1))
        if [*axis] != [-1] and type(layer) is not kinds.BatchNormalization:
            raise ValueError(f"axis must be -1. Received: {[*axis]} of {where}")
        yield where, layer
    elif layer.weights:
        raise ValueError(f"PyTorch must have the layer. Received: {where}")
    else:
        yield where, layer


def _passed(layer: keras.Layer, maps: int | None, flat: str) -> tuple[int | None, str]:
    kind = type(layer)
    if kind is kinds.Flatten:
        return maps, "yes" if flat == "no" else flat
    if kind is kinds.Reshape and maps == 1:
        return 0, flat
    ours = getattr(kinds, kind.__name__, None) is kind
    if ours and kind.__name__.startswith("Global") and not layer.keepdims:
        return 1, "no"
    keeps = kind in _OURS or (ours and _KEEP.fullmatch(kind.__name__))
    return maps, flat if keeps or flat == "told" else "unseen"


def _order(
    layer: keras.Layer, where: str, maps: int | None, flat: str
) -> tuple[int | None, str, int]:
    kind, order, kernel = type(layer), 1, layer.weights[0]
    if kind is kinds.Embedding:
        return 1, "no", 1
    if kind in (*_CONVOLUTIONS, *_DEPTHWISE, *_SEPARABLE):
        if maps == 0:
            raise ValueError(f"features must not become maps. Received: {where}")
        deep = kernel.shape[-1] * kernel.shape[-2]
        return deep if kind in _DEPTHWISE else layer.filters, "no", 1
    size = kernel.shape[-1 if kind is kinds.PReLU else 0]
    single = kind is kinds.PReLU and size == 1
    if flat != "no" and maps not in (0, 1, size) and not single:
        if maps is None:
            raise ValueError(
                f"channels must be given: what {where} gets was flattened or changed, "
                "and is the first to have weights. Received: None"
            )
        able = {kinds.Dense, *_OURS} - {kinds.GroupNormalization}
        if flat == "unseen" or size % maps or kind not in able:
            raise ValueError(
                f"the order of its features must be seen: {maps} channels, then a "
                f"Flatten. Received: {size} features of {where}"
            )
        order = maps
    keep = kind in _OURS and kind is not kinds.Dense
    return (maps, flat, order) if keep else (0, "no", order)


def _pairs(
    layer: keras.Layer, where: str, layers: list[_Layer]
) -> list[tuple[Any, np.ndarray]]:
    if isinstance(layer, kinds.Bidirectional):
        if layer.merge_mode != "concat" or type(layer.forward_layer) not in _GATES:
            raise ValueError(
                "merge_mode must be 'concat', of two plain layers. "
                f"Received: {layer.merge_mode} of {where}"
            )
        back = _recurrent(layer.forward_layer, where, layers)
        return back + _recurrent(layer.backward_layer, where, layers, backwards=True)
    if type(layer) in _GATES:
        return _recurrent(layer, where, layers)
    if isinstance(layer, kinds.MultiHeadAttention):
        return _attention(layer, where, layers)
    own = {variable.name: variable for variable in layer.weights}
    arrays = _plain(layer, where, own, layers)
    if arrays.keys() != own.keys():
        raise ValueError(f"{where} has {[*own]}. Received: {[*arrays]}")
    for name, array in arrays.items():
        shape = tuple(own[name].shape)
        if name.endswith("kernel") and array.ndim > 1:
            array = array.transpose(*range(2, array.ndim), 1, 0)
            deep = isinstance(layer, _DEPTHWISE) or name == "depthwise_kernel"
            if deep and array.shape[-2:] == (1, shape[-2] * shape[-1]):
                array = array.reshape(*array.shape[:-2], *shape[-2:])
        elif name == "alpha" and shape == (1,) * (len(shape) - 1) + array.shape:
            array = array.reshape(shape)
        arrays[name] = array
    return [(own[name], array) for name, array in arrays.items()]


def _plain(
    layer: keras.Layer, where: str, own: dict[str, Any], layers: list[_Layer]
) -> _Arrays:
    if isinstance(layer, _SEPARABLE):
        _, first = _take(layers, where, ["weight"])
        _, second = _take(layers, where, ["weight", "bias"][: len(own) - 1])
        pointwise = {
            name.replace("weight", "pointwise_kernel"): second[name] for name in second
        }
        return {"depthwise_kernel": first["weight"], **pointwise}
    ours = _OURS[type(layer)]
    norm = "gamma" in ours
    names = [name for name, mine in zip(_NAMES, ours, strict=False) if mine in own]
    _, theirs = _take(
        layers, where, [*_NAMES[: len(ours)]] if norm else names, some=norm
    )
    arrays = {ours[_NAMES.index(name)]: array for name, array in theirs.items()}
    # a scale of 1 and a shift of 0 are as good as none
    for name, none in (("gamma", 1), ("beta", 0)):
        if name in own and name not in arrays:
            arrays[name] = np.full_like(own[name].numpy(), none)
        elif name in arrays and name not in own and (arrays[name] == none).all():
            del arrays[name]
    return arrays


def _recurrent(
    layer: keras.Layer, where: str, layers: list[_Layer], *, backwards: bool = False
) -> list[tuple[Any, np.ndarray]]:
    kind, tanh = type(layer), keras.activations.tanh
    both = kind is kinds.GRU
    plain = layer.activation is tanh or (
        kind is kinds.SimpleRNN and layer.activation is keras.activations.relu
    )
    if kind is not kinds.SimpleRNN:
        plain &= layer.recurrent_activation is keras.activations.sigmoid
    if not plain or layer.go_backwards != backwards or (both and not layer.reset_after):
        raise ValueError(
            "PyTorch has tanh and sigmoid, forwards, and reset_after=True. "
            f"Received: {where}"
        )
    names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"][: 2 + 2 * layer.use_bias]
    owner, theirs = _take(layers, where, names)
    deep, wide = (layer.weights[0].shape[n] for n in (0, 1))
    shapes = [(wide, deep), (wide, layer.units), (wide,), (wide,)][: len(names)]
    got = [array.shape for array in theirs.values()]
    if got != shapes:
        raise ValueError(f"{where} needs shapes {shapes}. Received: {got} of {owner}")
    gates = _GATES[kind]
    turned = [
        np.concatenate([np.split(array, len(gates))[gate] for gate in gates])
        for array in theirs.values()
    ]
    arrays = [turned[0].T, turned[1].T]
    if layer.use_bias:
        # a GRU has the state's bias inside a gate, so that it cannot be added
        arrays.append(np.stack(turned[2:]) if both else turned[2] + turned[3])
    return [*zip(layer.weights, arrays, strict=True)]


def _attention(
    layer: keras.Layer, where: str, layers: list[_Layer]
) -> list[tuple[Any, np.ndarray]]:
    own = {"/".join(v.path.split("/")[-2:]): v for v in layer.weights}
    parts = ("query", "key", "value", "attention_output")
    packed = ["in_proj_weight"]
    if layers and "in_proj_weight" not in layers[-1][1]:
        packed = ["q_proj_weight", "k_proj_weight", "v_proj_weight"]
    bias = layer.weights[-1].name == "bias"
    owner, inputs = _take(layers, where, packed + ["in_proj_bias"] * bias)
    _, out = _take(layers, where, ["weight"] + ["bias"] * bias)
    kernels = [inputs[name] for name in packed]
    if len(kernels) == 1:
        kernels = np.array_split(kernels[0], 3)
    kernels.append(out["weight"])
    arrays = {f"{name}/kernel": a for name, a in zip(parts, kernels, strict=True)}
    if bias:
        biases = [*np.array_split(inputs["in_proj_bias"], 3), out["bias"]]
        arrays |= {f"{name}/bias": a for name, a in zip(parts, biases, strict=True)}
    if arrays.keys() != own.keys():
        raise ValueError(f"{where} has {[*own]}. Received: {[*arrays]} of {owner}")
    for name, array in arrays.items():
        shape = tuple(own[name].shape)
        ins = shape[:2] if name == "attention_output/kernel" else shape[:1]
        outs = shape[len(ins) :] if name.endswith("kernel") else shape
        wanted = (int(np.prod(outs)), int(np.prod(ins)))[: array.ndim]
        if array.shape != wanted:
            raise ValueError(
                f"{where} needs {name} of shape {wanted}. Received: {array.shape}"
            )
        arrays[name] = array.T.reshape(shape)
    return [(own[name], array) for name, array in arrays.items()]
