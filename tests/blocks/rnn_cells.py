"""No cases: a cell's states differ in form; tests/test_sequences.py holds its proof."""

CASES = ()
