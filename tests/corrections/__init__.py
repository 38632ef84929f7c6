"""What cheat sheets get wrong, each a function of a few lines that shows it."""

from dataclasses import dataclass

__all__ = ["Gone", "Seen", "Told"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What comes of what is written, and what is true.

    Attributes
    ----------
    written, true : float
        The two numbers; what is true is finite, the other need not be.
    """

    written: float
    true: float


@dataclass(frozen=True, slots=True)
class Gone:
    """What a call that is written everywhere raises.

    Attributes
    ----------
    raised : Exception
        The error.
    about : str
        A word of its message, so that no other error passes for it.
    """

    raised: Exception
    about: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a call warns of that does not do what is written, or will not for long.

    Attributes
    ----------
    heard : list of warnings.WarningMessage
        The warnings.
    about : str
        A word of the message.
    """

    heard: list
    about: str
