# ruff: noqa: INP001 - a module of the image
"""What the image has in the place of pandas.

OR-Tools imports pandas for the annotations of its vectorised helpers (`new_int_var_series` and the
like), which the planner does not call. The real one costs 84 MB with its byte code, and half of the
solver's start; the classes here satisfy the annotations, and say so when somebody wants one.
"""

from typing import NoReturn


class _Absent:
    """A class that annotations may name and nobody can make."""

    def __init__(self, *_: object, **__: object) -> NoReturn:
        """Refuse.

        Raises
        ------
        ImportError
            Always: this image has no pandas.
        """
        raise ImportError("pandas is not part of the planner's image (see docs/container.md).")


class Index(_Absent):
    """`pandas.Index`, for annotations."""


class Series(_Absent):
    """`pandas.Series`, for annotations."""


class DataFrame(_Absent):
    """`pandas.DataFrame`, for annotations."""
