"""Contradictions that counting finds in a millisecond, in sentences with numbers and names."""

from collections.abc import Iterator, Sequence

from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.catalogue import RuleBook
from planner_cli.domain.rules.experience import MinWeeks
from planner_cli.domain.rules.leave import AnnualLeave
from planner_cli.domain.rules.posts import FillPosts, LockedLines, PathwayLines, serves
from planner_cli.solver.exact.absence import leave_is_possible
from planner_cli.solver.explain.portions import Portion, portions
from planner_cli.solver.explain.supply import Contradiction, Supply
from planner_cli.solver.explain.words import ACCREDITED_POSTS, count, listed, named


def contradictions(problem: Problem, book: RuleBook) -> list[Contradiction]:
    """Count: every contradiction between two numbers, the plainest first.

    Parameters
    ----------
    problem, book
        What is asked: all lines, no excludable funded post to be filled.

    Returns
    -------
    list of Contradiction
        Empty says nothing: most contradictions between rules cannot be counted.
    """
    supply = Supply(problem, book)
    found = [*_locked(supply), *_leave(supply)]
    if not found and supply.n_new > 0:
        found.extend(_posts(supply))
        said = [portion for rule in book.rules for portion in portions(rule, supply)]
        found.extend(found or _usable_posts(supply, said))
        for portion in said:
            found.extend(_places(supply, portion))
    if not found and book.find(FillPosts) is not None:
        found.extend(_funded(supply))
    if not found and book.find(PathwayLines) is not None:
        found.extend(_pathways(supply))
    return list({contradiction.sentence: contradiction for contradiction in found}.values())


def _locked(supply: Supply) -> Iterator[Contradiction]:
    for term, index in supply.free.overdrawn():
        position = supply.problem.positions[index]
        yield Contradiction(
            (LockedLines.NAME, ACCREDITED_POSTS),
            f"The locked lines hold {count(supply.free.n_kept[term, index], 'post')} of "
            f"{position.name} ({position.id}) in Term {term + 1}, "
            f"{position.posts_max[term]} accredited.",
            None,
        )


def _leave(supply: Supply) -> Iterator[Contradiction]:
    """Find years too short for their leave: the same for every line."""
    book, year = supply.book, supply.problem.year_weeks
    if supply.n_new <= 0:
        return
    rule, leave = book.find(MinWeeks), book.find(AnnualLeave)
    if rule is not None and year - book.leave_weeks < rule.min:
        without_leave = year < rule.min or leave is None
        yield Contradiction(
            (MinWeeks.NAME,) if without_leave else (MinWeeks.NAME, AnnualLeave.NAME),
            f"{year} weeks of the year less {count(book.leave_weeks, 'week')} of leave leave "
            f"{year - book.leave_weeks}, MIN_WEEKS asks for {rule.min}.",
            supply.n_kept,
        )
    if leave is not None and not leave_is_possible(supply.problem, book):
        yield Contradiction(
            (AnnualLeave.NAME,),
            f"No line can take {count(book.leave_weeks, 'week')} of leave in blocks that "
            "ANNUAL_LEAVE allows in this year.",
            supply.n_kept,
        )
    elif leave is not None and leave.max_share_on_leave == 0 and book.leave_weeks:
        yield Contradiction(
            (AnnualLeave.NAME,),
            f"Each line takes {count(book.leave_weeks, 'week')} of leave, but ANNUAL_LEAVE lets "
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
                f"Term {term + 1} has {count(n_posts, 'accredited post')}{left} "
                f"for {count(supply.n_new, 'line')}.",
                supply.n_kept + n_posts,
            )


def _usable_posts(supply: Supply, said: Sequence[Portion]) -> Iterator[Contradiction]:
    """Find terms with fewer posts than lines once those are left out that no line may hold."""
    for term in range(supply.n_terms):
        barring = [portion for portion in said if _bars(portion, supply, term)]
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
            (*names, ACCREDITED_POSTS),
            f"Term {term + 1} has {count(supply.posts(term), 'accredited post')}, of which lines "
            f"may hold {n_usable} under {rules}: too few for {count(supply.n_new, 'line')}.",
            supply.n_kept + n_usable,
        )


def _bars(portion: Portion, supply: Supply, term: int) -> bool:
    """Say whether a portion keeps its positions out of a term altogether."""
    return portion.most < (supply.weeks[term] if portion.in_weeks else 1)


def _n_usable(supply: Supply, term: int, barring: Sequence[Portion]) -> int:
    return supply.posts(term, lambda p: not any(portion.test(p) for portion in barring))


def _places(supply: Supply, portion: Portion) -> Iterator[Contradiction]:
    """Find portions of a line for which there are too few places in the year."""
    whole = sum(supply.weeks) if portion.in_weeks else supply.n_terms
    sides = (
        (portion.label, portion.least, lambda p: bool(portion.test(p))),
        (portion.other, whole - portion.most, lambda p: not portion.test(p)),
    )
    for label, least, test in sides:
        if least <= 0:
            continue
        n_places = sum(
            min(supply.n_new, supply.posts(term, test)) * (weeks if portion.in_weeks else 1)
            for term, weeks in enumerate(supply.weeks)
            if weeks >= portion.only_long
        )
        if n_places < least * supply.n_new:
            yield Contradiction(
                (portion.rule, ACCREDITED_POSTS),
                _places_sentence(supply, portion, label, n_places, least),
                supply.n_kept + n_places // least,
            )


def _places_sentence(
    supply: Supply, portion: Portion, label: str, n_places: int, least: int
) -> str:
    label = label[0].upper() + label[1:]
    lines = count(supply.n_new, "line")
    if least == 1 and not portion.in_weeks:
        return f"{label}: {count(n_places, 'place')} in the year for {lines}."
    what, units = ("weeks", "week") if portion.in_weeks else ("places", "term")
    return (
        f"{label}: {n_places} {what} in the year for {lines} that need "
        f"{count(least, units)} each, {least * supply.n_new} in all "
        f"[{named(portion.rule, supply.book)}]."
    )


def _funded(supply: Supply) -> Iterator[Contradiction]:
    """Find more funded posts than the lines can fill."""
    for term in range(supply.n_terms):
        n_funded = supply.funded(term)
        if n_funded > supply.n_new:
            yield Contradiction(
                (FillPosts.NAME,),
                f"Term {term + 1} has {count(n_funded, 'funded post')} to fill "
                f"for {count(supply.n_new, 'line')}.",
                None,
            )
    for rule in supply.book.rules:
        for portion in portions(rule, supply):
            yield from _funded_portion(supply, portion)


def _funded_portion(supply: Supply, portion: Portion) -> Iterator[Contradiction]:
    whole = sum(supply.weeks) if portion.in_weeks else supply.n_terms
    for term in range(supply.n_terms) if portion.in_weeks else ():
        n_barred = supply.funded(term, portion.test) if _bars(portion, supply, term) else 0
        if n_barred:
            yield Contradiction(
                (portion.rule, FillPosts.NAME),
                f"{portion.label}: {count(n_barred, 'funded post')} to fill in Term {term + 1}, "
                f"whose {supply.weeks[term]} weeks no line may hold there "
                f"[{named(portion.rule, supply.book)}].",
                None,
            )
    sides = [(portion.label, portion.most, lambda p: bool(portion.test(p)))]
    if not portion.only_long:
        sides.append((portion.other, whole - portion.least, lambda p: not portion.test(p)))
    for label, most, test in sides:
        units = "week" if portion.in_weeks else "term"
        n_funded = sum(
            supply.funded(term, test) * (weeks if portion.in_weeks else 1)
            for term, weeks in enumerate(supply.weeks)
        )
        if n_funded > most * supply.n_new:
            what = "weeks of funded posts" if portion.in_weeks else "funded posts"
            yield Contradiction(
                (portion.rule, FillPosts.NAME),
                f"{label[0].upper()}{label[1:]}: {n_funded} {what} to fill in the year, "
                f"but {count(supply.n_new, 'line')} may hold {count(most, units)} each, "
                f"{most * supply.n_new} in all [{named(portion.rule, supply.book)}].",
                None,
            )


def _pathways(supply: Supply) -> Iterator[Contradiction]:
    """Find pathways that want more lines than there are places in what they ask for."""
    for pathway in supply.problem.pathways:
        n_serving = sum(serves(pathway, line.positions) for line in supply.free.kept)
        wanted = pathway.n_lines - n_serving
        if pathway.strength == "preferred" or wanted <= 0:
            continue
        asked = [
            *((name, lambda p, n=name: p.id == n) for name in pathway.positions),
            *(
                (name, lambda p, n=name: n in {p.specialty, p.subspecialty})
                for name in pathway.specialties
            ),
        ]
        for name, test in asked:
            n_places = supply.places(test)
            if n_places < wanted:
                yield Contradiction(
                    (PathwayLines.NAME, ACCREDITED_POSTS),
                    f"Pathway {pathway.name} wants {count(wanted, 'line')} with {name}, which has "
                    f"{count(n_places, 'place')} in the year.",
                    None,
                )
