"""The exact model against every set of lines, one by one, on tiny problems of every sort."""

from hypothesis import HealthCheck, given, settings

from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.domain.scoring import score
from planner_cli.solver.oracle.question import Best, NoSet
from planner_cli.solver.oracle.solving import solve_exactly
from planner_cli.solver.outcome import to_line_set
from planner_cli.solver.watch import Watch
from tests.unit.brute_force import BruteForce
from tests.unit.strategies import tiny_problems

OPTIONS = Options(time_limit_seconds=60)


def answer_of(problem: Problem, options: Options = OPTIONS) -> Best | NoSet:
    """Solve with the exact model, let the referee look, and expect an answer."""
    book = rule_book(problem)
    with Watch(limit_seconds=options.time_limit_seconds) as watch:
        answer, ended = solve_exactly(problem, book, options, watch)
        if isinstance(answer, Best):
            to_line_set(problem, book, answer, watch, ended)
    assert isinstance(answer, (Best, NoSet)), answer
    return answer


@given(problem=tiny_problems())
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_set_is_found_exactly_when_one_exists_and_the_proven_best_is_the_best(problem):
    compare_with_every_set(problem)


@given(problem=tiny_problems(max_lines=2, always=("ANNUAL_LEAVE", "MAX_SERVICE_SHARE")))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_lines_and_leave_that_depend_on_each_other_are_chosen_together(problem):
    compare_with_every_set(problem)


def compare_with_every_set(problem: Problem) -> None:
    everything = BruteForce(problem)
    legal = everything.legal_sets()
    answer = answer_of(problem)
    assert isinstance(answer, Best) == bool(legal)
    if not isinstance(answer, Best):
        return
    assert len(answer.lines) == len(legal[0])
    assert len(answer.dropped) == everything.drops(legal[0])
    if not answer.dropped:
        found = score(problem, answer.lines).total
        assert answer.proven
        assert found == everything.best_score(legal) == answer.bound
