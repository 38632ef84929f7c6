"""Weights from one framework to the other, by name: the proof that two models are one.

A Keras layer is called like the module in PyTorch with underscores for dots, so that
`layer1.0.conv1.weight` and the kernel of `layer1_0_conv1` find each other. Whatever is
left over on either side is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import torch
from torch import nn

# What Keras calls a variable, and what PyTorch calls the same thing.
NAMES = {
    "kernel": "weight",
    "gamma": "weight",
    "scale": "weight",
    "embeddings": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
    # of a layer that is called like a parameter and holds nothing else
    "value": "",
}
# Where each axis of a weight in PyTorch goes to.
AXES = {
    nn.Linear: (1, 0),
    nn.Conv1d: (2, 1, 0),
    nn.Conv2d: (2, 3, 1, 0),
    nn.ConvTranspose1d: (2, 1, 0),
    nn.ConvTranspose2d: (2, 3, 1, 0),
}
# Where each gate of Keras stands in PyTorch: update and reset change places.
GATES = {nn.LSTM: (0, 1, 2, 3), nn.GRU: (1, 0, 2)}
Rename = Callable[[str], str | None]


def axes(module: nn.Module, name: str) -> tuple[int, ...] | None:
    """Return the order of a weight's axes in Keras, or None if it is the same."""
    if name != "weight":
        return None
    order = next((o for kind, o in AXES.items() if isinstance(module, kind)), None)
    if isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d):
        assert module.groups == 1, "Keras has no transposed convolution in groups"
    plain = order and isinstance(module, nn.Conv1d | nn.Conv2d)
    if plain and module.groups > 1 and module.groups == module.in_channels:
        # a depthwise kernel of Keras ends in (channels, 1), not in (1, channels)
        return (*order[:-2], order[-1], order[-2])
    return order


def recurrent(module: nn.LSTM | nn.GRU) -> dict[str, tuple[torch.Tensor, Any]]:
    """Return the weights of a recurrent layer as Keras has them, gates in its order."""
    gates = GATES[type(module)]

    def sorted_gates(name: str) -> torch.Tensor:
        parts = getattr(module, f"{name}_l0").detach().chunk(len(gates))
        return torch.cat([parts[gate] for gate in gates])

    first, second = sorted_gates("bias_ih"), sorted_gates("bias_hh")
    # the state's bias of a GRU stands inside the reset gate: the two cannot be added
    bias = first + second if type(module) is nn.LSTM else torch.stack([first, second])
    return {
        "weight": (sorted_gates("weight_ih"), (1, 0)),
        "recurrent_kernel": (sorted_gates("weight_hh"), (1, 0)),
        "bias": (bias, None),
    }


def tensors(model: nn.Module) -> dict[str, tuple[torch.Tensor, Any]]:
    """Map the name of a variable in Keras to the tensor and the order of its axes."""
    modules = dict(model.named_modules())
    found = {}
    for path, tensor in model.state_dict(keep_vars=True).items():
        module, _, name = path.rpartition(".")
        if name == "num_batches_tracked":
            continue
        if type(modules[module]) in GATES:
            for part, value in recurrent(modules[module]).items():
                found[f"{module.replace('.', '_')}_{part}"] = value
            continue
        key = path.replace(".", "_")
        assert key not in found, f"two tensors would be called {key}"
        found[key] = tensor.detach(), axes(modules[module], name)
    return found


def variables(model: keras.Model, rename: Rename = str) -> dict[str, Any]:
    """Map the name in PyTorch, dots as underscores, to each variable of Keras.

    Parameters
    ----------
    model : keras.Model
        Any model whose layers are named.
    rename : callable, optional
        From the name of a layer (and of what it holds, after a slash) to the module's;
        None for what is no part of the network.

    Returns
    -------
    dict
        Every weight of the model once.
    """
    found = {}
    for variable in model.weights:
        path, _, name = variable.path.rpartition("/")
        path = rename(path)
        if path is None:
            continue
        # Keras keeps the weights of a recurrent layer in a cell inside
        path = re.sub(r"/(lstm|gru)_cell$", "", path)
        key = f"{path}/{NAMES.get(name, name)}"
        key = re.sub(r"[/.]", "_", key.strip("/"))
        assert key not in found, f"two variables are called {key}"
        found[key] = variable
    return found


def pairs(
    torch_model: nn.Module, keras_model: keras.Model, rename: Rename = str
) -> Iterator[tuple[str, torch.Tensor, Any, Any]]:
    """Return name, tensor, variable and axes of all weights; nothing may be left."""
    theirs, ours = variables(keras_model, rename), tensors(torch_model)
    assert not theirs.keys() ^ ours.keys(), (
        f"only in Keras: {sorted(theirs.keys() - ours.keys())}; "
        f"only in PyTorch: {sorted(ours.keys() - theirs.keys())}"
    )
    for name, (tensor, order) in ours.items():
        shape = tuple(tensor.shape[i] for i in order) if order else tuple(tensor.shape)
        wanted = tuple(theirs[name].shape)
        # `keras.layers.MultiHeadAttention` splits the features into heads
        split = "attention" in name and len(wanted) == len(shape) + 1
        same = np.prod(wanted) == np.prod(shape) if split else wanted == shape
        assert same, f"{name}: {shape} in PyTorch, {wanted} in Keras"
        yield name, tensor, theirs[name], order


def to_keras(
    torch_model: nn.Module, keras_model: keras.Model, rename: Rename = str
) -> keras.Model:
    """Copy every weight and every running statistic of PyTorch into Keras.

    Parameters
    ----------
    torch_model : nn.Module
        Stays as it is.
    keras_model : keras.Model
        Named like it, see above.
    rename : callable, optional
        From the name of a layer in Keras to the module's, see `variables`.

    Returns
    -------
    keras.Model
        The same object, with the numbers of `torch_model`.
    """
    for _, tensor, variable, order in pairs(torch_model, keras_model, rename):
        array = tensor.cpu().numpy()
        array = array.transpose(order) if order else array
        variable.assign(array.reshape(variable.shape))
    return keras_model


def to_torch(
    keras_model: keras.Model, torch_model: nn.Module, rename: Rename = str
) -> nn.Module:
    """Copy every weight and every running statistic of Keras into PyTorch.

    Parameters
    ----------
    keras_model : keras.Model
        Stays as it is.
    torch_model : nn.Module
        Gets the numbers.
    rename : callable, optional
        From the name of a layer in Keras to the module's, see `variables`.

    Returns
    -------
    nn.Module
        The same object.
    """
    kinds = {type(module) for module in torch_model.modules()}
    assert not kinds & GATES.keys(), "two biases cannot be told from their sum"
    for _, tensor, variable, order in pairs(torch_model, keras_model, rename):
        order = order or range(tensor.ndim)
        array = np.array(keras.ops.convert_to_numpy(variable))
        array = array.reshape([tensor.shape[i] for i in order])
        tensor.copy_(torch.from_numpy(array.transpose(np.argsort(order))))
    return torch_model


def shake(model: nn.Module, seed: int = 0) -> nn.Module:
    """Move every weight and statistic off its initial value, so that none can hide.

    A bias of 0 or a scale of 1 in the wrong place would change nothing.

    Parameters
    ----------
    model : nn.Module
        Changed in place.
    seed : int
        Of the random numbers.

    Returns
    -------
    nn.Module
        The same object.
    """
    generator = torch.Generator().manual_seed(seed)
    for path, tensor in model.state_dict().items():
        name = path.rpartition(".")[2]
        if name == "num_batches_tracked":
            continue
        if name == "running_var" or (name == "weight" and tensor.ndim == 1):
            factor = torch.rand(tensor.shape, generator=generator) * 0.5 + 0.75
            # the scale that some initialise with 0 as well
            tensor.copy_(torch.where(tensor == 0, 1.0, tensor) * factor)
        else:
            noise = torch.randn(tensor.shape, generator=generator)
            spread = tensor.std() if tensor.numel() > 1 else torch.tensor(0.0)
            tensor.add_(noise * (0.1 * spread if spread > 0 else 0.05))
    return model


def last(x: np.ndarray) -> np.ndarray:
    """Put the channels of images last, as Keras has them; leave other shapes alone."""
    return np.moveaxis(x, 1, -1) if x.ndim == 4 else x


def first(x: np.ndarray) -> np.ndarray:
    """Put the channels of images second, as PyTorch has them."""
    return np.moveaxis(x, -1, 1) if x.ndim == 4 else x


def parts_of(outputs: Any) -> list[Any]:
    """Return as a list what a model gives: a tensor, a tuple, a dictionary."""
    if isinstance(outputs, dict):
        return [outputs[key] for key in sorted(outputs)]
    return list(outputs) if isinstance(outputs, tuple | list) else [outputs]


def run_torch(model: nn.Module, *inputs: np.ndarray) -> list[np.ndarray]:
    """Return what a model of PyTorch says in inference, one array for each output."""
    model.eval()
    with torch.inference_mode():
        out = model(*map(torch.from_numpy, inputs))
    return [x.float().numpy() for x in parts_of(out)]


def run_keras(model: keras.Model, *inputs: np.ndarray) -> list[np.ndarray]:
    """Return what a model of Keras says in inference, in the layout of PyTorch."""
    arrays = [last(x) for x in inputs]
    out = model(arrays[0] if len(arrays) == 1 else arrays, training=False)
    return [first(keras.ops.convert_to_numpy(x)) for x in parts_of(out)]


def difference(got: list[np.ndarray], want: list[np.ndarray]) -> float:
    """Return the largest difference of two lists of outputs, relative to their size.

    Parameters
    ----------
    got, want : list of ndarray
        As many, of the same shapes.

    Returns
    -------
    float
        The largest absolute difference over the largest absolute value of `want`.
    """
    assert [x.shape for x in got] == [x.shape for x in want]
    assert all(np.isfinite(x).all() for x in want)
    scale = max(np.abs(x).max() for x in want)
    assert scale > 0, "every output is 0: nothing is compared"
    apart = max(np.abs(a - b).max() for a, b in zip(got, want, strict=True))
    return float(apart / scale)


def wings_differ(
    torch_model: nn.Module,
    keras_model: keras.Model,
    *inputs: np.ndarray,
    rename: Rename = str,
) -> float:
    """Return how far two wings are apart once they hold the same numbers.

    Parameters
    ----------
    torch_model : nn.Module
        Its weights are shaken first.
    keras_model : keras.Model
        Gets them.
    *inputs : ndarray
        What the model of PyTorch takes: images with channels second.
    rename : callable, optional
        See `variables`.

    Returns
    -------
    float
        See `difference`.
    """
    to_keras(shake(torch_model), keras_model, rename)
    return difference(run_keras(keras_model, *inputs), run_torch(torch_model, *inputs))
