"""A repair for several conflicts at once: one change for each, one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from planner_cli.domain.outcomes import Repair
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.words import capital, listed
from planner_cli.solver import parameters
from planner_cli.solver.explain.conflict import Conflict, find_conflict, with_rule
from planner_cli.solver.explain.judge import Judge
from planner_cli.solver.explain.posts import missing_posts, post_rows, posts_in_words, with_posts
from planner_cli.solver.explain.relaxing import easier
from planner_cli.solver.explain.words import ACCREDITED_POSTS, drop_in_words


@dataclass(frozen=True)
class _Changed:
    """A problem after some changes."""

    problem: Problem
    book: RuleBook
    words: tuple[str, ...] = ()
    rows: tuple[dict[str, object], ...] = ()

    def relaxed(self, book: RuleBook, words: str, row: dict[str, object]) -> "_Changed":
        """Give the same with a rule changed."""
        kept = tuple(old for old in self.rows if old.get("name") != row["name"])
        return replace(self, book=book, words=(*self.words, words), rows=(*kept, row))


def several_at_once(problem: Problem, book: RuleBook, judge: Judge) -> Iterator[Repair]:
    """Yield one repair that resolves conflict after conflict, if that ends well."""
    changed = _Changed(problem, book)
    for _ in range(parameters.MOST_CONFLICTS):
        conflict = find_conflict(changed.problem, changed.book, judge)
        if conflict is None or judge.stop():
            break
        following = _resolved(changed, conflict, judge)
        if following is None:
            return
        changed = following
    if changed.words and judge.find(changed.problem, changed.book):
        yield Repair("relax", f"{capital(listed(changed.words))}.", changed.rows)


def _resolved(changed: _Changed, conflict: Conflict, judge: Judge) -> _Changed | None:
    """Resolve one conflict, by posts if it is about posts, else by the rule easiest to relax."""
    if ACCREDITED_POSTS in conflict.names:
        posts = missing_posts(changed.problem, conflict.book, judge)
        if posts:
            words = f"accredit {posts_in_words(changed.problem, posts, 'more')}"
            return replace(
                changed,
                problem=with_posts(changed.problem, posts, "posts_max", 1),
                words=(*changed.words, words),
                rows=(*changed.rows, *post_rows(changed.problem, posts, 1)),
            )
    for rule in conflict.book.rules:
        for step in easier(rule, changed.problem):
            alone = with_rule(conflict.book, step.rule)
            if judge.verdict(changed.problem, alone) != "impossible":
                row = {"name": rule.NAME, **step.bounds}
                whole = with_rule(changed.book, step.rule)
                return changed.relaxed(whole, f"relax {rule.NAME} {step.words}", row)
    for rule in conflict.book.rules:
        if judge.verdict(changed.problem, conflict.book.without(rule.NAME)) != "impossible":
            row = {"name": rule.NAME, "drop": True}
            without = changed.book.without(rule.NAME)
            return changed.relaxed(without, drop_in_words(rule), row)
    return None
