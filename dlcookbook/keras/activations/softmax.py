"""Softmax and log-softmax: scores to shares of 1, with temperature and mask."""

import keras
from keras import KerasTensor, ops

__all__ = ["log_softmax", "softmax"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def softmax(
    x: KerasTensor,
    axis: int = -1,
    *,
    temperature: float = 1.0,
    mask: KerasTensor | None = None,
) -> KerasTensor:
    r"""Softmax: $p_i = e^{x_i / T} / \sum_j e^{x_j / T}$ over what is not masked.

    What is masked gets a share of exactly 0 and no gradient, whatever its score. A row
    in which everything is masked is all 0: it does not sum to 1.

    Parameters
    ----------
    x : tensor, shape (..., K, ...)
        Raw scores, any floating dtype.
    axis : int
        The axis that competes.
    temperature : float > 0
        Divides the scores: above 1 flattens, below 1 sharpens.
    mask : tensor of bool, shape broadcastable to x, optional
        True where a score takes part.

    Returns
    -------
    tensor, shape (..., K, ...)
        Shares that sum to 1, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `temperature` is not positive, `mask` does not hold booleans or does not fit,
        or `x` holds integers.

    Examples
    --------
    >>> y = softmax(ops.convert_to_tensor([2.0, 1.0, -1.0]), temperature=2.0)
    >>> [round(float(v), 4) for v in y]
    [0.5465, 0.3315, 0.122]

    References
    ----------
    Hinton et al., "Distilling the Knowledge in a Neural Network", 2015, eq. 1.
    <https://arxiv.org/abs/1503.02531>
    """
    x = ops.convert_to_tensor(x)
    scores, out = _scores(x, axis, temperature, mask)
    shares = ops.softmax(scores, axis=axis)
    shares = shares if out is None else ops.where(out, 0.0, shares)
    return ops.cast(shares, x.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def log_softmax(
    x: KerasTensor,
    axis: int = -1,
    *,
    temperature: float = 1.0,
    mask: KerasTensor | None = None,
) -> KerasTensor:
    r"""Log-softmax: $x_i / T - \log \sum_j e^{x_j / T}$ over what is not masked.

    Finite where the softmax rounds to 0. What is masked is minus infinity and has no
    gradient; so is all of a row in which everything is masked.

    Parameters
    ----------
    x : tensor, shape (..., K, ...)
        Raw scores, any floating dtype.
    axis : int
        The axis that competes.
    temperature : float > 0
        Divides the scores: above 1 flattens, below 1 sharpens.
    mask : tensor of bool, shape broadcastable to x, optional
        True where a score takes part.

    Returns
    -------
    tensor, shape (..., K, ...)
        Logarithms of shares, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `temperature` is not positive, `mask` does not hold booleans or does not fit,
        or `x` holds integers.

    Examples
    --------
    >>> y = log_softmax(ops.convert_to_tensor([0.0, 200.0]))
    >>> [round(float(v), 4) for v in y]
    [-200.0, 0.0]

    References
    ----------
    Bridle, "Probabilistic Interpretation of Feedforward Classification Network
    Outputs", 1990. <https://doi.org/10.1007/978-3-642-76153-9_28>
    """
    x = ops.convert_to_tensor(x)
    scores, out = _scores(x, axis, temperature, mask)
    logs = ops.log_softmax(scores, axis=axis)
    logs = logs if out is None else ops.where(out, -float("inf"), logs)
    return ops.cast(logs, x.dtype)


def _scores(
    x: KerasTensor, axis: int, temperature: float, mask: KerasTensor | None
) -> tuple[KerasTensor, KerasTensor | None]:
    # what competes, and what is left out
    if not temperature > 0:
        raise ValueError(f"temperature must be > 0. Received: {temperature}")
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    wide = wide / temperature
    if mask is None:
        return wide, None
    mask = ops.convert_to_tensor(mask)
    if keras.backend.standardize_dtype(mask.dtype) != "bool":
        raise ValueError(f"mask must hold booleans. Received: {mask.dtype}")
    sizes, wanted = tuple(mask.shape), tuple(x.shape)
    pairs = zip(reversed(sizes), reversed(wanted), strict=False)
    fits = all(n is None or m in (1, n, None) for m, n in pairs)
    if len(sizes) > len(wanted) or not fits:
        raise ValueError(f"mask must broadcast to {wanted}. Received: {sizes}")
    out = ops.logical_or(ops.logical_not(mask), ops.zeros_like(x, dtype="bool"))
    # a row of -inf alone would be 0 / 0, where anomaly detection stops
    empty = ops.all(out, axis=axis, keepdims=True)
    return ops.where(empty, 0.0, ops.where(out, -float("inf"), wide)), out
