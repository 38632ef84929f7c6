"""Mistakes that run without an error, each a function that shows the wrong number."""

from dataclasses import dataclass

__all__ = ["KINDS", "Shown"]

KINDS = {
    "value": "finite, and not what it should be",
    "factor": "off by exactly the stated factor",
    "negative": "below zero, where a loss cannot be",
    "vanishes": "exactly zero, where it must not be",
    "nan": "not a number",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a mistake gives, what it should be, and how the two differ.

    Attributes
    ----------
    wrong, right : float
        What the mistake gives; what the cure gives.
    kind : str
        How the two differ, one of `KINDS`.
    factor : float, optional
        For the kind "factor": wrong divided by right.
    """

    wrong: float
    right: float
    kind: str = "value"
    factor: float | None = None
