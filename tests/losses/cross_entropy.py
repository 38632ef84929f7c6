"""Cases of losses/cross_entropy."""

import mpmath
import numpy as np

from tests.losses import Case, Extreme, Refusal

WEIGHTS = np.array([0.5, 1.0, 2.0, 4.0])


def classes(rng):
    return rng.normal(0, 3, (6, 4)), rng.integers(0, 4, 6)


def some_ignored(rng):
    logits, targets = classes(rng)
    targets[[1, 4]] = -100
    return logits, targets


def pixels(rng):
    targets = rng.integers(0, 4, (2, 3, 5))
    targets[0, 1] = 255
    return rng.normal(0, 3, (2, 4, 3, 5)), targets


def soft(rng):
    return rng.normal(0, 3, (6, 4)), rng.dirichlet(np.ones(4), 6)


def soft_pixels(rng):
    targets = rng.dirichlet(np.ones(4), (2, 3, 5))
    return rng.normal(0, 3, (2, 4, 3, 5)), np.moveaxis(targets, -1, 1)


def torch_cross_entropy(
    outputs, targets, *, class_weights=None, ignore_index=-100, label_smoothing=0.0
):
    return torch_reduced(
        outputs, targets, class_weights, ignore_index, label_smoothing, "none"
    )


def torch_mean(
    outputs, targets, *, class_weights=None, ignore_index=-100, label_smoothing=0.0
):
    return torch_reduced(
        outputs, targets, class_weights, ignore_index, label_smoothing, "mean"
    )


def torch_reduced(outputs, targets, weights, ignore_index, smoothing, reduction):
    from torch import from_numpy
    from torch.nn.functional import cross_entropy

    return cross_entropy(
        from_numpy(outputs),
        from_numpy(targets),
        weight=None if weights is None else from_numpy(weights),
        ignore_index=ignore_index,
        label_smoothing=smoothing,
        reduction=reduction,
    )


def keras_sparse(outputs, targets, *, ignore_index=None):
    import keras

    return keras.losses.sparse_categorical_crossentropy(
        targets,
        np.moveaxis(outputs, 1, -1),
        from_logits=True,
        ignore_class=ignore_index,
    )


def keras_mean(outputs, targets, *, class_weights=None, ignore_index=None):
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, ignore_class=ignore_index, reduction="mean_with_sample_weight"
    )
    sample_weight = None if class_weights is None else class_weights[targets]
    return loss(targets, np.moveaxis(outputs, 1, -1), sample_weight=sample_weight)


def keras_categorical(outputs, targets, *, label_smoothing=0.0):
    import keras

    return keras.losses.categorical_crossentropy(
        np.moveaxis(targets, 1, -1),
        np.moveaxis(outputs, 1, -1),
        from_logits=True,
        label_smoothing=label_smoothing,
    )


def optax_integer(outputs, targets):
    import optax

    return optax.softmax_cross_entropy_with_integer_labels(outputs, targets)


def optax_soft(outputs, targets, *, label_smoothing=0.0):
    import optax

    targets = optax.smooth_labels(targets, label_smoothing)
    return optax.softmax_cross_entropy(outputs, targets)


def formula(*, weights=(1, 1, 1), ignore=None, smoothing=0, mean=False):
    def total(logits, targets):
        loss, divisor = mpmath.mpf(0), 0
        for row, y in zip(logits, targets, strict=True):
            if np.ndim(y) == 0:
                if y == ignore:
                    continue
                divisor += weights[y]
                y = [float(c == y) for c in range(len(row))]
            powers = [mpmath.exp(z) for z in row]
            for w, q, power in zip(weights, y, powers, strict=True):
                q = (1 - smoothing) * q + mpmath.mpf(smoothing) / len(row)
                if w * q:
                    loss -= w * q * mpmath.log(power / mpmath.fsum(powers))
        return (loss / divisor if divisor else 0 * loss) if mean else loss

    return total


HARD = [[1e4, 0, -1e4], [-1e4, 1e4, 0], [1e4, 0, 0], [20, 0, -20], [0.5, 1, 2]]
RULED_OUT = [[-np.inf, 2, 1], [3, -np.inf, -np.inf], [1, 2, -np.inf]]
LABELS = [2, 1, 0, 0, 1]
OPTIONS = (
    {},
    {"label_smoothing": 0.25},
    {"class_weights": (0.5, 1.0, 2.0), "label_smoothing": 0.125},
    {"class_weights": (2.0, 0.0, 1.0), "ignore_index": 1},
)


def extremes(mean):
    hard = tuple(
        Extreme(
            outputs=HARD,
            targets=LABELS,
            kwargs=kwargs,
            formula=formula(
                weights=kwargs.get("class_weights", (1, 1, 1)),
                ignore=kwargs.get("ignore_index"),
                smoothing=kwargs.get("label_smoothing", 0),
                mean=mean,
            ),
        )
        for kwargs in OPTIONS
    )
    ruled_out = Extreme(
        outputs=RULED_OUT, targets=[1, 0, 1], formula=formula(mean=mean)
    )
    smoothed = Extreme(
        outputs=[[-np.inf, 2, 1], [-np.inf, 3, 0]],
        targets=[1, 2],
        kwargs={"class_weights": (0.0, 1.0, 0.5), "label_smoothing": 0.25},
        formula=formula(weights=(0, 1, 0.5), smoothing=0.25, mean=mean),
    )
    return (*hard, ruled_out, smoothed)


def refusals():
    return (
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
            kwargs={"class_weights": None},
            match=r"targets must be in \[0, 3\).*3",
        ),
        Refusal(
            by="value",
            outputs=np.zeros((2, 3)),
            targets=np.array([-100, 0]),
            kwargs={"class_weights": None, "ignore_index": 255},
            match=r"targets must be in \[0, 3\).*-100",
        ),
        Refusal(
            by="argument",
            outputs=np.zeros((2, 3)),
            targets=np.array([0, 1]),
            kwargs={"class_weights": np.ones(2)},
            match=r"class_weights must hold 3 values.*\(2,\)",
        ),
        Refusal(
            by="argument",
            outputs=np.zeros((2, 4)),
            targets=np.array([0, 1]),
            kwargs={"label_smoothing": 1.5},
            match=r"label_smoothing not in \[0, 1\].*1.5",
        ),
        Refusal(
            by="argument",
            outputs=np.zeros((2, 4)),
            targets=np.array([0, 1]),
            kwargs={"label_smoothing": float("nan")},
            match=r"label_smoothing not in \[0, 1\].*nan",
        ),
    )


CASES = [
    Case(
        function="cross_entropy_loss",
        inputs=classes,
        last=("outputs",),
        oracles=(torch_cross_entropy, keras_sparse, optax_integer),
    ),
    Case(
        function="cross_entropy_loss",
        inputs=classes,
        kwargs={"class_weights": [0.1, 1.0, 2.5, 4.0], "label_smoothing": 0.125},
        last=("outputs",),
    ),
    Case(
        function="cross_entropy_loss",
        inputs=pixels,
        kwargs={"ignore_index": 255},
        last=("outputs",),
        oracles=(torch_cross_entropy, keras_sparse),
    ),
    Case(
        function="cross_entropy_loss",
        inputs=classes,
        kwargs={"ignore_index": 0, "class_weights": WEIGHTS},
        last=("outputs",),
        oracles=(torch_cross_entropy,),
    ),
    Case(
        function="cross_entropy_loss",
        inputs=some_ignored,
        kwargs={
            "class_weights": WEIGHTS,
            "ignore_index": -100,
            "label_smoothing": 0.1,
        },
        last=("outputs",),
        oracles=(torch_cross_entropy,),
        extremes=extremes(mean=False),
        refusals=refusals(),
    ),
    Case(
        function="mean_cross_entropy_loss",
        inputs=classes,
        kwargs={"class_weights": WEIGHTS},
        last=("outputs",),
        per_example=False,
        oracles=(torch_mean, keras_mean),
    ),
    Case(
        function="mean_cross_entropy_loss",
        inputs=pixels,
        kwargs={"ignore_index": 255},
        last=("outputs",),
        per_example=False,
        oracles=(torch_mean, keras_mean),
    ),
    Case(
        function="mean_cross_entropy_loss",
        inputs=some_ignored,
        kwargs={
            "class_weights": WEIGHTS,
            "ignore_index": -100,
            "label_smoothing": 0.1,
        },
        last=("outputs",),
        per_example=False,
        oracles=(torch_mean,),
        extremes=(
            *extremes(mean=True),
            Extreme(
                outputs=HARD,
                targets=[7] * 5,
                kwargs={"ignore_index": 7, "label_smoothing": 0.25},
                formula=formula(ignore=7, smoothing=0.25, mean=True),
            ),
        ),
        refusals=refusals(),
    ),
    Case(
        function="soft_cross_entropy_loss",
        inputs=soft,
        last=("outputs", "targets"),
        oracles=(torch_cross_entropy, keras_categorical, optax_soft),
    ),
    Case(
        function="soft_cross_entropy_loss",
        inputs=soft,
        kwargs={"label_smoothing": 0.1},
        last=("outputs", "targets"),
        oracles=(torch_cross_entropy, keras_categorical, optax_soft),
    ),
    Case(
        function="soft_cross_entropy_loss",
        inputs=soft_pixels,
        kwargs={"class_weights": WEIGHTS, "label_smoothing": 0.1},
        last=("outputs", "targets"),
        oracles=(torch_cross_entropy,),
        extremes=(
            Extreme(
                outputs=HARD,
                targets=np.eye(3)[LABELS] * 0.75 + np.eye(3)[LABELS[::-1]] * 0.25,
                formula=formula(),
            ),
            Extreme(
                outputs=HARD,
                targets=np.eye(3)[LABELS],
                kwargs={"class_weights": (0.5, 1.0, 2.0), "label_smoothing": 0.25},
                formula=formula(weights=(0.5, 1, 2), smoothing=0.25),
            ),
            Extreme(
                outputs=RULED_OUT,
                targets=[[0, 0.5, 0.5], [1, 0, 0], [0.25, 0.75, 0]],
                formula=formula(),
            ),
        ),
        refusals=(
            Refusal(
                by="shape",
                outputs=np.zeros((2, 4)),
                targets=np.full((1, 4), 0.25),
                match=r"(target_probabilities|y_true) must have the shape.*\(1, 4\)",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((2, 4)),
                targets=np.array([[0, 1.0, 1.0, 0], [0, 1, 0, 0]]),
                match="target_probabilities must.*sums from 1.0 to 2.0",
            ),
            Refusal(
                by="value",
                outputs=np.zeros((1, 4)),
                targets=np.array([[1.5, -0.5, 0.0, 0.0]]),
                match="target_probabilities must.*values from -0.5",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros((1, 4)),
                targets=np.array([[0.0, 1.0, 0.0, 0.0]]),
                kwargs={"class_weights": np.ones(1)},
                match=r"class_weights must hold 4 values.*\(1,\)",
            ),
            Refusal(
                by="argument",
                outputs=np.zeros((1, 4)),
                targets=np.array([[0.0, 1.0, 0.0, 0.0]]),
                kwargs={"label_smoothing": -0.1},
                match=r"label_smoothing not in \[0, 1\].*-0.1",
            ),
        ),
    ),
]
