"""A minimal conflict: constraints that cannot hold together, none of which can be left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from planner_cli.domain.constraints.on_set import LinesKept
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.base import Rule
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver.explain.judge import Judge
from planner_cli.solver.explain.words import ACCREDITED_POSTS, LINE_SHAPE, in_order


@dataclass(frozen=True)
class Conflict:
    """Constraints that cannot hold together.

    Parameters
    ----------
    names
        In the catalogue's order, the accredited posts last.
    is_minimal
        Nothing can be left out of the proof.
    book
        The rules, reduced to the conflict (categories too).
    """

    names: tuple[str, ...]
    is_minimal: bool
    book: RuleBook


def find_conflict(problem: Problem, book: RuleBook, judge: Judge) -> Conflict:
    """Leave out constraints, in halves, as long as the rest is still proven impossible.

    The whole is known to be impossible. Where this judge's quick means do not show it, the proof
    that did is asked for each part too; and where even that runs out of time, every constraint is
    named and the conflict is not called minimal: an answer "impossible" never comes without one.
    """
    names = _candidates(book)
    if judge.verdict(problem, book) != "impossible":
        judge.be_thorough()
        if judge.verdict(problem, book) != "impossible":
            return Conflict(in_order(names), is_minimal=False, book=book)
    return _shrunk(problem, book, names, judge)


def confirm_conflict(
    problem: Problem, book: RuleBook, names: Sequence[str], judge: Judge
) -> Conflict:
    """Leave out what a counted conflict does not need: mostly nothing.

    Posts are counted after what locked lines take of them, so these may be to blame as well.
    """
    keeping = book.brought_by(LinesKept)
    if keeping:
        names = [keeping, *(name for name in names if name != keeping)]
    whole, others = problem, {rule.NAME for rule in book.rules if rule.NAME not in names}
    alone = without_rules(book, others)
    if ACCREDITED_POSTS not in names:
        problem = opened(problem)
    if judge.verdict(problem, alone) != "impossible":
        return find_conflict(whole, book, judge)
    return _shrunk(problem, alone, [*names], judge)


def _shrunk(problem: Problem, book: RuleBook, names: list[str], judge: Judge) -> Conflict:
    search = _Deletion(problem, book, judge)
    search.shrink(names)
    left = in_order([name for name in names if name not in search.left_out])
    with_posts = problem if ACCREDITED_POSTS in left else opened(problem)
    needed = _only_what_is_needed(with_posts, search.book, judge)
    return Conflict(left or (LINE_SHAPE,), search.is_minimal, needed)


def names_of(book: RuleBook) -> tuple[str, ...]:
    """Name everything that can be in a conflict."""
    return in_order(_candidates(book))


def _candidates(book: RuleBook) -> list[str]:
    """Name what may be left out, what is least often to blame first."""
    rules = sorted(book.rules, key=lambda rule: rule.BLAME)
    return [*(rule.NAME for rule in rules), ACCREDITED_POSTS]


class _Deletion:
    """What is left of a problem's constraints while some are left out."""

    def __init__(self, problem: Problem, book: RuleBook, judge: Judge) -> None:
        self._problem, self._whole, self._judge = problem, book, judge
        self.left_out: set[str] = set()
        self.is_minimal = True

    @property
    def book(self) -> RuleBook:
        return without_rules(self._whole, self.left_out)

    def shrink(self, names: Sequence[str]) -> None:
        """Leave out as many of these names as possible."""
        if not names or (len(names) > 1 and self._goes(names)):
            return
        if len(names) == 1:
            self._goes(names, alone=True)
            return
        half = len(names) // 2
        self.shrink(names[:half])
        self.shrink(names[half:])

    def _goes(self, names: Sequence[str], *, alone: bool = False) -> bool:
        tried = self.left_out | set(names)
        problem = opened(self._problem) if ACCREDITED_POSTS in tried else self._problem
        verdict = self._judge.verdict(problem, without_rules(self._whole, tried))
        if verdict == "impossible":
            self.left_out = tried
            return True
        if alone and verdict == "unknown":
            self.is_minimal = False
        return False


def without_rules(book: RuleBook, names: set[str]) -> RuleBook:
    """Give the book without some rules."""
    return replace(book, rules=tuple(rule for rule in book.rules if rule.NAME not in names))


def opened(problem: Problem) -> Problem:
    """Give the problem with as many accredited posts everywhere as there are lines."""
    enough = (problem.n_job_lines,) * len(problem.terms)
    positions = tuple(p.model_copy(update={"posts_max": enough}) for p in problem.positions)
    return problem.model_copy(update={"positions": positions})


def _only_what_is_needed(problem: Problem, book: RuleBook, judge: Judge) -> RuleBook:
    """Leave out what the conflict does not need of bounds that list several things."""
    for rule in book.rules:
        lists = [bound for bound, how in rule.EASIER.items() if how == "fewer of them"]
        for bound in lists:
            kept = getattr(rule, bound)
            for one in kept:
                fewer = tuple(other for other in kept if other != one)
                tried = with_rule(book, rule.with_bounds({bound: fewer}))
                if fewer and judge.verdict(problem, tried) == "impossible":
                    book, kept = tried, fewer
    return book


def with_rule(book: RuleBook, rule: Rule) -> RuleBook:
    """Give the book with a rule in place of the one of its type."""
    rules = tuple(rule if type(old) is type(rule) else old for old in book.rules)
    return replace(book, rules=rules)
