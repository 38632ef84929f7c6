"""What the contract needs to know of each metric: `roc_auc.py` is `metrics/roc_auc`.

Inputs come in the order of scikit-learn and Keras, `(y_true, y_pred, ...)`, classes on
the last axis; `tests.wings` turns them into what a wing wants.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Input that must be refused; `match` is looked for in the message.

    `kwargs` come on top of those of the case.

    By "value", the refusal depends on the numbers: Keras returns NaN, since a compiled
    graph cannot raise. By "empty", nothing has been counted yet: Keras shows NaN. By
    "shape" or "argument", every wing raises ValueError.
    """

    by: str
    inputs: tuple[Any, ...]
    match: str
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way to call one function, and the class that streams it.

    Attributes
    ----------
    function : str
        Name of the plain function in the recipe file.
    metric : str
        Name of the class that streams it, if there is one.
    inputs : callable
        `rng -> (y_true, y_pred, ...)`, NumPy arrays, examples on the first axis.
    kwargs : dict
        Arguments and options, which function and class share.
    last : tuple of int
        Which inputs have their classes (or channels) last in NumPy and Keras, and
        second in torch and in the definition.
    oracles : tuple of callables
        `(y_true, y_pred, ..., **kwargs) -> result` by libraries that no one here wrote.
        Their result has the form of ours.
    weighted : bool
        True if there is a `sample_weight`: a weight of 2 must be a repetition, and a
        weight of 0 an absence.
    ordered : bool
        True if the order of the examples matters.
    refusals : tuple of Refusal
    tolerance : float
        Allowed relative error in float64.
    """

    function: str
    metric: str = ""
    inputs: Callable
    kwargs: dict[str, Any] = field(default_factory=dict)
    last: tuple[int, ...] = ()
    oracles: tuple[Callable, ...] = ()
    weighted: bool = False
    ordered: bool = False
    refusals: tuple[Refusal, ...] = ()
    tolerance: float = 1e-12
