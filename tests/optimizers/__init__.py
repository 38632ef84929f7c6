"""How an optimizer of any framework walks along given gradients, NumPy in and out.

Every option of a case is a short binary fraction: Keras keeps some of them in float32,
and what is left is then the arithmetic alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests import wings

STEPS = 100
# A matrix of two different sides and a vector: some optimizers treat them apart.
SHAPES = ((3, 4), (5,))

Weights = list[np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One setting of one optimizer, as each framework writes it.

    Attributes
    ----------
    optimizer : str
        The definition, such as `adam.adamw`.
    kwargs : dict
        Its options, without the rate.
    lr : float
        Its rate.
    torch, keras, optax : str
        The calls that must do the same. A call names the class as a reader would:
        `torch.optim.SGD(params, lr=lr)`, or a recipe's `Lion(params, lr=lr)`.
    scheduled : bool
        Halve the rate every 20 steps.
    matrices : bool
        Only the matrices are trained.
    tolerance : float
        Largest difference after all steps.
    keras_dtype : str
        Of Keras' weights.
    elsewhere : float
        Largest difference of Keras on PyTorch and JAX, where its `maximum` and `norm`
        round float64 to float32.
    is_bfloat16 : bool
        PyTorch computes the step in bfloat16.
    mixed_up : bool
        Keras takes the new z for the old one, but for JAX.
    """

    optimizer: str
    kwargs: dict[str, Any] = field(default_factory=dict)
    lr: float = 2.0**-5
    torch: str = ""
    keras: str = ""
    optax: str = ""
    scheduled: bool = False
    matrices: bool = False
    tolerance: float = 1e-12
    keras_dtype: str = "float64"
    elsewhere: float = 0.0
    is_bfloat16: bool = False
    mixed_up: bool = False

    def rate(self, step: int) -> float:
        """Rate of a step, counted from 0."""
        return self.lr * 0.5 ** (step // 20) if self.scheduled else self.lr


def problem(case: Case | None = None) -> tuple[Weights, list[Weights]]:
    """Return where the weights start and the gradients of every step."""
    rng = np.random.default_rng(5)
    shapes = [s for s in SHAPES if len(s) == 2 or not (case and case.matrices)]
    start = [rng.normal(size=s) for s in shapes]
    # a slope that stays, noise, and sizes far apart
    slopes = [rng.normal(size=s) * 4.0 ** rng.integers(-3, 2, s) for s in shapes]
    noisy = [
        [slope * (0.5 + rng.normal(size=slope.shape)) for slope in slopes]
        for _ in range(STEPS)
    ]
    return start, noisy


def recipes(wing: str) -> dict[str, Any]:
    """Return every class of a wing's optimizers, by its name."""
    found = {}
    for file in wings.files(wing, "optimizers"):
        module = wings.module(wing, "optimizers", file)
        found |= {name: getattr(module, name) for name in module.__all__}
    return found


def definition(name: str) -> Callable:
    """Return the definition called `adam.adamw`."""
    return wings.function("reference", f"optimizers/{name}")


def follow_reference(case: Case) -> Weights:
    """Walk with the definition."""
    weights, gradients = problem(case)
    states: list[dict] = [{} for _ in weights]
    step = definition(case.optimizer)
    for t, slopes in enumerate(gradients):
        pairs = [
            step(w, g, s, lr=case.rate(t), **case.kwargs)
            for w, g, s in zip(weights, slopes, states, strict=True)
        ]
        weights, states = [p[0] for p in pairs], [p[1] for p in pairs]
    return weights


def follow_torch(code: str, case: Case) -> Weights:
    """Walk with an optimizer of PyTorch."""
    import torch

    weights, gradients = problem(case)
    params = [torch.tensor(w, requires_grad=True) for w in weights]
    scope = {"torch": torch, **recipes("torch"), "params": params, "lr": case.lr}
    # numbers that NAdam keeps are of the default dtype
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        optimizer = eval(code, scope)
        for t, slopes in enumerate(gradients):
            if case.scheduled:
                for group in optimizer.param_groups:
                    group["lr"] = case.rate(t)
            for p, g in zip(params, slopes, strict=True):
                p.grad = torch.tensor(g)
            optimizer.step()
    finally:
        torch.set_default_dtype(before)
    return [p.detach().numpy() for p in params]


def follow_keras(code: str, case: Case) -> Weights:
    """Walk with an optimizer of Keras."""
    import keras

    weights, gradients = problem(case)
    gradients = [[g.astype(case.keras_dtype) for g in slopes] for slopes in gradients]
    variables = [keras.Variable(w, dtype=case.keras_dtype) for w in weights]
    scope = {"keras": keras, **recipes("keras"), "lr": case.lr}
    optimizer = eval(code, scope)
    optimizer.build(variables)
    walk = {"jax": walk_jax, "tensorflow": walk_tensorflow}.get(
        keras.backend.backend(), walk_eagerly
    )
    walk(optimizer, variables, gradients, case)
    return [keras.ops.convert_to_numpy(v) for v in variables]


def walk_eagerly(optimizer, variables, gradients, case):
    """Apply one gradient after the other."""
    from keras import ops

    for t, slopes in enumerate(gradients):
        if case.scheduled:
            optimizer.learning_rate = case.rate(t)
        optimizer.apply([ops.convert_to_tensor(g) for g in slopes], variables)


def walk_tensorflow(optimizer, variables, gradients, case):
    """As a loop, but in a graph: as `fit` would, and faster."""
    import tensorflow as tf

    @tf.function
    def step(slopes):
        optimizer.apply(slopes, variables)

    for t, slopes in enumerate(gradients):
        if case.scheduled:
            optimizer.learning_rate = case.rate(t)
        step([tf.constant(g) for g in slopes])


def walk_jax(optimizer, variables, gradients, case):
    """As a loop, but without state: as `fit` would, and faster."""
    import jax

    step = jax.jit(optimizer.stateless_apply)
    weights = [v.value for v in variables]
    state = [v.value for v in optimizer.variables]
    place = next(
        i for i, v in enumerate(optimizer.variables) if "learning_rate" in v.path
    )
    for t, slopes in enumerate(gradients):
        if case.scheduled:
            state[place] = jax.numpy.asarray(case.rate(t), state[place].dtype)
        weights, state = step(state, slopes, weights)
    for v, value in zip(variables, weights, strict=True):
        v.assign(value)


def follow_optax(code: str, case: Case) -> Weights:
    """Walk with an optimizer of optax."""
    import jax
    import optax

    weights, gradients = problem(case)
    scope = {"optax": optax, "lr": case.lr}
    optimizer = eval(code, scope)
    params = {str(i): jax.numpy.asarray(w) for i, w in enumerate(weights)}
    state = optimizer.init(params)

    @jax.jit
    def step(params, state, slopes):
        moves, state = optimizer.update(slopes, state, params)
        return optax.apply_updates(params, moves), state

    for slopes in gradients:
        named = {str(i): jax.numpy.asarray(g) for i, g in enumerate(slopes)}
        params, state = step(params, state, named)
    return [np.asarray(params[str(i)]) for i in range(len(weights))]


FOLLOW = {"torch": follow_torch, "keras": follow_keras, "optax": follow_optax}


def apart(ours: Weights, theirs: Weights) -> float:
    """Return the largest difference between two sets of weights."""
    return max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))
