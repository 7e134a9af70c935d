"""Contradictions within a problem whose fields are each well formed: sums, dates, ids, bounds."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from planner_cli.domain.issues import InputIssue, nearest, shorten
from planner_cli.domain.problem import LineRecord, Position, Problem
from planner_cli.domain.rules.catalogue import constraint_issues, rule_book
from planner_cli.domain.rules.leave import AnnualLeave

#: A clinical year is 52 weeks; every few years the calendar gives it one more.
YEAR_WEEKS = (52, 53)
#: Days a term's dates may differ from its weeks: some calendars do not change on Mondays.
_SLACK_DAYS = 3


def contradictions(problem: Problem) -> list[InputIssue]:
    """Name every field that contradicts another; empty when the problem is consistent."""
    issues = [
        *_term_issues(problem),
        *_position_issues(problem),
        *constraint_issues(problem.constraints),
        *_affinity_issues(problem),
        *_locked_issues(problem),
        *_pathway_issues(problem),
    ]
    return issues or list(_leave_issues(problem))


def _term_issues(problem: Problem) -> Iterator[InputIssue]:
    total = problem.year_weeks
    if total not in YEAR_WEEKS:
        lengths = " + ".join(str(term.weeks) for term in problem.terms)
        yield InputIssue(
            "terms",
            f"{lengths} = {total}",
            "the terms do not add up to a year of 52 (or 53) weeks",
            "Correct the weeks of the terms.",
        )
    dated = [term.starts_on is not None for term in problem.terms]
    if any(dated) and not all(dated):
        number = dated.index(False)
        yield InputIssue(
            f"terms[{number}].starts_on",
            "null",
            "is missing while other terms have a date",
            "Give every term its first day, or none.",
        )
        return
    for index in range(len(problem.terms) - 1):
        yield from _date_issues(problem, index)


def _date_issues(problem: Problem, index: int) -> Iterator[InputIssue]:
    term, following = problem.terms[index], problem.terms[index + 1]
    if term.starts_on is None or following.starts_on is None:
        return
    ends_on = term.starts_on + timedelta(weeks=term.weeks)
    days = (following.starts_on - ends_on).days
    if abs(days) <= _SLACK_DAYS:
        return
    fault = (
        f"overlaps Term {index + 1} by {-days} days" if days < 0 else f"leaves {days} days unused"
    )
    yield InputIssue(
        f"terms[{index + 1}].starts_on",
        following.starts_on.isoformat(),
        f"Term {index + 2} {fault}: Term {index + 1} starts {term.starts_on.isoformat()} "
        f"and has {term.weeks} weeks",
        f"Start it on {ends_on.isoformat()}, or correct the weeks of Term {index + 1}.",
    )


def _position_issues(problem: Problem) -> Iterator[InputIssue]:
    n_terms, seen = len(problem.terms), dict[str, int]()
    for index, position in enumerate(problem.positions):
        field = f"positions[{index}]"
        if position.id in seen:
            yield InputIssue(
                f"{field}.id",
                position.id,
                f"is the id of positions[{seen[position.id]}] too",
                "Give every position its own id.",
            )
        seen.setdefault(position.id, index)
        if len(position.categories) > 2 or len(set(position.categories)) < len(position.categories):
            yield InputIssue(
                f"{field}.categories",
                ", ".join(position.categories),
                f"{position.id} names more than two categories, or one twice",
                "A term counts for at most two different categories (Medical Board of Australia).",
            )
        yield from _post_issues(position, field, n_terms)


def _post_issues(position: Position, field: str, n_terms: int) -> Iterator[InputIssue]:
    for name, posts in (("posts_min", position.posts_min), ("posts_max", position.posts_max)):
        if len(posts) != n_terms:
            yield InputIssue(
                f"{field}.{name}",
                f"{len(posts)} numbers",
                f"{position.id} needs one number for each of the {n_terms} terms",
                f"Give {n_terms} numbers.",
            )
    for term, (least, most) in enumerate(zip(position.posts_min, position.posts_max, strict=False)):
        if least > most:
            yield InputIssue(
                f"{field}.posts_min[{term}]",
                str(least),
                f"{position.id} has only {most} accredited posts in Term {term + 1}",
                "Lower posts_min or raise posts_max.",
            )
    if position.span_terms > n_terms:
        yield InputIssue(
            f"{field}.span_terms",
            str(position.span_terms),
            f"{position.id} takes more terms than the year has",
            "Lower span_terms.",
        )


def _affinity_issues(problem: Problem) -> Iterator[InputIssue]:
    affinity = problem.affinity or {}
    for first, row in affinity.items():
        for second, value in row.items():
            other = affinity.get(second, {}).get(first)
            if other is not None and other != value:
                yield InputIssue(
                    f"affinity.{first}.{second}",
                    str(value),
                    f"differs from affinity.{second}.{first} ({other}); affinity is symmetric",
                    "Give the pair once, or the same number twice.",
                )


def _locked_issues(problem: Problem) -> Iterator[InputIssue]:
    if len(problem.locked_lines) > problem.n_job_lines:
        yield InputIssue(
            "n_job_lines",
            str(problem.n_job_lines),
            f"is less than the {len(problem.locked_lines)} locked lines, which it includes",
            "Ask for more lines, or unlock some.",
        )
    names = Counter(record.name for record in problem.locked_lines)
    for index, record in enumerate(problem.locked_lines):
        field = f"locked_lines[{index}]"
        if names[record.name] > 1:
            yield InputIssue(
                f"{field}.name",
                record.name,
                "is the name of two locked lines",
                "Give every line its own name.",
            )
        yield from _record_issues(problem, record, field)


def _record_issues(problem: Problem, record: LineRecord, field: str) -> Iterator[InputIssue]:
    numbers = Counter(rotation.term for rotation in record.rotations)
    expected = Counter(range(1, len(problem.terms) + 1))
    if numbers != expected:
        yield InputIssue(
            f"{field}.rotations",
            "terms " + ", ".join(map(str, sorted(numbers.elements()))),
            f"{record.name} needs one rotation in each of the {len(problem.terms)} terms",
            "Give every term once.",
        )
    for index, rotation in enumerate(record.rotations):
        if rotation.position not in problem.position_by_id:
            yield InputIssue(
                f"{field}.rotations[{index}].position",
                rotation.position,
                "is not a position of this problem",
                nearest(rotation.position, problem.position_by_id),
            )
    last_week = 0
    for index, block in enumerate(record.leave):
        if block.start_week <= last_week:
            yield InputIssue(
                f"{field}.leave[{index}]",
                f"weeks {block.start_week} to {block.end_week}",
                "starts before the block above it has ended",
                "Give the blocks in order of time, apart from each other.",
            )
        last_week = block.end_week
        if block.end_week > problem.year_weeks:
            yield InputIssue(
                f"{field}.leave[{index}]",
                f"weeks {block.start_week} to {block.end_week}",
                f"ends after the year's {problem.year_weeks} weeks",
                "Correct start_week or weeks.",
            )


def _pathway_issues(problem: Problem) -> Iterator[InputIssue]:
    areas = {a for p in problem.positions for a in (p.specialty, p.subspecialty) if a}
    names = Counter(pathway.name for pathway in problem.pathways)
    for index, pathway in enumerate(problem.pathways):
        field = f"pathways[{index}]"
        if names[pathway.name] > 1:
            yield InputIssue(
                f"{field}.name",
                pathway.name,
                "is the name of two pathways",
                "Give every pathway its own name.",
            )
        if not pathway.positions and not pathway.specialties:
            yield InputIssue(
                field,
                pathway.name,
                "asks for no position and no specialty",
                "Give positions or specialties.",
            )
        if pathway.n_lines > problem.n_job_lines:
            yield InputIssue(
                f"{field}.n_lines",
                str(pathway.n_lines),
                f"is more than the {problem.n_job_lines} lines asked for",
                "Lower it.",
            )
        for name, words, known in (
            ("positions", pathway.positions, set(problem.position_by_id)),
            ("specialties", pathway.specialties, areas),
        ):
            for word in words:
                if word not in known:
                    yield InputIssue(
                        f"{field}.{name}",
                        word,
                        f"is not one of this problem's {name}",
                        nearest(word, known),
                    )


def _leave_issues(problem: Problem) -> Iterator[InputIssue]:
    rule = rule_book(problem).find(AnnualLeave)
    if rule is None or rule.weeks is None:
        return
    for split in rule.blocks:
        if sum(split) != rule.weeks:
            yield InputIssue(
                "constraints.ANNUAL_LEAVE.blocks",
                shorten(list(split)),
                f"does not add up to the {rule.weeks} weeks of leave",
                "Correct the blocks, or annual_leave_weeks.",
            )
