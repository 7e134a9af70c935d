"""Rules on the whole set: funded posts filled, locked lines kept, pathways served."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import ClassVar

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Pathway, Position, Problem
from planner_cli.domain.rules.base import Rule, Violation, rule_dataclass


@rule_dataclass
class FillPosts(Rule):
    """Every funded post (`posts_min`) is filled in every term.

    An excludable position that nobody holds in any term counts as dropped: its posts need not be
    filled. The planner drops one only if that saves the run.

    Without it an unfilled funded post costs 1000 in the score and is listed with its reason.

    Source: local rule of a hospital: funded posts are what must be filled.
    """

    NAME: ClassVar[str] = "FILL_POSTS"
    MEANS: ClassVar[str] = "Every funded post is filled."
    BLAME: ClassVar[int] = 2

    def set_violations(self, problem: Problem, lines: Sequence[JobLine]) -> Iterator[Violation]:
        """Yield each position and term with fewer people than funded posts."""
        used = posts_used(lines)
        held = {position for position, _ in used}
        for position in problem.positions:
            if position.excludable and position.id not in held:
                continue
            for term, n_funded in enumerate(position.posts_min):
                n_used = used[position.id, term]
                if n_used < n_funded:
                    message = (
                        f"{position.name} ({position.id}) in Term {term + 1}: "
                        f"{n_used} of {n_funded} funded posts filled"
                    )
                    yield Violation.of(self, None, message, n_used, n_funded)


@rule_dataclass
class LockedLines(Rule):
    """Every locked line is in the set exactly as it was locked.

    Source: the hospital's own decision: what was tuned by hand stays.
    """

    NAME: ClassVar[str] = "LOCKED_LINES"
    MEANS: ClassVar[str] = "Locked lines are kept untouched."

    def set_violations(self, problem: Problem, lines: Sequence[JobLine]) -> Iterator[Violation]:
        """Yield each locked line that is missing or changed."""
        by_name = {line.name: line for line in lines}
        for record in problem.locked_lines:
            kept = by_name.get(record.name)
            if kept is None:
                yield Violation.of(self, None, f"locked line {record.name} is missing")
            elif kept != JobLine.from_record(record, problem):
                yield Violation.of(self, None, f"locked line {record.name} was changed")


@rule_dataclass
class PathwayLines(Rule):
    """Enough lines serve each pathway of the problem.

    Source: the hospital's own programmes (rural generalist and the like).
    """

    NAME: ClassVar[str] = "PATHWAY"
    MEANS: ClassVar[str] = "Enough lines serve each pathway."

    def set_violations(self, problem: Problem, lines: Sequence[JobLine]) -> Iterator[Violation]:
        """Yield each pathway with too few lines, or too many when it says exactly."""
        for pathway in problem.pathways:
            n_lines = sum(serves(pathway, line.positions) for line in lines)
            if pathway.strength == "preferred":
                continue
            if n_lines < pathway.n_lines:
                message = (
                    f"pathway {pathway.name}: {n_lines} lines serve it, {pathway.n_lines} needed"
                )
                yield Violation.of(self, None, message, n_lines, pathway.n_lines)
            elif pathway.strength == "exactly" and n_lines > pathway.n_lines:
                message = (
                    f"pathway {pathway.name}: {n_lines} lines serve it, {pathway.n_lines} wanted"
                )
                yield Violation.of(self, None, message, n_lines, pathway.n_lines)


def serves(pathway: Pathway, positions: Sequence[Position]) -> bool:
    """Say whether positions hold all that a pathway asks for."""
    ids = {position.id for position in positions}
    areas = {area for p in positions for area in (p.specialty, p.subspecialty)}
    return ids.issuperset(pathway.positions) and areas.issuperset(pathway.specialties)


def posts_used(lines: Sequence[JobLine]) -> Counter[tuple[str, int]]:
    """Count the posts used, by position id and index of the term (from 0)."""
    return Counter(
        (position.id, term) for line in lines for term, position in enumerate(line.positions)
    )
