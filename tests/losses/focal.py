"""Cases of losses/focal."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal


def binary(rng):
    return rng.normal(0, 3, (5, 4)), rng.integers(0, 2, (5, 4))


def classes(rng):
    return rng.normal(0, 3, (6, 4)), rng.integers(0, 4, 6)


def pixels(rng):
    return rng.normal(0, 3, (2, 3, 4, 5)), rng.integers(0, 3, (2, 4, 5))


def optax_sigmoid(outputs, targets, *, alpha=None, gamma=2.0):
    import optax

    return optax.sigmoid_focal_loss(outputs, targets, alpha=alpha, gamma=gamma)


def monai_sigmoid(outputs, targets, *, alpha=None, gamma=2.0):
    import torch
    from monai.losses import FocalLoss

    loss = FocalLoss(gamma=gamma, alpha=alpha, reduction="none")
    return loss(torch.tensor(outputs), torch.tensor(targets))


def torch_cross_entropy(outputs, targets, *, alpha, gamma):
    from torch import from_numpy
    from torch.nn.functional import cross_entropy

    assert gamma == 0, "focal loss is cross-entropy only without focus"
    weight = from_numpy(alpha)
    return cross_entropy(
        from_numpy(outputs), from_numpy(targets), weight=weight, reduction="none"
    )


def keras_categorical(outputs, targets, *, alpha=None, gamma=2.0):
    import keras

    one_hot = np.eye(outputs.shape[1])[targets]
    return keras.losses.categorical_focal_crossentropy(
        one_hot, outputs, alpha=1.0, gamma=gamma, from_logits=True
    )


def sigmoid_formula(alpha, gamma):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for z, y in zip(logits.flat, np.ravel(targets), strict=True):
            margin = z if y else -z
            p = 1 / (1 + mpmath.exp(-margin))
            q = 1 / (1 + mpmath.exp(margin))
            weight = 1 if alpha is None else (alpha if y else 1 - alpha)
            loss -= weight * q**gamma * mpmath.log(p)
        return loss

    return total


def softmax_formula(gamma):
    def total(logits, targets):
        loss = mpmath.mpf(0)
        for row, y in zip(logits, targets, strict=True):
            powers = [mpmath.exp(z) for z in row]
            p = powers[y] / mpmath.fsum(powers)
            rest = mpmath.fsum(v for j, v in enumerate(powers) if j != y)
            loss -= (rest / mpmath.fsum(powers)) ** gamma * mpmath.log(p)
        return loss

    return total


HARD = [1e4, -1e4, 1e4, -1e4, 17.0, -17.0, 0.0, 40.0]
LABELS = [1, 1, 0, 0, 1, 1, 0, 0]

CASES = [
    Case(function="sigmoid_focal_loss", inputs=binary, oracles=(optax_sigmoid,)),
    Case(
        function="sigmoid_focal_loss",
        inputs=binary,
        kwargs={"alpha": 0.25, "gamma": 1.5},
        oracles=(optax_sigmoid, monai_sigmoid),
        extremes=tuple(
            Extreme(
                outputs=HARD,
                targets=LABELS,
                kwargs={"alpha": 0.25, "gamma": gamma},
                formula=sigmoid_formula(0.25, gamma),
            )
            for gamma in (0.0, 0.5, 2.0)
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
            Refusal(
                by="value",
                outputs=np.zeros(2),
                targets=np.array([0.5, 1.0]),
                match="targets must be 0 or 1.*0.5",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros(2),
                targets=np.array([0, 1]),
                kwargs={"alpha": 1.5},
                match="alpha.*1.5",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros(2),
                targets=np.array([0, 1]),
                kwargs={"gamma": -1.0},
                match="gamma.*-1",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros(2),
                targets=np.array([0, 1]),
                kwargs={"gamma": float("nan")},
                match="gamma.*nan",
            ),
        ),
    ),
    Case(
        function="softmax_focal_loss",
        inputs=classes,
        last=("outputs",),
        oracles=(keras_categorical,),
    ),
    Case(
        function="softmax_focal_loss",
        inputs=classes,
        kwargs={"alpha": np.array([0.5, 1.0, 2.0, 4.0]), "gamma": 0.0},
        last=("outputs",),
        oracles=(torch_cross_entropy,),
    ),
    Case(
        function="softmax_focal_loss",
        inputs=pixels,
        kwargs={"gamma": 0.5},
        last=("outputs",),
        extremes=tuple(
            Extreme(
                outputs=[[1e4, 0, -1e4], [-1e4, 1e4, 0], [1e4, 0, 0], [20, 0, -20]],
                targets=[2, 1, 0, 0],
                kwargs={"gamma": gamma},
                formula=softmax_formula(gamma),
            )
            for gamma in (0.0, 0.5, 2.0)
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
            Refusal(
                by="argument",
                outputs=np.zeros((2, 3)),
                targets=np.array([0, 1]),
                kwargs={"alpha": np.ones(2)},
                match="alpha must hold 3 values",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros((2, 3)),
                targets=np.array([0, 1]),
                kwargs={"gamma": -0.5},
                match="gamma.*-0.5",
            ),
        ),
    ),
]
