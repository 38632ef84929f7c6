"""Weight normalisation: the length of each kernel apart from its direction."""

from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

__all__ = ["WeightNorm"]


class WeightNorm(nn.Module):
    r"""Train the length $g$ and the direction $v$ of each output's weights apart.

    $w_o = g_o \, v_o / \lVert v_o \rVert$; a layer starts with the weights that it has.
    torch's own parametrization. Its twin gives the same numbers in Keras.

    Parameters
    ----------
    layer : nn.Module
        A dense layer or a convolution; is changed.

    Raises
    ------
    ValueError
        If `layer` is another one: its first axis is not that of the outputs.

    Examples
    --------
    >>> import torch
    >>> layer = WeightNorm(nn.Linear(3, 2))
    >>> [tuple(p.shape) for p in layer.parameters()]
    [(2,), (2, 1), (2, 3)]
    >>> layer(torch.ones(1, 3)).shape
    torch.Size([1, 2])

    References
    ----------
    Salimans, Kingma, "Weight normalization", 2016, eq. 2.
    <https://arxiv.org/abs/1602.07868>
    """

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        if not isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d):
            raise ValueError(
                f"layer must be dense or a convolution. Received: {type(layer)}"
            )
        self.layer = weight_norm(layer)

    def forward(self, x: Tensor) -> Tensor:
        """Call the layer.

        Parameters
        ----------
        x : Tensor, shape of the inputs of the layer
            Inputs.

        Returns
        -------
        Tensor, shape of the outputs of the layer
            Outputs.
        """
        return self.layer(x)
