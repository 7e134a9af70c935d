"""Constraints on the whole set of lines: posts, pathways, locked lines, leave taken together.

As on one line (see `on_line.py`), every rule of the catalogue on the set is made of these. A wish
is a constraint whose breach is told and never a reason to refuse a set.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import ClassVar, Literal

from planner_cli.domain.lines import JobLine
from planner_cli.domain.occupancy import away_by_week, posts_used, weeks_of_leave
from planner_cli.domain.problem import LineRecord, Position, Problem

#: A hair against binary fractions: a fifth of 10 people is 2, not 3.
_HAIR = 1e-9
#: Shares that differ by less than this are called the same.
_SAME_SHARE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBreach:
    """One way in which a set of lines breaks a constraint, or leaves a wish unmet.

    Parameters
    ----------
    found, limit
        The numbers, in the constraint's unit; None where it has none.
    what
        Which of a constraint's sentences says it, where it has several.
    words
        What else the sentence names: `name`, `position`, `term`, and so on.
    wished
        A wish that is not met: it makes no set illegal.
    """

    found: int | None = None
    limit: int | None = None
    what: str = ""
    words: Mapping[str, object] = field(default_factory=dict)
    wished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """No position has more people in a term than accredited posts (`posts_max`)."""

    KIND: ClassVar[str] = "posts"

    def breaches(self, problem: Problem, lines: Sequence[JobLine]) -> Iterator[SetBreach]:
        """Yield each position and term with more people than accredited posts."""
        used = posts_used(lines)
        for position in problem.positions:
            for term, n_accredited in enumerate(position.posts_max):
                n_used = used[position.id, term]
                if n_used > n_accredited:
                    words = _place(position, term)
                    yield SetBreach(found=n_used, limit=n_accredited, words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostsFilled:
    """Every funded post (`posts_min`) is filled in every term.

    An excludable position that nobody holds in any term counts as dropped: its posts need not be
    filled.
    """

    KIND: ClassVar[str] = "posts_filled"

    def breaches(self, problem: Problem, lines: Sequence[JobLine]) -> Iterator[SetBreach]:
        """Yield each position and term with fewer people than funded posts."""
        used = posts_used(lines)
        held = {position for position, _ in used}
        for position in problem.positions:
            if position.excludable and position.id not in held:
                continue
            for term, n_funded in enumerate(position.posts_min):
                n_used = used[position.id, term]
                if n_used < n_funded:
                    words = _place(position, term)
                    yield SetBreach(found=n_used, limit=n_funded, words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesServed:
    """So many lines hold each of some positions, and a position of each of some specialties.

    Parameters
    ----------
    name
        What the lines serve, such as a pathway.
    n_lines
        At least so many lines, or exactly, or as many as can be.
    positions, specialties
        Ids of positions, and names of specialties or subspecialties; a line that serves holds all.
    strength
        `preferred` is a wish.
    """

    KIND: ClassVar[str] = "lines_served"

    name: str
    n_lines: int
    positions: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    strength: Literal["at_least", "exactly", "preferred"] = "at_least"

    @property
    def wished(self) -> bool:
        """Say whether it is a wish."""
        return self.strength == "preferred"

    def asks(self) -> tuple[Callable[[Position], bool], ...]:
        """Give a test of positions for each thing a line that serves must hold."""
        by_id = (_is(name) for name in dict.fromkeys(self.positions))
        by_area = (_is_in(name) for name in dict.fromkeys(self.specialties))
        return (*by_id, *by_area)

    def serves(self, positions: Sequence[Position]) -> bool:
        """Say whether a line that holds these positions serves."""
        return all(any(test(position) for position in positions) for test in self.asks())

    def n_serving(self, lines: Sequence[JobLine]) -> int:
        """Count the lines that serve."""
        return sum(self.serves(line.positions) for line in lines)

    def breaches(
        self,
        problem: Problem,  # noqa: ARG002
        lines: Sequence[JobLine],
    ) -> Iterator[SetBreach]:
        """Yield one breach where too few lines serve (`few` or `wish`), or too many (`many`)."""
        found, limit, words = self.n_serving(lines), self.n_lines, {"name": self.name}
        if found < limit:
            what = "wish" if self.wished else "few"
            yield SetBreach(found=found, limit=limit, what=what, words=words, wished=self.wished)
        elif found > limit and self.strength == "exactly":
            yield SetBreach(found=found, limit=limit, what="many", words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesKept:
    """These lines are in the set, each exactly as it stands here."""

    KIND: ClassVar[str] = "lines_kept"

    lines: tuple[LineRecord, ...]

    def breaches(self, problem: Problem, lines: Sequence[JobLine]) -> Iterator[SetBreach]:
        """Yield each line that is `missing` or `changed`."""
        by_name = {line.name: line for line in lines}
        for record in self.lines:
            kept = by_name.get(record.name)
            if kept is None or kept != JobLine.from_record(record, problem):
                what = "missing" if kept is None else "changed"
                yield SetBreach(what=what, words={"name": record.name})


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveTogether:
    """Of the people of a position in a week, at most a share is on leave, in whole people up."""

    KIND: ClassVar[str] = "leave_together"

    most_share: float

    def most_away(self, n_people: int) -> int:
        """Give how many of a position's people may be on leave in one week."""
        return ceil(self.most_share * n_people - _HAIR)

    def breaches(self, problem: Problem, lines: Sequence[JobLine]) -> Iterator[SetBreach]:
        """Yield each position and term in which too many are on leave, with the worst week."""
        holders = Counter((t, p.id) for line in lines for t, p in enumerate(line.positions))
        away = away_by_week(problem, lines)
        for (term, position), n_people in sorted(holders.items()):
            limit = self.most_away(n_people)
            first = problem.first_weeks[term]
            weeks = range(first, first + problem.terms[term].weeks)
            week, most = max(((w, away[position, w]) for w in weeks), key=lambda item: item[1])
            if most > limit:
                words = _place(problem.position_by_id[position], term)
                words |= {"people": n_people, "week": week}
                yield SetBreach(found=most, limit=limit, words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveSpread:
    """A wish: this share of all weeks of leave lies in the first half of the year."""

    KIND: ClassVar[str] = "leave_spread"

    first_half: float

    def breaches(self, problem: Problem, lines: Sequence[JobLine]) -> Iterator[SetBreach]:
        """Yield one unmet wish where the share is another."""
        half = problem.year_weeks // 2
        weeks = weeks_of_leave(lines)
        share = sum(week <= half for week in weeks) / max(1, len(weeks))
        if abs(share - self.first_half) > _SAME_SHARE:
            words = {"share": f"{share:.0%}", "wished": f"{self.first_half:.0%}"}
            yield SetBreach(words=words, wished=True)


SetConstraint = Posts | PostsFilled | LinesServed | LinesKept | LeaveTogether | LeaveSpread
SET_KINDS: dict[str, type[SetConstraint]] = {
    kind.KIND: kind
    for kind in (Posts, PostsFilled, LinesServed, LinesKept, LeaveTogether, LeaveSpread)
}


def _place(position: Position, term: int) -> dict[str, object]:
    return {"name": position.name, "position": position.id, "term": term + 1}


def _is(wanted: str) -> Callable[[Position], bool]:
    return lambda position: position.id == wanted


def _is_in(area: str) -> Callable[[Position], bool]:
    return lambda position: area in {position.specialty, position.subspecialty}
