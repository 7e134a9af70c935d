"""Types of positions: those no active rule, no pathway and no part of the score tells apart."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Pathway, Position, Problem
from planner_cli.domain.rules.catalogue import RuleBook
from planner_cli.domain.rules.posts import (
    FillPosts,
    LockedLines,
    PathwayLines,
    posts_used,
    serves,
)
from planner_cli.domain.scoring import Affinity, affinity_of, line_score
from planner_cli.solver.model.line_constraints import (
    Cap,
    Ints,
    LineConstraints,
    line_constraints_of,
)


@dataclass(frozen=True, eq=False)
class Demand:
    """How many of the free lines must (or should) serve a pathway.

    Parameters
    ----------
    pathway
        The pathway.
    asks
        A bit per thing the pathway asks for, per type, shape (K,).
    whole
        All bits: a line whose types hold them all serves the pathway.
    least, most
        Free lines that must serve it, those locked lines already give taken off; `most` is
        negative when the locked lines alone are too many.
    wished
        A preferred pathway: `least` is wished for, no rule.
    """

    pathway: Pathway
    asks: Ints
    whole: int
    least: int
    most: int
    wished: bool = False


@dataclass(frozen=True, eq=False)
class PositionTypes:
    """A problem as the patterns see it: K types of positions, T terms, and the free lines.

    Parameters
    ----------
    problem, constraints
        The problem, and the rules of one line over types.
    members
        Indices of the problem's positions, per type.
    samples
        One position of each type; it stands for all in everything a rule reads.
    least, most
        Funded and accredited posts the locked lines leave over, shape (K, T).
    span
        Consecutive terms one stay takes, per type.
    likes
        Affinity of two types on one line, shape (K, K).
    teams
        Label of the team, per type.
    n_lines
        Lines to build: those asked for without the locked ones.
    locked
        The locked lines, kept as they are.
    locked_scores
        Their own scores.
    demands
        What pathways ask of the free lines; preferred ones too.
    fill
        Funded posts must be filled.
    overfull
        Posts (position index, term) the locked lines alone hold beyond accreditation.
    """

    problem: Problem
    constraints: LineConstraints
    members: tuple[tuple[int, ...], ...]
    samples: tuple[Position, ...]
    least: Ints
    most: Ints
    span: Ints
    likes: Ints
    teams: Ints
    n_lines: int
    locked: tuple[JobLine, ...]
    locked_scores: tuple[int, ...]
    demands: tuple[Demand, ...]
    fill: bool
    overfull: tuple[tuple[int, int], ...]

    @property
    def n_types(self) -> int:
        """Number of types, K."""
        return len(self.members)

    @property
    def n_terms(self) -> int:
        """Number of terms, T."""
        return self.constraints.n_terms

    def sizes(self) -> Ints:
        """Positions of each type, shape (K,)."""
        return np.array([len(m) for m in self.members], dtype=np.int64)

    def open(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Say which type a free line may hold in which term, shape (K, T)."""
        usable: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (
            self.most > 0
        ) & ~self.constraints.forbidden()
        for type_ in np.flatnonzero(self.span == 2):
            row = usable[type_]
            starts = row[:-1] & row[1:]
            usable[type_] = np.append(starts, False) | np.append(False, starts)
        return usable

    def with_lines(self, n_lines: int) -> "PositionTypes":
        """Give the same with another number of free lines; with more, more may serve a pathway."""
        demands = tuple(
            demand
            if demand.pathway.strength == "exactly"
            else replace(demand, most=max(demand.most, n_lines))
            for demand in self.demands
        )
        return replace(self, n_lines=n_lines, demands=demands)

    def with_demands(self, demands: tuple[Demand, ...]) -> "PositionTypes":
        """Give the same with other demands of pathways."""
        return replace(self, demands=demands)


def position_types_of(
    problem: Problem, book: RuleBook, apart: frozenset[int] = frozenset()
) -> PositionTypes:
    """Group the positions of a problem by everything its rules and its score read.

    Positions without posts left in any term are in no type. A position of two terms is a type of
    its own, so that a stay of its type is a stay in one position; so is each of the positions
    (by index) kept apart.
    """
    kept = problem.locked_lines if book.find(LockedLines) else ()
    locked = tuple(JobLine.from_record(record, problem, locked=True) for record in kept)
    least, most, overfull = _posts_left(problem, locked)
    constraints = line_constraints_of(problem, book)
    members = _groups(problem, book, constraints, most, apart)
    chosen = np.array([group[0] for group in members], dtype=np.int64)
    affinity = affinity_of(problem)
    samples = tuple(problem.positions[i] for i in chosen)
    n_types, n_terms = len(members), len(problem.terms)
    return PositionTypes(
        problem=problem,
        constraints=_with_stays(constraints.take(chosen), members, samples),
        members=members,
        samples=samples,
        least=_sums(least, members).reshape(n_types, n_terms),
        most=_sums(most, members).reshape(n_types, n_terms),
        span=np.array([p.span_terms for p in samples], dtype=np.int64),
        likes=_likes([position.key for position in samples], affinity),
        teams=_numbers([p.team_key for p in samples]),
        n_lines=problem.n_job_lines - len(locked),
        locked=locked,
        locked_scores=tuple(line_score(line.positions, affinity) for line in locked),
        demands=_demands(problem, book, samples, locked),
        fill=book.find(FillPosts) is not None,
        overfull=overfull,
    )


def _likes(keys: list[str], affinity: Affinity) -> Ints:
    """Give the worth of each pair of types, looked up once for each pair of keys; (K, K)."""
    names = list(dict.fromkeys(keys))
    number = {name: n for n, name in enumerate(names)}
    worth = np.zeros((len(names), len(names)), dtype=np.int64)
    for (first, second), points in affinity.items():
        if first in number and second in number:
            worth[number[first], number[second]] = points
    held = np.array([number[key] for key in keys], dtype=np.int64)
    return worth[np.ix_(held, held)]


def _posts_left(
    problem: Problem, locked: tuple[JobLine, ...]
) -> tuple[Ints, Ints, tuple[tuple[int, int], ...]]:
    used_by = posts_used(locked)
    n_terms = len(problem.terms)
    used = np.array(
        [[used_by[p.id, t] for t in range(n_terms)] for p in problem.positions], dtype=np.int64
    )
    least = np.array([p.posts_min for p in problem.positions], dtype=np.int64)
    most = np.array([p.posts_max for p in problem.positions], dtype=np.int64)
    overfull = tuple((int(p), int(t)) for p, t in np.argwhere(used > most))
    return np.maximum(least - used, 0), np.maximum(most - used, 0), overfull


def _groups(
    problem: Problem,
    book: RuleBook,
    constraints: LineConstraints,
    most: Ints,
    apart: frozenset[int],
) -> tuple[tuple[int, ...], ...]:
    affinity = affinity_of(problem)
    liked = {key for pair in affinity for key in pair}
    pathways = problem.pathways if book.find(PathwayLines) else ()
    asked = {name for pathway in pathways for name in pathway.positions}
    areas = {area for pathway in pathways for area in pathway.specialties}
    groups: dict[object, list[int]] = {}
    for index, (position, read) in enumerate(
        zip(problem.positions, constraints.signature(), strict=True)
    ):
        if not most[index].any():
            continue
        alone = position.span_terms == 2 or position.id in asked or index in apart
        signature = (
            read,
            position.key if position.key in liked else None,
            position.team_key,
            tuple(sorted({position.specialty, position.subspecialty or ""} & areas)),
            position.id if alone else None,
        )
        groups.setdefault(signature, []).append(index)
    return tuple(tuple(group) for group in groups.values())


def _with_stays(
    constraints: LineConstraints,
    members: tuple[tuple[int, ...], ...],
    samples: tuple[Position, ...],
) -> LineConstraints:
    """Add the cap that no position comes twice: at most as many stays as the type has positions."""
    if not constraints.single_stay:
        return constraints
    limits = [len(m) * p.span_terms for m, p in zip(members, samples, strict=True)]
    cap = Cap(
        np.arange(len(members), dtype=np.int64),
        np.array(limits, dtype=np.int64),
        np.ones(constraints.n_terms, dtype=np.int64),
        np.ones(len(members), dtype=np.int64),
    )
    return replace(constraints, caps=(*constraints.caps, cap))


def _demands(
    problem: Problem, book: RuleBook, samples: tuple[Position, ...], locked: tuple[JobLine, ...]
) -> tuple[Demand, ...]:
    if book.find(PathwayLines) is None:
        return ()
    demands = []
    for pathway in problem.pathways:
        already = sum(serves(pathway, line.positions) for line in locked)
        asked = [("position", name) for name in dict.fromkeys(pathway.positions)]
        asked += [("area", name) for name in dict.fromkeys(pathway.specialties)]
        asks = [
            sum(
                1 << bit
                for bit, (what, name) in enumerate(asked)
                if (name == p.id if what == "position" else name in (p.specialty, p.subspecialty))
            )
            for p in samples
        ]
        most = pathway.n_lines - already if pathway.strength == "exactly" else problem.n_job_lines
        demands.append(
            Demand(
                pathway,
                np.array(asks, dtype=np.int64),
                (1 << len(asked)) - 1,
                max(0, pathway.n_lines - already),
                most,
                wished=pathway.strength == "preferred",
            )
        )
    return tuple(demands)


def _sums(posts: Ints, members: tuple[tuple[int, ...], ...]) -> Ints:
    return np.array([posts[list(group)].sum(axis=0) for group in members], dtype=np.int64)


def _numbers(names: list[str]) -> Ints:
    order = Counter[str]()
    for name in names:
        order.setdefault(name, len(order))
    return np.array([order[name] for name in names], dtype=np.int64)
