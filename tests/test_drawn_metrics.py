"""What is drawn of a metric is what was computed, read from the artists of a figure."""

import numpy as np
import pytest

from tests import wings

RELIABILITY = wings.function("numpy", "metrics/reliability_diagram.reliability_diagram")
CELLS = wings.function("numpy", "metrics/confusion_matrix_plot.draw_confusion_matrix")
REPORT = wings.function("numpy", "metrics/classification_report.classification_report")


@pytest.fixture
def axes():
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    return Figure().subplots()


@pytest.mark.parametrize("num_classes", [2, 4])
def test_a_reliability_diagram_shows_its_bins(axes, rng, num_classes):
    y_prob = rng.dirichlet(np.ones(num_classes), 40)
    y_prob = y_prob if num_classes > 2 else y_prob[:, 1]
    y_true = rng.integers(0, num_classes, 40)
    bins = RELIABILITY(y_true, y_prob, axes, num_bins=20)
    some = bins["count"] > 0
    assert 0 < some.sum() < 20
    accuracy, confidence = bins["accuracy"][some], bins["confidence"][some]
    low, gap = axes.containers
    np.testing.assert_array_equal([x.get_height() for x in low], accuracy)
    np.testing.assert_array_equal([x.get_x() for x in low], np.arange(20)[some] / 20)
    np.testing.assert_array_equal([x.get_y() for x in gap], accuracy)
    ends = [x.get_y() + x.get_height() for x in gap]
    np.testing.assert_allclose(ends, confidence, rtol=1e-12)
    assert [x.get_text() for x in axes.texts] == [str(n) for n in bins["count"][some]]
    for text, *ends in zip(axes.texts, accuracy, confidence, strict=True):
        assert text.get_position()[1] > max(ends)
    (diagonal,) = axes.lines
    np.testing.assert_array_equal(*diagonal.get_data())
    labels = [x.get_text() for x in axes.get_legend().get_texts()]
    assert sorted(labels) == ["accuracy", "calibrated", "gap"]
    error = wings.measure(
        "reference",
        "metrics/calibration_error.calibration_error",
        (y_true, y_prob),
        num_bins=20,
    )
    assert axes.get_title() == f"calibration error {error[0]:.3f}"


def test_what_is_drawn_is_what_streams(rng):
    y_prob = rng.random(500)
    y_true = rng.integers(0, 2, 500)
    metric = wings.function("numpy", "metrics/calibration_error.CalibrationError")(
        num_bins=10
    )
    metric.update(y_true, y_prob)
    bins = RELIABILITY(y_true, y_prob)
    for name, values in metric.bins().items():
        np.testing.assert_allclose(bins[name], values, rtol=1e-12)


def test_a_drawn_matrix_tells_counts_and_shares(axes):
    matrix = np.array([[1_234_567, 0, 0], [1, 2, 1], [0, 0, 0]])
    shares = CELLS(matrix, axes, class_names=["cat", "dog", "cow"])
    (image,) = axes.images
    np.testing.assert_array_equal(image.get_array().filled(np.nan), shares)
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    assert len(texts) == 9
    for (row, column), count in np.ndenumerate(matrix):
        number, *share = texts[column, row].split("\n")
        assert int(number.replace(",", "")) == count
        # of a class that is never true there is no share
        assert share == ([f"{shares[row, column]:.0%}"] if row < 2 else [])
    for ticks in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert [x.get_text() for x in ticks] == ["cat", "dog", "cow"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")


def test_weights_of_a_drawn_matrix_are_rounded(axes):
    CELLS(np.array([[0.123456, 1.0], [2.5, 0.0]]), axes)
    drawn = [text.get_text().split("\n")[0] for text in axes.texts]
    assert drawn == ["0.1235", "1", "2.5", "0"]


def luminance(colour):
    from matplotlib.colors import to_rgb

    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("draw", ["matrix", "report"])
def test_every_cell_can_be_read(axes, draw):
    """The contrast that WCAG asks of text, 4.5, on every shade of a cell."""
    for part in range(51):
        axes.clear()
        if draw == "matrix":
            CELLS(np.array([[part, 100 - part], [100 - part, part]]), axes)
        else:
            y_true = np.arange(100) < 50
            taken = y_true & (np.arange(100) >= part)
            REPORT(y_true, taken, 2, absent="zero").draw(axes)
        (image,) = axes.images
        for text in axes.texts:
            column, row = text.get_position()
            share = image.get_array()[row, column]
            cell = luminance(image.cmap(image.norm(share)))
            low, high = sorted([cell, luminance(text.get_color())])
            assert (high + 0.05) / (low + 0.05) >= 4.5, share
