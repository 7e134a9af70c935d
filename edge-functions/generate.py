"""Write what the edge functions know of the planner: names and bounds of every constraint.

Run `just functions-contract` after changing the catalogue; a test keeps the file true.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from planner_cli.domain.problem import MAX_LINES, Options
from planner_cli.domain.rules.catalogue import RULE_TYPES, packs

TARGET = Path(__file__).parent / "_shared" / "contract.json"
_WORDS_FOR_PEOPLE = {"title", "description", "default"}


def contract() -> dict[str, Any]:
    """Give what a request may say, as JSON Schema: packs, rules with their bounds, options."""
    rules = {name: _schema(TypeAdapter(kind).json_schema()) for name, kind in RULE_TYPES.items()}
    for rule in rules.values():
        rule["properties"].pop("evidence")
    options = _schema(Options.model_json_schema())
    options["properties"]["allow_partial"] = {"type": "boolean"}
    return {"packs": list(packs()), "rules": rules, "options": options, "max_job_lines": MAX_LINES}


def text() -> str:
    """Give the text of the generated file."""
    return json.dumps(contract(), indent=1) + "\n"


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Keep of a schema what decides; bounds that are absent are the pack's or the default."""
    schema.pop("$defs", None)
    kept = {key: value for key, value in schema.items() if key not in _WORDS_FOR_PEOPLE}
    kept["properties"] = {
        name: {key: value for key, value in field.items() if key not in _WORDS_FOR_PEOPLE}
        for name, field in schema.get("properties", {}).items()
    }
    return kept


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
