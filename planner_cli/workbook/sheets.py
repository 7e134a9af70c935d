"""What stands where; the dashboard lays out the same cells (features/lines/workbook.ts)."""

from collections.abc import Iterator
from datetime import date

from planner_cli.domain.lines import JobLine
from planner_cli.domain.occupancy import posts_used
from planner_cli.domain.problem import Position, Problem
from planner_cli.domain.rules.base import CERTAINTY_MEANS, Rule
from planner_cli.workbook.cells import Cell, Row, Sheet, blank, head, spread
from planner_cli.workbook.line_set import LineSet
from planner_cli.workbook.words import SERVICE_FILL, bounds_text, fills

_LEAVE_FILL = "FFFFFF"
_SHORT_FILL = "FBDFC6"
_LEGEND_COLUMNS = 12
_UNIT_HEADS = ("Id", "Unit", "Site", "Specialty", "Categories")
_RULE_HEADS = (
    "Rule", "Means", "Bounds", "Verdict", "Objections", "How sure", "Sources", "Note",
)  # fmt: skip


def sheets(lines: LineSet) -> tuple[Sheet, ...]:
    """Lay out the three sheets: lines by weeks, unit fill, rules."""
    return (_lines_sheet(lines), _fill_sheet(lines), _rules_sheet(lines))


def _lines_sheet(found: LineSet) -> Sheet:
    problem = found.problem
    n_weeks = problem.year_weeks
    heads = [
        cell
        for number, term in enumerate(problem.terms, 1)
        for cell in spread(
            head(
                f"Term {number}, {term.weeks} weeks{_from(term.starts_on)}",
                columns=term.weeks,
                centred=True,
            )
        )
    ]
    numbers = [head(str(week), centred=True) for week in range(1, n_weeks + 1)]
    title = f"{problem.name}: {len(found.lines)} lines"
    rows: list[Row] = [
        spread(Cell(title, bold=True, columns=n_weeks + 3)),
        [head("Line", rows=2), *heads, head("Score", rows=2), head("Locked", rows=2)],
        [None, *numbers, None, None],
    ]
    fill_of = fills(problem.positions)
    for line, score in zip(found.lines, found.scores, strict=True):
        rows.extend(_line_rows(problem, line, score, fill_of))
    rows.append(blank(n_weeks + 3))
    rows.extend(_legend(problem, fill_of))
    widths = (14, *([3.2] * n_weeks), 8, 8)
    return Sheet("Lines", widths, frozen_rows=3, frozen_columns=1, rows=tuple(rows))


def _from(starts_on: date | None) -> str:
    return "" if starts_on is None else f" from {starts_on:%d/%m/%Y}"


def _line_rows(
    problem: Problem, line: JobLine, score: int | None, fill_of: dict[str, str]
) -> tuple[Row, Row]:
    above: Row = [Cell(line.name, bold=True, rows=2)]
    below: Row = [None]
    away = {w for b in line.leave for w in range(b.start_week, b.end_week + 1)}
    for index, (term, position) in enumerate(line.rotations()):
        first = problem.first_weeks[index]
        weeks = range(first, first + term.weeks)
        above.extend(_blocks(position, weeks, away, fill_of))
        notes = " · ".join(filter(None, (" ".join(position.categories), position.site)))
        below.extend(spread(Cell(notes, columns=term.weeks, centred=True)))
    above += [Cell(score, rows=2), Cell("locked" if line.locked else "", rows=2)]
    below += blank(2)
    return above, below


def _blocks(
    position: Position, weeks: range, away: set[int], fill_of: dict[str, str]
) -> Iterator[Cell | None]:
    """Yield a merged block for each stretch of work or leave within a term."""
    colour = SERVICE_FILL if position.service else fill_of.get(position.specialty, _LEAVE_FILL)
    week = weeks.start
    while week < weeks.stop:
        on_leave = week in away
        end = week
        while end + 1 < weeks.stop and ((end + 1) in away) == on_leave:
            end += 1
        text, fill = ("Leave", _LEAVE_FILL) if on_leave else (position.name, colour)
        yield from spread(Cell(text, fill=fill, columns=end - week + 1, centred=True))
        week = end + 1


def _legend(problem: Problem, fill_of: dict[str, str]) -> Iterator[Row]:
    named = list(fill_of.items())
    if any(position.service for position in problem.positions):
        named.append(("service (relief, nights)", SERVICE_FILL))
    for text, colour in named:
        cell = Cell(text, fill=colour, columns=_LEGEND_COLUMNS)
        yield [None, *spread(cell), *blank(problem.year_weeks - _LEGEND_COLUMNS + 2)]


def _fill_sheet(found: LineSet) -> Sheet:
    problem = found.problem
    used = posts_used(found.lines)
    n_terms = len(problem.terms)
    terms = [
        cell
        for number in range(1, n_terms + 1)
        for cell in spread(head(f"Term {number}", columns=3, centred=True))
    ]
    kinds = [head(word) for _ in problem.terms for word in ("People", "Funded", "Accredited")]
    rows: list[Row] = [
        [*(head(word, rows=2) for word in _UNIT_HEADS), *terms],
        [*blank(len(_UNIT_HEADS)), *kinds],
    ]
    for position in problem.positions:
        row: Row = [
            Cell(position.id),
            Cell(position.name),
            Cell(position.site),
            Cell(position.key),
            Cell(" ".join(position.categories)),
        ]
        for term in range(n_terms):
            people, funded = used[position.id, term], position.posts_min[term]
            short = _SHORT_FILL if people < funded else ""
            row += [Cell(people, fill=short), Cell(funded), Cell(position.posts_max[term])]
        rows.append(row)
    widths = (14, 34, 22, 24, 11, *([8, 8, 10] * n_terms))
    return Sheet("Unit fill", widths, frozen_rows=2, frozen_columns=2, rows=tuple(rows))


def _rules_sheet(found: LineSet) -> Sheet:
    rows: list[Row] = [[head(text) for text in _RULE_HEADS]]
    rows.extend(_rule_row(found, rule) for rule in found.rules)
    widths = (28, 40, 30, 26, 50, 34, 60, 50)
    return Sheet("Rules", widths, frozen_rows=1, frozen_columns=1, rows=tuple(rows))


def _rule_row(found: LineSet, rule: Rule) -> Row:
    objections = [violation for violation in found.found if violation.rule == rule.NAME]
    said = [v.message if v.line is None else f"{v.line}: {v.message}" for v in objections]
    met = f"met by all {len(found.lines)} lines"
    evidence = rule.evidence
    texts = (
        rule.MEANS,
        bounds_text(rule),
        f"{len(objections)} objections" if objections else met,
        "\n".join(said),
        CERTAINTY_MEANS[evidence.certainty] if evidence.certainty else "local rule",
        "\n".join(evidence.sources),
        evidence.note,
    )
    return [Cell(rule.NAME, bold=True), *(Cell(text, wrap=True) for text in texts)]
