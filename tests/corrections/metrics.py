"""Metrics that are computed another way than they are defined."""

from tests.corrections import Seen


def f1_of_batches():
    import numpy as np
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(0)
    truth = rng.random(3200) < 0.03
    found = truth ^ (rng.random(3200) < 0.02)
    batches = zip(truth.reshape(-1, 32), found.reshape(-1, 32), strict=True)
    written = np.mean([f1_score(a, b, zero_division=0) for a, b in batches])
    true = f1_score(truth, found)
    return Seen(written, true)


def macro_f1_of_the_means():
    from sklearn.metrics import f1_score, precision_score, recall_score

    truth, found = [0] * 90 + [1] * 10, [0] * 40 + [1] * 60
    precision = precision_score(truth, found, average="macro")
    recall = recall_score(truth, found, average="macro")
    written = 2 * precision * recall / (precision + recall)
    true = f1_score(truth, found, average="macro")
    return Seen(written, true)


def r2_as_a_squared_correlation():
    import numpy as np
    from sklearn.metrics import r2_score

    truth = np.arange(10.0)
    output = 3 * truth + 20  # far off, and on a line
    written = np.corrcoef(truth, output)[0, 1] ** 2
    true = r2_score(truth, output)
    return Seen(written, true)


def percentage_error_of_both_sides():
    from sklearn.metrics import mean_absolute_percentage_error

    truth, low, high = [100.0], [10.0], [1000.0]  # a tenth, and ten times
    written = mean_absolute_percentage_error(truth, low)
    true = mean_absolute_percentage_error(truth, high)
    return Seen(written, true)


def perplexity_of_batches():
    import numpy as np

    losses = np.array([1.0, 2.0, 6.0])  # of three batches of as many tokens
    written = np.exp(losses).mean()
    true = np.exp(losses.mean())
    return Seen(written, true)


def root_error_of_batches():
    import numpy as np
    from sklearn.metrics import root_mean_squared_error

    truth, output = np.zeros(4), np.array([0.0, 0.0, 0.0, 8.0])
    written = np.mean(
        [root_mean_squared_error(truth[:2], output[i : i + 2]) for i in (0, 2)]
    )
    true = root_mean_squared_error(truth, output)
    return Seen(written, true)


def mean_of_the_batches():
    import numpy as np

    losses = np.array([0.1] * 32 + [5.0])  # 33 examples in batches of 32
    written = np.mean([losses[:32].mean(), losses[32:].mean()])
    true = losses.mean()
    return Seen(written, true)


def overlap_with_one_added():
    def iou(a, b, plus):
        left, right, low, high = max(a[0], b[0]), min(a[2], b[2]), a[1], a[3]
        shared = (right - left + plus) * (high - low + plus)
        areas = [(c[2] - c[0] + plus) * (c[3] - c[1] + plus) for c in (a, b)]
        return shared / (sum(areas) - shared)

    boxes = (0.0, 0.0, 0.4, 0.5), (0.3, 0.0, 0.7, 0.5)
    written, true = iou(*boxes, plus=1), iou(*boxes, plus=0)
    return Seen(written, true)


def auc_of_decisions():
    import numpy as np
    from sklearn.metrics import roc_auc_score

    truth = np.array([0, 0, 0, 0, 1, 1])
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.45, 0.9])  # all in the right order
    written = roc_auc_score(truth, scores > 0.5)
    true = roc_auc_score(truth, scores)
    return Seen(written, true)


def precision_recall_by_trapezoids():
    from sklearn.metrics import auc, average_precision_score, precision_recall_curve

    truth, scores = [1, 0, 0, 0, 0, 0, 0, 1], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
    precision, recall, _ = precision_recall_curve(truth, scores)
    written = auc(recall, precision)
    true = average_precision_score(truth, scores)
    return Seen(written, true)


def accuracy_of_saying_no():
    import numpy as np
    from sklearn.metrics import accuracy_score, matthews_corrcoef

    truth, never = np.arange(100) < 5, np.zeros(100, bool)
    written = accuracy_score(truth, never)
    true = matthews_corrcoef(truth, never)
    return Seen(written, true)


def half_of_a_logit():
    import numpy as np
    from scipy.special import expit
    from sklearn.metrics import recall_score

    truth, logits = np.array([1, 1, 1, 1]), np.array([0.2, 0.4, 0.6, 2.0])
    written = recall_score(truth, logits > 0.5)
    true = recall_score(truth, expit(logits) > 0.5)
    return Seen(written, true)


def the_class_called_accuracy():
    import keras
    import numpy as np

    labels, shares = np.array([0, 1]), np.array([[0.8, 0.2], [0.3, 0.7]])
    one = keras.metrics.Accuracy()
    one.update_state(np.eye(2)[labels], shares)
    other = keras.metrics.SparseCategoricalAccuracy()
    other.update_state(labels, shares)
    written, true = float(one.result()), float(other.result())
    return Seen(written, true)
