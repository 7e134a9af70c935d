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
def test_a_set_is_found_exactly_when_one_exists_and_the_proven_best_is_the_best(
    problem: Problem,
) -> None:
    compare_with_every_set(problem)


@given(problem=tiny_problems(max_lines=2, always=("ANNUAL_LEAVE", "MAX_SERVICE_SHARE")))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_lines_and_leave_that_depend_on_each_other_are_chosen_together(problem: Problem) -> None:
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


def test_locked_lines_alone_have_a_bound_too() -> None:
    posts = {"P0": [1, 0, 0], "P1": [0, 0, 1], "P2": [0, 1, 0]}
    problem = Problem.model_validate(
        {
            "schema": "planner.problem/1",
            "name": "Every post is locked",
            "n_job_lines": 2,
            "terms": [{"weeks": 4}, {"weeks": 3}, {"weeks": 4}],
            "positions": [
                {
                    "id": code,
                    "name": code,
                    "site": "North",
                    "specialty": "Medicine",
                    "categories": [],
                    "posts_min": [0, 0, 0],
                    "posts_max": seats,
                }
                for code, seats in posts.items()
            ],
            "constraints": [],
            "affinity": {},
            "allow_partial": True,
            "locked_lines": [
                {
                    "name": "Kept",
                    "rotations": [
                        {"term": term, "position": code}
                        for term, code in enumerate(("P0", "P2", "P1"), start=1)
                    ],
                }
            ],
        }
    )
    compare_with_every_set(problem)
