"""The walked example of CONTRIBUTING.md works as it stands."""

import json
import re
from pathlib import Path
from typing import Any

from planner_cli.domain.constraints.clause import document_of
from planner_cli.domain.outcomes import Infeasible, LineSet
from planner_cli.domain.problem import Options
from planner_cli.domain.reading import read_problem
from planner_cli.domain.rules import catalogue, places
from planner_cli.solver import solve
from tests.unit import test_rules

ROOT = Path(__file__).parents[2]
CODE = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)


def test_the_example_rule_and_its_test_are_all_it_takes(monkeypatch: Any) -> None:
    rule, its_test = CODE
    names = dict(vars(places))
    exec(rule, names)  # noqa: S102 - our own page
    made = names["MaxTermsAtSite"]
    tests = {**vars(test_rules), "MaxTermsAtSite": made}
    away = test_rules.unit("AWAY", site="Away")
    exec(its_test, {**tests, "AWAY": away}, tests)  # noqa: S102
    tests["test_two_terms_at_a_site_are_allowed_and_three_are_not"].__globals__.update(
        {"AWAY": away, "MaxTermsAtSite": made}
    )
    tests["test_two_terms_at_a_site_are_allowed_and_three_are_not"]()
    assert json.dumps(made.CLAUSES)
    monkeypatch.setitem(catalogue.RULE_TYPES, made.NAME, made)

    document = json.loads((ROOT / "examples" / "small_rural.json").read_text())
    n_sites = len({position["site"] for position in document["positions"]})
    document["constraints"] = [{"name": made.NAME, "max": len(document["terms"])}]
    answer = solve(read_problem(document), Options(time_limit_seconds=30))
    assert isinstance(answer, LineSet)
    most = -(-len(document["terms"]) // n_sites) - 1
    document["constraints"] = [{"name": made.NAME, "max": most}]
    refused = solve(read_problem(document), Options(time_limit_seconds=30))
    assert isinstance(refused, Infeasible)
    assert made.NAME in " ".join(refused.sentences)
    (clause,) = made().clauses(read_problem(document).terms)
    assert document_of(clause.constraint) == {"kind": "count", "by": "site", "at_most": 2}
