"""Families of hospitals: problems made around hidden legal lines, the same for the same seed.

Whoever finds no lines for one of these has failed: legal lines were made first and the posts after
them. `of_family(family, n_lines, seed)` gives a problem and the lines it was made around.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from planner_cli.domain.constraints.on_set import LinesServed
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Pathway, Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.rules.catalogue import packs, rule_book
from planner_cli.solver.leave.placing import LeaveImpossible, place_leave

FIVE = (10, 10, 10, 10, 12)
#: Specialty, subspecialty, categories and how often, of every ten units.
UNITS = (
    ("Medicine", "General medicine", "BC", 2),
    ("Medicine", "Cardiology", "BC", 1),
    ("Medicine", "Nephrology", "BC", 1),
    ("Medicine", "Geriatrics", "B", 1),
    ("Medicine", "Oncology", "B", 1),
    ("Surgery", "General surgery", "CD", 2),
    ("Surgery", "Orthopaedics", "CD", 1),
    ("Surgery", "Urology", "D", 1),
    ("Emergency medicine", None, "AC", 3),
    ("Psychiatry", None, "B", 1),
    ("Paediatrics", None, "AC", 1),
    ("Obstetrics and gynaecology", None, "CD", 1),
    ("General practice", None, "AB", 1),
    ("Intensive care", None, "C", 1),
)


@dataclass(frozen=True)
class Family:
    """What the problems of a family have in common.

    Parameters
    ----------
    constraints
        Packs and rules.
    weeks
        Weeks of each term.
    n_sites
        Sites; with `clustered` a unit's neighbours are at its site, else anywhere.
    long_stays
        Share of units whose stays take two terms.
    service
        Share of units that are relief or nights.
    fill
        Funded posts must be filled; every tenth unit may be dropped.
    structured
        Affinity by groups of subspecialties; else each pair by itself.
    leave
        Weeks of annual leave of each line.
    """

    constraints: tuple[Any, ...]
    weeks: tuple[int, ...] = FIVE
    n_sites: int = 1
    clustered: bool = True
    long_stays: float = 0.0
    service: float = 0.1
    fill: bool = False
    structured: bool = False
    leave: int = 5


def _changes(n: int) -> dict[str, Any]:
    return {"name": "MAX_SITE_CHANGES", "max": n}


VIC = ("VIC_PGY1", "NO_REPEATED_POSITION")
FAMILIES: Mapping[str, Family] = {
    "base": Family((*VIC, "FILL_POSTS"), fill=True),
    "structured": Family(VIC, structured=True),
    "thirteens": Family(
        ("WA_PGY1", {"name": "MAX_SERVICE_SHARE", "max": 0.2, "net_of_leave": True}, _changes(2)),
        weeks=(13,) * 4,
        n_sites=3,
    ),
    "stays": Family(VIC, long_stays=0.2),
    "network1": Family((*VIC, _changes(1)), n_sites=4),
    "network2": Family((*VIC, _changes(2)), n_sites=4),
    "scattered1": Family(("UNRESTRICTED", _changes(1)), n_sites=8, clustered=False),
    "scattered2": Family(("VIC_PGY1", _changes(2)), n_sites=8, clustered=False),
    "home2": Family(("VIC_PGY1", {"name": "MIN_HOME_TERMS", "min": 3}, _changes(2)), n_sites=4),
    "twelve": Family(
        ("UNRESTRICTED", "NO_REPEATED_POSITION", {"name": "MIN_DISTINCT_SPECIALTIES", "min": 3}),
        weeks=(4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5),
    ),
    "eight": Family(("UNRESTRICTED", {"name": "MAX_SERVICE_TERMS", "max": 2}), weeks=(6, 7) * 4),
}
#: Rules a mixed problem may have beside its pack, so that several meet.
FEATURES: tuple[dict[str, Any], ...] = (
    {"name": "MAX_RURAL_TERMS", "max": 1},
    {"name": "MAX_SERVICE_TERMS", "max": 1},
    {"name": "NO_REPEATED_POSITION"},
    {"name": "MIN_DISTINCT_SPECIALTIES", "min": 2},
    {"name": "MIN_HOME_TERMS", "min": 2},
    {"name": "MAX_SITE_CHANGES", "max": 2},
    {"name": "MAX_SITE_CHANGES", "max": 1},
    {"name": "MAX_SERVICE_SHARE", "max": 0.25, "net_of_leave": True},
    {"name": "ANNUAL_LEAVE", "max_share_on_leave": 0.5},
    {"name": "FILL_POSTS"},
)
#: Lines drawn before a family is given up.
_MOST_DRAWS = 2_000
_YEARS = (FIVE, (13,) * 4, (17, 17, 18), (8, 9, 9, 9, 8, 9), (4, 5, 4) * 4)


@dataclass
class _Hospital:
    """Units, and legal lines over them, as they are drawn."""

    family: Family
    n_lines: int
    chance: random.Random
    positions: list[dict[str, Any]] = field(default_factory=list)

    def draw(self) -> tuple[dict[str, Any], tuple[JobLine, ...]]:
        """Give the document of a problem and the lines it is made around."""
        self.positions = [self._unit(n) for n in range(max(5, 8 + int(self.n_lines * 0.35)))]
        open_ = read_problem(self._document(posts=[[self.n_lines] * self._n] * len(self.positions)))
        lines = tuple(self._lines(open_, rule_book(open_)))
        return self._document(posts=self._used(open_, lines), loose=True), lines

    @property
    def _n(self) -> int:
        return len(self.family.weeks)

    def _unit(self, number: int) -> dict[str, Any]:
        family, chance = self.family, self.chance
        weights = [weight for *_, weight in UNITS]
        specialty, sub, categories, _ = chance.choices(UNITS, weights)[0]
        site = number * family.n_sites // 1_000 if family.n_sites == 1 else chance.randrange(10**6)
        unit: dict[str, Any] = {
            "id": f"U{number}", "name": f"{sub or specialty} {number}",
            "site": f"Site {site % family.n_sites}", "specialty": specialty, "subspecialty": sub,
            "categories": list(categories), "rural": specialty == "General practice",
            "community": specialty == "General practice",
        }  # fmt: skip
        if number >= 5 and chance.random() < family.service:
            kind = chance.choice(["relief", "nights"])
            unit |= {"service": kind, "specialty": "Service", "subspecialty": None}
            unit |= {"name": f"{kind} {number}", "categories": [], "clinical_team": False}
        elif chance.random() < family.long_stays:
            unit["span_terms"] = 2
        return unit | {"excludable": family.fill and number % 10 == 9}

    def _document(self, posts: list[list[int]], *, loose: bool = False) -> dict[str, Any]:
        chance = self.chance

        def more(n: int) -> int:
            return n + (loose and chance.random() < 0.3)

        positions = [
            unit
            | {"posts_min": [max(0, n - (chance.random() < 0.15)) if loose else 0 for n in row]}
            | {"posts_max": [more(n) for n in row]}
            for unit, row in zip(self.positions, posts, strict=True)
        ]
        for unit in positions:
            if unit["excludable"] and not any(unit["posts_max"]):
                unit["excludable"] = False
        return {
            "schema": "planner.problem/1", "name": "made around hidden lines",
            "n_job_lines": self.n_lines, "terms": [{"weeks": n} for n in self.family.weeks],
            "positions": positions, "constraints": list(self.family.constraints),
            "annual_leave_weeks": self.family.leave, "affinity": self._affinity(),
        }  # fmt: skip

    def _affinity(self) -> dict[str, dict[str, int]]:
        keys = sorted({unit["subspecialty"] or unit["specialty"] for unit in self.positions})
        dice = random.Random(len(keys))  # noqa: S311
        group = {key: dice.randrange(4) for key in keys}

        def worth(a: str, b: str) -> int:
            if self.family.structured:
                return 40 if group[a] == group[b] else 5
            return dice.randint(-20, 60)

        return {a: {b: worth(a, b) for b in keys[index:]} for index, a in enumerate(keys)}

    def _lines(self, problem: Problem, book: RuleBook) -> Iterator[JobLine]:
        """Yield legal lines without leave: drawn at random, most by changing one drawn before."""
        known: list[JobLine] = []
        for _ in range(_MOST_DRAWS + 50 * self.n_lines):
            if len(known) == self.n_lines:
                return
            old = self.chance.choice(known) if known and self.chance.random() < 0.7 else None
            held = self._changed(problem, old) if old else self._random(problem)
            if held is None:
                continue
            line = JobLine(f"Hidden {len(known)}", tuple(held), problem.terms)
            if is_legal(line, book):
                known.append(line)
                yield line
        raise NoLines

    def _random(self, problem: Problem) -> list[Any] | None:
        chance, n_terms = self.chance, len(problem.terms)
        site = chance.choice(problem.positions).site
        near = [p for p in problem.positions if p.site == site or chance.random() < 0.3]
        held: list[Any] = []
        while len(held) < n_terms:
            unit = chance.choice(near)
            held += [unit] * unit.span_terms
        return held if len(held) == n_terms else None

    def _changed(self, problem: Problem, line: JobLine) -> list[Any] | None:
        chance, held = self.chance, list(line.positions)
        term, unit = chance.randrange(len(held)), chance.choice(problem.positions)
        if unit.span_terms > 1 or held[term].span_terms > 1:
            other = chance.randrange(len(held))
            if held[other].span_terms > 1 or held[term].span_terms > 1:
                return None
            held[term], held[other] = held[other], held[term]
        else:
            held[term] = unit
        return held

    def _used(self, problem: Problem, lines: tuple[JobLine, ...]) -> list[list[int]]:
        index = {p.id: n for n, p in enumerate(problem.positions)}
        used = [[0] * self._n for _ in problem.positions]
        for line in lines:
            for term, position in enumerate(line.positions):
                used[index[position.id]][term] += 1
        return used


class NoLines(Exception):
    """No legal line was drawn: the family's rules and units do not go together."""


def is_legal(line: JobLine, book: RuleBook) -> bool:
    """Say whether a line without leave breaks nothing but what is asked of leave."""
    for _, clause in book.clauses(line.terms):
        if clause.constraint.KIND != "leave" and any(clause.constraint.breaches(line)):
            return False
    return True


def _made(
    family: Family, n_lines: int, seed: int, n_hospitals: int = 20
) -> tuple[Problem, tuple[JobLine, ...]]:
    chance = random.Random(seed)  # noqa: S311
    for _ in range(n_hospitals):
        try:
            document, lines = _Hospital(family, n_lines, chance).draw()
        except NoLines:
            continue
        return read_problem(document), lines
    raise NoLines


def of_family(family: str, n_lines: int, seed: int) -> tuple[Problem, tuple[JobLine, ...]]:
    """Give a problem of a family, and the legal lines, without leave, it was made around."""
    return _made(FAMILIES[family], n_lines, seed)


def mixed(seed: int, most_lines: int = 140) -> tuple[Problem, tuple[JobLine, ...]]:
    """Give a problem of 3 lines or more with one to six features and any pack, and its lines."""
    chance = random.Random(seed)  # noqa: S311
    while True:
        chosen = chance.sample(FEATURES, chance.randint(1, 6))
        by_name = {rule["name"]: rule for rule in chosen}
        family = Family(
            (chance.choice(sorted(packs())), *by_name.values()),
            weeks=chance.choice(_YEARS),
            n_sites=chance.choice([1, 2, 4, 8]),
            long_stays=chance.choice([0.0, 0.0, 0.15]),
            service=chance.choice([0.0, 0.1, 0.2]),
            fill="FILL_POSTS" in by_name,
            structured=chance.random() < 0.5,
            leave=chance.choice([0, 4, 5]),
        )
        n_lines = min(most_lines, int(3 * (most_lines / 3) ** chance.random()))
        try:
            problem, lines = _made(family, n_lines, chance.randrange(10**6), n_hospitals=2)
        except (NoLines, ValueError):
            continue
        return _with_wishes(problem, lines, chance)


Strength = Literal["at_least", "exactly", "preferred"]
_STRENGTHS: tuple[Strength, ...] = ("at_least", "exactly", "preferred")


def _with_wishes(
    problem: Problem, lines: tuple[JobLine, ...], chance: random.Random
) -> tuple[Problem, tuple[JobLine, ...]]:
    """Ask now and then for pathways the lines serve, and lock some of them with their leave."""
    pathways = []
    for number in range(chance.choice([0, 0, 1, 2])):
        wanted = chance.choice(chance.choice(lines).positions)
        asked = LinesServed(name="", n_lines=1, positions=(wanted.id,))
        n_serving = asked.n_serving(lines)
        strength: Strength = chance.choice(_STRENGTHS)
        n_lines = n_serving if strength == "exactly" else chance.randint(1, n_serving)
        pathways.append(
            Pathway(
                name=f"Pathway {number}",
                n_lines=n_lines,
                positions=(wanted.id,),
                strength=strength,
            )
        )
    problem = problem.model_copy(update={"pathways": tuple(pathways)})
    n_locked = chance.choice([0, 0, 1, 2])
    placed = place_leave(problem, rule_book(problem), lines)
    if isinstance(placed, LeaveImpossible):
        return problem, lines
    kept = chance.sample(range(len(lines)), min(n_locked, len(lines) - 1))
    records = tuple(placed[n].to_record() for n in kept)
    locked = problem.model_copy(update={"locked_lines": records})
    return locked, tuple(
        replace(line, locked=True) if n in kept else lines[n] for n, line in enumerate(placed)
    )


def tiny(seed: int) -> Problem:
    """Give a problem of 3 to 8 lines under any rules."""
    return mixed(seed, most_lines=8)[0]
