"""Monte Carlo dropout: predict many times with dropout on, and see how they differ."""

import torch
from torch import Tensor, nn

__all__ = ["monte_carlo"]


def monte_carlo(model: nn.Module, inputs: Tensor, *, samples: int = 20) -> Tensor:
    r"""$y_s = f(x; b_s)$ for s = 1 to S, each with a draw $b_s$ of its own.

    The mean over s is the prediction, the spread how unsure the model is. Everything
    random in the model draws as in training, dropout, noise and stochastic depth; norms
    with running statistics stay in inference. The model is left as it was found.

    Parameters
    ----------
    model : nn.Module
        With dropout or other noise; takes one tensor and gives one.
    inputs : Tensor, shape (N, ...)
        A batch.
    samples : int >= 2
        S.

    Returns
    -------
    Tensor, shape (S, N, ...)
        The predictions, without gradients. Logits: softmax first, then the mean.

    Raises
    ------
    ValueError
        If `samples` is below 2, or all predictions are the same: the model has nothing
        that draws.

    Examples
    --------
    >>> model = nn.Sequential(nn.Dropout(0.5), nn.Linear(100, 1)).eval()
    >>> draws = monte_carlo(model, torch.ones(4, 100), samples=10)
    >>> tuple(draws.shape), bool((draws.std(dim=0) > 0).all()), model.training
    ((10, 4, 1), True, False)

    References
    ----------
    Gal and Ghahramani, "Dropout as a Bayesian Approximation", 2016.
    <https://arxiv.org/abs/1506.02142>
    """
    if samples < 2:
        raise ValueError(f"samples must be >= 2. Received: {samples}")
    was = [(module, module.training) for module in model.modules()]
    kept = [(buffer, buffer.clone()) for buffer in model.buffers()]
    try:
        model.train()
        for module, _ in was:
            if hasattr(module, "running_mean"):
                module.eval()
        with torch.no_grad():
            draws = torch.stack([model(inputs) for _ in range(samples)])
    finally:
        for module, training in was:
            module.training = training
        # such as the estimates of spectral norms, which training moves
        with torch.no_grad():
            for buffer, value in kept:
                buffer.copy_(value)
    if bool((draws == draws[0]).all()):
        raise ValueError(f"model must draw. Received: {samples} equal predictions")
    return draws
