"""Adaptive clipping: a unit's gradient may be so large, relative to its weights."""

from itertools import zip_longest
from typing import Any

from keras import KerasTensor, ops

__all__ = ["adaptive_clip"]


def adaptive_clip(
    gradients: list[Any],
    variables: list[Any],
    *,
    clipping: float = 0.01,
    eps: float = 1e-3,
) -> list[Any]:
    r"""$g_i \leftarrow g_i \min(1, \lambda \max(\|w_i\|, \epsilon) / \|g_i\|)$.

    A unit $i$ is a column of a kernel (the last axis, also of a depthwise one), a row
    of an embedding, or the whole of a bias. It is the gradient itself while that is
    small, and NaN where it has no finite length. Call it in `apply`.

    Parameters
    ----------
    gradients : list of tensors, shapes (..., units) or (n,) or (); or None
        Slopes of the loss.
    variables : list of keras.Variable, of the same shapes
        Weights. Leave out the last layer, as the paper does.
    clipping : float > 0
        $\lambda$, the largest share. Smaller for larger batches.
    eps : float > 0
        Length that a unit has at least, so that one that starts at 0 can leave it.

    Returns
    -------
    list of tensors, of the same shapes
        The gradients, clipped.

    Raises
    ------
    ValueError
        If an option is not positive, or the lists do not match.

    Examples
    --------
    >>> import keras
    >>> w = keras.Variable([[3.0, 0.0], [4.0, 0.0]])
    >>> g = ops.array([[0.0, 0.0], [10.0, 10.0]])
    >>> [clipped] = adaptive_clip([g], [w], clipping=0.1, eps=0.5)
    >>> ops.convert_to_numpy(clipped).round(4).tolist()
    [[0.0, 0.0], [0.5, 0.05000000074505806]]

    References
    ----------
    Brock et al., "High-Performance Large-Scale Image Recognition Without
    Normalization", 2021, eq. 3. <https://arxiv.org/abs/2102.06171>
    """
    for key, value in {"clipping": clipping, "eps": eps}.items():
        if not 0 < value < float("inf"):
            raise ValueError(f"{key} must be > 0. Received: {value}")
    counts = len(gradients), len(variables)
    if counts[0] != counts[1]:
        raise ValueError(f"gradients must be one per variable. Received: {counts}")
    pairs = zip(gradients, variables, strict=True)
    return [g if g is None else _clip(g, v, clipping, eps) for g, v in pairs]


def _clip(gradient: Any, variable: Any, clipping: float, eps: float) -> KerasTensor:
    g = gradient
    if hasattr(g, "dense_shape"):  # rows, of which the same one can come twice
        g += ops.zeros_like(variable)
    shapes = tuple(g.shape), tuple(variable.shape)
    if any(a not in (None, b) for a, b in zip_longest(*shapes, fillvalue=0)):
        raise ValueError(f"gradients must have weights' shapes. Received: {shapes}")
    is_table = getattr(variable, "name", "") == "embeddings"
    axes = tuple(range(1, len(g.shape)) if is_table else range(len(g.shape) - 1))
    norm, length = _norm(g, axes), _norm(variable, axes)
    # no ops.maximum: on PyTorch it turns float64 into float32
    limit = clipping * ops.where(length > eps, length, ops.full_like(length, eps))
    share = limit / ops.where(norm > limit, norm, limit)
    # limit / inf would be 0, and a gradient of 0 is not seen
    share = ops.where(ops.isfinite(norm), share, ops.full_like(share, float("nan")))
    return ops.cast(ops.cast(g, share.dtype) * share, g.dtype)


def _norm(x: Any, axes: tuple[int, ...]) -> KerasTensor:
    wide = "float64" if "float64" in str(x.dtype) else "float32"
    squares = ops.square(ops.cast(x, wide))
    return ops.sqrt(ops.sum(squares, axis=axes or None, keepdims=bool(axes)))
