"""The column solver against every set of lines, one by one, on tiny problems of every sort."""

from hypothesis import HealthCheck, given, settings

from planner_cli.domain.outcomes import Infeasible, LineSet
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.domain.scoring import unfilled_posts
from planner_cli.solver import solve
from planner_cli.solver.search.line_counts import lines_to_fill, most_lines
from tests.unit.brute_force import BruteForce
from tests.unit.strategies import tiny_problems

OPTIONS = Options(time_limit_seconds=60)


@given(problem=tiny_problems())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_set_is_found_exactly_when_one_exists_and_no_set_beats_the_bound(
    problem: Problem,
) -> None:
    compare_with_every_set(problem)


@given(problem=tiny_problems(max_lines=2, always=("MAX_SITE_CHANGES",)))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_rules_on_the_order_of_terms_are_kept(problem: Problem) -> None:
    compare_with_every_set(problem)


@given(problem=tiny_problems(max_lines=3, always=("FILL_POSTS",)))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_posts_that_must_be_filled_are_filled_and_as_few_positions_dropped_as_possible(
    problem: Problem,
) -> None:
    compare_with_every_set(problem)


def compare_with_every_set(problem: Problem) -> None:
    everything = BruteForce(problem)
    legal = everything.legal_sets()
    found = solve(problem, OPTIONS)
    assert isinstance(found, LineSet if legal else Infeasible), found
    if not isinstance(found, LineSet):
        return
    assert len(found.lines) == len(legal[0])
    assert len(found.dropped_positions) == everything.drops(legal[0])
    if not found.dropped_positions:
        assert found.bound is not None
        assert found.score.total <= everything.best_score(legal) <= found.bound


@given(problem=tiny_problems())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_quick_proofs_never_deny_a_set_that_exists(problem: Problem) -> None:
    plain = problem.model_copy(update={"allow_partial": False})
    everything = BruteForce(plain)
    legal = [s for s in everything.legal_sets() if not everything.drops(s)]
    if legal:
        book = rule_book(plain)
        assert most_lines(plain, book) == plain.n_job_lines
        fewer = plain.model_copy(update={"n_job_lines": plain.n_job_lines - 1})
        if fewer.n_job_lines > len(fewer.locked_lines) and any(
            not unfilled_posts(plain, lines) for lines in legal
        ):
            assert lines_to_fill(fewer, book, plain.n_job_lines) == plain.n_job_lines
