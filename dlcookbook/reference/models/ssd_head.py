"""Single-shot detector head: at every place of every map, classes and a box."""

import math

import numpy as np

__all__ = ["decode_boxes", "encode_boxes", "ssd_anchors"]


def ssd_anchors(sizes, strides, scales, *, ratios=(1.0, 2.0, 0.5)):
    r"""Boxes of $d \sqrt r \times d / \sqrt r$ pixels around every place of every map.

    Parameters
    ----------
    sizes : sequence of (int, int)
        Rows and columns of each map.
    strides : sequence of int
        Pixels of the image between two places of each map.
    scales : sequence of sequence of float
        Sides of the square boxes of each map, in pixels.
    ratios : sequence of float
        Width over height.

    Returns
    -------
    ndarray, shape (A, 4)
        Corners (x1, y1, x2, y2) in pixels: map by map, row by row, place by place,
        scale by scale, ratio by ratio.

    Examples
    --------
    >>> ssd_anchors([(1, 1)], [8], [[4.0]], ratios=(1.0, 4.0))
    array([[2., 2., 6., 6.],
           [0., 3., 8., 5.]])

    References
    ----------
    Liu et al., "SSD: Single Shot MultiBox Detector", 2015, section 2.2.
    <https://arxiv.org/abs/1512.02325>
    """
    boxes = []
    for k, (rows, columns) in enumerate(sizes):
        for i, j in np.ndindex(rows, columns):
            x, y = (j + 0.5) * strides[k], (i + 0.5) * strides[k]
            for side in scales[k]:
                for ratio in ratios:
                    height = math.sqrt(side**2 / ratio)
                    width = ratio * height
                    corners = (x - width / 2, y - height / 2)
                    boxes.append((*corners, corners[0] + width, corners[1] + height))
    return np.array(boxes)


def encode_boxes(boxes, anchors, *, variances=(0.1, 0.2)):
    r"""$t_x = (x - a_x) / (a_w v_1)$, $t_w = \log(w / a_w) / v_2$; so for $y$ and $h$.

    Parameters
    ----------
    boxes : ndarray, shape (..., A, 4)
        Corners (x1, y1, x2, y2) of the object that each anchor is to find.
    anchors : ndarray, shape (A, 4)
        Corners of the anchors.
    variances : (float, float)
        Divisors of the centres' and of the sizes' offsets.

    Returns
    -------
    ndarray, shape (..., A, 4)
        Offsets (t_x, t_y, t_w, t_h).

    Examples
    --------
    >>> encode_boxes([[1.0, 0.0, 11.0, 20.0]], [[0.0, 0.0, 10.0, 10.0]]).round(4)
    array([[1.    , 5.    , 0.    , 3.4657]])

    References
    ----------
    Liu et al., "SSD: Single Shot MultiBox Detector", 2015, eq. 2.
    <https://arxiv.org/abs/1512.02325>
    """
    x, y, w, h = _centred(boxes)
    ax, ay, aw, ah = _centred(anchors)
    offsets = (
        (x - ax) / aw / variances[0],
        (y - ay) / ah / variances[0],
        (np.log(w) - np.log(aw)) / variances[1],
        (np.log(h) - np.log(ah)) / variances[1],
    )
    return np.stack(offsets, axis=-1)


def decode_boxes(offsets, anchors, *, variances=(0.1, 0.2)):
    r"""$x = a_x + t_x v_1 a_w$ and $w = a_w e^{t_w v_2}$, likewise for $y$ and $h$.

    Parameters
    ----------
    offsets : ndarray, shape (..., A, 4)
        What the head says: (t_x, t_y, t_w, t_h).
    anchors : ndarray, shape (A, 4)
        Corners of the anchors.
    variances : (float, float)
        Those of `encode_boxes`.

    Returns
    -------
    ndarray, shape (..., A, 4)
        Corners (x1, y1, x2, y2), no box more than e**8 times as wide or high as its
        anchor.

    Examples
    --------
    >>> decode_boxes([[1.0, 0.0, 0.0, 0.0]], [[0.0, 0.0, 10.0, 10.0]])
    array([[ 1.,  0., 11., 10.]])

    References
    ----------
    Liu et al., "SSD: Single Shot MultiBox Detector", 2015, eq. 2.
    <https://arxiv.org/abs/1512.02325>
    """
    tx, ty, tw, th = np.moveaxis(np.asarray(offsets, np.float64), -1, 0)
    ax, ay, aw, ah = _centred(anchors)
    x, y = ax + tx * variances[0] * aw, ay + ty * variances[0] * ah
    w = np.exp(np.minimum(tw * variances[1], 8)) * aw
    h = np.exp(np.minimum(th * variances[1], 8)) * ah
    return np.stack((x - w / 2, y - h / 2, x + w / 2, y + h / 2), axis=-1)


def _centred(boxes):
    x1, y1, x2, y2 = np.moveaxis(np.asarray(boxes, np.float64), -1, 0)
    return (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
