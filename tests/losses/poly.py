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


def optax_two_classes(outputs, targets, *, epsilon=1.0):
    import optax

    # the sigmoid of z is the softmax of (0, z)
    logits = np.stack([np.zeros(outputs.shape), outputs], axis=-1)
    one_hot = np.eye(2)[targets]
    return optax.losses.poly_loss_cross_entropy(logits, one_hot, epsilon=epsilon)


def optax_classes(outputs, targets, *, epsilon=1.0):
    import optax

    one_hot = np.eye(outputs.shape[1])[targets]
    return optax.losses.poly_loss_cross_entropy(
        np.moveaxis(outputs, 1, -1), one_hot, epsilon=epsilon
    )


def torch_bce(outputs, targets, *, epsilon):
    from torch import from_numpy
    from torch.nn.functional import binary_cross_entropy_with_logits

    assert epsilon == 0, "Poly-1 is cross-entropy only without epsilon"
    logits = from_numpy(outputs)
    return binary_cross_entropy_with_logits(
        logits, from_numpy(targets).to(logits), reduction="none"
    )


def binary_formula(epsilon):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for z, y in zip(logits.flat, np.ravel(targets), strict=True):
            margin = z if y else -z
            p, q = 1 / (1 + mpmath.exp(-margin)), 1 / (1 + mpmath.exp(margin))
            loss += epsilon * q - mpmath.log(p)
        return loss

    return total


def formula(epsilon):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for row, y in zip(logits, targets, strict=True):
            powers = [mpmath.exp(z) for z in row]
            rest = mpmath.fsum(v for j, v in enumerate(powers) if j != y)
            total = mpmath.fsum(powers)
            loss += epsilon * rest / total - mpmath.log(powers[y] / total)
        return loss

    return total


def refused(targets, outputs):
    return tuple(
        Refusal(
            by="argument",
            outputs=outputs,
            targets=targets,
            kwargs={"epsilon": epsilon},
            match=f"epsilon must be >= -1.*{epsilon}",
        )
        for epsilon in (-1.5, float("nan"))
    )


CASES = [
    Case(
        function="poly_bce_loss",
        inputs=binary,
        oracles=(optax_two_classes,),
    ),
    Case(
        function="poly_bce_loss",
        inputs=binary,
        kwargs={"epsilon": 0.0},
        oracles=(torch_bce, optax_two_classes),
    ),
    Case(
        function="poly_bce_loss",
        inputs=binary,
        kwargs={"epsilon": -1.0},
        oracles=(optax_two_classes,),
        extremes=tuple(
            Extreme(
                outputs=[1e4, -1e4, 1e4, -1e4, 17.0, -17.0, 0.0, 40.0],
                targets=[1, 1, 0, 0, 1, 1, 0, 0],
                kwargs={"epsilon": epsilon},
                formula=binary_formula(epsilon),
            )
            for epsilon in (-1.0, 0.0, 1.0, 10.0)
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros(3),
                targets=np.zeros((3, 1), int),
                match=r"(targets|y_true) must have the shape.*\(3, 1\)",
            ),
            Refusal(
                by="value",
                outputs=np.zeros(2),
                targets=np.array([1, -1]),
                match="targets must be 0 or 1.*-1",
            ),
            *refused(np.array([0, 1]), np.zeros(2)),
        ),
    ),
    Case(
        function="poly_cross_entropy_loss",
        inputs=classes,
        last=("outputs",),
        oracles=(optax_classes,),
    ),
    Case(
        function="poly_cross_entropy_loss",
        inputs=pixels,
        kwargs={"epsilon": -0.5},
        last=("outputs",),
        oracles=(optax_classes,),
        extremes=tuple(
            Extreme(
                outputs=[[1e4, 0, -1e4], [-1e4, 1e4, 0], [1e4, 0, 0], [20, 0, -20]],
                targets=[2, 1, 0, 0],
                kwargs={"epsilon": epsilon},
                formula=formula(epsilon),
            )
            for epsilon in (-1.0, 0.0, 1.0, 10.0)
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((2, 3)),
                targets=np.zeros(3, int),
                match=r"(targets|y_true) must have the shape.*\(3,\)",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((2, 3)),
                targets=np.array([0, 3]),
                match=r"targets must be in \[0, 3\).*3",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((2, 3)),
                targets=np.array([-1, 0]),
                match=r"targets must be in \[0, 3\).*-1",
            ),
            *refused(np.array([0, 1]), np.zeros((2, 3))),
        ),
    ),
]
