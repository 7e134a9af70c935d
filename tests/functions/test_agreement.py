"""The function accepts exactly the constraints and options that the planner can read."""

import json
import random
import subprocess
from typing import Any

from pydantic import ValidationError

from local_stack import generate
from local_stack.programs import deno
from local_stack.stack import FUNCTIONS
from planner_cli.domain.problem import Options
from planner_cli.domain.rules.catalogue import RULE_TYPES, constraint_issues, default_rule

N_CASES = 1_500
VALUES: list[Any] = [
    None, True, False, -1, 0, 1, 2, 5, 12, 13, 26, 53, 54, 0.0, 0.25, 0.5, 1.0, 1.01, 1.5, -0.1,
    "", "A", "Base", "subspecialty", "none", "x" * 201, [], ["A"], ["A", "E"], [[5], [2, 3]],
    [[0]], [[27]], ["5"], {}, {"a": 1}, 120, 86_400, 86_401, 64, 65, 2**31,
]  # fmt: skip
SCRIPT = """
import { checkConstraints } from "./constraints.ts";
import { parseRunRequest } from "./run_request.ts";
const cases = JSON.parse(await new Response(Deno.stdin.readable).text());
const good = { allocation_run: crypto.randomUUID(), n_job_lines: 1 };
console.log(JSON.stringify(cases.map(({ constraints, options }) =>
  constraints ? checkConstraints(constraints).length === 0
              : parseRunRequest({ ...good, options }).ok)));
"""


def test_random_constraints_and_options_are_judged_alike_on_both_sides() -> None:
    dice = random.Random(20_261_123)  # noqa: S311 - not for secrets
    cases = [
        {"constraints": constraints(dice)} if dice.random() < 0.8 else {"options": options(dice)}
        for _ in range(N_CASES)
    ]

    theirs = judged_by_the_function(cases)

    ours = [judged_by_the_planner(as_javascript_sends(case)) for case in cases]
    pairs = list(zip(cases, ours, theirs, strict=True))
    assert [case for case, here, there in pairs if there and not here] == []
    # The planner takes `true` for the share 1; nobody means that, and the function says so.
    stricter = [json.dumps(case) for case, here, there in pairs if here and not there]
    assert [case for case in stricter if "true" not in case and "false" not in case] == []
    assert 0.1 < sum(ours) / N_CASES < 0.9


def test_the_generated_contract_is_the_catalogues() -> None:
    assert generate.CONTRACT.read_text() == generate.contract_text(), (
        "run `just functions-generate`"
    )


def test_the_generated_types_are_the_databases() -> None:
    assert generate.TYPES.read_text() == generate.types_text(), "run `just functions-generate`"


def constraints(dice: random.Random) -> list[Any]:
    """Return a few random constraints, most of them nearly right."""
    names = [*RULE_TYPES, "VIC_PGY1", "NSW_PGY2", "UNRESTRICTED", "NO_SUCH_RULE"]
    return [constraint(dice, dice.choice(names)) for _ in range(dice.choice([1, 1, 1, 2, 3]))]


def constraint(dice: random.Random, name: str) -> Any:
    """Return one constraint with some of its bounds changed."""
    if dice.random() < 0.3:
        return name
    known = default_rule(name).bounds() if name in RULE_TYPES else {}
    bounds = {key: dice.choice([value, *VALUES]) for key, value in known.items()}
    kept = {key: value for key, value in bounds.items() if dice.random() < 0.6}
    if dice.random() < 0.1:
        kept[dice.choice(["max", "min", "limit"])] = dice.choice(VALUES)
    return {"name": name, **kept}


def options(dice: random.Random) -> dict[str, Any]:
    """Return random options."""
    fields = [*Options.model_fields, "speed"]
    return {field: dice.choice(VALUES) for field in fields if dice.random() < 0.4}


def as_javascript_sends(value: Any) -> Any:
    """Return a value as it reaches the planner through the function: 1.0 has become 1."""
    if isinstance(value, dict):
        return {key: as_javascript_sends(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_javascript_sends(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def judged_by_the_planner(case: dict[str, Any]) -> bool:
    """Tell whether the planner can read a case."""
    if "constraints" in case:
        return not constraint_issues(case["constraints"])
    try:
        Options.model_validate(case["options"])
    except ValidationError:
        return False
    return True


def judged_by_the_function(cases: list[dict[str, Any]]) -> list[bool]:
    """Tell which cases the function would accept."""
    folder = FUNCTIONS / "planner-orchestration"
    done = subprocess.run(
        [deno(), "run", "--config", "deno.json", "--ext", "ts", "-"],
        cwd=folder,
        input=SCRIPT.replace(
            "await new Response(Deno.stdin.readable).text()", json.dumps(json.dumps(cases))
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    verdicts: list[bool] = json.loads(done.stdout)
    return verdicts
