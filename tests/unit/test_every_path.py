"""Every path of the production solver, forced by its thresholds, on tiny problems of every sort."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from planner_cli.domain.outcomes import Infeasible, LineSet
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.scoring import score
from planner_cli.solver import parameters, solve
from planner_cli.solver.pricing.branch_and_bound import SearchedPool
from planner_cli.solver.search.price_and_branch import Answered, Search
from tests.benchmarks.families import of_family
from tests.unit.brute_force import BruteForce
from tests.unit.strategies import tiny_problems

EXAMPLE = Path(__file__).parents[2] / "examples" / "small_rural.json"
OPTIONS = Options(time_limit_seconds=60)
PATHS = {
    "branch and bound": {"MOST_LISTED": 0},
    "branch and bound, a narrow beam": {"MOST_LISTED": 0, "BEAM_QUICK": 2, "BEAM_CLOSER": 3},
    "branch and bound without arranged columns": {"MOST_LISTED": 0, "MOST_ARRANGED_LISTED": 0},
    "whole lines in order of time": {"SMALL_LINES": 0, "MISPLACED_CHOICES": 0},
    "orders searched": {"MOST_PERMUTED_TERMS": 0},
    "no proof by listing": {"PROOF_COLUMNS": 0},
    "few columns known": {"MOST_COLUMNS_ADDED": 1, "MOST_COLUMNS_KNOWN": 4},
    "constraints as caps": {"MOST_MASKS": 0},
    "one placement": {"MOST_PLACEMENTS": 1, "PLACEMENT_SHUFFLES": 1, "DEAL_MOVES": 1},
    "leave sampled": {"MOST_LEAVE_WAYS": 3},
}


@pytest.fixture(scope="module", params=PATHS)
def path(request: pytest.FixtureRequest) -> Iterator[str]:
    """The thresholds of one path, for all examples of its test."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in PATHS[request.param].items():
            assert hasattr(parameters, name), name
            patch.setattr(parameters, name, value)
        yield request.param


@given(problem=tiny_problems())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_set_is_found_exactly_when_one_exists_and_no_set_beats_the_bound(
    path: str, problem: Problem
) -> None:
    everything = BruteForce(problem)
    legal = everything.legal_sets()
    found = solve(problem, OPTIONS)
    assert isinstance(found, LineSet if legal else Infeasible), (path, found)
    if not isinstance(found, LineSet):
        return
    assert len(found.lines) == len(legal[0])
    assert len(found.dropped_positions) == everything.drops(legal[0])
    if not found.dropped_positions:
        best = everything.best_score(legal)
        assert found.score.total <= best
        assert found.bound is None or best <= found.bound


@pytest.mark.parametrize("n_fewer", [0, 1])
def test_lines_that_do_not_fit_into_the_terms_are_searched_in_order_of_time(
    n_fewer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, hidden = of_family("base", 16, 1)
    asked = problem.model_copy(update={"allow_partial": True, "n_job_lines": 16 + n_fewer})
    searched: list[tuple[bool, int]] = []
    run = Search.run

    def noting(self: Search) -> Answered:
        shape = self._master.shape
        searched.append((shape.in_order, shape.types.n_lines))
        return run(self)

    monkeypatch.setattr(Search, "run", noting)
    found = solve(asked, Options(time_limit_seconds=5))
    assert isinstance(found, LineSet)
    unordered = {n for in_order, n in searched if not in_order}
    assert unordered
    assert unordered == {n for in_order, n in searched if in_order}
    assert found.bound is None or n_fewer or found.bound >= score(problem, hidden).total


def test_the_threshold_of_listing_leads_to_branch_and_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    priced: list[int] = []
    price = SearchedPool.price

    def counting(self: SearchedPool, *given: Any, **named: Any) -> Any:
        priced.append(1)
        return price(self, *given, **named)

    monkeypatch.setattr(SearchedPool, "price", counting)
    problem = read_problem(json.loads(EXAMPLE.read_text()))
    listed = solve(problem, OPTIONS)
    assert not priced
    monkeypatch.setattr(parameters, "MOST_LISTED", 0)
    searched = solve(problem, OPTIONS)
    assert priced
    assert isinstance(listed, LineSet)
    assert isinstance(searched, LineSet)
    assert (searched.score.total, searched.bound) == (listed.score.total, listed.bound)
