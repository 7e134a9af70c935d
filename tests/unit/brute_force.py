"""Every set of lines of a tiny problem, tried one by one: what the solvers are measured against."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations, combinations_with_replacement, pairwise, product

from planner_cli.domain.constraints.on_set import LinesServed
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Leave, Problem
from planner_cli.domain.referee import objections, violations
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.domain.rules.leave import AnnualLeave
from planner_cli.domain.rules.posts import FillPosts, LockedLines
from planner_cli.domain.scoring import score, unfilled_posts

Set = tuple[JobLine, ...]


class BruteForce:
    """All legal sets of a problem of a few lines, terms and positions."""

    def __init__(self, problem: Problem, book: RuleBook | None = None) -> None:
        self.problem = problem
        self.book = book or rule_book(problem)
        self._known_ways: dict[tuple[str, ...], list[JobLine]] = {}
        keeps = self.book.find(LockedLines) is not None
        self.kept = tuple(
            JobLine.from_record(record, problem, locked=True)
            for record in (problem.locked_lines if keeps else ())
        )

    def legal_sets(self) -> list[Set]:
        """Give every legal set of the right size: the largest possible ones where fewer will do."""
        sizes = [self.problem.n_job_lines]
        if self.problem.allow_partial:
            sizes = list(range(self.problem.n_job_lines, max(0, len(self.kept) - 1), -1))
        for may_drop in (False, True):
            for size in sizes if size_is_possible(sizes, self.kept) else []:
                found = [s for s in self._sets(size) if self.drops(s) == 0 or may_drop]
                if found:
                    fewest = min(map(self.drops, found))
                    return [s for s in found if self.drops(s) == fewest]
        return []

    def best_score(self, sets: Sequence[Set]) -> int:
        """Give the best score, preferred pathways served first as far as it costs no post."""
        if any(pathway.strength == "preferred" for pathway in self.problem.pathways):
            sets = _least(sets, lambda s: sum(unfilled_posts(self.problem, s).values()))
            sets = _least(sets, lambda s: -self._served(s))
        return max(score(self.problem, s).total for s in sets)

    def _served(self, lines: Set) -> int:
        return sum(
            min(pathway.n_lines, LinesServed(**dict(pathway)).n_serving(lines))
            for pathway in self.problem.pathways
            if pathway.strength == "preferred"
        )

    def drops(self, lines: Set) -> int:
        """Count the funded positions nobody holds although all must be filled."""
        if self.book.find(FillPosts) is None:
            return 0
        held = {p.id for line in lines for p in line.positions}
        return sum(
            p.excludable and any(p.posts_min) and p.id not in held for p in self.problem.positions
        )

    def _sets(self, size: int) -> Iterator[Set]:
        for new in combinations_with_replacement(self._lines, size - len(self.kept)):
            named = (replace(line, name=f"New {n}") for n, line in enumerate(new))
            lines = (*self.kept, *named)
            if self._fits(lines) and (placed := self._with_leave(lines)) is not None:
                records = [line.to_record() for line in placed]
                asked = self.problem.model_copy(update={"n_job_lines": size})
                if not objections(violations(asked, records, self.book)):
                    yield placed

    @cached_property
    def _lines(self) -> list[JobLine]:
        """Every line that is legal with some leave."""
        terms = self.problem.terms
        every = product(self.problem.positions, repeat=len(terms))
        lines = [JobLine("line", positions, terms) for positions in every]
        return [line for line in lines if self._ways(line)]

    def _fits(self, lines: Set) -> bool:
        used = Counter((t, p.id) for line in lines for t, p in enumerate(line.positions))
        by_id = self.problem.position_by_id
        return all(n <= by_id[position].posts_max[term] for (term, position), n in used.items())

    def _ways(self, line: JobLine) -> list[JobLine]:
        held = tuple(position.id for position in line.positions)
        if held not in self._known_ways:
            self._known_ways[held] = list(self._legal_ways(line))
        return self._known_ways[held]

    def _legal_ways(self, line: JobLine) -> Iterator[JobLine]:
        alone = self.problem.model_copy(update={"locked_lines": ()})
        ways = (replace(line, leave=leave) for leave in self._leaves)
        rules = tuple(r for r in self.book.rules if not isinstance(r, (FillPosts, LockedLines)))
        by_itself = replace(self.book, rules=tuple(r for r in rules if r.NAME != "PATHWAY"))
        for way in ways:
            if not any(v.line for v in violations(alone, [way.to_record()], by_itself)):
                yield way

    @cached_property
    def _leaves(self) -> list[tuple[Leave, ...]]:
        """Every way to take the leave due in up to three blocks."""
        n_weeks, due = self.problem.year_weeks, self.book.leave_weeks
        if not due:
            return [()]
        ways: list[tuple[Leave, ...]] = []
        for n_blocks in range(1, min(3, due) + 1):
            for starts in combinations(range(1, n_weeks + 1), n_blocks):
                for weeks in product(range(1, due + 1), repeat=n_blocks):
                    blocks = tuple(
                        Leave(start_week=s, weeks=n) for s, n in zip(starts, weeks, strict=True)
                    )
                    apart = all(a.end_week < b.start_week for a, b in pairwise(blocks))
                    if sum(weeks) == due and apart and blocks[-1].end_week <= n_weeks:
                        ways.append(blocks)
        return ways

    def _with_leave(self, lines: Set) -> Set | None:
        """Place leave on a set by trying; None when it does not fit."""
        rule = self.book.find(AnnualLeave)
        limited = rule is not None and rule.max_share_on_leave is not None
        new = [line for line in lines if not line.locked]
        ways = {line.positions: self._ways(line) for line in new}
        if not limited:
            return tuple(
                line if line.locked else replace(line, leave=ways[line.positions][0].leave)
                for line in lines
            )
        for chosen in product(*(ways[line.positions] for line in new)):
            leaves = iter(chosen)
            placed = tuple(
                line if line.locked else replace(line, leave=next(leaves).leave) for line in lines
            )
            assert rule is not None
            if not any(rule.set_violations(self.problem, placed)):
                return placed
        return None


def size_is_possible(sizes: Sequence[int], kept: Set) -> bool:
    """Locked lines are part of the set."""
    return bool(sizes) and sizes[0] >= len(kept)


def _least(sets: Sequence[Set], cost) -> list[Set]:  # type: ignore[no-untyped-def]
    least = min(map(cost, sets))
    return [s for s in sets if cost(s) == least]
