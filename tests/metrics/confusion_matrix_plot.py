"""Cases of metrics/confusion_matrix_plot."""

import numpy as np

from tests.metrics import Case, Refusal


def counts(rng):
    return (rng.integers(0, 50, (5, 5)),)


def weights(rng):
    """Class 2 is never true."""
    matrix = rng.random((4, 4))
    matrix[2] = 0
    return (matrix,)


def sklearn_shares(matrix):
    from sklearn.metrics import confusion_matrix

    true, predicted = np.indices(matrix.shape)
    pairs = (np.repeat(x.ravel(), matrix.ravel()) for x in (true, predicted))
    return confusion_matrix(*pairs, normalize="true")


C = np.array([[3, 1], [0, 2]])
# the rows of a matrix are no examples
COMMON = {"function": "draw_confusion_matrix", "ordered": True}
CASES = [
    Case(
        **COMMON,
        inputs=counts,
        oracles=(sklearn_shares,),
        refusals=(
            Refusal(by="shape", inputs=(C[:1],), match="matrix must be square"),
            Refusal(by="shape", inputs=(C[0],), match="matrix must be square"),
            Refusal(by="shape", inputs=(C[:0, :0],), match="matrix must be square"),
            Refusal(by="value", inputs=(C - 1,), match="matrix.*Received: -1 to 2"),
            Refusal(by="value", inputs=(C * np.nan,), match="matrix.*Received: nan"),
            Refusal(
                by="argument",
                inputs=(C,),
                match="class_names must be 2. Received: 3",
                kwargs={"class_names": ["a", "b", "c"]},
            ),
        ),
    ),
    Case(**COMMON, inputs=weights, kwargs={"class_names": ["a", "b", "c", "d"]}),
]
