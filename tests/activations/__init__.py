"""What the contract needs to know of each activation: `elu.py` is `activations/elu`.

A case says how a function is called and what it is in arbitrary precision.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tests import wings

# Far and near, both signs of zero, and every place where a function here bends.
_far = np.geomspace(1e-6, 1e4, 41)
GRID = np.concatenate([-_far[::-1], [-0.0, 0.0], _far, np.linspace(-12, 12, 49)])
# Smaller results have fewer digits in the dtype itself.
FLOOR = {"float64": 1e-300, "float32": 1e-30, "float16": 2.0**-14, "bfloat16": 1e-30}


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Options or a shape that must be refused; `match` is looked for in the message."""

    match: str
    kwargs: dict = field(default_factory=dict)
    shape: tuple[int, ...] = (2, 4)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way to call one function.

    Attributes
    ----------
    function : str
        Name in the recipe file.
    kwargs : dict
        Its options.
    formula : callable
        The value of one number in arbitrary precision (mpmath), for functions of
        single numbers; of a row and a place, for the others.
    kinks : tuple of float
        Places without a slope.
    refusals : tuple of Refusal
    tolerance : float
        Allowed error in units of the dtype's epsilon.
    """

    function: str
    kwargs: dict = field(default_factory=dict)
    formula: Callable
    kinks: tuple[float, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    tolerance: float = 8.0


def call(wing, name, x, dtype, weights=1.0, **kwargs):
    """Return value, gradient of the weighted sum and dtype of a call, as NumPy."""
    f = wings.function(wing, name)
    kwargs = {k: wings.tensor(wing, v) for k, v in kwargs.items()}
    if wing == "torch":
        import torch

        x = torch.tensor(x, dtype=getattr(torch, dtype), requires_grad=True)
        y = f(x, **kwargs)
        (slope,) = torch.autograd.grad((torch.tensor(weights) * y.double()).sum(), x)
        return y.detach().double().numpy(), slope.double().numpy(), str(y.dtype)[6:]
    import keras
    from keras import ops

    x = ops.convert_to_tensor(x, dtype=dtype)
    weights = ops.convert_to_tensor(weights, dtype="float64")

    def total(x):
        return ops.sum(weights * ops.cast(f(x, **kwargs), "float64"))

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            value = total(x)
        slope = tape.gradient(value, x)
    elif keras.backend.backend() == "torch":
        import torch

        x = x.detach().requires_grad_()
        (slope,) = torch.autograd.grad(total(x), x)
        x = x.detach()
    else:
        import jax

        # one compilation instead of one for every operation
        slope = jax.jit(jax.grad(total))(x)
    y = f(x, **kwargs)
    numbers = (ops.convert_to_numpy(ops.cast(part, "float64")) for part in (y, slope))
    return (*numbers, keras.backend.standardize_dtype(y.dtype))
