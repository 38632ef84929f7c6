"""What makes a project's score too good. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def the_same_person_on_both_sides():
    """Ten rows of each person, split row by row: tossed labels are foretold.

    The model knows the person again. Split by person. Accuracy of the nearest
    neighbour.
    """
    import numpy as np
    from sklearn.model_selection import GroupKFold, KFold, cross_val_score
    from sklearn.neighbors import KNeighborsClassifier

    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(60), 10)
    x = 3 * rng.normal(size=(60, 5))[person] + rng.normal(size=(600, 5))
    y = rng.integers(0, 2, 60)[person]
    scores = []
    rows = KFold(5, shuffle=True, random_state=0).split(x)
    for folds in (rows, GroupKFold(5).split(x, groups=person)):
        scores.append(cross_val_score(KNeighborsClassifier(1), x, y, cv=folds).mean())
    wrong, right = scores
    return Shown(wrong, right)


def the_best_of_many_on_the_test():
    """The best of 200 models that toss a coin, chosen on the test.

    Choose on validation data, and use the test once. Accuracy on the test of 100, and
    of the same model on 10,000 new examples.
    """
    import numpy as np

    rng = np.random.default_rng(0)
    answers = rng.integers(0, 2, (200, 10_100))
    right_ones = answers == rng.integers(0, 2, 10_100)
    best = right_ones[:, :100].mean(1).argmax()
    wrong = right_ones[best, :100].mean()
    right = right_ones[best, 100:].mean()
    return Shown(wrong, right)


def steps_rounded_down():
    """Steps of an epoch by `//`: a schedule that ends too early.

    The last batch is smaller, and counts, unless `drop_last=True`. Steps of 10 epochs,
    1,000 examples in batches of 256.
    """
    import torch

    data = torch.utils.data.TensorDataset(torch.zeros(1000, 1))
    loader = torch.utils.data.DataLoader(data, batch_size=256)
    wrong = 10 * (len(data) // 256)
    right = 10 * len(loader)
    return Shown(wrong, right)


def rates_on_a_straight_scale():
    """Rates drawn evenly between 1e-5 and 1e-1: nearly all are large.

    The share of draws below 1e-2, which is three of the four powers of ten. Draw the
    exponent.
    """
    import numpy as np

    rng = np.random.default_rng(0)
    wrong = (rng.uniform(1e-5, 1e-1, 1000) < 1e-2).mean()
    right = (10 ** rng.uniform(-5, -1, 1000) < 1e-2).mean()
    return Shown(wrong, right)
