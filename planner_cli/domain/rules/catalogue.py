"""The catalogue: every rule by name, the named packs, and how constraints become rules."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from planner_cli.domain.issues import InputIssue, nearest, shorten
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.base import Evidence, Rule
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.rules.experience import MinTerms, MinWeeks, RequiredCategories
from planner_cli.domain.rules.leave import AnnualLeave
from planner_cli.domain.rules.places import (
    MaxRuralTerms,
    MaxSiteChanges,
    MinCommunityTerms,
    MinHomeTerms,
)
from planner_cli.domain.rules.posts import FillPosts, LockedLines, PathwayLines
from planner_cli.domain.rules.service import (
    MaxNonClinicalTerms,
    MaxServiceShare,
    MaxServiceTerms,
    MinTeamShare,
    NoNights,
    NoRelief,
)
from planner_cli.domain.rules.spread import (
    MaxSpecialtyShare,
    MaxSubspecialtyShare,
    MinDistinctSpecialties,
    NoRepeatedPosition,
)

RULE_TYPES: Mapping[str, type[Rule]] = {
    rule.NAME: rule
    for rule in (
        RequiredCategories,
        MinTerms,
        MinWeeks,
        MaxSpecialtyShare,
        MaxSubspecialtyShare,
        MaxServiceShare,
        MinTeamShare,
        MaxNonClinicalTerms,
        MaxRuralTerms,
        MaxServiceTerms,
        NoNights,
        NoRelief,
        NoRepeatedPosition,
        MinDistinctSpecialties,
        MinCommunityTerms,
        MinHomeTerms,
        MaxSiteChanges,
        AnnualLeave,
        FillPosts,
        LockedLines,
        PathwayLines,
    )
}
UNRESTRICTED = "UNRESTRICTED"


@dataclass(frozen=True)
class Pack:
    """A named pack: the rules a jurisdiction sets for one year of training.

    Parameters
    ----------
    name, place, year
        As in VIC_PGY1, Victoria, PGY1.
    rules
        The rules with the pack's bounds and evidence.
    n_terms
        Terms of the year as the jurisdiction sets it; None where it does not.
    max_terms
        Most terms of the year; None where the jurisdiction sets none.
    annual_leave_weeks
        Weeks of leave of an agreement, used where the problem gives none.
    note
        What a user must know; starts with UNVERIFIED where a number is not verified.
    """

    name: str
    place: str
    year: str
    rules: tuple[Rule, ...]
    n_terms: int | None = None
    max_terms: int | None = None
    annual_leave_weeks: int | None = None
    note: str = ""


@cache
def evidence_by_id() -> Mapping[str, Mapping[str, Any]]:
    """Every entry of the evidence: id -> jurisdiction, value, sources, certainty, note."""
    return {entry["id"]: entry for entry in _read("evidence.json")["rules"]}


@cache
def packs() -> Mapping[str, Pack]:
    """Every named pack, UNRESTRICTED included."""
    named = {name: _pack(name, data) for name, data in _read("packs.json").items()}
    return {**named, UNRESTRICTED: Pack(UNRESTRICTED, "anywhere", "any", ())}


def default_rule(name: str) -> Rule:
    """Give a rule of the catalogue with its default bounds and evidence."""
    kind = RULE_TYPES[name]
    return kind(evidence=_evidence(kind.EVIDENCE))


def rule_book(problem: Problem) -> RuleBook:
    """Turn a valid problem's constraints into its rules.

    Bounds given beside a pack override the pack's. Locked lines and pathways bring their rules
    by being there.

    Raises
    ------
    ValueError
        If a constraint cannot be read; `constraint_issues` says which and why.
    """
    issues, chosen, named_packs = _resolve(problem.constraints)
    if issues:
        raise ValueError("; ".join(map(str, issues)))
    weeks = problem.annual_leave_weeks
    if weeks is None:
        weeks = next((p.annual_leave_weeks for p in named_packs if p.annual_leave_weeks), 0)
    leave = chosen.get(AnnualLeave.NAME)
    if isinstance(leave, AnnualLeave):
        weeks = weeks if leave.weeks is None else leave.weeks
        chosen[AnnualLeave.NAME] = replace(leave, weeks=weeks)
    if problem.locked_lines:
        chosen.setdefault(LockedLines.NAME, default_rule(LockedLines.NAME))
    if problem.pathways:
        chosen.setdefault(PathwayLines.NAME, default_rule(PathwayLines.NAME))
    ordered = tuple(chosen[name] for name in RULE_TYPES if name in chosen)
    return RuleBook(ordered, weeks, tuple(_notes(problem, named_packs, ordered)))


def constraint_issues(constraints: Sequence[str | Mapping[str, Any]]) -> list[InputIssue]:
    """Say what is wrong with a problem's constraints; empty when they can be read."""
    return _resolve(constraints)[0]


def _resolve(
    constraints: Sequence[str | Mapping[str, Any]],
) -> tuple[list[InputIssue], dict[str, Rule], list[Pack]]:
    issues: list[InputIssue] = []
    named: list[Pack] = []
    own: dict[str, tuple[int, dict[str, Any]]] = {}
    for index, entry in enumerate(constraints):
        field = f"constraints[{index}]"
        name, bounds = _name_and_bounds(entry)
        if name is None:
            issues.append(
                InputIssue(field, shorten(entry), "has no name", 'Write {"name": "..."}.')
            )
        elif name in packs():
            named.append(packs()[name])
            issues.extend(_pack_issues(field, name, bounds, named))
        elif name not in RULE_TYPES:
            remedy = nearest(name, [*RULE_TYPES, *packs()])
            issues.append(InputIssue(f"{field}.name", shorten(name), "unknown constraint", remedy))
        elif name in own:
            remedy = "Keep one of the two."
            issues.append(
                InputIssue(field, name, f"given already at constraints[{own[name][0]}]", remedy)
            )
        else:
            own[name] = (index, bounds)
    chosen = {rule.NAME: rule for pack in named for rule in pack.rules}
    for name, (index, bounds) in own.items():
        base = chosen.get(name) or default_rule(name)
        rule, wrong = _with_bounds(base, bounds, f"constraints[{index}]")
        issues.extend(wrong)
        if rule is not None:
            chosen[name] = rule
    return issues, chosen, named


def _name_and_bounds(entry: str | Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    if isinstance(entry, str):
        return entry, {}
    name = entry.get("name")
    bounds = {key: value for key, value in entry.items() if key != "name"}
    return (name if isinstance(name, str) else None), bounds


def _pack_issues(
    field: str, name: str, bounds: dict[str, Any], named: Sequence[Pack]
) -> Iterable[InputIssue]:
    if bounds:
        remedy = 'Name the rule beside the pack, as in {"name": "MAX_SPECIALTY_SHARE", "max": 0.6}.'
        yield InputIssue(field, shorten(dict(bounds)), f"the pack {name} takes no bounds", remedy)
    if len(named) > 1:
        others = " and ".join(pack.name for pack in named)
        yield InputIssue(field, name, f"two packs are named: {others}", "Keep one of them.")


def _with_bounds(
    base: Rule, bounds: Mapping[str, Any], field: str
) -> tuple[Rule | None, list[InputIssue]]:
    known = base.bounds()
    issues = [
        InputIssue(
            f"{field}.{key}",
            shorten(bounds[key]),
            f"{base.NAME} has no bound of this name",
            nearest(key, known) if known else "It takes no bounds.",
        )
        for key in bounds
        if key not in known
    ]
    if issues:
        return None, issues
    evidence = base.evidence
    if any(known[key] != value for key, value in bounds.items()) and evidence.pack:
        evidence = replace(evidence, note=f"bounds changed from those of {evidence.pack}")
    try:
        return type(base)(**{**known, **bounds}, evidence=evidence), []
    except ValidationError as error:
        return None, [
            InputIssue(
                ".".join([field, *(str(part) for part in found["loc"])]),
                shorten(found["input"]),
                f"bound of {base.NAME} out of range: {found['msg'].lower()}",
                f"See `planner rules {base.NAME}`.",
            )
            for found in error.errors()
        ]


def _notes(problem: Problem, named: Sequence[Pack], rules: Sequence[Rule]) -> Iterable[str]:
    n_terms = len(problem.terms)
    for pack in named:
        if pack.note:
            yield f"{pack.name}: {pack.note}"
        if pack.n_terms is not None and pack.n_terms != n_terms:
            yield f"{pack.name}: the year has {pack.n_terms} terms there, here {n_terms}."
        if pack.max_terms is not None and n_terms > pack.max_terms:
            yield f"{pack.name}: at most {pack.max_terms} terms a year, this problem has {n_terms}."
    for rule in rules:
        if rule.evidence.certainty == "C":
            yield f"{rule.NAME}: unverified, from {rule.evidence.sources[0]}."


def _pack(name: str, data: Mapping[str, Any]) -> Pack:
    year = data.get("year", "")
    return Pack(
        name=name,
        place=data["place"],
        year=year,
        rules=tuple(_pack_rules(name, data)),
        n_terms=data.get("n_terms"),
        max_terms=data.get("max_terms"),
        annual_leave_weeks=data.get("annual_leave_weeks"),
        note=data.get("note", ""),
    )


def _pack_rules(name: str, data: Mapping[str, Any]) -> Iterable[Rule]:
    def evidence(key: str) -> Evidence:
        return _evidence(tuple(data["evidence"].get(key, ())), pack=name)

    if data.get("required_categories"):
        categories = tuple(data["required_categories"])
        yield RequiredCategories(categories, evidence=evidence("required_categories"))
    if data.get("min_terms"):
        yield MinTerms(
            data["min_terms"],
            data.get("min_term_weeks", 0),
            data.get("distinct_level", "none"),
            data.get("service_counts_to_min_terms", True),
            evidence=evidence("min_terms"),
        )
    if data.get("min_weeks"):
        yield MinWeeks(data["min_weeks"], evidence=evidence("min_weeks"))
    for key, kind in (
        ("max_specialty_pct", MaxSpecialtyShare),
        ("max_subspecialty_pct", MaxSubspecialtyShare),
        ("max_service_pct", MaxServiceShare),
        ("min_team_pct", MinTeamShare),
    ):
        if data.get(key) is not None:
            yield kind(data[key] / 100, evidence=evidence(key))
    if data.get("max_non_clinical_terms") is not None:
        key = "max_non_clinical_terms"
        yield MaxNonClinicalTerms(data[key], evidence=evidence(key))
    if data.get("max_service_terms") is not None:
        yield MaxServiceTerms(data["max_service_terms"], evidence=evidence("max_service_terms"))


def _evidence(ids: tuple[str, ...], pack: str | None = None) -> Evidence:
    entries = [evidence_by_id()[entry] for entry in ids]
    sources = tuple(dict.fromkeys(source for entry in entries for source in entry["source"]))
    certainty = max((entry["certainty"] for entry in entries), default=None)
    notes = " ".join(entry["note"] for entry in entries if entry["note"])
    return Evidence(ids, sources, certainty, notes, pack)


@cache
def _read(name: str) -> Any:
    return json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
