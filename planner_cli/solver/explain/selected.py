"""Which positions a constraint is about, in words: those that match, and all others."""

from collections.abc import Sequence

from planner_cli.domain.selector import EVERY_POSITION, Label, Selector
from planner_cli.domain.words import capital, either

#: How a flag that is set reads after "posts", and without "posts" where it is an adjective.
_FLAGS = {
    "rural": ("rural", None),
    "non_clinical": ("non-clinical", None),
    "community": (None, "the community"),
    "clinical_team": (None, "a clinical team"),
}


def in_words(where: Selector) -> tuple[str, str]:
    """Name the posts that match a selector, and all other posts.

    Returns
    -------
    tuple of str
        As "Rural posts" and "posts that are not rural".
    """
    asked = where.model_dump(exclude_none=True)
    if where == EVERY_POSITION:
        return "Posts", "no posts"
    if len(asked) > 1 or where.not_ is not None:
        return _several(where)
    (name, value) = next(iter(asked.items()))
    if name == "service":
        return _service(value)
    return _flag(name, value=value) if name in _FLAGS else _named(name, value)


def of_label(by: Label, name: str) -> tuple[str, str]:
    """Name the posts with a label, and all other posts."""
    if by == "site":
        return f"Posts at {name}", f"posts away from {name}"
    return adjective(name)


def adjective(word: str) -> tuple[str, str]:
    """Name posts by one word: rural posts, posts that are not rural."""
    return f"{capital(word)} posts", f"posts that are not {word}"


def _named(field: str, names: Sequence[str]) -> tuple[str, str]:
    words = either(names)
    if field == "categories":
        return f"Category {words}", f"posts outside category {words}"
    return of_label("site", words) if field == "sites" else adjective(words)


def _service(value: object) -> tuple[str, str]:
    if value is False:
        return "Posts outside service", "service posts"
    return adjective("service" if value is True else str(value))


def _flag(name: str, *, value: bool) -> tuple[str, str]:
    word, place = _FLAGS[name]
    if word is not None:
        yes, no = adjective(word)
    elif name == "community":
        yes, no = "Community posts", f"posts outside {place}"
    else:
        yes, no = f"Posts in {place}", f"posts outside {place}"
    return (yes, no) if value else (capital(no), yes[0].lower() + yes[1:])


def _several(where: Selector) -> tuple[str, str]:
    fields = where.model_dump(exclude_none=True, exclude={"not_"})
    parts = [in_words(Selector.model_validate({name: value}))[0] for name, value in fields.items()]
    if where.not_ is not None:
        parts.append(capital(in_words(where.not_)[1]))
    first, *rest = parts
    return " that are also ".join([first, *(p[0].lower() + p[1:] for p in rest)]), "other posts"
