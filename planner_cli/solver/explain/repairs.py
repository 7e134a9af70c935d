"""Smallest changes that make a problem solvable; each is verified by solving what it makes."""

from collections.abc import Iterator

from planner_cli.domain.outcomes import Repair
from planner_cli.domain.problem import Position, Problem
from planner_cli.domain.rules.catalogue import RuleBook
from planner_cli.domain.rules.posts import FillPosts
from planner_cli.solver.explain.conflict import Conflict, with_rule
from planner_cli.solver.explain.judge import Judge, lines_wanted
from planner_cli.solver.explain.lines_lp import Posts, fewer_funded, more_posts
from planner_cli.solver.explain.relaxing import easier
from planner_cli.solver.explain.words import ACCREDITED_POSTS, count, listed

#: Bounds of one rule, and numbers of lines, that are tried by solving before giving up on them.
_TRIES = 3
#: Cells named in a sentence before the rest is only counted.
_NAMED = 8


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
    names = conflict.names if conflict else ()
    if ACCREDITED_POSTS in names:
        yield from _add_posts(problem, book, judge)
    if FillPosts.NAME in names:
        yield from _fund_fewer(problem, book, judge)
    for name in names:
        yield from _relax(problem, book, name, judge)
    if not problem.allow_partial:
        yield from _fewer_lines(problem, book, judge)


def _add_posts(problem: Problem, book: RuleBook, judge: Judge) -> Iterator[Repair]:
    posts = more_posts(problem, book, judge.stop)
    if not posts:
        return
    repaired = _with_posts(problem, posts, "posts_max", 1)
    if judge.find(repaired, book):
        sentence = f"Accredit {_posts_in_words(problem, posts, 'more')}."
        yield Repair("posts", sentence, _rows(problem, posts, 1))


def _fund_fewer(problem: Problem, book: RuleBook, judge: Judge) -> Iterator[Repair]:
    posts = fewer_funded(problem, book, judge.stop)
    if not posts:
        return
    repaired = _with_posts(problem, posts, "posts_min", -1)
    if judge.find(repaired, book):
        sentence = f"Fund {_posts_in_words(problem, posts, 'fewer')}."
        rows = tuple({**row, "of": "posts_min"} for row in _rows(problem, posts, -1))
        yield Repair("posts", sentence, rows)


def _relax(problem: Problem, book: RuleBook, name: str, judge: Judge) -> Iterator[Repair]:
    rule = next((rule for rule in book.rules if name == rule.NAME), None)
    if rule is None:
        return
    n_tried = 0
    for step in easier(rule, problem):
        relaxed = with_rule(book, step.rule)
        if n_tried >= _TRIES or judge.stop():
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
        yield Repair("drop_rule", f"Drop {name}.", ({"name": name},))


def _fewer_lines(problem: Problem, book: RuleBook, judge: Judge) -> Iterator[Repair]:
    least = lines_wanted(problem.model_copy(update={"allow_partial": True}), book)
    most = judge.most_lines(problem, book)
    if most.never:
        return
    n_first = min(most.lines, problem.n_job_lines - 1)
    for n_lines in range(n_first, max(least, n_first - _TRIES + 1) - 1, -1):
        if judge.stop():
            return
        asked = problem.model_copy(update={"n_job_lines": n_lines})
        if judge.verdict(asked, book) != "impossible" and judge.find(asked, book):
            fewer = problem.n_job_lines - n_lines
            sentence = f"Ask for {count(n_lines, 'line')}, {fewer} fewer."
            yield Repair("fewer_lines", sentence, ({"n_job_lines": n_lines},))
            return


def _with_posts(problem: Problem, posts: Posts, field: str, sign: int) -> Problem:
    def changed(index: int, position: Position) -> Position:
        numbers = getattr(position, field)
        new = tuple(n + sign * posts.get((index, term), 0) for term, n in enumerate(numbers))
        return position if new == numbers else position.model_copy(update={field: new})

    positions = tuple(changed(index, p) for index, p in enumerate(problem.positions))
    return problem.model_copy(update={"positions": positions})


def _rows(problem: Problem, posts: Posts, sign: int) -> tuple[dict[str, object], ...]:
    return tuple(
        {"position": problem.positions[index].id, "term": term + 1, "posts": sign * n_posts}
        for (index, term), n_posts in sorted(posts.items(), key=_by_term)
    )


def _by_term(item: tuple[tuple[int, int], int]) -> tuple[int, int]:
    (index, term), _ = item
    return term, index


def _posts_in_words(problem: Problem, posts: Posts, more: str) -> str:
    """Say posts: 3 more posts: 2 of Renal (RENAL) in Term 1 and 1 of ..."""
    named = [
        f"{n_posts} of {problem.positions[index].name} ({problem.positions[index].id}) "
        f"in Term {term + 1}"
        for (index, term), n_posts in sorted(posts.items(), key=_by_term)
    ]
    total = sum(posts.values())
    head = f"{total} {more} {'post' if total == 1 else 'posts'}"
    if len(named) > _NAMED:
        named = [*named[: _NAMED - 1], f"{len(named) - _NAMED + 1} more places"]
    return f"{head}: {listed(named)}"
