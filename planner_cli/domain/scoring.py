"""What a set of lines is worth: liked pairs, variety of teams, a fair floor, posts filled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from planner_cli.domain.lines import JobLine
from planner_cli.domain.occupancy import posts_used
from planner_cli.domain.problem import Position, Problem

TEAM_POINTS = 10
DUPLICATE_COST = 100
UNFILLED_COST = 1000

#: Pairs of specialties doctors advise to combine; the sources give a direction and no magnitude,
#: so each pair counts like one more team. Source: tips by doctors for term preferences,
#: https://onthewards.org/term-selection-preference-tips/
PRIOR_PAIRS: tuple[tuple[str, str], ...] = (
    ("Intensive care", "Emergency medicine"),
    ("Intensive care", "Anaesthesia"),
    ("Cardiothoracic surgery", "Cardiology"),
    ("General practice", "Paediatrics"),
    ("General practice", "Obstetrics & gynaecology"),
    ("Internal medicine", "Intensive care"),
)
PRIOR_POINTS = 10
#: Other names hospitals use for the specialties of the prior.
_SAME_AS = {"Intensive care medicine": "Intensive care", "Anaesthetics": "Anaesthesia"}

Affinity = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Score:
    """The score of a set of lines and its parts, in points.

    Parameters
    ----------
    total
        `sum + floor * n_lines - 100 * duplicates - 1000 * unfilled`.
    sum
        Sum of the lines' own scores.
    floor
        The worst line's own score.
    duplicates
        Lines minus distinct sets of positions.
    unfilled
        Funded posts no line fills, over all terms.
    of_lines
        Each line's own score, in order.
    """

    total: int
    sum: int
    floor: int
    duplicates: int
    unfilled: int
    of_lines: tuple[int, ...]


def affinity_of(problem: Problem) -> Affinity:
    """Give the worth of each pair of keys, both ways round; pairs without worth are absent.

    A problem without `affinity` gets the sourced prior; `{}` means none.
    """
    if problem.affinity is None:
        return _prior(problem.positions)
    pairs = {
        (first, second): value
        for first, row in problem.affinity.items()
        for second, value in row.items()
        if value
    }
    return pairs | {(second, first): value for (first, second), value in pairs.items()}


def line_score(positions: Sequence[Position], affinity: Affinity) -> int:
    """Score one line by the positions of its terms: liked pairs, and 10 for each distinct team."""
    liked = sum(affinity.get((a.key, b.key), 0) for a, b in combinations(positions, 2))
    return liked + TEAM_POINTS * len({position.team_key for position in positions})


def unfilled_posts(problem: Problem, lines: Sequence[JobLine]) -> dict[tuple[str, int], int]:
    """Give the funded posts left empty, by position id and index of the term (from 0)."""
    used = posts_used(lines)
    empty = {
        (position.id, term): n_funded - used[position.id, term]
        for position in problem.positions
        for term, n_funded in enumerate(position.posts_min)
    }
    return {post: n_empty for post, n_empty in empty.items() if n_empty > 0}


def n_duplicates(lines: Sequence[JobLine]) -> int:
    """Count lines minus distinct sets of positions."""
    return len(lines) - len({frozenset(p.id for p in line.positions) for line in lines})


def score(problem: Problem, lines: Sequence[JobLine]) -> Score:
    """Score a whole set of lines; an empty set scores only its unfilled posts."""
    affinity = affinity_of(problem)
    of_lines = tuple(line_score(line.positions, affinity) for line in lines)
    floor = min(of_lines, default=0)
    duplicates = n_duplicates(lines)
    unfilled = sum(unfilled_posts(problem, lines).values())
    total = (
        sum(of_lines) + len(lines) * floor - DUPLICATE_COST * duplicates - UNFILLED_COST * unfilled
    )
    return Score(total, sum(of_lines), floor, duplicates, unfilled, of_lines)


def near_clones(lines: Sequence[JobLine]) -> int:
    """Count pairs of lines whose positions differ in at most one term's worth of positions."""
    n_terms = len(lines[0].positions) if lines else 0
    held = Counter[tuple[str, ...]]()
    pairs = 0
    shortened = Counter[tuple[str, ...]]()
    for line in lines:
        ids = tuple(sorted(position.id for position in line.positions))
        held[ids] += 1
        for rest in {ids[:i] + ids[i + 1 :] for i in range(n_terms)}:
            shortened[rest] += 1
    pairs = sum(n * (n - 1) // 2 for n in shortened.values())
    same = sum(
        n * (n - 1) // 2 * (len({ids[:i] + ids[i + 1 :] for i in range(n_terms)}) - 1)
        for ids, n in held.items()
    )
    return pairs - same


def _prior(positions: Sequence[Position]) -> Affinity:
    areas_of: dict[str, set[str]] = {}
    for position in positions:
        names = {position.key, position.specialty}
        areas_of.setdefault(position.key, set()).update(_SAME_AS.get(n, n) for n in names)
    return {
        pair: PRIOR_POINTS
        for a in areas_of
        for b in areas_of
        if a != b
        for pair in ((a, b), (b, a))
        if any(
            (x in areas_of[a] and y in areas_of[b]) or (x in areas_of[b] and y in areas_of[a])
            for x, y in PRIOR_PAIRS
        )
    }
