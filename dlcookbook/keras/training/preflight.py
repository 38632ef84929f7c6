"""Checks before a training: one batch tells what would keep a model from learning."""

import math
import random
import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeGuard

import keras
import numpy as np
from keras import ops

__all__ = ["Finding", "Report", "preflight"]


_TASKS = ("multiclass", "binary", "regression", "other")
_FEW = 16  # examples to learn by heart
# What a healthy training gives, and what to do about another.
_TOLD = {
    "inputs": (
        "finite, of size 0.01 to 10, no feature 100 times the usual one",
        "Standardise each feature; divide pictures by 255; drop what is constant.",
    ),
    "targets": (
        "classes 0 to C - 1; or 0 and 1; or numbers below 100; not all the same",
        "Look at the labels as they leave the loader; standardise numbers.",
    ),
    "step": (
        "model and loss take the batch",
        "Mend what it complains of: a shape or a dtype most often.",
    ),
    "shapes": (
        "as many targets as outputs, in the same shape",
        "Give targets the shape of the outputs, `targets[:, None]` often.",
    ),
    "first loss": (
        "finite, not much above what outputs give that know nothing",
        "Scale the inputs; smaller weights, bias of the mean in the last layer.",
    ),
    "gradient flow": (
        "finite, in no layer 10000 times that in another",
        "ReLU for sigmoid, normalisation, skip connections, another start.",
    ),
    "dead units": (
        "a gradient in half of the units of every layer, or more",
        "Scale the inputs, mend the start, lower the rate, or leaky ReLU.",
    ),
    "overfit": (
        "a few examples are learnt by heart, far below what chance gives",
        "Mend the other findings first; then a larger model, or more steps.",
    ),
    "parameters": (
        "every one that is not frozen gets a gradient",
        "Use it in an output or freeze it; look for what cuts the graph.",
    ),
    "head": (
        "outputs of the kind that the loss takes; logits are negative too",
        "Leave softmax, sigmoid and ReLU out before a loss that takes logits.",
    ),
    "modes": (
        "outputs apart by less than 0.25, once averages are those of the batch",
        "Larger batches or GroupNorm; no branch on the mode; quicker averages.",
    ),
    "batch": (
        "an output depends on its own input, and on no other",
        "Look for a reshape that mixes axes: permute them first.",
    ),
    "repeatable": (
        "the same outputs twice in eval mode",
        "Dropout or noise that ignores the mode: tell it.",
    ),
    "learning rate": (
        "a fall in ten steps, by 0.2 % or more at the rate to be used",
        "A tenth of the largest that works; a range test tells it better.",
    ),
    "labels": (
        "of unseen inputs, true labels fit better than 95 of 100 shuffled ones",
        "Print pairs: labels may be shifted or sorted. Or take a larger batch.",
    ),
}


class Finding:
    """What one check found; also what a healthy training gives and what to do.

    Parameters
    ----------
    name : str
        The check.
    passed : bool
        Whether all was as expected.
    measured : str
        What was found.

    Attributes
    ----------
    expected, advice, link : str
        What is usual, what to do else, and the address on the sheet's site.

    Examples
    --------
    >>> finding = Finding("first loss", False, "9.21; chance gives 2.303")
    >>> finding.link
    'debugging/#check-first-loss'

    References
    ----------
    <https://karpathy.github.io/2019/04/25/recipe/>
    """

    def __init__(self, name: str, passed: bool, measured: str) -> None:
        self.name, self.passed, self.measured = name, passed, measured
        self.expected, self.advice = _TOLD[name]
        self.link = f"debugging/#check-{name.replace(' ', '-')}"

    def __str__(self) -> str:
        lines = [f"{'ok' if self.passed else 'FAIL':5} {self.name:14} {self.measured}"]
        if not self.passed:
            lines += [f"      expected: {self.expected}", f"      do: {self.advice}"]
            lines.append(f"      see: {self.link}")
        return "\n".join(lines)


class Report:
    """What all checks found; printed, a line for each and three more where it failed.

    Parameters
    ----------
    findings : tuple of Finding
        In the order of the checks.

    Attributes
    ----------
    passed : bool
        Whether every check passed.
    failed : list of str
        Names of those that did not.

    Examples
    --------
    >>> print(Report((Finding("head", True, "logits for a loss of logits"),)))
    preflight: 1 of 1 checks passed
    ok    head           logits for a loss of logits

    References
    ----------
    <https://karpathy.github.io/2019/04/25/recipe/>
    """

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        self.failed = [finding.name for finding in findings if not finding.passed]
        self.passed = not self.failed

    def __str__(self) -> str:
        count = len(self.findings)
        head = f"preflight: {count - len(self.failed)} of {count} checks passed"
        return "\n".join([head, *map(str, self.findings)])


def preflight(
    model: keras.Model,
    loss: Any,
    inputs: Any,
    targets: Any,
    *,
    task: str,
    lr: float | None = None,
    optimizer: Callable[..., Any] = keras.optimizers.Adam,
    steps: int = 100,
    share: float = 0.3,
) -> Report:
    """Look for what would keep `model` from learning: a minute before a week of it.

    All is put back, also after an error: weights, statistics, the layers' random
    numbers and those of Python and NumPy; the model's own optimizer is not touched.
    Dropout is off throughout. The gradient is read where every backend leaves it: in
    the momentum of SGD after one step. None and zero look alike there.

    Parameters
    ----------
    model : keras.Model
        Built, as it would be trained, with its weights of the start.
    loss : str, Loss or callable
        What `compile` takes.
    inputs, targets : tensor, shape (N, ...)
        One batch of the training data, N >= 2; from 64 on labels are judged too.
    task : {"multiclass", "binary", "regression", "other"}
        What an output is: a score per class, along the axis of the channels; yes or
        no, one or many of them; a number; or what only the loss understands.
    lr : float > 0
        Learning rate that is meant to be used; None only tells which ones would do.
    optimizer : callable
        What it is used with: a class of optimizers, or what is called like one.
    steps : int >= 1
        Steps of Adam to learn a few examples by heart, at either of two rates.
    share : float in (0, 1)
        Of what chance gives, where the loss must get to in these steps.

    Returns
    -------
    Report
        With a finding for each check. `passed` means that no check found a fault, not
        that there is none.

    Raises
    ------
    ValueError
        If an argument is not as described.

    Examples
    --------
    >>> keras.utils.set_random_seed(0)
    >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    >>> y = (x.sum(1) > 0).astype("int32")
    >>> dense = keras.layers.Dense
    >>> net = keras.Sequential([keras.Input((4,)), dense(32, "relu"), dense(2)])
    >>> entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> preflight(net, entropy, x, y, task="multiclass").passed
    True
    >>> preflight(net, entropy, 255 * x, y, task="multiclass").failed
    ['inputs', 'first loss']

    References
    ----------
    Karpathy, A recipe for training neural networks, 2019.
    <https://karpathy.github.io/2019/04/25/recipe/>
    """
    is_number = isinstance(lr, int | float) and type(lr) is not bool
    for name, rule, given, is_right in (
        ("model", "a Model", type(model).__name__, isinstance(model, keras.Model)),
        ("model", "built", "no weights yet", getattr(model, "built", True)),
        ("task", f"one of {_TASKS}", task, task in _TASKS),
        ("lr", "above 0 or None", lr, lr is None or (is_number and 0 < lr < math.inf)),
        ("optimizer", "callable", optimizer, callable(optimizer)),
        ("steps", "an integer >= 1", steps, type(steps) is int and steps >= 1),
        ("share", "between 0 and 1", share, 0 < share < 1),
    ):
        if not is_right:
            raise ValueError(f"{name} must be {rule}. Received: {given!r}")
    for name, value in (("inputs", inputs), ("targets", targets)):
        shape = tuple(getattr(value, "shape", ()))
        if not shape or shape[0] < 2:
            raise ValueError(
                f"{name} must be an array of N >= 2 examples. "
                f"Received: {type(value).__name__} {shape}"
            )
    if inputs.shape[0] != targets.shape[0]:
        sizes = inputs.shape[0], targets.shape[0]
        raise ValueError(f"inputs and targets must be as many. Received: {sizes}")
    legacy: Any = np.random.get_state()  # noqa: NPY002  what a model may draw from
    python = random.getstate()
    case = _Case(model, loss, inputs, targets, task)
    case.lr, case.optimizer, case.steps, case.share = lr, optimizer, steps, share
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Report(tuple(_findings(case)))
    finally:
        case.close()
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002


class _Probe(keras.Model):
    """A second model around the same weights: it has an optimizer of its own."""

    def __init__(self, model: keras.Model) -> None:
        super().__init__(name="preflight")
        self.model = model

    def call(self, x: Any, training: bool = False) -> Any:
        return self.model(x, training=training)


class _Case:
    """The model with its batch, and what it was before: NumPy for the checks."""

    axis, adam = -1, keras.optimizers.Adam
    lr: float | None
    optimizer: Callable[..., Any]
    steps: int
    share: float
    first: float
    first_outputs: np.ndarray
    gradients: dict[str, np.ndarray | None]
    takes: str
    rate = 1e-2
    probes: dict[Any, tuple[_Probe, list[tuple[Any, np.ndarray]]]]

    def __init__(
        self, model: keras.Model, loss: Any, inputs: Any, targets: Any, task: str
    ) -> None:
        self.model, self.loss, self.task = model, loss, task
        self.x, self.y = _array(inputs), _array(targets)
        self.judge, self.probes = keras.Sequential(), {}
        self.judge.compile(loss=loss)
        layers = list(model._flatten_layers())
        norm = keras.layers.BatchNormalization
        self.norms = [layer for layer in layers if isinstance(layer, norm)]
        self.start = [(v, ops.convert_to_numpy(v).copy()) for v in model.variables]
        drops = [layer for layer in layers if hasattr(layer, "rate")]
        self.options = [(layer, "rate", layer.rate) for layer in drops]
        self.options += [(layer, "momentum", layer.momentum) for layer in self.norms]
        for layer in drops:
            layer.rate = 0.0
        still = [layer for layer in layers if layer.weights and not layer.trainable]
        self.frozen = [layer.path for layer in still]
        paths = [v.path for v in model.trainable_variables]
        self.names = [
            p if paths.count(p) == 1 else f"{p} {at}" for at, p in enumerate(paths)
        ]
        # a batch need not have every word of a table
        self.tables = {name for name in self.names if "/embeddings" in name}
        ignored = getattr(loss, "ignore_class", None)
        self.ignored = math.nan if ignored is None else ignored

    def outputs(
        self, x: np.ndarray | None = None, *, training: bool = True
    ) -> np.ndarray:
        outputs = self.model(self.x if x is None else x, training=training)
        if not keras.ops.is_tensor(outputs):
            raise TypeError(f"the outputs are a {type(outputs).__name__}, not a tensor")
        return _array(outputs)

    def value(self, outputs: np.ndarray, targets: np.ndarray | None = None) -> float:
        y = ops.convert_to_tensor(self.y if targets is None else targets)
        scores = ops.convert_to_tensor(outputs, dtype=self.first_outputs.dtype.name)
        return float(_array(self.judge.compute_loss(y=y, y_pred=scores)))

    def compiled(self, optimizer: Any, lr: float) -> _Probe:
        """Return what trains by an optimizer, as new; it is traced only once."""
        if optimizer not in self.probes:
            probe, stepper = _Probe(self.model), optimizer(learning_rate=lr)
            jit = keras.backend.backend() == "jax"
            probe.compile(stepper, self.loss, jit_compile=jit, auto_scale_loss=False)
            stepper.build(self.model.trainable_variables)
            kept = [(v, ops.convert_to_numpy(v).copy()) for v in stepper.variables]
            self.probes[optimizer] = probe, kept
        probe, kept = self.probes[optimizer]
        for variable, value in kept:
            variable.assign(value)
        probe.optimizer.learning_rate = lr
        return probe

    def fit(self, at: np.ndarray, optimizer: Any, lr: float, steps: int) -> list[float]:
        probe, x, y = self.compiled(optimizer, lr), self.x[at], self.y[at]
        return [float(probe.train_on_batch(x, y)) for _ in range(steps)]

    def backward(self) -> dict[str, np.ndarray | None]:
        probe = self.compiled(_momentum, 1.0)
        if self.names:
            probe.train_on_batch(self.x, self.y)
        self.restart()
        # from nothing the first step makes it -1.0 times the gradient
        moved = [-_array(velocity) for velocity in probe.optimizer.momentums]
        return dict(zip(self.names, moved, strict=True))

    def weights(self) -> dict[str, np.ndarray]:
        weights = [_array(v).copy() for v in self.model.trainable_variables]
        return dict(zip(self.names, weights, strict=True))

    def units(self, gradient: np.ndarray) -> np.ndarray:
        return gradient.reshape(-1, gradient.shape[-1]).T

    def restart(self) -> None:
        for variable, value in self.start:
            variable.assign(value)

    def settle(self) -> list[str]:
        """Make the averages those of the batch; name the ones that are slow."""
        slow = [layer.path for layer in self.norms if layer.momentum**1000 > 0.05]
        for layer in self.norms:
            layer.momentum = 0.0
        self.outputs()
        return slow

    def close(self) -> None:
        self.restart()
        for layer, name, value in self.options:
            setattr(layer, name, value)


def _array(x: Any) -> np.ndarray:
    kind = keras.backend.standardize_dtype(x.dtype)
    return ops.convert_to_numpy(ops.cast(x, "float32") if kind == "bfloat16" else x)


def _momentum(learning_rate: float) -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(learning_rate, momentum=0.5)


def _findings(case: _Case) -> Iterator[Finding]:
    try:
        yield from _checked(case)
    except Exception as error:  # whatever a model or a loss makes of the batch
        said = f"{type(error).__name__}: {error}".partition("\n")[0]
        yield Finding("step", False, said[:100])


def _checked(case: _Case) -> Iterator[Finding]:
    yield Finding("inputs", *check_inputs(case))
    if not np.isfinite(case.x).all():
        return  # and nothing after it would be
    case.first_outputs = case.outputs()
    yield Finding("targets", *check_targets(case))
    case.first = case.value(case.first_outputs)
    case.gradients = case.backward()
    case.takes = _takes(case)
    yield Finding("shapes", *check_shapes(case))
    yield Finding("first loss", *check_first_loss(case))
    yield Finding("gradient flow", *check_gradient_flow(case))
    yield Finding("dead units", *check_dead_units(case))
    before = case.weights()
    yield Finding("overfit", *check_overfit(case))
    # what comes now looks at a model that has learnt something
    yield Finding("parameters", *check_parameters(case, before))
    yield Finding("head", *check_head(case))
    yield Finding("modes", *check_modes(case))
    yield Finding("batch", *check_batch(case))
    yield Finding("repeatable", *check_repeatable(case))
    case.restart()
    yield Finding("learning rate", *check_learning_rate(case))
    yield Finding("labels", *check_labels(case))


def check_inputs(case: _Case) -> tuple[bool, str]:
    """Find NaN, pictures of 0 to 255, features of other scales, constants."""
    x = case.x
    if x.dtype.kind not in "fu":
        return True, f"whole numbers, {x.min()} to {x.max()}"
    x = x.astype(np.float64)
    if not np.isfinite(x).all():
        return False, f"{np.mean(~np.isfinite(x)):.2%} are NaN or infinite"
    others = tuple(axis for axis in range(x.ndim) if axis != case.axis % x.ndim)
    size = np.sqrt(np.mean(x**2, axis=others))
    constant = np.ptp(x, axis=others) == 0
    apart = size.max() / np.median(size[size > 0]) if size.any() else math.inf
    good = 0.01 <= _size(x) <= 10 and apart <= 100 and constant.mean() <= 0.5
    measured = f"mean {x.mean():.3g}, deviation {x.std():.3g}"
    if constant.any():
        measured += f", {constant.sum()} of {constant.size} features constant"
    if apart > 100:
        measured += f", one {apart:.3g} times the usual one"
    return bool(good), measured


def check_targets(case: _Case) -> tuple[bool, str]:
    """Find classes out of range, masks of 0 and 255, targets that never vary."""
    y, outputs = case.y, case.first_outputs
    if not np.isfinite(y).all():
        return False, f"{np.mean(~np.isfinite(y)):.2%} are NaN or infinite"
    told = f"mean {y.mean():.3g}, deviation {y.std():.3g}"
    good = True
    if case.task == "multiclass":
        if y.shape == outputs.shape and outputs.shape[case.axis] > 1:
            if not np.allclose(y.sum(case.axis), 1, atol=1e-3):
                return False, "shares of the classes that do not sum to 1"
            y = y.argmax(case.axis)
        y = y[y != case.ignored]
        good = bool(np.all((y >= 0) & (y < outputs.shape[case.axis]) & (y % 1 == 0)))
    elif case.task == "binary":
        good = bool(np.all((y >= 0) & (y <= 1)))
    elif case.task == "regression":
        good = abs(y.mean()) <= 100 and y.std() <= 100
    if case.task != "other" and (y.size == 0 or np.ptp(y) == 0):
        return False, f"all the same: {y.flat[0]:.3g}" if y.size else "all are ignored"
    if case.task in ("multiclass", "binary") and good:
        found, counts = np.unique(y, return_counts=True)
        told = f"{found[0]:.3g} to {found[-1]:.3g}, {counts.min() / y.size:.1%} to "
        told += f"{counts.max() / y.size:.1%} each"
    return bool(good), told if good else f"{y.min():.3g} to {y.max():.3g}, {told}"


def check_shapes(case: _Case) -> tuple[bool, str]:
    """Find targets that the loss silently spreads over the outputs, or the reverse."""
    y, shape = case.y, list(case.first_outputs.shape)
    if case.task == "multiclass" and y.shape != case.first_outputs.shape:
        del shape[case.axis]
    good = len(case.first_outputs) == len(y)
    if good and case.task != "other" and list(y.shape) != shape:
        # right only where the loss itself makes one of the other
        good = y.size == math.prod(shape)
        same = case.value(case.first_outputs, y.reshape(shape)) if good else math.nan
        good = math.isclose(same, case.first, rel_tol=1e-4)
    return good, f"outputs {case.first_outputs.shape}, targets {y.shape}"


def check_first_loss(case: _Case) -> tuple[bool, str]:
    """Find a start that is worse than knowing nothing, -ln(1/C) for C classes."""
    chance = _chance(case, case.y)
    good = math.isfinite(case.first)
    if case.task in ("multiclass", "binary"):
        good = good and case.first >= 0
    good = good and not case.first > chance * (3 if case.task == "regression" else 1.5)
    told = f"; chance gives {chance:.4g}" if math.isfinite(chance) else ""
    return good, f"{case.first:.4g}{told}"


def check_gradient_flow(case: _Case) -> tuple[bool, str]:
    """Find gradients that vanish or explode from layer to layer, and NaN."""
    sizes = {
        name: _size(gradient)
        for name, gradient in case.gradients.items()
        if _is_kernel(gradient, name) and np.any(gradient)
    }
    bad = [name for name, size in sizes.items() if not math.isfinite(size)]
    if bad or not sizes:
        return False, f"NaN in {', '.join(bad[:3])}" if bad else "no gradient at all"
    low, high = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    ratio = sizes[high] / sizes[low]
    return ratio < 1e4, f"{high} has {ratio:.2g} times that of {low}"


def check_dead_units(case: _Case) -> tuple[bool, str]:
    """Find units that no input moves: ReLU at zero, sigmoid at its ends."""
    worst, where = 0.0, "any layer"
    for name, gradient in case.gradients.items():
        if not _is_kernel(gradient, name) or name in case.tables:
            continue
        size = np.abs(case.units(gradient)).max(1)
        dead = float(np.mean(size <= 1e-6 * size.max()))
        if dead > worst:
            worst, where = dead, name
    return worst <= 0.5, f"{worst:.0%} of {where} without a gradient"


def check_overfit(case: _Case) -> tuple[bool, str]:
    """Find what cannot even learn a few examples by heart."""
    few = np.unique(np.linspace(0, len(case.y) - 1, _FEW).astype(int))
    best = math.inf
    for rate in (1e-2, 1e-3):
        case.restart()
        losses = case.fit(few, case.adam, rate, case.steps + 1)
        if losses[-1] <= best:
            best, case.rate = losses[-1], rate
        limit = case.share * np.nanmin([losses[0], _chance(case, case.y[few])])
        if best <= limit:
            break
    told = f"{losses[0]:.3g} to {best:.3g} in {case.steps} steps, {len(few)} examples"
    return bool(best <= limit), f"{told}, limit {limit:.3g}"


def check_parameters(case: _Case, before: dict) -> tuple[bool, str]:
    """Find what never moves: unused, cut off, or frozen; the last is only named."""
    after = case.weights()
    lost = [
        name
        for name, gradient in case.gradients.items()
        if gradient is None
        or (_is_kernel(gradient, name) and np.array_equal(before[name], after[name]))
    ]
    told = f"{len(before) - len(lost)} learn"
    for what, names in (("frozen", case.frozen), ("without a gradient", lost)):
        told += f", {len(names)} {what}: {', '.join(names[:3])}" if names else ""
    return bool(before) and not lost, told


def check_head(case: _Case) -> tuple[bool, str]:
    """Find softmax, sigmoid or ReLU before a loss of logits, and the reverse."""
    both = case.first_outputs, case.outputs()
    low, high = min(x.min() for x in both), max(x.max() for x in both)
    sums: Any = 1.0
    if case.task == "multiclass" and case.takes in (
        "probabilities",
        "log-probabilities",
    ):
        shares = both[1].astype(np.float64)
        shares = shares if case.takes == "probabilities" else np.exp(shares)
        sums = shares.sum(case.axis)
    good = low < 0 if case.takes == "logits" else np.allclose(sums, 1, atol=0.01)
    if case.takes == "probabilities":
        good = good and low >= 0 and high <= 1
    kind = f"a loss of {case.takes or 'another kind'}"
    return bool(good), f"outputs {low:.3g} to {high:.3g} for {kind}"


def check_modes(case: _Case) -> tuple[bool, str]:
    """Find what is good in training mode and bad in eval mode."""
    slow = case.settle()
    train, test = case.outputs(), case.outputs(training=False)
    apart = _size(train - test) / max(_size(train), 1e-12)
    told = f"apart by {apart:.2g} of the size of the outputs"
    told += f"; averages too slow: {', '.join(slow[:3])}" if slow else ""
    return apart < 0.25 and not slow, told


def check_batch(case: _Case) -> tuple[bool, str]:
    """Find a reshape that mixes examples, and outputs that ignore their inputs."""
    x, old = case.x.copy(), case.outputs(training=False)
    flat = x.reshape(len(x), -1).astype(np.float64)
    x[0] = x[np.argmax(np.abs(flat - flat[0]).sum(1))]
    moved = np.abs(case.outputs(x, training=False) - old).reshape(len(old), -1).max(1)
    changed = moved > 1e-4 * _size(old) + 1e-6
    told = f"one input changed, and {changed[1:].sum()} outputs of others"
    deaf = not changed[0] and bool(np.any(x[0] != case.x[0]))
    return not deaf and not changed[1:].any(), told + ", not its own" * deaf


def check_repeatable(case: _Case) -> tuple[bool, str]:
    """Find dropout or noise that eval mode does not switch off."""
    one, two = case.outputs(training=False), case.outputs(training=False)
    good = np.allclose(one, two, rtol=1e-4, atol=1e-6)
    return good, f"twice in eval mode: apart by {np.abs(one - two).max():.2g}"


def check_learning_rate(case: _Case) -> tuple[bool, str]:
    """Find the largest rate that lowers the loss in ten steps, and judge the given."""
    few, drops = np.arange(min(len(case.y), _FEW)), {}
    for rate in sorted({*(10.0**power for power in range(-5, 2)), case.lr or 1e-3}):
        losses = case.fit(few, case.optimizer, rate, 11)
        drops[rate] = (losses[0] - losses[-1]) / (abs(losses[0]) or 1.0)
        if rate == case.lr:
            moved = f", {losses[0]:.3g} to {losses[-1]:.3g} at {rate:.2g}"
        case.restart()
    useful = [rate for rate, drop in drops.items() if drop > 0]
    told = f"up to {max(useful, default=0):.0e} it falls"
    if case.lr is None or not useful:
        return bool(useful), told
    before = case.weights()
    case.fit(few, case.optimizer, case.lr, 1)
    steps = [
        _size(after - before[name]) / _size(before[name])
        for name, after in case.weights().items()
        if _is_kernel(after, name) and before[name].any()
    ]
    case.restart()
    told += f"{moved}, weights move by {np.median(steps) if steps else 0:.1e}"
    return drops[case.lr] >= 0.002, told


def check_labels(case: _Case) -> tuple[bool, str]:
    """Find labels of other inputs: half of the batch teaches nothing of the rest.

    Not a few wrong labels, nor classes that have changed names.
    """
    count, rng = len(case.y), np.random.default_rng(0)
    if count < 64 or case.task == "other":
        return True, f"not judged: {count} examples, 64 are needed"
    order = rng.permutation(count)
    unseen = order[count // 2 :]
    case.fit(order[: count // 2], case.adam, case.rate, case.steps // 2 + 1)
    outputs, y = case.outputs(case.x[unseen]), case.y[unseen]
    case.restart()
    right = case.value(outputs, y)
    shuffled = [case.value(outputs, rng.permutation(y)) for _ in range(100)]
    # outputs all alike: what is left is rounding, and that is nobody's merit
    better = sum(
        right < value and not np.isclose(right, value, rtol=1e-5, atol=0)
        for value in shuffled
    )
    told = f"{right:.3g} unseen, {np.median(shuffled):.3g} shuffled"
    return better >= 95, f"{told}, better than {better} of 100"


def _takes(case: _Case) -> str:
    """Tell what a loss takes by what it does; nothing where that is not known."""

    def value(scores: Any, targets: Any = None) -> float:
        try:
            scores = np.broadcast_to(scores, case.first_outputs.shape)
            return case.value(scores.astype(np.float64), targets)
        except Exception:  # a loss may refuse what it does not take
            return math.nan

    kinds = {"numbers": case.task == "regression"}
    if case.task == "multiclass":
        scores = np.random.default_rng(0).normal(size=case.first_outputs.shape)
        sharp = scores == scores.max(case.axis, keepdims=True)
        usual, more = value(scores), value(scores + 3)
        kinds["logits"] = abs(more - usual) < 1e-3 * (1 + abs(usual))
        kinds["log-probabilities"] = abs(more - usual + 3) < 0.01
        kinds["probabilities"] = value(sharp) > 4
    elif case.task == "binary":
        yes = np.ones_like(case.y)
        values = [value(scores, yes) for scores in (-4.0, -2.0, 2.0, 4.0)]
        kinds["logits"] = values[0] > values[1] > values[2] >= values[3]
        kinds["probabilities"] = value(0.0, yes) > 4
    return next((kind for kind, found in kinds.items() if found), "")


def _chance(case: _Case, y: np.ndarray) -> float:
    """Loss of outputs that know nothing of the inputs; NaN where that is not known."""
    shape = (len(y), *case.first_outputs.shape[1:])
    share = 1 / shape[case.axis] if case.task == "multiclass" else 0.5
    guesses: dict[str, Any] = {
        "logits": 0.0,
        "log-probabilities": math.log(share),
        "probabilities": share,
    }
    if case.takes == "numbers":
        guesses["numbers"] = y.mean(0) if y.ndim == len(shape) else y.mean()
    if case.takes not in guesses:
        return math.nan
    return case.value(np.broadcast_to(guesses[case.takes], shape).copy(), y)


def _size(x: np.ndarray) -> float:
    return math.sqrt(np.mean(np.square(x, dtype=np.float64)))


def _is_kernel(weight: np.ndarray | None, name: str) -> TypeGuard[np.ndarray]:
    # a bias before a normalisation or of the keys has no gradient in theory
    return weight is not None and weight.ndim > 1 and "bias" not in name
