"""Cases of metrics/psnr."""

import numpy as np

from tests.metrics import Case, Refusal


def images(rng, size=(3, 12, 13, 2), top=1.0):
    """Images and what noise makes of them, beyond their range as well."""
    true = rng.uniform(0, top, size)
    return true, true + rng.normal(0, top / 8, size)


def bytes_(rng):
    """uint8, whose differences wrap around where they are taken in uint8."""
    return tuple(rng.integers(0, 256, (2, 2, 12, 14, 1)).astype(np.uint8))


def skimage_scipy_grade(y_true, y_pred, data_range):
    from skimage.metrics import peak_signal_noise_ratio

    pairs = zip(y_true, y_pred, strict=True)
    return np.mean(
        [peak_signal_noise_ratio(*pair, data_range=data_range) for pair in pairs]
    )


Y = np.linspace(0, 1, 288).reshape(1, 12, 12, 2)
NAN = np.where(Y == 0, np.nan, Y)
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[:, :, :11]), match="must be"),
    Refusal(by="shape", inputs=(Y[0, 0, 0], Y[0, 0, 0]), match="must be"),
    Refusal(by="shape", inputs=(Y, Y[..., 0]), match="must be"),
    Refusal(by="value", inputs=(Y, NAN), match="finite"),
    Refusal(by="value", inputs=(NAN, Y), match="finite"),
    # images of 0 to 255 whose range is said to be 1
    Refusal(by="value", inputs=(255 * Y, Y), match="span at most data_range"),
    Refusal(by="argument", inputs=(Y, Y), match="data_range", kwargs={"data_range": 0}),
    Refusal(by="empty", inputs=(Y[:0], Y[:0]), match="an image"),
)
COMMON = {"function": "psnr", "metric": "PSNR"}
CASES = [
    Case(
        **COMMON,
        inputs=images,
        kwargs={"data_range": 1.0},
        oracles=(skimage_scipy_grade,),
        refusals=REFUSALS,
    ),
    Case(
        **COMMON,
        inputs=bytes_,
        kwargs={"data_range": 255},
        oracles=(skimage_scipy_grade,),
    ),
]
