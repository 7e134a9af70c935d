"""Smallest changes that make a problem solvable; each is verified by solving what it makes."""

from collections.abc import Iterator

from planner_cli.domain.constraints.on_set import PostsFilled
from planner_cli.domain.outcomes import Repair
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.words import capital, counted
from planner_cli.solver import parameters
from planner_cli.solver.explain.conflict import Conflict, with_rule
from planner_cli.solver.explain.judge import Judge, counted_out, lines_wanted
from planner_cli.solver.explain.lines_lp import fewer_funded, is_heavy
from planner_cli.solver.explain.posts import missing_posts, post_rows, posts_in_words, with_posts
from planner_cli.solver.explain.relaxing import easier
from planner_cli.solver.explain.several import several_at_once
from planner_cli.solver.explain.words import ACCREDITED_POSTS, drop_in_words


def find_repairs(
    problem: Problem, book: RuleBook, conflict: Conflict | None, judge: Judge
) -> Iterator[Repair]:
    """Yield repairs, the kindest to the hospital's wishes first: posts, a rule, fewer lines.

    Parameters
    ----------
    problem, book
        What was asked, and is proven impossible.
    conflict
        Names the rules worth relaxing; None where none is known.
    judge
        Verifies each repair by solving.
    """
    n_found = 0
    for repair in _single(problem, book, conflict.names if conflict else (), judge):
        n_found += 1
        yield repair
    if not n_found and conflict is not None:
        yield from several_at_once(problem, book, judge)


def _single(
    problem: Problem, book: RuleBook, names: tuple[str, ...], judge: Judge
) -> Iterator[Repair]:
    n_found = 0
    changes_in_posts = [*_changes_in_posts(problem, book, names, judge)]
    yield from changes_in_posts
    # To fill fewer posts is looked at first: it is quick, where relaxing a cap may not be.
    for name in sorted(names, key=lambda name: name != book.brought_by(PostsFilled)):
        is_first = not changes_in_posts and not n_found
        for repair in _relax(problem, book, name, judge, is_first=is_first):
            n_found += 1
            yield repair
    if not problem.allow_partial:
        yield from _fewer_lines(problem, book, judge)


def _changes_in_posts(
    problem: Problem, book: RuleBook, names: tuple[str, ...], judge: Judge
) -> Iterator[Repair]:
    if ACCREDITED_POSTS in names:
        yield from _add_posts(problem, book, judge)
    if book.brought_by(PostsFilled) in names:
        yield from _fund_fewer(problem, book, judge)


def _add_posts(problem: Problem, book: RuleBook, judge: Judge) -> Iterator[Repair]:
    posts = missing_posts(problem, book, judge)
    if posts and judge.find(with_posts(problem, posts, "posts_max", 1), book):
        sentence = f"Accredit {posts_in_words(problem, posts, 'more')}."
        yield Repair("posts", sentence, post_rows(problem, posts, 1))


def _fund_fewer(problem: Problem, book: RuleBook, judge: Judge) -> Iterator[Repair]:
    posts = fewer_funded(problem, book, judge.stop)
    if not posts:
        return
    repaired = with_posts(problem, posts, "posts_min", -1)
    if judge.find(repaired, book):
        sentence = f"Fund {posts_in_words(problem, posts, 'fewer')}."
        rows = tuple({**row, "of": "posts_min"} for row in post_rows(problem, posts, -1))
        yield Repair("posts", sentence, rows)


def _relax(
    problem: Problem, book: RuleBook, name: str, judge: Judge, *, is_first: bool
) -> Iterator[Repair]:
    """Yield the rule a little easier, or dropped; heavy ones only where nothing else is known."""
    rule = next((rule for rule in book.rules if name == rule.NAME), None)
    if rule is None:
        return
    n_tried = 0
    for step in easier(rule, problem):
        relaxed = with_rule(book, step.rule)
        if n_tried >= parameters.REPAIR_TRIES or judge.stop():
            return
        if counted_out(problem, relaxed, judge.stop):
            continue
        if not is_first and is_heavy(problem, relaxed, judge.stop):
            return
        if judge.verdict(problem, relaxed) == "impossible":
            continue
        n_tried += 1
        if judge.find(problem, relaxed):
            sentence = f"Relax {name} {step.words}."
            yield Repair("relax", sentence, ({"name": name, **step.bounds},))
            return
    without = book.without(name)
    may_help = not n_tried and judge.verdict(problem, without) != "impossible"
    if may_help and judge.find(problem, without):
        yield Repair("drop_rule", capital(drop_in_words(rule)) + ".", ({"name": name},))


def _fewer_lines(problem: Problem, book: RuleBook, judge: Judge) -> Iterator[Repair]:
    least = lines_wanted(problem.model_copy(update={"allow_partial": True}), book)
    most = judge.most_lines(problem, book)
    if most.never:
        return
    n_first = min(most.lines, problem.n_job_lines - 1)
    for n_lines in range(n_first, max(least, n_first - parameters.REPAIR_TRIES + 1) - 1, -1):
        if judge.stop():
            return
        asked = problem.model_copy(update={"n_job_lines": n_lines})
        if judge.verdict(asked, book) != "impossible" and judge.find(asked, book):
            fewer = problem.n_job_lines - n_lines
            sentence = f"Ask for {counted(n_lines, 'line')}, {fewer} fewer."
            yield Repair("fewer_lines", sentence, ({"n_job_lines": n_lines},))
            return
