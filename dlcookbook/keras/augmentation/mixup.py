"""Mixup: train on the weighted mean of two examples and of their labels."""

import keras
from keras import KerasTensor, ops

__all__ = ["mixup"]


def mixup(
    images: KerasTensor,
    labels: KerasTensor,
    seed: int | keras.random.SeedGenerator | None = None,
    *,
    num_classes: int | None = None,
    alpha: float = 0.2,
    per_sample: bool = True,
) -> tuple[KerasTensor, KerasTensor]:
    r"""Mix every example of a batch with another one of it, and the labels alike.

    $\tilde x_i = \lambda_i x_i + (1 - \lambda_i) x_{\pi(i)}$, the same for the labels,
    with $\lambda \sim \mathrm{Beta}(\alpha, \alpha)$ and a random order $\pi$. With
    $\lambda = 1$ nothing changes; `alpha=1` draws $\lambda$ evenly from 0 to 1.

    For the batches of training alone: in `tf.data` after `batch` (on TensorFlow), or in
    a `train_step` (everywhere). The loss takes soft labels: `CategoricalCrossentropy`.

    Parameters
    ----------
    images : tensor, shape (N, ...)
        A batch of any floating dtype; hidden features too, a gradient goes through.
    labels : tensor, shape (N,) or (N, C)
        Whole numbers from 0 to C - 1 with `num_classes`, or floats: one-hot, soft, or
        what a regression is to predict, shape (N, 1).
    seed : int or keras.random.SeedGenerator, optional
        Where the draws come from. A whole number draws the same for every batch: make
        one `SeedGenerator` outside of what is called.
    num_classes : int >= 1, optional
        How many classes there are. Needed with whole numbers.
    alpha : float > 0
        Both parameters of the beta distribution: small leaves most nearly as they were.
    per_sample : bool
        Draw one weight for every example, else one for the batch.

    Returns
    -------
    tuple of tensor, shapes (N, ...) and (N, C)
        Images in the dtype of `images`, and soft labels: float32 from whole numbers,
        else the dtype of `labels`. Their weight is the very one that the pixels got.
        A label outside [0, C) becomes NaN: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the images are whole numbers, the labels can be read in two ways or do not
        fit, or `alpha` is not positive.

    Examples
    --------
    >>> mixed, soft = mixup(ops.eye(3), ops.arange(3), num_classes=3)
    >>> bool(ops.all(mixed == soft))
    True

    References
    ----------
    Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2017, eq. 1.
    <https://arxiv.org/abs/1710.09412>
    """
    images = ops.convert_to_tensor(images)
    kind = keras.backend.standardize_dtype(images.dtype)
    if "float" not in kind or not images.shape or images.shape[0] == 0:
        raise ValueError(
            "images must be a batch of floats: whole numbers cannot hold a mean. "
            f"Received: {kind}, shape {tuple(images.shape)}"
        )
    if not 0 < alpha < float("inf"):
        raise ValueError(f"alpha must be > 0. Received: {alpha}")
    soft = _soft_labels(labels, images.shape[0], num_classes)
    count = ops.shape(images)[0]
    order = ops.argsort(keras.random.uniform((count,), seed=_next(seed, 0)))
    weight = _beta_weights(count if per_sample else 1, alpha, seed)
    if not per_sample:
        weight = ops.repeat(weight, count)
    rest = 1 - ops.cast(weight, kind)
    shaped = ops.reshape(rest, (-1, *[1] * (len(images.shape) - 1)))
    # every step can write over the one before: one new batch of memory, not three
    mixed = images + shaped * (ops.take(images, order, axis=0) - images)
    other = ops.cast(rest, soft.dtype)[:, None]
    return mixed, soft + other * (ops.take(soft, order, axis=0) - soft)


def _soft_labels(
    labels: KerasTensor, count: int | None, classes: int | None
) -> KerasTensor:
    """Return one row of class shares for every example."""
    labels = ops.convert_to_tensor(labels)
    kind, shape = keras.backend.standardize_dtype(labels.dtype), tuple(labels.shape)
    if "float" in kind:
        fits = len(shape) == 2 and classes in (None, shape[1])
    else:
        fits = len(shape) == 1 and classes is not None and classes >= 1
    if not fits or (None not in (count, shape[0]) and count != shape[0]):
        raise ValueError(
            "labels must be whole numbers of shape (N,) with num_classes, or floats of "
            f"shape (N, C). Received: {kind}, shape {shape}, "
            f"{count} images, num_classes {classes}"
        )
    if "float" in kind:
        return labels
    rows = ops.cast(labels, "int32")[:, None]
    known = ops.logical_and(rows >= 0, rows < classes)
    rows = ops.cast(rows == ops.arange(classes, dtype="int32"), "float32")
    return ops.where(known, rows, float("nan"))


def _next(
    seed: int | keras.random.SeedGenerator | None, at: int
) -> int | keras.random.SeedGenerator | None:
    """Return a seed of its own for each draw: the same whole number would repeat."""
    return seed + at if isinstance(seed, int) else seed


def _beta_weights(
    count: int, alpha: float, seed: int | keras.random.SeedGenerator | None
) -> KerasTensor:
    """Draw from Beta(alpha, alpha) as two gammas, in logs: a small one is not 0.

    Marsaglia and Tsang's gamma of alpha + 1: of 16 candidates the first that is good;
    all fail in one of 1e20. Keras' own gamma does not compile with XLA on TensorFlow.
    """
    d, shape = alpha + 1 - 1 / 3, (2, count, 16)
    x = keras.random.normal(shape, dtype="float32", seed=_next(seed, 1))
    u, w = (
        1 - keras.random.uniform(size, dtype="float32", seed=_next(seed, at))
        for at, size in ((2, shape), (3, (2, count)))
    )
    v = ops.maximum(1 + x / (9 * d) ** 0.5, 1e-10) ** 3
    good = ops.log(u) < x * x / 2 + d - d * v + d * ops.log(v)
    first = ops.argmax(ops.cast(good, "int32"), axis=-1, keepdims=True)
    logs = ops.take_along_axis(ops.log(v), first, axis=-1)[..., 0] + ops.log(w) / alpha
    return ops.sigmoid(logs[0] - logs[1])
