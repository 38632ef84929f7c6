"""What goes wrong between training and use. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def preprocessing_left_behind():
    """Pixels from 0 to 16 for a model that was trained on 0 to 1.

    It answers, and nothing looks wrong. Put the scale into the model that is exported.
    The mean largest probability for digits that it gets wrong, which should waver.
    """
    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    x, y = load_digits(return_X_y=True)
    model = LogisticRegression(max_iter=500).fit(x[:1000] / 16, y[:1000])
    sure = []
    for inputs in (x[1000:], x[1000:] / 16):
        shares = model.predict_proba(inputs)
        missed = shares.argmax(1) != y[1000:]
        sure.append(np.max(shares[missed], axis=1).mean())
    wrong, right = sure
    return Shown(wrong, right)


def the_mean_hides_the_slow_ones():
    """The mean time of an answer: 5 in 100 people wait a second.

    Report the 99th percentile beside it. In milliseconds, of 95 answers in 20 and 5 in
    1,000.
    """
    import numpy as np

    times = np.array([20.0] * 95 + [1000.0] * 5)
    wrong = times.mean()
    right = np.percentile(times, 99)
    return Shown(wrong, right)


def one_scale_for_all_channels():
    """Weights to eight bits with one scale for the whole matrix: one row spoils all.

    The largest weight decides how fine the steps are. A scale for each row costs a few
    numbers. Error of the outputs, relative to their size.
    """
    import torch

    torch.manual_seed(0)
    weight, x = 0.02 * torch.randn(64, 64), torch.randn(100, 64)
    weight[0] *= 100
    errors = []
    for largest in (weight.abs().max(), weight.abs().amax(1, keepdim=True)):
        scale = largest / 127
        rounded = (weight / scale).round() * scale
        gap = (x @ (rounded - weight).T)[:, 1:]
        errors.append((gap.norm() / (x @ weight.T)[:, 1:].norm()).item())
    wrong, right = errors
    return Shown(wrong, right)


def float16_has_an_end():
    """Root mean square in float16: 300 squared is infinite, the output 0.

    65,504 is the last number. Squares and sums in float32, or all in bfloat16. What a
    vector of 300s becomes when it is divided by its root mean square.
    """
    import torch

    x = torch.full((8,), 300.0)
    found = []
    for dtype in (torch.float16, torch.bfloat16):
        y = x.to(dtype)
        found.append((y / (y * y).mean().sqrt())[0].item())
    wrong, right = found
    return Shown(wrong, right, "vanishes")
