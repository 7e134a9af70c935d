"""The workbook a workforce unit takes away: lines by weeks, unit fill, every rule's evidence.

`writing` needs openpyxl (the extra `xlsx`); the rest needs nothing.
"""

from planner_cli.workbook.cells import Cell, Sheet
from planner_cli.workbook.line_set import LineSet
from planner_cli.workbook.sheets import sheets

__all__ = ["Cell", "LineSet", "Sheet", "sheets"]
