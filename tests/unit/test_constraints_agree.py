"""One meaning of each constraint: the referee's, the exact model's and the production pricers'.

Lines are random, and at least a fifth of them break what is asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations, product
from statistics import mean
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from planner_cli.domain.constraints.clause import Clause, build, document_of
from planner_cli.domain.constraints.on_line import LINE_KINDS, Count, LineConstraint
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem, Term
from planner_cli.domain.rules.base import Rule
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.rules.catalogue import RULE_TYPES
from planner_cli.domain.selector import Selector
from planner_cli.solver.columns.enumeration import enumerate_columns
from planner_cli.solver.model.line_excess import LineExcess
from planner_cli.solver.model.line_forms import form, line_constraints_of
from planner_cli.solver.model.position_types import position_types_of
from planner_cli.solver.model.term_classes import Shape, by_term, coarsest
from planner_cli.solver.oracle.line_model import LineModel, encode
from planner_cli.solver.pricing.branch_and_bound import SearchedPool
from planner_cli.solver.pricing.enumerated import Prices
from tests.unit.strategies import hospitals, rules

#: Leave and the whole set answer for the others.
LINE_RULES = [
    name for name, rule in RULE_TYPES.items() if any(c["kind"] != "leave" for c in rule.CLAUSES)
]
KINDS = [kind for kind in LINE_KINDS if kind != "leave"]
LABELS = st.sampled_from(["position", "site", "team", "specialty", "subspecialty", "key"])


@dataclass(frozen=True)
class Asked(Rule):
    """A rule of the constraints given."""

    NAME: ClassVar[str] = "ASKED"

    constraints: tuple[LineConstraint, ...] = ()

    def clauses(self, terms: tuple[Term, ...]) -> tuple[Clause, ...]:  # noqa: ARG002
        return tuple(Clause("broken", {}, one) for one in self.constraints)


@st.composite
def selectors(draw: Any, *, deep: bool = True) -> Selector:
    fields = {
        "specialties": st.sampled_from([None, ("Medicine",), ("Surgery", "Emergency")]),
        "sites": st.sampled_from([None, None, ("North",)]),
        "categories": st.sampled_from([None, None, ("A",), ("B", "C")]),
        "service": st.sampled_from([None, None, True, False, "nights"]),
        "rural": st.sampled_from([None, None, True, False]),
        "positions": st.sampled_from([None, None, ("P0", "P1")]),
    }
    chosen = draw(st.fixed_dictionaries(fields))
    if deep and draw(st.integers(0, 3)) == 0:
        chosen["not"] = draw(selectors(deep=False))
    return Selector.model_validate(chosen)


@st.composite
def constraints(draw: Any, kind: str, n_terms: int) -> LineConstraint:
    terms = st.sampled_from([None, tuple(range(1, n_terms + 1)), (1,), tuple(range(2, n_terms))])
    where = draw(selectors())
    match kind:
        case "count":
            unit = draw(st.sampled_from(["terms", "weeks", "stays"]))
            whole = unit == "stays"
            scale = 11 if unit == "weeks" else 1
            by = draw(st.one_of(st.none(), LABELS))
            some = st.one_of(st.none(), st.integers(1, 3), st.integers(2, 3))
            least = None if by and unit != "terms" else draw(some)
            in_terms = None if whole or (by and least is not None) else draw(terms)
            most = draw(st.sampled_from([0, 0, 1, 2])) if least is None else None
            where = draw(st.one_of(st.just(Selector()), selectors(deep=False), selectors()))
            own: dict[str, Any] = {"unit": unit, "where": where, "by": by, "in_terms": in_terms}
            own["at_least"] = None if least is None else least * scale
            own["at_most"] = None if most is None else most * scale
        case "distinct":
            least = draw(st.one_of(st.none(), st.integers(1, 3)))
            own = {"by": draw(LABELS), "where": where, "in_terms": draw(terms), "at_least": least}
            own["at_most"] = draw(st.integers(0, 1)) if least is None else None
        case "changes":
            own = {"by": draw(LABELS), "at_most": draw(st.sampled_from([0, 0, 1, 1, 2]))}
        case "before":
            broad = draw(st.one_of(st.just(Selector()), selectors(deep=False)))
            own = {"first": where, "then": broad, "at_least": draw(st.integers(1, 3))}
            own["unit"] = draw(st.sampled_from(["terms", "weeks"]))
        case "adjacent":
            broad = st.one_of(st.just(Selector()), selectors(deep=False))
            own = {"first": draw(broad), "then": draw(broad)}
        case _:
            broad = st.one_of(st.just(Selector()), selectors(deep=False))
            own = {"by": draw(st.sampled_from(["position", "site", "team", "key"]))}
            own["where"] = draw(broad)
    return build(kind, own)


def lines_of(problem: Problem) -> list[JobLine]:
    """Every line whose stays are whole."""
    found = []
    for held in product(problem.positions, repeat=len(problem.terms)):
        line = JobLine("L", held, problem.terms)
        if all(s.last_term - s.first_term + 1 == s.position.span_terms for s in line.stays):
            found.append(line)
    return found


def book_of(*asked: LineConstraint) -> RuleBook:
    return RuleBook((Asked(asked),), 0)


def names(problem: Problem, book: RuleBook) -> set[tuple[str, ...]]:
    """What the referee lets pass, as ids of positions."""
    (rule,) = book.rules
    return {
        tuple(p.id for p in line.positions)
        for line in lines_of(problem)
        if not any(True for _ in rule.violations(line))
    }


@st.composite
def small_hospitals(draw: Any) -> Problem:
    years = ((13, 13, 13), (10, 12, 10, 10), (20, 12, 20), (8, 9))
    fields = draw(
        hospitals(years=years, max_positions=4).filter(lambda own: len(own["positions"]) > 1)
    )
    return Problem(n_job_lines=2, constraints=(), **fields)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_ordered_columns_are_exactly_the_lines_the_referee_lets_pass(kind: str, data: Any) -> None:
    problem = data.draw(small_hospitals())
    book = book_of(data.draw(constraints(kind, len(problem.terms))))
    assert members(problem, book) == names(problem, book)


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_two_labels_can_each_ask_for_their_most_frequent_one(data: Any) -> None:
    problem = data.draw(small_hospitals())
    least = st.integers(1, len(problem.terms))
    asked = [Count(by=by, at_least=data.draw(least)) for by in ("site", "specialty")]
    assert members(problem, book_of(*asked)) == names(problem, book_of(*asked))


@pytest.mark.parametrize("kind", KINDS)
def test_a_fifth_of_the_random_lines_break_what_is_asked(kind: str) -> None:
    """Of the lines of each example, on average; always the same examples."""

    def share_broken(data: Any) -> float:
        problem = data.draw(small_hospitals())
        every = lines_of(problem)
        assume(every)
        book = book_of(data.draw(constraints(kind, len(problem.terms))))
        return 1 - len(names(problem, book)) / len(every)

    assert mean_of_examples(share_broken) >= 0.2


def mean_of_examples(measure: Callable[[Any], float]) -> float:
    """The mean of a measure over examples that are the same each time."""
    found: list[float] = []

    @given(data=st.data())
    @settings(
        max_examples=80,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def collect(data: Any) -> None:
        found.append(measure(data))

    collect()
    return mean(found)


def members(problem: Problem, book: RuleBook) -> set[tuple[str, ...]]:
    """Every arranged line of the enumeration, its kinds taken apart into positions."""
    types = position_types_of(problem, book, frozenset(range(len(problem.positions))))
    columns = enumerate_columns(by_term(types), lambda: False, 1_000_000)
    assert columns is not None
    ids = [problem.positions[group[0]].id for group in types.members]
    return {tuple(ids[kind] for kind in row) for row in columns.types.tolist()}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_set_columns_leave_no_line_out_and_without_order_hold_no_other(
    kind: str, data: Any
) -> None:
    problem = data.draw(small_hospitals())
    book = book_of(data.draw(constraints(kind, len(problem.terms))))
    types = position_types_of(problem, book, frozenset(range(len(problem.positions))))
    shape = coarsest(types)
    columns = enumerate_columns(shape, lambda: False, 1_000_000)
    assert columns is not None
    index = {problem.positions[group[0]].id: k for k, group in enumerate(types.members)}

    def row(line: tuple[str, ...]) -> tuple[int, ...]:
        held = np.array([index[name] for name in line])
        parts = [np.sort(held[list(terms)]) for terms in shape.classes]
        return tuple(int(n) for n in np.concatenate(parts))

    found = {tuple(r) for r in columns.types.tolist()}
    wanted = {row(line) for line in names(problem, book)}
    assert wanted <= found
    if shape.exact_columns:
        # A column knows no single term: which posts are open in each is asked when terms are dealt.
        assert {one for one in found if can_be_dealt(shape, one)} == wanted


def can_be_dealt(shape: Shape, column: tuple[int, ...]) -> bool:
    """Say whether the kinds of a column can take the terms of their classes, all of them open."""
    usable = shape.types.open()
    start = 0
    for terms in shape.classes:
        types = column[start : start + len(terms)]
        start += len(terms)
        if not any(
            all(usable[kind, term] for kind, term in zip(types, order, strict=True))
            for order in permutations(terms)
        ):
            return False
    return True


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_branch_and_bound_finds_the_best_column_the_enumeration_has(kind: str, data: Any) -> None:
    problem = data.draw(small_hospitals())
    book = book_of(data.draw(constraints(kind, len(problem.terms))))
    types = position_types_of(problem, book, frozenset(range(len(problem.positions))))
    # What no line of this year can meet never reaches a pricer: `settle` says so before.
    assume(not types.constraints.impossible)
    for shape in (coarsest(types), by_term(types)):
        listed = enumerate_columns(shape, lambda: False, 1_000_000)
        assert listed is not None
        worths = data.draw(
            st.lists(st.integers(-30, 30), min_size=shape.n_units, max_size=shape.n_units)
        )
        prices = Prices(np.array(worths, dtype=float), 0.0, np.zeros(0), 1.0, 0.0)
        best = listed.score - np.array(worths)[listed.units()].sum(axis=1)
        pool = SearchedPool(shape, lambda: False)
        priced = pool.price(prices, None, 50, -1e6, prove=True)
        if not len(listed):
            assert not len(priced.columns)
        else:
            assert priced.most >= best.max() - 0.1
            got = priced.columns.score - np.array(worths)[priced.columns.units()].sum(axis=1)
            assert got.max() == pytest.approx(best.max())


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_exact_model_forbids_a_line_exactly_when_the_referee_objects(
    kind: str, data: Any
) -> None:
    problem = data.draw(small_hospitals())
    book = book_of(data.draw(constraints(kind, len(problem.terms))))
    allowed = names(problem, book)
    rows, every = LineModel(problem, book), lines_of(problem)
    assume(every)
    for line in data.draw(st.lists(st.sampled_from(every), min_size=3, max_size=8)):
        model = cp_model.CpModel()
        made = rows.stamp(model)
        held = {(t, problem.positions.index(p)) for t, p in enumerate(line.positions)}
        for cell, var in rows.cells.items():
            model.add(made[var] == (cell in held))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        accepted = solver.solve(model) == cp_model.OPTIMAL
        assert accepted == (tuple(p.id for p in line.positions) in allowed)


@pytest.mark.parametrize("name", LINE_RULES)
@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_ordered_columns_of_every_rule_are_the_lines_the_referee_lets_pass(
    name: str, data: Any
) -> None:
    """Without leave, so that weeks of practice are weeks."""
    problem, rule = data.draw(small_hospitals()), data.draw(rules(name))
    book = RuleBook((rule,), 0)
    # A cap net of leave is dealt with when leave is placed; without any it is a cap on weeks.
    if no_line_can_meet_it(problem, book):
        assert names(problem, book) == set()
    else:
        assert members(problem, book) == names(problem, book)


def no_line_can_meet_it(problem: Problem, book: RuleBook) -> bool:
    return bool(position_types_of(problem, book).constraints.impossible)


def test_every_kind_of_constraint_has_a_form_in_both_solvers() -> None:
    for kind in LINE_KINDS.values():
        assert form.dispatch(kind) is not form.dispatch(object), kind
        assert encode.dispatch(kind) is not encode.dispatch(object), kind


@pytest.mark.parametrize("name", list(RULE_TYPES))
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_a_rule_s_constraints_come_back_from_json_as_they_were(name: str, data: Any) -> None:
    terms = tuple(Term(weeks=weeks) for weeks in (10, 10, 10, 10, 12))
    for clause in data.draw(rules(name)).clauses(terms):
        document = document_of(clause.constraint)
        assert build(document.pop("kind"), document) == clause.constraint


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"unit": "stays", "in_terms": (1,)}, "whole year"),
        ({"by": "site", "at_least": 1, "unit": "weeks"}, "terms of the whole year"),
        ({"unit": "practice", "at_least": 1, "in_terms": (1,)}, "those of the whole year"),
        ({"unit": "practice", "by": "site", "at_most": 1}, "all labels together"),
    ],
)
def test_what_cannot_be_counted_the_same_everywhere_is_refused(
    own: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        build("count", own)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_line_has_no_excess_exactly_when_the_referee_lets_it_pass(kind: str, data: Any) -> None:
    problem = data.draw(small_hospitals())
    book = book_of(data.draw(constraints(kind, len(problem.terms))))
    constraints_ = line_constraints_of(problem, book)
    assume(not constraints_.impossible)
    span = np.array([position.span_terms for position in problem.positions])
    every = list(product(range(len(problem.positions)), repeat=len(problem.terms)))
    excess = LineExcess(constraints_, span).of(np.array(every, dtype=np.int16))
    legal = {
        held
        for held, over in zip(every, excess.tolist(), strict=True)
        if over == 0 and all(position_is_open(problem, held, t) for t in range(len(held)))
    }
    index = {position.id: n for n, position in enumerate(problem.positions)}
    assert legal == {tuple(index[name] for name in held) for held in names(problem, book)}


def position_is_open(problem: Problem, held: tuple[int, ...], term: int) -> bool:
    return problem.positions[held[term]].posts_max[term] > 0
