"""Hypothesis strategies: rules of every type, odd little years, positions, lines and problems."""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Leave, Pathway, Position, Problem, Term
from planner_cli.domain.rules.base import Rule
from planner_cli.domain.rules.catalogue import RULE_TYPES

Draw = Callable[[st.SearchStrategy[Any]], Any]

SPECIALTIES = ("Medicine", "Surgery", "Emergency")
SUBSPECIALTIES: Mapping[str, tuple[str | None, ...]] = {
    "Medicine": (None, "Renal", "Cardiac"),
    "Surgery": (None, "Ortho"),
    "Emergency": (None,),
}
SITES = ("North", "South")
#: Lengths of terms: regular ones, one long, one short, a year that is no year.
YEARS = ((13, 13, 13, 13), (10, 10, 10, 10, 12), (20, 12, 20), (1, 25, 26), (8, 9, 35), (4, 3, 4))

_shares = st.sampled_from([0.0, 0.1, 0.19, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 1.0])
_counts = st.integers(0, 4)
BOUNDS: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "REQUIRED_CATEGORIES": {"categories": st.lists(st.sampled_from("ABCD"), max_size=4).map(tuple)},
    "MIN_TERMS": {
        "min": _counts,
        "min_weeks": st.sampled_from([0, 4, 9, 10, 11, 13]),
        "level": st.sampled_from(["subspecialty", "specialty", "none"]),
        "service": st.booleans(),
    },
    "MIN_WEEKS": {"min": st.sampled_from([0, 9, 47, 48, 52, 53])},
    "MAX_SPECIALTY_SHARE": {"max": _shares},
    "MAX_SUBSPECIALTY_SHARE": {"max": _shares},
    "MAX_SERVICE_SHARE": {"max": _shares, "net_of_leave": st.booleans()},
    "MIN_TEAM_SHARE": {"min": _shares},
    "MAX_NON_CLINICAL_TERMS": {"max": _counts},
    "MAX_RURAL_TERMS": {"max": _counts},
    "MAX_SERVICE_TERMS": {"max": _counts},
    "MIN_DISTINCT_SPECIALTIES": {"min": _counts},
    "MIN_COMMUNITY_TERMS": {"min": _counts},
    "MIN_HOME_TERMS": {"min": _counts, "site": st.sampled_from([None, *SITES, "Nowhere"])},
    "MAX_SITE_CHANGES": {"max": _counts},
    "ANNUAL_LEAVE": {
        "blocks": st.lists(st.sampled_from([(3,), (1, 2), (2, 1), (1, 1, 1)]), max_size=3).map(
            tuple
        ),
        "min_gap_weeks": st.integers(0, 3),
        "max_share_on_leave": st.sampled_from([None, 0.0, 0.3, 0.5, 1.0]),
        "first_half_target": st.sampled_from([None, 0.5]),
        "max_weeks_per_term": st.sampled_from([None, 0, 1, 2, 3]),
    },
}


def rules(name: str) -> st.SearchStrategy[Rule]:
    """Rules of one type with any bounds."""
    return st.fixed_dictionaries(dict(BOUNDS.get(name, {}))).map(
        lambda bounds: RULE_TYPES[name](**bounds)
    )


@st.composite
def positions(draw: Draw, name: str, n_terms: int, posts: st.SearchStrategy[int]) -> Position:
    """Positions of every sort, some of two terms."""
    specialty = draw(st.sampled_from(SPECIALTIES))
    most = [draw(posts) for _ in range(n_terms)]
    return Position(
        id=name,
        name=f"Unit {name}",
        site=draw(st.sampled_from(SITES)),
        team=draw(st.sampled_from([None, "Red", "Blue"])),
        specialty=specialty,
        subspecialty=draw(st.sampled_from(SUBSPECIALTIES[specialty])),
        categories=tuple(draw(st.lists(st.sampled_from("ABCD"), max_size=2, unique=True))),
        service=draw(st.sampled_from([None, None, None, "relief", "nights"])),
        rural=draw(st.booleans()),
        community=draw(st.booleans()),
        clinical_team=draw(st.booleans()),
        non_clinical=draw(st.booleans()),
        excludable=draw(st.booleans()),
        span_terms=draw(st.sampled_from([1, 1, 1, 2])) if n_terms > 1 else 1,
        posts_min=tuple(draw(st.integers(0, min(n, 1))) for n in most),
        posts_max=tuple(most),
    )


@st.composite
def hospitals(
    draw: Draw,
    years: tuple[tuple[int, ...], ...] = YEARS,
    max_positions: int = 5,
    posts: st.SearchStrategy[int] | None = None,
) -> dict[str, Any]:
    """Terms and positions of a problem, as its fields; without `posts` there are always enough."""
    weeks = draw(st.sampled_from(years))
    n_positions = draw(st.integers(1, max_positions))
    return {
        "name": "Odd hospital",
        "terms": tuple(Term(weeks=n) for n in weeks),
        "positions": tuple(
            draw(positions(f"P{n}", len(weeks), st.just(9) if posts is None else posts))
            for n in range(n_positions)
        ),
    }


@st.composite
def held_lines(draw: Draw, problem: Problem, *, with_leave: bool) -> JobLine:
    """Any line of a problem: legal or not, with any leave that does not overlap."""
    held: list[Position] = []
    n_terms = len(problem.terms)
    while len(held) < n_terms:
        position = draw(st.sampled_from(problem.positions))
        whole = draw(st.integers(0, 4)) > 0
        held.extend([position] * (position.span_terms if whole else 1))
    leave = draw(leaves(problem.year_weeks)) if with_leave else ()
    return JobLine("Any line", tuple(held[:n_terms]), problem.terms, leave)


@st.composite
def leaves(draw: Draw, n_weeks: int) -> tuple[Leave, ...]:
    """Blocks of leave that do not overlap: often the three weeks the rules of these tests want."""
    lengths = draw(st.sampled_from([(3,), (1, 2), (2, 1), (1, 1, 1), (2,), (), (4,), (1,), (2, 2)]))
    blocks: list[Leave] = []
    week = 1
    for length in lengths:
        start = week + draw(st.integers(0, 12))
        if start + length - 1 > n_weeks:
            break
        blocks.append(Leave(start_week=start, weeks=length))
        week = start + length
    return tuple(blocks)


def pathways(problem_positions: tuple[Position, ...], n_lines: int) -> st.SearchStrategy[Any]:
    """One pathway over positions and specialties that exist, or none."""
    areas = sorted({a for p in problem_positions for a in (p.specialty, p.subspecialty) if a})
    one = st.builds(
        Pathway,
        name=st.just("Generalist"),
        n_lines=st.integers(1, n_lines),
        positions=st.sampled_from([p.id for p in problem_positions]).map(lambda i: (i,)),
        specialties=st.sampled_from([(), *((area,) for area in areas)]),
        strength=st.sampled_from(["at_least", "exactly", "preferred"]),
    )
    return st.one_of(st.just(()), one.map(lambda pathway: (pathway,)))


@st.composite
def tiny_problems(draw: Draw, *, max_lines: int = 3, always: tuple[str, ...] = ()) -> Problem:
    """Problems small enough to try every set of lines: up to three terms and positions."""
    hospital = draw(
        hospitals(years=((4, 3, 4), (5, 4), (2, 2, 5)), max_positions=3, posts=st.integers(0, 2))
    )
    names = draw(st.lists(st.sampled_from(CONSTRAINTS), max_size=3, unique=True))
    chosen = dict.fromkeys((*always, *names[: 3 - len(always)]))
    constraints = [{"name": name, **draw(_bounds(name))} for name in chosen]
    n_lines = draw(st.integers(1, max_lines))
    leave_weeks = draw(st.sampled_from([None, 1, 2, 2, 3]))
    return Problem(
        n_job_lines=n_lines,
        constraints=tuple(constraints),
        annual_leave_weeks=leave_weeks,
        affinity=draw(_affinities),
        pathways=draw(pathways(hospital["positions"], n_lines)),
        allow_partial=draw(st.booleans()),
        locked_lines=draw(_locked(hospital)) if n_lines > 1 else (),
        **hospital,
    )


#: Weighted towards what makes tiny problems interesting.
CONSTRAINTS = (
    *(name for name in RULE_TYPES if name not in {"LOCKED_LINES", "PATHWAY", "MIN_WEEKS"}),
    *("FILL_POSTS", "ANNUAL_LEAVE", "ANNUAL_LEAVE", "ANNUAL_LEAVE", "MAX_SERVICE_SHARE"),
)
KEYS = ("Medicine", "Renal", "Cardiac", "Surgery", "Ortho", "Emergency")
_affinities = st.dictionaries(
    st.sampled_from(KEYS),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from([-30, 7, 25]), max_size=3),
    max_size=3,
).map(
    lambda rows: {
        first: {second: worth for second, worth in row.items() if first <= second}
        for first, row in rows.items()
    }
)


def _bounds(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Bounds for a tiny year, gentle enough that some lines are legal."""
    gentle: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "MIN_TERMS": {"min": st.integers(0, 2), "min_weeks": st.sampled_from([0, 3, 4])},
        "MIN_TEAM_SHARE": {"min": st.sampled_from([0.0, 0.3, 0.5])},
        "REQUIRED_CATEGORIES": {
            "categories": st.lists(st.sampled_from("AB"), max_size=1).map(tuple)
        },
        "ANNUAL_LEAVE": {
            "min_gap_weeks": st.integers(0, 2),
            "max_share_on_leave": st.sampled_from([None, 0.4, 0.5, 1.0]),
            "max_weeks_per_term": st.sampled_from([None, 1, 2]),
        },
        "MAX_SERVICE_SHARE": {
            "max": st.sampled_from([0.2, 0.3, 0.4]),
            "net_of_leave": st.booleans(),
        },
    }
    bounds = {**BOUNDS.get(name, {}), **gentle.get(name, {})}
    if name == "ANNUAL_LEAVE":
        bounds.pop("blocks")
    return st.fixed_dictionaries(dict(bounds))


@st.composite
def _locked(draw: Draw, hospital: dict[str, Any]) -> tuple[Any, ...]:
    """No locked line, most of the time; else one without leave."""
    if draw(st.integers(0, 3)):
        return ()
    problem = Problem(n_job_lines=1, constraints=(), **hospital)
    line = draw(held_lines(problem, with_leave=False))
    return (JobLine("Kept", line.positions, line.terms).to_record(),)
