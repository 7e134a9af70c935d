"""What constraints say of a line's terms in certain positions: so many at least, or at most."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from planner_cli.domain.constraints.on_line import Count, Distinct, LineConstraint
from planner_cli.domain.problem import Category, Position
from planner_cli.domain.selector import Label, Selector, label_of
from planner_cli.solver.explain.selected import in_words, of_label
from planner_cli.solver.explain.supply import Supply, Test


@dataclass(frozen=True)
class Portion:
    """The terms (or weeks) a line holds in positions of which something holds, bounded.

    Parameters
    ----------
    rule
        Name of the rule that says so.
    label, other
        The positions counted, and all others, in words: "rural posts", "posts that are not rural".
    test
        Says whether a position is counted.
    least, most
        Terms a line must and may hold of them, or weeks with `in_weeks`.
    in_weeks
        The bounds are weeks.
    in_terms
        Numbers of the terms that count, from 1; None means all.
    """

    rule: str
    label: str
    other: str
    test: Test
    least: int
    most: int
    in_weeks: bool = False
    in_terms: tuple[int, ...] | None = None

    def bars(self, supply: Supply, term: int) -> bool:
        """Say whether the rule keeps these positions out of a term altogether."""
        return self.most < (supply.weeks[term] if self.in_weeks else 1)

    def counts(self, term: int) -> bool:
        """Say whether a term, given by its index from 0, counts."""
        return self.in_terms is None or term + 1 in self.in_terms


def all_portions(supply: Supply) -> list[Portion]:
    """Give what the constraints of the book say of portions of a line."""
    return [
        portion
        for rule, clause in supply.book.clauses(supply.problem.terms)
        for portion in portions(clause.constraint, rule.NAME, supply)
    ]


def categories_needed(supply: Supply) -> tuple[str, tuple[Category, ...]]:
    """Give the rule that asks every line for categories, and which; without one no category."""
    rule_name, categories = "", list[Category]()
    for rule, clause in supply.book.clauses(supply.problem.terms):
        one = clause.constraint
        if not isinstance(one, Count) or one.at_least != 1 or one.where.categories is None:
            continue
        asked = one.where.categories
        if len(asked) == 1 and one == Count(where=Selector(categories=asked), at_least=1):
            rule_name, categories = rule.NAME, [*categories, asked[0]]
    return rule_name, tuple(dict.fromkeys(categories))


@singledispatch
def portions(constraint: LineConstraint, rule: str, supply: Supply) -> Iterator[Portion]:  # noqa: ARG001
    """Yield what a constraint says of portions of a line; those on order say nothing."""
    yield from ()


@portions.register
def _(count: Count, rule: str, supply: Supply) -> Iterator[Portion]:
    if count.unit == "stays":
        return
    for label, other, test in _groups(count, supply):
        if count.at_most is not None and count.in_terms is None:
            yield from _at_most(count, rule, supply, (label, other, test))
        if count.at_least and count.by is None and count.unit != "practice":
            yield from _at_least(count, rule, supply, (label, other, test))


@portions.register
def _(distinct: Distinct, rule: str, supply: Supply) -> Iterator[Portion]:
    if distinct.at_least:
        label, other = _in_terms(distinct.where, distinct.in_terms, supply)
        least, test = distinct.at_least, distinct.where.matches
        in_terms = distinct.in_terms
        yield Portion(rule, label, other, test, least, supply.n_terms, in_terms=in_terms)


def _groups(count: Count, supply: Supply) -> Iterator[tuple[str, str, Test]]:
    """Yield the positions a count is about, in words and as a test: all, or those of each label."""
    if count.by is None:
        label, other = _in_terms(count.where, count.in_terms, supply)
        yield label, other, count.where.matches
        return
    names = (
        label_of(position, count.by)
        for position in supply.problem.positions
        if count.where.matches(position)
    )
    for name in dict.fromkeys(name for name in names if name is not None):
        label, other = of_label(count.by, name)
        yield label, other, _labelled(count.where, count.by, name)


def _at_most(
    count: Count, rule: str, supply: Supply, about: tuple[str, str, Test]
) -> Iterator[Portion]:
    assert count.at_most is not None  # noqa: S101
    label, other, test = about
    if count.unit == "terms":
        yield Portion(rule, label, other, test, 0, min(count.at_most, supply.n_terms))
        return
    away = supply.book.leave_weeks if count.unit == "practice" else 0
    limit = min(sum(supply.weeks), count.at_most + away)
    yield Portion(rule, label, other, test, 0, supply.most_terms(limit))
    yield Portion(rule, label, other, test, 0, supply.most_weeks(limit), in_weeks=True)


def _at_least(
    count: Count, rule: str, supply: Supply, about: tuple[str, str, Test]
) -> Iterator[Portion]:
    assert count.at_least is not None  # noqa: S101
    label, other, test = about
    if count.unit == "terms":
        least, terms = count.at_least, count.in_terms
        yield Portion(rule, label, other, test, least, supply.n_terms, in_terms=terms)
        return
    if count.in_terms is not None:
        return
    year = sum(supply.weeks)
    elsewhere = supply.most_weeks(year - count.at_least) if count.at_least <= year else -1
    least = supply.n_terms - supply.most_terms(max(0, elsewhere))
    yield Portion(rule, label, other, test, least, supply.n_terms)
    yield Portion(rule, label, other, test, year - elsewhere, year, in_weeks=True)


def _in_terms(where: Selector, in_terms: tuple[int, ...] | None, supply: Supply) -> tuple[str, str]:
    """Name positions in some terms: terms of 10 weeks or more outside service."""
    label, other = in_words(where)
    if in_terms is None:
        return label, other
    shortest = min((supply.weeks[number - 1] for number in in_terms), default=0)
    long = tuple(n for n, weeks in enumerate(supply.weeks, start=1) if weeks >= shortest)
    terms = f"Terms of {shortest} weeks or more" if long == in_terms else f"Terms {in_terms}"
    rest = label.removeprefix("Posts")
    return terms + (rest if rest != label else f", {label[0].lower()}{label[1:]}"), "other posts"


def _labelled(where: Selector, by: Label, name: str) -> Test:
    def test(position: Position) -> bool:
        return where.matches(position) and label_of(position, by) == name

    return test
