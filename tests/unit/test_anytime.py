"""What several searches know of one problem is put together without losing or overstating any."""

import json
import time
from dataclasses import replace
from pathlib import Path

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.domain.scoring import score
from planner_cli.solver.oracle.question import Best, Unknown
from planner_cli.solver.oracle.solving import how_it_ended
from planner_cli.solver.search.by_columns import _better
from planner_cli.solver.search.price_and_branch import Answered
from planner_cli.solver.search.small import _improved
from planner_cli.solver.watch import Watch

EXAMPLE = Path(__file__).parents[2] / "examples" / "small_rural.json"


def lines_of(problem: Problem) -> tuple[tuple[JobLine, ...], tuple[JobLine, ...]]:
    """Two sets of lines, the first worth more: each line in turn, and one line many times."""
    n = len(problem.positions)
    rows = [
        tuple(problem.positions[(line + term) % n] for term in range(len(problem.terms)))
        for line in range(problem.n_job_lines)
    ]
    various = tuple(JobLine(f"L{i}", row, problem.terms) for i, row in enumerate(rows))
    alike = tuple(replace(line, positions=rows[0]) for line in various)
    assert score(problem, various).total > score(problem, alike).total
    return various, alike


def problem() -> Problem:
    return read_problem(json.loads(EXAMPLE.read_text()))


def test_a_worse_set_never_takes_the_place_of_a_better_one() -> None:
    asked = problem()
    better, worse = lines_of(asked)
    total = score(asked, better).total
    known = Answered(Best(better, total + 50), total + 50)
    after = _improved(asked, known, worse, total + 10).outcome
    assert isinstance(after, Best)
    assert (after.lines, after.bound, after.proven) == (better, total + 10, False)
    after = _improved(asked, Answered(Best(worse, total + 50)), better, total).outcome
    assert isinstance(after, Best)
    assert (after.lines, after.proven) == (better, True)


def test_lines_for_all_take_no_bound_that_was_proven_without_some_positions() -> None:
    asked = problem()
    better, worse = lines_of(asked)
    dropped = Answered(Best(worse, 1, dropped=(asked.positions[0].id,)), 1)
    after = _better(asked, rule_book(asked), dropped, better)
    assert isinstance(after.outcome, Best)
    assert (after.outcome.lines, after.outcome.bound, after.bound) == (better, None, None)


def test_a_part_of_the_work_that_the_clock_ended_is_told_at_the_end() -> None:
    with Watch(limit_seconds=0.4) as watch:
        with watch.within(0.25):
            while not watch.should_end:
                time.sleep(0.01)
        assert watch.remaining_seconds > 0
        assert how_it_ended(Unknown("Nothing was found."), watch) == "clock"


def test_a_part_that_ended_by_itself_is_not_told_as_the_clock_s() -> None:
    with Watch(limit_seconds=60) as watch:
        with watch.within(0.5):
            assert not watch.should_end
        assert how_it_ended(Unknown("Nothing was found."), watch) == "work"
