"""Arrays made from the words of a row of the sheet, such as `int64 (N,), 0 or 1`."""

import re

import numpy as np

# Each letter of a shape has a size of its own, so that no two axes can be swapped
# unnoticed.
SIZES = {"N": 6, "C": 4, "K": 5, "D": 8, "H": 7, "W": 9, "T": 5, "L": 2}
SPEC = re.compile(
    r"(?P<dtype>float|int64|str) \((?P<shape>[^)]*)\)(?:, (?P<values>.+))?"
)


def boxes(rng, shape, other):
    """Corners, the second below and right of the first."""
    corner = rng.uniform(0, 5, (shape[0], 2))
    return np.concatenate([corner, corner + rng.uniform(1, 4, (shape[0], 2))], axis=1)


def words(rng, shape, other):
    """Symbols from 1 on, at least one, then zeros."""
    lengths = rng.integers(1, shape[1] + 1, (shape[0], 1))
    symbols = rng.integers(1, SIZES["C"], shape)
    return np.where(np.arange(shape[1]) < lengths, symbols, 0)


def sentences(rng, shape, other):
    """Draw texts of three to eight words."""
    known = ["the", "cat", "sat", "on", "a", "mat", "and", "slept"]
    return [" ".join(rng.choice(known, rng.integers(3, 9))) for _ in range(shape[0])]


# What the words after a shape mean; `other` is the array made before this one.
VALUES = {
    None: lambda rng, shape, other: 2 * rng.normal(size=shape),
    "0 or 1": lambda rng, shape, other: rng.integers(0, 2, shape),
    "0 to C-1": lambda rng, shape, other: rng.integers(0, SIZES["C"], shape),
    "> 0": lambda rng, shape, other: rng.uniform(0.2, 5, shape),
    "-1 to 1": lambda rng, shape, other: rng.uniform(-0.9, 0.9, shape),
    "probabilities": lambda rng, shape, other: rng.uniform(0.02, 0.98, shape),
    "counts": lambda rng, shape, other: rng.poisson(2.0, shape),
    "rows sum to 1": lambda rng, shape, other: rng.dirichlet(
        np.ones(shape[1]), shape[0]
    ),
    "boxes": boxes,
    "partners": lambda rng, shape, other: other + rng.normal(size=shape),
    "labels": lambda rng, shape, other: rng.permutation(shape[0]) % 3,
    "1 to C-1, then 0": words,
    "sentences": sentences,
    "T": lambda rng, shape, other: np.full(shape, SIZES["T"]),
    "lengths": lambda rng, shape, other: (other > 0).sum(axis=1),
}


def build(spec, rng, other=None, **sizes):
    """Make an array from the words of a row, such as `int64 (N,), 0 to C-1`."""
    found = SPEC.fullmatch(spec)
    assert found, f"not a dtype, a shape and values: {spec!r}"
    assert found["values"] in VALUES, f"no array is known to be {found['values']!r}"
    axes = re.findall(r"[A-Z]|\d+", found["shape"])
    known = SIZES | sizes
    shape = tuple(known[axis] if axis in known else int(axis) for axis in axes)
    made = VALUES[found["values"]](rng, shape, other)
    kinds = {"float": "float32", "int64": "int64", "str": object}
    return np.asarray(made).astype(kinds[found["dtype"]])
