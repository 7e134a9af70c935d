"""From a rule's data to constraints: templates name the bounds, binding puts their values in.

A template is data that JSON can hold, so that the page reads the same one. Beside the fields of its
constraint it has `says`, the sentence of a breach, and may have

- `when` or `unless`: {bound: value} that must hold, or must not;
- `for_each`: the name of a bound with several values, one constraint for each;
- in the place of any value: {"bound": name}, {"item": true} for the value of `for_each` (or
  {"item": field} for a field of it),
  {"share": name} for a share of the year in whole weeks (down in `at_most`, up in `at_least`),
  {"pick": name, "from": {value: ...}}, or {"terms_of": name} for the terms at least so long.

On the whole set the problem's own `pathways` and `locked_lines` can be named as bounds are.

A sentence may name `{found}`, `{limit}`, `{label}`, `{term}`, `{name}` and `{position}` (to blame),
`{share}` (what was found as a part of the year) and any bound; `{found|rural term}` is a number
with its noun.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from math import ceil, floor
from types import MappingProxyType
from typing import Any, get_type_hints

from planner_cli.domain.constraints.on_line import LINE_KINDS, Breach, LineConstraint
from planner_cli.domain.constraints.on_set import SET_KINDS, SetBreach, SetConstraint
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem, Term
from planner_cli.domain.selector import Selector
from planner_cli.domain.words import counted

Template = Mapping[str, Any]

#: A hair against binary fractions: 0.1 * 30 must allow 3 weeks.
_HAIR = 1e-9
_ABOUT_IT = {"kind", "says", "when", "unless", "for_each"}
_BLANK = re.compile(r"\{(\w+)(?:\|([^}]+))?\}")


@dataclass(frozen=True)
class _Said:
    """A sentence, or one for each `what` of a breach, and the rule's bounds as text, by name."""

    says: str | Mapping[str, str]
    words: Mapping[str, str]

    def _sentence(self, what: str, words: Mapping[str, Any]) -> str:
        """Fill the blanks of a sentence."""
        pattern = self.says if isinstance(self.says, str) else self.says[what]
        known = {**self.words, **words}

        def filled(blank: re.Match[str]) -> str:
            word, noun = known[blank[1]], blank[2]
            return str(word) if noun is None else counted(word, noun)

        return _BLANK.sub(filled, pattern)


@dataclass(frozen=True)
class Clause(_Said):
    """A constraint of a rule on one line, and how a breach of it is said."""

    constraint: LineConstraint

    def sentence(self, breach: Breach, line: JobLine) -> str:
        """Say what is wrong with a line."""
        found, limit = breach.text or (breach.found, breach.limit)
        words: dict[str, Any] = {"found": found, "limit": limit, "label": breach.label}
        words["share"] = percent(breach.found or 0, line.year_weeks)
        if breach.terms:
            blamed = line.positions[breach.terms[0] - 1]
            words |= {"term": breach.terms[0], "name": blamed.name, "position": blamed.id}
        return self._sentence(breach.what, words)


@dataclass(frozen=True)
class SetClause(_Said):
    """A constraint of a rule on the whole set, and how a breach of it is said."""

    constraint: SetConstraint

    def sentence(self, breach: SetBreach) -> str:
        """Say what is wrong with a set of lines."""
        numbers = {"found": breach.found, "limit": breach.limit}
        return self._sentence(breach.what, {**numbers, **breach.words})


def bind(
    templates: Sequence[Template], bounds: Mapping[str, Any], terms: tuple[Term, ...]
) -> Iterator[Clause]:
    """Yield the clauses of a rule whose bounds have these values, in a year of these terms."""
    for kind, own, says, words in _bound(templates, bounds, terms):
        yield Clause(says, words, build(kind, own))


def bind_on_set(
    templates: Sequence[Template], bounds: Mapping[str, Any], problem: Problem
) -> Iterator[SetClause]:
    """Yield the clauses of a rule on the whole set of lines of a problem."""
    given = {"pathways": problem.pathways, "locked_lines": problem.locked_lines}
    for kind, own, says, words in _bound(templates, {**bounds, **given}, problem.terms):
        yield SetClause(says, words, SET_KINDS[kind](**_values(own)))


def _bound(
    templates: Sequence[Template], bounds: Mapping[str, Any], terms: tuple[Term, ...]
) -> Iterator[tuple[str, dict[str, Any], Any, Mapping[str, str]]]:
    """Yield the kind, the fields, the sentences and the words of each constraint."""
    words = MappingProxyType({name: str(value) for name, value in bounds.items()})
    for template in templates:
        if not _applies(template, bounds):
            continue
        for item in bounds[template["for_each"]] if "for_each" in template else (None,):
            values = _Values(bounds, terms, item)
            own = {
                name: values.of(value, name)
                for name, value in template.items()
                if name not in _ABOUT_IT
            }
            words_here = words if item is None else {**words, "item": str(item)}
            says = values.of(template["says"], "says")
            yield template["kind"], own, says, words_here


def build(kind: str, own: Mapping[str, Any]) -> LineConstraint:
    """Make a constraint of its kind and its fields as JSON holds them."""
    made = LINE_KINDS[kind]
    selectors = _selector_fields(kind)
    values = {
        name: Selector.model_validate(value) if name in selectors else value
        for name, value in _values(own).items()
    }
    return made(**values)  # type: ignore[arg-type]  # checked by the round trip of every template


def document_of(constraint: LineConstraint) -> dict[str, Any]:
    """Give a constraint as JSON holds it: `build` makes the same of it again."""
    own: dict[str, Any] = {"kind": constraint.KIND}
    for field in fields(constraint):
        value = getattr(constraint, field.name)
        if value == field.default:
            continue
        if isinstance(value, Selector):
            value = value.model_dump(mode="json", by_alias=True, exclude_none=True)
        own[field.name] = value
    return own


def most_weeks(share: float, year_weeks: int) -> int:
    """Most whole weeks a share of the year allows: 25 % of 52 weeks is 13."""
    return floor(share * year_weeks + _HAIR)


def least_weeks(share: float, year_weeks: int) -> int:
    """Least whole weeks a share of the year asks for: half of 53 weeks is 27."""
    return ceil(share * year_weeks - _HAIR)


def percent(weeks: int, year_weeks: int) -> str:
    """Give weeks as a percentage of the year with one decimal."""
    return f"{100 * weeks / year_weeks:.1f} %"


@dataclass(frozen=True)
class _Values:
    bounds: Mapping[str, Any]
    terms: tuple[Term, ...]
    item: object

    def of(self, value: Any, field: str) -> Any:
        """Put values in the place of names, inside lists and objects too."""
        if isinstance(value, list | tuple):
            return [self.of(one, field) for one in value]
        if not isinstance(value, Mapping):
            return value
        for marker, meaning in self._markers(field).items():
            if marker in value:
                return meaning(value)
        return {name: self.of(one, field) for name, one in value.items()}

    def _markers(self, field: str) -> Mapping[str, Callable[[Mapping[str, Any]], Any]]:
        rounded = least_weeks if field == "at_least" else most_weeks
        year_weeks = sum(term.weeks for term in self.terms)
        return {
            "bound": lambda v: self.bounds[v["bound"]],
            "item": lambda v: self.item if v["item"] is True else getattr(self.item, v["item"]),
            "share": lambda v: rounded(self.bounds[v["share"]], year_weeks),
            "pick": lambda v: v["from"][_key(self.bounds[v["pick"]])],
            "terms_of": lambda v: [
                number
                for number, term in enumerate(self.terms, start=1)
                if term.weeks >= self.bounds[v["terms_of"]]
            ],
        }


def _applies(template: Template, bounds: Mapping[str, Any]) -> bool:
    when, unless = template.get("when"), template.get("unless")
    return all(bounds[name] == value for name, value in (when or {}).items()) and not (
        unless and all(bounds[name] == value for name, value in unless.items())
    )


def _key(value: object) -> str:
    """Name a value as JSON would: true, not True."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _values(own: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not given, and make lists unchangeable."""
    return {name: _frozen(value) for name, value in own.items() if value is not None}


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list | tuple) else value


@cache
def _selector_fields(kind: str) -> frozenset[str]:
    hints = get_type_hints(LINE_KINDS[kind])
    return frozenset(name for name, hint in hints.items() if hint is Selector)
