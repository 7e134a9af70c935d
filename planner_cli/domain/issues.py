"""What is wrong with an input, as data: one issue names the field, its value and the remedy."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from planner_cli.errors import BadInput

_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class InputIssue:
    """One thing wrong with one field.

    Parameters
    ----------
    field
        Path of the field, as in ``positions[3].posts_max[0]``; indices count from 0, as in JSON.
    value
        The value found there, shortened.
    message
        What is wrong with it.
    remedy
        What to do about it.
    """

    field: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """Give the issue as one line for people."""
        found = f" (found {self.value})" if self.value else ""
        return f"{self.field}: {self.message}{found}. {self.remedy}"


class ProblemInvalid(BadInput):
    """The document is not a problem the planner can read; `issues` names every field at fault."""

    def __init__(self, issues: Iterable[InputIssue]) -> None:
        self.issues = tuple(issues)
        first, more = self.issues[0], len(self.issues) - 1
        others = f" ({more} more)" if more else ""
        super().__init__(
            f"{first.field}: {first.message}"
            + (f" (found {first.value})" if first.value else "")
            + others,
            first.remedy,
        )


def shorten(value: object) -> str:
    """Give a value as JSON-like text of at most 60 characters."""
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def nearest_of(word: str, words: Iterable[str]) -> list[str]:
    """Return up to three known words that an unknown one may have meant, the nearest first."""
    known = sorted(words)
    return (
        difflib.get_close_matches(word.upper(), known, n=3, cutoff=0.5)
        or difflib.get_close_matches(word, known, n=3, cutoff=0.5)
        or [one for one in known if min(len(one), len(word)) > 3 and (one in word or word in one)]
        or _same_parts(word, known)
    )


def _same_parts(word: str, known: Iterable[str]) -> list[str]:
    """Return known names that share a word with this one: min_posts and posts_min, timelimit."""
    parts = {part for part in word.lower().split("_") if len(part) > 2}
    plain = word.lower().replace("_", "")
    return [one for one in known if parts & set(one.split("_")) or plain in one.replace("_", "")][
        :3
    ]


def nearest(word: str, words: Iterable[str]) -> str:
    """Give the remedy for an unknown word: the nearest known ones, or all of them."""
    known = sorted(words)
    close = nearest_of(word, known)
    if close:
        return "Did you mean " + " or ".join(close) + "?"
    return "Known: " + ", ".join(known) + "."
