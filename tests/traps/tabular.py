"""What goes wrong between a table and a net. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def columns_of_other_sizes():
    """Columns of 0.3 and of 1500 side by side: accuracy of a net that has no scale.

    The large column decides about the step, the small ones are not learned. Wines, 100
    steps; take mean and deviation of the training part.
    """
    import torch
    from sklearn.datasets import load_wine
    from sklearn.model_selection import train_test_split
    from torch import nn
    from torch.nn import functional as F

    x, labels = load_wine(return_X_y=True)
    parts = train_test_split(x, labels, stratify=labels, random_state=0)
    x, x_test, y, y_test = map(torch.from_numpy, parts)
    mean, deviation, scores = x.mean(0), x.std(0), []
    for shift, scale in ((0.0, 1.0), (mean, deviation)):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3)).double()
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
        for _ in range(100):
            loss = F.cross_entropy(model((x - shift) / scale), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found = model((x_test - shift) / scale).argmax(1)
        scores.append((found == y_test).double().mean().item())
    wrong, right = scores
    return Shown(wrong, right)


def selected_before_the_split():
    """Columns chosen with the whole table: a coin is foretold.

    Of 2,000 columns of noise the 20 that go best with the labels were found with the
    test. Choose within the training part, in each fold anew: a pipeline does. Accuracy
    on labels that are tossed.
    """
    import numpy as np
    from sklearn.feature_selection import SelectKBest
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline

    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(200, 2000)), rng.integers(0, 2, 200)
    chosen = SelectKBest(k=20).fit_transform(x, y)
    wrong = cross_val_score(LogisticRegression(), chosen, y).mean()
    right = cross_val_score(
        make_pipeline(SelectKBest(k=20), LogisticRegression()), x, y
    ).mean()
    return Shown(wrong, right)


def a_category_told_by_its_own_answer():
    """A category replaced by its mean answer, with the row's own in it.

    500 values, two rows each, tossed labels: the mean tells what the row's label is.
    Take the mean from other folds, as scikit-learn's `TargetEncoder` does. Area under
    the ROC, of the second rows.
    """
    import numpy as np
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    category, y = np.arange(1000) % 500, rng.integers(0, 2, 1000)
    found = []
    for known in (slice(0, 1000), slice(0, 500)):
        sums = np.bincount(category[known], y[known])
        means = sums / np.bincount(category[known])
        found.append(roc_auc_score(y[500:], means[category[500:]]))
    wrong, right = found
    return Shown(wrong, right)


def numbers_for_categories():
    """Categories numbered 0, 1, 2, given as one column: an order that is none.

    Least squares draws a line through towns. One column for each value, or an
    embedding. R² of a price that depends on the town alone.
    """
    import numpy as np

    town = np.arange(300) % 3
    price = np.array([1.0, 5.0, 1.0])[town]
    shares = []
    for x in (np.c_[town, np.ones(300)], np.eye(3)[town]):
        error = price - x @ np.linalg.lstsq(x, price, rcond=None)[0]
        shares.append(1 - error.var() / price.var())
    wrong, right = shares
    return Shown(wrong, right)


def minus_999_is_scaled_along():
    """Missing values written as -999, then scaled: the others shrink to a point.

    Make them NaN before anything else. The deviation of the values that are there,
    which should be 1.
    """
    import numpy as np

    ages = np.random.default_rng(0).normal(40, 10, 1000)
    missing = np.arange(1000) % 10 == 0
    marked, known = np.where(missing, -999, ages), np.where(missing, np.nan, ages)
    wrong = ((ages - marked.mean()) / marked.std())[~missing].std()
    right = ((ages - np.nanmean(known)) / np.nanstd(known))[~missing].std()
    return Shown(wrong, right)
