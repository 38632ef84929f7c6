"""Cases for the recurrent text classifiers."""

from tests.models import Case, no_classes, out_of_range, tokens

SMALL = {"dim": 6, "hidden": 5}


def padded(rng):
    """Draw texts of 7, 4, 1 and 0 tokens, one of them padded in front."""
    texts = rng.integers(1, 12, (4, 7))
    texts[1, :3] = 0
    texts[2, 1:] = 0
    texts[3] = 0
    return (texts,)


def between(rng):
    """Draw texts with padding in the middle."""
    texts = rng.integers(1, 12, (2, 6))
    texts[0, 2:4] = 0
    texts[1, [0, 3, 5]] = 0
    return (texts,)


# Dynamo leaves `nn.LSTM` and `nn.GRU` out of its graph: a whole one there cannot be.
CASES = (
    Case(
        function="lstm_classifier",
        args=(12, 3),
        kwargs=SMALL,
        inputs=padded,
        more=(tokens(1, 1, below=12), between),
        leaves_out=("compile", "export", "onnx"),
        refusals=(
            no_classes("num_classes", 12),
            *out_of_range(dim=(0,), hidden=(0,), depth=(0, -1), dropout=(1.0,)),
        ),
    ),
    Case(
        function="gru_classifier",
        args=(12, 3),
        kwargs=SMALL | {"depth": 2, "bidirectional": True},
        inputs=padded,
        more=(tokens(1, 1, below=12), between),
        leaves_out=("compile",),
    ),
    Case(
        function="lstm_classifier",
        args=(12, 3),
        kwargs=SMALL | {"bidirectional": True},
        inputs=padded,
        more=(tokens(1, 1, below=12), between),
        leaves_out=("compile", "export", "onnx", "saved", "bfloat16"),
    ),
)
