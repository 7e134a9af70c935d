"""`python -m local_stack.generate`: write what the edge functions know of planner and database.

Three files: names and bounds of every constraint, the types of the database's tables and functions,
and the list of what is secret. Tests keep them true.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from local_stack import programs
from local_stack.relay import Relay
from local_stack.stack import FUNCTIONS, ROOT, socket_folder
from planner_cli.domain.problem import MAX_LINES, Options
from planner_cli.domain.rules.catalogue import RULE_TYPES, packs
from planner_cli.embedded import EmbeddedPostgres, apply_migrations, prepare_supabase_roles

CONTRACT = FUNCTIONS / "_shared" / "contract.json"
REDACTION = FUNCTIONS / "_shared" / "redaction.json"
TYPES = FUNCTIONS / "_shared" / "database.types.ts"
_WORDS_FOR_PEOPLE = {"title", "description", "default"}
_HEADER = "// Generated from the migrations by `just functions-generate`; a test keeps it true.\n"


def contract_text() -> str:
    """Give the text of `contract.json`."""
    return json.dumps(contract(), indent=1) + "\n"


def contract() -> dict[str, Any]:
    """Give what a request may say, as JSON Schema: packs, rules with their bounds, options."""
    rules = {name: _schema(TypeAdapter(kind).json_schema()) for name, kind in RULE_TYPES.items()}
    for rule in rules.values():
        rule["properties"].pop("evidence")
    options = _schema(Options.model_json_schema())
    options["properties"]["allow_partial"] = {"type": "boolean"}
    return {"packs": list(packs()), "rules": rules, "options": options, "max_job_lines": MAX_LINES}


def types_text() -> str:
    """Give the text of `database.types.ts`: the Supabase CLI on a database of its own."""
    with EmbeddedPostgres() as server:
        prepare_supabase_roles(server.dsn)
        apply_migrations(server.dsn)
        relay = Relay(f"{socket_folder(server.dsn)}/.s.PGSQL.5432")
        relay.start()
        try:
            url = f"postgresql://postgres:any@127.0.0.1:{relay.port}/postgres?sslmode=disable"
            command = ["gen", "types", "--lang", "typescript", "--schema", "public"]
            generated = supabase([*command, "--db-url", url])
        finally:
            relay.stop()
    return _formatted(_HEADER + generated.stdout)


def supabase(arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run the Supabase CLI of its npm package in this repository; raise when it fails."""
    return subprocess.run(  # noqa: S603 - our own command
        [programs.supabase_cli(), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Keep of a schema what decides; bounds that are absent are the pack's or the default."""
    schema.pop("$defs", None)
    kept = {key: value for key, value in schema.items() if key not in _WORDS_FOR_PEOPLE}
    kept["properties"] = {
        name: {key: value for key, value in field.items() if key not in _WORDS_FOR_PEOPLE}
        for name, field in schema.get("properties", {}).items()
    }
    return kept


def _formatted(source: str) -> str:
    command: list[str | Path] = [programs.deno(), "fmt", "--ext", "ts", "--line-width", "100", "-"]
    return subprocess.run(  # noqa: S603 - our own command
        command, input=source, capture_output=True, text=True, check=True, timeout=60
    ).stdout


if __name__ == "__main__":
    CONTRACT.write_text(contract_text(), encoding="utf-8")
    TYPES.write_text(types_text(), encoding="utf-8")
    REDACTION.write_bytes((ROOT / "planner_cli" / "redaction.json").read_bytes())
    sys.stdout.write(f"{CONTRACT.name}, {TYPES.name} and {REDACTION.name} are written.\n")
