"""Freeze batch normalisation: neither statistics nor weights learn any more."""

import keras

__all__ = ["freeze_batch_norm"]


def freeze_batch_norm(model: keras.Model) -> int:
    r"""Freeze every batch normalisation of a model, for fine-tuning on small batches.

    $y = \gamma (x - r_\mu) / \sqrt{r_\sigma + \epsilon} + \beta$ with all four fixed.
    In Keras `trainable = False` fixes the statistics too, also where a model is called
    with `training=True`; models inside the model are searched. Compile afterwards: a
    compiled model trains what it was compiled with. `model.trainable = True` undoes it.

    Parameters
    ----------
    model : keras.Model
        Is changed. It must not be a batch normalisation itself.

    Returns
    -------
    int
        Number of layers that were frozen.

    Raises
    ------
    ValueError
        If `model` is a batch normalisation or holds none of Keras'.

    Examples
    --------
    >>> layers = [keras.layers.Dense(2), keras.layers.BatchNormalization()]
    >>> model = keras.Sequential([keras.Input((3,)), *layers])
    >>> freeze_batch_norm(model)
    1
    >>> len(model.trainable_weights)
    2

    References
    ----------
    He et al., "Mask R-CNN", 2017, appendix. <https://arxiv.org/abs/1703.06870>
    """
    kind = keras.layers.BatchNormalization
    if isinstance(model, kind):
        raise ValueError(f"model must hold the layers. Received: {model}")
    found = [layer for layer in model._flatten_layers() if isinstance(layer, kind)]
    if not found:
        raise ValueError(f"model must hold a batch normalisation. Received: {model}")
    for layer in found:
        layer.trainable = False
    return len(found)
