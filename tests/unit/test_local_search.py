"""The local search: what it calls legal is legal, what it says a set is worth it is worth."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner_cli.domain.outcomes import LineSet
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.referee import violations
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.domain.scoring import affinity_of, line_score, score
from planner_cli.solver import solve
from planner_cli.solver.arrays import Small
from planner_cli.solver.search.local_search import LocalSearch, Schedule
from planner_cli.solver.search.whole_lines import Hospital
from tests.unit.strategies import held_lines, tiny_problems

CASES = Path(__file__).with_name("cases")
SHORT = Schedule(sweeps=120, hot=15.0, cold=0.5)
#: What leave answers for, or whether all funded positions are held: not the search's to say.
NOT_ASKED = {"ANNUAL_LEAVE", "MIN_WEEKS", "MAX_SERVICE_SHARE", "LINE_COUNT"}


def case(name: str) -> Problem:
    return read_problem(json.loads((CASES / f"{name}.json").read_text()))


def searched(problem: Problem, schedule: Schedule, seed: int = 1) -> tuple[Any, list[int]]:
    """The best lines of a search, and each score it told of."""
    told: list[int] = []
    hospital = Hospital(problem, rule_book(problem))
    search = LocalSearch(hospital, seed, lambda _, total: told.append(total))
    best = search.run(schedule, lambda: False)
    return None if best is None else hospital.lines(best), told


@given(problem=tiny_problems())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_it_finds_breaks_nothing_and_is_worth_what_it_says(problem: Problem) -> None:
    lines, told = searched(problem, SHORT)
    if lines is None:
        return
    named = [line if line.locked else replace(line, name=f"L{n}") for n, line in enumerate(lines)]
    found = violations(problem, [line.to_record() for line in named])
    assert not [v for v in found if v.rule not in NOT_ASKED and not v.locked]
    assert score(problem, lines).total == told[-1] == max(told)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_own_scores_of_arrays_are_those_of_lines(data: Any) -> None:
    problem = data.draw(tiny_problems())
    lines = [data.draw(held_lines(problem, with_leave=False)) for _ in range(4)]
    affinity = affinity_of(problem)
    index = {position.id: n for n, position in enumerate(problem.positions)}
    held = np.array([[index[p.id] for p in line.positions] for line in lines], dtype=np.int16)
    own = Hospital(problem, rule_book(problem)).own(held)
    assert own.tolist() == [line_score(line.positions, affinity) for line in lines]


def test_the_same_seed_gives_the_same_lines_and_a_start_is_never_made_worse() -> None:
    problem = case("two_changes_80")
    schedule = Schedule(sweeps=60, hot=15.0, cold=0.5)
    first, told = searched(problem, schedule)
    assert first == searched(problem, schedule)[0]
    assert first is not None
    hospital = Hospital(problem, rule_book(problem))
    search = LocalSearch(hospital, 2, lambda *_: None)
    search.run(Schedule(sweeps=20, hot=2.0, cold=0.5), lambda: False, hospital.held(first))
    assert search.best_score >= told[-1]


@pytest.mark.parametrize("name", ["two_changes_80", "twelve_terms_40"])
def test_hospitals_that_were_undecided_have_a_first_set_after_a_few_sweeps(name: str) -> None:
    lines, _ = searched(case(name), Schedule(sweeps=100, hot=15.0, cold=0.5))
    assert lines is not None


def test_a_stop_ends_it_with_what_it_has() -> None:
    problem = case("two_changes_80")
    hospital = Hospital(problem, rule_book(problem))
    found: list[Small] = []
    search = LocalSearch(hospital, 1, lambda held, _: found.append(held))
    best = search.run(Schedule(sweeps=10_000, hot=15.0, cold=0.5), lambda: bool(found))
    assert best is not None
    assert len(found) == 1


@pytest.mark.parametrize(
    ("name", "best"), [("tiny_duplicates", 270), ("tiny_uk", 58), ("gap_1667pct", -2_820)]
)
def test_small_units_are_proven_with_their_duplicates_and_dropped_posts(
    name: str, best: int
) -> None:
    """180 of 270 and 20 of 58 were given, and an optimum with a gap of 1,667 %."""
    found = solve(case(name), Options(time_limit_seconds=10))
    assert isinstance(found, LineSet)
    assert found.score.total == found.bound == best
