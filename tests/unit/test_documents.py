"""The generated documents say what the code says."""

import importlib.util
import json
from pathlib import Path

import jsonschema
import pytest

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = Path(__file__).parents[2] / "examples"

spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
assert spec is not None
assert spec.loader is not None
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)


@pytest.mark.parametrize("name", ["problem.schema.json", "result.schema.json", "rules.md"])
def test_a_generated_document_is_up_to_date(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    assert text == generate.documents()[name], "run `just docs`"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_the_schema_accepts_every_example(path: Path) -> None:
    schema = json.loads((DOCS / "problem.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(path.read_text()), schema, jsonschema.Draft202012Validator)


def test_the_schema_refuses_what_the_reader_refuses_for_its_form() -> None:
    schema = json.loads((DOCS / "problem.schema.json").read_text())
    document = json.loads((EXAMPLES / "small_rural.json").read_text())
    document["positions"][0]["posts_min"] = ["two", 0, 0, 0]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)
