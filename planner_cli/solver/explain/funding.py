"""Funded posts that FILL_POSTS wants filled and no lines can: counted."""

from collections.abc import Iterator, Sequence

from planner_cli.domain.constraints.on_set import PostsFilled
from planner_cli.domain.words import capital, counted
from planner_cli.solver.explain.portions import Portion
from planner_cli.solver.explain.supply import Contradiction, Supply, Where
from planner_cli.solver.explain.words import named
from planner_cli.solver.stop import Stop, heed


def too_much_funded(supply: Supply, said: Sequence[Portion], stop: Stop) -> Iterator[Contradiction]:
    """Find more funded posts than the lines can fill: in a term, or of what a line may hold.

    Parameters
    ----------
    supply
        Posts and lines.
    said
        What the rules say of portions of a line.
    stop
        Asked between two counts; True ends the work with `StoppedEarly`.
    """
    for term in range(supply.n_terms):
        n_funded = supply.funded(term)
        if n_funded > supply.n_new:
            yield Contradiction(
                (supply.book.brought_by(PostsFilled),),
                f"Term {term + 1} has {counted(n_funded, 'funded post')} to fill "
                f"for {counted(supply.n_new, 'line')}.",
                None,
                about=f"Term {term + 1}",
                shortage=n_funded / max(1, supply.n_new),
            )
    for portion in said:
        heed(stop)
        yield from _barred(supply, portion)
        whole = sum(supply.weeks) if portion.in_weeks else supply.n_terms
        yield from _over(supply, portion, portion.label, portion.most, portion.test)
        if portion.in_terms is None:
            others = ~supply.mask(portion.test)
            yield from _over(supply, portion, portion.other, whole - portion.least, others)


def _barred(supply: Supply, portion: Portion) -> Iterator[Contradiction]:
    """Find funded posts in terms too long for what a line may hold of them."""
    for term in range(supply.n_terms) if portion.in_weeks else ():
        n_barred = supply.funded(term, portion.test) if portion.bars(supply, term) else 0
        if n_barred:
            yield Contradiction(
                (portion.rule, supply.book.brought_by(PostsFilled)),
                f"{capital(portion.label)}: {counted(n_barred, 'funded post')} to fill in Term "
                f"{term + 1}, whose {supply.weeks[term]} weeks no line may hold there "
                f"[{named(portion.rule, supply.book)}].",
                None,
                about=f"{portion.label} in Term {term + 1}",
                shortage=float(n_barred),
            )


def _over(
    supply: Supply, portion: Portion, label: str, most: int, where: Where
) -> Iterator[Contradiction]:
    n_funded = sum(
        supply.funded(term, where) * (weeks if portion.in_weeks else 1)
        for term, weeks in enumerate(supply.weeks)
    )
    most_in_all = max(0, most) * supply.n_new
    if n_funded > most_in_all:
        units = "week" if portion.in_weeks else "term"
        what = "weeks of funded posts" if portion.in_weeks else "funded posts"
        yield Contradiction(
            (portion.rule, supply.book.brought_by(PostsFilled)),
            f"{capital(label)}: {n_funded} {what} to fill in the year, "
            f"but {counted(supply.n_new, 'line')} may hold {counted(max(0, most), units)} each, "
            f"{most_in_all} in all [{named(portion.rule, supply.book)}].",
            None,
            about=label,
            shortage=n_funded / max(1, most_in_all),
        )
