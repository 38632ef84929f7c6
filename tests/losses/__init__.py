"""What the contract needs to know of each loss: `focal.py` here is `losses/focal`.

A case gives inputs, an extreme says what must come out at the edge of the number
range, a refusal what must not pass, an oracle who else knows the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Extreme:
    """Hostile input whose value and gradient are recomputed in arbitrary precision."""

    outputs: list
    targets: list
    # (outputs as an object array of mpmath numbers, targets) -> sum of the loss
    formula: Callable
    kwargs: dict = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Input that must be refused; `match` is looked for in the message.

    By "value", the refusal depends on the numbers: Keras returns NaN, since a compiled
    graph cannot raise. By "shape" or "argument", every wing raises ValueError.
    """

    by: str
    outputs: np.ndarray
    targets: np.ndarray
    match: str
    kwargs: dict = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way to call one function.

    Attributes
    ----------
    function : str
        Name in the recipe file.
    inputs : callable
        `rng -> (outputs, targets)` in torch's layout, float64 and integers.
    kwargs : dict
        Options; arrays become tensors of the wing.
    last : tuple of str
        "outputs" and/or "targets" if axis 1 there is the channel axis.
    per_example : bool
        True if row i of the result depends on row i of the inputs alone.
    smooth : bool
        False if the inputs may sit on a kink, where a slope means nothing.
    oracles : tuple of callables
        `(outputs, targets, **kwargs) -> loss` by libraries that no one here wrote.
    extremes : tuple of Extreme
    refusals : tuple of Refusal
    tolerance : float
        Allowed error in units of the dtype's epsilon, relative to the largest value.
    """

    function: str
    inputs: Callable
    kwargs: dict = field(default_factory=dict)
    last: tuple[str, ...] = ()
    per_example: bool = True
    smooth: bool = True
    oracles: tuple[Callable, ...] = ()
    extremes: tuple[Extreme, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    tolerance: float = 16.0
