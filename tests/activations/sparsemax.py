"""Cases of activations/sparsemax."""

import itertools

import mpmath

from tests.activations import Case


def sparsemax(row, place):
    # every support is tried; the right one leaves its own above 0 and no other
    for size in range(1, len(row) + 1):
        for support in itertools.combinations(range(len(row)), size):
            threshold = (mpmath.fsum(row[i] for i in support) - 1) / size
            if all((row[i] > threshold) == (i in support) for i in range(len(row))):
                return max(row[place] - threshold, mpmath.mpf(0))
    raise AssertionError(row)


CASES = (Case(function="sparsemax", formula=sparsemax),)
