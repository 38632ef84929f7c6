"""Cases of metrics/hausdorff95."""

import numpy as np

from tests.metrics import Case, Refusal


def masks(rng, size=(4, 9, 11), share=0.3):
    """Blots, one at the edge of the image, and dots far from them."""
    from scipy import ndimage

    pair = []
    for _ in range(2):
        noise = rng.normal(size=size)
        noise = ndimage.gaussian_filter(noise, (0, *[1.2] * (len(size) - 1)))
        mask = noise > np.quantile(noise, 1 - share)
        mask[0, -1, -3:] = True
        pair.append(mask)
    return tuple(pair)


def with_empty(rng):
    true, predicted = masks(rng)
    true[1:3] = False
    predicted[2:] = False
    return true, predicted


def scipy_distances(y_true, y_pred, spacing=1.0):
    from scipy import ndimage

    for a, b in zip(y_true, y_pred, strict=True):
        borders = [m & ~ndimage.binary_erosion(m) for m in (a, b)]
        sizes = np.broadcast_to(spacing, a.ndim)
        yield [
            ndimage.distance_transform_edt(~other, sampling=sizes)[one]
            for one, other in (borders, borders[::-1])
        ]


def scipy_hausdorff95(y_true, y_pred, spacing=1.0):
    pairs = scipy_distances(y_true, y_pred, spacing)
    return [max(np.percentile(d, 95) for d in pair) for pair in pairs]


def scipy_hausdorff(y_true, y_pred, spacing=1.0):
    pairs = scipy_distances(y_true, y_pred, spacing)
    return [max(d.max() for d in pair) for pair in pairs]


def scipy_average(y_true, y_pred, spacing=1.0):
    pairs = scipy_distances(y_true, y_pred, spacing)
    return [np.concatenate(pair).mean() for pair in pairs]


def as_one_array(oracle):
    def call(*inputs, **kwargs):
        return np.array(oracle(*inputs, **kwargs))

    call.__name__ = oracle.__name__
    return call


def monai(function, **options):
    def monai_distance(y_true, y_pred, spacing=1.0):
        import monai.metrics
        import torch

        return getattr(monai.metrics, f"compute_{function}")(
            torch.tensor(y_pred)[:, None],
            torch.tensor(y_true)[:, None],
            include_background=True,
            spacing=spacing,
            **options,
        )[:, 0]

    return monai_distance


ORACLES = {
    "hausdorff95": (
        as_one_array(scipy_hausdorff95),
        monai("hausdorff_distance", percentile=95),
    ),
    "hausdorff_distance": (as_one_array(scipy_hausdorff), monai("hausdorff_distance")),
    "average_surface_distance": (
        as_one_array(scipy_average),
        monai("average_surface_distance", symmetric=True),
    ),
}
Y = np.array([[[0, 1], [1, 1]]])
REFUSALS = (
    Refusal(by="shape", inputs=(Y, Y[..., :1]), match="must be .N, H, W."),
    Refusal(by="shape", inputs=(Y[0], Y[0]), match="must be .N, H, W."),
    Refusal(by="value", inputs=(255 * Y, Y), match="y_true must be 0 or 1"),
    Refusal(by="value", inputs=(Y, 0.5 * Y), match="y_pred must be 0 or 1"),
    Refusal(by="argument", inputs=(Y, Y), match="spacing", kwargs={"spacing": 0}),
    Refusal(
        by="argument", inputs=(Y, Y), match="spacing", kwargs={"spacing": (1.0, 1, 1)}
    ),
    Refusal(by="argument", inputs=(Y, Y), match="empty", kwargs={"empty": "one"}),
)
CASES = [
    Case(
        function=function,
        inputs=inputs,
        kwargs=kwargs,
        oracles=oracles,
        ordered=True,
        refusals=() if kwargs else REFUSALS,
    )
    for function, oracles in ORACLES.items()
    for inputs, kwargs in (
        (masks, {}),
        (masks, {"spacing": (0.5, 2.0)}),
        (lambda rng: masks(rng, (2, 5, 6, 7), 0.15), {"spacing": (2.0, 0.7, 0.9)}),
    )
]
CASES += [
    Case(function=function, inputs=with_empty, kwargs={"empty": empty}, ordered=True)
    for function in ORACLES
    for empty in ("nan", "zero")
]
