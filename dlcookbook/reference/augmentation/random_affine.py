"""Random affine: rotation, scale, shear, shift and flips as one matrix per image."""

import math

import numpy as np

__all__ = ["affine_matrix"]


def affine_matrix(
    size: tuple[int, int],
    degrees: float = 0.0,
    scale: float = 1.0,
    shear: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    flips: tuple[bool, bool] = (False, False),
) -> np.ndarray:
    r"""Multiply the matrices of a flip, a scale, a shear, a rotation and a shift.

    $M = T_{c + t} R \, H S F \, T_{-c}$; with nothing given, the identity.

    Parameters
    ----------
    size : tuple of int
        Height and width of the image, in pixels.
    degrees : float
        Angle; positive turns the picture anticlockwise.
    scale : float
        Factor of both sides.
    shear : float
        Angle of the columns; positive moves the lower rows to the right.
    shift : tuple of float
        To the right and down, as a share of width and height.
    flips : tuple of bool
        Left to right, and upside down.

    Returns
    -------
    ndarray, shape (3, 3)
        From places of the old image to places of the new one.

    Examples
    --------
    >>> affine_matrix((2, 4), shift=(0.5, 0.0)).tolist()
    [[1.0, 0.0, 2.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]

    References
    ----------
    Simard et al., "Best Practices for Convolutional Neural Networks Applied to Visual
    Document Analysis", 2003, section 2. <https://doi.org/10.1109/ICDAR.2003.1227801>
    """
    height, width = size
    angle = math.radians(degrees)

    def move(x: float, y: float) -> np.ndarray:
        return np.array([[1.0, 0, x], [0, 1, y], [0, 0, 1]])

    # y points down: anticlockwise on the screen takes (1, 0) to (cos, -sin)
    rotation = np.array(
        [
            [math.cos(angle), math.sin(angle), 0],
            [-math.sin(angle), math.cos(angle), 0],
            [0, 0, 1],
        ]
    )
    slant = np.array([[1, math.tan(math.radians(shear)), 0], [0, 1, 0], [0, 0, 1]])
    signs = [-1.0 if flip else 1.0 for flip in flips]
    sizes = np.diag([scale * signs[0], scale * signs[1], 1])
    there = move(width * (0.5 + shift[0]), height * (0.5 + shift[1]))
    return there @ rotation @ slant @ sizes @ move(-width / 2, -height / 2)
