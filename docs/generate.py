"""Write the generated documents: the two JSON Schemas, and rules.md (rule -> source).

Run `just docs` after changing the models or the catalogue; a test keeps the files true.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from planner_cli.domain.problem import Problem
from planner_cli.domain.result import Result
from planner_cli.domain.rules.base import CERTAINTY_MEANS, Rule
from planner_cli.domain.rules.catalogue import RULE_TYPES, default_rule, packs

HERE = Path(__file__).parent


def documents() -> dict[str, str]:
    """Give the text of each generated file by its name."""
    schemas: dict[str, type[BaseModel]] = {
        "problem.schema.json": Problem,
        "result.schema.json": Result,
    }
    texts = {
        name: json.dumps(model.model_json_schema(by_alias=True), indent=1, ensure_ascii=False)
        for name, model in schemas.items()
    }
    return {**{n: f"{t}\n" for n, t in texts.items()}, "rules.md": "\n".join(_rules()) + "\n"}


def _rules() -> Iterator[str]:
    yield "# Rules and their sources"
    yield ""
    yield (
        "Generated from `planner_cli/domain/rules` by `just docs`. Certainty: "
        + "; ".join(f"**{letter}** {meaning}" for letter, meaning in CERTAINTY_MEANS.items())
        + ". A rule without certainty is a local habit: no regulator asks for it."
    )
    yield ""
    yield "## Rules"
    for name in RULE_TYPES:
        yield from _rule(default_rule(name))
    yield "## Packs"
    for pack in packs().values():
        shape = f", {pack.n_terms} terms" if pack.n_terms else ""
        yield f"### {pack.name}"
        yield ""
        yield f"{pack.place}, {pack.year}{shape}." + (f" {pack.note}" if pack.note else "")
        yield ""
        if not pack.rules:
            yield "No rules."
            yield ""
            continue
        yield "| rule | bounds | certainty | source |"
        yield "|---|---|---|---|"
        for rule in pack.rules:
            source = rule.evidence.sources[0]
            yield f"| {rule.NAME} | {_bounds(rule)} | {rule.evidence.certainty} | {source} |"
        yield ""


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.NAME}"
    yield ""
    yield rule.MEANS
    yield ""
    yield f"- Bounds: {_bounds(rule)}"
    yield f"- Certainty: {rule.evidence.certainty or 'local'}"
    for source in rule.evidence.sources:
        yield f"- Source: {source}"
    if rule.evidence.note:
        yield f"- Note: {rule.evidence.note}"
    yield ""


def _bounds(rule: Rule) -> str:
    return ", ".join(f"{k} = {json.dumps(v)}" for k, v in rule.bounds().items()) or "none"


if __name__ == "__main__":
    for file_name, text in documents().items():
        (HERE / file_name).write_text(text, encoding="utf-8")
