"""SWA: the plain mean of the last epochs' weights, BatchNorm's means made anew."""

from collections.abc import Iterator
from typing import Any

import keras

__all__ = ["SWA"]


class SWA(keras.callbacks.Callback):
    r"""$\bar w = \frac{1}{T} \sum_t w_t$ over the ends of epochs from `start` on.

    After the training the model holds the mean; a mean of one epoch is that epoch. Give
    it last to `fit`: early stopping, too, puts weights back at the end. Keep the rate
    constant and large while it is taken, or there is nothing to average. BatchNorm's
    running means belong to other weights then: give `data` to have them computed anew.
    Frozen weights stay, and so do all of them if training ends before.

    Parameters
    ----------
    start : int >= 0
        First epoch that counts, from 0: about three quarters of them.
    data : iterable of batches, optional
        Inputs of shape (N, ...) without labels, as `model` takes them, to go through
        once in training mode. Needed if the model has a BatchNormalization. An iterator
        or a generator is refused: it would be empty the second time.

    Raises
    ------
    ValueError
        If `start` is no such number, `data` an iterator, or a BatchNormalization gets
        none.

    Examples
    --------
    >>> import numpy as np
    >>> layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    >>> model = keras.Sequential([keras.Input((1,)), layer])
    >>> model.compile(keras.optimizers.SGD(1.0), lambda y, p: -p[:, 0])
    >>> x = np.ones((2, 1), "float32")
    >>> history = model.fit(x, x, epochs=4, verbose=0, callbacks=[SWA(start=1)])
    >>> layer.kernel.numpy().item()  # 1, then the mean of 2, 3, 4
    3.0

    References
    ----------
    Izmailov et al., "Averaging Weights Leads to Wider Optima and Better
    Generalization", 2018, algorithm 1. <https://arxiv.org/abs/1803.05407>
    """

    def __init__(self, start: int, data: Any = None) -> None:
        super().__init__()
        if isinstance(start, bool) or not isinstance(start, int) or start < 0:
            raise ValueError(f"start must be an integer >= 0. Received: {start}")
        if isinstance(data, Iterator):
            kind = type(data).__name__
            raise ValueError(f"data must be iterable again. Received: {kind}")
        self.start, self.data, self.taken = start, data, 0
        self.means: list[Any] = []

    def _norms(self) -> list[Any]:
        kind = keras.layers.BatchNormalization
        layers = self.model._flatten_layers()
        return [x for x in layers if isinstance(x, kind) and x.trainable]

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget what an earlier `fit` took in.

        Parameters
        ----------
        logs : dict, optional
            As Keras gives it.

        Raises
        ------
        ValueError
            If a BatchNormalization gets no `data`, or there is none in it.
        """
        if self._norms() and (self.data is None or not any(True for _ in self.data)):
            name = self._norms()[0].name
            raise ValueError(f"data must be given for BatchNorm. Received: {name}")
        self.taken, self.means = 0, []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Take in the weights of an epoch.

        Parameters
        ----------
        epoch : int
            From 0.
        logs : dict, optional
            As Keras gives it.
        """
        if epoch < self.start:
            return
        now = [
            keras.ops.convert_to_numpy(v).astype("float64")
            for v in self.model.trainable_variables
        ]
        self.taken += 1
        old = self.means or now
        self.means = [m + (w - m) / self.taken for m, w in zip(old, now, strict=True)]

    def on_train_end(self, logs: Any = None) -> None:
        """Put the mean into the model.

        Parameters
        ----------
        logs : dict, optional
            As Keras gives it.
        """
        if not self.taken:
            return
        for v, mean in zip(self.model.trainable_variables, self.means, strict=True):
            v.assign(mean.astype("float32") if v.dtype != "float64" else mean)
        norms = self._norms()
        if not norms:
            return
        momenta = [norm.momentum for norm in norms]
        try:
            for seen, batch in enumerate(self.data):
                for norm in norms:  # the plain mean over the batches
                    norm.momentum = seen / (seen + 1)
                self.model(batch, training=True)
        finally:
            for norm, momentum in zip(norms, momenta, strict=True):
                norm.momentum = momentum
