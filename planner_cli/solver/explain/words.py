"""Rules, places and numbers in the words of a workforce unit."""

from collections.abc import Sequence

from planner_cli.domain.rules.base import Rule
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.rules.catalogue import RULE_TYPES

#: The pseudo-constraint every problem has: `posts_max` is never exceeded.
ACCREDITED_POSTS = "ACCREDITED_POSTS"


#: Stays of two terms must fit into the year.
LINE_SHAPE = "LINE_SHAPE"


def named(name: str, book: RuleBook) -> str:
    """Name a constraint with its bounds: MAX_RURAL_TERMS (at most 1 rural term)."""
    if name == ACCREDITED_POSTS:
        return "the accredited posts"
    if name == LINE_SHAPE:
        return "stays of two terms in a year they do not fill"
    rule = next((rule for rule in book.rules if name == rule.NAME), None)
    words = rule.in_words() if rule is not None else ""
    return f"{name} ({words})" if words else name


def drop_in_words(rule: Rule) -> str:
    """Say what dropping a rule means."""
    return rule.WITHOUT or f"drop {rule.NAME}"


def in_order(names: Sequence[str]) -> tuple[str, ...]:
    """Give constraint names in the catalogue's order, the accredited posts last."""
    order = [*RULE_TYPES, ACCREDITED_POSTS]
    return tuple(sorted(set(names), key=order.index))
