"""Contradictions that counting finds in a millisecond, in sentences with numbers and names."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from planner_cli.domain.constraints.on_line import Count, Leave
from planner_cli.domain.constraints.on_set import LeaveTogether, LinesKept, LinesServed, PostsFilled
from planner_cli.domain.problem import Category, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.words import capital, counted, either, listed
from planner_cli.solver.explain.funding import too_much_funded
from planner_cli.solver.explain.locked_leave import locked_leave
from planner_cli.solver.explain.portions import Portion, all_portions, categories_needed
from planner_cli.solver.explain.supply import Contradiction, Mask, Supply
from planner_cli.solver.explain.words import ACCREDITED_POSTS, named
from planner_cli.solver.leave.rows import leave_is_possible
from planner_cli.solver.stop import Stop, heed, never


def contradictions(problem: Problem, book: RuleBook, stop: Stop = never) -> list[Contradiction]:
    """Count: every contradiction between two numbers, the plainest first.

    Parameters
    ----------
    problem, book
        What is asked: all lines, no excludable funded post to be filled.
    stop
        Asked between two counts: thousands of positions under hundreds of rules take a while.

    Returns
    -------
    list of Contradiction
        Fewest constraints first, then the worst shortage. Empty says nothing: most contradictions
        between rules cannot be counted.

    Raises
    ------
    StoppedEarly
        If `stop` answers True.
    """
    supply = Supply(problem, book)
    found = [*_locked(supply), *locked_leave(supply), *_leave(supply)]
    said = all_portions(supply)
    if not found and supply.n_new > 0:
        found.extend(_too_few(supply, said, stop))
    if not found and book.on_set(problem, PostsFilled):
        found.extend(too_much_funded(supply, said, stop))
    if not found:
        found.extend(_lines_served(supply))
    first: dict[str, Contradiction] = {}
    for contradiction in found:
        first.setdefault(contradiction.about, contradiction)
    return sorted(first.values(), key=lambda c: (len(c.conflict), -c.shortage))


def _too_few(supply: Supply, said: Sequence[Portion], stop: Stop) -> list[Contradiction]:
    """Find too few posts or places: in all, then what is left of them by each rule."""
    in_terms = list(_posts(supply))
    of_categories, _ = categories_needed(supply)
    found = in_terms or list(_usable_posts(supply, said))
    for portion in said:
        heed(stop)
        # Where posts are too few in all, most other shortages only follow from that.
        if not in_terms or portion.rule == of_categories:
            found.extend(_places(supply, portion))
    if not any(of_categories in contradiction.conflict for contradiction in found):
        found.extend(_crossed(supply, said, stop))
    return found


def _locked(supply: Supply) -> Iterator[Contradiction]:
    for term, index in supply.free.overdrawn():
        position = supply.problem.positions[index]
        yield Contradiction(
            (supply.book.brought_by(LinesKept), ACCREDITED_POSTS),
            f"The locked lines hold {counted(supply.free.n_kept[term, index], 'post')} of "
            f"{position.name} ({position.id}) in Term {term + 1}, "
            f"{position.posts_max[term]} accredited.",
            None,
            about=f"{position.id} in Term {term + 1}",
        )


def _leave(supply: Supply) -> Iterator[Contradiction]:
    """Find years too short for their leave: the same for every line."""
    book, year = supply.book, supply.problem.year_weeks
    if supply.n_new <= 0:
        return
    for rule, clause in book.clauses(supply.problem.terms):
        asked = clause.constraint
        if isinstance(asked, Leave) and not leave_is_possible(supply.problem, book):
            yield Contradiction(
                (rule.NAME,),
                f"No line can take {counted(book.leave_weeks, 'week')} of leave in blocks that "
                f"{rule.NAME} allows in this year.",
                supply.n_kept,
            )
            return
        if not isinstance(asked, Count) or asked.unit != "practice" or asked.at_least is None:
            continue
        if year - book.leave_weeks < asked.at_least:
            yield Contradiction(
                (rule.NAME,),
                f"{year} weeks of the year less {counted(book.leave_weeks, 'week')} of leave leave "
                f"{year - book.leave_weeks}, {rule.NAME} asks for {asked.at_least}.",
                supply.n_kept,
            )
    nobody = any(cap.most_away(1) == 0 for cap in book.on_set(supply.problem, LeaveTogether))
    if nobody and book.leave_weeks:
        name = book.brought_by(LeaveTogether)
        yield Contradiction(
            (name,),
            f"Each line takes {counted(book.leave_weeks, 'week')} of leave, but {name} lets "
            "nobody be away (max_share_on_leave 0).",
            supply.n_kept,
        )


def _posts(supply: Supply) -> Iterator[Contradiction]:
    """Find terms with fewer posts than lines."""
    left = " left by the locked lines" if supply.n_kept else ""
    for term in range(supply.n_terms):
        n_posts = supply.posts(term)
        if n_posts < supply.n_new:
            yield Contradiction(
                (ACCREDITED_POSTS,),
                f"Term {term + 1} has {counted(n_posts, 'accredited post')}{left} "
                f"for {counted(supply.n_new, 'line')}.",
                supply.n_kept + n_posts,
                about=f"Term {term + 1}",
                shortage=supply.n_new / max(1, n_posts),
            )


def _usable_posts(supply: Supply, said: Sequence[Portion]) -> Iterator[Contradiction]:
    """Find terms with fewer posts than lines once those are left out that no line may hold."""
    for term in range(supply.n_terms):
        barring = [portion for portion in said if portion.bars(supply, term)]
        names = list(dict.fromkeys(portion.rule for portion in barring))
        if _n_usable(supply, term, barring) >= supply.n_new:
            continue
        for name in list(names):
            fewer = [p for p in barring if p.rule in names and p.rule != name]
            if _n_usable(supply, term, fewer) < supply.n_new:
                names.remove(name)
        barring = [portion for portion in barring if portion.rule in names]
        n_usable = _n_usable(supply, term, barring)
        rules = listed([named(name, supply.book) for name in names])
        yield Contradiction(
            (*names, ACCREDITED_POSTS) if _n_types_usable(supply, barring) else tuple(names),
            f"Term {term + 1} has {counted(supply.posts(term), 'accredited post')}, of which lines "
            f"may hold {n_usable} under {rules}: too few for {counted(supply.n_new, 'line')}.",
            supply.n_kept + n_usable,
            about=f"Term {term + 1}",
            shortage=supply.n_new / max(1, n_usable),
        )


def _n_types_usable(supply: Supply, barring: Sequence[Portion]) -> int:
    return int(_unbarred(supply, barring).sum())


def _n_usable(supply: Supply, term: int, barring: Sequence[Portion]) -> int:
    return supply.posts(term, _unbarred(supply, barring))


def _unbarred(supply: Supply, barring: Sequence[Portion]) -> Mask:
    barred = np.zeros(len(supply.problem.positions), dtype=np.bool_)
    for portion in barring:
        barred |= supply.mask(portion.test)
    return ~barred


def _places(supply: Supply, portion: Portion) -> Iterator[Contradiction]:
    """Find portions of a line for which there are too few places in the year."""
    whole = sum(supply.weeks) if portion.in_weeks else supply.n_terms
    counted = supply.mask(portion.test)
    sides = (
        (portion.label, portion.least, counted),
        (portion.other, whole - portion.most, ~counted),
    )
    for label, least, where in sides:
        long = [w for term, w in enumerate(supply.weeks) if portion.counts(term)]
        at_all = sum(long) if portion.in_weeks else len(long)
        if not where.any():
            at_all = 0
        n_places = sum(
            min(supply.n_new, supply.posts(term, where)) * (weeks if portion.in_weeks else 1)
            for term, weeks in enumerate(supply.weeks)
            if portion.counts(term)
        )
        if n_places < least * supply.n_new:
            yield Contradiction(
                (portion.rule,) if at_all < least else (portion.rule, ACCREDITED_POSTS),
                _places_sentence(supply, portion, label, n_places, least),
                supply.n_kept + n_places // least,
                about=label,
                shortage=least * supply.n_new / max(1, n_places),
            )


def _places_sentence(
    supply: Supply, portion: Portion, label: str, n_places: int, least: int
) -> str:
    lines = counted(supply.n_new, "line")
    if least == 1 and not portion.in_weeks:
        return f"{capital(label)}: {counted(n_places, 'place')} in the year for {lines}."
    what, units = ("weeks", "week") if portion.in_weeks else ("places", "term")
    return (
        f"{capital(label)}: {n_places} {what} in the year for {lines} that need "
        f"{counted(least, units)} each, {least * supply.n_new} in all "
        f"[{named(portion.rule, supply.book)}]."
    )


def _crossed(supply: Supply, said: Sequence[Portion], stop: Stop) -> Iterator[Contradiction]:
    """Find categories that must come from rationed posts more often than the ration allows.

    A line needs some terms to cover several categories; of those no more than the ration may be
    rationed posts, so that the others need a place in these categories outside the ration.
    """
    _, wanted = categories_needed(supply)
    rations = [p for p in said if not p.in_weeks and p.most < supply.n_terms]
    for size in range(1, len(wanted) + 1):
        for categories in combinations(wanted, size):
            n_needed = _terms_to_cover(supply, categories)
            for ration in rations:
                heed(stop)
                least = n_needed - ration.most
                if least > 0:
                    yield from _crossing(supply, categories, ration, least)


def _terms_to_cover(supply: Supply, categories: tuple[Category, ...]) -> int:
    """Give the fewest terms in which a line can cover categories."""
    offered = {frozenset(p.categories) & set(categories) for p in supply.problem.positions}
    for n_terms in range(1, len(categories)):
        if any(
            len(frozenset().union(*held)) == len(categories)
            for held in combinations(offered, n_terms)
        ):
            return n_terms
    return len(categories)


def _in_any(supply: Supply, categories: tuple[Category, ...]) -> Mask:
    """Say which positions count for at least one of these categories."""
    held = np.zeros(len(supply.problem.positions), dtype=np.bool_)
    for category in categories:
        held |= supply.in_category(category)
    return held


def _crossing(
    supply: Supply, categories: tuple[Category, ...], ration: Portion, least: int
) -> Iterator[Contradiction]:
    outside = _in_any(supply, categories) & ~supply.mask(ration.test)
    n_places = supply.places(outside)
    if n_places < least * supply.n_new and outside.any():
        label = f"{capital(ration.other)} in category {either(categories)}"
        yield Contradiction(
            (categories_needed(supply)[0], ration.rule, ACCREDITED_POSTS),
            f"{label}: {counted(n_places, 'place')} in the year for "
            f"{counted(supply.n_new, 'line')} that need {counted(least, 'term')} each "
            f"[{named(ration.rule, supply.book)}].",
            supply.n_kept + n_places // least,
            about=label,
            shortage=least * supply.n_new / max(1, n_places),
        )


def _lines_served(supply: Supply) -> Iterator[Contradiction]:
    """Find pathways that want more lines than there are places in what they ask for."""
    for asked in supply.book.on_set(supply.problem, LinesServed):
        wanted = asked.n_lines - asked.n_serving(supply.free.kept)
        if asked.wished or wanted <= 0:
            continue
        names = dict.fromkeys((*asked.positions, *asked.specialties))
        for name, test in zip(names, asked.asks(), strict=False):
            n_places = supply.places(test)
            if n_places < wanted:
                yield Contradiction(
                    (supply.book.brought_by(LinesServed), ACCREDITED_POSTS),
                    f"Pathway {asked.name} wants {counted(wanted, 'line')} with {name}, which "
                    f"has {counted(n_places, 'place')} in the year.",
                    None,
                    about=f"{asked.name}: {name}",
                )
