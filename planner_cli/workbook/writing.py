"""Writing sheets as a workbook, with openpyxl: import this only where workbooks are written."""

import io
from collections.abc import Iterable
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from planner_cli.workbook.cells import Cell, Sheet

#: Signs a spreadsheet would take for the start of a formula.
_FORMULA = ("=", "+", "-", "@")


def workbook_bytes(sheets: Iterable[Sheet]) -> bytes:
    """Return sheets as the bytes of an xlsx file."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _write(book.create_sheet(sheet.name), sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(page: Worksheet, sheet: Sheet) -> None:
    for number, width in enumerate(sheet.widths, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    styles = _Styles()
    for row_number, row in enumerate(sheet.rows, 1):
        for column, cell in enumerate(row, 1):
            if cell is not None:
                _place(page, row_number, column, cell, styles)
    column_letter = get_column_letter(sheet.frozen_columns + 1)
    page.freeze_panes = f"{column_letter}{sheet.frozen_rows + 1}"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = f"1:{sheet.frozen_rows}"


def _place(page: Worksheet, row: int, column: int, cell: Cell, styles: "_Styles") -> None:
    written: Any = page.cell(row, column)
    if cell.value not in {None, ""}:
        written.value = cell.value
        # A name is a name, never a formula.
        if isinstance(cell.value, str) and cell.value.startswith(_FORMULA):
            written.data_type = "s"
            written.quotePrefix = True
    written.alignment = styles.alignment(cell)
    if cell.bold:
        written.font = styles.bold
    if cell.fill:
        written.fill, written.border = styles.fill(cell.fill), styles.border
    if cell.columns > 1 or cell.rows > 1:
        page.merge_cells(
            start_row=row,
            start_column=column,
            end_row=row + cell.rows - 1,
            end_column=column + cell.columns - 1,
        )


class _Styles:
    """The few styles of a workbook, each made once."""

    def __init__(self) -> None:
        side = Side(style="thin", color="B8C0C8")
        self.bold = Font(bold=True)
        self.border = Border(left=side, right=side, top=side, bottom=side)
        self._fills: dict[str, Any] = {}
        self._alignments = {
            (centred, wrap): Alignment(
                horizontal="center" if centred else None, vertical="center", wrap_text=wrap
            )
            for centred in (False, True)
            for wrap in (False, True)
        }

    def fill(self, colour: str) -> Any:
        """Give the solid fill of a colour."""
        if colour not in self._fills:
            self._fills[colour] = PatternFill("solid", start_color=colour)
        return self._fills[colour]

    def alignment(self, cell: Cell) -> Any:
        """Give the alignment of a cell."""
        return self._alignments[cell.centred, cell.wrap]
