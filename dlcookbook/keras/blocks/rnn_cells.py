"""GRU and LSTM cells by hand: one step, every gate in sight."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["GRUCell", "LSTMCell"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class LSTMCell(keras.layers.Layer):
    r"""One step of a long short-term memory.

    $c' = f \odot c + i \odot g$ and $h' = o \odot \tanh c'$; input, forget and output
    gate are sigmoids, $g$ is a tanh, of $W_x x + W_h h + b$. With the forget gate at 1
    and the input gate at 0 the memory stays for ever.

    Weights are laid out as in `keras.layers.LSTMCell`: `set_weights` takes one's for
    the other. Gates come in the order i, f, g, o, which is PyTorch's as well; its two
    biases add up to the one here. Input weights start Glorot uniform, those of the
    state orthogonal, the bias at 0 but for the forget gate's 1: it starts by keeping.
    `keras.layers.RNN(cell)` runs it over a sequence.

    Parameters
    ----------
    hidden : int
        Width of the state.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `hidden` is less than 1.

    Examples
    --------
    >>> over_time = keras.layers.RNN(LSTMCell(4))
    >>> tuple(over_time(keras.random.normal((2, 5, 3))).shape)
    (2, 4)

    References
    ----------
    Gers et al., "Learning to Forget: Continual Prediction with LSTM", 2000, section 3.
    <https://doi.org/10.1162/089976600300015015>
    """

    def __init__(self, hidden: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if hidden < 1:
            raise ValueError(f"hidden must be >= 1. Received: {hidden}")
        self.hidden = hidden
        # what `keras.layers.RNN` asks a cell
        self.state_size = [hidden, hidden]
        self.output_size = hidden

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one step, (N, in_channels).
        """
        h = self.hidden
        self.kernel = self.add_weight((input_shape[-1], 4 * h), name="kernel")
        self.recurrent_kernel = self.add_weight(
            (h, 4 * h), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight(
            (4 * h,),
            initializer=lambda shape, dtype: ops.cast(
                ops.arange(4 * h) // h == 1, dtype
            ),
            name="bias",
        )

    def call(
        self,
        x: KerasTensor,
        states: list[KerasTensor],
        keep: KerasTensor | None = None,
    ) -> tuple[KerasTensor, list[KerasTensor]]:
        """Take one step.

        Parameters
        ----------
        x : tensor, shape (N, in_channels)
            What comes in.
        states : list of two tensors, each of shape (N, hidden)
            What the cell said, and what it remembers: [h, c].
        keep : tensor of bool, shape (N,), optional
            False leaves the state of a padded example as it is. `keras.layers.RNN`
            does that itself, by its mask.

        Returns
        -------
        tuple of a tensor, shape (N, hidden), and a list of two such tensors
            The new h, and the new [h, c].

        Raises
        ------
        ValueError
            If `x`, the state or `keep` has another shape, or `keep` is not boolean.
        """
        h, c = states
        _check(x, self.hidden, keep, h, c)
        gates = ops.matmul(x, self.kernel) + ops.matmul(h, self.recurrent_kernel)
        i, f, g, o = ops.split(gates + self.bias, 4, axis=-1)
        new_c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        new_h = ops.sigmoid(o) * ops.tanh(new_c)
        if keep is not None:
            kept = ops.expand_dims(keep, -1)
            new_h, new_c = ops.where(kept, new_h, h), ops.where(kept, new_c, c)
        return new_h, [new_h, new_c]

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), "hidden": self.hidden}


@keras.saving.register_keras_serializable(package="dlcookbook")
class GRUCell(keras.layers.Layer):
    r"""One step of a gated recurrent unit, the form that cuDNN computes.

    $h' = (1 - z) \odot n + z \odot h$ with
    $n = \tanh(W_n x + b_n + r \odot (U_n h + d_n))$; reset gate $r$ and update gate
    $z$ are sigmoids. The paper resets $h$ before it is multiplied by $U_n$; Keras
    calls the form here `reset_after=True`. With the update gate at 1 nothing changes.

    Weights are laid out as in `keras.layers.GRUCell`: `set_weights` takes one's for
    the other. Gates come in the order z, r, n. PyTorch has r, z, n: weights that are
    copied without being reordered fit and compute something else. Input weights start
    Glorot uniform, those of the state orthogonal, biases at 0.
    `keras.layers.RNN(cell)` runs it over a sequence.

    Parameters
    ----------
    hidden : int
        Width of the state.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `hidden` is less than 1.

    Examples
    --------
    >>> over_time = keras.layers.RNN(GRUCell(4))
    >>> tuple(over_time(keras.random.normal((2, 5, 3))).shape)
    (2, 4)

    References
    ----------
    Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for
    Statistical Machine Translation", 2014, eq. 5 to 8.
    <https://arxiv.org/abs/1406.1078>
    """

    def __init__(self, hidden: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if hidden < 1:
            raise ValueError(f"hidden must be >= 1. Received: {hidden}")
        self.hidden = hidden
        # what `keras.layers.RNN` asks a cell
        self.state_size = self.output_size = hidden

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one step, (N, in_channels).
        """
        h = self.hidden
        self.kernel = self.add_weight((input_shape[-1], 3 * h), name="kernel")
        self.recurrent_kernel = self.add_weight(
            (h, 3 * h), initializer="orthogonal", name="recurrent_kernel"
        )
        # one for the input, one for the state: the reset gate comes between them
        self.bias = self.add_weight((2, 3 * h), initializer="zeros", name="bias")

    def call(
        self,
        x: KerasTensor,
        states: list[KerasTensor],
        keep: KerasTensor | None = None,
    ) -> tuple[KerasTensor, list[KerasTensor]]:
        """Take one step.

        Parameters
        ----------
        x : tensor, shape (N, in_channels)
            What comes in.
        states : list of one tensor, shape (N, hidden)
            What the cell said.
        keep : tensor of bool, shape (N,), optional
            False leaves the state of a padded example as it is. `keras.layers.RNN`
            does that itself, by its mask.

        Returns
        -------
        tuple of a tensor, shape (N, hidden), and a list of it
            The new state.

        Raises
        ------
        ValueError
            If `x`, the state or `keep` has another shape, or `keep` is not boolean.
        """
        [h] = states
        _check(x, self.hidden, keep, h)
        from_x = ops.split(ops.matmul(x, self.kernel) + self.bias[0], 3, axis=-1)
        from_h = ops.matmul(h, self.recurrent_kernel) + self.bias[1]
        from_h = ops.split(from_h, 3, axis=-1)
        z = ops.sigmoid(from_x[0] + from_h[0])
        r = ops.sigmoid(from_x[1] + from_h[1])
        n = ops.tanh(from_x[2] + r * from_h[2])
        new = (1 - z) * n + z * h
        new = new if keep is None else ops.where(ops.expand_dims(keep, -1), new, h)
        return new, [new]

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), "hidden": self.hidden}


def _check(
    x: KerasTensor, hidden: int, keep: KerasTensor | None, *states: KerasTensor
) -> None:
    """Refuse what would broadcast: one example's state or mask given to all."""
    n, shapes = x.shape[0], [tuple(s.shape) for s in states]
    fits = all(
        len(s) == 2 and s[1] == hidden and (s[0] == n or None in (s[0], n))
        for s in shapes
    )
    if len(x.shape) != 2 or not fits:
        raise ValueError(
            f"x must have the shape (N, in_channels) and the state (N, {hidden}). "
            f"Received: x {tuple(x.shape)}, state {shapes}"
        )
    if keep is None:
        return
    kind = keras.backend.standardize_dtype(keep.dtype)
    shape = tuple(keep.shape)
    if kind != "bool" or len(shape) != 1 or (shape[0] != n and None not in (*shape, n)):
        raise ValueError(
            f"keep must be boolean of shape ({n},). Received: {kind} of shape {shape}"
        )
