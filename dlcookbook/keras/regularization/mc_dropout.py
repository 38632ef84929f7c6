"""Monte Carlo dropout: predict many times with dropout on, and see how they differ."""

import keras
from keras import KerasTensor, ops

__all__ = ["monte_carlo"]


def monte_carlo(
    model: keras.Model, inputs: KerasTensor, *, samples: int = 20
) -> KerasTensor:
    r"""$y_s = f(x; b_s)$ for s = 1 to S, each with a draw $b_s$ of its own.

    The mean over s is the prediction, the spread how unsure the model is. Everything
    random in the model draws as in training, dropout, noise and augmentation; batch
    norms stay in inference. The model is left as it was found. Called eagerly.

    Parameters
    ----------
    model : keras.Model
        With dropout or other noise; takes one tensor and gives one.
    inputs : tensor, shape (N, ...)
        A batch.
    samples : int >= 2
        S.

    Returns
    -------
    tensor, shape (S, N, ...)
        The predictions. Logits: softmax first, then the mean.

    Raises
    ------
    ValueError
        If `samples` is below 2, or all predictions are the same: the model has nothing
        that draws.

    Examples
    --------
    >>> from keras import layers
    >>> model = keras.Sequential([layers.Dropout(0.5), layers.Dense(1)])
    >>> draws = monte_carlo(model, ops.ones((4, 100)), samples=10)
    >>> tuple(draws.shape), bool(ops.all(ops.std(draws, axis=0) > 0))
    ((10, 4, 1), True)

    References
    ----------
    Gal and Ghahramani, "Dropout as a Bayesian Approximation", 2016.
    <https://arxiv.org/abs/1506.02142>
    """
    if samples < 2:
        raise ValueError(f"samples must be >= 2. Received: {samples}")
    model(inputs)  # builds what is not built
    norms = [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    ]
    kept = [(v, ops.copy(v.value)) for v in model.non_trainable_weights]
    frozen = [v for layer in norms for v in layer.weights if not v.trainable]
    try:
        for layer in norms:
            # a batch norm that is frozen stays in inference
            layer.trainable = False
        draws = ops.stack([model(inputs, training=True) for _ in range(samples)])
    finally:
        for layer in norms:
            layer.trainable = True
        for variable in frozen:
            variable.trainable = False
        # such as the estimates of spectral norms, which training moves
        for variable, value in kept:
            variable.assign(value)
    if bool(ops.all(draws == draws[:1])):
        raise ValueError(f"model must draw. Received: {samples} equal predictions")
    return ops.stop_gradient(draws)
