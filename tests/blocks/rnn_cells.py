"""No cases: a cell's states differ in form; tests/test_sequences.py holds its proof."""

import numpy as np

CASES = ()
# what a cell of 4, made for inputs of 3, refuses: input, state, mask, what it says
STATE = r"state \(N, 4\).*Received: .*"
KEEP = r"keep must be boolean of .*"
REFUSALS = (
    ((2, 3), (1, 4), None, STATE + r"\(1, 4\)"),
    ((2, 3), (2, 1), None, STATE + r"\(2, 1\)"),
    ((3,), (2, 4), None, r"x must have the shape.*Received: x \(3,\)"),
    ((2, 3), (2, 4), np.ones((2, 1), bool), KEEP + r"\(2, 1\)"),
    ((2, 3), (2, 4), np.ones(1, bool), KEEP + r"\(1,\)"),
    ((2, 3), (2, 4), np.ones(2, int), KEEP + "int64"),
)
