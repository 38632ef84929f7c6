"""What the contract cannot say of the metrics of labels: peers, sizes, training."""

import importlib
import sys

import numpy as np
import pytest

from tests import wings

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def recipe(name, wing="numpy"):
    return importlib.import_module(f"dlcookbook.{wing}.metrics.{name}")


def labels(seed, size, classes, hit=0.6):
    rng = np.random.default_rng(seed)
    true = rng.integers(0, classes, size)
    return true, np.where(rng.random(size) < hit, true, rng.integers(0, classes, size))


@pytest.mark.parametrize("wing", ["numpy", *({"torch"} & set(wings.WINGS))])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64"])
@pytest.mark.parametrize("classes", [2, 10, 16, 17, 100])
@pytest.mark.parametrize("size", [32767, 70001, 700_000])
def test_every_way_of_counting_counts_the_same(wing, dtype, classes, size):
    from sklearn.metrics import confusion_matrix

    true, predicted = labels(size, size, classes)
    want = confusion_matrix(true, predicted, labels=np.arange(classes))
    inputs = true.astype(dtype), predicted.astype(dtype)
    (got,) = wings.measure(
        wing, "metrics/confusion_matrix.confusion_matrix", inputs, num_classes=classes
    )
    assert np.array_equal(got, want)
    name = "metrics/class_counts.class_counts"
    got = wings.measure(wing, name, inputs, num_classes=classes)
    hits, taken, support = want.diagonal(), want.sum(axis=0), want.sum(axis=1)
    rest = size - taken - support + hits
    # in the order of their names
    for a, b in zip(
        got, (support - hits, taken - hits, support, rest, hits), strict=True
    ):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("wing", ["numpy", *({"torch"} & set(wings.WINGS))])
@pytest.mark.parametrize("classes", [5, 40, 300])
@pytest.mark.parametrize(
    "name",
    [
        "balanced_accuracy.BalancedAccuracy",
        "class_counts.ClassCounts",
        "classification_log.ClassificationLog",
        "classification_report.ClassificationReport",
        "cohen_kappa.CohenKappa",
        "confusion_matrix.ConfusionMatrix",
        "matthews.Matthews",
        "precision_recall.PrecisionRecall",
    ],
)
def test_many_blocks_are_each_counted_once(wing, classes, name):
    if name.partition(".")[0] not in wings.files(wing, "metrics"):
        pytest.skip("stands in NumPy alone")
    pair = labels(0, 700_000, classes)
    whole, parts = (
        wings.Stream(wing, f"metrics/{name}", num_classes=classes) for _ in range(2)
    )
    whole.update(*pair)
    for start in range(0, 700_000, 10_000):
        parts.update(*(x[start : start + 10_000] for x in pair))
    for a, b in zip(whole.compute(), parts.compute(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


@pytest.mark.parametrize("wing", ["numpy", *({"torch"} & set(wings.WINGS))])
def test_many_blocks_of_scores_are_each_counted_once(wing):
    rng = np.random.default_rng(0)
    true, scores = rng.integers(0, 7, 90_000), rng.normal(size=(90_000, 7))
    name = "metrics/accuracy.top_k_accuracy"
    (got,) = wings.measure(wing, name, (true, scores), last=(1,), k=2)
    mine = np.take_along_axis(scores, true[:, None], 1)
    np.testing.assert_allclose(got, ((scores > mine).sum(axis=1) < 2).mean(), **EXACT)
    given, true = rng.integers(0, 2, (2, 90_000, 7))
    name = "metrics/multilabel.multilabel"
    got = wings.measure(wing, name, (true, given), last=(0, 1), num_labels=7)
    # in the order of their names: the second is the Hamming loss
    np.testing.assert_allclose(got[1], (true != given).mean(), **EXACT)


def test_labels_of_foreign_byte_order_are_read_right():
    true, predicted = labels(0, 1000, 5)
    pair = true.astype(">i4"), predicted.astype(">i4")
    matrix = recipe("confusion_matrix").confusion_matrix
    assert np.array_equal(matrix(*pair, 5), matrix(true, predicted, 5))
    assert matrix(*pair, 5).sum() == 1000


def test_a_hundred_thousand_classes_need_no_matrix():
    import tracemalloc

    from sklearn.metrics import f1_score

    true, predicted = labels(0, 20_000, 100_000)
    tracemalloc.start()
    measures = recipe("precision_recall").precision_recall
    found = measures(true, predicted, 100_000, absent="skip")["f_beta"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    want = f1_score(true, predicted, average="macro")
    np.testing.assert_allclose(found, want, **EXACT)
    # a matrix of these would have 80 GB
    assert peak < 100_000 * 8 * 30


@pytest.mark.parametrize("zero", [0.0, np.nan])
@pytest.mark.parametrize("digits", [0, 2, 5])
@pytest.mark.parametrize("seed", range(8))
def test_report_is_scikit_learns_to_the_letter(seed, digits, zero):
    from sklearn.metrics import classification_report

    rng = np.random.default_rng(seed)
    classes = int(rng.integers(2, 9))
    true, predicted = labels(seed, int(rng.integers(3, 40)), classes)
    names = ["x" * int(rng.integers(1, 25)) + str(c) for c in range(classes)]
    # halves are exact, so that both add up to the same
    weight = rng.integers(1, 9, len(true)) / 2 if seed % 2 else None
    want = classification_report(
        true,
        predicted,
        labels=np.arange(classes),
        target_names=names,
        digits=digits,
        zero_division=zero,
        sample_weight=weight,
    )
    report = recipe("classification_report").classification_report(
        true,
        predicted,
        classes,
        class_names=names,
        absent="skip" if np.isnan(zero) else "zero",
        sample_weight=weight,
    )
    assert report.text(digits) == want
    if digits == 2:
        assert str(report) == want


def test_report_is_drawn(monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("svg")
    from matplotlib import pyplot

    true, predicted = labels(0, 100, 3)
    report = recipe("classification_report").classification_report(true, predicted, 3)
    axes = report.draw()
    drawn = [text.get_text() for text in axes.texts]
    heads = "precision", "recall", "f1-score"
    assert drawn == [f"{report[c][head]:.2f}" for c in "012" for head in heads]
    assert report.draw(axes) is axes
    pyplot.close("all")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        report.draw()


@pytest.mark.parametrize("wing", ["reference", *wings.METRIC_WINGS])
@pytest.mark.parametrize("file", ["precision_recall", "classification_log"])
def test_a_mean_that_leaves_out_everything_is_nan(wing, file):
    """Class 0 is always true, class 1 always taken: no precision has a weight."""
    pair, options = (np.zeros(9, int), np.ones(9, int)), {"absent": "skip"}
    options |= {"num_classes": 2, "average": "weighted"}
    got = wings.measure(wing, f"metrics/{file}.{file}", pair, **options)
    names = {
        "precision_recall": ["f_beta", "precision", "recall", "specificity"],
        "classification_log": ["accuracy", "matrix", "f1", "precision", "recall"],
    }[file]
    found = dict(zip(names, got, strict=True))
    assert np.isnan(found["precision"])
    assert found["recall"] == 0


@pytest.mark.parametrize("wing", ["reference", *wings.METRIC_WINGS])
def test_examples_without_labels_may_have_no_mean(wing):
    nothing = np.zeros((3, 2), int)
    got = wings.measure(
        wing,
        "metrics/multilabel.multilabel",
        (nothing, nothing),
        last=(0, 1),
        num_labels=2,
        average="samples",
        absent="skip",
    )
    # f1, hamming_loss, precision, recall, subset_accuracy
    np.testing.assert_array_equal(got, [np.nan, 0, np.nan, np.nan, 1])


@pytest.mark.parametrize("wing", ["reference", *wings.METRIC_WINGS])
def test_a_mean_that_weighs_nothing_is_what_the_option_says(wing):
    """Without a truth no label has a weight: the mean is 0/0 as well."""
    nothing, given = np.zeros((3, 2), int), np.ones((3, 2), int)
    for absent, mean in (("nan", np.nan), ("skip", np.nan), ("zero", 0)):
        f1, hamming, precision, recall, subset = wings.measure(
            wing,
            "metrics/multilabel.multilabel",
            (nothing, given),
            last=(0, 1),
            num_labels=2,
            average="weighted",
            absent=absent,
        )
        np.testing.assert_array_equal([f1, precision, recall], mean)
        assert (hamming, subset) == (1, 0)


def test_weighted_recall_and_every_micro_mean_are_the_accuracy():
    true, predicted = labels(0, 500, 6)
    accuracy = np.mean(true == predicted)
    measures = recipe("precision_recall").precision_recall
    weighted = measures(true, predicted, 6, average="weighted")
    pooled = measures(true, predicted, 6, average="micro")
    assert weighted["recall"] == pytest.approx(accuracy, abs=1e-15)
    for name in ("precision", "recall", "f_beta"):
        assert pooled[name] == pytest.approx(accuracy, abs=1e-15)
    assert pooled["specificity"] != pytest.approx(accuracy, abs=0.1)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_peers_disagree_on_the_mean_over_an_absent_class():
    """One peer drops what is in neither, and counts what is only predicted as 0."""
    torch = pytest.importorskip("torch")
    from torchmetrics.functional.classification import multiclass_recall

    # class 2 is predicted and never true, class 3 is neither
    true, predicted = np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1])
    measures = recipe("precision_recall").precision_recall
    ours = {
        absent: measures(true, predicted, 4, absent=absent)["recall"]
        for absent in ("nan", "skip", "zero")
    }
    peer = multiclass_recall(torch.tensor(predicted), torch.tensor(true), 4).item()
    assert np.isnan(ours["nan"])
    # the classes that have truths: 1/2 and 1; then as two and as one more zero
    assert ours["skip"] == np.mean([1 / 2, 1])
    assert ours["zero"] == np.mean([1 / 2, 1, 0, 0])
    assert peer == pytest.approx(np.mean([1 / 2, 1, 0]))


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_peers_praise_a_constant_predictor():
    """With equal scores everywhere the true class is in the first k by chance."""
    torch = pytest.importorskip("torch")
    from torcheval.metrics.functional import multiclass_accuracy

    true, scores = np.arange(10).repeat(5), np.zeros((50, 10))
    ours = recipe("accuracy").top_k_accuracy
    peer = multiclass_accuracy(torch.tensor(scores), torch.tensor(true), k=5)
    assert ours(true, scores, 5) == 5 / 10
    assert ours(true, scores, 5, ties="pessimistic") == 0
    assert ours(true, scores, 5, ties="optimistic") == float(peer) == 1


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_peers_call_a_model_of_nan_accurate():
    """Its argmax is class 0: the share of that class is no accuracy."""
    torch = pytest.importorskip("torch")
    from torchmetrics.functional.classification import multiclass_accuracy

    true, scores = np.array([0, 0, 0, 1]), np.full((4, 3), np.nan)
    pair = torch.tensor(scores), torch.tensor(true)
    assert multiclass_accuracy(*pair, 3, average="micro").item() == 3 / 4
    with pytest.raises(ValueError, match=r"finite\. Received: nan"):
        recipe("accuracy").accuracy(true, scores)


needs_keras = pytest.mark.skipif("keras" not in wings.WINGS, reason="no Keras")


@needs_keras
def test_keras_shows_nan_where_nothing_was_counted():
    for name, metric in (
        ("accuracy", "Accuracy"),
        ("precision_recall", "PrecisionRecall"),
        ("classification_log", "ClassificationLog"),
    ):
        made = getattr(recipe(name, "keras"), metric)
        metric = made() if name == "accuracy" else made(3)
        assert all(np.isnan(x).all() for x in wings.numbers(metric.result()))


@needs_keras
@pytest.mark.parametrize("ignore_index", [None, 1])
@pytest.mark.parametrize("label", [1.5, np.nan])
def test_keras_takes_no_fraction_for_a_class(label, ignore_index):
    """Cut off, 1.5 would be the class 1, or one to ignore."""
    measures = recipe("precision_recall", "keras").precision_recall
    odd, even = np.array([0.0, 2.0, label]), np.array([0.0, 2.0, 2.0])
    for pair in ((odd, even), (even, odd)):
        found = measures(*pair, 3, absent="skip", ignore_index=ignore_index)
        assert np.isnan(wings.numbers(found)).all()
    found = measures(even, even, 3, absent="skip", ignore_index=ignore_index)
    assert np.isfinite(wings.numbers(found)).all()


@needs_keras
@pytest.mark.filterwarnings("ignore")
def test_keras_metrics_watch_a_training_and_come_back_with_the_model(tmp_path):
    import keras

    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(96, 4)).astype("float32")
    true = rng.integers(0, 3, 96)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    scores = {"num_classes": 3, "absent": "zero", "from_scores": True}
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[
            recipe("classification_log", "keras").ClassificationLog(**scores),
            recipe("accuracy", "keras").TopKAccuracy(2),
        ],
    )
    history = model.fit(inputs, true, batch_size=32, epochs=1, verbose=2).history
    assert {"accuracy", "f1", "precision", "recall", "top_k_accuracy"} <= set(history)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    found = again.evaluate(inputs, true, verbose=0, return_dict=True)
    logits = model.predict(inputs, verbose=0)
    want = recipe("classification_log").classification_log(
        true, logits.argmax(axis=1), 3, absent="zero"
    )
    for name in ("accuracy", "f1", "precision", "recall"):
        np.testing.assert_allclose(found[name], want[name], rtol=1e-6)
    want = recipe("accuracy").top_k_accuracy(true, logits, 2)
    np.testing.assert_allclose(found["top_k_accuracy"], want, rtol=1e-6)
