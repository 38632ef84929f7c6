"""Cases of losses/poly."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def binary(rng):
    return rng.normal(0, 3, (5, 4)), rng.integers(0, 2, (5, 4))


def classes(rng):
    return rng.normal(0, 3, (6, 4)), rng.integers(0, 4, 6)


def pixels(rng):
    return rng.normal(0, 3, (2, 3, 4, 5)), rng.integers(0, 3, (2, 4, 5))


def optax_poly(outputs, targets, *, epsilon=1.0):
    import optax

    one_hot = np.eye(outputs.shape[1])[targets]
    return optax.losses.poly_loss_cross_entropy(outputs, one_hot, epsilon=epsilon)


def torch_cross_entropy(outputs, targets, *, epsilon):
    from torch import from_numpy
    from torch.nn.functional import cross_entropy

    assert epsilon == 0, "without its extra term it is cross-entropy"
    return cross_entropy(from_numpy(outputs), from_numpy(targets), reduction="none")


def torch_bce(outputs, targets, *, epsilon):
    from torch import from_numpy
    from torch.nn.functional import binary_cross_entropy_with_logits

    assert epsilon == 0, "without its extra term it is binary cross-entropy"
    return binary_cross_entropy_with_logits(
        from_numpy(outputs), from_numpy(targets).double(), reduction="none"
    )


def binary_formula(epsilon):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for z, y in zip(logits, targets, strict=True):
            wrong = 1 / (1 + mpmath.exp(z if y else -z))
            right = 1 / (1 + mpmath.exp(-z if y else z))
            loss += epsilon * wrong - mpmath.log(right)
        return loss

    return total


def softmax_formula(epsilon):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for row, y in zip(logits, targets, strict=True):
            powers = [mpmath.exp(z - max(row)) for z in row]
            p = powers[y] / mpmath.fsum(powers)
            loss += epsilon * (1 - p) - mpmath.log(p)
        return loss

    return total


def refuse(by, match, outputs, targets, **options):
    return Refusal(
        by=by,
        outputs=np.array(outputs),
        targets=np.array(targets),
        kwargs=options,
        match=match,
    )


CASES = [
    Case(
        function="poly_bce_loss",
        inputs=binary,
        kwargs={"epsilon": 0.0},
        oracles=(torch_bce,),
    ),
    Case(
        function="poly_bce_loss",
        inputs=binary,
        extremes=tuple(
            Extreme(
                outputs=[1e4, -1e4, 1e4, -1e4, 17, -17, 0],
                targets=[1, 1, 0, 0, 1, 1, 0],
                kwargs={"epsilon": epsilon},
                formula=binary_formula(epsilon),
            )
            for epsilon in (-1, 2)
        ),
        refusals=(
            refuse(
                "shape",
                r"(targets|y_true) must have the shape.*\(3, 1\)",
                np.zeros(3),
                np.zeros((3, 1), int),
            ),
            refuse("value", "targets must be 0 or 1.*2", [0.0, 0.0], [0, 2]),
            refuse("argument", "epsilon.*-2", [0.0, 0.0], [0, 1], epsilon=-2.0),
        ),
    ),
    Case(
        function="poly_cross_entropy_loss",
        inputs=classes,
        last=("outputs",),
        kwargs={"epsilon": 2.0},
        oracles=(optax_poly,),
    ),
    Case(
        function="poly_cross_entropy_loss",
        inputs=classes,
        last=("outputs",),
        kwargs={"epsilon": 0.0},
        oracles=(torch_cross_entropy, optax_poly),
    ),
    Case(
        function="poly_cross_entropy_loss",
        inputs=pixels,
        last=("outputs",),
        extremes=tuple(
            Extreme(
                outputs=[[1e4, 0, -1e4], [-1e4, 1e4, 0], [20, 0, -20], [0, 0, 0]],
                targets=[2, 1, 0, 0],
                kwargs={"epsilon": epsilon},
                formula=softmax_formula(epsilon),
            )
            for epsilon in (-1, 2)
        ),
        refusals=(
            refuse(
                "shape",
                r"(targets|y_true) must have the shape.*\(3,\)",
                np.zeros((2, 3)),
                np.zeros(3, int),
            ),
            refuse(
                "value", r"targets must be in \[0, 3\).*3", np.zeros((2, 3)), [0, 3]
            ),
            refuse(
                "argument", "epsilon.*nan", np.zeros((2, 3)), [0, 1], epsilon=np.nan
            ),
        ),
    ),
]
