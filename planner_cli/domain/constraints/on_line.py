"""Constraints on one line: count, distinct, changes, adjacent, before, same, and its leave.

Every rule of the catalogue on one line is made of these, so that whoever computes with lines (the
solver, the explanations, the page) need know no rule.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Position
from planner_cli.domain.selector import EVERY_POSITION, Label, Selector, label_of

#: Weeks of `practice` are those without annual leave.
Unit = Literal["terms", "weeks", "practice", "stays"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One way in which a line breaks a constraint.

    Parameters
    ----------
    found, limit
        The numbers, in the constraint's unit; None where it has none.
    what
        Which of a constraint's sentences says it, where it has several.
    label
        The label that is broken, such as a specialty; None where no label is asked for.
    terms
        Numbers of the terms that are to blame, from 1.
    text
        What was found and what is allowed where they are no numbers.
    """

    found: int | None = None
    limit: int | None = None
    what: str = ""
    label: str | None = None
    terms: tuple[int, ...] = ()
    text: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What matches, in terms, weeks or stays, lies between two numbers.

    Parameters
    ----------
    unit
        What is counted. A stay counts in the term in which it begins.
    where
        Positions that count.
    by
        Count each label by itself: no label may have more than `at_most`, and one of them must
        have `at_least`. Positions without the label do not count. None counts all together.
    in_terms
        Numbers of the terms that count, from 1; None means all.
    at_least, at_most
        The bounds; None where there is none.
    each
        With `at_most` 0: every term that matches is a breach of its own.
    """

    KIND: ClassVar[str] = "count"

    unit: Unit = "terms"
    where: Selector = EVERY_POSITION
    by: Label | None = None
    in_terms: tuple[int, ...] | None = None
    at_least: int | None = None
    at_most: int | None = None
    each: bool = False

    def __post_init__(self) -> None:
        """Refuse what no part of the planner could count the same way.

        Raises
        ------
        ValueError
            Stays of some terms only, a most frequent label of anything but the year's terms, or
            the least practice of a part of the year.
        """
        if self.in_terms is not None and self.unit == "stays":
            raise ValueError("stays are counted over the whole year")
        grouped = self.by is not None and self.at_least is not None
        if grouped and (self.in_terms is not None or self.unit != "terms"):
            raise ValueError("a label's least is counted in terms of the whole year")
        whole = self.in_terms is None and self.where == EVERY_POSITION
        if self.unit == "practice" and self.at_least is not None and not whole:
            raise ValueError("the least weeks of practice are those of the whole year")
        if self.unit == "practice" and self.by is not None:
            raise ValueError("weeks of practice are counted for all labels together")

    def counts(self, number: int, position: Position) -> bool:
        """Say whether a position counts in a term, given by its number from 1."""
        return _counts(number, self.in_terms) and self.where.matches(position)

    def breaches(self, line: JobLine) -> Iterator[Breach]:
        """Yield each label with too much, then one breach where too little is found."""
        amounts: dict[str | None, int] = {}
        terms: dict[str | None, list[int]] = {}
        for number, label, amount in self._matching(line):
            amounts[label] = amounts.get(label, 0) + amount
            terms.setdefault(label, []).append(number)
        for label, amount in amounts.items():
            if self.at_most is None or amount <= self.at_most:
                continue
            if self.each:
                for number in terms[label]:
                    yield Breach(found=1, limit=self.at_most, label=label, terms=(number,))
            else:
                held = tuple(terms[label])
                yield Breach(found=amount, limit=self.at_most, label=label, terms=held)
        label, most = max(amounts.items(), key=lambda item: item[1], default=(None, 0))
        if self.at_least is not None and most < self.at_least:
            held = tuple(terms.get(label, ()))
            yield Breach(found=most, limit=self.at_least, label=label, terms=held)

    def _matching(self, line: JobLine) -> Iterator[tuple[int, str | None, int]]:
        """Yield the number of each term that counts, its label and how much it counts."""
        begins = {stay.first_term for stay in line.stays} if self.unit == "stays" else set[int]()
        for number, (term, position) in enumerate(line.rotations(), start=1):
            if not self.counts(number, position):
                continue
            label = None if self.by is None else label_of(position, self.by)
            if self.by is not None and label is None:
                continue
            amount = {
                "terms": 1,
                "weeks": term.weeks,
                "practice": term.weeks - line.leave_by_term[number - 1],
                "stays": int(number in begins),
            }[self.unit]
            yield number, label, amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """So many different labels at least, or at most, among what matches.

    Parameters
    ----------
    by
        The label. Positions without it do not count.
    where, in_terms
        Positions, and numbers of the terms, that count.
    at_least, at_most
        The bounds; None where there is none.
    """

    KIND: ClassVar[str] = "distinct"

    by: Label
    where: Selector = EVERY_POSITION
    in_terms: tuple[int, ...] | None = None
    at_least: int | None = None
    at_most: int | None = None

    def breaches(self, line: JobLine) -> Iterator[Breach]:
        """Yield one breach where there are too few labels, or too many."""
        terms: dict[str, int] = {}
        for number, position in enumerate(line.positions, start=1):
            if _counts(number, self.in_terms) and self.where.matches(position):
                label = label_of(position, self.by)
                if label is not None:
                    terms.setdefault(label, number)
        found, held = len(terms), tuple(terms.values())
        if self.at_least is not None and found < self.at_least:
            yield Breach(found=found, limit=self.at_least, terms=held)
        if self.at_most is not None and found > self.at_most:
            yield Breach(found=found, limit=self.at_most, terms=held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The label changes at most so often from one term to the next."""

    KIND: ClassVar[str] = "changes"

    by: Label
    at_most: int

    def breaches(self, line: JobLine) -> Iterator[Breach]:
        """Yield one breach where the label changes too often."""
        labels = [label_of(position, self.by) for position in line.positions]
        pairs = enumerate(pairwise(labels), start=2)
        changed = tuple(number for number, (before, after) in pairs if before != after)
        if len(changed) > self.at_most:
            yield Breach(found=len(changed), limit=self.at_most, terms=changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjacent:
    """No stay that matches `first` is directly followed by one that matches `then`."""

    KIND: ClassVar[str] = "adjacent"

    first: Selector
    then: Selector

    def breaches(self, line: JobLine) -> Iterator[Breach]:
        """Yield each pair of neighbours that may not be neighbours."""
        for before, after in pairwise(line.stays):
            if self.first.matches(before.position) and self.then.matches(after.position):
                yield Breach(found=1, limit=0, terms=(before.last_term, after.first_term))


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A stay that matches `then` comes only after enough terms or weeks of `first`."""

    KIND: ClassVar[str] = "before"

    first: Selector
    then: Selector
    at_least: int = 1
    unit: Literal["terms", "weeks"] = "terms"

    def breaches(self, line: JobLine) -> Iterator[Breach]:
        """Yield each stay that comes too early."""
        for stay in line.stays:
            if not self.then.matches(stay.position):
                continue
            earlier = list(line.rotations())[: stay.first_term - 1]
            found = sum(
                1 if self.unit == "terms" else term.weeks
                for term, position in earlier
                if self.first.matches(position)
            )
            if found < self.at_least:
                yield Breach(found=found, limit=self.at_least, terms=(stay.first_term,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """All that matches has one label. Positions without the label do not count."""

    KIND: ClassVar[str] = "same"

    by: Label
    where: Selector = EVERY_POSITION

    def breaches(self, line: JobLine) -> Iterator[Breach]:
        """Yield one breach where there are several labels."""
        yield from Distinct(by=self.by, where=self.where, at_most=1).breaches(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """How much leave a line takes, in which blocks, and how far apart.

    Parameters
    ----------
    weeks
        Weeks due; None asks for no number.
    splits
        Allowed lengths of the blocks in order of time; empty allows any.
    min_gap_weeks
        Least weeks between two blocks.
    most_in_term
        Most weeks in one term; None allows any.
    """

    KIND: ClassVar[str] = "leave"

    weeks: int | None = None
    splits: tuple[tuple[int, ...], ...] = ()
    min_gap_weeks: int = 0
    most_in_term: int | None = None

    def breaches(self, line: JobLine) -> Iterator[Breach]:
        """Yield what is wrong with the leave: `weeks`, `split`, `gap` or `term`."""
        taken = tuple(block.weeks for block in line.leave)
        if self.weeks is not None and sum(taken) != self.weeks:
            yield Breach(what="weeks", found=sum(taken), limit=self.weeks)
        if self.splits and taken not in self.splits:
            allowed = " or ".join(_sum(split) for split in self.splits)
            yield Breach(what="split", text=(_sum(taken), allowed))
        for before, after in pairwise(line.leave):
            gap = after.start_week - before.end_week - 1
            if gap < self.min_gap_weeks:
                yield Breach(what="gap", found=gap, limit=self.min_gap_weeks)
        for number, weeks in enumerate(line.leave_by_term, start=1):
            if self.most_in_term is not None and weeks > self.most_in_term:
                yield Breach(what="term", found=weeks, limit=self.most_in_term, terms=(number,))


LineConstraint = Count | Distinct | Changes | Adjacent | Before | Same | Leave
LINE_KINDS: dict[str, type[LineConstraint]] = {
    kind.KIND: kind for kind in (Count, Distinct, Changes, Adjacent, Before, Same, Leave)
}


def _counts(number: int, in_terms: tuple[int, ...] | None) -> bool:
    return in_terms is None or number in in_terms


def _sum(blocks: Sequence[int]) -> str:
    return "+".join(map(str, blocks)) or "none"
