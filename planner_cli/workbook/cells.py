"""Cells and sheets, apart from any library that writes them."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, or several merged into one.

    Parameters
    ----------
    value
        Text or number; None leaves it empty.
    columns, rows
        How many columns and rows it covers.
    fill
        Background as six hexadecimal digits; empty for none.
    bold, centred, wrap
        How the text looks.
    """

    value: str | int | float | None
    columns: int = 1
    rows: int = 1
    fill: str = ""
    bold: bool = False
    centred: bool = False
    wrap: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give what differs from a plain cell, as the dashboard writes its cells."""
        plain = Cell(None)
        told = asdict(self)
        return {"value": self.value} | {k: v for k, v in told.items() if v != getattr(plain, k)}


#: A row of a sheet; None is covered by a merged cell, or empty.
Row = list[Cell | None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: all rows have the same number of cells.

    Parameters
    ----------
    name
        Its name on the tab.
    widths
        Width of each column in characters.
    frozen_rows, frozen_columns
        How many stay in sight.
    rows
        Its cells.
    """

    name: str
    widths: tuple[float, ...]
    frozen_rows: int
    frozen_columns: int
    rows: tuple[Row, ...]


def spread(cell: Cell) -> Row:
    """Give a cell and the empty places it covers in its row."""
    return [cell, *blank(cell.columns - 1)]


def blank(n_cells: int) -> Row:
    """Give so many empty places."""
    return [None] * n_cells


def head(value: str, *, columns: int = 1, rows: int = 1, centred: bool = False) -> Cell:
    """Give a cell of a heading."""
    return Cell(value, columns=columns, rows=rows, fill="DDE3E8", bold=True, centred=centred)
