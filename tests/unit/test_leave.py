"""Annual leave: every line gets its own, few are away at once, wishes never cost a line."""

import json
import random
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from planner_cli.domain.lines import JobLine
from planner_cli.domain.occupancy import away_by_week
from planner_cli.domain.problem import Leave, Position, Problem, Term
from planner_cli.domain.reading import read_problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.domain.rules.leave import AnnualLeave
from planner_cli.solver.leave.placing import LeaveImpossible, place_leave

PROBLEMS = Path(__file__).parents[1] / "benchmarks" / "problems"


def unit(
    name: str, *, service: Literal["relief", "nights"] | None = None, n_terms: int = 3
) -> Position:
    return Position(
        id=name,
        name=name,
        site="North",
        specialty="Medicine",
        categories=("A",),
        service=service,
        posts_min=(0,) * n_terms,
        posts_max=(99,) * n_terms,
    )


def problem_of(*positions: Position, weeks: tuple[int, ...] = (4, 4, 4), **rest: Any) -> Problem:
    terms = tuple(Term(weeks=n) for n in weeks)
    fields = {"n_job_lines": 1, "constraints": (), **rest}
    return Problem(name="Small", terms=terms, positions=positions, **fields)


def lines_on(problem: Problem, *held: tuple[str, ...]) -> list[JobLine]:
    by_id = problem.position_by_id
    return [
        JobLine(f"Line {n}", tuple(by_id[name] for name in names), problem.terms)
        for n, names in enumerate(held)
    ]


def placed(
    problem: Problem, lines: list[JobLine], book: RuleBook | None = None
) -> tuple[JobLine, ...]:
    """Lines with their leave, which no rule objects to."""
    book = book or rule_book(problem)
    found = place_leave(problem, book, lines)
    assert not isinstance(found, LeaveImpossible)
    for line in found:
        assert not [v for rule in book.rules for v in rule.violations(line)]
    assert not [v for rule in book.rules for v in rule.set_violations(problem, found)]
    return found


def random_lines(problem: Problem, seed: int) -> list[JobLine]:
    """Lines within the accredited posts, with no thought of rules."""
    dice, seats = random.Random(seed), []  # noqa: S311
    for term in range(len(problem.terms)):
        posts = [p for p in problem.positions for _ in range(p.posts_max[term])]
        dice.shuffle(posts)
        seats.append(posts[: problem.n_job_lines])
    return [
        JobLine(f"Line {n}", positions, problem.terms)
        for n, positions in enumerate(zip(*seats, strict=True))
    ]


@pytest.mark.parametrize("name", ["synthetic_10", "synthetic_40", "synthetic_140"])
def test_leave_of_a_whole_hospital_keeps_every_cap_and_meets_the_wish_for_the_first_half(
    name: str,
) -> None:
    problem = read_problem(json.loads((PROBLEMS / f"{name}.json").read_text()))
    book = rule_book(problem)
    rule = book.find(AnnualLeave)
    assert rule is not None
    found = place_leave(problem, book, random_lines(problem, 1))
    assert not isinstance(found, LeaveImpossible)
    assert not [v for line in found for v in rule.violations(line)]
    assert not list(rule.set_violations(problem, found))
    weeks = [w for line in found for b in line.leave for w in range(b.start_week, b.end_week + 1)]
    in_first_half = sum(week <= problem.year_weeks // 2 for week in weeks)
    assert in_first_half / len(weeks) == pytest.approx(0.7, abs=0.02)


def test_the_leave_of_2000_lines_takes_seconds_not_minutes() -> None:
    problem = read_problem(json.loads((PROBLEMS / "synthetic_2000.json").read_text()))
    started_at = time.monotonic()
    assert isinstance(place_leave(problem, rule_book(problem), random_lines(problem, 1)), tuple)
    assert time.monotonic() - started_at < 10


def test_the_same_lines_get_the_same_leave_every_time() -> None:
    problem = read_problem(json.loads((PROBLEMS / "synthetic_40.json").read_text()))
    lines, book = random_lines(problem, 1), rule_book(problem)
    assert place_leave(problem, book, lines) == place_leave(problem, book, lines)


def test_without_a_rule_leave_is_dealt_in_two_even_blocks_with_nobody_away_together() -> None:
    problem = problem_of(unit("A"), weeks=(26, 25, 1), annual_leave_weeks=5)
    found = placed(problem, lines_on(problem, *[("A", "A", "A")] * 6))
    assert {tuple(sorted(b.weeks for b in line.leave)) for line in found} == {(2, 3)}
    assert max(away_by_week(problem, found).values()) == 1


def test_leave_is_not_forced_early_on_a_relief_term() -> None:
    problem = problem_of(
        unit("A"), unit("RELIEF", service="relief"), weeks=(13, 13, 26), annual_leave_weeks=4
    )
    found = placed(problem, lines_on(problem, ("RELIEF", "A", "A")))
    assert found[0].leave_by_term[0] == 0


def test_a_line_over_the_service_cap_takes_enough_leave_in_its_service_term() -> None:
    caps = {"name": "MAX_SERVICE_SHARE", "max": 0.2, "net_of_leave": True}
    leave = {"name": "ANNUAL_LEAVE", "weeks": 5, "blocks": [[2, 3], [3, 2]], "min_gap_weeks": 13}
    problem = problem_of(
        unit("A"),
        unit("RELIEF", service="relief"),
        weeks=(10, 10, 20, 12),
        constraints=(caps, leave),
    )
    found = placed(problem, lines_on(problem, ("A", "A", "A", "RELIEF")))
    assert found[0].leave_by_term[3] >= 2


def test_without_a_rule_on_leave_the_service_cap_still_finds_the_weeks_it_needs() -> None:
    caps = {"name": "MAX_SERVICE_SHARE", "max": 0.2, "net_of_leave": True}
    problem = problem_of(
        unit("A"),
        unit("RELIEF", service="relief"),
        weeks=(14, 38),
        constraints=(caps,),
        annual_leave_weeks=5,
    )
    found = placed(problem, lines_on(problem, ("RELIEF", "A")))
    assert found[0].leave_by_term[0] >= 4


def test_leave_that_only_just_fits_is_found() -> None:
    leave = {"name": "ANNUAL_LEAVE", "weeks": 2, "blocks": [[2]], "max_share_on_leave": 0.1}
    problem = problem_of(unit("A"), constraints=(leave,))
    found = placed(problem, lines_on(problem, *[("A", "A", "A")] * 6))
    assert max(away_by_week(problem, found).values()) == 1


def test_leave_that_cannot_fit_is_a_value_with_a_proof() -> None:
    leave = {"name": "ANNUAL_LEAVE", "weeks": 2, "blocks": [[2]], "max_share_on_leave": 0.1}
    problem = problem_of(unit("A"), constraints=(leave,))
    lines = lines_on(problem, *[("A", "A", "A")] * 7)
    found = place_leave(problem, rule_book(problem), lines)
    assert isinstance(found, LeaveImpossible)
    assert found.proven


def test_locked_lines_keep_their_leave_and_it_counts() -> None:
    leave = {"name": "ANNUAL_LEAVE", "weeks": 2, "blocks": [[2]], "max_share_on_leave": 0.1}
    problem = problem_of(unit("A"), constraints=(leave,))
    lines = lines_on(problem, *[("A", "A", "A")] * 3)
    taken = (Leave(start_week=3, weeks=7),)
    lines[1] = replace(lines[1], locked=True, leave=taken)
    found = place_leave(problem, rule_book(problem), lines)
    assert not isinstance(found, LeaveImpossible)
    assert found[1].leave == taken
    assert max(away_by_week(problem, found).values()) == 1


def test_no_term_of_a_line_takes_more_leave_than_its_cap() -> None:
    leave = {"name": "ANNUAL_LEAVE", "weeks": 4, "max_weeks_per_term": 2}
    problem = problem_of(unit("A"), constraints=(leave,))
    found = placed(problem, lines_on(problem, *[("A", "A", "A")] * 3))
    assert all(max(line.leave_by_term) <= 2 for line in found)


def test_lines_without_leave_due_stay_without() -> None:
    problem = problem_of(unit("A"))
    found = placed(problem, lines_on(problem, ("A", "A", "A")))
    assert found[0].leave == ()
