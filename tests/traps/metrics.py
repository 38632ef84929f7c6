"""What goes wrong with metrics. The page prints each body as a snippet that runs."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def accuracy_of_a_model_that_never_fires():
    """Accuracy where one in twenty is positive: a model that never says yes is fine.

    Accuracy is at least the share of the largest class. Balanced accuracy, the mean of
    the recalls, gives the same model what a coin gets.
    """
    from sklearn.metrics import accuracy_score, balanced_accuracy_score

    y_true = [1] * 5 + [0] * 95
    y_pred = [0] * 100
    wrong = accuracy_score(y_true, y_pred)
    right = balanced_accuracy_score(y_true, y_pred)
    return Shown(wrong, right)


def weighted_average_hides_a_dead_class():
    """The weighted average calls a detector that never fires nearly perfect.

    Weights by support give the class that matters least weight: weighted recall *is*
    accuracy. The macro average counts every class alike and falls.
    """
    from sklearn.metrics import accuracy_score, f1_score, recall_score

    y_true = [1] * 5 + [0] * 95
    y_pred = [0] * 100
    options = {"zero_division": 0}
    recall = recall_score(y_true, y_pred, average="weighted", **options)
    assert recall == accuracy_score(y_true, y_pred)
    wrong = f1_score(y_true, y_pred, average="weighted", **options)
    right = f1_score(y_true, y_pred, average="macro", **options)
    return Shown(wrong, right)


def f1_depends_on_the_name_of_a_class():
    """F1 of one and the same classifier, after the two classes swap their names.

    F1 never looks at the true negatives. Matthews' coefficient is 0 both times; say
    which class is the positive one, or take it.
    """
    import numpy as np
    from sklearn.metrics import f1_score, matthews_corrcoef

    y_true = np.array([1] * 90 + [0] * 10)
    always = np.ones(100, int)
    wrong = f1_score(y_true, always)
    right = f1_score(1 - y_true, 1 - always, zero_division=0)
    assert matthews_corrcoef(y_true, always) == 0
    return Shown(wrong, right)


def mean_of_batch_f1():
    """Averaging the F1 of batches: a batch without positives counts as a failure.

    A ratio of sums is not the mean of ratios. Add up the counts, divide once.
    """
    import numpy as np
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(0)
    y_true = rng.random(3200) < 0.02
    y_pred = y_true & (rng.random(3200) < 0.8)
    batches = zip(np.split(y_true, 100), np.split(y_pred, 100), strict=True)
    wrong = np.mean([f1_score(*batch, zero_division=0) for batch in batches])
    right = f1_score(y_true, y_pred)
    return Shown(wrong, right)


def keras_auc_has_200_thresholds():
    """`keras.metrics.AUC` on small probabilities: a perfect ranking looks like a coin.

    Its 200 thresholds are spread evenly over 0 to 1; scores between two of them are one
    score. Rare events live below the first.
    """
    import keras
    import numpy as np

    y_true = np.array([0] * 90 + [1] * 10)
    y_score = np.linspace(0.0001, 0.004, 100)  # every positive above every negative
    metric = keras.metrics.AUC()
    metric.update_state(y_true, y_score)
    wrong = float(metric.result())
    right = 1.0
    assert y_score[y_true == 1].min() > y_score[y_true == 0].max()
    return Shown(wrong, right)


def roc_auc_of_decisions():
    """ROC-AUC of decisions instead of scores: one point of the curve is left.

    `predict` has thrown the ranking away; hand over the scores.
    """
    import numpy as np
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    y_true = rng.random(1000) < 0.3
    y_score = y_true + rng.normal(size=1000)
    wrong = roc_auc_score(y_true, y_score > 1.5)
    right = roc_auc_score(y_true, y_score)
    return Shown(wrong, right)


def roc_auc_of_a_rare_class():
    """ROC-AUC of a rare class: nearly 1, and most alarms are false.

    One false alarm per hundred negatives is a step of 0.01 on its axis, and many times
    the number of positives. Average precision counts alarms.
    """
    import numpy as np
    from sklearn.metrics import average_precision_score, roc_auc_score

    rng = np.random.default_rng(0)
    y_true = np.arange(100_000) < 100
    y_score = 2.7 * y_true + rng.normal(size=100_000)
    wrong = roc_auc_score(y_true, y_score)
    right = average_precision_score(y_true, y_score)
    return Shown(wrong, right)


def keras_accuracy_of_several_labels():
    """`metrics=["accuracy"]` with several labels: Keras compares the two largest.

    From the shapes it concludes that one class of K is meant. `"binary_accuracy"`
    compares label by label.
    """
    import keras
    import numpy as np

    labels = np.array([[0.0, 1.0, 1.0]] * 4)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Activation("linear")])
    scores = {}
    for name in ("accuracy", "binary_accuracy"):
        model.compile(loss="binary_crossentropy", metrics=[name])
        # right about every label: above 0.5 where it is there, below where not
        found = np.array([[0.1, 0.8, 0.9]] * 4)
        scores[name] = model.evaluate(found, labels, verbose=0)[1]
    wrong = scores["accuracy"]
    right = scores["binary_accuracy"]
    return Shown(wrong, right)


def keras_precision_of_a_softmax():
    """`keras.metrics.Precision` on a softmax: it asks for a probability above a half.

    The class with the highest probability need not have one. With three classes in
    reach, right answers vanish. Take the argmax first.
    """
    import keras
    import numpy as np

    labels = np.array([0, 1, 2])
    probabilities = np.array([[0.4, 0.3, 0.3], [0.3, 0.4, 0.3], [0.3, 0.3, 0.4]])
    metric = keras.metrics.Precision()
    metric.update_state(np.eye(3)[labels], probabilities)
    wrong = float(metric.result())
    right = (probabilities.argmax(axis=1) == labels).mean()
    return Shown(wrong, right)


def binary_accuracy_of_one_hot_classes():
    """Binary accuracy on ten one-hot classes: knowing nothing scores 0.9.

    Nine of ten entries of a one-hot row are 0, and a model that says no to everything
    gets all of them right.
    """
    import keras
    import numpy as np

    labels = np.arange(1000) % 10
    probabilities = np.full((1000, 10), 0.1)
    metric = keras.metrics.BinaryAccuracy()
    metric.update_state(np.eye(10)[labels], probabilities)
    wrong = float(metric.result())
    right = (probabilities.argmax(axis=1) == labels).mean()
    return Shown(wrong, right)


def keras_top_5_of_a_constant_model():
    """Keras' top-5 accuracy of a model that gives every class the same score.

    Ties count in its favour, all of them. Five of ten classes named at random hold the
    right one every second time.
    """
    import keras
    import numpy as np

    labels = np.arange(1000) % 10
    scores = np.zeros((1000, 10), "float32")
    metric = keras.metrics.SparseTopKCategoricalAccuracy(k=5)
    metric.update_state(labels, scores)
    wrong = float(metric.result())
    right = 5 / 10
    return Shown(wrong, right)


def accuracy_of_nan():
    """A model that puts out NaN alone still has an accuracy.

    The argmax of a row of NaN is its first index: class 0, which is common. Refuse
    scores that are not finite.
    """
    import numpy as np

    labels = np.array([0, 0, 0, 1])
    logits = np.full((4, 3), np.nan)
    wrong = (logits.argmax(axis=1) == labels).mean()
    right = 0.0
    return Shown(wrong, right)


def keras_r2_far_from_zero():
    """`keras.metrics.R2Score` of targets with a large mean: digits cancel.

    It subtracts the square of a sum from a sum of squares in float32. At a mean of
    10,000 nothing is left of a variance of 1.
    """
    import keras
    import numpy as np
    from sklearn.metrics import r2_score

    rng = np.random.default_rng(0)
    y_true = 10_000 + rng.normal(size=(2000, 1))
    y_pred = y_true + 0.5 * rng.normal(size=(2000, 1))
    metric = keras.metrics.R2Score()
    metric.update_state(y_true, y_pred)
    wrong = float(metric.result())
    right = r2_score(y_true, y_pred)
    return Shown(wrong, right)


def r2_of_tomorrow_is_today():
    """R2 of a forecast: "tomorrow is as today" scores high on a walk without memory.

    R2 compares with the mean of all days, which no one would forecast. Against the
    last value, the same forecast explains nothing.
    """
    import numpy as np
    from sklearn.metrics import r2_score

    price = np.random.default_rng(0).normal(size=2000).cumsum()
    today, tomorrow = price[:-1], price[1:]
    wrong = r2_score(tomorrow, today)
    naive = np.square(tomorrow - today).sum()
    right = 1 - np.square(tomorrow - today).sum() / naive
    return Shown(wrong, right)


def an_absent_class_counts_as_zero():
    """Mean IoU over all classes, one of which is not there: it counts as a failure.

    Neither truth nor prediction holds class 3, so its IoU is 0 / 0. Some libraries
    call that 0, some 1, some leave the class out.
    """
    import numpy as np
    from sklearn.metrics import jaccard_score

    y_true = np.array([0, 0, 1, 1, 2, 2])
    y_pred = np.array([0, 0, 1, 1, 2, 1])
    options = {"average": "macro", "zero_division": 0}
    wrong = jaccard_score(y_true, y_pred, labels=[0, 1, 2, 3], **options)
    right = jaccard_score(y_true, y_pred, labels=[0, 1, 2], **options)
    return Shown(wrong, right)


def percentage_error_of_a_zero():
    """One target of 0 and the mean percentage error is a number with 15 digits.

    A hidden epsilon stands in for the zero, another one in each library. Say what a
    zero is to mean, or take another measure.
    """
    import numpy as np
    from sklearn.metrics import mean_absolute_percentage_error

    y_true, y_pred = np.array([0.0, 100.0]), np.array([1.0, 101.0])
    wrong = mean_absolute_percentage_error(y_true, y_pred)
    seen = y_true != 0
    right = mean_absolute_percentage_error(y_true[seen], y_pred[seen])
    return Shown(wrong, right)


def mean_of_batch_perplexities():
    """The mean of the perplexities of batches is not the perplexity.

    Perplexity is the exponential of a mean. Add up the nats and the tokens; take the
    exponential once.
    """
    import numpy as np

    nats = np.array([[0.1, 0.1, 0.1], [5.0, 5.0, 5.0]])  # per token, two batches
    wrong = np.exp(nats.mean(axis=1)).mean()
    right = np.exp(nats.mean())
    return Shown(wrong, right)


def keras_counts_in_float32():
    """A Keras metric has counted 16,777,216 examples and counts no further.

    Float32 has no 16,777,217. Batches of one are lost from there on; larger ones are
    rounded.
    """
    import keras

    metric = keras.metrics.TruePositives()
    metric.accumulator.assign([2.0**24])
    metric.update_state([1.0], [1.0])
    wrong = float(metric.result()) - 2**24
    right = 1
    return Shown(wrong, right, "vanishes")


def half_is_a_default():
    """F1 at a threshold of one half, and at the one that the validation set prefers.

    A half is right where both mistakes cost the same and the probabilities are
    calibrated. Choose on validation data, report on test data.
    """
    import numpy as np
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(0)
    y_true = rng.random(20_000) < 0.1
    probability = 1 / (1 + np.exp(4 - 2 * y_true - rng.normal(size=20_000)))
    check, test = slice(10_000), slice(10_000, None)
    grid = np.linspace(0.02, 0.98, 49)
    scores = [f1_score(y_true[check], probability[check] > t) for t in grid]
    wrong = f1_score(y_true[test], probability[test] > 0.5)
    right = f1_score(y_true[test], probability[test] > grid[np.argmax(scores)])
    return Shown(wrong, right)
