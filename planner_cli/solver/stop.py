"""The stop signal, and how work hears it."""

from collections.abc import Callable

Stop = Callable[[], bool]


def never() -> bool:
    """Never stop."""
    return False


class StoppedEarly(Exception):
    """The stop signal came before the work was done."""


def heed(stop: Stop) -> None:
    """Raise where the work is to end.

    Raises
    ------
    StoppedEarly
        If `stop` answers True.
    """
    if stop():
        raise StoppedEarly
