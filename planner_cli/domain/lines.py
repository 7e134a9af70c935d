"""A job line: one position in each term, and the leave; anonymous until a doctor chooses it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from planner_cli.domain.problem import Leave, LineRecord, Position, Problem, Rotation, Term


@dataclass(frozen=True, slots=True)
class Stay:
    """A position held without a break; its terms are numbered from 1.

    The same position again after a stay is whole is a stay of its own.
    """

    position: Position
    first_term: int
    last_term: int


@dataclass(frozen=True)
class JobLine:
    """One clinical year of a junior doctor.

    Parameters
    ----------
    name
        Name of the line, unique in its set.
    positions
        The position of each term, in order; a stay of two terms appears in both.
    terms
        The terms of the year, as many as positions.
    leave
        Blocks of annual leave, in order; empty when none is placed.
    locked
        Kept untouched by hand: its rules are the manager's, not the planner's.
    """

    name: str
    positions: tuple[Position, ...]
    terms: tuple[Term, ...]
    leave: tuple[Leave, ...] = ()
    locked: bool = field(default=False, compare=False)

    @classmethod
    def from_record(
        cls, record: LineRecord, problem: Problem, *, locked: bool = False
    ) -> "JobLine":
        """Build a line from its record.

        Raises
        ------
        KeyError
            If a rotation names no position of the problem, or a term has no rotation.
        """
        position_of = {r.term: problem.position_by_id[r.position] for r in record.rotations}
        positions = tuple(position_of[number] for number in range(1, len(problem.terms) + 1))
        leave = tuple(sorted(record.leave, key=lambda block: block.start_week))
        return cls(record.name, positions, problem.terms, leave, locked)

    def to_record(self, score: int | None = None) -> LineRecord:
        """Give the line as it is written down."""
        rotations = tuple(
            Rotation(term=number, position=position.id)
            for number, position in enumerate(self.positions, start=1)
        )
        return LineRecord(name=self.name, score=score, rotations=rotations, leave=self.leave)

    @property
    def year_weeks(self) -> int:
        """Weeks of the year: the base of every percentage."""
        return sum(term.weeks for term in self.terms)

    def rotations(self) -> Iterator[tuple[Term, Position]]:
        """Yield each term with its position."""
        yield from zip(self.terms, self.positions, strict=True)

    @cached_property
    def stays(self) -> tuple[Stay, ...]:
        """The stays in order of time; as long as the position's `span_terms`, cut where it ends."""
        stays: list[Stay] = []
        index = 0
        while index < len(self.positions):
            position, last = self.positions[index], index
            for following in self.positions[index + 1 : index + position.span_terms]:
                if following.id != position.id:
                    break
                last += 1
            stays.append(Stay(position, index + 1, last + 1))
            index = last + 1
        return tuple(stays)

    @cached_property
    def leave_by_term(self) -> tuple[int, ...]:
        """Weeks of leave that fall into each term."""
        weeks, first = [], 1
        for term in self.terms:
            last = first + term.weeks - 1
            weeks.append(
                sum(
                    max(0, min(last, block.end_week) - max(first, block.start_week) + 1)
                    for block in self.leave
                )
            )
            first = last + 1
        return tuple(weeks)
