"""Cases of metrics/perplexity."""

import numpy as np

from tests.metrics import Case, Refusal


def texts(rng):
    return rng.integers(0, 11, (12, 7)), rng.normal(0, 3, (12, 7, 11))


def padded(rng):
    y_true, y_pred = texts(rng)
    lengths = rng.integers(1, 8, 12)
    return np.where(np.arange(7) < lengths[:, None], y_true, -100), y_pred


def torchmetrics_perplexity(y_true, y_pred, ignore_index=None):
    import torch
    from torchmetrics.functional.text import perplexity

    logits, true = torch.tensor(y_pred), torch.tensor(y_true)
    return perplexity(logits, true, ignore_index=ignore_index)


def sklearn_perplexity(y_true, y_pred):
    from scipy.special import softmax
    from sklearn.metrics import log_loss

    size = y_pred.shape[-1]
    probabilities = softmax(y_pred, axis=-1).reshape(-1, size)
    return np.exp(log_loss(y_true.ravel(), probabilities, labels=np.arange(size)))


Y = np.array([0, 2, 1])
LOGITS = np.eye(3)
WEIGHT = {"sample_weight": np.array([1.0, -1.0, 2.0])}
COMMON = {"function": "perplexity", "metric": "Perplexity", "weighted": True}
CASES = [
    Case(
        **COMMON,
        inputs=texts,
        oracles=(torchmetrics_perplexity, sklearn_perplexity),
        refusals=(
            Refusal(by="shape", inputs=(Y[:2], LOGITS), match="vocabulary last"),
            Refusal(
                by="shape",
                inputs=(Y, LOGITS),
                match="vocabulary last",
                kwargs={"sample_weight": np.ones(2)},
            ),
            Refusal(by="value", inputs=(Y + 1, LOGITS), match="Received: 1 to 3"),
            Refusal(by="value", inputs=(Y - 1, LOGITS), match="Received: -1 to 1"),
            Refusal(by="value", inputs=(Y, LOGITS * np.nan), match="NaN"),
            Refusal(
                by="value", inputs=(Y, np.log(LOGITS + 1e-9) * -np.inf), match="inf"
            ),
            # of another token than the true one
            Refusal(
                by="value",
                inputs=(Y, np.where(np.arange(3) == 1, np.inf, LOGITS)),
                match="inf",
            ),
            Refusal(
                by="value", inputs=(Y, LOGITS), match="sample_weight", kwargs=WEIGHT
            ),
            Refusal(by="value", inputs=(Y / 2, LOGITS), match="integers"),
            Refusal(by="empty", inputs=(Y[:0], LOGITS[:0]), match="token that counts"),
        ),
    ),
    Case(
        **COMMON,
        inputs=padded,
        kwargs={"ignore_index": -100},
        oracles=(torchmetrics_perplexity,),
    ),
]
