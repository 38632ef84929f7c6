"""CutMix: paste a rectangle of another image, label by the area that it covers."""

import keras
from keras import KerasTensor, ops

__all__ = ["cutmix"]


def cutmix(
    images: KerasTensor,
    labels: KerasTensor,
    seed: int | keras.random.SeedGenerator | None = None,
    *,
    num_classes: int | None = None,
    alpha: float = 1.0,
    per_sample: bool = True,
) -> tuple[KerasTensor, KerasTensor]:
    r"""Paste a rectangle of another image of the batch, and weigh the labels by area.

    The sides are $\sqrt{1 - \lambda}$ of the image's, $\lambda \sim \mathrm{Beta}
    (\alpha, \alpha)$, the centre anywhere, what sticks out is cut off. The label of an
    image counts as many parts as pixels of it are left, exactly: a rectangle without
    a pixel leaves image and label as they were.

    For the batches of training alone: in `tf.data` after `batch` (on TensorFlow), or in
    a `train_step` (everywhere). The loss takes soft labels: `CategoricalCrossentropy`.

    Parameters
    ----------
    images : tensor, shape (N, H, W, C)
        A batch of any dtype: pixels are copied, none is computed.
    labels : tensor, shape (N,) or (N, C)
        Whole numbers from 0 to C - 1 with `num_classes`, or floats: one-hot or soft.
    seed : int or keras.random.SeedGenerator, optional
        Where the draws come from. A whole number draws the same for every batch: make
        one `SeedGenerator` outside of what is called.
    num_classes : int >= 1, optional
        How many classes there are. Needed with whole numbers.
    alpha : float > 0
        Both parameters of the beta distribution; 1 draws every size alike.
    per_sample : bool
        Draw one rectangle for every example, else one for the batch.

    Returns
    -------
    tuple of tensor, shapes (N, H, W, C) and (N, C)
        Images in the dtype of `images`, and soft labels: float32 from whole numbers,
        else the dtype of `labels`. A label outside [0, C) becomes NaN: a compiled
        graph cannot raise.

    Raises
    ------
    ValueError
        If the images are no batch, the labels can be read in two ways or do not fit,
        or `alpha` is not positive.

    Examples
    --------
    >>> images = ops.ones((3, 8, 8, 1)) * ops.reshape(ops.arange(3.0), (3, 1, 1, 1))
    >>> mixed, soft = cutmix(images, ops.arange(3), num_classes=3)
    >>> is_k = [ops.cast(mixed == k, "float32") for k in range(3)]
    >>> shares = [ops.mean(part, axis=(1, 2, 3)) for part in is_k]
    >>> bool(ops.all(ops.stack(shares, axis=1) == soft))
    True

    References
    ----------
    Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with
    Localizable Features", 2019, eq. 1 and 2. <https://arxiv.org/abs/1905.04899>
    """
    images = ops.convert_to_tensor(images)
    if len(images.shape) != 4 or 0 in images.shape:
        raise ValueError(
            "images must be a batch of shape (N, H, W, C). "
            f"Received: shape {tuple(images.shape)}"
        )
    if not 0 < alpha < float("inf"):
        raise ValueError(f"alpha must be > 0. Received: {alpha}")
    soft = _soft_labels(labels, images.shape[0], num_classes)
    count, height, width, channels = ops.shape(images)
    order = ops.argsort(keras.random.uniform((count,), seed=_next(seed, 0)))
    draws = count if per_sample else 1
    half = ops.sqrt(1 - _beta_weights(draws, alpha, seed)) / 2
    middle = keras.random.uniform((2, draws), dtype="float32", seed=_next(seed, 4))
    size = ops.cast(ops.stack([height, width]), "float32")[:, None]
    # whole numbers: first and last row, first and last column
    first, last = (
        ops.cast(ops.round(ops.clip(end, 0, 1) * size), "int32")
        for end in (middle - half, middle + half)
    )
    y, x = ops.arange(height), ops.arange(width)
    rows, columns = (
        ops.logical_and(at >= first[i][:, None], at < last[i][:, None])
        for i, at in enumerate((ops.cast(y, "int32"), ops.cast(x, "int32")))
    )
    # a row of pixels in one piece: to broadcast over the channels takes longer
    flat = ops.reshape(images, (count, height, width * channels))
    columns = ops.repeat(columns, channels, axis=1)
    inside = ops.logical_and(rows[:, :, None], columns[:, None])
    inside = ops.broadcast_to(inside, ops.shape(flat))
    mixed = ops.where(inside, ops.take(flat, order, axis=0), flat)
    mixed = ops.reshape(mixed, (count, height, width, channels))
    # whole pixels divided once: nothing is rounded twice
    pasted = ops.prod(last - first, axis=0)
    if not per_sample:
        pasted = ops.repeat(pasted, count)
    pixels = height * width
    kept = ops.cast(pixels - pasted, soft.dtype) / ops.cast(pixels, soft.dtype)
    new = ops.cast(pasted, soft.dtype) / ops.cast(pixels, soft.dtype)
    mixed_soft = kept[:, None] * soft + new[:, None] * ops.take(soft, order, axis=0)
    return mixed, mixed_soft


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
