"""What the contract needs to know of each model: `resnet.py` here is `models/resnet`.

A case builds one model, a refusal says what must not pass, a peer is a model that no
one here wrote and whose weights must give the same outputs in ours.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Inputs = Callable[[np.random.Generator], tuple[np.ndarray, ...]]


def images(*shape: int) -> Inputs:
    """Return what draws images (N, C, H, W) of mean 0 and deviation 1."""
    return lambda rng: (rng.standard_normal(shape).astype("float32"),)


def tokens(*shape: int, below: int) -> Inputs:
    """Return what draws whole numbers from 1 to `below` - 1."""
    return lambda rng: (rng.integers(1, below, shape),)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What must be refused with a ValueError; `match` is looked for in the message.

    Attributes
    ----------
    match : str
        Regular expression for the message.
    args : tuple, optional
        Positional arguments instead of those of the case.
    kwargs : dict
        Options on top of those of the case.
    inputs : callable, optional
        What the model refuses. None if it cannot be built in the first place.
    run : callable, optional
        `(recipe's module, model, tensor) -> None`: what else is refused, once the model
        is built; `tensor` makes one of an array.
    """

    match: str
    args: tuple | None = None
    kwargs: dict = field(default_factory=dict)
    inputs: Inputs | None = None
    run: Callable[[Any, Any, Callable], object] | None = None


def out_of_range(**options: Any) -> tuple[Refusal, ...]:
    """Return what refuses each value of each option, and names it."""
    return tuple(
        Refusal(kwargs={name: value}, match=rf"{name}\b.*Received: ")
        for name, values in options.items()
        for value in values
    )


def no_classes(name: str = "num_classes", *before: object) -> Refusal:
    """Return what refuses 0 for the argument that says how much comes out."""
    return Refusal(args=(*before, 0), match=rf"{name}\b.* >= 1.*Received: .*\b0\b")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way to build one model.

    Attributes
    ----------
    function : str
        Name in the recipe file: a builder, or the class of a block.
    inputs : callable
        `rng -> arrays` as PyTorch takes them, two or more examples, float32 or int64.
    more : tuple of callables
        Other inputs it must take: odd, not square.
    args, kwargs : tuple, dict
        What it is built with.
    keras_args : tuple, optional
        Positional arguments in Keras where they differ: it needs no `in_channels`.
    refusals : tuple of Refusal
    leaves_out : tuple of str
        What another case of the file shows, out of "compile", "export", "onnx",
        "saved", "step" and "bfloat16". The proof (tools/bench_models.py) leaves out
        nothing.
    examples_apart : bool
        False if one example of a batch changes what comes out for another.
    idle : str
        Regular expression for weights that nothing depends on, dots as underscores.
    """

    function: str
    inputs: Inputs
    more: tuple[Inputs, ...] = ()
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    keras_args: tuple | None = None
    refusals: tuple[Refusal, ...] = ()
    leaves_out: tuple[str, ...] = ()
    examples_apart: bool = True
    idle: str = "$^"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A model of another library whose weights are loaded into ours.

    Attributes
    ----------
    name : str
        Who it is, in words: for the page.
    library : str
        Module that must be installed.
    function : str
        Our builder.
    differences : callable
        `() -> {"torch": x, "keras": y}`: the largest difference of the outputs over the
        largest output, after its weights were copied into ours.
    slow : bool
        True if a quicker peer shows the same: left to `tools/bench_models.py`.
    """

    name: str
    library: str
    function: str
    differences: Callable[[], dict[str, float]]
    slow: bool = False


@dataclass(frozen=True, kw_only=True)
class Count:
    """A library that knows how many parameters a model has.

    Attributes
    ----------
    name : str
        Whose model, in words: for the page.
    library : str
        Module that must be installed.
    function, args, kwargs : str, tuple, dict
        Our builder and what it is given.
    counted : callable
        `() -> int`: the trainable parameters of theirs, counted by building it.
    slow : bool
        True if building it takes many seconds: left to `tools/bench_models.py`.
    """

    name: str
    library: str
    function: str
    counted: Callable[[], int]
    args: tuple = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    slow: bool = False
