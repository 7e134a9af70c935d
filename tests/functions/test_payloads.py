"""Whatever arrives over the wire, the function answers, and a 500 is never its answer."""

import json
import random
from typing import Any

import pytest

from tests.contract.hospital import Hospital
from tests.functions.project import Person

SEED = 20_261_123
N_BODIES = 150
MEGABYTE = 2**20


def test_a_megabyte_is_refused_with_413(planner: Person, hospital: Hospital) -> None:
    answer = planner.ask(hospital, constraints=["x" * MEGABYTE])

    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "0", '"run"', b"\xff\xfe", "NaN", '{"allocation_run":'],
    ids=repr,
)  # fmt: skip
def test_what_is_no_request_is_refused_with_422(planner: Person, body: str | bytes) -> None:
    assert planner.call(body).status_code == 422


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a\u202eb", "💉" * 40], ids=ascii)
def test_text_the_database_cannot_keep_is_a_422_and_other_text_passes(
    planner: Person, hospital: Hospital, held: None, text: str
) -> None:
    answer = planner.ask(hospital, constraints=[{"name": "MIN_HOME_TERMS", "min": 1, "site": text}])

    assert answer.status_code == (422 if text in {"\x00", "\ud800"} else 202), answer.text


def test_random_bodies_are_all_answered(planner: Person, hospital: Hospital, held: None) -> None:
    dice = random.Random(SEED)  # noqa: S311 - not for secrets
    for _ in range(N_BODIES):
        body = json.dumps(mutated(dice, str(hospital.allocation_run)))
        answer = planner.call(body)
        assert answer.status_code in {202, 404, 409, 422, 429}, (body, answer.text)


def mutated(dice: random.Random, allocation_run: str) -> Any:
    """Return a good request in which something, or nothing, was replaced."""
    body: dict[str, Any] = {
        "allocation_run": allocation_run,
        "n_job_lines": 3,
        "constraints": ["UNRESTRICTED", {"name": "MAX_RURAL_TERMS", "max": 1}],
        "options": {"seed": 1, "workers": 1},
    }
    target: Any = dice.choice([body, body["options"], body["constraints"][1]])
    key = dice.choice([*target, "surprise", "__proto__", ""])
    target[key] = dice.choice(
        [None, True, -1, 0, 1e308, 2**63, "", "'; drop table x; --", [], {}, [[[]]], allocation_run]
    )
    return body
