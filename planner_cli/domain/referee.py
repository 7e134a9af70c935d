"""The referee: an independent check of any line set; it shares no code with the solver."""

from collections import Counter
from collections.abc import Iterator, Sequence

from planner_cli.domain.constraints.clause import SetClause
from planner_cli.domain.constraints.on_set import Posts
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import LineRecord, Problem
from planner_cli.domain.rules.base import Violation
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.rules.catalogue import rule_book

ACCREDITED_POSTS = "ACCREDITED_POSTS"
LINE_SHAPE = "LINE_SHAPE"
LINE_COUNT = "LINE_COUNT"
#: What holds of every set, whatever the rules.
_ALWAYS = SetClause(
    "{name} ({position}) in Term {term}: {found} people on {limit} accredited posts", {}, Posts()
)
_ALWAYS_SOURCE = "AU-1-posts: only accredited posts count (Medical Board of Australia)"


def violations(
    problem: Problem, records: Sequence[LineRecord], book: RuleBook | None = None
) -> tuple[Violation, ...]:
    """Check a whole set of lines against every rule of a problem.

    Parameters
    ----------
    problem
        The problem the lines answer.
    records
        The lines, as the solver or anybody else wrote them down.
    book
        The rules; absent: those the problem names.

    Returns
    -------
    tuple of Violation
        Empty when the set is legal. Those of locked lines are marked: the manager overrode them.
    """
    book = book or rule_book(problem)
    locked = {record.name for record in problem.locked_lines}
    found: list[Violation] = list(_count_violations(problem, records))
    lines: list[JobLine] = []
    for record in records:
        faults = list(_shape_violations(problem, record))
        found.extend(faults)
        if not faults:
            lines.append(JobLine.from_record(record, problem, locked=record.name in locked))
    for line in lines:
        found.extend(_span_violations(line))
        for rule in book.rules:
            found.extend(rule.violations(line))
    found.extend(_post_violations(problem, lines))
    for rule in book.rules:
        found.extend(rule.set_violations(problem, lines))
    return tuple(found)


def objections(found: Sequence[Violation]) -> tuple[Violation, ...]:
    """Give the violations that make a set illegal: all but those of lines locked by hand."""
    return tuple(violation for violation in found if not violation.locked)


def _count_violations(problem: Problem, records: Sequence[LineRecord]) -> Iterator[Violation]:
    n_lines, wanted = len(records), problem.n_job_lines
    if n_lines > wanted or (n_lines < wanted and not problem.allow_partial):
        message = f"{n_lines} lines, {wanted} asked for"
        yield Violation(LINE_COUNT, None, message, n_lines, wanted, "the problem itself")
    for name, n_times in Counter(record.name for record in records).items():
        if n_times > 1:
            message = f"{n_times} lines are named {name}"
            yield Violation(LINE_COUNT, name, message, n_times, 1, "the problem itself")


def _shape_violations(problem: Problem, record: LineRecord) -> Iterator[Violation]:
    def fault(message: str) -> Violation:
        return Violation(LINE_SHAPE, record.name, message, source="what a job line is")

    n_terms = len(problem.terms)
    in_term = Counter(rotation.term for rotation in record.rotations)
    for number in range(1, n_terms + 1):
        if in_term[number] != 1:
            yield fault(f"{in_term[number]} positions in Term {number}, one needed")
    for number in sorted(set(in_term) - set(range(1, n_terms + 1))):
        yield fault(f"a rotation in Term {number}, the year has {n_terms}")
    for rotation in record.rotations:
        if rotation.position not in problem.position_by_id:
            yield fault(f"unknown position {rotation.position} in Term {rotation.term}")
    last = 0
    for block in sorted(record.leave, key=lambda block: block.start_week):
        if block.start_week <= last:
            yield fault(f"blocks of leave overlap in week {block.start_week}")
        if block.end_week > problem.year_weeks:
            yield fault(f"leave ends in week {block.end_week}, the year has {problem.year_weeks}")
        last = block.end_week


def _span_violations(line: JobLine) -> Iterator[Violation]:
    index = 0
    while index < len(line.positions):
        position = line.positions[index]
        rest = line.positions[index : index + position.span_terms]
        if len(rest) < position.span_terms or any(p.id != position.id for p in rest):
            message = (
                f"{position.name} ({position.id}) takes {position.span_terms} consecutive terms, "
                f"found alone in Term {index + 1}"
            )
            yield Violation(
                LINE_SHAPE,
                line.name,
                message,
                source="span_terms of the position",
                locked=line.locked,
            )
            index += 1
        else:
            index += position.span_terms


def _post_violations(problem: Problem, lines: Sequence[JobLine]) -> Iterator[Violation]:
    for breach in _ALWAYS.constraint.breaches(problem, lines):
        message = _ALWAYS.sentence(breach)
        yield Violation(ACCREDITED_POSTS, None, message, breach.found, breach.limit, _ALWAYS_SOURCE)
