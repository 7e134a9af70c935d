"""Infeasible in words: counts, the most lines, a minimal conflict, and repairs that were tried."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from planner_cli.domain.outcomes import Infeasible, LineSet, Repair, Stopped
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.solver import solve
from planner_cli.solver.explain.conflict import opened, without_rules
from planner_cli.solver.explain.words import ACCREDITED_POSTS, LINE_SHAPE
from tests.unit import variants
from tests.unit.brute_force import BruteForce
from tests.unit.strategies import tiny_problems

OPTIONS = Options(time_limit_seconds=120)


def explained(problem: Problem) -> Infeasible:
    outcome = solve(problem, OPTIONS)
    assert isinstance(outcome, Infeasible), outcome
    return outcome


def kinds(outcome: Infeasible) -> set[str]:
    return {repair.kind for repair in outcome.repairs}


def repaired(problem: Problem, book: RuleBook, repair: Repair) -> tuple[Problem, RuleBook]:
    """Make the change a repair proposes, from what it says to machines."""
    positions = {position.id: position for position in problem.positions}
    for row in repair.changes:
        if "position" in row:
            position = positions[str(row["position"])]
            field = "posts_min" if row.get("of") == "posts_min" else "posts_max"
            posts = list(getattr(position, field))
            posts[int(str(row["term"])) - 1] += int(str(row["posts"]))
            positions[position.id] = position.model_copy(update={field: tuple(posts)})
        elif "n_job_lines" in row:
            problem = problem.model_copy(update={"n_job_lines": row["n_job_lines"]})
        elif repair.kind == "drop_rule" or row.get("drop"):
            book = book.without(str(row["name"]))
        else:
            bounds: dict[str, Any] = {key: value for key, value in row.items() if key != "name"}
            rules = tuple(
                replace(rule, **bounds) if row["name"] == rule.NAME else rule for rule in book.rules
            )
            book = replace(book, rules=rules)
    return problem.model_copy(update={"positions": tuple(positions.values())}), book


@pytest.mark.parametrize("name", ["small_rural", "medium_regional"])
def test_too_few_places_in_a_category_are_counted_named_and_repaired(name: str) -> None:
    problem = variants.too_few_places(name, short=3)
    outcome = explained(problem)
    n_lines = problem.n_job_lines
    assert outcome.sentences[0] == (
        f"Category D: {n_lines - 3} places in the year for {n_lines} lines."
    )
    assert outcome.conflict == ("REQUIRED_CATEGORIES", ACCREDITED_POSTS)
    assert outcome.conflict_is_minimal
    assert outcome.max_lines == n_lines - 3
    assert kinds(outcome) == {"posts", "relax", "fewer_lines"}
    posts = next(repair for repair in outcome.repairs if repair.kind == "posts")
    assert sum(int(str(row["posts"])) for row in posts.changes) == 3


@pytest.mark.parametrize("name", ["small_rural", "medium_regional"])
def test_more_lines_than_posts_is_told_term_by_term(name: str) -> None:
    problem = variants.more_lines_than_posts(name, more=7)
    outcome = explained(problem)
    n_lines = problem.n_job_lines
    assert f"accredited posts for {n_lines} lines." in outcome.sentences[0]
    assert outcome.conflict == (ACCREDITED_POSTS,)
    assert outcome.max_lines == n_lines - 7
    assert kinds(outcome) == {"posts", "fewer_lines"}


def test_funded_posts_above_a_specialty_cap_name_the_cap_and_what_to_give_up() -> None:
    outcome = explained(variants.funded_above_a_specialty_cap("medium_regional"))
    assert outcome.sentences[0].startswith("Internal medicine posts: 95 funded posts to fill")
    assert outcome.conflict == ("MAX_SPECIALTY_SHARE", "FILL_POSTS")
    assert outcome.max_lines is None, "fewer lines do not help to fill posts"
    assert {"posts", "relax", "drop_rule"} <= kinds(outcome)


@pytest.mark.parametrize("name", ["small_rural", "medium_regional"])
def test_rules_that_only_together_are_impossible_are_named_together(name: str) -> None:
    outcome = explained(variants.rural_b_and_d(name))
    assert outcome.conflict == ("REQUIRED_CATEGORIES", "MAX_RURAL_TERMS", ACCREDITED_POSTS)
    assert outcome.conflict_is_minimal
    assert "not rural in category B or D" in outcome.sentences[0]
    assert {"posts", "relax", "fewer_lines"} <= kinds(outcome)


def test_leave_that_leaves_too_few_weeks_is_told_in_weeks() -> None:
    problem = read_problem({**variants.document("medium_regional"), "annual_leave_weeks": 8})
    outcome = explained(problem)
    assert outcome.conflict == ("MIN_WEEKS",)
    assert outcome.sentences[0] == (
        "52 weeks of the year less 8 weeks of leave leave 44, MIN_WEEKS asks for 47."
    )
    assert outcome.repairs[0].sentence == "Relax MIN_WEEKS from 47 to 44 weeks."


def test_locked_lines_beyond_the_accredited_posts_are_told_by_post() -> None:
    document = variants.document("small_rural")
    rotations = [{"term": t, "position": "RENAL"} for t in (1, 2, 3, 4)]
    document["locked_lines"] = [
        {"name": f"Kept {n}", "rotations": rotations, "leave": []} for n in (1, 2)
    ]
    outcome = explained(read_problem(document))
    assert outcome.sentences[0] == (
        "The locked lines hold 2 posts of Renal medicine (RENAL) in Term 1, 1 accredited."
    )
    assert outcome.conflict == ("LOCKED_LINES", ACCREDITED_POSTS)


def test_a_stop_while_explaining_is_a_stop() -> None:
    calls = iter(range(10_000))
    outcome = solve(
        variants.rural_b_and_d("medium_regional"), OPTIONS, stop=lambda: next(calls) > 3
    )
    assert isinstance(outcome, Stopped)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["synthetic_140", "large_metro"])
@pytest.mark.parametrize(
    ("variant", "conflict"),
    [
        (variants.too_few_places, ("REQUIRED_CATEGORIES", ACCREDITED_POSTS)),
        (variants.more_lines_than_posts, (ACCREDITED_POSTS,)),
        (variants.funded_above_a_specialty_cap, ("MAX_SPECIALTY_SHARE", "FILL_POSTS")),
        (variants.rural_b_and_d, ("REQUIRED_CATEGORIES", "MAX_RURAL_TERMS", ACCREDITED_POSTS)),
    ],
    ids=["places", "lines", "funded", "rural"],
)
def test_140_lines_are_explained_with_a_repair(
    name: str, variant: Callable[[str], Problem], conflict: tuple[str, ...]
) -> None:
    outcome = explained(variant(name))
    assert outcome.conflict == conflict
    assert outcome.repairs


@given(problem=tiny_problems())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
def test_explanations_of_tiny_problems_hold_against_every_set(problem: Problem) -> None:
    if BruteForce(problem).legal_sets():
        return
    outcome = solve(problem, OPTIONS)
    assert isinstance(outcome, Infeasible), outcome
    book = rule_book(problem)
    check_most_lines(problem, outcome)
    check_conflict(problem, book, outcome)
    for repair in outcome.repairs:
        changed, easier = repaired(problem, book, repair)
        assert BruteForce(changed, easier).legal_sets(), repair.sentence


def check_most_lines(problem: Problem, outcome: Infeasible) -> None:
    """No set has more lines than said."""
    if outcome.max_lines is not None:
        fewer = problem.model_copy(update={"allow_partial": True})
        legal = BruteForce(fewer).legal_sets()
        assert outcome.max_lines >= (len(legal[0]) if legal else 0)


def check_conflict(problem: Problem, book: RuleBook, outcome: Infeasible) -> None:
    """The constraints named are impossible together, and possible without any one of them."""

    def is_possible(names: set[str]) -> bool:
        left = without_rules(book, {rule.NAME for rule in book.rules} - names)
        asked = problem if ACCREDITED_POSTS in names else opened(problem)
        return bool(BruteForce(asked, left).legal_sets())

    assert outcome.conflict
    assert not is_possible(set(outcome.conflict))
    if outcome.conflict == (LINE_SHAPE,):
        return
    if outcome.conflict_is_minimal:
        for name in outcome.conflict:
            assert is_possible(set(outcome.conflict) - {name}), name


def test_a_solvable_problem_is_not_explained_away() -> None:
    assert isinstance(solve(read_problem(variants.document("small_rural"))), LineSet)
