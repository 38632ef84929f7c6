"""What the layers are tried on, and how a case says it in every wing."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

__all__ = ["Case", "Refusal", "applied", "last", "normal"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One layer on one input, in three spellings.

    Attributes
    ----------
    name : str
        Its name in the tests.
    definition : str
        File and function of the reference wing, such as "conv.conv".
    arrays : dict of str to ndarray
        What the layer is given, in torch's layout. Floats are differentiated.
    options : dict
        Keyword arguments of the definition.
    torch, keras : callable
        From tensors, in torch's layout, to the outputs in torch's layout.
    recipe : str
        File of the recipe that is called, or nothing.
    keras_dtype : str
        What Keras computes in: TensorFlow has no pooling of volumes in float64.
    """

    name: str
    definition: str
    arrays: dict[str, np.ndarray]
    torch: Callable
    keras: Callable
    options: dict = field(default_factory=dict)
    recipe: str = ""
    keras_dtype: str = "float64"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A call that a recipe refuses.

    Attributes
    ----------
    recipe : str
        Wing, file and function or class, such as "torch/same_conv.same_conv".
    call : callable
        Is given the function.
    names : str
        What the message must name.
    """

    recipe: str
    call: Callable
    names: str


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    """Return normal numbers that are the same in every run."""
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def last(f: Callable) -> Callable:
    """Let a function of Keras, channels last, work on a tensor with channels first."""
    from keras import ops

    def wrapped(x, *rest):
        y = f(ops.moveaxis(x, 1, -1), *rest)
        return ops.moveaxis(y, -1, 1) if len(y.shape) > 2 else y

    return wrapped


def applied(layer, x, *weights, training: bool = False, more: tuple = ()):
    """Call a layer of Keras with these weights in place of its own."""
    if not layer.built:
        layer(x, *more) if more else layer.build(tuple(x.shape))
    state = [v.value for v in layer.non_trainable_variables]
    call = {"training": training} if training else {}
    y, _ = layer.stateless_call(list(weights), state, x, *more, **call)
    return y
