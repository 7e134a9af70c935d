"""Numbers, lists and shares in everyday words."""

from collections.abc import Sequence


def counted(number: int, noun: str, many: str | None = None) -> str:
    """Write a number with its noun: 1 term, 2 terms, 3 weeks of leave, 2 specialties."""
    if number == 1:
        return f"{number} {noun}"
    if many is not None:
        return f"{number} {many}"
    head, of, rest = noun.partition(" of ")
    return f"{number} {head}s{of}{rest}"


def listed(words: Sequence[str]) -> str:
    """Join words: a, b and c."""
    return _joined(words, " and ")


def either(words: Sequence[str]) -> str:
    """Join words: a, b or c."""
    return _joined(words, " or ")


def capital(text: str) -> str:
    """Begin a sentence."""
    return text[:1].upper() + text[1:]


def percentage(fraction: float) -> str:
    """Give a share as a percentage: 0.25 is 25 %, 0.6154 is 61.5 %."""
    return f"{100 * fraction:.1f}".removesuffix(".0") + " %"


def _joined(words: Sequence[str], last: str) -> str:
    return last.join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
