"""What the solver says it has proven is true; what it has not proven it does not say."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from planner_cli.domain.outcomes import Infeasible, LineSet, Progress, closeness, gap
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.result import result_of
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.solver import solve
from planner_cli.solver.explain.conflict import without_rules
from planner_cli.solver.explain.counting import contradictions
from planner_cli.solver.explain.supply import Supply
from planner_cli.solver.oracle.question import NoSet
from planner_cli.solver.outcome import _believable
from planner_cli.solver.search.feasibility import find_feasible
from planner_cli.solver.search.line_counts import lines_to_fill
from planner_cli.solver.stop import StoppedEarly
from tests.benchmarks.huge import huge_problem

CASES = Path(__file__).with_name("cases")


def case(name: str, **changes: Any) -> Problem:
    return read_problem({**json.loads((CASES / f"{name}.json").read_text()), **changes})


def test_fewer_lines_allowed_never_lower_the_bound_of_all_lines() -> None:
    """776 points were called proven where 5,412 exist."""
    found = solve(case("false_proof_partial"), Options(time_limit_seconds=30))
    assert isinstance(found, LineSet)
    assert len(found.lines) == 20
    assert found.bound is None or found.bound >= 5_412
    assert found.score.total == 5_412


@pytest.mark.parametrize(
    ("name", "best"), [("rationed_duplicates", 1_160), ("rationed_duplicates_in_order", 1_315)]
)
def test_a_duplicate_of_a_rationed_column_enters_the_bound(name: str, best: int) -> None:
    """A column's further uses were held back by their supply, and its duplicates with them."""
    found = solve(case(name), Options(time_limit_seconds=10))
    assert isinstance(found, LineSet)
    assert found.score.total == found.bound == best


def test_a_cut_counts_a_line_once_however_its_column_is_used() -> None:
    """The further uses of a column were counted twice: 2,730 was proven where 2,765 exist."""
    found = solve(case("crowded_again"), Options(time_limit_seconds=10))
    assert isinstance(found, LineSet)
    assert found.bound is not None
    assert found.bound >= found.score.total >= 2_765


def explained(name: str) -> Infeasible:
    found = solve(case(name), Options(time_limit_seconds=60))
    assert isinstance(found, Infeasible)
    return found


def test_locked_lines_are_named_where_they_are_to_blame() -> None:
    found = explained("conflict_omits_locked")
    assert found.conflict == ("FILL_POSTS", "LOCKED_LINES")
    only_posts: list[Any] = [{"name": "FILL_POSTS"}]
    locked = case("conflict_omits_locked", constraints=only_posts)
    assert isinstance(solve(locked), Infeasible)
    free = case("conflict_omits_locked", constraints=only_posts, locked_lines=[])
    assert isinstance(solve(free), LineSet)


def test_the_most_lines_and_their_sentence_agree_and_the_conflict_is_named() -> None:
    """39 lines were said beside a sentence of 37, and no conflict."""
    found = explained("max_lines_39_vs_37_no_conflict")
    assert found.max_lines == 37
    assert found.sentences[0] == "At most 37 of the 40 lines are possible."
    assert {"MIN_TERMS", "MAX_SITE_CHANGES"} <= set(found.conflict)


def test_a_conflict_is_impossible_and_without_any_one_rule_is_not() -> None:
    problem = case("max_lines_39_vs_37_no_conflict")
    found = explained("max_lines_39_vs_37_no_conflict")
    assert found.conflict_is_minimal
    whole = rule_book(problem)
    alone = without_rules(whole, {rule.NAME for rule in whole.rules} - {*found.conflict})
    assert isinstance(find_feasible(problem, alone, lambda: False), NoSet)
    for name in found.conflict:
        if name in {rule.NAME for rule in alone.rules}:
            fewer = without_rules(alone, {name})
            assert not isinstance(find_feasible(problem, fewer, lambda: False), NoSet), name


def test_two_locked_lines_on_leave_together_are_a_proof_in_words() -> None:
    """It was undecided after twenty seconds."""
    problem = case("locked_leave_clash_undecided")
    (counted,) = contradictions(problem, rule_book(problem))
    assert counted.sentence == (
        "Locked 2 and Locked 4 are locked and on leave from Emergency medicine Main 10 (EMER10) "
        "together in week 19 (Term 2), where 4 people at most work and 1 may be away."
    )
    found = explained("locked_leave_clash_undecided")
    assert {"ANNUAL_LEAVE", "LOCKED_LINES"} <= set(found.conflict)


def test_locked_lines_that_may_be_away_together_are_no_contradiction() -> None:
    document = json.loads((CASES / "locked_leave_clash_undecided.json").read_text())
    document["constraints"][1]["max_share_on_leave"] = 0.5
    problem = read_problem(document)
    assert contradictions(problem, rule_book(problem)) == []


def test_counting_asks_each_position_once_and_hears_a_stop() -> None:
    """5,000 positions under 460 rationed areas hung: each was asked anew for each pair."""
    problem = read_problem(huge_problem(5_000, 500))
    asked = 0

    def test(_position: object) -> bool:
        nonlocal asked
        asked += 1
        return True

    supply = Supply(problem, rule_book(problem))
    for term in range(5):
        supply.posts(term, test)
        supply.places(test)
    assert asked == 5_000

    n_stops = 0

    def stop() -> bool:
        nonlocal n_stops
        n_stops += 1
        return n_stops > 3

    with pytest.raises(StoppedEarly):
        contradictions(problem, rule_book(problem), stop)


def test_a_huge_problem_ends_without_an_answer_when_it_is_stopped() -> None:
    problem = read_problem(huge_problem(2_000, 200))
    found = solve(problem, Options(time_limit_seconds=0.5))
    assert not isinstance(found, Infeasible)
    assert found.seconds["total"] < 30


def test_a_bound_below_the_score_is_a_fault_of_ours_and_no_bound_for_users(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("planner_cli.solver")
    loud = logger.handlers.copy()
    for handler in loud:
        with pytest.raises(AssertionError, match="below the score"):
            _believable(99, 100)
        logger.removeHandler(handler)
    try:
        with caplog.at_level(logging.ERROR, logger="planner_cli.solver"):
            assert _believable(99, 100) is None
    finally:
        for handler in loud:
            logger.addHandler(handler)
    assert _believable(100, 100) == 100
    assert _believable(None, 100) is None
    with pytest.raises(ValueError, match="below the score"):
        gap(100, 99)
    assert Progress("bound", 1.0, score=100, bound=99).gap is None


def test_without_a_bound_a_result_says_so() -> None:
    problem = case("false_proof_partial")
    found = solve(problem, Options(time_limit_seconds=30))
    assert isinstance(found, LineSet)
    without = LineSet(found.lines, found.score, None)
    result = result_of(problem, without, seed=0, version="0")
    assert (result.bound, result.gap) == (None, None)
    assert result.message == "20 lines, no useful bound yet."
    assert closeness(3.19) == "no useful bound yet"


def test_one_line_more_may_serve_a_pathway_that_asks_for_at_least_one() -> None:
    two_halves = [("P0", [2, 2, 0]), ("P1", [0, 0, 2])]
    problem = Problem.model_validate(
        {
            "schema": "planner.problem/1",
            "name": "Two halves of a year",
            "n_job_lines": 1,
            "terms": [{"weeks": 4}, {"weeks": 3}, {"weeks": 4}],
            "positions": [
                {
                    "id": code,
                    "name": f"Unit {code}",
                    "site": "North",
                    "specialty": "Medicine",
                    "categories": [],
                    "posts_min": [0, 0, 0],
                    "posts_max": posts,
                }
                for code, posts in two_halves
            ],
            "constraints": [],
            "pathways": [{"name": "Generalist", "n_lines": 1, "positions": ["P0"]}],
        }
    )
    assert lines_to_fill(problem, rule_book(problem), 2) == 2
