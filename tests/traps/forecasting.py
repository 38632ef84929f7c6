"""What makes forecasts look good, and is not. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def tensorflow_takes_a_target_in_the_window():
    """The series given twice to Keras' windows: the target stands in the window.

    `targets[i]` belongs to the window that starts at i, so that the same array makes
    the model repeat its first input. Hand over `series[length:]`. The mean distance of
    target and first value.
    """
    import keras
    import numpy as np

    series = np.random.default_rng(0).normal(size=200).astype("float32")
    options = {"sequence_length": 24, "batch_size": 200}
    gaps = []
    for targets in (series, series[24:]):
        make = keras.utils.timeseries_dataset_from_array
        x, y = next(iter(make(series, targets, **options)))
        gaps.append(float(abs(np.asarray(x)[:, 0] - np.asarray(y)).mean()))
    wrong, right = gaps
    return Shown(wrong, right, "vanishes")


def smoothed_with_the_future():
    """Noise, smoothed on both sides, then forecast: R² of what cannot be known.

    A mean over five steps, a wavelet or a filter that runs both ways carries the next
    values into the window. Smooth with the past alone, and test on the series as it
    came. The share that the last five values explain, by least squares.
    """
    import numpy as np

    noise = np.random.default_rng(0).normal(size=4000)
    shares = []
    for series in (np.convolve(noise, np.ones(5) / 5, mode="same"), noise):
        windows = np.lib.stride_tricks.sliding_window_view(series, 5)[:-1]
        y = series[5:]
        line = np.linalg.lstsq(windows[:2000], y[:2000], rcond=None)[0]
        error = y[2000:] - windows[2000:] @ line
        shares.append(1 - error.var() / y[2000:].var())
    wrong, right = shares
    return Shown(wrong, right)


def shuffled_windows_overlap():
    """Windows of a random walk, shuffled before the split: R² of a forecast.

    Neighbours share most of their steps and of their targets, so that the test is in
    the training. Split by time and leave a gap as long as window and horizon. The mean
    of the next 20 steps, from the nearest of the training windows.
    """
    import numpy as np
    from sklearn.neighbors import KNeighborsRegressor

    rng = np.random.default_rng(0)
    walk = rng.normal(size=3000).cumsum()
    past = np.lib.stride_tricks.sliding_window_view(walk, 80)
    x, y = past[:, :60] - past[:, 59:60], past[:, 60:].mean(1) - past[:, 59]
    shuffled, found = rng.permutation(len(x)), []
    for order, gap in ((shuffled, 0), (np.arange(len(x)), 80)):
        train, test = order[:2000], order[2000 + gap :]
        model = KNeighborsRegressor(1).fit(x[train], y[train])
        error = y[test] - model.predict(x[test])
        found.append(1 - (error**2).mean() / y[test].var())
    wrong, right = found
    return Shown(wrong, right)


def scaled_with_the_future():
    """Series scaled to 0 to 1 by their own whole length: a coin toss is foretold.

    Near 1 the highest value is close, and what follows lies below: the scaler has read
    the future. Fit it on the training part alone. How often "above 0.9, so lower in 20
    steps" is right, on 300 random walks.
    """
    import numpy as np

    walks = np.random.default_rng(0).normal(size=(300, 400)).cumsum(axis=1)
    falls = walks[:, 220:] < walks[:, 200:-20]
    shares = []
    for known in (walks, walks[:, :200]):
        low, high = known.min(1, keepdims=True), known.max(1, keepdims=True)
        scaled = (walks - low) / (high - low)
        shares.append(falls[scaled[:, 200:-20] > 0.9].mean())
    wrong, right = shares
    return Shown(wrong, right)
