"""What goes wrong with pictures and classes, without an error. The page prints each."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def classes_in_the_order_of_their_names():
    """Folders 1 to 12 read in the order of their names, answers in that of numbers.

    "10" comes before "2". Every prediction is right, the accuracy after the translation
    is not. Keep the list of classes with the weights.
    """
    import numpy as np

    folders = [str(number) for number in range(1, 13)]
    trained = sorted(folders)  # what loaders of folders do
    truth = np.array(folders)
    predicted = np.array([trained.index(name) for name in truth])
    wrong = float((np.array(folders)[predicted] == truth).mean())
    right = float((np.array(trained)[predicted] == truth).mean())
    return Shown(wrong, right)


def reshaped_to_put_channels_first():
    """A red picture reshaped from (H, W, 3) to (3, H, W): its first channel's mean.

    `reshape` keeps the order of the numbers and mixes the colours; axes are moved by
    `moveaxis` or `permute`.
    """
    import numpy as np

    picture = np.zeros((4, 4, 3))
    picture[..., 0] = 1.0
    wrong = float(picture.reshape(3, 4, 4)[0].mean())
    right = float(np.moveaxis(picture, -1, 0)[0].mean())
    return Shown(wrong, right)


def frames_of_one_film_on_both_sides():
    """Frames of 200 films split at random: accuracy for labels that are coins.

    A frame has its neighbours in the training part, with the same label. Split by
    film, patient, day: by what makes examples alike.
    """
    import numpy as np
    from sklearn.neighbors import KNeighborsClassifier

    rng = np.random.default_rng(0)
    film = np.repeat(np.arange(200), 4)
    x = rng.normal(size=(200, 16))[film] + 0.1 * rng.normal(size=(800, 16))
    y = rng.integers(0, 2, 200)[film]
    by_frame, by_film = rng.random(800) < 0.25, film % 4 == 0
    wrong, right = (
        KNeighborsClassifier(1).fit(x[~test], y[~test]).score(x[test], y[test])
        for test in (by_frame, by_film)
    )
    return Shown(wrong, right)


def brightness_added_to_bytes():
    """Ten added to the bytes of a bright picture: its brightest pixel.

    Bytes begin again at 0 behind 255. Turn pictures to floats before anything is
    computed, and clip.
    """
    import numpy as np

    picture = np.array([[200, 250]], "uint8")
    wrong = int((picture + 10).max())
    right = float(np.clip(picture.astype("float32") + 10, 0, 255).max())
    return Shown(wrong, right)
