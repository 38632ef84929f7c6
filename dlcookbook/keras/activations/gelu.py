"""GELU: x times the chance that a normal number is smaller."""

import keras
from keras import KerasTensor, ops

__all__ = ["gelu"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def gelu(x: KerasTensor, *, approximate: bool = False) -> KerasTensor:
    r"""GELU: $x\,\Phi(x)$, with the normal distribution function $\Phi$.

    The tanh formula is $x\,\sigma(2u)$ with $u = \sqrt{2 / \pi}\,(x + 0.044715\,x^3)$,
    up to 0.0005 away. Both are precise in the left tail, where $1 + \mathrm{erf}$ and
    $1 + \tanh$ cancel to 0. Weights need the form that they were trained with.

    Parameters
    ----------
    x : tensor, shape (...)
        Any numbers, any floating dtype.
    approximate : bool
        Use the tanh formula, as GPT-2 and BERT's first code do.

    Returns
    -------
    tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` holds integers or `approximate` is not a bool: "none" would be true.

    Examples
    --------
    >>> y = gelu(ops.convert_to_tensor([-1.0, 0.0, 2.0]))
    >>> [round(float(v), 4) for v in y]
    [-0.1587, 0.0, 1.9545]

    References
    ----------
    Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016.
    <https://arxiv.org/abs/1606.08415>
    """
    if not isinstance(approximate, bool):
        raise ValueError(f"approximate must be a bool. Received: {approximate!r}")
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    if approximate:
        # (1 + tanh u) / 2 as a sigmoid does not cancel; 1.5957... is sqrt(8 / pi)
        share = ops.sigmoid(1.5957691216057308 * (wide + 0.044715 * wide**3))
    else:
        share = 0.5 * ops.erfc(-0.7071067811865476 * wide)
    return ops.cast(wide * share, x.dtype)
