"""Types of positions: those no active rule, no pathway and no part of the score tells apart."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from planner_cli.domain.constraints.on_set import LinesServed, PostsFilled
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Position, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.scoring import Affinity, affinity_of, line_score
from planner_cli.solver.arrays import Ints
from planner_cli.solver.model.line_classes import LineClass, every_line, serving, with_lines
from planner_cli.solver.model.line_constraints import Cap, LineConstraints
from planner_cli.solver.model.line_forms import line_constraints_of
from planner_cli.solver.model.remaining_posts import RemainingPosts


@dataclass(frozen=True, eq=False)
class PositionTypes:
    """A problem as the columns see it: K types of positions, T terms, and the free lines.

    Parameters
    ----------
    remaining
        The problem's posts, those of locked lines taken off.
    constraints
        The rules of one line over types.
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
    locked_scores
        Own scores of the locked lines.
    classes
        All free lines, then those that serve each pathway; preferred ones too.
    fill
        Funded posts must be filled.
    """

    remaining: RemainingPosts
    constraints: LineConstraints
    members: tuple[tuple[int, ...], ...]
    samples: tuple[Position, ...]
    least: Ints
    most: Ints
    span: Ints
    likes: Ints
    teams: Ints
    locked_scores: tuple[int, ...]
    classes: tuple[LineClass, ...]
    fill: bool

    @property
    def problem(self) -> Problem:
        """The problem."""
        return self.remaining.problem

    @property
    def locked(self) -> tuple[JobLine, ...]:
        """The locked lines, kept as they are."""
        return self.remaining.kept

    @property
    def overfull(self) -> tuple[tuple[int, int], ...]:
        """Posts (position index, term) the locked lines alone hold beyond accreditation."""
        return tuple((index, term) for term, index in self.remaining.overdrawn())

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

    @property
    def n_lines(self) -> int:
        """Lines to build: those asked for without the locked ones."""
        return self.classes[0].most

    @property
    def served(self) -> tuple[LineClass, ...]:
        """The classes that ask for something: one per pathway."""
        return self.classes[1:]

    def with_lines(self, n_lines: int) -> "PositionTypes":
        """Give the same with another number of free lines."""
        return replace(self, classes=with_lines(self.classes, n_lines))

    def with_served(self, served: tuple[LineClass, ...]) -> "PositionTypes":
        """Give the same with other classes that ask for something."""
        return replace(self, classes=(self.classes[0], *served))


def position_types_of(
    problem: Problem, book: RuleBook, apart: frozenset[int] = frozenset()
) -> PositionTypes:
    """Group the positions of a problem by everything its rules and its score read.

    Positions without posts left in any term are in no type. A position of two terms is a type of
    its own, so that a stay of its type is a stay in one position; so is each of the positions
    (by index) kept apart.
    """
    posts = RemainingPosts(problem, book)
    constraints = line_constraints_of(problem, book)
    served = book.on_set(problem, LinesServed)
    members = _groups(constraints, posts, served, apart)
    chosen = np.array([group[0] for group in members], dtype=np.int64)
    affinity = affinity_of(problem)
    samples = tuple(problem.positions[i] for i in chosen)
    n_types, n_terms = len(members), len(problem.terms)
    return PositionTypes(
        remaining=posts,
        constraints=_with_stays(constraints.take(chosen), members, samples),
        members=members,
        samples=samples,
        least=_sums(posts.funded, members).reshape(n_types, n_terms),
        most=_sums(posts.accredited, members).reshape(n_types, n_terms),
        span=np.array([p.span_terms for p in samples], dtype=np.int64),
        likes=_likes([position.key for position in samples], affinity),
        teams=_numbers([p.team_key for p in samples]),
        locked_scores=tuple(line_score(line.positions, affinity) for line in posts.kept),
        classes=(
            every_line(n_types, problem.n_job_lines - len(posts.kept)),
            *(serving(asked, samples, posts.kept, problem.n_job_lines) for asked in served),
        ),
        fill=bool(book.on_set(problem, PostsFilled)),
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


def _groups(
    constraints: LineConstraints,
    posts: RemainingPosts,
    served: tuple[LinesServed, ...],
    apart: frozenset[int],
) -> tuple[tuple[int, ...], ...]:
    problem = posts.problem
    liked = {key for pair in affinity_of(problem) for key in pair}
    tests = [test for asked in served for test in asked.asks()]
    groups: dict[object, list[int]] = {}
    for index, (position, read) in enumerate(
        zip(problem.positions, constraints.signature(), strict=True)
    ):
        if not posts.accredited[index].any():
            continue
        alone = position.span_terms == 2 or index in apart
        signature = (
            read,
            position.key if position.key in liked else None,
            position.team_key,
            tuple(test(position) for test in tests),
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


def _sums(posts: Ints, members: tuple[tuple[int, ...], ...]) -> Ints:
    return np.array([posts[list(group)].sum(axis=0) for group in members], dtype=np.int64)


def _numbers(names: list[str]) -> Ints:
    order = Counter[str]()
    for name in names:
        order.setdefault(name, len(order))
    return np.array([order[name] for name in names], dtype=np.int64)
