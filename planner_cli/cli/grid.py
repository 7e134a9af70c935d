"""The grid of lines x terms: units coloured by specialty, leave marked, names made to fit."""

from collections.abc import Sequence

from rich.columns import Columns
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
#: Columns a term needs at least, and those of a leave mark.
_NARROWEST_TERM = 5
_MARK_WIDTH = 3
_SCORE_WIDTH = 7
#: Below this width the scores are left out.
_WIDTH_FOR_SCORES = 60


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
    with_scores = width >= _WIDTH_FOR_SCORES
    name_width = min(max(len(_name(line)) for line in lines) if lines else 4, max(4, width // 6))
    room = width - name_width - (_SCORE_WIDTH if with_scores else 0)
    term_width = max(_NARROWEST_TERM, room // len(problem.terms) - 2)
    labels = _labels(problem, lines, term_width)
    widest = max((len(label) for label in labels.values()), default=0)
    mark_width = _MARK_WIDTH if any(line.leave for line in lines) else 0
    term_width = min(term_width, max(widest + mark_width, len("Term 1 · 10 wk")))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("Line", width=name_width, no_wrap=True, overflow="ellipsis")
    for number, term in enumerate(problem.terms, start=1):
        heading = _heading(number, term.weeks, term_width)
        table.add_column(heading, width=term_width, no_wrap=True, overflow="ellipsis")
    if with_scores:
        table.add_column("Score", justify="right", no_wrap=True)
    colour_of = colours(problem)
    for line, points in zip(lines, scores, strict=True):
        cells = [
            _cell(position, labels[position.id], weeks_away, colour_of)
            for position, weeks_away in zip(line.positions, line.leave_by_term, strict=True)
        ]
        table.add_row(_name(line), *cells, *([str(points)] if with_scores else []))
    return table


def legend(problem: Problem, lines: Sequence[JobLine]) -> Columns:
    """Explain colours and marks, each in one piece."""
    entries = [
        Text.assemble(("■ ", colour), specialty, overflow="ellipsis")
        for specialty, colour in colours(problem).items()
    ]
    if any(position.service for position in problem.positions):
        entries.append(Text.assemble(("■ ", "dim italic"), "Relief and nights"))
    if any(line.leave for line in lines):
        entries.append(Text(f"{LEAVE_MARK}2 two weeks of leave in the term"))
    if any(line.locked for line in lines):
        entries.append(Text(f"{LOCK_MARK} locked by hand"))
    return Columns(entries, padding=(0, 3))


def _name(line: JobLine) -> str:
    return f"{LOCK_MARK}{line.name}" if line.locked else line.name


def _heading(number: int, weeks: int, width: int) -> str:
    wide = f"Term {number} · {weeks} wk"
    return wide if len(wide) <= width else f"T{number}·{weeks}"


def _labels(problem: Problem, lines: Sequence[JobLine], width: int) -> dict[str, str]:
    """Give each position the one label it has in every cell."""
    room = width - (_MARK_WIDTH if any(line.leave for line in lines) else 0)
    names = [position.name for position in problem.positions]
    return {position.id: _fit(position, room, names) for position in problem.positions}


def _fit(position: Position, width: int, names: Sequence[str]) -> str:
    name, kept = position.name, max(1, width - 1)
    if len(name) <= width:
        return name
    alike = sum(other.startswith(name[:kept]) for other in names) > 1
    if len(position.id) <= width and (alike or kept < 0.6 * len(name)):
        return position.id
    return name[:kept] + "…"


def _cell(position: Position, label: str, weeks_away: int, colour_of: dict[str, str]) -> Text:
    style = "dim italic" if position.service else colour_of[position.specialty]
    text = Text(label, style=style, no_wrap=True)
    if weeks_away:
        text.append(f" {LEAVE_MARK}{weeks_away}", style="bold not italic not dim")
    return text
