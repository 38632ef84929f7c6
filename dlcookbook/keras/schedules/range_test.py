"""Learning-rate range test: raise the rate step by step, see where the loss goes."""

import math
from collections.abc import Iterable
from typing import Any

import keras
from keras import ops

__all__ = ["range_test", "suggested_rate"]


def range_test(
    model: keras.Model,
    batches: Iterable[Any],
    *,
    lr: float = 1e-6,
    end_lr: float = 10.0,
    steps: int = 100,
    smoothing: float = 0.9,
    stop: float = 4.0,
) -> dict[str, Any]:
    r"""Train for some steps at $\eta_0 (\eta_1 / \eta_0)^{t / (N - 1)}$, then undo it.

    Weights, statistics, the layers' random numbers, metrics and the optimizer's state
    are afterwards what they were, bit for bit, also if it is interrupted.

    Parameters
    ----------
    model : Model
        Compiled and built, its optimizer with a number as learning rate.
    batches : iterable
        Of `(x, y)` or `(x, y, sample_weight)`: a `tf.data.Dataset`, a `DataLoader`, a
        list. It is begun anew where it ends too soon.
    lr : float > 0
        $\eta_0$, rate of the first step.
    end_lr : float > lr
        $\eta_1$, rate of the last step.
    steps : int >= 2
        $N$, length of the test.
    smoothing : float in [0, 1)
        What an old loss counts less with each step in the smoothed one.
    stop : float > 1
        Ends at a smoothed loss that many times the lowest, and at one that is not
        finite.

    Returns
    -------
    dict
        `rates`, `losses` and `smooth`: lists, as long as the test was; each loss is
        from before the step at its rate. And `suggestion`, by `suggested_rate`.

    Raises
    ------
    ValueError
        If an option is out of its range, no batch comes, or the model is not ready.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(0.1), "mse")
    >>> found = range_test(model, [(ops.ones((8, 1)), 3 * ops.ones((8, 1)))])
    >>> rate = round(float(model.optimizer.learning_rate), 4)
    >>> 0.01 < found["suggestion"] < 0.5, rate
    (True, 0.1)

    References
    ----------
    Smith, "Cyclical Learning Rates for Training Neural Networks", 2015, section 3.3.
    <https://arxiv.org/abs/1506.01186>
    """
    if not 0 < lr < end_lr < math.inf:
        raise ValueError(f"lr and end_lr must rise from 0. Received: {lr}, {end_lr}")
    if not isinstance(steps, int) or steps < 2:
        raise ValueError(f"steps must be an integer >= 2. Received: {steps!r}")
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must be in [0, 1). Received: {smoothing}")
    if not stop > 1:
        raise ValueError(f"stop must be > 1. Received: {stop}")
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or not model.built:
        raise ValueError("model must be compiled and built. Received: one that is not")
    if not model.trainable_variables:
        raise ValueError("model must have weights to train. Received: none")
    try:
        optimizer.learning_rate = float(optimizer.learning_rate)
    except (TypeError, AttributeError) as error:
        kind = type(optimizer).__name__  # one that wraps others has no rate of its own
        raise ValueError(
            "the optimizer must have a number as its learning rate. Received: "
            f"{optimizer.get_config().get('learning_rate', kind)}"
        ) from error
    optimizer.build(model.trainable_variables)
    kept = (*model.variables, *optimizer.variables, *model.metrics_variables)
    before = [(variable, ops.copy(variable.value)) for variable in kept]
    rates: list[float] = []
    losses: list[float] = []
    smooth: list[float] = []
    total = 0.0
    try:
        for t, batch in enumerate(_endless(batches, steps)):
            x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
            rates.append(lr * (end_lr / lr) ** (t / (steps - 1)))
            optimizer.learning_rate = rates[-1]
            # the mean of this batch alone: Keras resets its metrics before it
            told = model.train_on_batch(x, y, weight, return_dict=True)
            losses.append(float(told["loss"]))
            total = smoothing * total + (1 - smoothing) * losses[-1]
            smooth.append(total / (1 - smoothing ** (t + 1)))
            above = smooth[-1] - min(smooth)
            if not math.isfinite(total) or above > (stop - 1) * abs(min(smooth)):
                break
    finally:
        model.reset_metrics()
        for variable, value in before:
            variable.assign(value)
    found = {"rates": rates, "losses": losses, "smooth": smooth}
    return {**found, "suggestion": suggested_rate(rates, smooth)}


def suggested_rate(rates: list[float], smooth: list[float]) -> float | None:
    r"""$\eta_i / 10$ for the lowest smoothed loss $i$: a tenth of the last good rate.

    Parameters
    ----------
    rates : list of float
        The rates of the test.
    smooth : list of float
        The smoothed losses; what is not finite is never the lowest.

    Returns
    -------
    float or None
        The rate to start from; None where the loss was lowest at the start.

    Raises
    ------
    ValueError
        If there is not one rate for each loss, or none at all.

    Examples
    --------
    >>> suggested_rate([0.1, 1.0, 10.0], [2.0, 1.0, 9.0])
    0.1

    References
    ----------
    Howard and Gugger, "fastai: A Layered API for Deep Learning", 2020: the learning
    rate finder. <https://arxiv.org/abs/2002.04688>
    """
    if not len(rates) == len(smooth) > 0:
        counts = len(rates), len(smooth)
        raise ValueError(f"rates must be one for each loss. Received: {counts}")
    finite = [loss if math.isfinite(loss) else math.inf for loss in smooth]
    lowest = finite.index(min(finite))
    return rates[lowest] / 10 if lowest else None


def _endless(batches: Iterable[Any], steps: int) -> Iterable[Any]:
    done = 0
    while done < steps:
        before = done
        for batch in batches:
            yield batch
            done += 1
            if done == steps:
                return
        if done == before:
            raise ValueError(f"batches must not run out. Received: {done} of {steps}")
