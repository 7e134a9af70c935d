"""The grid of lines x terms: units coloured by specialty, leave marked, names made to fit."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Position, Problem

#: Colours that stay apart on light and dark terminals; service terms are dim.
_PALETTE = (
    "red", "blue", "green", "magenta", "dark_orange3", "cyan", "purple", "gold3",
    "deep_pink3", "chartreuse4", "dodger_blue2", "indian_red", "turquoise4", "orchid", "grey58",
)  # fmt: skip
LEAVE_MARK = "◦"
LOCK_MARK = "="
#: Columns that name, score, borders and one term need at least.
_NARROWEST_TERM = 6


def colours(problem: Problem) -> dict[str, str]:
    """Give each specialty its colour, the same for the same problem."""
    specialties = dict.fromkeys(p.specialty for p in problem.positions if p.service is None)
    return {s: _PALETTE[index % len(_PALETTE)] for index, s in enumerate(specialties)}


def grid(problem: Problem, lines: Sequence[JobLine], scores: Sequence[int], width: int) -> Table:
    """Lay out lines x terms in `width` columns.

    Parameters
    ----------
    problem
        The problem the lines answer.
    lines, scores
        The lines with their own scores, in order.
    width
        Columns of the terminal; names are shortened, then ids used, until they fit.
    """
    longest = max((len(line.name) for line in lines), default=4)
    name_width = min(max(4, longest), max(8, width // 6))
    with_score = width >= 60
    spent = name_width + 2 + (8 if with_score else 0)
    term_width = max(_NARROWEST_TERM, (width - spent) // len(problem.terms) - 2)
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold", show_edge=False)
    table.add_column("Line", width=name_width, no_wrap=True, overflow="ellipsis")
    for number, term in enumerate(problem.terms, start=1):
        table.add_column(
            _heading(number, term.weeks, term_width), max_width=term_width, no_wrap=True
        )
    if with_score:
        table.add_column("Score", justify="right", no_wrap=True)
    colour_of = colours(problem)
    for line, points in zip(lines, scores, strict=True):
        name = f"{LOCK_MARK}{line.name}" if line.locked else line.name
        cells = [
            _cell(position, weeks_away, colour_of, term_width)
            for position, weeks_away in zip(line.positions, line.leave_by_term, strict=True)
        ]
        table.add_row(name, *cells, *([str(points)] if with_score else []))
    return table


def legend(problem: Problem, lines: Sequence[JobLine]) -> Text:
    """Explain colours and marks in one paragraph."""
    text = Text()
    for specialty, colour in colours(problem).items():
        text.append("■ ", style=colour)
        text.append(f"{specialty}   ")
    if any(position.service for position in problem.positions):
        text.append("■ ", style="dim")
        text.append("service (relief, nights)   ")
    if any(line.leave for line in lines):
        text.append(f"{LEAVE_MARK}2 two weeks of leave in that term   ")
    if any(line.locked for line in lines):
        text.append(f"{LOCK_MARK} locked   ")
    text.rstrip()
    return text


def _heading(number: int, weeks: int, width: int) -> str:
    wide = f"Term {number} · {weeks} wk"
    return wide if len(wide) <= width else f"T{number}·{weeks}"


def _cell(position: Position, weeks_away: int, colour_of: dict[str, str], width: int) -> Text:
    mark = f" {LEAVE_MARK}{weeks_away}" if weeks_away else ""
    name = _fit(position, width - len(mark))
    style = "dim italic" if position.service else colour_of[position.specialty]
    text = Text(name, style=style, no_wrap=True)
    text.append(mark, style="bold")
    return text


def _fit(position: Position, width: int) -> str:
    if len(position.name) <= width:
        return position.name
    if len(position.id) <= width < 16:
        return position.id
    return position.name[: max(1, width - 1)] + "…"
