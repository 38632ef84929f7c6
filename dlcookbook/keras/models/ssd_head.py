"""Single-shot detector head: at every place of every map, classes and a box."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, layers, ops

__all__ = ["decode_boxes", "encode_boxes", "ssd_anchors", "ssd_head"]


def ssd_head(
    in_channels: Sequence[int], num_classes: int, *, anchors: Sequence[int] = (4, 6, 6)
) -> keras.Model:
    r"""Head of a single-shot detector, for feature maps of any backbone.

    Every place of a map has a few default boxes (anchors). For each of them come out a
    logit for every class, background included, and four offsets $(t_x, t_y, t_w, t_h)$
    from the anchor to the object: `ssd_anchors` makes the anchors, `encode_boxes` what
    to train on, `decode_boxes` what was found. Order: map by map, row by row, place by
    place, anchor by anchor. Weights start Glorot uniform, every bias 0. The two
    convolutions of a map of $C$ channels with $n$ anchors hold
    $(9 C + 1) n (K + 4)$ numbers for $K$ classes.

    Parameters
    ----------
    in_channels : sequence of int
        Channels of each feature map, the largest map first.
    num_classes : int
        Classes, the background among them. Logits: no softmax at the end.
    anchors : sequence of int
        Default boxes at each place of each map.

    Returns
    -------
    keras.Model
        From as many float maps (N, H, W, C) as `in_channels` has numbers to logits of
        shape (N, A, num_classes) and offsets of shape (N, A, 4), where A counts the
        anchors of all places.

    Raises
    ------
    ValueError
        If `anchors` has not one number for each map, or a number is less than 1.

    Examples
    --------
    >>> head = ssd_head((16, 32), 21, anchors=(4, 6))
    >>> maps = [keras.ops.zeros((2, 8, 8, 16)), keras.ops.zeros((2, 4, 4, 32))]
    >>> [tuple(x.shape) for x in head(maps)]  # 4 * 8 * 8 + 6 * 4 * 4 anchors
    [(2, 352, 21), (2, 352, 4)]

    References
    ----------
    Liu et al., "SSD: Single Shot MultiBox Detector", 2015, fig. 2.
    <https://arxiv.org/abs/1512.02325>
    """
    if len(anchors) != len(in_channels):
        raise ValueError(
            f"anchors must have one number for each of {len(in_channels)} maps. "
            f"Received: {anchors}"
        )
    if min(num_classes, len(in_channels), *anchors) < 1:
        raise ValueError(
            "in_channels must not be empty, num_classes and anchors be >= 1. "
            f"Received: {in_channels}, {num_classes}, {anchors}"
        )
    maps = [keras.Input((None, None, channels)) for channels in in_channels]
    logits: list[KerasTensor] = []
    offsets: list[KerasTensor] = []
    for i, (x, n) in enumerate(zip(maps, anchors, strict=True)):
        for name, size, found in (
            ("classes", num_classes, logits),
            ("boxes", 4, offsets),
        ):
            y = layers.Conv2D(n * size, 3, padding="same", name=f"{name}_{i}")(x)
            found.append(layers.Reshape((-1, size), name=f"{name}_{i}_rows")(y))
    if len(maps) > 1:
        logits = [layers.Concatenate(axis=1, name="logits")(logits)]
        offsets = [layers.Concatenate(axis=1, name="offsets")(offsets)]
    return keras.Model(maps, [logits[0], offsets[0]], name="ssd_head")


def ssd_anchors(
    sizes: Sequence[tuple[int, int]],
    strides: Sequence[int],
    scales: Sequence[Sequence[float]],
    *,
    ratios: Sequence[float] = (1.0, 2.0, 0.5),
) -> KerasTensor:
    r"""Default boxes at every place of every map, in the order of the head's outputs.

    Place $(i, j)$ of a map has its centre at $((j + 1/2) s, (i + 1/2) s)$ for stride
    $s$. A scale $d$ and a ratio $r$ make a box of $d \sqrt r \times d / \sqrt r$
    pixels, whose area is $d^2$ for every ratio. A map has
    `len(scales[k]) * len(ratios)` boxes at a place: that is the head's `anchors[k]`.

    Parameters
    ----------
    sizes : sequence of (int, int)
        Rows and columns of each map.
    strides : sequence of int
        Pixels of the image between two places of each map.
    scales : sequence of sequence of float
        Sides of the square boxes of each map, in pixels. The paper takes two for each:
        its own, and the geometric mean with the next map's.
    ratios : sequence of float
        Width over height.

    Returns
    -------
    tensor, shape (A, 4)
        Corners (x1, y1, x2, y2) in pixels, float32: map by map, row by row, place by
        place, scale by scale, ratio by ratio. Boxes at the border reach outside.

    Raises
    ------
    ValueError
        If `strides` or `scales` is not as long as `sizes`, or a length is not above 0.

    Examples
    --------
    >>> anchors = ssd_anchors([(1, 2)], [8], [[4.0]], ratios=(1.0, 4.0))
    >>> ops.convert_to_numpy(anchors).astype(int).tolist()
    [[2, 2, 6, 6], [0, 3, 8, 5], [10, 2, 14, 6], [8, 3, 16, 5]]

    References
    ----------
    Liu et al., "SSD: Single Shot MultiBox Detector", 2015, section 2.2.
    <https://arxiv.org/abs/1512.02325>
    """
    if not len(sizes) == len(strides) == len(scales):
        raise ValueError(
            "strides and scales must have one entry for each of sizes. Received: "
            f"{len(sizes)} sizes, {len(strides)} strides, {len(scales)} scales"
        )
    lengths = [*strides, *ratios, *(side for sides in scales for side in sides)]
    if not (sizes and ratios and all(scales) and min(lengths) > 0):
        raise ValueError(
            "sizes, ratios and scales must not be empty, what they and strides hold "
            f"> 0. Received: {sizes}, {ratios}, {scales}, {strides}"
        )
    found = []
    for (rows, columns), stride, sides in zip(sizes, strides, scales, strict=True):
        y, x = ops.meshgrid(
            (ops.arange(rows, dtype="float32") + 0.5) * stride,
            (ops.arange(columns, dtype="float32") + 0.5) * stride,
            indexing="ij",
        )
        centre = ops.reshape(ops.stack([x, y], axis=-1), (-1, 1, 2))
        half = [
            (side * ratio**0.5 / 2, side / ratio**0.5 / 2)
            for side in sides
            for ratio in ratios
        ]
        reach = ops.convert_to_tensor(half, dtype="float32")
        boxes = ops.concatenate([centre - reach, centre + reach], axis=-1)
        found.append(ops.reshape(boxes, (-1, 4)))
    return ops.concatenate(found, axis=0)


def encode_boxes(
    boxes: KerasTensor,
    anchors: KerasTensor,
    *,
    variances: tuple[float, float] = (0.1, 0.2),
) -> KerasTensor:
    r"""Offsets from anchors to boxes: what the head is trained to say.

    $t_x = (x - a_x) / (a_w v_1)$ and $t_w = \log(w / a_w) / v_2$, likewise for $y$ and
    $h$, with centres $x, y$ and sizes $w, h$. A box that is its anchor gives 0. The
    variances bring the offsets to a deviation of about 1, so that they weigh as the
    classes do.

    Parameters
    ----------
    boxes : tensor, shape (..., A, 4)
        Corners (x1, y1, x2, y2) of the object that each anchor is to find. One without
        area gives infinity, one with swapped corners NaN.
    anchors : tensor, shape (A, 4)
        Corners of the anchors in the same unit.
    variances : (float, float)
        Divisors of the centres' and of the sizes' offsets.

    Returns
    -------
    tensor, shape (..., A, 4)
        Offsets (t_x, t_y, t_w, t_h).

    Raises
    ------
    ValueError
        If there is not one box for each anchor, or `variances` are not two numbers
        above 0. Where a side is not above 0 the result is NaN.

    Examples
    --------
    >>> anchor = ops.array([[0.0, 0.0, 10.0, 10.0]])
    >>> offsets = encode_boxes(ops.array([[1.0, 0.0, 11.0, 20.0]]), anchor)
    >>> ops.convert_to_numpy(offsets).round(4)
    array([[1.    , 5.    , 0.    , 3.4657]], dtype=float32)

    References
    ----------
    Liu et al., "SSD: Single Shot MultiBox Detector", 2015, eq. 2; the variances are
    those of its code. <https://arxiv.org/abs/1512.02325>
    """
    _check_boxes("boxes", boxes, anchors, variances)
    (centre, size), (middle, side) = _centred(boxes), _centred(anchors)
    shift = (centre - middle) / side / variances[0]
    return ops.concatenate([shift, ops.log(size / side) / variances[1]], axis=-1)


def decode_boxes(
    offsets: KerasTensor,
    anchors: KerasTensor,
    *,
    variances: tuple[float, float] = (0.1, 0.2),
) -> KerasTensor:
    r"""Boxes that offsets from anchors stand for: `encode_boxes` backwards.

    $x = a_x + t_x v_1 a_w$ and $w = a_w e^{t_w v_2}$, likewise for $y$ and $h$. Offsets
    of 0 give the anchors.

    Parameters
    ----------
    offsets : tensor, shape (..., A, 4)
        What the head says: (t_x, t_y, t_w, t_h).
    anchors : tensor, shape (A, 4)
        Corners of the anchors.
    variances : (float, float)
        Those of `encode_boxes`.

    Returns
    -------
    tensor, shape (..., A, 4)
        Corners (x1, y1, x2, y2) in the unit of the anchors. No box is more than e**8
        times as wide or high as its anchor: untrained offsets stay finite.

    Raises
    ------
    ValueError
        If there are not four offsets for each anchor, or `variances` are not two
        numbers above 0. Where a side of an anchor is not above 0 the result is NaN.

    Examples
    --------
    >>> anchor = ops.array([[0.0, 0.0, 10.0, 10.0]])
    >>> boxes = decode_boxes(ops.array([[1.0, 0.0, 0.0, 0.0]]), anchor)
    >>> ops.convert_to_numpy(boxes)
    array([[ 1.,  0., 11., 10.]], dtype=float32)

    References
    ----------
    Liu et al., "SSD: Single Shot MultiBox Detector", 2015, eq. 2; the variances are
    those of its code. <https://arxiv.org/abs/1512.02325>
    """
    _check_boxes("offsets", offsets, anchors, variances)
    middle, side = _centred(anchors)
    centre = middle + offsets[..., :2] * variances[0] * side
    half = side * ops.exp(ops.minimum(offsets[..., 2:] * variances[1], 8)) / 2
    return ops.concatenate([centre - half, centre + half], axis=-1)


def _centred(boxes: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    first, last = boxes[..., :2], boxes[..., 2:]
    # no such box: a graph cannot raise, and NaN goes with no result
    return (first + last) / 2, ops.where(last > first, last - first, float("nan"))


def _check_boxes(
    name: str, boxes: KerasTensor, anchors: KerasTensor, variances: tuple[float, float]
) -> None:
    if len(variances) != 2 or not min(variances) > 0:
        raise ValueError(f"variances must be two numbers > 0. Received: {variances}")
    if boxes.shape[-2:] != anchors.shape or anchors.shape[-1] != 4:
        raise ValueError(
            f"{name} must have the shape (..., A, 4) for anchors (A, 4). Received: "
            f"{name} {tuple(boxes.shape)}, anchors {tuple(anchors.shape)}"
        )
