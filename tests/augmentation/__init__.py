"""How an augmentation of either wing is called: NumPy in and out, torch's layout."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from tests import wings


def array(x: Any) -> np.ndarray:
    """Return what a wing gave as NumPy, floats as float64."""
    if hasattr(x, "detach"):
        x = x.detach()
        x = x.double() if x.is_floating_point() else x
        return x.numpy()
    if not isinstance(x, np.ndarray):
        from keras import ops

        x = ops.convert_to_numpy(x)
    return x.astype(float) if x.dtype.kind not in "biu" else x


def generator(wing: str, seed: int) -> Any:
    """Return where a wing's draws come from."""
    if wing == "torch":
        import torch

        return torch.Generator().manual_seed(seed)
    import keras

    # compiled, JAX has no state to draw from
    is_jax = keras.backend.backend() == "jax"
    return seed if is_jax else keras.random.SeedGenerator(seed)


def run(wing: str, function: Callable[..., Any], *tensors: Any) -> Any:
    """Call a function; on JAX compile it once instead of every operation."""
    if wing == "keras":
        import keras

        if keras.backend.backend() == "jax":
            import jax

            function = jax.jit(function)
    return function(*tensors)


def last(x: np.ndarray) -> np.ndarray:
    """Put channels last."""
    return np.moveaxis(x, 1, -1)


def mixed(wing, name, images, labels, seed=0, dtype=None, **options):
    """Mix a batch; return images, labels and the dtype of the images."""
    function = wings.function(wing, f"augmentation/{name}.{name}")
    is_keras = wing == "keras" and np.ndim(images) > 2
    given = last(images) if is_keras else images
    draws = generator(wing, seed)
    new, soft = run(
        wing,
        lambda x, y: function(x, y, draws, **options),
        wings.tensor(wing, np.asarray(given), dtype),
        wings.tensor(wing, np.asarray(labels)),
    )
    [kind] = re.findall(r"\b(?:b?float|uint)\d+", str(new.dtype))
    new = array(new)
    return np.moveaxis(new, -1, 1) if is_keras else new, array(soft), kind


def warped(wing, what, given, matrices, *size, **options):
    """Move images, masks or boxes."""
    function = wings.function(wing, f"augmentation/warp.warp_{what}")
    flip = wing == "keras" and what == "images"
    given = wings.tensor(wing, last(given) if flip else given)
    matrices = wings.tensor(wing, matrices)
    new = run(wing, lambda x, m: function(x, m, *size, **options), given, matrices)
    if isinstance(new, tuple):
        return tuple(array(x) for x in new)
    return np.moveaxis(array(new), -1, 1) if flip else array(new)


def matrices(wing, name, *given, seed=0, **options):
    """Draw matrices."""
    function = wings.function(wing, f"augmentation/{name}.{name}")
    draws = generator(wing, seed)
    return array(run(wing, lambda: function(*given, draws, **options)))


def series(wing, name, given, seed=0, **options):
    """Change series of shape (N, C, T)."""
    function = wings.function(wing, f"augmentation/time_series.{name}")
    flip = wing == "keras"
    draws = generator(wing, seed)
    new = run(
        wing,
        lambda x: function(x, draws, **options),
        wings.tensor(wing, last(given) if flip else given),
    )
    return np.moveaxis(array(new), -1, 1) if flip else array(new)
