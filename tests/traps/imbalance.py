"""What goes wrong where a class is rare, without an error. The page prints each."""

from tests.traps import Shown


def threshold_chosen_on_the_test_data():
    """Scores that are noise, the threshold chosen where F1 is reported: F1.

    Of a hundred thresholds the luckiest is taken. Choose it on validation data, report
    on others; with ten positives even that is a guess. Means of 50 runs.
    """
    import numpy as np

    from dlcookbook.numpy.metrics.thresholds import f_beta_threshold

    rng = np.random.default_rng(0)
    chosen, fresh = [], []
    for _ in range(50):
        targets = np.arange(100) < 10
        threshold, best = f_beta_threshold(targets, rng.random(100), beta=1.0)
        positive = rng.random(100) >= threshold
        chosen.append(best)
        fresh.append(2 * (positive & targets).sum() / (positive.sum() + 10))
    wrong, right = float(np.mean(chosen)), float(np.mean(fresh))
    return Shown(wrong, right)


def pos_weight_upside_down():
    """pos_weight as yes over no, where 1 in 10 is a yes: what a constant model says.

    The rare class counts a ninth of what it counted before. No over yes makes both
    classes weigh alike, and the constant model says a half.
    """
    import torch
    import torch.nn.functional as F

    targets = torch.zeros(100)
    targets[:10] = 1.0
    said = []
    for weight in (10 / 90, 90 / 10):
        logit = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([logit], lr=1.0)
        for _ in range(100):
            loss = F.binary_cross_entropy_with_logits(
                logit.expand(100), targets, pos_weight=torch.tensor(weight)
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        said.append(float(logit.detach().sigmoid()))
    wrong, right = said
    return Shown(wrong, right)


def precision_of_a_balanced_test_set():
    """Precision on a test set of half and half, where in use 1 in 50 is a yes.

    Recall and specificity stay when the shares change, precision does not. Test on the
    shares of use, or compute it for them.
    """
    recall, specificity = 0.9, 0.9
    precisions = []
    for share in (0.5, 0.02):
        found, false = recall * share, (1 - specificity) * (1 - share)
        precisions.append(found / (found + false))
    wrong, right = precisions
    return Shown(wrong, right)


def a_split_that_knows_no_classes():
    """Five yes among a hundred, a fifth held back at random: test parts without any.

    Recall and average precision are not defined there. Split class by class: stratify.
    The share of 300 splits.
    """
    import numpy as np
    from sklearn.model_selection import train_test_split

    y = np.arange(100) < 5
    empty = []
    for stratify in (None, y):
        parts = [
            train_test_split(y, test_size=0.2, stratify=stratify, random_state=seed)
            for seed in range(300)
        ]
        empty.append(float(np.mean([not test.any() for _, test in parts])))
    wrong, right = empty
    return Shown(wrong, right)
